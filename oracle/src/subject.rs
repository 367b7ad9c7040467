//! What is run: programs with their inputs.

use std::fs;
use std::path::{Path, PathBuf};

use riscv_tests::boundary::boundary_cases;
use riscv_tests::{Case, Expectation, cases, elf};
use spec_interp::{ElfError, Program};
use thiserror::Error;

use crate::known;
use crate::random::{self, Isa};

/// A program with its input.
pub struct Subject {
    /// What it is called in messages.
    pub name: String,
    /// The program as `spec-interp` has it.
    pub program: Program,
    /// The program as a file.
    pub elf: Vec<u8>,
    /// The input.
    pub input: Vec<u8>,
}

/// A program that cannot be had.
#[derive(Debug, Error)]
pub enum SubjectError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no program of this machine.
    #[error("{}: {source}", .path.display())]
    Elf {
        /// Which.
        path: PathBuf,
        /// Why.
        source: ElfError,
    },
}

impl Subject {
    /// An executable with an input.
    ///
    /// # Errors
    ///
    /// [`SubjectError`]
    pub fn from_file(path: &Path, input: Vec<u8>) -> Result<Self, SubjectError> {
        let elf = read(path)?;
        let program = Program::from_elf(&elf).map_err(|source| SubjectError::Elf { path: path.to_owned(), source })?;
        Ok(Self { name: path.display().to_string(), program, elf, input })
    }

    /// A random program.
    pub fn random(seed: u64, isa: Isa, passes: u8) -> Self {
        let program = random::program(seed, isa, passes);
        Self { name: format!("random program {seed}"), elf: elf::elf(&program), program, input: vec![] }
    }
}

impl From<Case> for Subject {
    fn from(case: Case) -> Self {
        Self { name: case.name, elf: elf::elf(&case.program), program: case.program, input: case.input }
    }
}

/// The contents of a file.
///
/// # Errors
///
/// [`SubjectError::Read`]
pub fn read(path: &Path) -> Result<Vec<u8>, SubjectError> {
    fs::read(path).map_err(|source| SubjectError::Read { path: path.to_owned(), source })
}

/// Committed executables, with inputs that make them run for a while; of all, or the short runs that a slow oracle can
/// take and those with bit manipulation.
///
/// # Errors
///
/// [`SubjectError`]
pub fn examples(directory: &Path, isa: Isa) -> Result<Vec<Subject>, SubjectError> {
    let input = |name: &str| read(&directory.join("inputs").join(name));
    let text = |len| (0..len).map(|i: u32| (i * 7 + i / 251) as u8).collect();
    let programs = match isa {
        Isa::Imac => vec![
            ("fibonacci", 20_000_u64.to_le_bytes().to_vec()),
            ("json", input("payments.json")?),
            ("sha256", text(8192)),
            ("atomics", input("poem.txt")?),
        ],
        Isa::ImacB => vec![("sha256-zb", text(512)), ("atomics", input("poem.txt")?)],
    };
    let subject = |(name, input)| Subject::from_file(&directory.join(format!("elf/{name}.elf")), input);
    programs.into_iter().map(subject).collect()
}

/// The cases of `riscv-tests` less what RISC-V leaves open, with those that fault or without.
pub fn own_cases(faulting: bool) -> Vec<Subject> {
    let all = [cases(), boundary_cases()].into_iter().flatten();
    all.filter(|case| faulting || matches!(case.expect, Expectation::Exit(_)))
        .filter(|case| !known::OPEN.contains(&case.name.as_str()))
        .map(Subject::from)
        .collect()
}
