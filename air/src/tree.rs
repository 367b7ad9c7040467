//! Memory as a Merkle tree over pages of 256 bytes, with Poseidon2 digests of nine elements.
//!
//! The tree covers the whole address space at fixed depth 24, so that a region of the map is a subtree. Almost all of
//! it is zero; only nodes above a page that is not are kept.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use p3_koala_bear::{Poseidon2KoalaBear, default_koalabear_poseidon2_24};
use p3_symmetric::Permutation;
use spec_interp::map::{INPUT_BASE, INPUT_SIZE, OUTPUT_BASE, OUTPUT_SIZE};

use crate::F;
use crate::event::limbs;
use crate::layout::{DIGEST, PAGE_WORDS, TREE_DEPTH};
use crate::tables::page::BLOCK_WORDS;
use crate::tables::poseidon2::STATE;

/// A digest: nine elements collide at 139 bits.
pub type Digest = [F; DIGEST];

/// The contents of a page, word by word.
pub type PageWords = [u64; PAGE_WORDS];

static PERMUTATION: LazyLock<Poseidon2KoalaBear<STATE>> = LazyLock::new(default_koalabear_poseidon2_24);

/// Digests of all-zero subtrees by level.
static ZEROS: LazyLock<Vec<Digest>> = LazyLock::new(|| {
    let leaf = hash_page(&[0; PAGE_WORDS]);
    core::iter::successors(Some(leaf), |child| Some(hash_pair(child, child))).take(TREE_DEPTH as usize + 1).collect()
});

/// Bytes of a page.
pub const PAGE_BYTES: u64 = 8 * PAGE_WORDS as u64;

/// A node of the tree: its level, pages being level 0, and its index on it.
pub type Position = (u32, u32);

/// The subtree of the input: the second GiB.
pub const INPUT: Position = subtree(INPUT_BASE, INPUT_SIZE);
/// The subtree of the output.
pub const OUTPUT: Position = subtree(OUTPUT_BASE, OUTPUT_SIZE);

/// The node that covers an aligned power of two of bytes.
const fn subtree(base: u64, size: u64) -> Position {
    let level = (size / PAGE_BYTES).ilog2();
    (level, (base / size) as u32)
}

/// One step of the sponge over a page: the chaining value behind a block.
pub fn hash_block(chain: &Digest, block: &[u64]) -> Digest {
    permute(chain.iter().copied().chain(block.iter().flat_map(|&word| limbs(word))))
}

/// The digest of a page.
pub fn hash_page(page: &PageWords) -> Digest {
    page.chunks(BLOCK_WORDS).fold([F::ZERO; DIGEST], |chain, block| hash_block(&chain, block))
}

/// The digest of a node from those of its children.
pub fn hash_pair(left: &Digest, right: &Digest) -> Digest {
    permute(left.iter().chain(right).copied())
}

fn permute(mut input: impl Iterator<Item = F>) -> Digest {
    let mut state: [F; STATE] = core::array::from_fn(|_| input.next().unwrap_or(F::ZERO));
    PERMUTATION.permute_mut(&mut state);
    core::array::from_fn(|i| state[i])
}

/// The digest of an all-zero subtree whose root is on a level; none above the root.
pub fn zero_digest(level: u32) -> Option<Digest> {
    ZEROS.get(level as usize).copied()
}

/// A sparse tree.
#[derive(Clone, Debug)]
pub struct Tree {
    levels: Vec<BTreeMap<u32, Digest>>,
}

impl Tree {
    /// The tree of pages that are not all zero, by number.
    pub fn new(pages: impl IntoIterator<Item = (u32, PageWords)>) -> Self {
        let mut tree = Self { levels: vec![BTreeMap::new(); TREE_DEPTH as usize + 1] };
        tree.update(pages);
        tree
    }

    /// Replaces pages, and every node above them.
    pub fn update(&mut self, pages: impl IntoIterator<Item = (u32, PageWords)>) {
        let leaves = pages.into_iter().map(|(number, page)| (number, hash_page(&page)));
        let mut changed: BTreeMap<u32, Digest> = leaves.collect();
        for level in 0..TREE_DEPTH {
            self.levels[level as usize].extend(&changed);
            let mut parents: Vec<u32> = changed.keys().map(|index| index / 2).collect();
            parents.dedup();
            let hash = |index: u32| hash_pair(&self.node((level, 2 * index)), &self.node((level, 2 * index + 1)));
            changed = parents.into_iter().map(|index| (index, hash(index))).collect();
        }
        self.levels[TREE_DEPTH as usize].extend(changed);
    }

    /// The digest of a node.
    pub fn node(&self, (level, index): Position) -> Digest {
        self.levels[level as usize].get(&index).copied().unwrap_or(ZEROS[level as usize])
    }

    /// The digest of the whole memory.
    pub fn root(&self) -> Digest {
        self.node((TREE_DEPTH, 0))
    }

    /// The siblings on the way from a node to the root, lowest first.
    pub fn path(&self, (level, index): Position) -> Vec<Digest> {
        (level..TREE_DEPTH).map(|at| self.node((at, (index >> (at - level)) ^ 1))).collect()
    }
}

/// The root above a node, given the siblings on the way, lowest first.
pub fn root_from(node: Digest, (_, index): Position, siblings: &[Digest]) -> Digest {
    siblings.iter().enumerate().fold(node, |node, (height, sibling)| {
        if index >> height & 1 == 0 { hash_pair(&node, sibling) } else { hash_pair(sibling, &node) }
    })
}

/// The pages of a region that holds an 8-byte length and then the bytes, by number.
pub fn length_prefixed_pages(base: u64, bytes: &[u8]) -> impl Iterator<Item = (u32, PageWords)> + '_ {
    let words = core::iter::once(bytes.len() as u64).chain(bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    }));
    let count = (bytes.len() as u64 + 8).div_ceil(PAGE_BYTES);
    let mut words = words.fuse();
    (0..count).map(move |i| {
        let page = core::array::from_fn(|_| words.next().unwrap_or(0));
        ((base / PAGE_BYTES + i) as u32, page)
    })
}

/// The digest of the output region that holds these bytes and is zero behind them.
pub fn output_digest(output: &[u8]) -> Digest {
    Tree::new(length_prefixed_pages(OUTPUT_BASE, output)).node(OUTPUT)
}

/// The digest of the input region that holds these bytes and is zero behind them.
pub fn input_digest(input: &[u8]) -> Digest {
    Tree::new(length_prefixed_pages(INPUT_BASE, input)).node(INPUT)
}
