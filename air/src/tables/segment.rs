//! The statement: the one row by which the segment meets its public values.
//!
//! # Constrains
//! The machine starts at the first pc and first clock and ends at the last ones; the root of the memory tree goes from
//! the first to the second public digest; iff the segment halted, one row exits with the public code.
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::bus::{EXIT, NODE, STATE};
use crate::columns;
use crate::emit::{Builder, Emitter, constant};
use crate::layout::{DIGEST, FIRST_CLOCK, TREE_DEPTH};

columns! {
    /// A row of the table.
    pub struct Segment {
        /// 1 in the first row and 0 in all others.
        active,
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Segment<AB::Var>, next: &Segment<AB::Var>) {
    let (first, transition) = (e.builder().is_first_row(), e.builder().is_transition());
    e.zero_when("the first row is active", first, row.active.into() - AB::Expr::ONE);
    e.zero_when("no other row is active", transition, next.active);

    let public: Vec<AB::Expr> = e.builder().public_values().iter().map(|&value| value.into()).collect();
    let at = |i: usize| public[i].clone();
    let (first_pc, last_pc, last_clock, halted) = (at(0), at(1), at(2), at(3));
    e.give(STATE, [first_pc, constant::<AB>(FIRST_CLOCK)], row.active);
    e.take(STATE, [last_pc, last_clock], row.active);
    e.take(EXIT, core::array::from_fn::<_, 4, _>(|i| at(4 + i)), halted * row.active);
    let mut node = [constant::<AB>(TREE_DEPTH), AB::Expr::ZERO].into_iter().chain((8..8 + 2 * DIGEST).map(at));
    let root = core::array::from_fn::<_, 20, _>(|_| node.next().unwrap_or(AB::Expr::ZERO));
    e.take(NODE, root, row.active);
}
