//! Memory as a Merkle tree over pages of 256 bytes, with Poseidon2 digests of nine elements.
//!
//! The tree covers the whole address space at fixed depth 24, so that a region of the map is a subtree. Almost all of
//! it is zero; only nodes above pages that were given are kept.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use p3_koala_bear::{Poseidon2KoalaBear, default_koalabear_poseidon2_24};
use p3_symmetric::Permutation;
use spec_interp::map::{INPUT_BASE, INPUT_SIZE, OUTPUT_BASE, OUTPUT_SIZE};
use spec_interp::{Input, Program};
use spin::LazyLock;

use crate::F;
use crate::event::limbs;
use crate::layout::{DIGEST, PAGE_WORDS, TREE_DEPTH};
use crate::tables::page::{BLOCK_WORDS, BLOCKS};
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

/// As many elements as the machine computes with at a time.
pub type Packed = <F as Field>::Packing;

/// Pages hashed at a time.
const HASHED: usize = 64;
/// So many states cost less one by one than as a pack.
const FEW: usize = Packed::WIDTH / 4;

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

/// The digests of pages.
fn hash_pages(pages: &[(u32, PageWords)]) -> Vec<Digest> {
    let pack = |pages: &[(u32, PageWords)]| {
        let mut state = [Packed::ZERO; STATE];
        for block in 0..BLOCKS {
            let words = (block * BLOCK_WORDS..).map(|at| {
                let word = |(_, page): &(u32, PageWords)| page.get(at).copied().unwrap_or_default();
                core::array::from_fn::<u64, { Packed::WIDTH }, _>(|lane| pages.get(lane).map_or(0, word))
            });
            let limbs = words.take(BLOCK_WORDS).flat_map(|words| {
                (0..4).map(move |limb| Packed::from_fn(|lane| F::from_u16((words[lane] >> (16 * limb)) as u16)))
            });
            let padding = core::iter::repeat(Packed::ZERO);
            state[DIGEST..].iter_mut().zip(limbs.chain(padding)).for_each(|(element, limb)| *element = limb);
            PERMUTATION.permute_mut(&mut state);
        }
        digest(state)
    };
    by_packs(pages, |(_, page)| hash_page(page), pack)
}

/// The digest of a node from those of its children.
pub fn hash_pair(left: &Digest, right: &Digest) -> Digest {
    permute(left.iter().chain(right).copied())
}

fn permute(mut input: impl Iterator<Item = F>) -> Digest {
    let mut state: [F; STATE] = core::array::from_fn(|_| input.next().unwrap_or_default());
    PERMUTATION.permute_mut(&mut state);
    digest(state)
}

fn digest<A: Copy>(state: [A; STATE]) -> [A; DIGEST] {
    core::array::from_fn(|i| state[i])
}

/// The digests of many nodes from those of their children.
pub fn hash_pairs(pairs: &[[Digest; 2]]) -> Vec<Digest> {
    let pack = |pairs: &[[Digest; 2]]| {
        let mut state = [Packed::ZERO; STATE];
        for (i, element) in state[..2 * DIGEST].iter_mut().enumerate() {
            *element = Packed::from_fn(|lane| pairs.get(lane).map_or(F::ZERO, |pair| pair.as_flattened()[i]));
        }
        PERMUTATION.permute_mut(&mut state);
        digest(state)
    };
    by_packs(pairs, |[left, right]| hash_pair(left, right), pack)
}

/// A digest of each item: of as many at a time as a pack of the machine's has lanes, and one by one where there are few.
pub fn by_packs<T>(items: &[T], one: impl Fn(&T) -> Digest, pack: impl Fn(&[T]) -> [Packed; DIGEST]) -> Vec<Digest> {
    let mut digests = Vec::with_capacity(items.len());
    for items in items.chunks(Packed::WIDTH) {
        if items.len() <= FEW {
            digests.extend(items.iter().map(&one));
        } else {
            let packed = pack(items);
            let lane = |lane: usize| packed.map(|element| element.as_slice()[lane]);
            digests.extend((0..items.len()).map(lane));
        }
    }
    digests
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
        let (mut pages, mut changed) = (pages.into_iter().peekable(), Vec::new());
        while pages.peek().is_some() {
            let some: Vec<(u32, PageWords)> = pages.by_ref().take(HASHED).collect();
            changed.extend(some.iter().map(|&(number, _)| number).zip(hash_pages(&some)));
        }
        // Where a page is given twice, the last is it.
        if !changed.is_sorted_by(|(one, _), (next, _)| one < next) {
            changed = changed.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect();
        }
        for level in 0..TREE_DEPTH {
            let parents = changed.chunk_by(|(one, _), (next, _)| one / 2 == next / 2);
            let pairs = parents.map(|children| match *children {
                [(_, left), (_, right)] => [left, right],
                [(index, digest), ..] if index % 2 == 0 => [digest, self.node((level, index + 1))],
                [(index, digest), ..] => [self.node((level, index - 1)), digest],
                [] => unreachable!("a chunk is not empty"),
            });
            let digests = hash_pairs(&pairs.collect::<Vec<_>>());
            let mut parents: Vec<u32> = changed.iter().map(|(index, _)| index / 2).collect();
            parents.dedup();
            self.put(level, changed);
            changed = parents.into_iter().zip(digests).collect();
        }
        self.put(TREE_DEPTH, changed);
    }

    /// Sets nodes of a level, given in order.
    fn put(&mut self, level: u32, nodes: Vec<(u32, Digest)>) {
        let map = &mut self.levels[level as usize];
        if map.is_empty() {
            // As fast as copying.
            *map = nodes.into_iter().collect();
        } else {
            map.extend(nodes);
        }
    }

    /// This memory with an input in its region, which is zero before.
    #[must_use]
    pub fn with_input<'a>(mut self, input: impl Into<Input<'a>>) -> Self {
        self.update(region_pages(INPUT_BASE, input.into().words()));
        self
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

/// The pages of a region that holds these words and is zero behind them, by number.
pub fn region_pages(base: u64, words: impl Iterator<Item = u64>) -> impl Iterator<Item = (u32, PageWords)> {
    let mut words = words.fuse().peekable();
    ((base / PAGE_BYTES) as u32..).map_while(move |number| {
        words.peek()?;
        Some((number, core::array::from_fn(|_| words.next().unwrap_or(0))))
    })
}

/// The tree of a program's image, before there is an input.
pub fn program_memory(program: &Program) -> Tree {
    let mut pages: BTreeMap<u32, PageWords> = BTreeMap::new();
    for (addr, word) in program.image() {
        let index = (addr >> 3) as usize;
        let page = pages.entry((index / PAGE_WORDS) as u32).or_insert([0; PAGE_WORDS]);
        page[index % PAGE_WORDS] = word;
    }
    Tree::new(pages)
}

/// The tree of the first memory: the program's image and the input.
pub fn first_memory<'a>(program: &Program, input: impl Into<Input<'a>>) -> Tree {
    program_memory(program).with_input(input)
}

/// The digest of the output region that holds these bytes, as a file's input would be held, and is zero behind them.
pub fn output_digest(output: &[u8]) -> Digest {
    Tree::new(region_pages(OUTPUT_BASE, Input::File(output).words())).node(OUTPUT)
}

/// The digest of the input region that holds this input and is zero behind it.
pub fn input_digest<'a>(input: impl Into<Input<'a>>) -> Digest {
    Tree::new(region_pages(INPUT_BASE, input.into().words())).node(INPUT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page(seed: u64) -> PageWords {
        core::array::from_fn(|i| seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(i as u32))
    }

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0_u32..8, 0_u32..1 << TREE_DEPTH, (1_u32 << TREE_DEPTH) - 4..1 << TREE_DEPTH]
    }

    fn pages() -> impl Strategy<Value = BTreeMap<u32, u64>> {
        prop::collection::btree_map(number(), any::<u64>(), 1..6)
    }

    /// Pages and nodes have the digests that their tables state, however many are hashed at once.
    #[test]
    fn many_pages_are_hashed_as_one_is() {
        for count in (0..40).chain([HASHED, 3 * HASHED + 1]) {
            let pages: Vec<(u32, PageWords)> = (0..count).map(|i| (3 * i as u32, page(i as u64))).collect();
            let one: Vec<Digest> = pages.iter().map(|(_, page)| hash_page(page)).collect();
            assert_eq!(hash_pages(&pages), one, "{count}");
            let mut nodes: BTreeMap<u32, Digest> = pages.iter().map(|(number, _)| *number).zip(one).collect();
            for zero in &ZEROS[..TREE_DEPTH as usize] {
                let child = |index| nodes.get(&index).unwrap_or(zero);
                let parents = nodes.keys().map(|index| index / 2);
                nodes = parents.map(|index| (index, hash_pair(child(2 * index), child(2 * index + 1)))).collect();
            }
            let root = nodes.into_values().next().unwrap_or(ZEROS[TREE_DEPTH as usize]);
            assert_eq!(Tree::new(pages).root(), root, "{count}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_path_leads_to_the_root(pages in pages(), level in 0..=TREE_DEPTH) {
            let tree = Tree::new(pages.iter().map(|(&number, &seed)| (number, page(seed))));
            for number in pages.keys() {
                let position = (level, number >> level);
                let path = tree.path(position);
                prop_assert_eq!(path.len(), (TREE_DEPTH - level) as usize);
                prop_assert_eq!(root_from(tree.node(position), position, &path), tree.root());
                if level < TREE_DEPTH {
                    let neighbour = (level, position.1 ^ 1);
                    let (node, moved) = (tree.node(position), root_from(tree.node(position), neighbour, &path));
                    prop_assert!(tree.node(neighbour) == node || moved != tree.root());
                }
            }
        }

        #[test]
        fn updates_in_any_order_give_the_tree_of_the_last_pages(
            pages in pages(),
            other in any::<u64>(),
        ) {
            let all = || pages.iter().map(|(&number, &seed)| (number, page(seed)));
            let mut tree = Tree::new(all().map(|(number, _)| (number, page(other))));
            all().for_each(|page| tree.update([page]));
            prop_assert_eq!(tree.root(), Tree::new(all()).root());
        }

        #[test]
        fn outputs_have_digests_of_their_own(
            output in prop::collection::vec(any::<u8>(), 0..600),
            bit in any::<prop::sample::Index>(),
        ) {
            let digest = output_digest(&output);
            let longer = [output.as_slice(), &[0]].concat();
            prop_assert_ne!(output_digest(&longer), digest);
            if !output.is_empty() {
                let mut flipped = output.clone();
                flipped[bit.index(output.len())] ^= 1;
                prop_assert_ne!(output_digest(&flipped), digest);
                prop_assert_ne!(output_digest(&output[1..]), digest);
            }
        }
    }

    #[test]
    fn regions_are_subtrees() {
        assert_eq!(INPUT, (22, 1));
        assert_eq!(OUTPUT, (18, 56));
        for (level, index) in [INPUT, OUTPUT] {
            assert!(index < 1 << (TREE_DEPTH - level));
        }
    }

    #[test]
    fn an_empty_tree_is_all_zero() {
        let empty = Tree::new([]);
        assert_eq!(Some(empty.root()), zero_digest(TREE_DEPTH));
        assert_eq!(empty.node((0, 77)), hash_page(&[0; PAGE_WORDS]));
        assert_eq!(Tree::new([(5, [0; PAGE_WORDS])]).root(), empty.root());
        assert_eq!(zero_digest(TREE_DEPTH + 1), None);
        // An output of no bytes is a length of 0.
        assert_eq!(Some(output_digest(&[])), zero_digest(OUTPUT.0));
    }

    /// Digests of pages and of nodes, or of a page and of one with its words moved, never coincide by construction.
    #[test]
    fn a_page_is_hashed_with_its_order() {
        let (mut words, honest) = (page(1), hash_page(&page(1)));
        words.swap(0, 31);
        assert_ne!(hash_page(&words), honest);
        words.swap(0, 31);
        words[31] ^= 1 << 63;
        assert_ne!(hash_page(&words), honest);
        assert_ne!(
            hash_pair(&honest, &zero_digest(0).expect("a leaf")),
            hash_pair(&zero_digest(0).expect("a leaf"), &honest)
        );
    }

    #[test]
    fn a_header_stands_before_the_bytes() {
        let pages_of = |len| region_pages(OUTPUT_BASE, Input::File(&[7; 300][..len]).words());
        let pages: Vec<_> = pages_of(300).collect();
        assert_eq!(pages.len(), 2);
        assert_eq!(pages[0].0, (OUTPUT_BASE / PAGE_BYTES) as u32);
        assert_eq!((pages[0].1[0], pages[0].1[1]), (300, 0));
        assert_eq!((pages[0].1[2], pages[1].1[7]), (0x0707_0707_0707_0707, 0x0707_0707));
        assert_eq!(pages_of(240).count(), 1);
        assert_eq!(pages_of(241).count(), 2);
    }
}
