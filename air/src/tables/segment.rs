//! The statement: the one row by which the segment meets its public values.
//!
//! # Constrains
//! The machine starts at the first pc and first clock and ends at the last ones; the root of the memory tree goes from
//! the first to the second public digest; iff the segment halted, one row exits with the public code.
//!
//! # Degree
//! 2.

use core::ops::Range;

use crate::bus::{EXIT, NODE, STATE};
use crate::columns::Columns;
use crate::layout::{DIGEST, FIRST_CLOCK, HALTED_PC, TREE_DEPTH};
use crate::prelude::*;
use crate::tables::node::node_tuple;
use crate::tree::Digest;

columns! {
    /// The public values of a segment.
    pub struct PublicValues {
        /// Halfword index of the instruction that the segment starts at.
        first_pc,
        /// Where control is at its end.
        last_pc,
        /// Time of the first access slot behind its last instruction.
        last_clock,
        /// Iff the program has exited.
        is_halted,
        /// The exit code, four 16-bit limbs.
        exit_code: [4],
        /// Root of the memory tree before.
        first_root: [DIGEST],
        /// Root of the memory tree after.
        last_root: [DIGEST],
    }
}

impl PublicValues<F> {
    /// Those of a run from its entry to its exit: the halfword index of the entry, the clock behind its last instruction,
    /// the exit code, and the roots of memory before and after.
    pub fn of_run(entry: u32, clock: u32, exit_code: u64, first_root: &Digest, last_root: &Digest) -> Self {
        Self {
            first_pc: F::from_u32(entry),
            last_pc: F::from_u32(HALTED_PC),
            last_clock: F::from_u32(clock),
            is_halted: F::ONE,
            exit_code: limbs(exit_code),
            first_root: *first_root,
            last_root: *last_root,
        }
    }

    /// As a proof lists them.
    pub fn cells(&self) -> [F; PUBLIC_VALUES] {
        let mut cells = [F::ZERO; PUBLIC_VALUES];
        self.write(&mut cells);
        cells
    }
}

/// How many there are.
pub const PUBLIC_VALUES: usize = <PublicValues<F> as Columns<F>>::WIDTH;

columns! {
    /// A row of the table.
    pub struct Segment {
        /// 1 in the first row and 0 in all others.
        active,
    }
}

/// The columns that a row reads of its successor.
pub const NEXT_ROW_COLUMNS: Range<usize> = 0..1;

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Segment<AB::Var>, next: &Segment<AB::Var>) {
    let (first, transition) = (e.builder().is_first_row(), e.builder().is_transition());
    e.zero_when("the first row is active", first, row.active.into() - AB::Expr::ONE);
    e.zero_when("no other row is active", transition, next.active);

    let public = PublicValues::from_row(e.builder().public_values());
    e.give(STATE, [public.first_pc.into(), constant::<AB>(FIRST_CLOCK)], row.active);
    e.take(STATE, [public.last_pc.into(), public.last_clock.into()], row.active);
    e.take(EXIT, public.exit_code.map(Into::into), public.is_halted.into() * row.active);
    let roots = [public.first_root, public.last_root];
    e.take(NODE, node_tuple::<AB::Expr>(constant::<AB>(TREE_DEPTH), AB::Expr::ZERO, roots), row.active);
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;
    use crate::check::{Violation, evaluate, sum_of_input};
    use crate::kind::Kind;

    /// A second active row would start and end the machine twice.
    #[test]
    fn a_second_active_row_is_caught() {
        for row in [1, 2, 31] {
            let mut run = sum_of_input();
            run.trace_mut(Kind::Segment).expect("the segment").values[row] = F::ONE;
            let named = |violation: &Violation| match violation {
                Violation::Constraint { kind: Kind::Segment, name, .. } => name == "no other row is active",
                _ => false,
            };
            let violations = run.violations(1);
            assert!(violations.iter().any(named), "row {row}: {violations:?}");
        }
    }

    /// Each public value is bound by a bus: changed alone, the row says something else.
    #[test]
    fn every_public_value_is_said() {
        let run = sum_of_input();
        let (table, trace) = (run.table(Kind::Segment), run.trace(Kind::Segment).expect("the segment"));
        let honest = evaluate(&table, trace, 0, &run.witness.public);
        for i in 0..PUBLIC_VALUES {
            for change in [F::ONE, F::NEG_ONE, F::from_u32(1 << 16)] {
                let mut public = run.witness.public;
                public[i] += change;
                assert_ne!(evaluate(&table, trace, 0, &public).messages, honest.messages, "public value {i}");
            }
        }
    }

    #[test]
    fn a_segment_that_has_not_halted_takes_no_exit_code() {
        let run = sum_of_input();
        let mut public = run.witness.public;
        assert_eq!(public[3].as_canonical_u32(), 1);
        public[3] = F::ZERO;
        let report = evaluate(&run.table(Kind::Segment), run.trace(Kind::Segment).expect("the segment"), 0, &public);
        assert!(report.messages.iter().all(|message| message.bus != EXIT));
    }
}
