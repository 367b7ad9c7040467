//! A run recorded from chunks, whatever their size, is the run recorded step by step.

use air::check::stepwise;
use air::execution::{Execution, record, trace};
use air::kind::Kind;
use air::layout::MAX_INSTRUCTIONS;
use air::lower::CLASSES;
use air::replay::ExecutionError;
use air::rom::Rom;
use riscv_tests::{Case, Expectation};
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Chunk, Machine, Op, Program, ReplayError};

const SIZES: [u64; 5] = [1, 2, 7, 100, 1 << 16];

fn machine(program: &Program, input: &[u8]) -> Machine {
    Machine::new(program.clone(), input).expect("the input fits")
}

/// Records a run with chunks of every size and compares each with the plain recorder.
fn assert_recorded(name: &str, program: &Program, input: &[u8]) {
    let rom = Rom::new(program);
    let (expected, _) = stepwise::run(program, input, &rom, MAX_INSTRUCTIONS, None).expect("it runs");
    for size in SIZES {
        let chunks = trace(&mut machine(program, input), size, &mut |_, _| ()).expect("it runs");
        let of_class = |kind: Kind| chunks.iter().map(|chunk| chunk.counts[kind as usize]).sum();
        let counted: Vec<u64> = Kind::instructions().map(of_class).collect();
        let execution = record(program, input, &rom, chunks).expect("it is recorded");
        assert_eq!(execution.exit_code, expected.exit_code, "{name}");
        assert_eq!((execution.instructions, execution.clock), (expected.instructions, expected.clock), "{name}");
        assert_eq!(execution.refreshes, expected.refreshes, "{name}, chunks of {size}");
        for kind in Kind::instructions() {
            assert_eq!(execution.rows(kind), expected.rows(kind), "{name}: {}", kind.name());
            let mut events = execution.pieces(kind).flatten().zip(expected.pieces(kind).flatten());
            let differs = events.find(|(found, expected)| found != expected);
            assert!(differs.is_none(), "{name}, chunks of {size}: {differs:#?}");
        }
        assert_eq!(execution.pages, expected.pages, "{name}, chunks of {size}");
        assert_counted(&counted, &execution);
    }
}

/// What the chunks counted are the rows, but that misaligned accesses were counted at their instruction's table.
fn assert_counted(counted: &[u64], execution: &Execution<'_>) {
    let mut rows: Vec<u64> = Kind::instructions().map(|kind| execution.rows(kind) as u64).collect();
    for event in execution.pieces(Kind::MemoryMisaligned).flatten() {
        rows[event.row.table as usize] += 1;
    }
    rows[Kind::MemoryMisaligned as usize] = 0;
    assert_eq!(rows, counted);
}

fn cases() -> impl Iterator<Item = Case> {
    riscv_tests::cases().into_iter().filter(|case| matches!(case.expect, Expectation::Exit(_)))
}

#[test]
fn the_cases_are_recorded_alike_whatever_the_chunks() {
    for case in cases() {
        let too_long = trace(&mut machine(&case.program, &case.input), 1 << 16, &mut |_, _| ());
        if too_long != Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS }) {
            assert_recorded(&case.name, &case.program, &case.input);
        }
    }
}

/// Registers that are left alone for long, across chunks and within.
#[test]
fn refreshes_are_alike_whatever_the_chunks() {
    let code: [u32; 6] = [
        0x0070_0513, // addi x10, x0, 7
        0x0000_c3b7, // lui x7, 12: 49,152
        0xfff3_8393, // addi x7, x7, -1
        0xfe03_9ee3, // bne x7, x0, -4
        0x05d0_0893, // addi x17, x0, 93
        0x0000_0073, // ecall
    ];
    let bytes: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).collect();
    let program = Program::from_code(PROGRAM_BASE, &bytes, &[]).expect("it loads");
    assert_recorded("long loop", &program, &[]);
}

/// A program that stores and loads, in chunks, changed before it is recorded.
fn recorded(change: impl Fn(&mut Vec<Chunk<'static>>)) -> Result<u64, ExecutionError> {
    let case = cases().find(|case| case.name == "system/sum_of_input").expect("the case");
    let mut chunks = trace(&mut machine(&case.program, &[1; 100]), 50, &mut |_, _| ()).expect("it runs");
    assert!(chunks.len() > 3);
    change(&mut chunks);
    record(&case.program, &[1; 100], &Rom::new(&case.program), chunks).map(|execution| execution.instructions)
}

#[test]
fn what_are_no_chunks_of_the_run_is_an_error() {
    assert!(recorded(|_| ()).is_ok());
    assert_eq!(recorded(|chunks| chunks.truncate(2)), Err(ExecutionError::Unfinished));
    assert_eq!(recorded(Vec::clear), Err(ExecutionError::Unfinished));
    assert!(matches!(recorded(|chunks| chunks.swap(0, 1)), Err(ExecutionError::Order { .. })));
    assert!(matches!(recorded(|chunks| chunks[1].start.regs[9] ^= 1), Err(ExecutionError::Order { .. })));
    assert!(matches!(
        recorded(|chunks| {
            let last = chunks[chunks.len() - 1].clone();
            chunks.push(last);
        }),
        Err(ExecutionError::Order { .. })
    ));
    let is_loads = |error: &ExecutionError| matches!(error, ExecutionError::Chunk(ReplayError::Loads { .. }));
    assert!(recorded(|chunks| chunks[1].loads.to_mut().push(0)).is_err_and(|error| is_loads(&error)));
    assert!(matches!(recorded(|chunks| chunks[1].loads.to_mut()[0] ^= 1), Err(ExecutionError::Memory { .. })));
    let limit = MAX_INSTRUCTIONS;
    assert_eq!(recorded(|chunks| chunks[0].start.retired = u64::MAX), Err(ExecutionError::TooLong { limit }));
}

#[test]
fn every_operation_that_retires_is_counted_at_its_table() {
    for op in Op::ALL {
        let table = air::lower::table_of(op).map_or(0, |(table, _)| table as u8);
        assert_eq!(CLASSES[op as usize], table, "{op}");
    }
}
