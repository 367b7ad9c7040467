//! Every cell of every kind of row of every table, changed to every value that is tried.
//!
//! On rows in use no cell may be free. Padding rows, where nothing but the flags matters, are counted beside them; that
//! they are mute whatever their cells is a test of its own.

use std::collections::BTreeMap;

use air::F;
use air::check::LaidOut;
use air::check::mutation::{Survivor, free_in_padding, is_padding, sweep, sweep_pairs};
use air::kind::Kind;
use p3_field::PrimeField32;
use p3_matrix::Matrix;
use rayon::prelude::*;

use crate::runs::{case_columns, example, instruction_tests, is_full, sum_of_input};

/// Rows swept of each kind of row of each table of each program.
const SAMPLE: usize = 6;
/// Cells swept of them at least: narrow tables have more rows.
const CELLS: usize = 64;
/// Padding rows swept of each table, over all programs.
const PADDING: usize = 2;

/// What the sweeps of one kind of row of one table found.
#[derive(Clone, Debug, Default)]
struct Score {
    rows: usize,
    cells: usize,
    mutants: usize,
    pairs: usize,
    free: usize,
    survivors: Vec<Survivor>,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.cells += other.cells;
        self.mutants += other.mutants;
        self.pairs += other.pairs;
        self.free += other.free;
        self.survivors.extend(other.survivors);
    }

    /// The part of the cells that are free.
    fn part(&self) -> f64 {
        self.free as f64 / self.cells as f64
    }
}

/// A kind of row: the values of its flags, signs and the like, and the block of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RowKind {
    table: Kind,
    is_real: bool,
    flags: Vec<u32>,
}

impl RowKind {
    fn of(table: Kind, cells: &[F]) -> Self {
        let is_real = !is_padding(table, cells);
        let block = (table == Kind::Page && is_real).then_some(3);
        let flags = case_columns(table).iter().copied().chain(block);
        Self { table, is_real, flags: flags.map(|flag| cells[flag].as_canonical_u32()).collect() }
    }
}

type Scores = BTreeMap<RowKind, Score>;

/// The rows to sweep by their kind: all of them, or the first, the last and some between; and some padding once.
fn rows(run: &LaidOut, table: Kind, scores: &mut Scores) -> Vec<(RowKind, Vec<usize>)> {
    let trace = run.trace(table).expect("the table is there");
    let mut by_kind: BTreeMap<RowKind, Vec<usize>> = BTreeMap::new();
    for row in 0..trace.height() {
        let cells = trace.row_slice(row).expect("a row of the trace");
        by_kind.entry(RowKind::of(table, &cells)).or_default().push(row);
    }
    // The fixed tables have 2^17 rows that differ in a number.
    let is_answer = matches!(table, Kind::Range | Kind::Byte | Kind::Program | Kind::Poseidon2);
    let all = is_full() && !is_answer;
    let sample = |(kind, rows): (RowKind, Vec<usize>)| {
        let most = if kind.is_real { SAMPLE.max(CELLS / table.width()) } else { PADDING };
        let between = (1..most - 1).map(|i| rows[i * rows.len() / (most - 1)]);
        let mut some: Vec<_> = [rows[0]].into_iter().chain(between).chain(rows.last().copied()).collect();
        some.dedup();
        let is_new = kind.is_real || !scores.contains_key(&kind);
        let rows = if all && kind.is_real { rows } else { some };
        is_new.then_some((kind, rows))
    };
    by_kind.into_iter().filter_map(sample).collect()
}

fn score(run: &LaidOut, table: Kind, rows: &[usize]) -> Score {
    let (table, trace) = (run.table(table), run.trace(table).expect("the table is there"));
    let may_be_free = free_in_padding(table.kind());
    let public = &run.witness.public;
    let single = sweep(&table, trace, &run.rom, public, rows.iter().copied(), &may_be_free);
    let pairs = sweep_pairs(&table, trace, &run.rom, public, rows.iter().copied(), may_be_free);
    Score {
        rows: rows.len(),
        cells: single.cells,
        mutants: single.mutants,
        pairs: pairs.mutants,
        free: single.free_cells,
        survivors: [single.survivors, pairs.survivors].concat(),
    }
}

fn sweep_run(name: &str, run: &LaidOut, tables: impl Fn(Kind) -> bool, scores: &mut Scores) {
    let tables = Kind::ALL.into_iter().filter(|&table| tables(table));
    let work: Vec<_> = tables.flat_map(|table| rows(run, table, scores)).collect();
    let pieces = work.par_iter().flat_map(|(kind, rows)| rows.par_chunks(8).map(move |rows| (kind, rows)));
    let found: Vec<_> = pieces.map(|(kind, rows)| (kind, score(run, kind.table, rows))).collect();
    for (kind, score) in found {
        let survivors = &score.survivors;
        assert!(
            survivors.is_empty(),
            "{name}: {} survivors, such as {:#?}",
            survivors.len(),
            &survivors[..4.min(survivors.len())]
        );
        scores.entry(kind.clone()).or_default().add(score);
    }
}

/// Prints and checks the score of a table: of each kind of row every cell counts once.
fn judge(table: Kind, scores: &Scores) {
    let of_table =
        |is_real: bool| scores.iter().filter(move |(kind, _)| kind.table == table && kind.is_real == is_real);
    let mut sum = Score::default();
    of_table(true).for_each(|(_, score)| sum.add(score.clone()));
    let kinds = of_table(true).count();
    assert!(kinds > 0, "no program has rows of {}", table.name());
    let part = of_table(true).map(|(_, score)| score.part()).sum::<f64>() / kinds as f64;
    let padding = of_table(false).map(|(_, score)| score.part()).next();
    let padding = padding.map_or("none".to_owned(), |part| format!("{:.1}%", 100.0 * part));
    let Score { rows, cells, mutants, pairs, free, .. } = sum;
    let (name, part) = (table.name(), 100.0 * part);
    println!("{name:12} {kinds:>5} {rows:>6} {cells:>8} {mutants:>9} {pairs:>8} {free:>6} {part:>6.2}% {padding:>8}");
    assert_eq!(free, 0, "{part}% of the cells of {name} are free");
}

#[test]
fn every_cell_of_every_table_is_caught() {
    let mut scores = Scores::new();
    sweep_run("sum_of_input", &sum_of_input(), |_| true, &mut scores);
    sweep_run("sha256", &example("sha256", b"abc"), |_| true, &mut scores);
    sweep_run(
        "json",
        &example("json", br#"[{"amount": 12}, {"amount": 30}]"#),
        |table| table < Kind::Page,
        &mut scores,
    );
    for (name, run) in instruction_tests() {
        sweep_run(&name, &run, |table| table < Kind::Refresh || is_full(), &mut scores);
    }
    println!("table        kinds   rows    cells   mutants    pairs   free   part padding");
    Kind::ALL.into_iter().for_each(|table| judge(table, &scores));
}
