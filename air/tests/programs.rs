//! Whole programs: every constraint holds on every row and every bus balances.

use std::sync::Arc;

use air::check::{Violation, check};
use air::execution::{record, trace};
use air::kind::Kind;
use air::layout::height;
use air::replay::ExecutionError;
use air::rom::Rom;
use air::table::Table;
use air::tables::{byte, program, range};
use air::tree::first_memory;
use air::witness::build;
use spec_interp::{Input, Machine, Program};

fn violations<'a>(program: &Program, input: impl Into<Input<'a>>) -> Result<Vec<Violation>, ExecutionError> {
    let (rom, input) = (Rom::new(program), input.into());
    let mut machine = Machine::new(program.clone(), input).expect("the input fits");
    let chunks = trace(&mut machine, 1000, &mut |_, _| ())?;
    let execution = record(program, input, &rom, chunks)?;
    let witness = build(program, first_memory(program, input), &rom, &execution, |_, rows| vec![height(rows)]);
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
fn any_contents_of_the_input_region_hold() {
    let region = |length: u64| [&length.to_le_bytes()[..], &[0xa5; 301]].concat();
    for length in [0, 3, 1 << 30, 1 << 40, u64::MAX] {
        assert_eq!(violations(&example("echo"), Input::Region(&region(length))), Ok(vec![]), "{length}");
    }
    assert_eq!(violations(&example("echo"), Input::Region(&[])), Ok(vec![]));
}

#[test]
fn riscv_tests_hold() {
    let exits = |case: &riscv_tests::Case| matches!(case.expect, riscv_tests::Expectation::Exit(_));
    let cases = riscv_tests::cases().into_iter();
    for case in cases.filter(exits) {
        assert_eq!(violations(&case.program, &case.input), Ok(vec![]), "{}", case.name);
    }
}

#[test]
fn a_jump_below_the_program_is_a_fault_and_not_a_panic() {
    let jump = 0x0000_0067_u32; // jalr x0, 0(x0)
    let program = Program::from_code(spec_interp::map::PROGRAM_BASE, &jump.to_le_bytes(), &[]).expect("it loads");
    assert!(matches!(violations(&program, &[]), Err(ExecutionError::Fault(_))));
}

/// A reservation that outlives 80,000 instructions is refreshed, and the counter grows into its second limb.
#[test]
fn a_reservation_and_the_counter_last() {
    let code: [u32; 14] = [
        0x0050_0313, // addi x6, x0, 5
        0x01d3_1313, // slli x6, x6, 29: the start of RAM
        0x1003_32af, // lr.d x5, (x6)
        0x0000_a3b7, // lui x7, 10: 40,960
        0xfff3_8393, // addi x7, x7, -1
        0xfe03_9ee3, // bne x7, x0, -4
        0x1873_32af, // sc.d x5, x7, (x6)
        0x1873_342f, // sc.d x8, x7, (x6)
        0xc020_2573, // csrrs x10, instret, x0
        0x0085_1513, // slli x10, x10, 8
        0x0055_0533, // add x10, x10, x5
        0x0085_0533, // add x10, x10, x8
        0x05d0_0893, // addi x17, x0, 93
        0x0000_0073, // ecall
    ];
    let bytes: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).collect();
    let program = Program::from_code(spec_interp::map::PROGRAM_BASE, &bytes, &[]).expect("it loads");
    let mut machine = Machine::new(program.clone(), &[]).expect("no input fits");
    let chunks = trace(&mut machine, 1000, &mut |_, _| ()).expect("it runs");
    let execution = record(&program, &[], &Rom::new(&program), chunks).map(|run| run.exit_code);
    // The first sc writes and the second does not.
    assert_eq!(execution, Ok((4 + 2 * 40_960 + 2) << 8 | 1));
    assert_eq!(violations(&program, &[]), Ok(vec![]));
}
