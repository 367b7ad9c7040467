//! The committed examples, run on the reference machine and compared with the same computation on this computer.

mod atomics;
mod input;
mod run;

use std::cmp::Ordering;
use std::fs;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use spec_interp::Op;

use run::{examples, output, run};

/// So many bytes without much of a pattern.
fn bytes(len: usize) -> Vec<u8> {
    (0..len as u64).map(|index| (index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

#[rstest]
fn sha256_digests(
    #[values("sha256", "sha256-zb")] example: &str,
    #[values(0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 40_000, 1_000_000)] len: usize,
) {
    let input = bytes(len);
    assert_eq!(output(example, &input), Sha256::digest(&input).to_vec());
}

/// How often operations run for a block of 64 bytes, and the instructions that 40,000 bytes take.
fn sha256_per_block(example: &str) -> (impl Fn(Op) -> u64, u64, u64) {
    let (short, long) = (run(example, &bytes(640)), run(example, &bytes(40_000)));
    let blocks = (40_000 - 640) / 64;
    let per_block = (long.retired - short.retired) / blocks;
    println!("{example}: {per_block} instructions per block, {} for 40,000 bytes", long.retired);
    let ran = move |op: Op| (long.ran[op as usize] - short.ran[op as usize]) / blocks;
    (ran, per_block, long.retired)
}

/// What the prover's benchmark of 40,000 bytes, and everything planned from it, relies on.
#[test]
fn sha256_takes_few_instructions() {
    let (_, per_block, long) = sha256_per_block("sha256");
    assert!(per_block < 4_300);
    assert!(long < 2_700_000);
}

/// The same source, built for Zba, Zbb and Zbs.
#[test]
fn bit_manipulation_saves_instructions() {
    let (_, plain, plain_long) = sha256_per_block("sha256");
    let (ran, per_block, long) = sha256_per_block("sha256-zb");
    println!("sha256-zb: {:.3} of sha256", long as f64 / plain_long as f64);
    assert!(per_block < 2_950);
    assert!(4 * per_block < 3 * plain && 4 * long < 3 * plain_long);
    // Each of the 64 rounds rotates six times, each of the 48 words computed four times; `!e & g` is one instruction,
    // and so is the change of the byte order of a word.
    assert_eq!((ran(Op::Roriw), ran(Op::Andn), ran(Op::Rev8)), (64 * 6 + 48 * 4, 64, 16));
}

/// The order of two blocks, and the instructions that it takes, by `memcmp` and by `bcmp`.
fn compare(a: &[u8], b: &[u8]) -> (Ordering, [u64; 2]) {
    let output = output("compare", &[a, b].concat());
    let order = [Ordering::Equal, Ordering::Less, Ordering::Greater][usize::from(output[0])];
    (order, [1, 9].map(|at| u64::from_le_bytes(output[at..at + 8].try_into().unwrap())))
}

#[test]
fn blocks_compare_by_doublewords() {
    let block = bytes(1 << 16);
    let (order, took) = compare(&block, &block);
    println!("{took:?} instructions for {} bytes", block.len());
    assert_eq!(order, Ordering::Equal);
    assert!(took.iter().all(|&took| 2 * took < 3 * block.len() as u64));
    for (at, len) in [(0, 1), (7, 9), (8, 64), (63, 64), (70, 77), (1 << 15, 1 << 16)] {
        let (block, mut other) = (&block[..len], block[..len].to_vec());
        other[at] ^= 0x80;
        assert_eq!(compare(block, &other).0, block.cmp(&other));
        assert_eq!(compare(&other, block).0, other.as_slice().cmp(block));
    }
}

#[rstest]
#[case::eight_bytes(&90u64.to_le_bytes(), 2_880_067_194_370_816_120)]
#[case::four_bytes(&10u32.to_le_bytes(), 55)]
#[case::zero(&0u64.to_le_bytes(), 0)]
#[case::first_that_wraps(&94u64.to_le_bytes(), 1_293_530_146_158_671_551)]
#[case::default(b"", fibonacci(100_000))]
#[case::default_for_another_length(b"12345", fibonacci(100_000))]
fn fibonacci_adds(#[case] input: &[u8], #[case] expected: u64) {
    assert_eq!(output("fibonacci", input), expected.to_le_bytes());
}

fn fibonacci(n: u64) -> u64 {
    (0..n).fold((0u64, 1u64), |(this, next), _| (next, this.wrapping_add(next))).0
}

fn sum(document: &Value) -> i64 {
    let amounts = document.as_array().unwrap().iter().map(|entry| entry["amount"].as_i64().unwrap());
    amounts.fold(0, i64::wrapping_add)
}

#[test]
fn json_sums_the_committed_document() {
    let text = fs::read(examples().join("inputs/payments.json")).unwrap();
    let run = run("json", &text);
    println!("json: {} instructions for {} bytes", run.retired, text.len());
    assert_eq!(run.output, sum(&serde_json::from_slice(&text).unwrap()).to_le_bytes());
}

/// Tens of thousands of small blocks, in strings, arrays and maps that grow and go again.
#[test]
fn json_sums_a_big_document() {
    let entry = |index: i64| {
        let list = (0..index % 40).map(|item| "x".repeat(item as usize)).collect::<Vec<_>>();
        json!({ "amount": index * index - 7, "list": list, "map": { "a": { "b": [index, null, 0.5] } } })
    };
    let document = Value::from_iter((0..2_000).map(entry));
    let text = document.to_string();
    let run = run("json", text.as_bytes());
    println!("json: {} instructions for {} bytes", run.retired, text.len());
    assert_eq!((run.exit_code, run.output), (0, sum(&document).to_le_bytes().to_vec()));
}

#[rstest]
#[case::empty("", "error: not JSON: EOF while parsing a value at line 1 column 0\n")]
#[case::cut_off("[{\"amount\":1},{\"am", "error: not JSON: EOF while parsing a string at line 1 column 18\n")]
#[case::more_behind("[] []", "error: not JSON: trailing characters at line 1 column 4\n")]
#[case::no_array("{}", "error: not an array\n")]
#[case::text_for_number("[{\"amount\":1},{\"amount\":\"2\"}]", "error: entry 1 has no integer \"amount\"\n")]
#[case::field_missing("[{}]", "error: entry 0 has no integer \"amount\"\n")]
fn json_refuses(#[case] text: &str, #[case] message: &str) {
    let run = run("json", text.as_bytes());
    assert_eq!((run.exit_code, run.console.as_str(), run.output), (1, message, vec![]));
}

/// Any JSON, a few levels deep.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..8).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sha256_digests_anything(input in prop::collection::vec(any::<u8>(), 0..2000)) {
        let digest = Sha256::digest(&input).to_vec();
        prop_assert_eq!(output("sha256", &input), digest.clone());
        prop_assert_eq!(output("sha256-zb", &input), digest);
    }

    #[test]
    fn json_sums_any_document(rows in prop::collection::vec((any::<i64>(), value()), 0..20)) {
        let entry = |(amount, other): &(i64, Value)| json!({ "amount": amount, "other": other });
        let document = Value::from_iter(rows.iter().map(entry));
        prop_assert_eq!(output("json", document.to_string().as_bytes()), sum(&document).to_le_bytes());
    }
}

/// The stream of ChaCha20 under a key of zeros (RFC 8439, appendix A.1, test vector 1).
#[test]
fn getrandom_draws_from_the_seed() {
    let drawn: String = output("random", &[0; 32]).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        drawn,
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11c\
         c387b669b2ee6586"
    );
    let run = run("random", b"");
    assert_eq!((run.exit_code, run.output), (1, vec![]));
    assert!(run.console.starts_with("error: "), "{}", run.console);
}

#[test]
fn zig_counts_bytes() {
    let input = b"abracadabra";
    let counts: Vec<u64> =
        output("histogram", input).chunks(8).map(|count| u64::from_le_bytes(count.try_into().unwrap())).collect();
    let expected: Vec<u64> =
        (0..=255).map(|byte| input.iter().filter(|&&other| other == byte).count() as u64).collect();
    assert_eq!(counts, expected);
}

#[test]
fn cpp_sorts_shapes() {
    let areas = |input: &[u8]| -> Vec<u64> {
        output("shapes", input).chunks(8).map(|area| u64::from_le_bytes(area.try_into().unwrap())).collect()
    };
    assert_eq!(areas(&[0, 4, 0, 1, 2, 9, 0, 1, 0]), [1, 16, 18, 35]);
    assert_eq!(areas(&[]), [0]);
    assert_eq!(areas(&[1; 300]), [vec![1; 64], vec![64]].concat());
}

/// A program in C with its library: memory, sorting, numbers from text and back, errors, thread-local variables.
#[rstest]
#[case::few(
    "3\n1.5\n-2e3\n",
    0,
    "3 numbers, sum -1995.5, least -2000, greatest 3, median 1.5\n",
    "last -2000.000 of 3\n"
)]
#[case::even("1\n2\n3\n10", 0, "4 numbers, sum 16, least 1, greatest 10, median 2.5\n", "last 10.000 of 4\n")]
#[case::none("", 2, "", "no numbers\n")]
#[case::text("1\ntwo\n", 2, "", "line 2 is no number: two\n")]
#[case::huge("1e999\n", 2, "", "line 1 is no number: 1e999\n")]
fn c_has_its_library(#[case] input: &str, #[case] exit_code: u64, #[case] output: &str, #[case] console: &str) {
    let run = run("statistics", input.as_bytes());
    assert_eq!((run.exit_code, run.console.as_str()), (exit_code, console));
    assert_eq!(String::from_utf8(run.output).unwrap(), output);
}
