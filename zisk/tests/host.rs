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
        for kibibytes in [40_000, 60_000, 120_000, 700_000, 1_250_000, 1_400_000] {
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
