//! Proving: run, lay out, commit, open.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

use air::F;
use air::execution::{Execution, record};
use air::kind::Kind;
use air::layout::MAX_INSTRUCTIONS;
use air::lower::CLASSES;
use air::replay::ExecutionError;
use air::table::Table;
use air::tree::{INPUT, OUTPUT};
use air::witness::{self, Witness};
use fast_aot::{Engine, Runner};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use spec_interp::{Chunk, Input, InputError, Outcome, OutputError};
use thiserror::Error;
use verifier::config::config;
use verifier::shape::{MAX_LOG_HEIGHT, cells_per_row, common_data, lookups};
use verifier::{Proof, Statement, transcript_head};

use crate::batch::{self, Instance};
use crate::key::ProvingKey;
use crate::plan::plan;

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
    /// A table has more rows than it may.
    #[error("table {table} has 2^{log_height} rows, more than 2^{MAX_LOG_HEIGHT}: shorten the run")]
    TableTooHigh {
        /// The table.
        table: &'static str,
        /// Logarithm of its height.
        log_height: usize,
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
}

impl Layout<'_> {
    /// The tables.
    pub const fn witness(&self) -> &Witness {
        &self.witness
    }

    /// The sizes of the tables.
    pub fn sizes(&self) -> Vec<TableSize> {
        let size = |(kind, trace): &(Kind, RowMajorMatrix<F>)| {
            let table = Table::with_fixed(*kind, None);
            TableSize { kind: *kind, height: trace.height(), cells_per_row: cells_per_row(&table, &lookups(&table)) }
        };
        self.witness.traces.iter().map(size).collect()
    }

    /// Proves the run.
    ///
    /// # Errors
    /// [`ProveError::Internal`] if the library fails.
    pub fn prove(&self) -> Result<Proof, ProveError> {
        self.key.prove_witness(self.statement.clone(), self.instructions, &self.witness)
    }
}

impl<'a> Run<'a> {
    /// Lays the run out as tables.
    ///
    /// # Errors
    /// [`ProveError`] if a table would be too high.
    pub fn lay_out(&self) -> Result<Layout<'a>, ProveError> {
        let (key, plan) = (self.key, plan(&self.execution));
        let heights = |kind: Kind, _| plan[kind as usize].clone();
        let first = key.memory().clone().with_input(self.input);
        let witness = witness::build(&key.program, first, &key.rom, &self.execution, heights);
        for (kind, trace) in &witness.traces {
            let log_height = trace.height().ilog2() as usize;
            if log_height > MAX_LOG_HEIGHT {
                return Err(ProveError::TableTooHigh { table: kind.name(), log_height });
            }
        }
        Ok(Layout { key, statement: self.statement.clone(), instructions: self.execution.instructions, witness })
    }
}

/// The size of one table of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// The table.
    pub kind: Kind,
    /// Rows, padding included.
    pub height: usize,
    /// Committed base-field cells of a row: columns, and the columns of the lookups.
    pub cells_per_row: usize,
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
    /// [`ProveError::Internal`] if the library fails.
    #[doc(hidden)]
    pub fn prove_witness(
        &self,
        statement: Statement,
        instructions: u64,
        witness: &Witness,
    ) -> Result<Proof, ProveError> {
        let tables: Vec<Table> = witness.traces.iter().map(|(kind, _)| self.table(*kind)).collect();
        let heights: Vec<usize> = witness.traces.iter().map(|(_, trace)| trace.height().ilog2() as usize).collect();
        let publics: Vec<Vec<F>> = tables
            .iter()
            .map(|table| if table.kind() == Kind::Segment { witness.public.to_vec() } else { Vec::new() })
            .collect();

        let key = self.verifying_key();
        let kinds: Vec<Kind> = witness.traces.iter().map(|(kind, _)| *kind).collect();
        let config = config(&key.blowup.parameters(), &transcript_head(key, &kinds, &witness.public));
        let common = common_data(&tables, &heights, key.commitment());
        let instances = tables.iter().zip(&witness.traces).zip(&publics);
        let instances: Vec<_> =
            instances.map(|((table, (_, trace)), public)| Instance { table, trace, public }).collect();
        let stark = batch::prove(&config, &instances, &common, self.committed())
            .map_err(|error| ProveError::Internal(format!("{error:?}")))?;
        Ok(Proof {
            key: key.clone(),
            statement,
            instructions: instructions as u32,
            input: witness.first.node(INPUT),
            output_path: witness.last.path(OUTPUT),
            tables: kinds.into_iter().map(|kind| kind as u8).collect(),
            stark,
        })
    }
}
