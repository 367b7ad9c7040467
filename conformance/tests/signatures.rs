//! Signatures: from symbols, from the console, compared with references, and everything that can be wrong with one.

mod common;

use std::fs;

use common::{Sandbox, endless, exit, file, run, self_modifying, storing, writing};
use conformance::{CaseFailure, Check, Options, SignatureError, SuiteError, Summary, Verdict};
use riscv_tests::elf::with_symbols;
use spec_interp::map::{OUTPUT_BASE, RAM_BASE, RAM_SIZE, STATE_BASE};

const RAM: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
/// The first three words of RAM after [`storing`].
const SIGNATURE: &str = "04030201\nfffffffe\n0c0b0a09\n";

/// A program that leaves a signature between its symbols.
fn signing(code: i64, begin: u64, end: u64) -> Vec<u8> {
    with_symbols(file(&storing(code), &RAM), &[("begin_signature", begin), ("end_signature", end)])
}

/// Runs `suite/` with signatures to `out/`.
fn sign(sandbox: &Sandbox, engine: Check) -> Summary {
    let options = Options { engine, jobs: 2, limit: 1000, signature: Some(sandbox.path("out")), ..Default::default() };
    run(&sandbox.path("suite"), &options).unwrap()
}

/// Runs `suite/` with references from `reference/`.
fn compare(sandbox: &Sandbox) -> Result<Summary, SuiteError> {
    let options = Options { reference: Some(sandbox.path("reference")), ..Default::default() };
    run(&sandbox.path("suite"), &options)
}

/// The only outcome, which is a failure.
#[track_caller]
fn failure(summary: Summary) -> CaseFailure {
    let [outcome] = <[_; 1]>::try_from(summary.outcomes).unwrap();
    let Verdict::Failed(failure) = outcome.verdict else { panic!("{outcome:?}") };
    failure
}

#[test]
fn the_memory_between_the_symbols_is_written() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/below/a.elf", signing(0, RAM_BASE, RAM_BASE + 12));
    // At half a doubleword, one word long.
    sandbox.write("suite/b", signing(0, RAM_BASE + 4, RAM_BASE + 8));
    sandbox.write("suite/empty", signing(0, RAM_BASE, RAM_BASE));
    sandbox.write("suite/notes.txt", "no program");
    let summary = sign(&sandbox, Check::Spec);
    assert_eq!(summary.closing_line(), "3 passed, 0 failed, 0 skipped", "{summary}");
    assert_eq!(sandbox.read("out/below/a.elf.signature"), SIGNATURE);
    assert_eq!(sandbox.read("out/b.signature"), "fffffffe\n");
    assert_eq!(sandbox.read("out/empty.signature"), "");
    assert_eq!(fs::read_dir(sandbox.path("out")).unwrap().count(), 3);
}

#[test]
fn a_proved_program_has_the_same_signature() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a", signing(0, RAM_BASE, RAM_BASE + 12));
    let summary = sign(&sandbox, Check::Prove);
    assert_eq!(summary.passed(), 1, "{summary}");
    assert_eq!(sandbox.read("out/a.signature"), SIGNATURE);
}

#[test]
fn without_symbols_the_signature_is_what_is_written_to_standard_output() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a.elf", file(&writing(9), b"\xff\0 raw\n\n.!"));
    sandbox.write("suite/silent", file(&exit(0), &[]));
    assert_eq!(sign(&sandbox, Check::Spec).passed(), 2);
    assert_eq!(fs::read(sandbox.path("out/a.elf.signature")).unwrap(), b"\xff\0 raw\n\n.\xff");
    assert_eq!(sandbox.read("out/silent.signature"), "");
}

#[test]
fn a_signature_is_written_however_the_program_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("out/exits.signature", "of an earlier run");
    let symbols = [("begin_signature", RAM_BASE), ("end_signature", RAM_BASE + 4)];
    sandbox.write("suite/exits", signing(7, RAM_BASE, RAM_BASE + 4));
    sandbox.write("suite/faults", with_symbols(file(&self_modifying(), &RAM), &symbols));
    sandbox.write("suite/goes_on", with_symbols(file(&endless(), &RAM), &symbols));
    assert_eq!(sign(&sandbox, Check::Spec).failed(), 3);
    for name in ["exits", "faults", "goes_on"] {
        assert_eq!(sandbox.read(&format!("out/{name}.signature")), "04030201\n");
    }
}

#[test]
fn what_is_no_signature_is_a_failure() {
    let sign = |elf: Vec<u8>| {
        let sandbox = Sandbox::new();
        sandbox.write("suite/a", elf);
        let failure = failure(sign(&sandbox, Check::Spec));
        let CaseFailure::Signature(error) = failure else { panic!("{failure:?}") };
        error
    };
    let between = |begin, end| sign(signing(0, begin, end));
    assert!(matches!(between(RAM_BASE + 2, RAM_BASE + 6), SignatureError::Shape { .. }));
    assert!(matches!(between(RAM_BASE, RAM_BASE + 6), SignatureError::Shape { .. }));
    assert!(matches!(between(RAM_BASE + 4, RAM_BASE), SignatureError::Shape { .. }));
    assert!(matches!(between(STATE_BASE, STATE_BASE + 4), SignatureError::Unreadable { .. }));
    assert!(matches!(between(RAM_BASE - 4, RAM_BASE), SignatureError::Unreadable { .. }));
    assert!(matches!(between(u64::MAX - 3, u64::MAX), SignatureError::Shape { .. }));
    assert!(matches!(between(RAM_BASE, RAM_BASE + RAM_SIZE), SignatureError::TooLong));
    assert!(matches!(between(0, !3), SignatureError::TooLong));

    let program = file(&storing(0), &RAM);
    let half = sign(with_symbols(program.clone(), &[("begin_signature", RAM_BASE)]));
    assert!(matches!(half, SignatureError::Half { defined: "begin_signature", missing: "end_signature" }));
    let half = sign(with_symbols(program.clone(), &[("end_signature", RAM_BASE)]));
    assert!(matches!(half, SignatureError::Half { defined: "end_signature", .. }));
    let mut damaged = with_symbols(program, &[]);
    damaged.pop();
    assert!(matches!(sign(damaged), SignatureError::Symbols(_)));
}

#[test]
fn a_console_without_end_is_no_signature() {
    // Writes a megabyte of RAM seventeen times.
    let mut code = vec![common::T0_IS_RAM];
    code.extend([common::addi(6, 0, 17), conformance::encode(spec_interp::Op::Lui, 12, 0, 0, 1 << 20)]);
    code.extend([common::addi(10, 0, 1), conformance::encode(spec_interp::Op::Addi, 11, 5, 0, 0)]);
    code.extend(common::ecall(64));
    code.extend([common::addi(6, 6, -1), conformance::encode(spec_interp::Op::Bne, 0, 6, 0, -20)]);
    code.extend(exit(0));
    let sandbox = Sandbox::new();
    sandbox.write("suite/a", file(&code, &RAM));
    assert!(matches!(failure(sign(&sandbox, Check::Spec)), CaseFailure::Signature(SignatureError::TooLong)));
    // Nobody asks for the signature here.
    assert_eq!(run(&sandbox.path("suite"), &Options::default()).unwrap().passed(), 1);
}

#[test]
fn a_wrong_end_is_told_before_a_wrong_signature() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a", signing(7, RAM_BASE + 1, RAM_BASE));
    assert!(matches!(failure(sign(&sandbox, Check::Spec)), CaseFailure::Exit { found: 7, .. }));
}

#[test]
fn a_signature_that_cannot_be_written_is_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/below/a", signing(0, RAM_BASE, RAM_BASE + 4));
    sandbox.write("out/below", "a file where a directory must be");
    assert!(matches!(failure(sign(&sandbox, Check::Spec)), CaseFailure::Signature(SignatureError::Write { .. })));
    let options = Options { signature: Some(sandbox.path("out/below")), ..Default::default() };
    assert!(matches!(run(&sandbox.path("suite"), &options), Err(SuiteError::Write { .. })));
}

#[test]
fn references_are_found_by_name_and_compared() {
    for name in ["a.reference_output", "a.signature", "a.elf.reference_output", "a.elf.signature"] {
        let sandbox = Sandbox::new();
        sandbox.write("suite/below/a.elf", signing(0, RAM_BASE, RAM_BASE + 12));
        sandbox.write("suite/below/b", signing(0, RAM_BASE, RAM_BASE + 12));
        // White space at the ends of lines and of the file is no difference.
        sandbox.write(&format!("reference/below/{name}"), format!("{}\n \n", SIGNATURE.replace('\n', "\r\n")));
        let summary = compare(&sandbox).unwrap();
        let compared = summary.outcomes.iter().map(|outcome| match &outcome.verdict {
            Verdict::Passed(passed) => passed.compared,
            _ => panic!("{summary}"),
        });
        assert_eq!(compared.collect::<Vec<_>>(), [true, false]);
    }
}

#[test]
fn the_first_difference_is_named() {
    let difference = |reference: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("suite/a.elf", signing(0, RAM_BASE, RAM_BASE + 12));
        let path = sandbox.write("reference/a.reference_output", reference);
        failure(compare(&sandbox).unwrap()).to_string().replace(path.to_str().unwrap(), "REF")
    };
    let told = |line, address, found, expected| {
        format!("not the signature of REF: line {line}, the word at {address:#x}, is {found} but must be {expected}")
    };
    let wrong = difference("04030201\nfffffffd\n00000000\n");
    assert_eq!(wrong, told(2, RAM_BASE + 4, "fffffffe", "fffffffd"));
    assert_eq!(difference("04030201\nfffffffe\n"), told(3, RAM_BASE + 8, "0c0b0a09", "nothing"));
    assert_eq!(difference(&format!("{SIGNATURE}0")), told(4, RAM_BASE + 12, "nothing", "0"));
    assert_eq!(difference(""), told(1, RAM_BASE, "04030201", "nothing"));
    let upper = difference(&SIGNATURE.to_uppercase());
    assert_eq!(upper, told(2, RAM_BASE + 4, "fffffffe", "FFFFFFFE"));
    // Four words a line, as some models write them.
    let long = format!("{:064x}", 0);
    assert_eq!(difference(&long), told(1, RAM_BASE, "04030201", &format!("{}...", &long[..32])));
}

#[test]
fn output_differs_by_lines() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a", file(&writing(4), b"a\nb\nx"));
    sandbox.write("reference/a.signature", "a\nc\na");
    let failure = failure(compare(&sandbox).unwrap());
    assert!(
        matches!(&failure, CaseFailure::Signature(SignatureError::Difference { line: 2, address: None, .. })),
        "{failure:?}"
    );
    sandbox.write("reference/a.signature", "a\nb\na");
    assert_eq!(compare(&sandbox).unwrap().passed(), 1);
}

#[test]
fn references_that_cannot_be_used() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a.elf", signing(0, RAM_BASE, RAM_BASE + 4));
    assert!(matches!(compare(&sandbox), Err(SuiteError::Read { .. })));
    sandbox.write("reference/other.signature", SIGNATURE);
    assert!(matches!(compare(&sandbox), Err(SuiteError::NoReference { programs: 1, .. })));
    // A directory of that name cannot be read as a file.
    sandbox.write("reference/a.signature/file", "");
    let found = failure(compare(&sandbox).unwrap());
    assert!(matches!(found, CaseFailure::Signature(SignatureError::Read { .. })), "{found:?}");

    let reference = Some(sandbox.path("reference"));
    let options = Options { signature: Some(sandbox.path("suite/../reference")), reference, ..Default::default() };
    assert!(matches!(run(&sandbox.path("suite"), &options), Err(SuiteError::SameDirectory { .. })));
    assert!(!sandbox.path("reference/a.elf.signature").exists());
}

#[test]
fn the_output_region_can_hold_a_signature() {
    let sandbox = Sandbox::new();
    sandbox.write("suite/a", signing(0, OUTPUT_BASE, OUTPUT_BASE + 8));
    assert_eq!(sign(&sandbox, Check::Spec).passed(), 1);
    assert_eq!(sandbox.read("out/a.signature"), "00000000\n00000000\n");
}
