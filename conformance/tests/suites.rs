//! Suites on the interpreter and the fast engine: our own cases, and everything that can be wrong with them.

use conformance::skip::{SkipError, Skips};
use conformance::{CaseFailure, Check, SuiteError, own_cases, own_skips, run_case, run_cases};
use riscv_tests::{Case, Expectation};
use spec_interp::Cause;

fn case(name: &str) -> Case {
    own_cases().into_iter().find(|case| case.name == name).unwrap()
}

#[test]
fn every_case_passes_on_both_engines() {
    let cases = own_cases();
    assert!(cases.len() > 500, "{} cases", cases.len());
    for engine in [Check::Spec, Check::Aot] {
        let summary = run_cases(&cases, engine, 2, &own_skips().unwrap()).unwrap();
        let line = format!("{} passed, 0 failed, 0 skipped", cases.len());
        assert_eq!(summary.closing_line(), line, "{engine}: {summary}");
    }
}

#[test]
fn skips_of_cases_that_are_gone_are_an_error() {
    let skips = Skips::parse("* gone because").unwrap();
    let found = run_cases(&[case("branch/beq")], Check::Spec, 1, &skips);
    assert!(matches!(found, Err(SuiteError::Skip { source: SkipError::NoCase { .. }, .. })), "{found:?}");
}

#[test]
fn every_way_to_fail_is_told() {
    [Check::Spec, Check::Aot].into_iter().for_each(tells_every_failure);
}

fn tells_every_failure(engine: Check) {
    let honest = case("system/exit_1");
    assert!(run_case(&honest, engine).is_ok());
    let failure = |case: Case| run_case(&case, engine).unwrap_err();
    let expect = Expectation::Exit(0);
    assert!(matches!(failure(Case { expect, ..honest.clone() }), CaseFailure::Exit { found: 1, .. }));
    let expect = Expectation::Fault { pc: 0x8000_0000, cause: Cause::Breakpoint };
    assert!(matches!(failure(Case { expect, ..honest.clone() }), CaseFailure::Exit { found: 1, .. }));
    assert!(matches!(failure(Case { output: vec![0], ..honest }), CaseFailure::Output { expected: 1, found: 0 }));

    let faults = case("faults/ebreak");
    assert!(run_case(&faults, engine).is_ok());
    let Expectation::Fault { pc, cause } = faults.expect else { panic!("{:?}", faults.expect) };
    let expect = Expectation::Fault { pc: pc + 4, cause };
    assert!(matches!(failure(Case { expect, ..faults.clone() }), CaseFailure::Fault { .. }));
    assert!(matches!(failure(Case { expect: Expectation::Exit(0), ..faults }), CaseFailure::Fault { .. }));
}

#[test]
fn engines_have_names() {
    for engine in Check::ALL {
        assert_eq!(engine.to_string().parse(), Ok(engine));
    }
    let error = "fast".parse::<Check>().unwrap_err();
    assert_eq!(error.to_string(), "there is no engine `fast`; the engines are spec, aot and prove");
}
