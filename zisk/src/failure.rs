//! Why a command ends without its result.

use std::io;
use std::path::PathBuf;

use air::replay::ExecutionError;
use conformance::SuiteError;
use spec_interp::{ElfError, Fault, InputError, OutputError, Symbols};
use thiserror::Error;
use zisk_sdk::{DecodeError, DigestError, KeyError, ProveError, VerifyError};

use crate::diagnosis::Diagnosis;
use crate::report::{Report, grouped};

/// Exit code when the guest or a test failed or the proof is rejected.
pub const REFUSED: u8 = 1;
/// Exit code when what was given cannot be used.
pub const UNUSABLE: u8 = 2;

/// Why a command ends without its result.
#[derive(Debug, Error)]
pub enum Failure {
    /// A file that was named cannot be read.
    #[error("cannot read the {what} {}: {source}; name a file that exists and that you may read", .path.display())]
    Read { what: &'static str, path: PathBuf, source: io::Error },
    /// A file is longer than the machine can use.
    #[error("the {what} {} has {} bytes; at most {limit} can be used: shorten it", .path.display(), .len.map_or("too many".to_owned(), |len| len.to_string()))]
    TooLong { what: &'static str, path: PathBuf, len: Option<u64>, limit: u64 },
    /// A result could not be written, which is known before there is one.
    #[error("cannot write the {what} to {}: {source}; name a file in a directory that exists and that you may write to", .path.display())]
    Write { what: &'static str, path: PathBuf, source: io::Error },
    /// A result cannot be written, and lies elsewhere if it could be kept.
    #[error("cannot write the {what} to {}: {source}; {}", .path.display(), .kept.as_ref().map_or_else(
        || format!("it could not be kept in {} either, and is lost: make room, or name a file on another disk", std::env::temp_dir().display()),
        |kept| format!("it is kept as {}", kept.display()),
    ))]
    Unwritten { what: &'static str, path: PathBuf, source: io::Error, kept: Option<PathBuf> },
    /// There are no threads to compute with.
    #[error(
        "cannot start as many threads as there are processors: {0}; ask for fewer by RAYON_NUM_THREADS=1, or raise the limit of threads (`ulimit -u`) or of memory (`ulimit -v`)"
    )]
    Threads(rayon::ThreadPoolBuildError),
    /// Two results for standard output.
    #[error("{0} both take standard output; name a file for one of them")]
    StandardOutput(&'static str),
    /// Two files from standard input.
    #[error("standard input can be read once, for one of the files named `-`; name the others")]
    StandardInput,
    /// A result would replace what it is made from.
    #[error("{} is read, and would be written, too; name another file for the result", .path.display())]
    Overwritten { path: PathBuf },
    /// Two results with one name.
    #[error("proof and output would both be written to {}; name two files", .path.display())]
    SameTarget { path: PathBuf },
    /// The ELF is not for this machine.
    #[error("{} is no program for this machine: {source}", .path.display())]
    Elf { path: PathBuf, source: ElfError },
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Not a program digest.
    #[error("--vk: {0}")]
    Digest(#[from] DigestError),
    /// The library does not know how secure proofs are.
    #[error(transparent)]
    Security(#[from] zisk_sdk::security::Unassessed),
    /// No such instruction.
    #[error("there is no instruction `{0}`; `zisk isa` prints them all")]
    Mnemonic(String),
    /// The suite cannot be run.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The machine cannot hold the input.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The run ended in a fault.
    #[error("the program failed: {0}")]
    Fault(Box<Diagnosis>),
    /// The run was stopped.
    #[error("the program has not ended after {limit} instructions; raise --limit or shorten the input")]
    Limit { limit: u64 },
    /// What the program left is no output.
    #[error("the program failed: {0}")]
    Output(#[from] OutputError),
    /// A guest computed something else than the native program.
    #[error(
        "{program} gave {guest} as a guest and {native:016x} as a native program: a bug of the engine or of the compiler"
    )]
    Checksum { program: &'static str, guest: String, native: u64 },
    /// The run cannot be proved.
    #[error("cannot prove this run: {0}")]
    Prove(ProveError),
    /// The run is too long to be proved.
    #[error(
        "cannot prove this run: it takes {} instructions, and a proof has room for {}; shorten the input or the program",
        match .length {
            Length::Exactly(instructions) => grouped(*instructions),
            Length::MoreThan(instructions) => format!("more than {}", grouped(*instructions)),
        },
        grouped(*limit),
    )]
    LongRun { length: Length, limit: u64 },
    /// The proof does not prove what is asked for.
    #[error("proof rejected: {0}{advice}", advice = advice(.0))]
    Rejected(#[from] VerifyError),
    /// The file cannot be a proof.
    #[error("proof rejected: {} has more than {limit} bytes, which no proof has", .path.display())]
    RejectedLength { path: PathBuf, limit: u64 },
}

/// What to do about a rejected proof, if it may be what is wanted.
fn advice(error: &VerifyError) -> String {
    match error {
        VerifyError::ExitCode { found, .. } => format!("; to accept it, say --exit-code={}", found.cast_signed()),
        _ => String::new(),
    }
}

/// The instructions that a run takes.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// So many.
    Exactly(u64),
    /// It had not ended by then.
    MoreThan(u64),
}

impl Failure {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Fault(_)
            | Self::Output(_)
            | Self::Checksum { .. }
            | Self::Rejected(_)
            | Self::RejectedLength { .. } => REFUSED,
            Self::Prove(ProveError::Output(_) | ProveError::Internal(_)) => REFUSED,
            Self::Read { .. }
            | Self::TooLong { .. }
            | Self::Write { .. }
            | Self::Unwritten { .. }
            | Self::Threads(_)
            | Self::StandardOutput(_)
            | Self::StandardInput
            | Self::Overwritten { .. }
            | Self::SameTarget { .. }
            | Self::Elf { .. }
            | Self::Key(_)
            | Self::Security(_)
            | Self::Digest(_)
            | Self::Mnemonic(_)
            | Self::Suite(_)
            | Self::Input(_)
            | Self::Limit { .. }
            | Self::LongRun { .. }
            | Self::Prove(_) => UNUSABLE,
        }
    }

    /// What the library that checks proofs says, for whoever knows its types.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Rejected(VerifyError::Argument(unsound)) => Some(&unsound.detail),
            Self::Rejected(VerifyError::Decode(DecodeError::Malformed { detail })) => Some(detail),
            _ => None,
        }
    }

    /// The object that `--json` prints.
    pub fn report(&self) -> Report {
        let report = Report::default().with("error", self.to_string());
        match self {
            Self::Rejected(_) | Self::RejectedLength { .. } => report.with("accepted", false),
            _ => report,
        }
    }
}

impl Failure {
    /// The failure of a program that has these names for its addresses.
    pub fn in_program(mut self, names: &Symbols) -> Self {
        if let Self::Fault(diagnosis) = &mut self {
            diagnosis.symbols = names.clone();
        }
        self
    }
}

impl Failure {
    /// The same, and of a run that was too long how long it is.
    pub fn with_length(self, length: impl FnOnce() -> Length) -> Self {
        match self {
            Self::Prove(ProveError::Execution(ExecutionError::TooLong { limit })) => {
                Self::LongRun { length: length(), limit }
            }
            failure => failure,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(Diagnosis { fault, symbols: Symbols::default() }))
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Execution(ExecutionError::Fault(fault)) => fault.into(),
            ProveError::Input(error) => Self::Input(error),
            ProveError::Output(error) => Self::Output(error),
            error => Self::Prove(error),
        }
    }
}
