//! Lies about memory: what it held at the start, digests, children of nodes, pages opened twice. Each time the digests
//! above are those of the lie, up to the public root, so that only what the lie is about can catch it.

use air::F;
use air::bus::{MEMORY, NODE, POSEIDON2};
use air::check::{LaidOut, Violation};
use air::columns::Columns;
use air::kind::Kind;
use air::layout::height;
use air::layout::{DIGEST, PAGE_WORDS, TREE_DEPTH};
use air::tables::node::Node;
use air::tables::page::{BLOCK_WORDS, BLOCKS, Page};
use air::tables::poseidon2::{STATE, permuted};
use air::tree::first_memory;
use air::tree::{Digest, PAGE_BYTES, Position, hash_pair};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use riscv_tests::encode::encode;
use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE};
use spec_interp::{Op, Program};

use crate::{honest, sum_of_input};

/// Which of the two memories a digest is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// The rows of a table that are in use.
fn rows<C: Columns<F>>(run: &LaidOut, kind: Kind) -> Vec<C> {
    let trace = run.trace(kind).expect("the table");
    let used = trace.values.chunks_exact(trace.width).take_while(|cells| cells[0] == F::ONE);
    used.map(C::from_row).collect()
}

/// Makes these all the rows of a table that are in use.
fn put<C: Columns<F>>(run: &mut LaidOut, kind: Kind, rows: &[C]) {
    let trace = run.trace_mut(kind).expect("the table");
    trace.values = vec![F::ZERO; height(rows.len()) * C::WIDTH];
    trace.values.chunks_exact_mut(C::WIDTH).zip(rows).for_each(|(cells, row)| row.write(cells));
}

/// The rows of a page.
fn page_rows(run: &LaidOut, number: u32) -> Vec<Page<F>> {
    rows(run, Kind::Page).into_iter().filter(|row: &Page<F>| row.page == F::from_u32(number)).collect()
}

/// Changes the rows of a page, with all chaining values behind the change, and all digests above.
fn change_page(run: &mut LaidOut, number: u32, when: When, change: impl Fn(&mut [Page<F>])) {
    let mut all: Vec<Page<F>> = rows(run, Kind::Page);
    let start = all.iter().position(|row| row.page == F::from_u32(number)).expect("a touched page");
    let page = &mut all[start..start + BLOCKS];
    change(page);
    let digest = match when {
        When::Before => page[BLOCKS - 1].old_out,
        When::After => page[BLOCKS - 1].new_out,
    };
    put(run, Kind::Page, &all);
    graft(run, (0, number), when, digest);
}

/// Chains the blocks of a page from one on.
fn chain(page: &mut [Page<F>], when: When, from: usize) {
    for block in from..BLOCKS {
        let row = &page[block];
        let (input, words) = if when == When::Before { (row.old_in, row.first) } else { (row.new_in, row.last) };
        let mut cells = input.into_iter().chain(words);
        let out = permuted(core::array::from_fn(|_| cells.next().unwrap_or(F::ZERO)));
        set_out(page, when, block, out);
    }
}

/// Sets the chaining value behind a block.
fn set_out(page: &mut [Page<F>], when: When, block: usize, digest: Digest) {
    let row = &mut page[block];
    *(if when == When::Before { &mut row.old_out } else { &mut row.new_out }) = digest;
    if let Some(next) = page.get_mut(block + 1) {
        *(if when == When::Before { &mut next.old_in } else { &mut next.new_in }) = digest;
    }
}

/// Gives a node another digest, and all nodes above what follows from it, up to the public root.
fn graft(run: &mut LaidOut, (mut level, mut index): Position, when: When, mut digest: Digest) {
    let mut nodes: Vec<Node<F>> = rows(run, Kind::Node);
    for row in &mut nodes {
        if (row.level, row.index) != (F::from_u32(level), F::from_u32(index / 2)) {
            continue;
        }
        let (left, right, parent) = match when {
            When::Before => (&mut row.old_left, &mut row.old_right, &mut row.old_parent),
            When::After => (&mut row.new_left, &mut row.new_right, &mut row.new_parent),
        };
        *(if index.is_multiple_of(2) { &mut *left } else { &mut *right }) = digest;
        *parent = hash_pair(left, right);
        (level, index, digest) = (level + 1, index / 2, *parent);
    }
    assert_eq!((level, index), (TREE_DEPTH, 0));
    put(run, Kind::Node, &nodes);
    let root = if when == When::Before { 8 } else { 8 + DIGEST };
    run.witness.public[root..root + DIGEST].copy_from_slice(&digest);
    run.answer();
}

/// The bus and the tuples of violations, all of which must be of one bus.
fn unbalanced(run: &LaidOut, bus: &str) -> Vec<(Vec<F>, F)> {
    let tuple = |violation: Violation| match violation {
        Violation::Unbalanced { bus: other, tuple, count, .. } if other == bus => (tuple, count),
        other => panic!("{other}"),
    };
    let all: Vec<_> = run.violations(usize::MAX).into_iter().map(tuple).collect();
    assert!(!all.is_empty(), "accepted");
    all
}

/// A program that exits with the sum of a word of RAM and one of its own, which no instruction is.
fn sum_of_memory(of_program: u64, of_ram: u64) -> Program {
    let [ram, image] = [RAM_BASE >> 29, PROGRAM_BASE >> 31].map(u64::cast_signed);
    let code = [
        encode(Op::Addi, 9, 0, 0, ram),
        encode(Op::Slli, 9, 9, 0, 29),
        encode(Op::Addi, 8, 0, 0, image),
        encode(Op::Slli, 8, 8, 0, 31),
        encode(Op::Ld, 10, 9, 0, 0),
        encode(Op::Ld, 11, 8, 0, 40),
        encode(Op::Add, 10, 10, 11, 0),
        encode(Op::Addi, 17, 0, 0, 93),
        encode(Op::Ecall, 0, 0, 0, 0),
        0,
    ];
    let code: Vec<u8> = code.into_iter().flat_map(u32::to_le_bytes).chain(of_program.to_le_bytes()).collect();
    Program::from_code(PROGRAM_BASE, &code, &of_ram.to_le_bytes()).expect("it loads")
}

/// A first memory of other words is as good as any, but for the root, which is the key's.
#[test]
fn the_public_root_alone_says_what_memory_held() {
    let program = sum_of_memory(0, 5);
    let root = first_memory(&program, &[]).root();
    for other in [sum_of_memory(0, 7), sum_of_memory(u64::MAX, 5), sum_of_memory(u64::MAX, 6)] {
        let mut run = honest(&other, &[]);
        assert_eq!(run.rom.rows, honest(&program, &[]).rom.rows);
        assert_eq!(run.violations(usize::MAX), []);
        run.witness.public[8..8 + DIGEST].copy_from_slice(&root);
        for (tuple, _) in unbalanced(&run, NODE.name) {
            assert_eq!(tuple[..2], [F::from_u32(TREE_DEPTH), F::ZERO]);
        }
    }
}

/// The number of the first page of the output, which the run writes.
const OUTPUT_PAGE: u32 = (OUTPUT_BASE / PAGE_BYTES) as u32;

/// A page that is closed with a word that nobody wrote: an output of one's choice.
#[test]
fn a_word_that_nobody_wrote_is_caught() {
    let case = sum_of_input();
    for i in [0, 1, 2, 7, PAGE_WORDS - 1] {
        for limb in 0..4 {
            let mut run = honest(&case.program, &case.input);
            let (block, slot) = (i / BLOCK_WORDS, i % BLOCK_WORDS);
            change_page(&mut run, OUTPUT_PAGE, When::After, |page| {
                page[block].last[4 * slot + limb] += F::ONE;
                chain(page, When::After, block);
            });
            let word = F::from_u32(OUTPUT_PAGE * PAGE_WORDS as u32 + i as u32);
            let found = unbalanced(&run, MEMORY.name);
            assert!(found.len() == 2 && found.iter().all(|(tuple, _)| tuple[0] == word), "word {i}: {found:?}");
        }
    }
}

/// A page whose digest, before or after, is not that of its words.
#[test]
fn a_page_with_another_digest_is_caught() {
    let case = sum_of_input();
    for when in [When::Before, When::After] {
        for block in [0, 5, BLOCKS - 1] {
            let mut run = honest(&case.program, &case.input);
            let mut lied = Page::<F>::default();
            let mut other = page_rows(&run, OUTPUT_PAGE)[block];
            other.new_out[3] += F::ONE;
            other.old_out[3] += F::ONE;
            let digest = if when == When::Before { other.old_out } else { other.new_out };
            change_page(&mut run, OUTPUT_PAGE, when, |page| {
                set_out(page, when, block, digest);
                chain(page, when, block + 1);
            });
            lied.clone_from(&page_rows(&run, OUTPUT_PAGE)[block]);
            let input = if when == When::Before { lied.old_in } else { lied.new_in };
            // What is asked in vain, and the true answer.
            let found = unbalanced(&run, POSEIDON2.name);
            assert!(found.len() == 2 && found.iter().all(|(tuple, _)| tuple[..DIGEST] == input), "{found:?}");
            assert!(found.iter().any(|(tuple, _)| tuple[STATE..] == digest));
        }
    }
}

/// A node whose digest is not that of its children.
#[test]
fn a_node_with_another_digest_is_caught() {
    let case = sum_of_input();
    for when in [When::Before, When::After] {
        for level in [1, 7, TREE_DEPTH - 1] {
            let mut run = honest(&case.program, &case.input);
            let mut nodes: Vec<Node<F>> = rows(&run, Kind::Node);
            let parent = |row: &&mut Node<F>| row.level == F::from_u32(level - 1);
            let row = nodes.iter_mut().find(parent).expect("a node");
            let digest = if when == When::Before { &mut row.old_parent } else { &mut row.new_parent };
            digest[0] += F::ONE;
            let (digest, index) = (*digest, row.index.as_canonical_u32());
            put(&mut run, Kind::Node, &nodes);
            graft(&mut run, (level, index), when, digest);
            let found = unbalanced(&run, POSEIDON2.name);
            assert!(found.len() == 2 && found.iter().any(|(tuple, _)| tuple[STATE..] == digest), "{found:?}");
        }
    }
}

/// Of each level, nodes by which children are touched: the number of the row, and the child's place.
fn children(run: &LaidOut, touched: bool) -> Vec<(usize, Position)> {
    let mut found: Vec<(usize, Position)> = Vec::new();
    for (i, row) in rows::<Node<F>>(run, Kind::Node).iter().enumerate() {
        for (side, flag) in [row.left_touched, row.right_touched].into_iter().enumerate() {
            let level = row.level.as_canonical_u32();
            if (flag == F::ONE) == touched && found.iter().filter(|(_, (other, _))| *other == level).count() < 2 {
                found.push((i, (level, 2 * row.index.as_canonical_u32() + side as u32)));
            }
        }
    }
    found
}

/// A whole subtree that changes, or was another one, without a page of it being opened.
#[test]
fn an_untouched_child_that_changes_is_caught() {
    let case = sum_of_input();
    let run = honest(&case.program, &case.input);
    let all = children(&run, false);
    assert!(all.len() > 20);
    for (i, (row, place)) in all.into_iter().enumerate() {
        let mut run = honest(&case.program, &case.input);
        let when = if i % 2 == 0 { When::After } else { When::Before };
        graft(&mut run, place, when, [F::from_usize(i); DIGEST]);
        let violations = run.violations(usize::MAX);
        let is_caught = |violation: &Violation| match violation {
            Violation::Constraint { kind: Kind::Node, row: other, name, .. } => {
                *other == row && name == "an untouched child stays"
            }
            _ => false,
        };
        assert!(!violations.is_empty() && violations.iter().all(is_caught), "{place:?}: {violations:?}");
    }
}

/// A child that is said to be untouched and is, or the other way round: somebody gives a node that nobody takes, or
/// nobody gives the one that is taken.
#[test]
fn a_child_is_touched_iff_it_is_said_to_be() {
    let case = sum_of_input();
    for touched in [false, true] {
        for (i, (level, index)) in children(&honest(&case.program, &case.input), touched) {
            let mut run = honest(&case.program, &case.input);
            let mut nodes: Vec<Node<F>> = rows(&run, Kind::Node);
            let row = &mut nodes[i];
            let (flag, [old, new]) = match index.is_multiple_of(2) {
                true => (&mut row.left_touched, [row.old_left, row.new_left]),
                false => (&mut row.right_touched, [row.old_right, row.new_right]),
            };
            *flag = F::ONE - *flag;
            let changed = old != new;
            put(&mut run, Kind::Node, &nodes);
            run.answer();
            let mut constraints = 0;
            let mut tuples = Vec::new();
            for violation in run.violations(usize::MAX) {
                match violation {
                    Violation::Constraint { kind: Kind::Node, row, .. } if row == i => constraints += 1,
                    Violation::Unbalanced { bus, tuple, count, .. } if bus == NODE.name => tuples.push((tuple, count)),
                    other => panic!("{other}"),
                }
            }
            let [(tuple, count)] = tuples.as_slice() else { panic!("{tuples:?}") };
            assert_eq!(tuple[..2], [F::from_u32(level), F::from_u32(index)]);
            assert_eq!(*count, if touched { F::ONE } else { F::NEG_ONE });
            assert_eq!(constraints > 0, touched && changed);
        }
    }
}

/// A page opened a second time, with words of one's choice, from which the run then loads: the tree takes the first
/// one's digests and nobody the second's.
#[test]
fn a_page_opened_twice_with_other_words_is_caught() {
    let (program, other) = (sum_of_memory(0, 5), sum_of_memory(0, 7));
    let (truth, mut run) = (honest(&program, &[]), honest(&other, &[]));
    let number = (RAM_BASE / PAGE_BYTES) as u32;
    let mut untouched = page_rows(&truth, number);
    for row in &mut untouched {
        (row.last, row.time) = (row.first, [F::ZERO; BLOCK_WORDS]);
    }
    let lied = page_rows(&run, number)[BLOCKS - 1];
    let all = [rows(&run, Kind::Page), untouched].concat();
    put(&mut run, Kind::Page, &all);
    let digest = all[all.len() - 1].old_out;
    for when in [When::Before, When::After] {
        graft(&mut run, (0, number), when, digest);
    }
    assert_eq!(run.witness.public[8..8 + DIGEST], truth.witness.public[8..8 + DIGEST]);
    let leaf = [F::ZERO, F::from_u32(number)].into_iter().chain(lied.old_out).chain(lied.new_out).collect();
    assert_eq!(unbalanced(&run, NODE.name), [(leaf, F::ONE)]);
}
