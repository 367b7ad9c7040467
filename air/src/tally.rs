//! Counting look-ups: the multiplicities of the fixed tables, found by running the very interactions that are proved.

use std::collections::HashMap;

use p3_air::{AirBuilder, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use crate::F;
use crate::bus::{BYTE, POSEIDON2, PROGRAM, RANGE};
use crate::emit::Emitter;
use crate::kind::Kind;
use crate::rom::Rom;
use crate::tables::poseidon2::STATE;
use crate::tables::{byte, range};

/// How often each row of each fixed table is asked for, and which permutations are.
#[derive(Clone, Debug)]
pub struct Counts {
    /// By row of the range table.
    pub range: Vec<u32>,
    /// By row of the byte table and operation.
    pub byte: Vec<[u32; byte::OPERATIONS]>,
    /// By row of the program.
    pub program: Vec<u32>,
    /// By input.
    pub poseidon2: HashMap<[F; STATE], u32>,
    /// The table and the bus of a question for what no fixed table holds, if there is one.
    pub unanswerable: Option<(Kind, &'static str)>,
}

impl Counts {
    fn new(rom: &Rom) -> Self {
        Self {
            range: vec![0; range::HEIGHT],
            byte: vec![[0; byte::OPERATIONS]; byte::HEIGHT],
            program: vec![0; rom.rows.len()],
            poseidon2: HashMap::new(),
            unanswerable: None,
        }
    }

    fn merge(mut self, other: Self) -> Self {
        let add = |to: &mut Vec<u32>, from: &[u32]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        add(&mut self.range, &other.range);
        add(&mut self.program, &other.program);
        for (to, from) in self.byte.iter_mut().zip(&other.byte) {
            (0..byte::OPERATIONS).for_each(|i| to[i] += from[i]);
        }
        for (input, count) in other.poseidon2 {
            *self.poseidon2.entry(input).or_default() += count;
        }
        self.unanswerable = self.unanswerable.or(other.unanswerable);
        self
    }
}

/// Counts the look-ups of tables whose rows are filled.
pub fn count(rom: &Rom, traces: &[(Kind, RowMajorMatrix<F>)]) -> Counts {
    let empty = || Counts::new(rom);
    traces.iter().fold(empty(), |counts, (kind, trace)| {
        let rows = trace.height().div_ceil(rayon::current_num_threads()).max(1 << 10);
        let chunks = trace.values.par_chunks(rows * trace.width);
        let counted = chunks.map(|cells| count_rows(rom, *kind, cells, trace.width)).reduce(empty, Counts::merge);
        counts.merge(counted)
    })
}

fn count_rows(rom: &Rom, kind: Kind, cells: &[F], width: usize) -> Counts {
    let mut counts = Counts::new(rom);
    for row in cells.chunks_exact(width) {
        let main = RowWindow::from_two_rows(row, row);
        let fixed = RowWindow::from_two_rows(&[], &[]);
        kind.eval(&mut Emitter::new(&mut Tally { main, fixed, rom, counts: &mut counts, kind }));
    }
    counts
}

/// A builder that ignores constraints and counts look-ups.
struct Tally<'a> {
    main: RowWindow<'a, F>,
    fixed: RowWindow<'a, F>,
    rom: &'a Rom,
    counts: &'a mut Counts,
    kind: Kind,
}

impl<'a> AirBuilder for Tally<'a> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> F {
        F::ZERO
    }

    fn is_last_row(&self) -> F {
        F::ZERO
    }

    fn is_transition(&self) -> F {
        F::ZERO
    }

    #[inline(always)]
    fn assert_zero<I: Into<F>>(&mut self, _: I) {}
}

impl InteractionBuilder for Tally<'_> {
    #[inline(always)]
    fn push_interaction<E: Into<F>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<F>>,
    ) {
        let (count, _) = count.into().into_parts();
        if count == F::ZERO {
            return;
        }
        let mut fields = fields.into_iter().map(Into::into);
        let mut next = || fields.next().map_or(0, |field| field.as_canonical_u32());
        let (bus, answered) = if bus_name == RANGE.name {
            let row = range::row_of(next(), next());
            (RANGE, row.map(|row| self.counts.range[row] += 1))
        } else if bus_name == BYTE.name {
            let row = byte::row_of(next(), next(), next(), next());
            (BYTE, row.map(|(row, operation)| self.counts.byte[row][operation] += 1))
        } else if bus_name == PROGRAM.name {
            let row = self.rom.row_of(next());
            (PROGRAM, row.map(|row| self.counts.program[row] += 1))
        } else if bus_name == POSEIDON2.name {
            let input = core::array::from_fn(|_| fields.next().unwrap_or(F::ZERO));
            *self.counts.poseidon2.entry(input).or_default() += 1;
            return;
        } else {
            return;
        };
        if answered.is_none() {
            self.counts.unanswerable = Some((self.kind, bus.name));
        }
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<F>, Count<F>)>) {}
}
