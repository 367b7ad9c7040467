//! The example `atomics`: what it counts, compared with counting without atomics; which instructions it is for.

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use rstest::rstest;
use spec_interp::{Family, Op};

use crate::run::{Run, examples, run};

/// FNV-1a.
fn hash(word: &[u8]) -> u64 {
    word.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| mix(hash, byte.into()))
}

fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3)
}

/// What the program is to write, for a text of less than 2^32 bytes.
fn expected(text: &[u8]) -> Vec<u8> {
    // Lines end in white space, so that dealing them out to workers does not show.
    let words: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let lengths: Vec<u64> = words.iter().map(|word| word.len() as u64).collect();
    let mut previous = 0;
    let (mut changes, mut initials, mut unordered, mut ordered) = (0u16, 0u32, 0u64, 0u64);
    let mut starts = [0u8; 256];
    let mut counts = BTreeMap::<&[u8], u64>::new();
    for word in &words {
        changes = changes.wrapping_add(u16::from((word.len() ^ previous) & 1 == 1));
        previous = word.len();
        initials |= 1 << (word[0] & 31);
        unordered ^= hash(word);
        ordered = mix(ordered, hash(word));
        starts[usize::from(word[0])] = starts[usize::from(word[0])].wrapping_add(1);
        *counts.entry(word).or_default() += 1;
    }
    let mut bytes = (words.len() as u64).to_le_bytes().to_vec();
    bytes.extend((lengths.iter().sum::<u64>() as u32).to_le_bytes());
    bytes.extend((lengths.iter().min().map_or(u32::MAX, |&len| len as u32)).to_le_bytes());
    bytes.extend((lengths.iter().max().map_or(0, |&len| len.min(0xffff) as u16)).to_le_bytes());
    bytes.extend((previous as u16).to_le_bytes());
    bytes.extend(changes.to_le_bytes());
    bytes.extend(initials.to_le_bytes());
    bytes.extend(unordered.to_le_bytes());
    bytes.extend(ordered.to_le_bytes());
    bytes.extend(starts);
    let most = counts.values().max();
    if let Some((word, count)) = counts.iter().find(|(_, count)| Some(*count) == most) {
        bytes.extend(count.to_le_bytes());
        bytes.extend(*word);
    }
    bytes
}

/// Runs the program and checks all that is known of the run.
fn check(text: &[u8]) -> Run {
    let run = run("atomics", text);
    assert_eq!((run.exit_code, &run.output), (0, &expected(text)));
    let [start, end] = run.readings[..] else { panic!("{} readings", run.readings.len()) };
    assert_eq!(run.console, format!("counted in {} instructions\n", end - start));
    run
}

#[rstest]
#[case::nothing(b"")]
#[case::white_space(b" \n\t\r\n ")]
#[case::one_word(b"word")]
#[case::two_words_as_often(b"b a a b")]
#[case::no_line_end(b"one\ntwo\nthree")]
#[case::bytes_that_are_no_text(&[0xff, 0, 0x80, b' ', 0xff])]
fn atomics_counts(#[case] text: &[u8]) {
    check(text);
}

#[rstest]
#[case::sums_of_a_byte(&"x ".repeat(300))]
#[case::word_beyond_16_bits(&"y".repeat(70_000))]
#[case::sums_of_16_bits(&"a bb ".repeat(33_000))]
fn atomics_wraps(#[case] text: &str) {
    check(text.as_bytes());
}

/// What the compiler makes of atomics: sums and the like in one instruction, the narrow and the conditional ones in
/// loops of LR and SC.
#[test]
fn atomics_runs_every_kind_of_atomic() {
    let run = check(&fs::read(examples().join("inputs/poem.txt")).unwrap());
    let atomic = |op: &Op| op.family() == Family::Amo && run.ran[*op as usize] > 0;
    let atomics: Vec<Op> = Op::ALL.into_iter().filter(atomic).collect();
    println!("atomics: {} instructions, {}", run.retired, run.console.trim_end());
    for op in &atomics {
        println!("  {:<10} {}", op.mnemonic(), run.ran[*op as usize]);
    }
    for op in [Op::LrW, Op::ScW, Op::AmoaddW, Op::AmoorW, Op::AmominuW, Op::LrD, Op::ScD, Op::AmoaddD, Op::AmoxorD] {
        assert!(atomics.contains(&op), "{op:?}");
    }
    // Nothing comes between, so that no loop goes round twice.
    assert_eq!(run.ran[Op::LrD as usize], run.ran[Op::ScD as usize]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn atomics_counts_anything(text in "([a-f]{1,3}|[ \n]|\\PC){0,200}") {
        check(text.as_bytes());
    }
}
