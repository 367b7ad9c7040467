//! Pages of memory: opened once at time 0, closed once at the end, hashed before and after.
//!
//! A page is 32 words in blocks of three; a row is a block, and the rows of a page follow each other. The last block
//! has two words and an empty slot. The digest of a page is a sponge over its blocks: a permutation takes the chaining
//! value and twelve limbs, and its first nine outputs are the next chaining value.
//!
//! # Assumes
//! Nothing of the limbs; those at the start are checked here, because the input is the prover's choice, and those at
//! the end were checked by whoever wrote them.
//!
//! # Constrains
//! Each word is given at time 0 with its first contents and taken with its last; the digests of first and last
//! contents are the page's leaf of the memory tree. The tree admits each page once.
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::bus::{MEMORY, NODE};
use crate::columns;
use crate::emit::{Builder, Emitter, constant};
use crate::layout::{DIGEST, PAGE_WORDS};
use crate::tables::node::node_tuple;
use crate::tables::poseidon2::look_up_block;

/// Words of a block.
pub const BLOCK_WORDS: usize = 3;
/// Limbs of a block.
pub const BLOCK: usize = 4 * BLOCK_WORDS;
/// Blocks of a page.
pub const BLOCKS: usize = PAGE_WORDS.div_ceil(BLOCK_WORDS);

columns! {
    /// A row of the table.
    pub struct Page {
        /// Iff the row is in use.
        is_real,
        /// Iff the row is the last block of its page.
        is_last,
        /// Number of the page: the address over 256.
        page,
        /// Number of the block in the page.
        block,
        /// Chaining value before the block, first contents.
        old_in: [DIGEST],
        /// Chaining value before the block, last contents.
        new_in: [DIGEST],
        /// Chaining value behind the block, first contents.
        old_out: [DIGEST],
        /// Chaining value behind the block, last contents.
        new_out: [DIGEST],
        /// Limbs of the words at the start.
        first: [BLOCK],
        /// Limbs of the words at the end.
        last: [BLOCK],
        /// Time of each word's last access, 0 if there was none; free in the empty slot.
        time: [BLOCK_WORDS],
    }
}

/// The columns that a row reads of its successor: everything up to the chaining values before the block.
pub fn next_row_columns() -> Vec<usize> {
    (0..4 + 2 * DIGEST).collect()
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Page<AB::Var>, next: &Page<AB::Var>) {
    e.boolean("is_real is boolean", row.is_real);
    e.boolean("is_last is boolean", row.is_last);
    let is_real: AB::Expr = row.is_real.into();
    e.zero_when("is_last on real rows only", row.is_last, AB::Expr::ONE - is_real.clone());
    sequence(e, row, next);

    let ins_outs = [(row.old_in, row.first, row.old_out), (row.new_in, row.last, row.new_out)];
    for (chain, block, out) in ins_outs {
        for limb in &block[4 * (BLOCK_WORDS - 1)..] {
            e.zero_when("the empty slot is zero", row.is_last, *limb);
        }
        look_up_block(e, &chain.map(Into::into), &block.map(Into::into), &out.map(Into::into), &is_real);
    }
    for limb in row.first {
        e.range(constant::<AB>(1 << 16), limb, is_real.clone());
    }
    let first_word = row.page * F::from_usize(PAGE_WORDS) + row.block * F::from_usize(BLOCK_WORDS);
    for slot in 0..BLOCK_WORDS {
        let count = if slot < BLOCK_WORDS - 1 { is_real.clone() } else { is_real.clone() - row.is_last.into() };
        let word = first_word.clone() + AB::Expr::from_usize(slot);
        let [f0, f1, f2, f3] = core::array::from_fn(|i| row.first[4 * slot + i].into());
        e.give(MEMORY, [word.clone(), AB::Expr::ZERO, f0, f1, f2, f3], count.clone());
        let [l0, l1, l2, l3] = core::array::from_fn(|i| row.last[4 * slot + i].into());
        e.take(MEMORY, [word, row.time[slot].into(), l0, l1, l2, l3], count);
    }
    let leaf = node_tuple::<AB::Expr>(
        AB::Expr::ZERO,
        row.page.into(),
        &row.old_out.map(Into::into),
        &row.new_out.map(Into::into),
    );
    e.give(NODE, leaf, row.is_last);
}

/// Pages are runs of rows with blocks 0 to 10, without gaps, before all padding.
fn sequence<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Page<AB::Var>, next: &Page<AB::Var>) {
    let [first, last, transition] = [e.builder().is_first_row(), e.builder().is_last_row(), e.builder().is_transition()];
    let goes_on = row.is_real - row.is_last;
    e.zero_when("the first row starts a page", first.clone(), row.block);
    e.zero_when("the last row ends a page", last, goes_on.clone());
    e.zero_when("a page has eleven blocks", row.is_last, row.block - F::from_usize(BLOCKS - 1));

    let goes_on = transition.clone() * goes_on;
    e.zero_when("a page goes on with a real row", goes_on.clone(), next.is_real - F::ONE);
    e.zero_when("a page goes on with the same page", goes_on.clone(), next.page - row.page);
    e.zero_when("a page goes on with the next block", goes_on.clone(), next.block - row.block - AB::Expr::ONE);
    let ends = transition.clone() * row.is_last;
    e.zero_when("a page starts with block 0", ends.clone(), next.block);
    let padding = transition * (AB::Expr::ONE - row.is_real.into());
    e.zero_when("padding comes last", padding, next.is_real);

    for i in 0..DIGEST {
        for (input, output, next_input) in
            [(row.old_in, row.old_out, next.old_in), (row.new_in, row.new_out, next.new_in)]
        {
            e.zero_when("the first chaining value is 0", first.clone(), input[i]);
            e.zero_when("a page starts with chaining value 0", ends.clone(), next_input[i]);
            e.zero_when("chaining values pass on", goes_on.clone(), next_input[i] - output[i]);
        }
    }
}
