//! Forged witnesses through the real prover: whatever it makes of them, the verifier rejects.
//!
//! On every push one cell of each table; with `ZISK_FULL=1` one cell of every column. A cell is preferred whose change
//! violates constraints alone and leaves every bus as it was; so not only the sum of the look-ups tells.

use std::collections::BTreeSet;

use air::F;
use air::check::mutation::{mutants_of, sweep};
use air::check::{RowReport, evaluate};
use air::kind::{Kind, TABLES};
use air::witness::Witness;
use fast_aot::Engine;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use prover::ProvingKey;
use verifier::Statement;

use crate::programs::every_table;
use crate::runs::{is_full, key, proves};

/// One cell with a value that is not its own.
#[derive(Clone, Copy, Debug)]
struct Mutant {
    table: usize,
    row: usize,
    column: usize,
    value: F,
}

/// A run of [`every_table`] laid out.
struct Run {
    key: ProvingKey,
    statement: Statement,
    instructions: u64,
    witness: Witness,
}

impl Run {
    fn new(rounds: u64) -> Self {
        let (key, input) = (key(every_table()), rounds.to_le_bytes());
        let run = key.run(&input, Engine::default(), &mut |_, _| ()).expect("it runs");
        let witness = run.lay_out().expect("it can be proved").witness().clone();
        let (statement, instructions) = (run.statement, run.execution.instructions);
        Self { key, statement, instructions, witness }
    }

    fn proves(&self) -> Result<(), String> {
        proves(&self.key, &self.statement, self.instructions, &self.witness)
    }

    fn proves_with(&mut self, mutant: Mutant) -> Result<(), String> {
        let honest = core::mem::replace(self.cell(mutant), mutant.value);
        let result = self.proves();
        *self.cell(mutant) = honest;
        result
    }

    fn cell(&mut self, mutant: Mutant) -> &mut F {
        let trace = &mut self.witness.traces[mutant.table].1;
        &mut trace.values[mutant.row * trace.width + mutant.column]
    }

    /// A value for a cell that the checker catches, if possible by constraints alone; and whether it is so.
    fn mutant(&self, table: usize, row: usize, column: usize) -> Option<(bool, Mutant)> {
        let (kind, trace) = &self.witness.traces[table];
        let table_air = self.key.table(*kind);
        let name = &kind.column_names()[column];
        let found = sweep(&table_air, trace, &self.key.rom, &self.witness.public, [row], |other, _| other != name);
        let passes: Vec<u32> = found.survivors.iter().map(|survivor| survivor.to).collect();
        let mut changed = trace.clone();
        let at = row * trace.width + column;
        let report =
            |trace: &RowMajorMatrix<F>| -> RowReport { evaluate(&table_air, trace, row, &self.witness.public) };
        let honest = report(trace);
        let mut mutants = mutants_of(trace.values[at])
            .into_iter()
            .filter(|value| !passes.contains(&value.as_canonical_u32()))
            .map(|value| {
                changed.values[at] = value;
                let forged = report(&changed);
                let by_constraints = !forged.violated.is_empty() && forged.messages == honest.messages;
                (by_constraints, Mutant { table, row, column, value })
            });
        let first = mutants.next()?;
        if first.0 { Some(first) } else { mutants.find(|mutant| mutant.0).or(Some(first)) }
    }

    /// One mutant of a table, or one of each column but those that may be free in the first row.
    fn mutants(&self, table: usize) -> Vec<Mutant> {
        let (_, trace) = &self.witness.traces[table];
        // Fixed tables: the first row; range and byte tables are too high to look at all columns of more.
        let columns = 0..trace.width;
        let all: Vec<_> = columns.filter_map(|column| self.mutant(table, 0, column)).collect();
        if is_full() {
            return all.into_iter().map(|(_, mutant)| mutant).collect();
        }
        let best =
            all.iter().find(|(by_constraints, _)| *by_constraints).or_else(|| all.get(trace.width / 2)).or(all.first());
        best.into_iter().map(|(_, mutant)| *mutant).collect()
    }
}

fn forge(run: &mut Run, tables: impl Fn(Kind) -> bool) -> Vec<Kind> {
    // Of several tables of a kind the first is where the rows are.
    let mut kinds: Vec<(usize, Kind)> = TABLES.into_iter().enumerate().collect();
    kinds.dedup_by_key(|(_, kind)| *kind);
    let mut forged = Vec::new();
    for (table, kind) in kinds.into_iter().filter(|&(_, kind)| tables(kind)) {
        let mutants = run.mutants(table);
        assert!(!mutants.is_empty(), "{} has no cell to forge", kind.name());
        for mutant in mutants {
            let name = &kind.column_names()[mutant.column];
            let result = run.proves_with(mutant);
            assert!(result.is_err(), "{}, {name}: {mutant:?} is accepted", kind.name());
            println!("{:12} {name:24} {}", kind.name(), result.unwrap_err());
        }
        forged.push(kind);
    }
    forged
}

#[test]
fn a_forged_cell_of_any_table_is_rejected() {
    let mut short = Run::new(1);
    assert_eq!(short.proves(), Ok(()));
    let mut forged = forge(&mut short, |kind| kind != Kind::Filler);
    // Registers are refreshed in long runs only.
    let mut long = Run::new(8200);
    forged.extend(forge(&mut long, |kind| kind == Kind::Refresh));
    let forged: BTreeSet<Kind> = forged.into_iter().collect();
    assert!(forged.into_iter().eq(Kind::ALL.into_iter().filter(|&kind| kind != Kind::Filler)));
}

/// A witness whose public values are not those of its statement: start, end, clock, code, roots.
#[test]
fn forged_public_values_are_rejected() {
    let mut run = Run::new(1);
    let places = if is_full() { (0..run.witness.public.len()).collect() } else { vec![1, 4, 8, 25] };
    for i in places {
        run.witness.public[i] += F::ONE;
        assert!(run.proves().is_err(), "public value {i}");
        run.witness.public[i] -= F::ONE;
    }
}
