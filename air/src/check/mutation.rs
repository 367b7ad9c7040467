//! The cell-mutation harness: change one cell of an honest trace, and some constraint or bus must fail.
//!
//! A mutant is *caught* iff a constraint of its row (or of the row before, which sees it as its successor) fails, or
//! the row asks a fixed table for what it does not hold, or what the row gives, takes or answers is no longer what it
//! was: the rest of the trace is honest and balances only with that. A changed look-up that the fixed table does hold
//! does not count as caught, because a prover would change the table's multiplicities along with it.

use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::bus::{BYTE, PROGRAM, RANGE};
use crate::check::row::{Message, RowReport, evaluate_cells};
use crate::execution::Rom;
use crate::table::Table;
use crate::tables::program::tuple;
use crate::tables::{Kind, byte, range};

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
}

/// What a sweep found.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// Cells mutated.
    pub cells: usize,
    /// Mutants tried.
    pub mutants: usize,
    /// Mutants that nothing caught, but for columns that may be free.
    pub survivors: Vec<Survivor>,
    /// Cells of columns that may be free in which some mutant survived.
    pub free_cells: usize,
}

/// The values tried for a cell: its neighbours, the ends of the field, a flipped bit, the steps of bytes and limbs.
pub fn mutants_of(value: F) -> Vec<F> {
    let step = |bits: u32| F::from_u32(1 << bits);
    let flipped = F::from_u32(value.as_canonical_u32() ^ 1);
    let far = F::from_u32(value.as_canonical_u32().wrapping_mul(0x9e37_79b9).wrapping_add(0x7f4a_7c15) % F::ORDER_U32);
    let mut mutants = vec![
        value + F::ONE,
        value - F::ONE,
        F::ZERO,
        F::ONE,
        F::NEG_ONE,
        flipped,
        value + step(8),
        value - step(8),
        value + step(16),
        value - step(16),
        far,
    ];
    mutants.retain(|&mutant| mutant != value);
    mutants.sort_unstable_by_key(F::as_canonical_u32);
    mutants.dedup();
    mutants
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
    let names = table.kind().column_names();
    let reads_next = !p3_air::BaseAir::<F>::main_next_row_columns(table).is_empty();
    let mut result = Sweep::default();
    for row in rows {
        let mut context = Context::new(table, trace, rom, public, row, reads_next);
        for (column, name) in names.iter().enumerate() {
            let honest = context.local[column];
            let mutants = mutants_of(honest);
            result.cells += 1;
            result.mutants += mutants.len();
            let mut survivors = Vec::new();
            for mutant in mutants {
                context.local[column] = mutant;
                if !context.caught() {
                    let (from, to) = (honest.as_canonical_u32(), mutant.as_canonical_u32());
                    survivors.push(Survivor { kind: table.kind(), column: name.clone(), row, from, to });
                }
            }
            context.local[column] = honest;
            if may_be_free(name, &context.local) {
                result.free_cells += usize::from(!survivors.is_empty());
            } else {
                result.survivors.append(&mut survivors);
            }
        }
    }
    result
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
    let pairs: Vec<usize> = (1..names.len()).filter(|&high| neighbours(&names[high - 1..=high])).collect();
    let reads_next = !p3_air::BaseAir::<F>::main_next_row_columns(table).is_empty();
    let mut result = Sweep::default();
    for row in rows {
        let mut context = Context::new(table, trace, rom, public, row, reads_next);
        for &high in &pairs {
            let honest = [context.local[high - 1], context.local[high]];
            result.cells += 1;
            for (bits, unit) in [(16, F::ONE), (16, F::NEG_ONE), (8, F::ONE), (8, F::NEG_ONE)] {
                context.local[high - 1] = honest[0] + unit * F::from_u32(1 << bits);
                context.local[high] = honest[1] - unit;
                result.mutants += 1;
                let (from, to) = (honest[0].as_canonical_u32(), context.local[high - 1].as_canonical_u32());
                if !context.caught() {
                    result.survivors.push(Survivor {
                        kind: table.kind(),
                        column: names[high - 1].clone(),
                        row,
                        from,
                        to,
                    });
                }
                context.local[high - 1..=high].copy_from_slice(&honest);
            }
            if may_be_free(&names[high - 1], &context.local) && may_be_free(&names[high], &context.local) {
                let before = result.survivors.len();
                result.survivors.retain(|survivor| (survivor.row, &survivor.column) != (row, &names[high - 1]));
                result.free_cells += usize::from(result.survivors.len() < before);
            }
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
    let reads_next = !p3_air::BaseAir::<F>::main_next_row_columns(table).is_empty();
    let mut context = Context::new(table, trace, rom, public, row, reads_next);
    forge(&mut context.local);
    context.caught()
}

/// Whether a row, taken for itself, violates a constraint or asks a fixed table for what it does not hold. Unlike
/// [`forgery_caught`] this does not ask whether its other messages are those of an honest row.
pub fn locally_invalid(table: &Table, cells: &[F], rom: &Rom) -> bool {
    let report = evaluate_cells(table, cells, cells, &[], false, false, &[]);
    !report.violated.is_empty() || report.messages.iter().any(|message| !answerable(message, rom))
}

/// A row to mutate, with all that its evaluation needs.
struct Context<'a> {
    table: &'a Table,
    rom: &'a Rom,
    public: &'a [F],
    before: Option<Vec<F>>,
    local: Vec<F>,
    next: Vec<F>,
    fixed: Vec<F>,
    is_first: bool,
    is_last: bool,
    honest: RowReport,
}

impl<'a> Context<'a> {
    fn new(
        table: &'a Table,
        trace: &RowMajorMatrix<F>,
        rom: &'a Rom,
        public: &'a [F],
        row: usize,
        reads_next: bool,
    ) -> Self {
        let height = trace.height();
        let cells = |row: usize| trace.row_slice(row % height).map(|cells| cells.to_vec()).unwrap_or_default();
        let fixed =
            table.fixed().and_then(|fixed| fixed.row_slice(row).map(|cells| cells.to_vec())).unwrap_or_default();
        let mut context = Self {
            table,
            rom,
            public,
            before: (reads_next && row > 0).then(|| cells(row - 1)),
            local: cells(row),
            next: cells(row + 1),
            fixed,
            is_first: row == 0,
            is_last: row + 1 == height,
            honest: RowReport::default(),
        };
        context.honest = context.evaluate();
        context
    }

    fn evaluate(&self) -> RowReport {
        evaluate_cells(self.table, &self.local, &self.next, &self.fixed, self.is_first, self.is_last, self.public)
    }

    fn caught(&self) -> bool {
        let report = self.evaluate();
        if !report.violated.is_empty() || report.messages.iter().any(|message| !answerable(message, self.rom)) {
            return true;
        }
        if binding(&report.messages) != binding(&self.honest.messages) {
            return true;
        }
        self.before.as_ref().is_some_and(|before| {
            let report = evaluate_cells(self.table, before, &self.local, &[], false, false, self.public);
            !report.violated.is_empty()
        })
    }
}

/// The messages that the rest of the trace fixes: all but questions to a fixed table.
fn binding(messages: &[Message]) -> HashMap<(&'static str, &[F]), F> {
    let mut sums = HashMap::new();
    for message in messages.iter().filter(|message| !is_question(message)) {
        *sums.entry((message.bus.name, message.tuple.as_slice())).or_default() += message.count;
    }
    sums.retain(|_, count| *count != F::ZERO);
    sums
}

/// Look-ups are asked once. An answer is none, even one whose multiplicity -1 looks like a question.
fn is_question(message: &Message) -> bool {
    message.bus.lookup && !message.answers && message.count == F::ONE
}

/// Whether a fixed table can answer a question.
fn answerable(message: &Message, rom: &Rom) -> bool {
    if !is_question(message) {
        return true;
    }
    let at = |i: usize| message.tuple[i].as_canonical_u32();
    if message.bus == RANGE {
        range::row_of(at(0), at(1)).is_some()
    } else if message.bus == BYTE {
        byte::row_of(at(0), at(1), at(2), at(3)).is_some()
    } else if message.bus == PROGRAM {
        rom.row_of(at(0)).is_some_and(|row| tuple(&rom.rows[row]).as_slice() == message.tuple)
    } else {
        crate::tables::poseidon2::is_permutation(&message.tuple)
    }
}
