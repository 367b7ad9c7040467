//! Suites on the prover: cases of `riscv-tests`, boundary products included, proved and verified for real. On every push
//! those that together execute every operation, and an eighth of the others; all of them, in six minutes on two cores,
//! with `ZISK_FULL=1 cargo test -p conformance --test proofs`.

use std::collections::BTreeSet;
use std::thread::available_parallelism;

use air::execution::trace;
use air::kind::Kind;
use air::replay::ExecutionError;
use conformance::{CaseFailure, Check, Verdict, encode, own_cases, own_skips, run_case, run_cases};
use riscv_tests::{Case, Expectation};
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Machine, Observer, Op, Program, Step};
use verifier::VerifyError;

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

/// The operations that a case retires.
fn operations(case: &Case) -> BTreeSet<Op> {
    struct Operations(BTreeSet<Op>);
    impl Observer for Operations {
        fn step(&mut self, step: &Step) {
            self.0.insert(step.inst.op);
        }
        fn console(&mut self, _: u64, _: &[u8]) {}
    }
    let mut operations = Operations(BTreeSet::new());
    let mut machine = Machine::new(case.program.clone(), &case.input).unwrap();
    machine.run(1 << 20, &mut operations).unwrap();
    operations.0
}

/// The cases to be proved: all, or those that execute an operation that none before them does and an eighth of the others.
fn chosen(cases: Vec<Case>) -> Vec<Case> {
    let is_full = std::env::var_os("ZISK_FULL").is_some();
    let mut executed = BTreeSet::new();
    let mut is_chosen = |(number, case): &(usize, Case)| {
        let before = executed.len();
        if let Expectation::Exit(_) = case.expect {
            executed.extend(operations(case));
        }
        is_full || executed.len() > before || number % 8 == 0
    };
    cases.into_iter().enumerate().filter(|case| is_chosen(case)).map(|(_, case)| case).collect()
}

#[test]
fn cases_are_proved_and_every_table_occurs() {
    // The falls of other machines are proved by a test of their own.
    let mut cases = chosen(own_cases().into_iter().filter(|case| !case.name.starts_with("known_falls/")).collect());
    let skips = own_skips().unwrap();
    cases.push(long_loop());
    let wrong = Case { name: "wrong".into(), expect: Expectation::Exit(8), ..long_loop() };
    cases.push(wrong);

    let jobs = available_parallelism().map_or(1, usize::from);
    let mut summary = run_cases(&cases, Check::Prove, jobs, &skips).unwrap();
    let wrong = summary.outcomes.pop().unwrap();
    let expected = VerifyError::ExitCode { expected: 8, found: 7 };
    assert!(matches!(wrong.verdict, Verdict::Failed(CaseFailure::Verify(error)) if error == expected));

    assert_eq!(summary.passed() + summary.skipped(), cases.len() - 1, "{summary}");
    println!("{}", summary.closing_line());
    let tables = summary.outcomes.into_iter().flat_map(|outcome| match outcome.verdict {
        Verdict::Passed(passed) => passed.tables,
        _ => Vec::new(),
    });
    let all: BTreeSet<Kind> = Kind::instructions().chain([Kind::Refresh]).collect();
    let missing: Vec<_> = all.difference(&tables.collect()).copied().collect();
    assert_eq!(missing, []);
}

#[test]
fn a_fault_is_proved_by_nobody() {
    let case = own_cases().into_iter().find(|case| matches!(case.expect, Expectation::Fault { .. })).unwrap();
    assert!(run_case(&case, Check::Prove).is_ok());
    let wrong = Case { expect: Expectation::Exit(0), ..case };
    assert!(matches!(run_case(&wrong, Check::Prove), Err(CaseFailure::Fault { .. })));
}

#[test]
fn the_skip_file_lists_what_cannot_be_proved_and_nothing_else() {
    let skips = own_skips().unwrap();
    for case in own_cases() {
        let mut machine = Machine::new(case.program.clone(), &case.input).unwrap();
        let recorded = trace(&mut machine, 1 << 16, &mut |_, _| ());
        let too_long = matches!(recorded, Err(ExecutionError::TooLong { .. }));
        assert_eq!(skips.reason(&case.name, Check::Prove).is_some(), too_long, "{}", case.name);
    }
}
