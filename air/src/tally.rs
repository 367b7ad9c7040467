//! Counting look-ups: the multiplicities of the fixed tables, found by running the very interactions that are proved.

use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::Count;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use crate::F;
use crate::bus;
use crate::cells::{CellBuilder, Listener};
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
    /// By row of the byte table.
    pub byte: Vec<u32>,
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
            byte: vec![0; byte::HEIGHT],
            program: vec![0; rom.rows.len()],
            poseidon2: HashMap::new(),
            unanswerable: None,
        }
    }

    fn merge(mut self, other: Self) -> Self {
        let add = |to: &mut Vec<u32>, from: &[u32]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        add(&mut self.range, &other.range);
        add(&mut self.byte, &other.byte);
        add(&mut self.program, &other.program);
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
        let tally = Tally { rom, counts: &mut counts, kind };
        kind.eval(&mut Emitter::new(&mut CellBuilder::new([row, row], &[], &[], [F::ZERO; 2], tally)));
    }
    counts
}

/// Ignores constraints and counts look-ups.
struct Tally<'a> {
    rom: &'a Rom,
    counts: &'a mut Counts,
    kind: Kind,
}

impl Listener for Tally<'_> {
    #[inline(always)]
    fn constraint(&mut self, _: F) {}

    #[inline(always)]
    fn interaction(&mut self, bus_name: &str, mut tuple: impl Iterator<Item = F>, count: Count<F>) {
        let (count, _) = count.into_parts();
        let Some(bus) = bus::ALL.into_iter().find(|bus| bus.name == bus_name) else { return };
        let Some(answers) = bus.answers.filter(|_| count != F::ZERO) else { return };
        let counts = &mut *self.counts;
        let mut next = || tuple.next().map_or(0, |field| field.as_canonical_u32());
        let answered = match answers {
            Kind::Range => range::row_of(next(), next()).map(|row| counts.range[row] += 1),
            Kind::Byte => byte::row_of(next(), next(), next()).map(|row| counts.byte[row] += 1),
            Kind::Program => self.rom.row_of(next()).map(|row| counts.program[row] += 1),
            Kind::Poseidon2 => {
                let input = core::array::from_fn(|_| tuple.next().unwrap_or(F::ZERO));
                *counts.poseidon2.entry(input).or_default() += 1;
                Some(())
            }
            table => unreachable!("nobody counts what is asked of {}", table.name()),
        };
        if answered.is_none() {
            counts.unanswerable = Some((self.kind, bus.name));
        }
    }
}
