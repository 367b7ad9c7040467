//! A host that refuses: memory that may not be had, disks that are full. Nothing aborts, and no proof is lost.
#![cfg(target_os = "linux")]

mod common;

use std::fs;

use common::{Sandbox, guest, proof, sha256_elf};

/// exit(0)
const EXIT: [u32; 3] = [0x0000_0513, 0x05d0_0893, 0x0000_0073];

/// Whatever the limit, a command does its work or says that it lacks memory.
#[test]
fn memory_that_may_not_be_had() {
    let sandbox = Sandbox::new();
    let elf = sha256_elf();
    let commands: [&[&str]; 3] =
        [&["run", &elf], &["prove", &elf], &["verify", &proof().path, "--elf", &elf, "--json"]];
    let refused = "more of memory, which the system refuses; free some, or raise the limit (`ulimit -v` shows it)";
    for arguments in commands {
        let mut refusals = 0;
        for kibibytes in [22_000, 26_000, 30_000, 34_000, 40_000, 60_000, 120_000, 700_000, 1_250_000, 1_400_000] {
            let outcome = sandbox.zisk_below(&format!("ulimit -v {kibibytes}"), arguments);
            match outcome.code {
                0 => {}
                2 if outcome.stderr.contains(refused) || outcome.stdout.contains(refused) => refusals += 1,
                2 => outcome.expect(2, "cannot start"),
                _ => panic!("{kibibytes}: {outcome:?}"),
            }
        }
        assert!(refusals > 0, "{arguments:?}");
    }
    let outcome = sandbox.zisk_below("ulimit -v 1250000", &["run", &elf]);
    outcome.expect(0, "cannot run the engine `aot`; `spec`, the interpreter, serves");
}

/// A program that writes here and there costs what it writes: large pages behind the interpreter's memory, which is mostly
/// untouched zeros, would cost 2 MiB for each word.
#[test]
fn memory_that_is_hardly_touched() {
    // 500 words, 2 MiB apart: lui t0, 0x50000; slli t0, t0, 1; lui t1, 0x200; li t2, 500;
    // loop: sd t0, (t0); add t0, t0, t1; addi t2, t2, -1; bnez t2, loop
    let stores =
        [0x5000_02b7, 0x0012_9293, 0x0020_0337, 0x1f40_0393, 0x0052_b023, 0x0062_82b3, 0xfff3_8393, 0xfe03_9ae3];
    let sandbox = Sandbox::new();
    sandbox.file("guest.elf", &guest(&[&stores[..], &EXIT].concat()));
    let outcome = sandbox.zisk(&["prove", "guest.elf", "--engine", "spec", "-o", "proof", "--json"]);
    outcome.expect(0, "");
    let peak = outcome.json()["peak_memory_bytes"].as_u64().unwrap();
    assert!(peak < 600 << 20, "{peak} bytes");
}

/// What a full disk does not take is kept elsewhere, and where is said.
#[test]
fn a_disk_that_is_full() {
    let sandbox = Sandbox::new();
    sandbox.file("guest.elf", &guest(&EXIT));
    let outcome = sandbox.zisk_below("export TMPDIR=$PWD", &["prove", "guest.elf", "-o", "/dev/full"]);
    outcome.expect(2, "cannot write the proof to /dev/full: No space left on device (os error 28); it is kept as ");
    let kept = outcome.stderr.trim_end().rsplit(' ').next().unwrap();
    sandbox.zisk(&["verify", kept, "--elf", "guest.elf"]).expect_stdout("accepted");
    fs::remove_file(kept).unwrap();

    let outcome = sandbox.zisk_below("export TMPDIR=$PWD/nowhere", &["run", &sha256_elf(), "--output", "/dev/full"]);
    outcome.expect(2, "nowhere either, and is lost: make room, or name a file on another disk");
    assert!(!outcome.stderr.contains(".zisk-"), "{}", outcome.stderr);
    sandbox.holds(&["guest.elf"]);
}

/// A result that is longer than files may be is an error like another, and leaves nothing behind.
#[test]
fn files_that_may_not_be_so_long() {
    let sandbox = Sandbox::new();
    sandbox.zisk_below("ulimit -f 0", &["run", &sha256_elf(), "--output", "out"]).expect(2, "File too large");
    sandbox.holds(&[]);
}

#[test]
fn a_full_standard_output_is_told() {
    let sandbox = Sandbox::new();
    for arguments in [&["vk", &sha256_elf()][..], &["isa", "add"], &["security", "--json"]] {
        sandbox.zisk_below("exec > /dev/full", arguments).expect(2, "cannot write to standard output: No space left");
    }
    sandbox.zisk_below("exec 2> /dev/full", &["vk", &sha256_elf()]).expect(0, "");
}

/// A pipe with a name has one writer: whether it can be written is known only then.
#[test]
fn a_pipe_gets_the_proof() {
    let sandbox = Sandbox::new();
    sandbox.file("guest.elf", &guest(&EXIT));
    sandbox
        .zisk_below("mkfifo pipe && cat pipe > proof & sleep 0.2", &["prove", "guest.elf", "-o", "pipe"])
        .expect(0, "");
    sandbox.zisk_below("sleep 0.5", &["verify", "proof", "--elf", "guest.elf"]).expect_stdout("accepted");
}

/// Standard output that is asked for a proof carries nothing else, whatever the program prints.
#[test]
fn a_proof_on_standard_output_is_whole() {
    let sandbox = Sandbox::new();
    // write(1, 5 << 29, 3); exit(0)
    let print = [0x0050_0593, 0x01d5_9593, 0x0030_0613, 0x0010_0513, 0x0400_0893, 0x0000_0073];
    sandbox.file("guest.elf", &guest(&[&print[..], &EXIT].concat()));
    sandbox.zisk_below("exec > proof", &["prove", "guest.elf", "-o", "-"]).expect(0, "\u{1}\u{2}\u{3}");
    sandbox.zisk(&["verify", "proof", "--elf", "guest.elf"]).expect_stdout("accepted");
}

/// A file that is replaced keeps who may read it, and one that may not be written is not replaced.
#[test]
fn rights_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    let out = sandbox.file("out", b"before");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o600)).unwrap();
    symlink("out", sandbox.path("link")).unwrap();
    symlink("later", sandbox.path("nowhere")).unwrap();
    for name in ["out", "link", "nowhere"] {
        sandbox.zisk(&["run", &sha256_elf(), "--output", name]).expect(0, "");
    }
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&out).unwrap(), fs::read(sandbox.path("later")).unwrap());
    sandbox.holds(&["later", "link", "nowhere", "out"]);
    // Not whose rights it runs with; and links that lead to nothing but links stay.
    fs::set_permissions(&out, fs::Permissions::from_mode(0o4755)).unwrap();
    sandbox.zisk(&["run", &sha256_elf(), "--output", "out"]).expect(0, "");
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o7777, 0o755);
    symlink("round", sandbox.path("round")).unwrap();
    sandbox.zisk(&["run", &sha256_elf(), "--output", "round"]).expect(2, "leads to nothing but links");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o400)).unwrap();
    // The superuser may write anything.
    if fs::File::options().write(true).open(&out).is_err() {
        sandbox.zisk(&["run", &sha256_elf(), "--output", "out"]).expect(2, "cannot write the output");
    }
}
