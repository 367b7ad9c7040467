//! What is run: programs with their inputs.

use std::fs;
use std::path::{Path, PathBuf};

use riscv_tests::boundary::boundary_cases;
use riscv_tests::{Case, cases, cases_misaligned, elf};
use spec_interp::{ElfError, Program};
use thiserror::Error;

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

/// The committed executables, with inputs that make them run for a while.
///
/// # Errors
///
/// [`SubjectError`]
pub fn examples(directory: &Path) -> Result<Vec<Subject>, SubjectError> {
    let text: Vec<u8> = (0..8192_u32).map(|i| (i * 7 + i / 251) as u8).collect();
    let payments = read(&directory.join("inputs/payments.json"))?;
    let programs = [("fibonacci", 50_000_u64.to_le_bytes().to_vec()), ("sha256", text), ("json", payments)];
    let subject = |(name, input)| Subject::from_file(&directory.join(format!("elf/{name}.elf")), input);
    programs.into_iter().map(subject).collect()
}

/// Every case of `riscv-tests`, those that fault included.
pub fn own_cases() -> Vec<Subject> {
    [cases(), cases_misaligned(), boundary_cases()].into_iter().flatten().map(Subject::from).collect()
}

/// The cases that put pairs of boundary operands through operations.
pub fn boundaries() -> Vec<Subject> {
    boundary_cases().into_iter().map(Subject::from).collect()
}
