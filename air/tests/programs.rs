//! Whole programs: every constraint holds on every row and every bus balances.

use std::sync::Arc;

use air::check::{Violation, check};
use air::execution::{ExecutionError, Rom, record};
use air::table::Table;
use air::tables::{Kind, byte, height, program, range};
use air::witness::build;
use spec_interp::{Machine, Program};

fn violations(program: &Program, input: &[u8]) -> Result<Vec<Violation>, ExecutionError> {
    let rom = Rom::new(program);
    let mut machine = Machine::new(program.clone(), input).expect("the input fits");
    let execution = record(&rom, &mut machine, &mut |_, _| ())?;
    let witness = build(program, input, &rom, &execution, |_, rows| vec![height(rows)]);
    let table = |kind| match kind {
        Kind::Program => Table::with_fixed(kind, Some(Arc::new(program::fixed(&rom.rows)))),
        Kind::Range => Table::with_fixed(kind, Some(Arc::new(range::fixed()))),
        Kind::Byte => Table::with_fixed(kind, Some(Arc::new(byte::fixed()))),
        _ => Table::new(kind),
    };
    let tables: Vec<_> = witness.traces.iter().map(|(kind, trace)| (table(*kind), trace)).collect();
    Ok(check(&tables, &witness.public, 8))
}

fn example(name: &str) -> Program {
    let path = format!("{}/../examples/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read(path).expect("the examples are committed");
    Program::from_elf(&file).expect("the examples load")
}

#[test]
fn fibonacci_holds() {
    assert_eq!(violations(&example("fibonacci"), &30_000_u64.to_le_bytes()), Ok(vec![]));
}

#[test]
fn sha256_holds() {
    assert_eq!(violations(&example("sha256"), &[7; 1000]), Ok(vec![]));
}

#[test]
fn json_holds() {
    assert_eq!(violations(&example("json"), br#"[{"amount": 12}, {"amount": 30, "note": "x"}]"#), Ok(vec![]));
}

#[test]
fn riscv_tests_hold() {
    let exits = |case: &riscv_tests::Case| matches!(case.expect, riscv_tests::Expectation::Exit(_));
    let cases = riscv_tests::cases().into_iter().filter(exits);
    for case in cases {
        assert_eq!(violations(&case.program, &case.input), Ok(vec![]), "{}", case.name);
    }
}

#[test]
fn a_jump_below_the_program_is_a_fault_and_not_a_panic() {
    let jump = 0x0000_0067_u32; // jalr x0, 0(x0)
    let program = Program::from_code(spec_interp::map::PROGRAM_BASE, &jump.to_le_bytes(), &[]).expect("it loads");
    assert!(matches!(violations(&program, &[]), Err(ExecutionError::Fault(_))));
}
