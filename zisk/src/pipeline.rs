//! One proof from the program to the bytes, with what it took.

use std::io::Write;
use std::sync::Arc;

use air::execution::Execution;
use air::kind::Kind;
use air::lower::CLASSES;
use fast_aot::Engine;
use spec_interp::{Chunk, Fault, Outcome, Program};
use zisk_sdk::{Proof, ProvingKey, TableSize, security};

use crate::args::Args;
use crate::failure::{Failure, Length};
use crate::measure::{Seconds, Stopwatch, peak_memory};
use crate::progress::{Phase, Progress};
use crate::report::Report;

/// One table of a proof.
#[derive(Clone, Copy, Debug)]
pub struct TableUse {
    /// Its size.
    pub size: TableSize,
    /// Rows that are instructions; none for shared tables.
    pub used: Option<usize>,
}

/// A proof and what it took.
pub struct Proved {
    /// The proof.
    pub proof: Proof,
    /// The proof encoded.
    pub bytes: Vec<u8>,
    /// The tables.
    pub tables: Vec<TableUse>,
    /// From the start of the run to the encoded proof.
    pub seconds: Seconds,
    /// The most memory held, in bytes.
    pub peak_memory: u64,
}

impl Proved {
    /// Committed base-field cells of all tables.
    pub fn cells(&self) -> u64 {
        self.tables.iter().map(|table| table.size.cells() as u64).sum()
    }

    /// What every command says of a proof.
    pub fn report(&self, key: &ProvingKey) -> Report {
        let statement = &self.proof.statement;
        Report::default()
            .with("instructions", self.proof.instructions)
            .with("exit_code", statement.exit_code)
            .with("output", hex::encode(&statement.output))
            .with("program", key.verifying_key().digest().to_string())
            .with("prove_seconds", self.seconds.wall)
            .with("prove_cpu_seconds", self.seconds.cpu)
            .with("peak_memory_bytes", self.peak_memory)
            .with("proof_bytes", self.bytes.len())
            .with("cells", self.cells())
            .with("security_bits", security::TARGET_BITS)
    }
}

/// Derives the keys of a program and says what that took.
pub fn derive(program: impl Into<Arc<Program>>, progress: &Progress) -> Result<(ProvingKey, Seconds), Failure> {
    progress.enter(Phase::Key);
    let watch = Stopwatch::start();
    let key = ProvingKey::new(program)?;
    Ok((key, watch.elapsed()))
}

/// Runs a program on an input, on an engine, and proves the run.
pub fn prove(
    key: &ProvingKey,
    input: &[u8],
    engine: Engine,
    console: Console,
    progress: &Progress,
) -> Result<Proved, Failure> {
    let watch = Stopwatch::start();
    progress.enter(Phase::Execute);
    let run = key.run(input, engine, &mut |fd, bytes| progress.around(|| console.print(fd, bytes)))?;
    progress.enter(Phase::Layout);
    let layout = run.lay_out()?;
    let tables = tables(layout.sizes(), &run.execution);
    // The events are laid out and only take memory from here on.
    drop(run);
    progress.enter(Phase::Commit);
    let proof = layout.prove()?;
    let bytes = proof.encode();
    progress.finish();
    Ok(Proved { proof, bytes, tables, seconds: watch.elapsed(), peak_memory: peak_memory() })
}

/// The instructions of a run that was too long to be proved, if it ends before patience does.
pub fn length(program: &Arc<Program>, input: &[u8], engine: Engine) -> Length {
    let at_least = patience(engine.serving());
    let counted = || {
        let mut machine = fast_aot::Runner::new(Arc::clone(program), input, engine).ok()?;
        let outcome = machine.run(at_least, &mut |_, _| ()).ok()?;
        matches!(outcome, Outcome::Exited(_)).then(|| machine.checkpoint().retired)
    };
    counted().map_or(Length::MoreThan(at_least), Length::Exactly)
}

/// Instructions that take an engine some seconds.
const fn patience(engine: Engine) -> u64 {
    match engine {
        Engine::Aot => 1 << 33,
        Engine::Spec => 1 << 28,
    }
}

/// The tables with the rows that are instructions; of several tables of one kind the first are full.
fn tables(sizes: Vec<TableSize>, execution: &Execution<'_>) -> Vec<TableUse> {
    let mut left: Vec<usize> = Kind::instructions().map(|kind| execution.rows(kind)).collect();
    let mut used = |size: TableSize| {
        let left = left.get_mut(size.kind as usize)?;
        let used = size.height.min(*left);
        *left -= used;
        Some(used)
    };
    sizes.into_iter().map(|size| TableUse { size, used: used(size) }).collect()
}

/// What a recorded trace was, in sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recorded {
    /// Chunks.
    pub chunks: u64,
    /// Bytes of the values that loads gave.
    pub bytes: u64,
}

/// Runs a program and, if `record` is set, records its trace, which is counted and dropped.
pub fn execute(
    machine: &mut fast_aot::Runner,
    limit: u64,
    record: bool,
    console: Console,
) -> Result<(Outcome, Option<Recorded>), Fault> {
    let console = &mut |fd, bytes: &[u8]| console.print(fd, bytes);
    if !record {
        return Ok((machine.run(limit, console)?, None));
    }
    let mut recorded = Recorded::default();
    let count = &mut |chunk: Chunk<'_>| {
        recorded.chunks += 1;
        recorded.bytes += size_of_val(&*chunk.loads) as u64;
    };
    let outcome = machine.trace(limit, zisk_sdk::CHUNK, &CLASSES, count, console)?;
    Ok((outcome, Some(recorded)))
}

/// Where the guest's console goes.
#[derive(Clone, Copy, Debug)]
pub enum Console {
    /// Each stream to its namesake.
    Through,
    /// Both to standard error, since standard output carries an object or the output.
    Aside,
    /// Nowhere.
    Dropped,
}

impl Console {
    /// The console of a command.
    pub fn of(args: &Args) -> Self {
        if args.json || args.takes_stdout() { Self::Aside } else { Self::Through }
    }

    /// Prints at once; a reader that has gone away does not end the run.
    pub fn print(self, fd: u64, bytes: &[u8]) {
        fn write(mut to: impl Write, bytes: &[u8]) {
            let _ = to.write_all(bytes).and_then(|()| to.flush());
        }
        match (self, fd) {
            (Self::Dropped, _) => {}
            (Self::Through, 1) => write(std::io::stdout().lock(), bytes),
            _ => write(std::io::stderr().lock(), bytes),
        }
    }
}
