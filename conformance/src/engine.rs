//! The engines, and one case on one of them.

use core::fmt;
use core::str::FromStr;

use air::execution::ExecutionError;
use air::tables::Kind;
use prover::{Blowup, KeyError, ProveError, ProvingKey, VerifyError, verify};
use riscv_tests::{Case, Expectation};
use spec_interp::{ElfError, Fault, InputError, Machine, OutputError, Program};
use thiserror::Error;

/// Instructions after which a run on an engine that has no limit of its own is given up.
const LIMIT: u64 = 1 << 32;

/// What runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The reference interpreter.
    Spec,
    /// The prover; the proof is verified against what the case says.
    Prove,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Spec, Self::Prove];

    /// The name in skip files and on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Prove => "prove",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of an engine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no engine `{0}`; the engines are spec and prove")]
pub struct UnknownEngine(pub String);

impl FromStr for Engine {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, UnknownEngine> {
        Self::ALL.into_iter().find(|engine| engine.name() == text).ok_or_else(|| UnknownEngine(text.to_owned()))
    }
}

/// A case that ended as it must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Instructions retired; 0 after an expected fault on the prover, which tells nothing of the run.
    pub instructions: u64,
    /// The tables of the proof; none where nothing is proved.
    pub tables: Vec<Kind>,
}

/// Why a case failed.
#[derive(Debug, Error)]
pub enum Failure {
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] std::io::Error),
    /// The file is no program for this machine.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The input does not fit.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It exited otherwise than it must.
    #[error("exit code {found:#x} instead of {expected:x?}; if small, the number of the check that failed")]
    Exit {
        /// How it must end.
        expected: Expectation,
        /// Its exit code.
        found: u64,
    },
    /// It faulted otherwise than it must.
    #[error("{fault}, instead of {expected:x?}")]
    Fault {
        /// How it must end.
        expected: Expectation,
        /// Its fault.
        fault: Fault,
    },
    /// It did not end.
    #[error("no end within {limit} instructions")]
    Limit {
        /// The instructions granted.
        limit: u64,
    },
    /// It left something that is no output.
    #[error(transparent)]
    NoOutput(#[from] OutputError),
    /// It gave another output.
    #[error("another output: {found} bytes that are not the {expected} expected")]
    Output {
        /// Bytes expected.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It ran but was not proved.
    #[error("not proved: {0}")]
    Prove(ProveError),
    /// The proof is not accepted.
    #[error("not accepted: {0}")]
    Verify(#[from] VerifyError),
}

/// A program with what it is given and what it must do.
pub(crate) struct Subject<'a> {
    pub(crate) program: Program,
    pub(crate) input: &'a [u8],
    pub(crate) expect: Expectation,
    /// Unless any output is right.
    pub(crate) output: Option<&'a [u8]>,
}

/// Runs a case on an engine.
///
/// # Errors
/// [`Failure`] unless it ends as the case says.
pub fn run_case(case: &Case, engine: Engine) -> Result<Passed, Failure> {
    let program = case.program.clone();
    run(Subject { program, input: &case.input, expect: case.expect, output: Some(&case.output) }, engine)
}

pub(crate) fn run(subject: Subject<'_>, engine: Engine) -> Result<Passed, Failure> {
    match engine {
        Engine::Spec => interpret(subject),
        Engine::Prove => prove(subject),
    }
}

fn interpret(subject: Subject<'_>) -> Result<Passed, Failure> {
    let expected = subject.expect;
    let mut machine = Machine::new(subject.program, subject.input)?;
    let end = machine.run(LIMIT, &mut ());
    let passed = Passed { instructions: machine.retired, tables: Vec::new() };
    let code = match end {
        Err(fault) => return expect_fault(expected, fault).map(|()| passed),
        Ok(spec_interp::Outcome::LimitReached) => return Err(Failure::Limit { limit: LIMIT }),
        Ok(spec_interp::Outcome::Exited(code)) => code,
    };
    if expected != Expectation::Exit(code) {
        return Err(Failure::Exit { expected, found: code });
    }
    if let Some(output) = subject.output {
        expect_output(output, &machine.output()?)?;
    }
    Ok(passed)
}

fn prove(subject: Subject<'_>) -> Result<Passed, Failure> {
    let expected = subject.expect;
    let key = ProvingKey::new(subject.program, Blowup::Two)?;
    let proof = match key.prove(subject.input, &mut |_, _| ()) {
        Ok(proof) => proof,
        Err(ProveError::Execution(ExecutionError::Fault(fault))) => {
            return expect_fault(expected, fault).map(|()| Passed::default());
        }
        Err(error) => return Err(Failure::Prove(error)),
    };
    let Expectation::Exit(exit_code) = expected else {
        return Err(Failure::Exit { expected, found: proof.statement.exit_code });
    };
    // What the case says is what the verifier is given; nothing of it comes from the proof.
    let program = key.verifying_key().digest();
    let accepted = verify(&proof.encode(), &prover::Expectation { program, exit_code, output: subject.output })?;
    Ok(Passed { instructions: accepted.instructions.into(), tables: accepted.kinds().unwrap_or_default() })
}

fn expect_fault(expected: Expectation, fault: Fault) -> Result<(), Failure> {
    let found = Expectation::Fault { pc: fault.pc, cause: fault.cause };
    if expected == found { Ok(()) } else { Err(Failure::Fault { expected, fault }) }
}

fn expect_output(expected: &[u8], found: &[u8]) -> Result<(), Failure> {
    let same = expected == found;
    if same { Ok(()) } else { Err(Failure::Output { expected: expected.len(), found: found.len() }) }
}
