//! Directories of programs: what is run, how it must end, and everything that can be wrong with a directory.

mod common;

use std::fs;

use common::{Sandbox, endless, exit, file, run, self_modifying};
use conformance::skip::SkipError;
use conformance::{CaseFailure, Check, Options, SuiteError, Summary, Verdict, own_cases};
use riscv_tests::{Expectation, elf};
use spec_interp::Cause;

const SPEC: Options =
    Options { engine: Check::Spec, jobs: 2, limit: 100_000, skip: None, signature: None, reference: None };

/// Two programs that pass, one of them in a directory of its own and without an extension, one that fails, one that is
/// cut off, and a file that is no program.
fn directory() -> Sandbox {
    let sandbox = Sandbox::new();
    let passing = elf::elf(&own_cases().into_iter().find(|case| case.name == "branch/beq").unwrap().program);
    sandbox.write("a.elf", &passing);
    sandbox.write("below/rv64ui-v-beq", &passing);
    sandbox.write("c.elf", file(&exit(4), &[]));
    sandbox.write("d.elf", b"\x7fEL");
    sandbox.write("beq.dump", "80000000: beq");
    sandbox
}

/// The only failure of a suite.
#[track_caller]
fn failure(summary: &Summary) -> &CaseFailure {
    assert_eq!(summary.failed(), 1, "{summary}");
    let mut failures = summary.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
        Verdict::Failed(failure) => Some(failure),
        _ => None,
    });
    failures.next().unwrap()
}

#[test]
fn every_passing_case_passes_as_a_file() {
    let sandbox = Sandbox::new();
    let cases = own_cases();
    let cases: Vec<_> =
        cases.iter().filter(|case| case.expect == Expectation::Exit(0) && case.input.is_empty()).collect();
    for case in &cases {
        sandbox.write(&format!("{}.elf", case.name), elf::elf(&case.program));
    }
    let summary = run(&sandbox.path(""), &SPEC).unwrap();
    assert_eq!(summary.closing_line(), format!("{} passed, 0 failed, 0 skipped", cases.len()), "{summary}");
}

#[test]
fn a_directory_is_counted_and_told() {
    let sandbox = directory();
    sandbox.write("skip.txt", "# why\nspec a.elf for a reason\nprove c.elf for another\n");
    let summary = run(&sandbox.path(""), &SPEC).unwrap();
    let text = "skipped  a.elf: for a reason\n\
                failed   c.elf: exit code 4 instead of exit code 0; check 4 failed, if the program numbers them\n\
                failed   d.elf: truncated: the file header ends at byte 0x40 but the file has 0x3; copy or build it again\n\
                1 passed, 2 failed, 1 skipped";
    assert_eq!(summary.to_string(), text);
    let names: Vec<_> = summary.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(names, ["a.elf", "below/rv64ui-v-beq", "c.elf", "d.elf"]);
    assert!(matches!(&summary.outcomes[1].verdict, Verdict::Passed(passed) if passed.instructions > 100));
}

#[test]
fn a_skip_file_of_another_place_replaces_the_one_that_is_there() {
    let (sandbox, elsewhere) = (directory(), Sandbox::new());
    sandbox.write("skip.txt", "this is not one");
    let skip = Some(elsewhere.write("skip", "* c.elf fails\nspec d.elf is none"));
    let summary = run(&sandbox.path(""), &Options { skip, ..SPEC }).unwrap();
    assert_eq!(summary.closing_line(), "2 passed, 0 failed, 2 skipped");
    let skip = Some(elsewhere.path("missing"));
    assert!(matches!(run(&sandbox.path(""), &Options { skip, ..SPEC }), Err(SuiteError::Read { .. })));
}

#[test]
fn every_outcome_is_watched() {
    let sandbox = directory();
    let seen = std::sync::Mutex::new(Vec::new());
    let watch = |outcome: &conformance::JudgedCase, of: usize| seen.lock().unwrap().push((outcome.name.clone(), of));
    conformance::run_directory(&sandbox.path(""), &SPEC, &watch).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort();
    let expected = ["a.elf", "below/rv64ui-v-beq", "c.elf", "d.elf"].map(|name| (name.to_owned(), 4));
    assert_eq!(seen, expected);
}

#[test]
fn an_endless_program_fails_at_the_limit() {
    let sandbox = Sandbox::new();
    sandbox.write("endless", file(&endless(), &[]));
    for engine in Check::ALL {
        let summary = run(&sandbox.path(""), &Options { engine, limit: 1000, ..SPEC }).unwrap();
        assert!(matches!(failure(&summary), CaseFailure::Limit { limit: 1000 }), "{summary}");
    }
    // An expected fault has not come either.
    sandbox.write("skip.txt", "fault endless it should");
    let summary = run(&sandbox.path(""), &Options { limit: 1000, ..SPEC }).unwrap();
    assert!(matches!(failure(&summary), CaseFailure::Limit { .. }), "{summary}");
}

#[test]
fn a_program_ends_right_at_the_limit() {
    let sandbox = Sandbox::new();
    sandbox.write("three", file(&exit(0), &[]));
    assert_eq!(run(&sandbox.path(""), &Options { limit: 3, ..SPEC }).unwrap().passed(), 1);
    assert_eq!(run(&sandbox.path(""), &Options { limit: 2, ..SPEC }).unwrap().failed(), 1);
}

#[test]
fn a_fault_passes_where_it_is_expected() {
    for engine in Check::ALL {
        let sandbox = Sandbox::new();
        sandbox.write("fence_i", file(&self_modifying(), &[]));
        let run = || run(&sandbox.path(""), &Options { engine, ..SPEC }).unwrap();
        let summary = run();
        let found = failure(&summary);
        assert!(
            matches!(found, CaseFailure::Fault { fault, .. } if matches!(fault.cause, Cause::StoreReadOnly { .. }))
        );

        sandbox.write("skip.txt", "fault fence_i it modifies its code");
        assert_eq!(run().closing_line(), "1 passed, 0 failed, 0 skipped");
        sandbox.write("skip.txt", "fault:StoreReadOnly fence_i it modifies its code");
        assert_eq!(run().closing_line(), "1 passed, 0 failed, 0 skipped");
        sandbox.write("skip.txt", "fault:Breakpoint fence_i it gives up");
        let summary = run();
        assert!(matches!(failure(&summary), CaseFailure::OtherFault { kind, .. } if kind == "Breakpoint"), "{summary}");
    }
}

#[test]
fn an_expected_fault_that_does_not_come_is_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("rvc", file(&exit(0), &[]));
    sandbox.write("skip.txt", "fault rvc it modifies its code");
    let summary = run(&sandbox.path(""), &SPEC).unwrap();
    let text = "failed   rvc: exit code 0 instead of the fault that the skip file expects (it modifies its code)\n\
                0 passed, 1 failed, 0 skipped";
    assert_eq!(summary.to_string(), text);
}

#[test]
fn a_directory_is_proved() {
    let sandbox = Sandbox::new();
    sandbox.write("pass", file(&exit(0), &[]));
    sandbox.write("fail", file(&exit(3), &[]));
    let summary = run(&sandbox.path(""), &Options { engine: Check::Prove, ..SPEC }).unwrap();
    assert!(matches!(failure(&summary), CaseFailure::Exit { found: 3, .. }));
    assert!(matches!(&summary.outcomes[1].verdict, Verdict::Passed(passed) if !passed.tables.is_empty()));
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;
    let (sandbox, elsewhere) = (Sandbox::new(), Sandbox::new());
    sandbox.write("a/program", file(&exit(0), &[]));
    elsewhere.write("program", file(&exit(0), &[]));
    symlink(elsewhere.path(""), sandbox.path("linked")).unwrap();
    symlink(sandbox.path(""), sandbox.path("a/above")).unwrap();
    symlink(sandbox.path("gone"), sandbox.path("dangling")).unwrap();
    let summary = run(&sandbox.path(""), &SPEC).unwrap();
    let names: Vec<_> = summary.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(names, ["a/program", "linked/program"]);
}

#[test]
fn a_directory_that_cannot_be_used_is_an_error() {
    let empty = Sandbox::new();
    assert!(matches!(run(&empty.path(""), &SPEC), Err(SuiteError::Empty { .. })));
    assert!(matches!(run(&empty.path("missing"), &SPEC), Err(SuiteError::Read { .. })));
    let sandbox = directory();
    let skip = sandbox.write("skip.txt", "* gone because");
    let found = run(&sandbox.path(""), &SPEC);
    assert!(matches!(found, Err(SuiteError::Skip { source: SkipError::NoCase { line: 1, .. }, .. })), "{found:?}");
    fs::write(&skip, [0xff]).unwrap();
    assert!(matches!(run(&sandbox.path(""), &SPEC), Err(SuiteError::Read { path, .. }) if path == skip));
}
