//! The programs whose runs are forged.

use std::sync::OnceLock;

use air::check::LaidOut;
use air::check::sheet::sheet;
use air::kind::Kind;
use riscv_tests::{Case, Expectation, cases};
use spec_interp::Program;

/// Whether everything is swept.
pub fn is_full() -> bool {
    std::env::var_os("ZISK_FULL").is_some()
}

/// A committed example with an input.
pub fn example(name: &str, input: &[u8]) -> LaidOut {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).expect("the examples are committed");
    LaidOut::new(&Program::from_elf(&file).expect("the examples load"), input).expect("the examples run")
}

/// The sum of many bytes of input: many pages, registers that need refreshing.
pub fn sum_of_input() -> LaidOut {
    let case = case("system/sum_of_input");
    LaidOut::new(&case.program, &[0xa5; 9000]).expect("it runs")
}

/// An instruction test by name.
pub fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).expect("a case of this name")
}

/// The instruction tests that do not end in a fault.
pub fn instruction_tests() -> impl Iterator<Item = (String, LaidOut)> {
    let exits = |case: &Case| matches!(case.expect, Expectation::Exit(_));
    let run = |case: Case| (case.name, LaidOut::new(&case.program, &case.input).expect("it runs"));
    cases().into_iter().filter(exits).map(run)
}

fn columns(kind: Kind, holds: impl Fn(&str) -> bool) -> Vec<usize> {
    kind.column_names().iter().enumerate().filter(|(_, name)| holds(name)).map(|(i, _)| i).collect()
}

/// The columns whose values together say of which kind a row is: the flags, and signs and other cases.
pub fn case_columns(kind: Kind) -> &'static [usize] {
    static COLUMNS: [OnceLock<Vec<usize>>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let cases = ["load_high", "store_high", "high", "odd"];
    let is_sign = |name: &str| name.ends_with("sign") || name.ends_with("negative");
    let is_one_of = |name: &str| name.starts_with("offset[") || name.starts_with("reserved.marker");
    let is_case = |name: &str| is_sign(name) || is_one_of(name) || cases.contains(&name);
    COLUMNS[kind as usize].get_or_init(|| {
        let mut all = [sheet(kind).flags.as_slice(), &columns(kind, is_case)].concat();
        all.sort_unstable();
        all.dedup();
        all
    })
}
