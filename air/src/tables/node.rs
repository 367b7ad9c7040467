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
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::bus::NODE;
use crate::columns;
use crate::emit::{Builder, Emitter};
use crate::layout::DIGEST;
use crate::tables::poseidon2::look_up_pair;

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

/// The tuple of a node.
pub fn node_tuple<E: PrimeCharacteristicRing>(level: E, index: E, old: &[E; DIGEST], new: &[E; DIGEST]) -> [E; 20] {
    let cells = [level, index].into_iter().chain(old.iter().cloned()).chain(new.iter().cloned());
    let mut cells = cells.collect::<Vec<_>>().into_iter();
    core::array::from_fn(|_| cells.next().unwrap_or(E::ZERO))
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Node<AB::Var>) {
    e.boolean("is_real is boolean", row.is_real);
    let is_real: AB::Expr = row.is_real.into();
    for (touched, old, new) in
        [(row.left_touched, row.old_left, row.new_left), (row.right_touched, row.old_right, row.new_right)]
    {
        e.boolean("touched is boolean", touched);
        e.zero_when("touched on real rows only", touched, AB::Expr::ONE - is_real.clone());
        for (old, new) in old.into_iter().zip(new) {
            e.zero_when("an untouched child stays", is_real.clone() - touched.into(), old - new);
        }
    }

    let digest = |cells: [AB::Var; DIGEST]| cells.map(Into::<AB::Expr>::into);
    let [old_left, old_right, new_left, new_right, old_parent, new_parent] =
        [row.old_left, row.old_right, row.new_left, row.new_right, row.old_parent, row.new_parent].map(digest);
    let left_index = row.index * F::TWO;
    let left = node_tuple::<AB::Expr>(row.level.into(), left_index.clone(), &old_left, &new_left);
    e.take(NODE, left, row.left_touched);
    let right = node_tuple::<AB::Expr>(row.level.into(), left_index + AB::Expr::ONE, &old_right, &new_right);
    e.take(NODE, right, row.right_touched);
    let parent = node_tuple::<AB::Expr>(row.level + F::ONE, row.index.into(), &old_parent, &new_parent);
    e.give(NODE, parent, is_real.clone());
    look_up_pair(e, &old_left, &old_right, &old_parent, &is_real);
    look_up_pair(e, &new_left, &new_right, &new_parent, &is_real);
}
