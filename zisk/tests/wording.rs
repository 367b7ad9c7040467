//! What is said when something goes wrong, word for word: what, where, and what to do about it.

mod common;

use std::fmt::Write;
use std::fs;

use common::{Outcome, Sandbox, guest, proof, with_arch, with_symbols, zisk};

/// Case, exit code, and what was said, with names of this machine's directories left out.
struct Told {
    sandbox: Sandbox,
    text: String,
}

impl Told {
    fn new() -> Self {
        Self { sandbox: Sandbox::new(), text: String::new() }
    }

    /// Notes what a command says; of what it prints only its errors and warnings, since the rest has times in it.
    fn note(&mut self, case: &str, outcome: &Outcome) {
        let said: Vec<&str> = outcome.stderr.lines().skip_while(|line| is_progress(line)).collect();
        let said = said.join("\n").replace(&self.sandbox.path(""), "DIR/").replace(&proof().path, "PROOF");
        writeln!(self.text, "{case}: {}\n{said}\n", outcome.code).unwrap();
    }

    fn command(&mut self, case: &str, arguments: &[&str]) {
        self.note(case, &self.sandbox.zisk(arguments));
    }

    /// A program that both commands say the same of.
    fn program(&mut self, case: &str, elf: &[u8]) {
        self.sandbox.file("guest.elf", elf);
        let [run, prove] =
            ["run", "prove"].map(|command| self.sandbox.zisk(&[command, "guest.elf", "--output", "out"]));
        let last = |outcome: &Outcome| outcome.stderr.lines().last().unwrap_or_default().to_owned();
        assert_eq!((run.code, last(&run)), (prove.code, last(&prove)), "{case}");
        self.note(case, &Outcome { stderr: last(&run), ..run });
        self.sandbox.holds(&["guest.elf"]);
    }
}

/// A line that says how far a command is, or how long it took.
fn is_progress(line: &str) -> bool {
    let phases = ["key", "execute", "layout", "commit", "lookups", "quotient", "open"];
    phases.iter().any(|phase| line.starts_with(&format!("zisk: {phase} "))) || line.contains(" M/s")
}

/// A fault says in which function it is, and what to do.
#[test]
fn faults() {
    let mut told = Told::new();
    // t0 = 5 << 29, the start of RAM; m64[t0 - 8] = 0
    let overflow = guest(&[0x0050_0293, 0x01d2_9293, 0xfe02_bc23]);
    // A function of a program in Rust, then one in C++.
    let dive = ("_ZN4dive4dive17h0123456789abcdefE", 0x8000_0000, 64);
    told.program(
        "a stack that has overflown",
        &with_symbols(overflow.clone(), &[dive, ("__stack_top", 0xa040_0000, 0)]),
    );
    told.program("without symbols", &overflow);
    told.program("a stack of no size", &with_symbols(overflow.clone(), &[("__stack_top", 0xa000_0000, 0)]));
    told.program("a stack of a quarter of all memory", &with_symbols(overflow, &[("__stack_top", 0xb000_0000, 0)]));
    told.program("fadd.d", &with_symbols(guest(&[0x02b5_7553]), &[("_ZN5Shape4areaEv", 0x8000_0000, 4)]));
    told.program("flw", &guest(&[0x0005_2507]));
    told.program("c.fld", &guest(&[0x2108]));
    told.program("vsetvli", &guest(&[0x0d00_7057]));
    told.program("zeros, or a trap", &guest(&[0x1234_0000]));
    told.program("another illegal instruction", &guest(&[0xffff_ffff]));
    told.program("a null pointer", &with_symbols(guest(&[0x0100_3503]), &[("elsewhere", 0x8000_0040, 8)]));
    // auipc t0, 0; m64[t0] = 0
    told.program("a store to code", &guest(&[0x0000_0297, 0x0002_b023]));
    // t0 = 2 << 29, the input
    told.program("a store to the input", &guest(&[0x0020_0293, 0x01d2_9293, 0x0002_b023]));
    // t0 = (5 << 29) + 1; lr.w a0, (t0)
    told.program("a misaligned atomic", &guest(&[0x0050_0293, 0x01d2_9293, 0x0012_8293, 0x1002_a52f]));
    told.program("a jump to zero", &guest(&[0x0000_0067]));
    told.program("no code behind the last", &guest(&[0x0000_0013]));
    told.program("system call 57", &guest(&[0x0390_0893, 0x0000_0073]));
    told.program("frcsr", &guest(&[0x0030_2573]));
    told.program("rdtime", &guest(&[0xc010_2573]));
    told.program("ebreak", &guest(&[0x0010_0073]));
    // t0 = 7 << 29, the output; m64[t0] = -1; exit(0)
    let long = [0x0070_0293, 0x01d2_9293, 0xfff0_0313, 0x0062_b023, 0x05d0_0893, 0x0000_0513, 0x0000_0073];
    told.program("an output beyond its region", &guest(&long));
    insta::assert_snapshot!(told.text);
}

/// exit(0)
const EXIT: [u32; 3] = [0x0000_0513, 0x05d0_0893, 0x0000_0073];

/// An ELF that is not for this machine says why.
#[test]
fn elfs() {
    let mut told = Told::new();
    let elf = guest(&EXIT);
    let with = |at: usize, value: u8| {
        let mut elf = elf.clone();
        elf[at] = value;
        elf
    };
    told.program("empty", &[]);
    told.program("text", b"#!/bin/sh\n");
    told.program("of 32 bits", &with(4, 1));
    told.program("big endian", &with(5, 2));
    told.program("for x86-64", &with(18, 62));
    told.program("shared", &with(16, 3));
    told.program("with floats in registers", &with(48, 5));
    told.program("with an odd entry point", &with(24, 1));
    // The high half of the address of the first segment, of the table of which there are two.
    told.program("outside of the map", &with(64 + 16 + 4, 1));
    told.program("cut", &elf[..elf.len() - 1]);
    told.program("cut in its header", &elf[..40]);
    let heap = [("__heap_start", 0xa000_0000, 0), ("__heap_end", 0xe000_0000, 0)];
    told.program("with its data in its heap", &with_symbols(elf.clone(), &heap));
    told.program("with its data in its stack", &with_symbols(elf.clone(), &[("__stack_top", 0xa000_0008, 0)]));
    // It may never use them, so it runs.
    let rv64gc = with_arch(elf.clone(), "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0");
    told.sandbox.file("guest.elf", &rv64gc);
    let outcome = told.sandbox.zisk(&["run", "guest.elf"]);
    let warning = outcome.stderr.lines().next().unwrap_or_default().to_owned();
    told.note("for rv64gc", &Outcome { stderr: warning, ..outcome });
    told.sandbox.zisk(&["run", "guest.elf", "--quiet"]).expect(0, "");
    insta::assert_snapshot!(told.text);
}

/// Files and command lines that cannot be used.
#[test]
fn unusable() {
    let mut told = Told::new();
    told.sandbox.file("guest.elf", &guest(&EXIT));
    let long = told.sandbox.file("long", b"");
    fs::File::options().write(true).open(&long).unwrap().set_len((1 << 30) - 15).unwrap();
    told.command("no such program", &["run", "nothing"]);
    told.command("a program that is a directory", &["run", "."]);
    told.command("no such input", &["run", "guest.elf", "--input", "nothing"]);
    told.command("an input that is too long", &["prove", "guest.elf", "--input", "long"]);
    told.command("an output in no directory", &["run", "guest.elf", "--output", "nowhere/out"]);
    told.command("a proof that would be a directory", &["prove", "guest.elf", "-o", "."]);
    told.command("an output like a directory", &["run", "guest.elf", "--output", "out/"]);
    told.command("a proof of the proof's program", &["prove", "guest.elf", "-o", "./guest.elf"]);
    told.command("an output instead of the proof", &["verify", &proof().path, "--vk", "0", "--output", &proof().path]);
    told.command("two files from standard input", &["run", "-", "-i", "-"]);
    told.command("two results for standard output", &["prove", "guest.elf", "-o", "-", "--output", "-"]);
    told.command("two results of one name", &["prove", "guest.elf", "--output", "one", "-o", "one"]);
    let outcome = told.sandbox.zisk(&["run", "guest.elf", "--output", "-", "--json"]);
    told.note("an object and an output for standard output", &Outcome { stderr: outcome.stdout.clone(), ..outcome });
    told.command("a limit that is reached", &["run", "guest.elf", "--limit", "1"]);
    told.command("no such proof", &["verify", "nothing", "--vk", common::DIGEST]);
    told.command("no digest", &["verify", &proof().path, "--vk", "12"]);
    told.command("no exit code", &["verify", &proof().path, "--vk", common::DIGEST, "--exit-code", "x"]);
    told.command("no such instruction", &["isa", "frobnicate"]);
    told.sandbox.holds(&["guest.elf", "long"]);
    insta::assert_snapshot!(told.text);
}

/// A proof of something else, or of nothing, says which part of it is wrong.
#[test]
fn rejected() {
    let mut told = Told::new();
    let proof = proof();
    let program = proof.report["program"].as_str().unwrap();
    let output = &proof.output;
    let mut differing = output.clone();
    differing[5] ^= 1;
    let others: [(&str, &[u8]); 4] = [
        ("another output", &differing),
        ("the start of the output", &output[..30]),
        ("more than the output", &[output, &b"."[..]].concat()),
        ("no output", b""),
    ];
    for (case, other) in others {
        let other = told.sandbox.file("other", other);
        told.note(case, &zisk(&["verify", &proof.path, "--vk", program, "--expect-output", &other]));
    }
    let verify = ["verify", &proof.path, "--vk"];
    told.command("another exit code", &[&verify[..], &[program, "--exit-code=-1"]].concat());
    let outcome = told.sandbox.zisk(&[&verify[..], &[common::DIGEST]].concat());
    told.note("another program", &Outcome { stderr: outcome.stderr.replace(program, "DIGEST"), ..outcome });
    let bytes = fs::read(&proof.path).unwrap();
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged = [
        ("an empty file", vec![]),
        ("another file", b"something else entirely".to_vec()),
        ("another version", flipped(8)),
        ("the start of a proof", bytes[..bytes.len() / 2].to_vec()),
        ("more than a proof", [&bytes[..], b"\0"].concat()),
        ("a proof with its last element changed", flipped(bytes.len() - 5)),
    ];
    for (case, bytes) in damaged {
        told.sandbox.file("damaged", &bytes);
        told.command(case, &["verify", "damaged", "--vk", program]);
    }
    insta::assert_snapshot!(told.text);
}
