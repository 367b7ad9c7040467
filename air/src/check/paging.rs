//! What a table of pages may say, and tables that say something else.

use std::collections::{HashMap, HashSet};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::bus::{MEMORY, NODE};
use crate::check::row::Said;
use crate::columns::Columns;
use crate::layout::{DIGEST, PAGE_WORDS, REGISTERS_PAGE};
use crate::tables::page::{BLOCK, BLOCK_WORDS, BLOCKS, Page};
use crate::tables::poseidon2::permuted;

/// What is wrong with what a table of pages says, if anything is: every word that it opens must be one of a page of which
/// it hands up a leaf, be opened and closed once, at the start hold limbs below 2^16, and with the others of its page have
/// the digests of the leaf; and be a register in the pages of registers alone.
pub fn wrong(said: &[Said]) -> Option<String> {
    let mut words: HashMap<F, [Vec<&[F]>; 2]> = HashMap::new();
    let mut leaves: Vec<&[F]> = Vec::new();
    for message in said.iter().map(|said| &said.message) {
        if message.bus == MEMORY {
            let opens_and_closes = words.entry(message.tuple[0]).or_default();
            opens_and_closes[usize::from(message.count == F::NEG_ONE)].push(&message.tuple[1..]);
        } else if message.bus == NODE {
            leaves.push(&message.tuple);
        }
    }
    // The tree takes each leaf once, whatever the table says.
    let pages: HashSet<F> = leaves.iter().map(|leaf| leaf[1]).collect();
    if pages.len() < leaves.len() {
        return None;
    }
    for leaf in leaves {
        let mut limbs = [Vec::new(), Vec::new()];
        for word in (0..PAGE_WORDS).map(|i| leaf[1] * F::from_usize(PAGE_WORDS) + F::from_usize(i)) {
            let Some([opened, closed]) = words.remove(&word) else {
                return Some(format!("word {word} of a leaf's page is not opened"));
            };
            let ([opened], [closed]) = (opened.as_slice(), closed.as_slice()) else {
                return Some(format!("word {word} is opened {} times and closed {}", opened.len(), closed.len()));
            };
            if opened[0] != F::ZERO || opened[1..5].iter().any(|limb| limb.as_canonical_u32() >= 1 << 16) {
                return Some(format!("word {word} starts as {opened:?}"));
            }
            let has_registers = leaf[1].as_canonical_u32() / 2 == REGISTERS_PAGE / 2;
            if opened[5] != closed[5] || opened[5] != F::ZERO && !(has_registers && opened[5] == F::ONE) {
                return Some(format!("word {word} is register {} and {}", opened[5], closed[5]));
            }
            limbs[0].extend_from_slice(&opened[1..5]);
            limbs[1].extend_from_slice(&closed[1..5]);
        }
        let digests =
            limbs.map(|limbs| limbs.chunks(BLOCK).fold([F::ZERO; DIGEST], |chain, block| hash(&chain, block)));
        if leaf[0] != F::ZERO || digests.concat() != leaf[2..] {
            return Some(format!("the leaf of page {} is not its digests", leaf[1]));
        }
    }
    words.keys().next().map(|word| format!("word {word} is opened below no leaf"))
}

fn hash(chain: &[F; DIGEST], block: &[F]) -> [F; DIGEST] {
    let mut input = chain.iter().chain(block).copied();
    permuted(core::array::from_fn(|_| input.next().unwrap_or(F::ZERO)))
}

/// A block as a liar would have it.
#[derive(Clone, Copy, Debug)]
struct Block {
    page: u32,
    is_registers: F,
    number: i32,
    limbs: [F; BLOCK],
    is_last: bool,
    /// Unless the row only looks like the next block, and is padding.
    is_real: bool,
    /// What is added to the digest of the block before.
    chain: [F; DIGEST],
}

/// The page as it should be, with the same contents at the start and at the end.
fn blocks(page: u32) -> Vec<Block> {
    let limb = |block: usize, i: usize| F::from_usize(if block == BLOCKS - 1 && i >= 8 { 0 } else { 100 * block + i });
    let block = |number: usize| Block {
        page,
        is_registers: F::ZERO,
        number: number as i32,
        limbs: core::array::from_fn(|i| limb(number, i)),
        is_last: number == BLOCKS - 1,
        is_real: true,
        chain: [F::ZERO; DIGEST],
    };
    (0..BLOCKS).map(block).collect()
}

/// A table of 32 rows with these blocks and padding behind them.
fn table(blocks: &[Option<Block>]) -> RowMajorMatrix<F> {
    let mut cells = vec![F::ZERO; 32 * Page::<F>::WIDTH];
    let mut out = [F::ZERO; DIGEST];
    for (row, block) in cells.chunks_exact_mut(Page::<F>::WIDTH).zip(blocks) {
        let Some(block) = block else { continue };
        let chain: [F; DIGEST] = core::array::from_fn(|i| out[i] + block.chain[i]);
        out = hash(&chain, &block.limbs);
        let row_of = Page {
            is_real: F::from_bool(block.is_real),
            is_last: F::from_bool(block.is_last),
            is_registers: block.is_registers,
            page: F::from_u32(block.page),
            block: F::from_i32(block.number),
            old_in: chain,
            new_in: chain,
            old_out: out,
            new_out: out,
            first: block.limbs,
            last: block.limbs,
            time: [F::ZERO; BLOCK_WORDS],
        };
        row_of.write(row);
        if block.is_last {
            out = [F::ZERO; DIGEST];
        }
    }
    RowMajorMatrix::new(cells, Page::<F>::WIDTH)
}

/// Two pages as they should be.
pub fn honest() -> RowMajorMatrix<F> {
    table(&[blocks(5), blocks(9)].concat().into_iter().map(Some).collect::<Vec<_>>())
}

/// A table that opens what no leaf answers for.
#[derive(Clone, Debug)]
pub struct PagingLie {
    /// How.
    pub what: &'static str,
    /// What must catch it: the name of a constraint, or the bus of a question.
    pub caught_by: &'static str,
    /// The table.
    pub trace: RowMajorMatrix<F>,
}

/// Tables that open what no leaf answers for, of every kind that one thing alone catches.
pub fn lies() -> Vec<PagingLie> {
    let mut lies = Vec::new();
    let mut add = |what: &'static str, caught_by: &'static str, change: &dyn Fn(&mut Vec<Option<Block>>)| {
        let mut all: Vec<_> = [blocks(5), blocks(9)].concat().into_iter().map(Some).collect();
        change(&mut all);
        lies.push(PagingLie { what, caught_by, trace: table(&all) });
    };
    let last = |block: Block| {
        let limbs = core::array::from_fn(|i| if i < BLOCK - 4 { block.limbs[i] } else { F::ZERO });
        Block { is_last: true, limbs, ..block }
    };
    let before = |block: Block| Some(Block { number: block.number - 1, ..block });
    for limb in 0..BLOCK {
        let change = |all: &mut Vec<Option<Block>>| {
            all[14].iter_mut().for_each(|block| block.limbs[limb] += F::from_u32(1 << 16))
        };
        add("a limb above 2^16", "range", &change);
    }
    add("the first page has a block before its first one", "the first row starts a page", &|all| {
        all.insert(0, before(blocks(5)[0]))
    });
    add("a page has a block before its first one", "a page starts with block 0", &|all| {
        all.insert(BLOCKS, before(blocks(9)[0]))
    });
    add("a page ends early", "a page has eleven blocks", &|all| {
        all.truncate(BLOCKS + 8);
        all[BLOCKS + 7] = all[BLOCKS + 7].map(last);
    });
    add("a page ends late", "a page has eleven blocks", &|all| {
        all[2 * BLOCKS - 1].iter_mut().for_each(|block| block.is_last = false);
        all.push(Some(last(Block { number: 11, ..blocks(9)[0] })));
    });
    add("a page stops at padding", "a page goes on with a real row", &|all| {
        all.truncate(2 * BLOCKS - 2);
        all[2 * BLOCKS - 3].iter_mut().for_each(|block| block.is_real = false);
    });
    add("a page stops at the end of the table", "the last row ends a page", &|all| {
        let block = |number| Block { number, is_last: false, ..blocks(77)[0] };
        all.extend((0..32 - 2 * BLOCKS as i32).map(|number| Some(block(number))));
    });
    add("a page goes on as another", "a page goes on with the same page", &|all| {
        all[14].iter_mut().for_each(|block| block.page = 5)
    });
    add("a page has a block twice", "a page goes on with the next block", &|all| all[14] = all[13]);
    for element in 0..DIGEST {
        let starts = |all: &mut Vec<Option<Block>>, row: usize| {
            all[row].iter_mut().for_each(|block| block.chain[element] = F::from_u32(7))
        };
        add("a page starts anew in its middle", "chaining values pass on", &|all| starts(all, 14));
        add("the first page does not start at 0", "the first chaining value is 0", &|all| starts(all, 0));
        add("a page does not start at 0", "a page starts with chaining value 0", &|all| starts(all, BLOCKS));
    }
    add("a page behind padding starts in its middle", "padding comes last", &|all| {
        all.push(None);
        all.push(Some(Block { chain: [F::from_u32(7); DIGEST], ..blocks(77)[BLOCKS - 1] }));
    });
    for page in [0, 5, REGISTERS_PAGE - 1, REGISTERS_PAGE + 2, REGISTERS_PAGE << 5] {
        add("words of another page are registers", "registers are words of two pages", &|all| {
            let blocks = all[..BLOCKS].iter_mut().flatten();
            blocks.for_each(|block| (block.page, block.is_registers) = (page, F::ONE));
        });
    }
    add("registers are words of a third kind", "is_registers is boolean", &|all| {
        let blocks = all[..BLOCKS].iter_mut().flatten();
        blocks.for_each(|block| (block.page, block.is_registers) = (REGISTERS_PAGE, F::TWO));
    });
    for limb in BLOCK - 4..BLOCK {
        add("a page has a word too many", "the empty slot is zero", &|all| {
            all[BLOCKS - 1].iter_mut().for_each(|block| block.limbs[limb] = F::ONE)
        });
    }
    lies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::deletion::NOTHING;
    use crate::check::judge::{Judge, Rows, Verdict};
    use crate::kind::Kind;
    use crate::rom::Rom;
    use crate::table::Table;

    #[test]
    fn pages_are_accepted_and_lies_about_them_are_not() {
        let (table, rom) = (Table::new(Kind::Page), Rom::from_rows(vec![]));
        let rows = |trace: &RowMajorMatrix<F>| Rows::of(&table, trace, 0..32);
        let mut judge = Judge::new(&table, &rom, &[], &NOTHING, &rows(&honest()));
        judge.expect_pages();
        assert_eq!(judge.verdict(&rows(&honest())), Verdict::Same);
        let names = crate::check::names(Kind::Page).constraints;
        for PagingLie { what, caught_by, trace } in lies() {
            let report = judge.report(&rows(&trace));
            assert!(wrong(&report.said).is_some(), "{what} is no lie");
            let violated = report.violated.iter().map(|&(_, constraint)| names[constraint].as_str());
            let unheard =
                report.said.iter().filter(|said| said.message.bus.is_lookup() && !judge.is_answerable(&said.message));
            let mut found: Vec<_> = violated.chain(unheard.map(|said| said.message.bus.name)).collect();
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, [caught_by], "{what}");
        }
    }
}
