//! Whole programs: every constraint holds on every row and every bus balances.

use std::sync::Arc;

use air::check::check;
use air::execution::{Rom, record};
use air::table::Table;
use air::tables::{Kind, byte, program, range};
use air::witness::build;
use spec_interp::{Machine, Program};

fn violations(program: &Program, input: &[u8]) -> Vec<air::check::Violation> {
    let rom = Rom::new(program);
    let mut machine = Machine::new(program.clone(), input).expect("the input fits");
    let execution = record(&rom, &mut machine, &mut |_, _| ()).expect("the run can be proved");
    let witness = build(program, input, &rom, &execution);
    let table = |kind| match kind {
        Kind::Program => Table::with_fixed(kind, Some(Arc::new(program::fixed(&rom.rows)))),
        Kind::Range => Table::with_fixed(kind, Some(Arc::new(range::fixed()))),
        Kind::Byte => Table::with_fixed(kind, Some(Arc::new(byte::fixed()))),
        _ => Table::new(kind),
    };
    let tables: Vec<_> = witness.traces.iter().map(|(kind, trace)| (table(*kind), trace)).collect();
    check(&tables, &witness.public, 8)
}

fn example(name: &str) -> Program {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).expect("the examples are committed");
    Program::from_elf(&file).expect("the examples load")
}

#[test]
fn fibonacci_holds() {
    assert_eq!(violations(&example("fibonacci"), &30_000_u64.to_le_bytes()), []);
}

#[test]
fn sha256_holds() {
    assert_eq!(violations(&example("sha256"), &[7; 1000]), []);
}

#[test]
fn json_holds() {
    assert_eq!(violations(&example("json"), br#"[{"amount": 12}, {"amount": 30, "note": "x"}]"#), []);
}

#[test]
fn riscv_tests_hold() {
    for case in riscv_tests::cases() {
        if matches!(case.expect, riscv_tests::Expectation::Exit(_)) {
            assert_eq!(violations(&case.program, &case.input), [], "{}", case.name);
        }
    }
}
