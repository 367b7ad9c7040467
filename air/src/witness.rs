//! A segment laid out: every table's matrix and the public values.

use std::collections::{BTreeMap, VecDeque};

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;
use spec_interp::map::INPUT_BASE;
use spec_interp::{Input, Program};

use crate::F;
use crate::columns::Columns;
use crate::event::{Event, limbs};
use crate::execution::{Execution, Page, Rom};
use crate::layout::{HALTED_PC, PAGE_WORDS, PUBLIC_VALUES, TREE_DEPTH, pc_index};
use crate::tables::page::{self, BLOCK_WORDS, BLOCKS};
use crate::tables::{
    Kind, amo, arith, bits, branch, byte, compare, count_zeros, counter, div, height, jump, logic, memory_misaligned,
    memory_sub, memory_word, mul, mulh, node, poseidon2, program, range, refresh, reservation, segment, shift,
    shift_add, shift_imm, shift_word, single_bit, system,
};
use crate::tally::{self, Counts};
use crate::tree::{Digest, PageWords, Tree, hash_block, region_pages};

/// A segment's tables and public values.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The tables that have rows, in the order of [`Kind`].
    pub traces: Vec<(Kind, RowMajorMatrix<F>)>,
    /// The public values, in the order of [`crate::layout::PUBLIC_VALUES`].
    pub public: [F; PUBLIC_VALUES],
    /// Memory before.
    pub first: Tree,
    /// Memory after.
    pub last: Tree,
}

/// The tree of the first memory: the program's image and the input.
pub fn first_memory<'a>(program: &Program, input: impl Into<Input<'a>>) -> Tree {
    let mut pages: BTreeMap<u32, PageWords> = region_pages(INPUT_BASE, input.into().words()).collect();
    for (addr, word) in program.image() {
        let index = (addr >> 3) as usize;
        let page = pages.entry((index / PAGE_WORDS) as u32).or_insert([0; PAGE_WORDS]);
        page[index % PAGE_WORDS] = word;
    }
    Tree::new(pages)
}

/// Lays out a recorded run. `plan` divides the rows of an instruction table among tables of the heights it returns,
/// which are powers of two of at least 32 and suffice for the rows.
///
/// # Panics
/// If a row asks for what no fixed table holds: the filling of its table is wrong.
pub fn build<'a>(
    program: &Program,
    input: impl Into<Input<'a>>,
    rom: &Rom,
    execution: &Execution<'_>,
    plan: impl Fn(Kind, usize) -> Vec<usize>,
) -> Witness {
    let (witness, unanswerable) = lay_out(program, input.into(), rom, execution, plan);
    if let Some((kind, bus)) = unanswerable {
        panic!("table {} asks bus {bus} for a tuple that it does not hold", kind.name());
    }
    witness
}

/// Lays out a recorded run like [`build`], whatever its rows ask for; also returns the table and the bus of a question
/// that stays without an answer.
pub(crate) fn lay_out(
    program: &Program,
    input: Input<'_>,
    rom: &Rom,
    execution: &Execution<'_>,
    plan: impl Fn(Kind, usize) -> Vec<usize>,
) -> (Witness, Option<(Kind, &'static str)>) {
    let first = first_memory(program, input);
    let pages = &execution.pages;
    let mut last = first.clone();
    last.update(pages.iter().map(|page| (page.number, page.last)));

    let mut traces = Vec::new();
    for kind in Kind::instructions() {
        let mut pieces: VecDeque<_> = execution.pieces(kind).collect();
        let heights = if pieces.is_empty() { Vec::new() } else { plan(kind, execution.rows(kind)) };
        for height in heights {
            traces.push((kind, instruction_rows(kind, &take(&mut pieces, height))));
        }
    }
    if !execution.refreshes.is_empty() {
        traces.push((Kind::Refresh, rows(&[&execution.refreshes], refresh::Refresh::fill)));
    }
    traces.push((Kind::Page, page_trace(pages)));
    traces.push((Kind::Node, node_trace(pages, &first, &last)));
    let counts = tally::count(rom, &traces);
    traces.extend(shared_traces(&counts));

    let public = public_values(program, execution, &first.root(), &last.root());
    (Witness { traces, public, first, last }, counts.unanswerable)
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

/// A matrix with a row per item, padded with zero rows to the table's height.
fn rows<I: Sync, C: Columns<F>>(pieces: &[&[I]], fill: impl Fn(&I) -> C + Sync) -> RowMajorMatrix<F> {
    let used: usize = pieces.iter().map(|items| items.len()).sum();
    let mut cells = vec![F::ZERO; height(used) * C::WIDTH];
    let mut rest = cells.as_mut_slice();
    let mut parts = Vec::with_capacity(pieces.len());
    for &items in pieces {
        parts.push((rest.split_off_mut(..items.len() * C::WIDTH).unwrap_or(&mut []), items));
    }
    parts.into_par_iter().for_each(|(cells, items)| {
        cells.par_chunks_mut(C::WIDTH).zip(items).for_each(|(row, item)| fill(item).write(row));
    });
    RowMajorMatrix::new(cells, C::WIDTH)
}

/// The matrix of an instruction table.
pub fn instruction_trace(kind: Kind, events: &[Event<'_>]) -> RowMajorMatrix<F> {
    instruction_rows(kind, &[events])
}

/// The matrix of an instruction table whose events lie in pieces.
pub fn instruction_rows(kind: Kind, events: &[&[Event<'_>]]) -> RowMajorMatrix<F> {
    match kind {
        Kind::Arith => rows(events, arith::Arith::fill),
        Kind::ShiftAdd => rows(events, shift_add::ShiftAdd::fill),
        Kind::Logic => rows(events, logic::Logic::fill),
        Kind::SingleBit => rows(events, single_bit::SingleBit::fill),
        Kind::CountZeros => rows(events, count_zeros::CountZeros::fill),
        Kind::Bits => rows(events, bits::Bits::fill),
        Kind::Shift => rows(events, shift::Shift::fill),
        Kind::ShiftImm => rows(events, shift_imm::ShiftImm::fill),
        Kind::ShiftWord => rows(events, shift_word::ShiftWord::fill),
        Kind::Compare => rows(events, compare::Compare::fill),
        Kind::Mul => rows(events, mul::Mul::fill),
        Kind::Mulh => rows(events, mulh::Mulh::fill),
        Kind::Div => rows(events, div::Div::fill),
        Kind::Branch => rows(events, branch::Branch::fill),
        Kind::Jump => rows(events, jump::Jump::fill),
        Kind::MemoryWord => rows(events, memory_word::MemoryWord::fill),
        Kind::MemorySub => rows(events, memory_sub::MemorySub::fill),
        Kind::MemoryMisaligned => rows(events, memory_misaligned::MemoryMisaligned::fill),
        Kind::Amo => rows(events, amo::Amo::fill),
        Kind::Reservation => rows(events, reservation::Reservation::fill),
        Kind::Counter => rows(events, counter::Counter::fill),
        Kind::System => rows(events, system::System::fill),
        Kind::Refresh
        | Kind::Page
        | Kind::Node
        | Kind::Poseidon2
        | Kind::Program
        | Kind::Range
        | Kind::Byte
        | Kind::Segment => unreachable!("{} is no instruction table", kind.name()),
    }
}

fn page_trace(pages: &[Page]) -> RowMajorMatrix<F> {
    let blocks: Vec<page::Page<F>> = pages.par_iter().flat_map_iter(page_rows).collect();
    rows(&[&blocks], |row| *row)
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
    rows(&[&nodes], |row| *row)
}

/// The tables that answer look-ups, and the segment's.
pub(crate) fn shared_traces(counts: &Counts) -> [(Kind, RowMajorMatrix<F>); 5] {
    let mut permutations: Vec<_> = counts.poseidon2.iter().collect();
    permutations.sort_unstable();
    let mut permutations = rows(&[&permutations], |(input, count)| poseidon2::Poseidon2::fill(**input, **count));
    let padding = poseidon2::Poseidon2::fill([F::ZERO; poseidon2::STATE], 0);
    for row in permutations.values.chunks_exact_mut(permutations.width).skip(counts.poseidon2.len()) {
        padding.write(row);
    }
    let multiplicity = |count: &u32| F::from_u32(*count);
    let program = rows(&[&counts.program], |count| program::Program { multiplicity: multiplicity(count) });
    let range = rows(&[&counts.range], |count| range::Range { multiplicity: multiplicity(count) });
    let byte = rows(&[&counts.byte], |counts| byte::Byte { multiplicity: counts.map(F::from_u32) });
    let segment = rows(&[&[()]], |()| segment::Segment { active: F::ONE });
    [
        (Kind::Poseidon2, permutations),
        (Kind::Program, program),
        (Kind::Range, range),
        (Kind::Byte, byte),
        (Kind::Segment, segment),
    ]
}

fn public_values(program: &Program, execution: &Execution<'_>, first: &Digest, last: &Digest) -> [F; PUBLIC_VALUES] {
    let control = [pc_index(program.entry), HALTED_PC, execution.clock, 1].map(F::from_u32);
    let code = limbs(execution.exit_code);
    let mut values = control.into_iter().chain(code).chain(*first).chain(*last);
    core::array::from_fn(|_| values.next().unwrap_or(F::ZERO))
}
