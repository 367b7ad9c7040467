//! Calling the binary, and the one proof.
#![allow(dead_code)] // each test uses a part

use std::fs;
use std::io::{Seek, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
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

/// The first loaded segment of an ELF whose addresses suit: its address, its place in the file, its program header's.
pub fn loaded(elf: &[u8], suits: impl Fn(Range<u64>) -> bool) -> (u64, usize, usize) {
    let (headers, count) = (word(elf, 32, 8) as usize, word(elf, 56, 2) as usize);
    let segments = (0..count).map(|i| headers + 56 * i).filter(|&header| word(elf, header, 4) == 1);
    let mut found = segments.map(|header| (word(elf, header + 16, 8), word(elf, header + 8, 8) as usize, header));
    found.find(|&(base, _, header)| suits(base..base + word(elf, header + 32, 8))).unwrap()
}

fn word(elf: &[u8], at: usize, len: usize) -> u64 {
    elf[at..at + len].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// A program that starts with the given instructions, and its entry point.
pub fn guest(instructions: &[u32]) -> (Vec<u8>, u64) {
    let mut elf = fs::read(sha256_elf()).unwrap();
    let entry = word(&elf, 24, 8);
    let (base, offset, _) = loaded(&elf, |addresses| addresses.contains(&entry));
    let code: Vec<u8> = instructions.iter().flat_map(|word| word.to_le_bytes()).collect();
    let at = offset + (entry - base) as usize;
    elf[at..at + code.len()].copy_from_slice(&code);
    (elf, entry)
}

/// The ELF with a symbol table of these functions and addresses: name, value, bytes.
pub fn with_symbols(mut elf: Vec<u8>, symbols: &[(&str, u64, u64)]) -> Vec<u8> {
    let names_at = elf.len() as u64;
    let mut names = vec![0];
    let mut table = vec![0; 24];
    for (name, value, size) in symbols {
        table.extend((names.len() as u32).to_le_bytes());
        table.extend([0x12, 0, 1, 0]); // a global function, in the first section
        table.extend(value.to_le_bytes());
        table.extend(size.to_le_bytes());
        names.extend(name.bytes().chain([0]));
    }
    let table_at = names_at + names.len() as u64;
    let section = |kind: u32, offset: u64, size: usize, link: u32, entry: u64| {
        let words = [0, 0, offset, size as u64].map(u64::to_le_bytes).concat();
        let head = [0_u32.to_le_bytes(), kind.to_le_bytes()].concat();
        let links = [link.to_le_bytes(), 0_u32.to_le_bytes()].concat();
        [head, words, links, [1, entry].map(u64::to_le_bytes).concat()].concat()
    };
    let sections =
        [section(0, 0, 0, 0, 0), section(2, table_at, table.len(), 2, 24), section(3, names_at, names.len(), 0, 0)];
    elf.extend(names);
    elf.extend(table);
    let sections_at = elf.len() as u64;
    elf[40..48].copy_from_slice(&sections_at.to_le_bytes());
    elf[58..64].copy_from_slice(&[64, 0, 3, 0, 0, 0]);
    elf.extend(sections.concat());
    elf
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
