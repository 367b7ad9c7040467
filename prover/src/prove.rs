//! Proving: run, lay out, commit, open.

use core::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

use air::F;
use air::execution::{Execution, record};
use air::kind::{Kind, TABLES};
use air::layout::MAX_INSTRUCTIONS;
use air::lower::CLASSES;
use air::replay::ExecutionError;
use air::tree::{INPUT, OUTPUT};
use air::witness::{self, Witness};
use fast_aot::{Engine, Runner};
use p3_matrix::Matrix;
use spec_interp::{Chunk, Input, InputError, Outcome, OutputError};
use thiserror::Error;
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::scheme::Scheme;
use verifier::shape::{Class, Heights, Size};
use verifier::{Argument, Proof, Statement, program, transcript_head};

use crate::key::ProvingKey;
use crate::plan::{divide, fit};
use crate::stark::{self, Stack};

/// Instructions of a chunk: the events of its replay nearly fit a core's cache, and entering and leaving generated code costs
/// the run a few percent.
pub const CHUNK: u64 = 1 << 14;

/// Chunks that wait for their replay: an engine that is faster than it waits too, and memory stays bounded.
const WAITING_CHUNKS: usize = 64;

/// Why there is no proof.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The input does not fit its region.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The run faulted or is too long.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The output region does not hold an output.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The tables do not fit the largest class of size.
    #[error(
        "the run takes {cells} cells and {fractions} look-ups; a proof holds at most {} and {}: shorten the run",
        Class::LARGEST.cells(),
        Class::LARGEST.fractions()
    )]
    TooLarge {
        /// Cells of the tables.
        cells: u64,
        /// Look-ups of all rows.
        fractions: u64,
    },
    /// The system has no thread for recording.
    #[error("cannot start a thread: {0}; raise the limit of threads (`ulimit -u`) or of memory (`ulimit -v`)")]
    Thread(io::Error),
    /// The library failed, which no run should cause.
    #[error("the prover failed: {0}")]
    Internal(String),
}

/// A run that can be proved: recorded, with its input and the claim that it makes.
#[derive(Debug)]
pub struct Run<'a> {
    /// What the tables need.
    pub execution: Execution<'a>,
    /// What is proved.
    pub statement: Statement,
    key: &'a ProvingKey,
    input: Input<'a>,
}

/// A run laid out as tables, with the claim that it makes.
#[derive(Debug)]
pub struct Layout<'a> {
    key: &'a ProvingKey,
    statement: Statement,
    instructions: u64,
    witness: Witness,
    heights: Heights,
    class: Class,
}

impl Layout<'_> {
    /// The tables.
    pub const fn witness(&self) -> &Witness {
        &self.witness
    }

    /// The sizes of the tables.
    pub fn sizes(&self) -> Vec<TableSize> {
        let sizes = TABLES.into_iter().zip(self.heights);
        sizes.map(|(kind, log_height)| TableSize { kind, height: 1 << log_height }).collect()
    }

    /// The class of size that the proof will have.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Proves the run.
    ///
    /// # Errors
    /// [`ProveError::Internal`] if the library fails.
    pub fn prove(self) -> Result<Proof, ProveError> {
        self.key.prove_witness(self.statement, self.instructions, self.witness)
    }
}

impl<'a> Run<'a> {
    /// Lays the run out as tables.
    ///
    /// # Errors
    /// [`ProveError::TooLarge`] if no class of size holds the tables.
    pub fn lay_out(&self) -> Result<Layout<'a>, ProveError> {
        let key = self.key;
        let first = key.memory().clone().with_input(self.input);
        let witness = witness::build(&key.program, first, &key.rom, &self.execution, divide);
        let (heights, class) = fitted(&witness)?;
        let (statement, instructions) = (self.statement.clone(), self.execution.instructions);
        Ok(Layout { key, statement, instructions, witness, heights, class })
    }
}

/// The heights of the tables of a witness, filled up to their class of size.
fn fitted(witness: &Witness) -> Result<(Heights, Class), ProveError> {
    let mut heights: Heights = [0; TABLES.len()];
    for (height, (_, trace)) in heights.iter_mut().zip(&witness.traces) {
        *height = trace.height().ilog2() as u8;
    }
    let Size { cells, fractions } = Size::of(&heights);
    let class = fit(&mut heights).ok_or(ProveError::TooLarge { cells, fractions })?;
    Ok((heights, class))
}

/// The size of one table of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// The table.
    pub kind: Kind,
    /// Rows, padding included.
    pub height: usize,
}

impl TableSize {
    /// Its cells.
    pub const fn cells(&self) -> usize {
        self.height * self.kind.width()
    }
}

impl ProvingKey {
    /// Runs the program on an engine and records the run, at the same time. Bytes are a file; [`Input::Region`] gives
    /// the input region bare, as it may hold anything in a proof.
    ///
    /// # Errors
    /// [`ProveError`] if the input does not fit or the run cannot be proved.
    pub fn run<'a>(
        &'a self,
        input: impl Into<Input<'a>>,
        engine: Engine,
        console: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Run<'a>, ProveError> {
        let input = input.into();
        let mut machine = Runner::new(self.program.clone(), input, engine)?;
        let (sender, chunks) = sync_channel::<Chunk<'static>>(WAITING_CHUNKS);
        let (outcome, execution) = thread::scope(|scope| {
            let record = || record(&self.program, input, &self.rom, chunks);
            let recorder = thread::Builder::new().spawn_scoped(scope, record).map_err(ProveError::Thread)?;
            // A recorder that has failed takes no more chunks, and says why itself.
            let mut sink = |chunk: Chunk<'_>| drop(sender.send(chunk.into_owned()));
            let outcome = machine.trace(MAX_INSTRUCTIONS, CHUNK, &CLASSES, &mut sink, console);
            drop(sender);
            Ok::<_, ProveError>((outcome, recorder.join().unwrap_or_else(|panic| resume_unwind(panic))))
        })?;
        if outcome.map_err(ExecutionError::from)? == Outcome::LimitReached {
            return Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS }.into());
        }
        let execution = execution?;
        let statement = Statement { exit_code: execution.exit_code, output: machine.output()? };
        Ok(Run { execution, statement, key: self, input })
    }

    /// Runs the program on an input, on the default engine, and proves the run.
    ///
    /// # Errors
    /// [`ProveError`] if the run cannot be proved.
    pub fn prove<'a>(
        &'a self,
        input: impl Into<Input<'a>>,
        console: &mut dyn FnMut(u64, &[u8]),
    ) -> Result<Proof, ProveError> {
        self.run(input, Engine::default(), console)?.lay_out()?.prove()
    }

    /// Proves tables as they are, for a statement that may be none: for tests that forge them.
    ///
    /// # Errors
    /// [`ProveError::TooLarge`] if no class of size holds them, [`ProveError::Internal`] if the library fails.
    #[doc(hidden)]
    pub fn prove_witness(
        &self,
        statement: Statement,
        instructions: u64,
        witness: Witness,
    ) -> Result<Proof, ProveError> {
        self.prove_in(statement, instructions, witness, Challenger::new)
    }

    /// Proves tables as they are, in a transcript with a given head: for tests that forge it.
    ///
    /// # Errors
    /// As [`Self::prove_witness`].
    #[doc(hidden)]
    pub fn prove_in(
        &self,
        statement: Statement,
        instructions: u64,
        witness: Witness,
        transcript: fn(&[F]) -> Challenger,
    ) -> Result<Proof, ProveError> {
        let internal = |error: &dyn fmt::Debug| ProveError::Internal(format!("{error:?}"));
        let key = self.verifying_key();
        let (heights, class) = fitted(&witness)?;
        let Witness { traces, public, first, last, .. } = witness;
        let mut challenger = transcript(&transcript_head(key, &heights, &public));

        // Those of the filler are zeros, as many as the plan says.
        let rows = traces.into_iter().map(|(kind, rows)| (kind != Kind::Filler).then_some(rows)).collect();
        let stack = info_span!("stack").in_scope(|| Stack::new(&heights, rows));
        let fixed = Scheme::Fixed(key.columns);
        let stark = stark::prove(class, self.setup(), stack, &fixed, self.stacked(), &public, &mut challenger)
            .map_err(|error| internal(&error))?;
        let claim = challenger.take_claim().ok_or_else(|| internal(&"no claim of the program's columns"))?;
        let program =
            program::open(self.columns().data.clone(), &claim, &mut challenger).map_err(|error| internal(&error))?;
        Ok(Proof {
            key: key.clone(),
            statement,
            instructions: instructions as u32,
            input: first.node(INPUT),
            output_path: last.path(OUTPUT),
            heights: heights.into(),
            argument: Argument { stark, program },
        })
    }
}
