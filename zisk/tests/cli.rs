//! The command line from outside: exit codes, messages, files written and files not written.
//!
//! One proof is made for all tests. `zisk conformance` has a file of its own.

mod common;

use std::fs;

use common::{Outcome, Sandbox, proof, sha256_elf, zisk};
use sha2::{Digest, Sha256};

#[test]
fn run_writes_the_output() {
    let sandbox = Sandbox::new();
    let input = sandbox.file("input", b"abc");
    let out = sandbox.path("out");
    let outcome = zisk(&["run", &sha256_elf(), "--input", &input, "--output", &out, "--json"]);
    outcome.expect(0, "");
    let digest = Sha256::digest(b"abc").to_vec();
    assert_eq!(fs::read(&out).unwrap(), digest);
    assert_eq!(outcome.json()["output"], hex(&digest));
    assert_eq!(outcome.json()["exit_code"], 0);
    assert!(outcome.json()["instructions"].as_u64().unwrap() > 4_000);
    sandbox.holds(&["input", "out"]);
}

#[test]
fn a_failing_guest_speaks_and_leaves_its_output() {
    let sandbox = Sandbox::new();
    let input = sandbox.file("input", b"not json");
    let outcome = zisk(&["run", &common::example("json"), "--input", &input, "--output", &sandbox.path("out")]);
    outcome.expect(1, "exit code 1");
    assert!(outcome.stderr.contains("not JSON"), "{}", outcome.stderr);
    sandbox.holds(&["input", "out"]);
    assert_eq!(fs::read(sandbox.path("out")).unwrap(), b"");
}

#[test]
fn standard_input_and_output_are_dashes() {
    let echo = common::example("echo");
    let outcome = common::zisk_reading(&["run", &echo, "--input", "-", "--output", "-"], b"said twice\n");
    outcome.expect(0, "exit code 0");
    assert_eq!(outcome.stdout, "said twice\n");
    let outcome = common::zisk_reading(&["run", &echo, "--input", "-", "--json"], b"hello");
    assert_eq!(outcome.json()["output"], hex(b"hello"));
    zisk(&["run", &echo, "--output", "-", "--json"]).expect(2, "");
    let proof = proof();
    let program = proof.report["program"].as_str().unwrap();
    let bytes = fs::read(&proof.path).unwrap();
    common::zisk_reading(&["verify", "-", "--vk", program], &bytes).expect_stdout("accepted");
}

#[test]
fn a_negative_exit_code_is_one() {
    let sandbox = Sandbox::new();
    let elf = sandbox.file("guest.elf", &common::guest(&[0xfff0_0513, 0x05d0_0893, 0x0000_0073])); // exit(-1)
    let outcome = sandbox.zisk(&["run", &elf]);
    outcome.expect(1, "the program failed with exit code 18446744073709551615 (-1)");
    sandbox.zisk(&["prove", &elf]).expect(1, "verify it with --exit-code=-1");
    sandbox.zisk(&["verify", "proof.bin", "--elf", &elf, "--exit-code=-1"]).expect_stdout("accepted");
    sandbox.zisk(&["verify", "proof.bin", "--elf", &elf, "--exit-code", "-1"]).expect_stdout("accepted");
    sandbox.zisk(&["verify", "proof.bin", "--elf", &elf, "--exit-code=-2"]).expect(1, "proof rejected");
    sandbox.zisk(&["verify", "proof.bin", "--elf", &elf, "--exit-code=-x"]).expect(2, "from -2^63");
}

#[test]
fn a_faulting_guest_is_named() {
    let sandbox = Sandbox::new();
    let elf = sandbox.file("guest.elf", &common::guest(&[0x0010_0073])); // ebreak
    for command in ["run", "prove"] {
        let outcome = sandbox.zisk(&[command, &elf, "--output", &sandbox.path("out"), "--json"]);
        outcome.expect(1, "");
        let error = outcome.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains("ebreak") && error.contains("pc 0x80000000"), "{error}");
    }
    sandbox.holds(&["guest.elf"]);
}

#[test]
fn the_console_is_whole() {
    let sandbox = Sandbox::new();
    // write(1, 5 << 29, 3 << 20); exit(0)
    let long = [0x0050_0593, 0x01d5_9593, 0x0030_0613, 0x0146_1613, 0x0010_0513, 0x0400_0893, 0x0000_0073];
    let exit = [0x0000_0513, 0x05d0_0893, 0x0000_0073];
    sandbox.file("guest.elf", &common::guest(&[&long[..], &exit].concat()));
    for engine in ["aot", "spec"] {
        let outcome = sandbox.zisk(&["run", "guest.elf", "--engine", engine]);
        outcome.expect(0, "");
        assert_eq!(outcome.stdout.len(), 3 << 20);
    }
    // write(1, 16, 5); exit(0)
    let nowhere = [0x0100_0593, 0x0050_0613, 0x0010_0513, 0x0400_0893, 0x0000_0073];
    sandbox.file("guest.elf", &common::guest(&[&nowhere[..], &exit].concat()));
    for command in ["run", "prove"] {
        sandbox.zisk(&[command, "guest.elf"]).expect(0, "[machine] write(1, 0x10, 5): memory ends after 0 bytes\n");
    }
}

#[test]
fn an_output_beyond_its_region_is_none() {
    let sandbox = Sandbox::new();
    // t0 = 7 << 29, the output region; m64[t0] = -1; exit(0)
    let elf =
        common::guest(&[0x0070_0293, 0x01d2_9293, 0xfff0_0313, 0x0062_b023, 0x05d0_0893, 0x0000_0513, 0x0000_0073]);
    let elf = sandbox.file("guest.elf", &elf);
    for command in ["run", "prove"] {
        sandbox.zisk(&[command, &elf, "--output", &sandbox.path("out")]).expect(1, "length word");
    }
    sandbox.holds(&["guest.elf"]);
}

#[test]
fn a_limit_ends_a_run() {
    for engine in ["aot", "spec"] {
        let ends = |limit: &str| zisk(&["run", &sha256_elf(), "--engine", engine, "--limit", limit]);
        ends("100").expect(2, "--limit");
        zisk(&["run", &sha256_elf(), "--engine", engine, "--limit", "100", "--trace"]).expect(2, "--limit");
        let needed = zisk(&["run", &sha256_elf(), "--json"]).json()["instructions"].as_u64().unwrap();
        ends(&(needed - 1).to_string()).expect(2, "--limit");
        ends(&needed.to_string()).expect(0, "exit code 0");
    }
}

#[test]
fn engines_run_the_same() {
    let sandbox = Sandbox::new();
    let input = sandbox.file("input", &[7; 100_000]);
    let run = |arguments: &[&str]| zisk(&[&["run", &sha256_elf(), "--input", &input], arguments].concat());
    let known = |arguments: &[&str]| {
        let report = run(arguments).json();
        ["output", "instructions", "trace_chunks", "trace_bytes"].map(|key| report[key].clone())
    };
    for engine in ["aot", "spec"] {
        assert_eq!(known(&["--json", "--engine", engine]), known(&["--json"]));
        assert_eq!(known(&["--json", "--trace", "--engine", engine]), known(&["--json", "--trace"]));
        run(&["--engine", engine, "--trace"]).expect(0, "bytes per instruction");
    }
    assert!(known(&["--json", "--trace"])[3].as_u64().unwrap() > 100_000);
    let serving = |engine| run(&["--json", "--engine", engine]);
    assert_eq!(serving("spec").json()["engine"], "spec");
    // On a machine without the translator that is said.
    let outcome = serving("aot");
    assert_eq!(outcome.json()["engine"] == "spec", outcome.stderr.contains("cannot run the engine `aot`"));
    run(&["--engine", "jit"]).expect(2, "aot and spec");
}

#[test]
fn files_that_cannot_be_read() {
    let sandbox = Sandbox::new();
    let (nothing, out) = (sandbox.path("nothing"), sandbox.path("out"));
    for arguments in [
        vec!["run", &nothing, "--output", &out],
        vec!["run", &sha256_elf(), "--input", &nothing, "--output", &out],
        vec!["prove", "--input", &nothing, "--output", &out],
        vec!["prove", &nothing],
        vec!["vk", &nothing],
        vec!["verify", &nothing, "--vk", common::DIGEST],
        vec!["verify", &proof().path, "--elf", &nothing],
        vec!["verify", &proof().path, "--vk", common::DIGEST, "--expect-output", &nothing],
        vec!["run", &sha256_elf(), "--input", &sandbox.path("")],
    ] {
        sandbox.zisk(&arguments).expect(2, "cannot read");
        sandbox.holds(&[]);
    }
}

#[test]
fn an_input_beyond_its_region() {
    let sandbox = Sandbox::new();
    let input = sandbox.file("input", b"");
    fs::File::options().write(true).open(&input).unwrap().set_len((1 << 30) - 15).unwrap();
    for command in ["run", "prove"] {
        let outcome = sandbox.zisk(&[command, &sha256_elf(), "--input", &input, "--output", &sandbox.path("out")]);
        outcome.expect(2, "1073741808");
    }
    sandbox.holds(&["input"]);
}

#[test]
fn results_that_cannot_be_written() {
    let sandbox = Sandbox::new();
    let missing = sandbox.path("missing/out");
    let directory = sandbox.path("");
    for target in [&missing, &directory] {
        sandbox.zisk(&["run", &sha256_elf(), "--output", target]).expect(2, "cannot write the output");
        sandbox.zisk(&["prove", "--output", target]).expect(2, "cannot write the output");
        sandbox.zisk(&["prove", "-o", target]).expect(2, "cannot write the proof");
    }
    let outcome = sandbox.zisk(&["run", &sha256_elf(), "--output", &missing]);
    assert!(!outcome.stderr.contains(".zisk-"), "the name of the file aside: {}", outcome.stderr);
    let one = sandbox.path("one");
    sandbox.zisk(&["prove", "--output", &one, "-o", &one]).expect(2, "name two files");
    sandbox.holds(&[]);
}

#[cfg(unix)]
#[test]
fn a_directory_that_must_not_be_written_to() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    fs::set_permissions(sandbox.path(""), fs::Permissions::from_mode(0o555)).unwrap();
    // The superuser may write anywhere.
    if fs::write(sandbox.path("probe"), "").is_err() {
        zisk(&["run", &sha256_elf(), "--output", &sandbox.path("out")]).expect(2, "cannot write the output");
        zisk(&["prove", "-o", &sandbox.path("proof")]).expect(2, "cannot write the proof");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_not_replaced() {
    let outcome = zisk(&["run", &sha256_elf(), "--output", "/dev/null", "--quiet"]);
    outcome.expect(0, "");
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_run_beyond_the_limit_is_not_proved() {
    let sandbox = Sandbox::new();
    let input = sandbox.file("n", &1_000_000u64.to_le_bytes());
    let outcome =
        sandbox.zisk(&["prove", &common::example("fibonacci"), "--input", &input, "--output", &sandbox.path("out")]);
    let needed =
        zisk(&["run", &common::example("fibonacci"), "--input", &input, "--json"]).json()["instructions"].clone();
    let needed = needed.to_string();
    let (millions, rest) = needed.split_at(needed.len() - 6);
    let needed = format!("it takes {millions},{},{} instructions", &rest[..3], &rest[3..]);
    outcome.expect(2, &needed);
    outcome.expect(2, "a proof has room for 4,194,304");
    sandbox.holds(&["n"]);
}

#[test]
fn command_lines_that_make_no_sense() {
    zisk(&[]).expect(2, "Usage");
    zisk(&["verify", &proof().path]).expect(2, "--elf");
    zisk(&["verify", &proof().path, "--vk", common::DIGEST, "--exit-code", "x"]).expect(2, "exit code");
    zisk(&["prove", "--engine", "3"]).expect(2, "engine");
    let outcome = zisk(&["prove", "--engine", "3", "--json"]);
    outcome.expect(2, "");
    assert!(outcome.json()["error"].as_str().unwrap().contains("engine"));
    zisk(&["isa", "frobnicate"]).expect(2, "frobnicate");
    zisk(&["--help"]).expect(0, "");
}

#[test]
fn digests_that_are_none() {
    let bad = ["", "12", &"x".repeat(72), &"f".repeat(72)];
    for text in bad {
        zisk(&["verify", &proof().path, "--vk", text]).expect(2, "program digest");
    }
}

#[test]
fn a_proof_is_accepted() {
    let proof = proof();
    let sandbox = Sandbox::new();
    let expected = sandbox.file("expected", &proof.output);
    let report = &proof.report;
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["output"], hex(&Sha256::digest(b"abc")));
    assert_eq!(report["security_bits"], 128);
    for key in ["instructions", "prove_seconds", "prove_cpu_seconds", "peak_memory_bytes", "proof_bytes", "cells"] {
        assert!(report[key].as_f64().unwrap() > 0.0, "{key}");
    }
    let program = report["program"].as_str().unwrap();
    let by_digest = zisk(&["verify", &proof.path, "--vk", program, "--expect-output", &expected, "--json"]);
    by_digest.expect(0, "");
    assert_eq!(by_digest.json()["accepted"], true);
    assert_eq!(by_digest.json()["output"], report["output"]);
    assert_eq!(by_digest.json()["instructions"], report["instructions"]);
    let by_elf = zisk(&["verify", &proof.path, "--elf", &sha256_elf()]);
    by_elf.expect(0, "");
    for part in ["accepted", program, "exit code  0", report["output"].as_str().unwrap(), "128 bits proven"] {
        assert!(by_elf.stdout.contains(part), "{part} is not in {}", by_elf.stdout);
    }
    zisk(&["vk", &sha256_elf()]).expect_stdout(program);
    zisk(&["verify", &proof.path, "--vk", program, "--output", &sandbox.path("out")]).expect_stdout("accepted");
    assert_eq!(fs::read(sandbox.path("out")).unwrap(), proof.output);
}

#[test]
fn another_statement_is_rejected() {
    let proof = proof();
    let sandbox = Sandbox::new();
    let program = proof.report["program"].as_str().unwrap();
    let other = sandbox.file("other", &Sha256::digest(b"abd"));
    let rejected = |arguments: &[&str], message: &str| {
        let outcome = zisk(&[&["verify", &proof.path], arguments].concat());
        outcome.expect(1, "proof rejected");
        assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
        let outcome = zisk(&[&["verify", &proof.path, "--json"], arguments].concat());
        assert_eq!(outcome.json()["accepted"], false);
    };
    let differs = proof.output.iter().zip(Sha256::digest(b"abd")).position(|(a, b)| *a != b).unwrap();
    let message =
        format!("of another output, of 32 bytes where 32 are given; byte {differs} is the first that differs");
    rejected(&["--vk", program, "--expect-output", &other], &message);
    rejected(&["--vk", common::DIGEST, "--output", &sandbox.path("out")], "of program");
    sandbox.holds(&["other"]);
    rejected(&["--vk", program, "--exit-code", "1"], "exited with code 0");
    rejected(&["--vk", common::DIGEST], "of program");
    rejected(&["--elf", &common::example("fibonacci")], "of program");
}

#[test]
fn a_changed_proof_is_rejected() {
    let proof = proof();
    let sandbox = Sandbox::new();
    let program = proof.report["program"].as_str().unwrap();
    let bytes = fs::read(&proof.path).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "not a ZisK proof"),
        (b"something else entirely".to_vec(), "not a ZisK proof"),
        (flipped(0), "not a ZisK proof"),
        (flipped(9), "version"),
        (bytes[..bytes.len() - 1].to_vec(), "truncated"),
        (bytes[..9].to_vec(), "truncated"),
        ([&bytes[..], b"\0"].concat(), "follow the proof"),
    ];
    cases.extend((1..12).map(|part| (flipped(bytes.len() / 12 * part), "rejected")));
    // The last element; behind it stands a length.
    cases.push((flipped(bytes.len() - 5), "does not hold"));
    for (bytes, message) in &cases {
        let path = sandbox.file("proof.bin", bytes);
        let outcome = zisk(&["verify", &path, "--vk", program]);
        outcome.expect(1, "proof rejected");
        assert!(outcome.stderr.contains(message), "{}", outcome.stderr);
        // In words, without the names of the library's types, which are for whoever asks.
        assert!(!outcome.stderr.contains("Error("), "{}", outcome.stderr);
    }
    let path = sandbox.file("proof.bin", &flipped(bytes.len() - 5));
    let verbose = zisk(&["verify", &path, "--vk", program, "--verbose"]);
    verbose.expect(1, "the proof does not hold: ");
    assert!(verbose.stderr.lines().count() > zisk(&["verify", &path, "--vk", program]).stderr.lines().count());
}

#[test]
fn a_file_that_no_proof_fills_is_rejected() {
    let sandbox = Sandbox::new();
    let path = sandbox.file("proof.bin", b"");
    fs::File::options().write(true).open(&path).unwrap().set_len(1 << 31).unwrap();
    zisk(&["verify", &path, "--vk", common::DIGEST]).expect(1, "proof rejected");
}

#[test]
fn security_is_128_bits() {
    let outcome = zisk(&["security", "--json"]);
    outcome.expect(0, "");
    assert_eq!(outcome.json()["security_bits"], 128);
    zisk(&["security"]).expect_stdout("128 bits proven");
}

#[test]
fn cards() {
    let card = zisk(&["isa", "addw"]);
    for part in
        ["addw rd, rs1, rs2", "0000000 ----- ----- 000 ----- 0111011", "sext32(rs1 + rs2)", "table `arith`", "memory"]
    {
        card.expect_stdout(part);
    }
    zisk(&["isa", "slt"]).expect_stdout("`slt` and `sltu` give 1 if `a < b`, else 0");
    zisk(&["isa", "ebreak"]).expect_stdout("always a fault");
    zisk(&["isa", "csrrw"]).expect_stdout("always a fault");
    zisk(&["isa", "AMOADD.W"]).expect_stdout("table `amo`");
    zisk(&["isa", "lh"]).expect_stdout("`memory_misaligned`");
    zisk(&["isa", "c.lui"]).expect_stdout("is `lui rd, imm`; illegal: imm = 0");
    zisk(&["isa", "c.lui"]).expect_stdout("rd = imm, whose low 12 bits are zero");
    zisk(&["isa", "addi"]).expect_stdout("rd, rs1, imm");
    assert_eq!(zisk(&["isa", "add_uw", "--json"]).json()["table"], "shift_add");
}

#[test]
fn the_book_is_up_to_date() {
    let book = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/ISA.md")).unwrap();
    let Outcome { stdout, .. } = zisk(&["isa"]);
    let differing = stdout.lines().zip(book.lines()).find(|(generated, written)| generated != written);
    assert!(stdout == book, "docs/ISA.md is out of date at {differing:#?}: write it anew by `zisk isa > docs/ISA.md`");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
