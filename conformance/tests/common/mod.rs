//! Programs that are assembled here, as files below a directory that vanishes.
#![allow(dead_code)] // each test uses a part

use std::fs;
use std::path::{Path, PathBuf};

use conformance::{Options, SuiteError, Summary, encode, run_directory};
use riscv_tests::elf;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Op, Program};
use tempfile::TempDir;

/// t0 = the first address of RAM, if it is the first instruction.
pub const T0_IS_RAM: u32 = 0x2000_0297;

pub fn addi(rd: u8, rs1: u8, imm: i64) -> u32 {
    encode(Op::Addi, rd, rs1, 0, imm)
}

pub fn ecall(number: i64) -> [u32; 2] {
    [addi(17, 0, number), encode(Op::Ecall, 0, 0, 0, 0)]
}

/// Ends with an exit code.
pub fn exit(code: i64) -> Vec<u32> {
    [&[addi(10, 0, code)][..], &ecall(93)].concat()
}

pub fn endless() -> Vec<u32> {
    vec![encode(Op::Jal, 0, 0, 0, 0)]
}

/// Stores to its own code, which is read-only, and exits with 0 if it may.
pub fn self_modifying() -> Vec<u32> {
    [vec![encode(Op::Auipc, 5, 0, 0, 0), encode(Op::Sw, 0, 5, 5, 0)], exit(0)].concat()
}

/// Stores -2 to the second word of RAM and exits.
pub fn storing(code: i64) -> Vec<u32> {
    [vec![T0_IS_RAM, addi(6, 0, -2), encode(Op::Sw, 0, 5, 6, 4)], exit(code)].concat()
}

/// Writes the first bytes of RAM to standard output, then the next one to standard error, then the first one again.
pub fn writing(len: i64) -> Vec<u32> {
    let write = |fd, from, len| [&[addi(10, 0, fd), addi(11, 5, from), addi(12, 0, len)][..], &ecall(64)[..]].concat();
    [vec![T0_IS_RAM], write(1, 0, len), write(2, len, 1), write(1, 0, 1), exit(0)].concat()
}

/// The ELF of a program at the first address of the code, with what RAM holds at first.
pub fn file(code: &[u32], ram: &[u8]) -> Vec<u8> {
    let code: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    elf::elf(&Program::from_code(PROGRAM_BASE, &code, ram).unwrap())
}

/// A directory that vanishes.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, in a directory of its own if its name says so.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

pub fn run(directory: &Path, options: &Options) -> Result<Summary, SuiteError> {
    run_directory(directory, options, &|_, _| ())
}
