//! A run laid out with all its tables: what whole-segment checks and mutations start from.

use std::sync::{Arc, LazyLock};

use p3_matrix::dense::RowMajorMatrix;
use spec_interp::{Input, Machine, Program};

use crate::F;
use crate::check::{Violation, check};
use crate::execution::{Execution, record, trace};
use crate::kind::Kind;
use crate::layout::height;
use crate::replay::ExecutionError;
use crate::rom::Rom;
use crate::table::Table;
use crate::tables::{byte, program, range};
use crate::tally;
use crate::tree::first_memory;
use crate::witness::{Witness, lay_out, shared_traces};

/// Instructions of a chunk: little enough that most runs have several.
const CHUNK: u64 = 1000;

/// The fixed columns of the range table, the same for every run.
static RANGE: LazyLock<Arc<RowMajorMatrix<F>>> = LazyLock::new(|| Arc::new(range::fixed()));
/// Those of the byte table.
static BYTE: LazyLock<Arc<RowMajorMatrix<F>>> = LazyLock::new(|| Arc::new(byte::fixed()));

/// A program's lowered rows, the traces of one run, and the fixed columns beside them.
#[derive(Clone, Debug)]
pub struct LaidOut {
    /// The program lowered.
    pub rom: Rom,
    /// The traces and public values; a test may change them.
    pub witness: Witness,
    program: Arc<RowMajorMatrix<F>>,
}

impl LaidOut {
    /// Runs a program and lays the run out, the rows of each instruction table in one piece.
    ///
    /// # Errors
    /// [`ExecutionError`] if the run faults or does not end.
    ///
    /// # Panics
    /// If the input is longer than its region, or a row asks for what no fixed table holds.
    pub fn new<'a>(program: &Program, input: impl Into<Input<'a>>) -> Result<Self, ExecutionError> {
        let (rom, input) = (Rom::new(program), input.into());
        let mut machine = Machine::new(program.clone(), input).expect("the input fits");
        let chunks = trace(&mut machine, CHUNK, &mut |_, _| ())?;
        let execution = record(program, input, &rom, chunks)?;
        let run = Self::of(program, input, &rom, &execution);
        assert_eq!(run.witness.unanswerable, None, "a table asks for what no fixed table holds");
        Ok(run)
    }

    /// Lays out a recorded run, the rows of each instruction table in one piece. What rows ask for without answer, as lying ones do,
    /// stays unbalanced.
    pub fn of<'a>(program: &Program, input: impl Into<Input<'a>>, rom: &Rom, execution: &Execution<'_>) -> Self {
        let first = first_memory(program, input);
        let parts = |kind: Kind, rows| (0..kind.count()).map(|part| height(if part == 0 { rows } else { 0 })).collect();
        let witness = lay_out(program, first, rom, execution, parts);
        Self { rom: rom.clone(), witness, program: Arc::new(program::fixed(&rom.rows)) }
    }

    /// Fills the tables that answer anew, for what the others ask after a test has changed them.
    pub fn answer(&mut self) {
        let traces = &mut self.witness.traces;
        traces.retain(|(kind, _)| *kind < Kind::Poseidon2);
        let counts = tally::count(&self.rom, traces);
        traces.extend(shared_traces(&counts));
    }

    /// A table with its fixed columns.
    pub fn table(&self, kind: Kind) -> Table {
        match kind {
            Kind::Program => Table::with_fixed(kind, Some(self.program.clone())),
            Kind::Range => Table::with_fixed(kind, Some(RANGE.clone())),
            Kind::Byte => Table::with_fixed(kind, Some(BYTE.clone())),
            _ => Table::new(kind),
        }
    }

    /// The trace of a table; none if the run has no row for it.
    pub fn trace(&self, kind: Kind) -> Option<&RowMajorMatrix<F>> {
        self.witness.traces.iter().find(|(other, _)| *other == kind).map(|(_, trace)| trace)
    }

    /// The trace of a table, to be changed.
    pub fn trace_mut(&mut self, kind: Kind) -> Option<&mut RowMajorMatrix<F>> {
        self.witness.traces.iter_mut().find(|(other, _)| *other == kind).map(|(_, trace)| trace)
    }

    /// Up to `limit` violations of the whole segment.
    pub fn violations(&self, limit: usize) -> Vec<Violation> {
        let tables: Vec<_> = self.witness.traces.iter().map(|(kind, trace)| (self.table(*kind), trace)).collect();
        check(&tables, &self.witness.public, limit)
    }
}

#[cfg(test)]
pub mod samples {
    //! Runs for the tests of the tables that no instruction fills.

    use p3_matrix::Matrix;

    use super::*;

    /// The sum of 9,000 bytes of input: dozens of pages of input, one of output, two of registers; 36,000 instructions,
    /// so that some registers are refreshed.
    pub fn sum_of_input() -> LaidOut {
        let case = riscv_tests::cases().into_iter().find(|case| case.name == "system/sum_of_input").expect("the case");
        LaidOut::new(&case.program, &[0xa5; 9000]).expect("it runs")
    }

    impl LaidOut {
        /// Puts rows behind those in use, which must be followed by zero rows only.
        pub fn append(&mut self, kind: Kind, rows: &[Vec<F>]) {
            let trace = self.trace_mut(kind).expect("the table");
            let width = trace.width();
            let used = trace.values.chunks_exact(width).rposition(|row| row.iter().any(|cell| *cell != F::default()));
            trace.values.truncate(used.map_or(0, |last| last + 1) * width);
            trace.values.extend(rows.iter().flatten());
            trace.values.resize(height(trace.values.len() / width) * width, F::default());
        }

        /// The rows of a table for which something holds.
        pub fn rows(&self, kind: Kind, holds: impl Fn(&[F]) -> bool) -> Vec<usize> {
            let trace = self.trace(kind).expect("the table");
            let rows = trace.values.chunks_exact(trace.width).enumerate();
            rows.filter(|(_, row)| holds(row)).map(|(i, _)| i).collect()
        }

        /// The violations but those of look-ups, whose multiplicities a forger would change along.
        pub fn forgery_violations(&self) -> Vec<Violation> {
            let is_bound = |violation: &Violation| match violation {
                Violation::Constraint { .. } => true,
                Violation::Unbalanced { bus, .. } => !crate::check::bus_of(bus).is_some_and(|bus| bus.is_lookup()),
            };
            self.violations(usize::MAX).into_iter().filter(is_bound).collect()
        }
    }
}
