//! Calling the binary, and the one proof.
#![allow(dead_code)] // each test uses a part

use std::fs;
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use riscv_tests::elf;
use serde_json::Value;
use spec_interp::Program;
use spec_interp::map::PROGRAM_BASE;
use tempfile::TempDir;

/// A well-formed digest of no program.
pub const DIGEST: &str = "000000000000000100000002000000030000000400000005000000060000000700000008";

/// What a call came to.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Asserts the exit code and a part of standard error.
    #[track_caller]
    pub fn expect(&self, code: i32, message: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.stderr.contains(message), "`{message}` is not in {self:?}");
    }

    /// Asserts success and a part of standard output.
    #[track_caller]
    pub fn expect_stdout(&self, part: &str) {
        assert_eq!(self.code, 0, "{self:?}");
        assert!(self.stdout.contains(part), "`{part}` is not in {self:?}");
    }

    /// The object on standard output, which holds nothing else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Calls the binary.
pub fn zisk(arguments: &[&str]) -> Outcome {
    call(Command::new(env!("CARGO_BIN_EXE_zisk")).args(arguments))
}

/// Calls the binary with something on standard input.
pub fn zisk_reading(arguments: &[&str], input: &[u8]) -> Outcome {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    call(Command::new(env!("CARGO_BIN_EXE_zisk")).args(arguments).stdin(file))
}

fn call(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A directory that vanishes.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// Calls the binary inside, where files without a name given would appear.
    pub fn zisk(&self, arguments: &[&str]) -> Outcome {
        call(Command::new(env!("CARGO_BIN_EXE_zisk")).args(arguments).current_dir(self.0.path()))
    }

    /// The same, after something that a shell sets.
    pub fn zisk_below(&self, setting: &str, arguments: &[&str]) -> Outcome {
        let script = format!("{setting}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_zisk")]).args(arguments).current_dir(self.0.path());
        call(&mut shell)
    }

    /// Asserts that the directory holds these files and nothing else.
    #[track_caller]
    pub fn holds(&self, names: &[&str]) {
        let mut found: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        assert_eq!(found, names);
    }
}

/// An ELF of the examples.
pub fn example(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../examples/elf/{name}.elf")).to_str().unwrap().to_owned()
}

pub fn sha256_elf() -> String {
    example("sha256")
}

/// A program of the given instructions, from [`PROGRAM_BASE`] on, with eight bytes of data.
pub fn guest(instructions: &[u32]) -> Vec<u8> {
    let code: Vec<u8> = instructions.iter().flat_map(|word| word.to_le_bytes()).collect();
    elf::elf(&Program::from_code(PROGRAM_BASE, &code, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap())
}

/// The ELF with these sections, none of which it may have had: type, bytes, the section that it refers to.
fn with_sections(mut elf: Vec<u8>, sections: &[(u32, &[u8], u32)]) -> Vec<u8> {
    let mut headers = vec![0; 64];
    for (kind, bytes, link) in sections {
        let words = [0, 0, elf.len() as u64, bytes.len() as u64].map(u64::to_le_bytes).concat();
        headers.extend([0, *kind].map(u32::to_le_bytes).concat());
        headers.extend(words);
        headers.extend([*link, 0].map(u32::to_le_bytes).concat());
        headers.extend([1_u64, 24].map(u64::to_le_bytes).concat());
        elf.extend(*bytes);
    }
    let at = elf.len() as u64;
    elf[40..48].copy_from_slice(&at.to_le_bytes());
    elf[58..64].copy_from_slice(&[64, 0, sections.len() as u8 + 1, 0, 0, 0]);
    elf.extend(headers);
    elf
}

/// The ELF with a symbol table of these functions and addresses: name, value, bytes.
pub fn with_symbols(elf: Vec<u8>, symbols: &[(&str, u64, u64)]) -> Vec<u8> {
    let (mut names, mut table) = (vec![0], vec![0; 24]);
    for (name, value, size) in symbols {
        table.extend((names.len() as u32).to_le_bytes());
        table.extend([0x12, 0, 1, 0]); // a global function, in the first section
        table.extend([*value, *size].map(u64::to_le_bytes).concat());
        names.extend(name.bytes().chain([0]));
    }
    with_sections(elf, &[(2, &table, 2), (3, &names, 0)])
}

/// The ELF, said to be compiled for these extensions.
pub fn with_arch(elf: Vec<u8>, arch: &str) -> Vec<u8> {
    let block = |head: &[u8], bytes: &[u8]| {
        let len = (head.len() + 4 + bytes.len()) as u32;
        [head, &len.to_le_bytes(), bytes].concat()
    };
    // Of the whole file: stack_align, 16; arch.
    let attributes = block(&[1], &[&[4, 16, 5], arch.as_bytes(), &[0]].concat());
    let vendor = block(&[], &[b"riscv\0", &attributes[..]].concat());
    with_sections(elf, &[(0x7000_0003, &[b"A", &vendor[..]].concat(), 0)])
}

/// The proof that all tests share: the SHA-256 of `abc`.
pub struct Proof {
    pub path: String,
    pub output: Vec<u8>,
    pub report: Value,
}

pub fn proof() -> &'static Proof {
    static PROOF: OnceLock<Proof> = OnceLock::new();
    PROOF.get_or_init(|| {
        let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let place = |name: &str| directory.join(name).to_str().unwrap().to_owned();
        let (input, path, output) = (place("abc"), place("abc.proof"), place("abc.output"));
        fs::write(&input, "abc").unwrap();
        let outcome = zisk(&[
            "prove",
            &sha256_elf(),
            "--input",
            &input,
            "--output",
            &output,
            "--proof",
            &path,
            "--json",
            "--quiet",
        ]);
        outcome.expect(0, "");
        Proof { path, output: fs::read(&output).unwrap(), report: outcome.json() }
    })
}
