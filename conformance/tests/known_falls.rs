//! Where other machines fell, by name: these cases on every engine, and each proved or refused with its fault.

use std::sync::Arc;
use std::thread::available_parallelism;

use air::replay::ExecutionError;
use conformance::differ::compare;
use conformance::skip::Skips;
use conformance::{Check, Verdict, own_cases, run_case, run_cases};
use prover::{ProveError, ProvingKey};
use riscv_tests::{Case, Expectation};
use spec_interp::Outcome;

/// Those that exit.
const EXITS: [&str; 23] = [
    "auipc_with_bit_31",
    "c.jalr_of_its_link",
    "div_of_min_by_-1",
    "divw_of_min_by_-1",
    "jalr_with_negative_immediates",
    "jalr_with_rd_its_rs1",
    "jalr_with_rd_its_rs1_to_odd_addresses",
    "jump_to_the_last_halfword",
    "ld_across_words",
    "lh_across_words",
    "lhu_across_words",
    "lui_with_bit_31",
    "lw_across_words",
    "lwu_across_words",
    "negative_immediates",
    "rem_of_min_by_-1",
    "remw_of_min_by_-1",
    "sc.d_without_lr",
    "sc.w_without_lr",
    "sc_after_sc",
    "sc_at_another_address",
    "sc_of_another_width",
    "store_and_load_below_the_base",
];

/// Those that fault.
const FAULTS: [&str; 9] = [
    "jump_behind_the_last_halfword",
    "jump_into_zeros",
    "jump_to_a_cut_last_halfword",
    "jump_to_address_0",
    "on_from_the_last_halfword",
    "zero_halfword",
    "zero_halfword_off_4",
    "zero_word",
    "zero_word_off_4",
];

fn known_falls() -> Vec<Case> {
    own_cases().into_iter().filter(|case| case.name.starts_with("known_falls/")).collect()
}

#[test]
fn known_falls_are_all_there() {
    let names = |exits: bool| {
        let cases = known_falls().into_iter().filter(|case| matches!(case.expect, Expectation::Exit(0)) == exits);
        let mut names: Vec<_> = cases.map(|case| case.name.replace("known_falls/", "")).collect();
        names.sort();
        names
    };
    assert_eq!(names(true), EXITS);
    assert_eq!(names(false), FAULTS);
}

#[test]
fn known_falls_end_as_they_must_on_both_engines() {
    for case in known_falls() {
        for engine in [Check::Spec, Check::Aot] {
            run_case(&case, engine).unwrap_or_else(|failure| panic!("{} on {engine}: {failure}", case.name));
        }
        let agreed = compare(&Arc::new(case.program.clone()), &case.input, 10_000, 3);
        let agreed = agreed.unwrap_or_else(|difference| panic!("{}: {difference}", case.name));
        match case.expect {
            Expectation::Exit(code) => assert_eq!(agreed.end, Ok(Outcome::Exited(code)), "{}", case.name),
            Expectation::Fault { pc, cause } => {
                let fault = agreed.end.expect_err(&case.name);
                assert_eq!((fault.pc, fault.cause), (pc, cause), "{}", case.name);
            }
        }
    }
}

#[test]
fn known_falls_are_proved_or_refused_with_their_fault() {
    let (cases, jobs) = (known_falls(), available_parallelism().map_or(1, usize::from));
    let summary = run_cases(&cases, Check::Prove, jobs, &Skips::parse("").unwrap()).unwrap();
    assert_eq!(summary.passed(), cases.len(), "{summary}");
    for (case, outcome) in cases.iter().zip(&summary.outcomes) {
        let proved = matches!(&outcome.verdict, Verdict::Passed(passed) if !passed.tables.is_empty());
        assert_eq!(proved, case.expect == Expectation::Exit(0), "{}", case.name);
    }
    // It is the prover's own error that says so, whatever is expected.
    for case in cases {
        let Expectation::Fault { pc, cause } = case.expect else { continue };
        let error = ProvingKey::new(case.program).unwrap().prove(&case.input, &mut |_, _| ()).err();
        let Some(ProveError::Execution(ExecutionError::Fault(fault))) = error else {
            panic!("{}: {error:?}", case.name)
        };
        assert_eq!((fault.pc, fault.cause), (pc, cause), "{}", case.name);
    }
}
