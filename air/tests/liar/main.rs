//! A lying machine: one thing in a run is not as it should be, all else goes on from it and is filled to fit. The whole
//! segment is checked, every constraint and every bus, and must complain: at the lie, and nowhere else.
//!
//! On every push a sample of lies of each operation is caught. With `ZISK_FULL=1 cargo test -p air --test liar` they are
//! some hundred of each operation; `-- --nocapture` shows how many.

mod claims;
mod ends;
mod fixed;
mod memory;
mod operations;

use air::check::{LaidOut, stepwise};
use air::rom::Rom;
use riscv_tests::{Case, Expectation};
use spec_interp::Program;

/// Instructions of the longest run that is laid out.
const LIMIT: u64 = 100_000;

/// The instruction tests that do not end in a fault.
fn cases() -> Vec<Case> {
    riscv_tests::cases().into_iter().filter(|case| matches!(case.expect, Expectation::Exit(_))).collect()
}

/// An honest run laid out.
fn honest(program: &Program, input: &[u8]) -> LaidOut {
    let rom = Rom::new(program);
    let (execution, _) = stepwise::run(program, input, &rom, LIMIT, None).expect("it runs");
    LaidOut::of(program, input, &rom, &execution)
}

/// The sum of some bytes of input: pages of input and output.
fn sum_of_input() -> Case {
    let case = cases().into_iter().find(|case| case.name == "system/sum_of_input").expect("the case");
    Case { input: vec![0xa5; 100], ..case }
}

/// The word with each of its bits flipped in turn.
fn flips(word: u64) -> impl Iterator<Item = u64> {
    (0..64).map(move |bit| word ^ 1 << bit)
}
