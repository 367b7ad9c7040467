//! The cell-mutation harness: change one cell of an honest trace, and some constraint or bus must fail.
//!
//! A mutant is *caught* iff [`judge`](crate::check::judge) rejects it. One that is accepted and says something else than
//! the honest row is a lie, which nothing excuses. One that is accepted and says the same is another filling of the row:
//! its cell is free, and must be on the reviewed list of those that may be.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::check::deletion::NOTHING;
use crate::check::judge::{Judge, Rows, Verdict};
use crate::check::sheet::sheet;
use crate::emit::Role;
use crate::kind::Kind;
use crate::rom::Rom;
use crate::table::Table;

/// A mutant that nothing caught.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Survivor {
    /// The table.
    pub kind: Kind,
    /// The name of the column.
    pub column: String,
    /// The row.
    pub row: usize,
    /// The honest value.
    pub from: u32,
    /// The value that passed.
    pub to: u32,
    /// What the row then says, unless it is what it said before.
    pub lie: Option<String>,
}

/// What a sweep found.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// Cells mutated.
    pub cells: usize,
    /// Mutants tried.
    pub mutants: usize,
    /// Mutants that nothing caught: lies, and cells that are free and may not be.
    pub survivors: Vec<Survivor>,
    /// Cells of columns that may be free in which some mutant survived.
    pub free_cells: usize,
}

/// The values tried for a cell: its neighbours, the ends of the field, a flipped bit, the steps of bytes and limbs.
pub fn mutants_of(value: F) -> Vec<F> {
    let steps = [1, -1, 1 << 8, -1 << 8, 1 << 16, -1 << 16].map(|step| value + F::from_i32(step));
    let flipped = F::from_u32(value.as_canonical_u32() ^ 1);
    let far = F::from_u32(value.as_canonical_u32().wrapping_mul(0x9e37_79b9).wrapping_add(0x7f4a_7c15) % F::ORDER_U32);
    let mut mutants = [&steps[..], &[F::ZERO, F::ONE, F::NEG_ONE, flipped, far]].concat();
    mutants.retain(|&mutant| mutant != value);
    mutants.sort_unstable_by_key(F::as_canonical_u32);
    mutants.dedup();
    mutants
}

/// The reviewed list of cells that may be free. On rows in use there is none; padding says nothing whatever its cells, as
/// long as its constraints hold, so that there only the flags matter.
pub fn free_in_padding(kind: Kind) -> impl Fn(&str, &[F]) -> bool {
    let (names, flags) = (kind.column_names(), &sheet(kind).flags);
    move |column, cells| is_padding(kind, cells) && flags.iter().all(|&flag| names[flag] != column)
}

/// Whether no flag of a row is set, in a table that has flags.
pub fn is_padding(kind: Kind, cells: &[F]) -> bool {
    let flags = &sheet(kind).flags;
    !flags.is_empty() && flags.iter().all(|&flag| cells[flag] == F::ZERO)
}

/// Mutates every cell of the given rows of a table. `may_be_free(column, cells of the row)` names cells on the reviewed list.
pub fn sweep(
    table: &Table,
    trace: &RowMajorMatrix<F>,
    rom: &Rom,
    public: &[F],
    rows: impl IntoIterator<Item = usize>,
    may_be_free: impl Fn(&str, &[F]) -> bool,
) -> Sweep {
    let columns: Vec<usize> = (0..table.kind().width()).collect();
    let variants = |honest: &[F]| mutants_of(honest[0]).into_iter().map(|mutant| vec![mutant]).collect();
    sweep_groups((table, trace, rom, public), rows, (&columns, 1), variants, may_be_free)
}

/// Mutates pairs of neighbours in every array of columns of the given rows so that the number they are limbs of stays: one
/// more in one, 2^16 or 2^8 less in the other. A pair may be free iff both its cells may be.
pub fn sweep_pairs(
    table: &Table,
    trace: &RowMajorMatrix<F>,
    rom: &Rom,
    public: &[F],
    rows: impl IntoIterator<Item = usize>,
    may_be_free: impl Fn(&str, &[F]) -> bool,
) -> Sweep {
    let names = table.kind().column_names();
    let neighbours = |names: &[String]| {
        let element = |name: &str| name.split_once('[').map(|(array, index)| (array.to_owned(), index.to_owned()));
        element(&names[0]).zip(element(&names[1])).is_some_and(|(low, high)| low.0 == high.0)
    };
    let pairs: Vec<usize> = (0..names.len() - 1).filter(|&low| neighbours(&names[low..=low + 1])).collect();
    let variants = |honest: &[F]| {
        let lent = [(16, F::ONE), (16, F::NEG_ONE), (8, F::ONE), (8, F::NEG_ONE)];
        lent.map(|(bits, unit)| vec![honest[0] + unit * F::from_u32(1 << bits), honest[1] - unit]).to_vec()
    };
    sweep_groups((table, trace, rom, public), rows, (&pairs, 2), variants, may_be_free)
}

/// Mutates groups of so many neighbouring columns, given by the first ones, as `variants` says of their honest cells.
fn sweep_groups(
    (table, trace, rom, public): (&Table, &RowMajorMatrix<F>, &Rom, &[F]),
    rows: impl IntoIterator<Item = usize>,
    (groups, columns): (&[usize], usize),
    variants: impl Fn(&[F]) -> Vec<Vec<F>>,
    may_be_free: impl Fn(&str, &[F]) -> bool,
) -> Sweep {
    let names = table.kind().column_names();
    let mut result = Sweep::default();
    for row in rows {
        let mut subject = Subject::new(table, trace, rom, public, row);
        for &first in groups {
            let group = first..first + columns;
            let honest = subject.cells()[group.clone()].to_vec();
            let is_listed = group.clone().all(|column| may_be_free(&names[column], subject.cells()));
            let variants = variants(&honest);
            result.cells += 1;
            result.mutants += variants.len();
            let mut is_free = false;
            for variant in variants {
                subject.cells()[group.clone()].copy_from_slice(&variant);
                let verdict = subject.verdict();
                subject.cells()[group.clone()].copy_from_slice(&honest);
                is_free |= verdict == Verdict::Same && is_listed;
                result.survivors.extend(subject.survivor(verdict, is_listed, &names[first], [honest[0], variant[0]]));
            }
            result.free_cells += usize::from(is_free);
        }
    }
    result
}

/// Whether a forged row, standing in the place of an honest one, is caught.
pub fn forgery_caught(
    table: &Table,
    trace: &RowMajorMatrix<F>,
    rom: &Rom,
    public: &[F],
    row: usize,
    forge: impl FnOnce(&mut [F]),
) -> bool {
    let mut subject = Subject::new(table, trace, rom, public, row);
    forge(subject.cells());
    subject.verdict() == Verdict::Rejected
}

/// Whether a row, taken for itself, violates a constraint or asks a fixed table for what it does not hold. Unlike
/// [`forgery_caught`] this does not ask whether the rest of a run could go with it.
pub fn locally_invalid(table: &Table, cells: &[F], rom: &Rom) -> bool {
    let rows = Rows::single(cells.to_vec());
    let judge = Judge::alone(table, rom);
    if !judge.holds(&rows) {
        return true;
    }
    let said = judge.report(&rows).said;
    let mut asks = said.iter().map(|said| &said.message).filter(|message| judge.role(message) == Role::Ask);
    !asks.all(|message| judge.is_answerable(message))
}

/// A row to mutate, behind the one that sees it as its successor.
struct Subject<'a> {
    judge: Judge<'a>,
    rows: Rows,
    row: usize,
}

impl<'a> Subject<'a> {
    fn new(table: &'a Table, trace: &RowMajorMatrix<F>, rom: &'a Rom, public: &'a [F], row: usize) -> Self {
        let first = row - usize::from(row > 0 && sheet(table.kind()).reads_next);
        let rows = Rows::of(table, trace, first..row + 1);
        Self { judge: Judge::new(table, rom, public, &NOTHING, &rows), rows, row }
    }

    /// The cells of the row.
    fn cells(&mut self) -> &mut [F] {
        self.rows.cells.last_mut().map_or(&mut [], Vec::as_mut_slice)
    }

    fn verdict(&self) -> Verdict {
        self.judge.verdict(&self.rows)
    }

    fn survivor(&self, verdict: Verdict, may_be_free: bool, column: &str, values: [F; 2]) -> Option<Survivor> {
        let lie = match verdict {
            Verdict::Rejected => return None,
            Verdict::Same if may_be_free => return None,
            Verdict::Same => None,
            verdict => verdict.escaped(),
        };
        let [from, to] = values.map(|value| value.as_canonical_u32());
        Some(Survivor { kind: self.judge.kind(), column: column.to_owned(), row: self.row, from, to, lie })
    }
}
