//! A segment laid out: every table's matrix and the public values.

use std::collections::VecDeque;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use spec_interp::Program;

use crate::F;
use crate::columns::Columns;
use crate::event::limbs;
use crate::execution::{Execution, Page};
use crate::kind::Kind;
use crate::layout::{PAGE_WORDS, REGISTERS_PAGE, TREE_DEPTH, pc_index};
use crate::matrix::matrix;
use crate::rom::Rom;
use crate::tables::page::{self, BLOCK_WORDS, BLOCKS};
use crate::tables::segment::{PUBLIC_VALUES, PublicValues};
use crate::tables::{byte, filler, node, poseidon2, program, range, refresh, segment};
use crate::tally::{self, Counts};
use crate::tree::{Digest, PageWords, Tree, hash_block};

/// A segment's tables and public values.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The tables, those of [`TABLES`](crate::kind::TABLES) in its order.
    pub traces: Vec<(Kind, RowMajorMatrix<F>)>,
    /// The public values, those of [`PublicValues`] in its order.
    pub public: [F; PUBLIC_VALUES],
    /// Memory before.
    pub first: Tree,
    /// Memory after.
    pub last: Tree,
    /// The table and the bus of a question that stays without an answer.
    pub(crate) unanswerable: Option<(Kind, &'static str)>,
}

/// Lays out a recorded run that started in the memory `first`. `plan` divides the rows of an instruction table among its
/// tables: it returns a height for each of them, powers of two, at least [`MIN_HEIGHT`](crate::layout::MIN_HEIGHT), that
/// suffice for the rows.
///
/// # Panics
/// If a row asks for what no fixed table holds: the filling of its table is wrong.
pub fn build(
    program: &Program,
    first: Tree,
    rom: &Rom,
    execution: &Execution<'_>,
    plan: impl Fn(Kind, usize) -> Vec<usize>,
) -> Witness {
    let witness = lay_out(program, first, rom, execution, plan);
    if let Some((kind, bus)) = witness.unanswerable {
        panic!("table {} asks bus {bus} for a tuple that it does not hold", kind.name());
    }
    witness
}

/// Lays out a recorded run like [`build`], whatever its rows ask for.
pub(crate) fn lay_out(
    program: &Program,
    first: Tree,
    rom: &Rom,
    execution: &Execution<'_>,
    plan: impl Fn(Kind, usize) -> Vec<usize>,
) -> Witness {
    let pages = &execution.pages;
    let mut last = first.clone();
    last.update(pages.iter().map(|page| (page.number, page.last)));

    let mut traces = Vec::new();
    for kind in Kind::instructions() {
        let mut pieces: VecDeque<_> = execution.pieces(kind).collect();
        for height in plan(kind, execution.rows(kind)) {
            traces.push((kind, kind.rows(&take(&mut pieces, height))));
        }
    }
    traces.push((Kind::Refresh, matrix(&[&execution.refreshes], refresh::Refresh::fill)));
    let blocks: Vec<_> = pages.par_iter().flat_map_iter(page_rows).collect();
    traces.push((Kind::Page, matrix(&[&blocks], |row| *row)));
    traces.push((Kind::Node, node_trace(pages, &first, &last)));
    let counts = tally::count(rom, &traces);
    traces.extend(shared_traces(&counts));

    let entry = pc_index(program.entry);
    let public = PublicValues::of_run(entry, execution.clock, execution.exit_code, &first.root(), &last.root()).cells();
    Witness { traces, public, first, last, unanswerable: counts.unanswerable }
}

/// The first `rows` items of the pieces, or all.
fn take<'a, I>(pieces: &mut VecDeque<&'a [I]>, mut rows: usize) -> Vec<&'a [I]> {
    let mut taken = Vec::new();
    while rows > 0 {
        let Some(piece) = pieces.pop_front() else { break };
        let (part, rest) = piece.split_at(rows.min(piece.len()));
        rows -= part.len();
        taken.push(part);
        if !rest.is_empty() {
            pieces.push_front(rest);
        }
    }
    taken
}

fn page_rows(touched: &Page) -> impl Iterator<Item = page::Page<F>> + '_ {
    let (mut old, mut new) = (Digest::default(), Digest::default());
    (0..BLOCKS).map(move |block| {
        let words = block * BLOCK_WORDS..((block + 1) * BLOCK_WORDS).min(PAGE_WORDS);
        let (old_in, new_in) = (old, new);
        old = hash_block(&old, &touched.first[words.clone()]);
        new = hash_block(&new, &touched.last[words.clone()]);
        let word = |page: &PageWords, i: usize| page.get(words.start + i).copied().unwrap_or(0);
        let limbs_of = |page: &PageWords| core::array::from_fn(|i| limbs(word(page, i / 4))[i % 4]);
        page::Page {
            is_real: F::ONE,
            is_last: F::from_bool(block == BLOCKS - 1),
            is_registers: F::from_bool(touched.number / 2 == REGISTERS_PAGE / 2),
            page: F::from_u32(touched.number),
            block: F::from_usize(block),
            old_in,
            new_in,
            old_out: old,
            new_out: new,
            first: limbs_of(&touched.first),
            last: limbs_of(&touched.last),
            time: core::array::from_fn(|i| F::from_u32(touched.times.get(words.start + i).copied().unwrap_or(0))),
        }
    })
}

fn node_trace(pages: &[Page], first: &Tree, last: &Tree) -> RowMajorMatrix<F> {
    let mut nodes = Vec::new();
    let mut touched: Vec<u32> = pages.iter().map(|page| page.number).collect();
    for level in 0..TREE_DEPTH {
        let mut parents: Vec<u32> = touched.iter().map(|index| index / 2).collect();
        parents.dedup();
        let is_touched = |index: u32| F::from_bool(touched.binary_search(&index).is_ok());
        nodes.extend(parents.iter().map(|&index| node::Node {
            is_real: F::ONE,
            left_touched: is_touched(2 * index),
            right_touched: is_touched(2 * index + 1),
            level: F::from_u32(level),
            index: F::from_u32(index),
            old_left: first.node((level, 2 * index)),
            old_right: first.node((level, 2 * index + 1)),
            new_left: last.node((level, 2 * index)),
            new_right: last.node((level, 2 * index + 1)),
            old_parent: first.node((level + 1, index)),
            new_parent: last.node((level + 1, index)),
        }));
        touched = parents;
    }
    matrix(&[&nodes], |row| *row)
}

/// The tables that answer look-ups, the segment's, and nothing to fill up with.
pub(crate) fn shared_traces(counts: &Counts) -> [(Kind, RowMajorMatrix<F>); 6] {
    let mut permutations: Vec<_> = counts.poseidon2.iter().collect();
    permutations.sort_unstable();
    let mut permutations = matrix(&[&permutations], |(input, count)| poseidon2::Poseidon2::fill(**input, **count));
    let padding = poseidon2::Poseidon2::fill([F::ZERO; poseidon2::STATE], 0);
    for row in permutations.values.chunks_exact_mut(permutations.width).skip(counts.poseidon2.len()) {
        padding.write(row);
    }
    let count = |count: &u32| F::from_u32(*count);
    [
        (Kind::Poseidon2, permutations),
        (Kind::Program, matrix(&[&counts.program], |times| program::Program { multiplicity: count(times) })),
        (Kind::Range, matrix(&[&counts.range], |times| range::Range { multiplicity: count(times) })),
        (Kind::Byte, matrix(&[&counts.byte], |times| byte::Byte { multiplicity: count(times) })),
        (Kind::Segment, matrix(&[&[()]], |()| segment::Segment { active: F::ONE })),
        (Kind::Filler, matrix(&[], |()| filler::Filler::default())),
    ]
}
