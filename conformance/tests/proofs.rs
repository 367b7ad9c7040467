//! Suites on the prover: every case of `riscv-tests`, boundary products included, proved and verified for real, and
//! every table in one of the proofs.

use std::collections::BTreeSet;
use std::thread::available_parallelism;

use air::execution::{ExecutionError, trace};
use air::tables::Kind;
use conformance::{Engine, Failure, Verdict, encode, own_cases, own_skips, run_case, run_cases};
use prover::VerifyError;
use riscv_tests::{Case, Expectation};
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Machine, Op, Program};

/// Leaves a0 alone for 24,576 instructions, more than a register's accesses may lie apart.
fn long_loop() -> Case {
    let code = [
        encode(Op::Addi, 10, 0, 0, 7),
        encode(Op::Lui, 5, 0, 0, 0x3000),
        encode(Op::Addi, 5, 5, 0, -1),
        encode(Op::Bne, 0, 5, 0, -4),
        encode(Op::Addi, 17, 0, 0, 93),
        encode(Op::Ecall, 0, 0, 0, 0),
    ];
    let code: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).collect();
    let program = Program::from_code(PROGRAM_BASE, &code, &[]).unwrap();
    Case { name: "long_loop".into(), program, input: vec![], expect: Expectation::Exit(7), output: vec![] }
}

#[test]
fn every_case_is_proved_and_every_table_occurs() {
    // The falls of other machines are proved by a test of their own.
    let mut cases: Vec<Case> = own_cases().into_iter().filter(|case| !case.name.starts_with("known_falls/")).collect();
    let skips = own_skips().unwrap();
    cases.push(long_loop());
    let wrong = Case { name: "wrong".into(), expect: Expectation::Exit(8), ..long_loop() };
    cases.push(wrong);

    let jobs = available_parallelism().map_or(1, usize::from);
    let mut summary = run_cases(&cases, Engine::Prove, jobs, &skips).unwrap();
    let wrong = summary.outcomes.pop().unwrap();
    let expected = VerifyError::ExitCode { expected: 8, found: 7 };
    assert!(matches!(wrong.verdict, Verdict::Failed(Failure::Verify(error)) if error == expected));

    assert_eq!(summary.passed() + summary.skipped(), cases.len() - 1, "{summary}");
    println!("{}", summary.closing_line());
    let tables = summary.outcomes.into_iter().flat_map(|outcome| match outcome.verdict {
        Verdict::Passed(passed) => passed.tables,
        _ => Vec::new(),
    });
    let missing: Vec<_> = BTreeSet::from(Kind::ALL).difference(&tables.collect()).copied().collect();
    assert_eq!(missing, []);
}

#[test]
fn a_fault_is_proved_by_nobody() {
    let case = own_cases().into_iter().find(|case| matches!(case.expect, Expectation::Fault { .. })).unwrap();
    assert!(run_case(&case, Engine::Prove).is_ok());
    let wrong = Case { expect: Expectation::Exit(0), ..case };
    assert!(matches!(run_case(&wrong, Engine::Prove), Err(Failure::Fault { .. })));
}

#[test]
fn the_skip_file_lists_what_cannot_be_proved_and_nothing_else() {
    let skips = own_skips().unwrap();
    for case in own_cases() {
        let mut machine = Machine::new(case.program.clone(), &case.input).unwrap();
        let recorded = trace(&mut machine, 1 << 16, &mut |_, _| ());
        let too_long = matches!(recorded, Err(ExecutionError::TooLong { .. }));
        assert_eq!(skips.reason(&case.name, Engine::Prove).is_some(), too_long, "{}", case.name);
    }
}
