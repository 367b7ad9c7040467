//! Suites on the interpreter: our own cases, directories, and everything that can be wrong with them.

use std::fs;
use std::path::Path;

use conformance::skip::{SkipError, Skips};
use conformance::{Engine, Failure, SuiteError, Verdict, own_cases, own_skips, run_case, run_cases, run_directory};
use riscv_tests::{Case, Expectation, elf};
use spec_interp::Cause;
use tempfile::TempDir;

const EXIT_WITH_4: [u32; 3] = [0x0040_0513, 0x05d0_0893, 0x0000_0073];

fn case(name: &str) -> Case {
    own_cases().into_iter().find(|case| case.name == name).unwrap()
}

/// A directory with two programs that pass, one of them in a directory of its own and without an extension, one that
/// fails, and a file that is no program.
fn directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    let passing = elf::elf(&case("branch/beq").program);
    let code: Vec<u8> = EXIT_WITH_4.iter().flat_map(|word| word.to_le_bytes()).collect();
    let failing = elf::elf(&spec_interp::Program::from_code(0x8000_0000, &code, &[]).unwrap());
    fs::create_dir(directory.path().join("below")).unwrap();
    for (name, bytes) in [
        ("a.elf", &passing[..]),
        ("below/rv64ui-v-beq", &passing),
        ("c.elf", &failing),
        ("d.elf", b"\x7fEL"),
        ("beq.dump", b"80000000: beq"),
    ] {
        fs::write(directory.path().join(name), bytes).unwrap();
    }
    directory
}

fn run(directory: &Path) -> Result<conformance::Summary, SuiteError> {
    run_directory(directory, Engine::Spec, 2)
}

#[test]
fn every_case_passes_on_the_interpreter() {
    let cases = own_cases();
    let summary = run_cases(&cases, Engine::Spec, 2, &own_skips().unwrap()).unwrap();
    assert_eq!(summary.closing_line(), format!("{} passed, 0 failed, 0 skipped", cases.len()), "{summary}");
    assert!(cases.len() > 150, "{} cases", cases.len());
}

#[test]
fn every_passing_case_passes_as_a_file() {
    let directory = TempDir::new().unwrap();
    let no_input = |case: &&Case| case.expect == Expectation::Exit(0) && case.input.is_empty();
    let cases = own_cases();
    let cases: Vec<_> = cases.iter().filter(no_input).collect();
    for case in &cases {
        let path = directory.path().join(format!("{}.elf", case.name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, elf::elf(&case.program)).unwrap();
    }
    let summary = run(directory.path()).unwrap();
    assert_eq!(summary.closing_line(), format!("{} passed, 0 failed, 0 skipped", cases.len()), "{summary}");
}

#[test]
fn a_directory_is_counted_and_told() {
    let directory = directory();
    fs::write(directory.path().join("skip.txt"), "# why\nspec a.elf for a reason\nprove c.elf for another\n").unwrap();
    let summary = run(directory.path()).unwrap();
    let text = "skipped  a.elf: for a reason\n\
                failed   c.elf: exit code 0x4 instead of Exit(0); if small, the number of the check that failed\n\
                failed   d.elf: truncated: the file header ends at byte 0x40 but the file has 0x3; copy or build it again\n\
                1 passed, 2 failed, 1 skipped";
    assert_eq!(summary.to_string(), text);
    let names: Vec<_> = summary.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    assert_eq!(names, ["a.elf", "below/rv64ui-v-beq", "c.elf", "d.elf"]);
    assert!(matches!(&summary.outcomes[1].verdict, Verdict::Passed(passed) if passed.instructions > 100));
}

#[test]
fn a_directory_that_cannot_be_used_is_an_error() {
    let empty = TempDir::new().unwrap();
    assert!(matches!(run(empty.path()), Err(SuiteError::Empty { .. })));
    assert!(matches!(run(&empty.path().join("missing")), Err(SuiteError::Read { .. })));
    let directory = directory();
    let skip = directory.path().join("skip.txt");
    fs::write(&skip, "* gone because").unwrap();
    let found = run(directory.path());
    assert!(matches!(found, Err(SuiteError::Skip { source: SkipError::NoCase { line: 1, .. }, .. })), "{found:?}");
    fs::write(&skip, [0xff]).unwrap();
    assert!(matches!(run(directory.path()), Err(SuiteError::Read { path, .. }) if path == skip));
}

#[test]
fn skips_of_cases_that_are_gone_are_an_error() {
    let skips = Skips::parse("* gone because").unwrap();
    let found = run_cases(&[case("branch/beq")], Engine::Spec, 1, &skips);
    assert!(matches!(found, Err(SuiteError::Skip { source: SkipError::NoCase { .. }, .. })), "{found:?}");
}

#[test]
fn every_way_to_fail_is_told() {
    let honest = case("system/exit_1");
    assert!(run_case(&honest, Engine::Spec).is_ok());
    let failure = |case: Case| run_case(&case, Engine::Spec).unwrap_err();
    let expect = Expectation::Exit(0);
    assert!(matches!(failure(Case { expect, ..honest.clone() }), Failure::Exit { found: 1, .. }));
    let expect = Expectation::Fault { pc: 0x8000_0000, cause: Cause::Breakpoint };
    assert!(matches!(failure(Case { expect, ..honest.clone() }), Failure::Exit { found: 1, .. }));
    assert!(matches!(failure(Case { output: vec![0], ..honest }), Failure::Output { expected: 1, found: 0 }));

    let faults = case("faults/ebreak");
    assert!(run_case(&faults, Engine::Spec).is_ok());
    let Expectation::Fault { pc, cause } = faults.expect else { panic!("{:?}", faults.expect) };
    let expect = Expectation::Fault { pc: pc + 4, cause };
    assert!(matches!(failure(Case { expect, ..faults.clone() }), Failure::Fault { .. }));
    assert!(matches!(failure(Case { expect: Expectation::Exit(0), ..faults }), Failure::Fault { .. }));
}

#[test]
fn engines_have_names() {
    for engine in Engine::ALL {
        assert_eq!(engine.to_string().parse(), Ok(engine));
    }
    let error = "fast".parse::<Engine>().unwrap_err();
    assert_eq!(error.to_string(), "there is no engine `fast`; the engines are spec and prove");
}
