//! `zisk conformance` from outside: exit codes, the closing line, the object, signatures.

mod common;

use std::fs;

use common::{Sandbox, guest, zisk};
use riscv_tests::elf;
use spec_interp::map::RAM_BASE;

/// a7 = 93, then ecall: exits with what a0 holds, at first 0.
const EXIT: [u32; 2] = [0x05d0_0893, 0x0000_0073];
/// Jumps to itself.
const ENDLESS: [u32; 1] = [0x0000_006f];
/// t0 = pc, then a store there.
const SELF_MODIFYING: [u32; 2] = [0x0000_0297, 0x0052_a023];

/// A program that passes and one that exits with 11, which in riscv-tests is check 5.
fn suite() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("suite")).unwrap();
    sandbox.file("suite/a.elf", &guest(&EXIT));
    sandbox.file("suite/b.elf", &guest(&[&[0x00b0_0513], &EXIT[..]].concat()));
    sandbox.file("suite/notes.txt", b"no program");
    sandbox
}

#[test]
fn failures_are_told_and_counted() {
    let sandbox = suite();
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--jobs", "2"]);
    outcome.expect(1, "");
    let told = "failed   b.elf: exit code 11 (0xb) instead of exit code 0; check 11 failed, or check 5 of a program of \
                riscv-tests\n";
    assert_eq!(outcome.stdout, format!("{told}1 passed, 1 failed, 0 skipped\n"));
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--quiet"]);
    outcome.expect(1, "");
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), (told, ""));
}

#[test]
fn a_skip_file_of_another_place_explains_what_does_not_pass() {
    let sandbox = suite();
    sandbox.file("suite/c.elf", &guest(&SELF_MODIFYING));
    let skip = sandbox.file("skip", b"spec b.elf not today\nfault:StoreReadOnly c.elf it modifies its code\n");
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--skip", &skip]);
    outcome.expect_stdout("skipped  b.elf: not today\n2 passed, 0 failed, 1 skipped\n");

    let skip = sandbox.file("skip", b"spec b.elf not today\nfault a.elf it must\nfault:Breakpoint c.elf it stops\n");
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--skip", &skip]);
    outcome.expect(1, "");
    assert!(outcome.stdout.contains("failed   a.elf: exit code 0 instead of the fault"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("kind Breakpoint"), "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("0 passed, 2 failed, 1 skipped\n"), "{}", outcome.stdout);
}

#[test]
fn one_object_holds_every_outcome() {
    let sandbox = suite();
    let directory = sandbox.path("suite");
    sandbox.file("suite/c.elf", &guest(&ENDLESS));
    sandbox.file("suite/skip.txt", b"* c.elf never ends");
    let outcome = zisk(&["conformance", &directory, "--json"]);
    outcome.expect(1, "");
    let report = outcome.json();
    assert_eq!((&report["passed"], &report["failed"], &report["skipped"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(report["engine"], "spec");
    let files = &report["files"];
    assert_eq!(files.as_object().unwrap().len(), 3);
    assert_eq!((&files["a.elf"]["outcome"], &files["a.elf"]["instructions"]), (&"passed".into(), &2.into()));
    assert_eq!(files["b.elf"]["outcome"], "failed");
    assert!(files["b.elf"]["error"].as_str().unwrap().contains("exit code 11"));
    assert_eq!((&files["c.elf"]["outcome"], &files["c.elf"]["reason"]), (&"skipped".into(), &"never ends".into()));
}

#[test]
fn programs_run_on_the_fast_engine() {
    let sandbox = suite();
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--engine", "aot", "--json"]);
    outcome.expect(1, "");
    let report = outcome.json();
    assert_eq!((&report["engine"], &report["passed"], &report["failed"]), (&"aot".into(), &1.into(), &1.into()));
    assert!(report["files"]["b.elf"]["error"].as_str().unwrap().contains("exit code 11"));
}

#[test]
fn an_endless_program_fails() {
    let sandbox = suite();
    sandbox.file("suite/b.elf", &guest(&ENDLESS));
    let limited = zisk(&["conformance", &sandbox.path("suite"), "--limit", "1000"]);
    limited.expect(1, "");
    assert!(limited.stdout.starts_with("failed   b.elf: no end within 1000 instructions"), "{}", limited.stdout);
    let limited = zisk(&["conformance", &sandbox.path("suite")]);
    limited.expect(1, "");
    assert!(limited.stdout.contains("no end within 100000000 instructions"), "{}", limited.stdout);
}

#[test]
fn programs_are_proved() {
    let sandbox = suite();
    sandbox.file("suite/skip.txt", b"prove b.elf it would fail");
    let outcome = zisk(&["conformance", &sandbox.path("suite"), "--engine", "prove", "--json"]);
    outcome.expect(0, "");
    assert_eq!((&outcome.json()["engine"], &outcome.json()["passed"]), (&"prove".into(), &1.into()));
}

#[test]
fn signatures_are_written_and_compared() {
    let sandbox = suite();
    let symbols = [("begin_signature", RAM_BASE), ("end_signature", RAM_BASE + 8)];
    sandbox.file("suite/a.elf", &elf::with_symbols(guest(&EXIT), &symbols));
    fs::remove_file(sandbox.path("suite/b.elf")).unwrap();
    let (suite, out, reference) = (sandbox.path("suite"), sandbox.path("made/out"), sandbox.path("reference"));
    zisk(&["conformance", &suite, "--signature", &out]).expect_stdout("1 passed, 0 failed, 0 skipped\n");
    assert_eq!(fs::read_to_string(sandbox.path("made/out/a.elf.signature")).unwrap(), "04030201\n08070605\n");

    // The signatures of one run are the references of the next.
    let compared = "signatures that agree with a reference: 1\n1 passed, 0 failed, 0 skipped\n";
    zisk(&["conformance", &suite, "--reference", &out]).expect_stdout(compared);
    fs::create_dir(&reference).unwrap();
    sandbox.file("reference/a.reference_output", b"04030201\n08070600\n");
    let outcome = zisk(&["conformance", &suite, "--reference", &reference]);
    outcome.expect(1, "");
    let difference = "line 2, the word at 0xa0000004, is 08070605 but must be 08070600";
    assert!(outcome.stdout.contains(difference), "{}", outcome.stdout);
}

#[test]
fn what_cannot_be_used_is_an_error() {
    let sandbox = suite();
    let directory = sandbox.path("suite");
    zisk(&["conformance", &directory, "--engine", "quick"]).expect(2, "no engine `quick`");
    let outcome = zisk(&["conformance", &directory, "--engine", "quick", "--json"]);
    outcome.expect(2, "");
    assert!(outcome.json()["error"].as_str().unwrap().contains("spec, aot and prove"));
    zisk(&["conformance", &directory, "--jobs", "0"]).expect(2, "--jobs");
    zisk(&["conformance"]).expect(2, "DIR");
    let missing = sandbox.path("missing");
    zisk(&["conformance", &missing]).expect(2, "cannot read");
    zisk(&["conformance", &directory, "--skip", &missing]).expect(2, "cannot read");
    zisk(&["conformance", &directory, "--reference", &missing]).expect(2, "cannot read");
    zisk(&["conformance", &directory, "--signature", &sandbox.path("suite/a.elf")]).expect(2, "cannot make");
    let skip = sandbox.file("skip", b"fault gone.elf because");
    zisk(&["conformance", &directory, "--skip", &skip]).expect(2, "no case `gone.elf`");
    fs::create_dir(sandbox.path("empty")).unwrap();
    zisk(&["conformance", &sandbox.path("empty")]).expect(2, "no ELF file");
    let outcome = zisk(&["conformance", &directory, "--reference", &sandbox.path("empty"), "--json"]);
    outcome.expect(2, "");
    assert!(outcome.json()["error"].as_str().unwrap().contains("holds no reference"));
}

#[test]
fn the_help_names_every_engine() {
    let help = zisk(&["conformance", "--help"]).stdout;
    for engine in conformance::Check::ALL {
        assert!(help.contains(&format!("`{}`", engine.name())), "{help}");
    }
}
