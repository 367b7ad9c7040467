//! Inner nodes of the memory tree: one row hashes a node's children before and after the segment.
//!
//! # Assumes
//! Nothing of the digests: they are bound from the root, which is public, downwards.
//!
//! # Constrains
//! `parent = H(left, right)` before and after. A child that was touched is another node's, or a page's, digest pair;
//! one that was not is the same before and after. Child `2 index` is left, `2 index + 1` right, one level below; as
//! every node hangs below the root, at index 0 of level 24, the index of a page is below 2^24, and no index occurs
//! twice on a level: two rows for one node would need two parents, and in the end two roots.
//!
//! # Degree
//! 2.

use crate::bus::NODE;
use crate::layout::DIGEST;
use crate::prelude::*;
use crate::tables::poseidon2;

columns! {
    /// A row of the table.
    pub struct Node {
        /// Iff the row is in use.
        is_real,
        /// Iff the left child is in the touched part of the tree.
        left_touched,
        /// Iff the right child is.
        right_touched,
        /// Level of the children; pages are level 0.
        level,
        /// Index of the node on the level above.
        index,
        /// Left child before.
        old_left: [DIGEST],
        /// Right child before.
        old_right: [DIGEST],
        /// Left child after.
        new_left: [DIGEST],
        /// Right child after.
        new_right: [DIGEST],
        /// The node before.
        old_parent: [DIGEST],
        /// The node after.
        new_parent: [DIGEST],
    }
}

/// The tuple of a node, with its digests before and after.
pub fn node_tuple<E: PrimeCharacteristicRing>(level: E, index: E, digests: [[impl Into<E>; DIGEST]; 2]) -> [E; 20] {
    let mut cells = [level, index].into_iter().chain(digests.into_iter().flatten().map(Into::into));
    core::array::from_fn(|_| cells.next().unwrap_or(E::ZERO))
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Node<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    for (touched, old, new) in
        [(row.left_touched, row.old_left, row.new_left), (row.right_touched, row.old_right, row.new_right)]
    {
        e.flag(["touched is boolean", "touched on real rows only"], touched, is_real.clone());
        for (old, new) in old.into_iter().zip(new) {
            e.zero_when("an untouched child stays", is_real.clone() - touched.into(), old - new);
        }
    }

    let left_index = row.index * F::TWO;
    let left = node_tuple::<AB::Expr>(row.level.into(), left_index.clone(), [row.old_left, row.new_left]);
    e.take(NODE, left, row.left_touched);
    let right_index = left_index + AB::Expr::ONE;
    let right = node_tuple::<AB::Expr>(row.level.into(), right_index, [row.old_right, row.new_right]);
    e.take(NODE, right, row.right_touched);
    let parent = node_tuple::<AB::Expr>(row.level + F::ONE, row.index.into(), [row.old_parent, row.new_parent]);
    e.give(NODE, parent, is_real.clone());
    poseidon2::look_up(e, row.old_left, &row.old_right, row.old_parent, &is_real);
    poseidon2::look_up(e, row.new_left, &row.new_right, row.new_parent, &is_real);
}

#[cfg(test)]
mod tests {
    use p3_field::{Field, PrimeField32};
    use p3_matrix::Matrix;

    use super::*;
    use crate::F;
    use crate::check::mutation::forgery_caught;
    use crate::check::samples::cells;
    use crate::check::{LaidOut, Violation, sum_of_input};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::layout::TREE_DEPTH;
    use crate::tree::hash_pair;

    fn node(run: &LaidOut, row: usize) -> Node<F> {
        Node::from_row(&run.trace(Kind::Node).expect("nodes").row_slice(row).expect("a row"))
    }

    /// Both parents are right for their children, and the child that nobody touched has changed.
    #[test]
    fn an_untouched_sibling_that_changes_is_caught() {
        let run = sum_of_input();
        let trace = run.trace(Kind::Node).expect("nodes");
        for (left, touched) in [(true, F::ZERO), (false, F::ZERO)] {
            let untouched = |row: &Node<F>| {
                row.is_real == F::ONE && (if left { row.left_touched } else { row.right_touched }) == touched
            };
            let rows = run.rows(Kind::Node, |row| untouched(&Node::from_row(row)));
            assert!(!rows.is_empty());
            for row in rows {
                let forge = |cells: &mut [F]| {
                    let mut row = Node::from_row(cells);
                    let sibling = if left { &mut row.new_left } else { &mut row.new_right };
                    sibling[4] += F::ONE;
                    row.new_parent = hash_pair(&row.new_left, &row.new_right);
                    row.write(cells);
                };
                let report = |forge: &dyn Fn(&mut [F])| {
                    let mut cells = trace.row_slice(row).expect("a row").to_vec();
                    forge(&mut cells);
                    crate::check::mutation::locally_invalid(&run.table(Kind::Node), &cells, &run.rom)
                };
                assert!(!report(&|_| ()));
                assert!(report(&forge));
                assert!(forgery_caught(&run.table(Kind::Node), trace, &run.rom, &[], row, forge));
            }
        }
    }

    /// Over the field 2 index + 1 = k has a solution for even k too, (p + k - 1) / 2. A leaf that stands on the other
    /// side of such a parent has the wrong path bit; but halving in the field never comes to 0, where the root is.
    #[test]
    fn an_index_of_half_the_field_has_no_root() {
        let mut run = sum_of_input();
        let half = F::TWO.inverse();
        let left_alone =
            |row: &Node<F>| row.level == F::ZERO && row.left_touched == F::ONE && row.right_touched == F::ZERO;
        let row = node(&run, run.rows(Kind::Node, |row| left_alone(&Node::from_row(row)))[0]);
        // The whole chain above one page that is a left child, with that page as right child.
        let mut index = row.index * F::TWO;
        let honest = index.as_canonical_u32();
        let (mut old, mut new) = (row.old_left, row.new_left);
        for level in 0..TREE_DEPTH {
            index = (index - F::ONE) * half;
            let sibling = [F::from_u32(level); DIGEST];
            let forged = Node {
                is_real: F::ONE,
                left_touched: F::ZERO,
                right_touched: F::ONE,
                level: F::from_u32(level),
                index,
                old_left: sibling,
                old_right: old,
                new_left: sibling,
                new_right: new,
                old_parent: hash_pair(&sibling, &old),
                new_parent: hash_pair(&sibling, &new),
            };
            (old, new) = (forged.old_parent, forged.new_parent);
            let cells = cells(&forged);
            assert!(!crate::check::mutation::locally_invalid(&run.table(Kind::Node), &cells, &run.rom));
            run.append(Kind::Node, &[cells]);
        }
        assert_ne!(index, F::ZERO);
        let violations = run.forgery_violations();
        let speaks_of = |level: u32, index: F| {
            violations.iter().any(|violation| match violation {
                Violation::Unbalanced { bus: "node", tuple, .. } => tuple[..2] == [F::from_u32(level), index],
                _ => false,
            })
        };
        assert!(speaks_of(0, F::from_u32(honest)) && speaks_of(TREE_DEPTH, index), "{violations:?}");

        // Whichever side is taken on each level, an index comes to 0 by its own bits alone.
        let mut reached = vec![(F::from_u32(honest), 0_u32)];
        for level in 0..TREE_DEPTH {
            let halved =
                |&(index, bits): &(F, u32)| [(index * half, bits), ((index - F::ONE) * half, bits | 1 << level)];
            let mut next: Vec<_> = reached.iter().flat_map(halved).collect();
            // Only what can still come to 0 is followed: integers below 2^(levels left).
            next.retain(|(index, _)| index.as_canonical_u32() < 1 << (TREE_DEPTH - 1 - level));
            reached = next;
        }
        assert_eq!(reached, [(F::ZERO, honest)]);
    }

    #[test]
    fn a_node_is_given_once() {
        let mut run = sum_of_input();
        let root = run.rows(Kind::Node, |row| Node::from_row(row).level == F::from_u32(TREE_DEPTH - 1));
        let row = run.trace(Kind::Node).expect("nodes").row_slice(root[0]).expect("a row").to_vec();
        run.append(Kind::Node, &[row]);
        assert!(!run.forgery_violations().is_empty());
    }
}
