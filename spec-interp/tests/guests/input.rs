//! Programs on contents of the input region that no file gives: a prover may choose them.

use rstest::rstest;
use sha2::{Digest, Sha256};
use spec_interp::Input;
use spec_interp::map::{MAX_INPUT, MAX_OUTPUT};

use crate::run::{output, run};

/// The region with this length, zeros, and these bytes behind them.
fn region(length: u64, bytes: &[u8]) -> Vec<u8> {
    [&length.to_le_bytes(), &[0; 8], bytes].concat()
}

/// In Rust, and in C (`echo`).
#[rstest]
fn a_length_that_the_region_cannot_hold_is_a_panic(
    #[values("sha256", "sha256-zb", "fibonacci", "json", "atomics", "echo", "compare")] example: &str,
    #[values(MAX_INPUT + 1, 1 << 30, 1 << 32, (1 << 32) + 8, 1 << 40, 1 << 63, u64::MAX)] length: u64,
) {
    let run = run(example, Input::Region(&region(length, b"12345678")));
    assert_eq!((run.exit_code, run.output), (101, vec![]));
    let message = format!("an input of {length} bytes does not fit into its region");
    assert!(run.console.contains(&message), "{}", run.console);
}

/// Which takes the default for every length but 4 and 8, whatever the bytes.
#[rstest]
fn the_longest_input_is_one(#[values(MAX_INPUT - 1, MAX_INPUT)] length: u64) {
    assert_eq!(output("fibonacci", Input::Region(&region(length, &[1]))), output("fibonacci", b""));
}

/// Within the region, and more than the output holds.
#[rstest]
fn an_output_longer_than_its_region_is_a_panic(#[values(MAX_OUTPUT + 1, MAX_INPUT)] length: u64) {
    let run = run("echo", Input::Region(&region(length, &[1])));
    assert_eq!((run.exit_code, run.output), (101, vec![]));
    assert!(run.console.contains(&format!("0 bytes of output and {length} more do not fit")), "{}", run.console);
}

/// Bytes behind the length are there and no part of the input; bytes that nobody gave are zero and part of it.
#[test]
fn the_length_alone_bounds_the_input() {
    for length in [0, 1, 7, 8, 9, 24] {
        let bytes = *b"behind the length: noise";
        let region = region(length, &bytes);
        let input = &bytes[..length as usize];
        assert_eq!(output("echo", Input::Region(&region)), input);
        assert_eq!(output("sha256", Input::Region(&region)), Sha256::digest(input).to_vec());
    }
    assert_eq!(output("echo", Input::Region(&region(3, &[]))), [0; 3]);
    assert_eq!(output("echo", Input::Region(&[2])), [0; 2]);
    assert_eq!(output("echo", Input::Region(&[])), [0; 0]);
    assert_eq!(output("echo", b"a file"), b"a file");
}
