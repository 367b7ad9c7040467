//! The engines, and one case on one of them.

use core::fmt;
use core::str::FromStr;

use air::kind::Kind;
use air::replay::ExecutionError;
use fast_aot::{Engine, Runner};
use prover::{ProveError, ProvingKey};
use riscv_tests::{Case, Expectation};
use spec_interp::{Fault, Outcome, Program};
use thiserror::Error;
use verifier::verify;

use crate::failure::CaseFailure;

/// Instructions after which a run on an engine that has no limit of its own is given up.
const LIMIT: u64 = 1 << 32;

/// What runs a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The reference interpreter.
    Spec,
    /// The fast engine.
    Aot,
    /// The prover; the proof is verified against what the case says.
    Prove,
}

impl Check {
    /// Every engine.
    pub const ALL: [Self; 3] = [Self::Spec, Self::Aot, Self::Prove];

    /// The name in skip files and on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Aot => "aot",
            Self::Prove => "prove",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of an engine that there is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no engine `{0}`; the engines are spec, aot and prove")]
pub struct CheckError(String);

impl FromStr for Check {
    type Err = CheckError;

    fn from_str(text: &str) -> Result<Self, CheckError> {
        Self::ALL.into_iter().find(|engine| engine.name() == text).ok_or_else(|| CheckError(text.to_owned()))
    }
}

/// A case that ended as it must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Instructions retired; 0 after an expected fault on the prover, which tells nothing of the run.
    pub instructions: u64,
    /// The tables of instructions and refreshes that the proof has rows in; none where nothing is proved.
    pub tables: Vec<Kind>,
    /// Whether its signature was compared with a reference.
    pub compared: bool,
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
/// [`CaseFailure`] unless it ends as the case says.
pub fn run_case(case: &Case, engine: Check) -> Result<Passed, CaseFailure> {
    let program = case.program.clone();
    let subject = Subject { program, input: &case.input, expect: case.expect, output: Some(&case.output) };
    match engine {
        Check::Spec => run(subject, fast_aot::Engine::Spec),
        Check::Aot => run(subject, fast_aot::Engine::Aot),
        Check::Prove => prove(subject),
    }
}

fn run(subject: Subject<'_>, engine: fast_aot::Engine) -> Result<Passed, CaseFailure> {
    let mut machine = Runner::new(subject.program, subject.input, engine)?;
    let end = machine.run(LIMIT, &mut |_, _| ());
    let exited = matches!(end, Ok(Outcome::Exited(_)));
    judge(subject.expect, end, LIMIT)?;
    if let Some(output) = subject.output.filter(|_| exited) {
        expect_output(output, &machine.output()?)?;
    }
    Ok(Passed { instructions: machine.checkpoint().retired, ..Passed::default() })
}

/// Compares the end of a run that was granted `limit` instructions with what is expected.
pub(crate) fn judge(expected: Expectation, end: Result<Outcome, Fault>, limit: u64) -> Result<(), CaseFailure> {
    match end {
        Err(fault) => expect_fault(expected, fault),
        Ok(Outcome::LimitReached) => Err(CaseFailure::Limit { limit }),
        Ok(Outcome::Exited(code)) if expected == Expectation::Exit(code) => Ok(()),
        Ok(Outcome::Exited(found)) => Err(CaseFailure::Exit { expected, found }),
    }
}

pub(crate) fn prove(subject: Subject<'_>) -> Result<Passed, CaseFailure> {
    let expected = subject.expect;
    let key = ProvingKey::new(subject.program)?;
    let run = match key.run(subject.input, Engine::default(), &mut |_, _| ()) {
        Ok(run) => run,
        Err(ProveError::Execution(ExecutionError::Fault(fault))) => {
            return expect_fault(expected, fault).map(|()| Passed::default());
        }
        Err(error) => return Err(CaseFailure::Prove(error)),
    };
    let Expectation::Exit(exit_code) = expected else {
        return Err(CaseFailure::Exit { expected, found: run.statement.exit_code });
    };
    let proof = run.lay_out().and_then(|layout| layout.prove()).map_err(CaseFailure::Prove)?;
    // What the case says is what the verifier is given; nothing of it comes from the proof.
    let program = key.verifying_key().digest();
    let accepted = verify(&proof.encode(), &verifier::Expectation { program, exit_code, output: subject.output })?;
    let refreshes = Some(Kind::Refresh).filter(|_| !run.execution.refreshes.is_empty());
    let tables = Kind::instructions().filter(|&kind| run.execution.rows(kind) > 0).chain(refreshes).collect();
    Ok(Passed { instructions: accepted.instructions.into(), tables, ..Passed::default() })
}

fn expect_fault(expected: Expectation, fault: Fault) -> Result<(), CaseFailure> {
    let found = Expectation::Fault { pc: fault.pc, cause: fault.cause };
    if expected == found { Ok(()) } else { Err(CaseFailure::Fault { expected, fault }) }
}

fn expect_output(expected: &[u8], found: &[u8]) -> Result<(), CaseFailure> {
    let same = expected == found;
    if same { Ok(()) } else { Err(CaseFailure::Output { expected: expected.len(), found: found.len() }) }
}
