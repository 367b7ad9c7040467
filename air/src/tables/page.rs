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
//! contents are the page's leaf of the memory tree. The tree admits each page once. Words are registers only in the two
//! pages of registers; as other words those could be opened too, but no address reaches them.
//!
//! # Degree
//! 3.

use core::ops::Range;

use crate::bus::{MEMORY, NODE};
use crate::layout::{DIGEST, PAGE_WORDS, REGISTERS_PAGE};
use crate::prelude::*;
use crate::tables::node::node_tuple;
use crate::tables::poseidon2;

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
        /// Iff the words are registers.
        is_registers,
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
        /// Time of each word's last access, 0 if there was none.
        time: [BLOCK_WORDS],
    }
}

/// The columns that a row reads of its successor: everything up to the chaining values before the block.
pub const NEXT_ROW_COLUMNS: Range<usize> = 0..5 + 2 * DIGEST;

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Page<AB::Var>, next: &Page<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    e.flag(["is_last is boolean", "is_last on real rows only"], row.is_last, is_real.clone());
    sequence(e, row, next);

    e.boolean("is_registers is boolean", row.is_registers);
    let number = row.page - F::from_u32(REGISTERS_PAGE);
    e.zero_when("registers are words of two pages", row.is_registers, number.bool_check());

    let ins_outs = [(row.old_in, row.first, row.old_out), (row.new_in, row.last, row.new_out)];
    for (chain, block, out) in ins_outs {
        for limb in &block[4 * (BLOCK_WORDS - 1)..] {
            e.zero_when("the empty slot is zero", row.is_last, *limb);
        }
        poseidon2::look_up(e, chain, &block, out, &is_real);
    }
    e.zero_when("the empty slot has no access", row.is_last, row.time[BLOCK_WORDS - 1]);
    for limb in row.first {
        e.range(constant::<AB>(1 << 16), limb, is_real.clone());
    }
    let first_word = row.page * F::from_usize(PAGE_WORDS) + row.block * F::from_usize(BLOCK_WORDS);
    for slot in 0..BLOCK_WORDS {
        let count = if slot < BLOCK_WORDS - 1 { is_real.clone() } else { is_real.clone() - row.is_last.into() };
        let word = first_word.clone() + AB::Expr::from_usize(slot);
        let [f0, f1, f2, f3] = core::array::from_fn(|i| row.first[4 * slot + i].into());
        e.give(MEMORY, [word.clone(), AB::Expr::ZERO, f0, f1, f2, f3, row.is_registers.into()], count.clone());
        let [l0, l1, l2, l3] = core::array::from_fn(|i| row.last[4 * slot + i].into());
        e.take(MEMORY, [word, row.time[slot].into(), l0, l1, l2, l3, row.is_registers.into()], count);
    }
    let leaf = node_tuple::<AB::Expr>(AB::Expr::ZERO, row.page.into(), [row.old_out, row.new_out]);
    e.give(NODE, leaf, row.is_last);
}

/// Pages are runs of rows with blocks 0 to 10, without gaps, before all padding.
fn sequence<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Page<AB::Var>, next: &Page<AB::Var>) {
    let [first, last, transition] =
        [e.builder().is_first_row(), e.builder().is_last_row(), e.builder().is_transition()];
    let goes_on = row.is_real - row.is_last;
    e.zero_when("the first row starts a page", first.clone(), row.block);
    e.zero_when("the last row ends a page", last, goes_on.clone());
    e.zero_when("a page has eleven blocks", row.is_last, row.block - F::from_usize(BLOCKS - 1));

    let goes_on = transition.clone() * goes_on;
    e.zero_when("a page goes on with a real row", goes_on.clone(), next.is_real - F::ONE);
    e.zero_when("a page goes on with the same page", goes_on.clone(), next.page - row.page);
    e.zero_when("a page goes on as registers or not", goes_on.clone(), next.is_registers - row.is_registers);
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

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use p3_matrix::Matrix;

    use super::*;
    use crate::bus::RANGE;
    use crate::check::mutation::forgery_caught;
    use crate::check::samples::cells;
    use crate::check::{LaidOut, Violation, evaluate, sum_of_input};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::layout::TREE_DEPTH;
    use crate::tables::node::Node;
    use crate::tables::poseidon2::{self, is_permutation};

    fn page(run: &LaidOut, row: usize) -> Page<F> {
        Page::from_row(&run.trace(Kind::Page).expect("pages").row_slice(row).expect("a row"))
    }

    fn caught(run: &LaidOut, row: usize, forge: impl FnOnce(&mut Page<F>)) -> bool {
        let trace = run.trace(Kind::Page).expect("pages");
        forgery_caught(&run.table(Kind::Page), trace, &run.rom, &run.witness.public, row, |cells| {
            let mut row = Page::from_row(cells);
            forge(&mut row);
            row.write(cells);
        })
    }

    /// The pages of the input are read only: a second copy of one, opened and closed untouched, balances the memory bus
    /// and has the digests of the first, with a second chain of nodes up to the root; but the root is taken once.
    #[test]
    fn a_page_opened_twice_is_caught() {
        let mut run = sum_of_input();
        let number = page(&run, BLOCKS).page;
        let rows =
            run.rows(Kind::Page, |row| Page::from_row(row).page == number && Page::from_row(row).is_real == F::ONE);
        let mut copy: Vec<Page<F>> = rows.iter().map(|&row| page(&run, row)).collect();
        assert!(copy.len() == BLOCKS && copy.iter().all(|row| row.first == row.last), "not a page that is only read");
        copy.iter_mut().for_each(|row| row.time = [F::ZERO; BLOCK_WORDS]);
        run.append(Kind::Page, &copy.iter().map(cells).collect::<Vec<_>>());
        let unbalanced = |run: &LaidOut| match run.forgery_violations().as_slice() {
            [Violation::Unbalanced { bus: "node", tuple, count, .. }] => (tuple[0], tuple[1], *count),
            other => panic!("{other:?}"),
        };
        assert_eq!(unbalanced(&run), (F::ZERO, number, F::ONE));

        let mut index = number.as_canonical_u32();
        for level in 0..TREE_DEPTH {
            let (is_left, parent) = (index.is_multiple_of(2), index / 2);
            let at = |row: &Node<F>| {
                row.is_real == F::ONE && (row.level, row.index) == (F::from_u32(level), F::from_u32(parent))
            };
            let rows = run.rows(Kind::Node, |row| at(&Node::from_row(row)));
            let mut node = Node::from_row(&run.trace(Kind::Node).expect("nodes").row_slice(rows[0]).expect("a row"));
            // Of the other child the copy has no second one: it is the untouched sibling, which it can be only unchanged.
            let other = if is_left { (node.old_right, node.new_right) } else { (node.old_left, node.new_left) };
            if other.0 != other.1 {
                assert_eq!(unbalanced(&run), (F::from_u32(level), F::from_u32(index), F::ONE));
                return;
            }
            (node.left_touched, node.right_touched) = (F::from_bool(is_left), F::from_bool(!is_left));
            run.append(Kind::Node, &[cells(&node)]);
            index = parent;
        }
        assert_eq!(unbalanced(&run), (F::from_u32(TREE_DEPTH), F::ZERO, F::ONE));
    }

    /// A first memory whose words have limbs above 2^16: everything fits but the range check.
    #[test]
    fn a_limb_above_16_bits_is_caught() {
        let run = sum_of_input();
        for above in [1 << 16, 1 << 30, F::ORDER_U32 - 1] {
            for limb in 0..BLOCK {
                let mut row = page(&run, BLOCKS + 1);
                row.first[limb] = F::from_u32(above);
                row.last = row.first;
                row.old_out = hash(&row.old_in, &row.first);
                row.new_out = hash(&row.new_in, &row.last);
                let trace = p3_matrix::dense::RowMajorMatrix::new(
                    [cells(&row), cells(&page(&run, BLOCKS + 2))].concat(),
                    Page::<F>::WIDTH,
                );
                let report = evaluate(&run.table(Kind::Page), &trace, 0, &[]);
                let names = crate::check::names(Kind::Page).constraints;
                let violated: Vec<_> = report.violated.iter().map(|&i| names[i].as_str()).collect();
                // Taken for itself, as the first row of a trace.
                assert!(
                    violated.iter().all(|name| name.starts_with("the first") || *name == "chaining values pass on"),
                    "{violated:?}"
                );
                let asked = |bus| report.messages.iter().filter(move |message| message.bus == bus);
                assert!(asked(crate::bus::POSEIDON2).all(|message| is_permutation(&message.tuple)));
                let out_of_range =
                    asked(RANGE).filter(|message| message.tuple[1].as_canonical_u32() >= 1 << 16).count();
                assert_eq!(out_of_range, 1);
            }
        }
    }

    fn hash(chain: &[F; DIGEST], block: &[F; BLOCK]) -> [F; DIGEST] {
        let mut input = chain.iter().chain(block).copied();
        let input = core::array::from_fn(|_| input.next().unwrap_or(F::ZERO));
        poseidon2::permuted(input)
    }

    #[test]
    fn a_page_has_eleven_blocks_in_order() {
        let run = sum_of_input();
        let last = BLOCKS - 1;
        assert!(!caught(&run, last, |_| ()));
        assert!(caught(&run, last, |row| row.is_last = F::ZERO));
        assert!(caught(&run, last - 1, |row| row.is_last = F::ONE));
        assert!(caught(&run, 3, |row| row.block += F::ONE));
        assert!(caught(&run, 3, |row| row.page += F::ONE));
        assert!(caught(&run, 3, |row| (row.is_real, row.is_last) = (F::ZERO, F::ZERO)));
        // A page that starts over in its middle, and one that starts with a chaining value of its own.
        assert!(caught(&run, 3, |row| row.block = F::ZERO));
        assert!(caught(&run, BLOCKS, |row| row.old_in[0] = F::ONE));
        assert!(caught(&run, 0, |row| row.new_in[8] = F::ONE));
    }

    /// The time of a word that is not there. What a third word would be, with digests to fit, is a lie of
    /// [`paging`](crate::check::paging).
    #[test]
    fn the_empty_slot_stays_empty() {
        assert!(caught(&sum_of_input(), BLOCKS - 1, |row| row.time[2] = F::ONE));
    }
}
