//! Conditional branches: `beq bne blt bge bltu bgeu`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! The next pc is the program row's target if the condition holds, else the address behind the branch; the other one of
//! the two is `passed_by`. The conditions are `a = b` and `a < b`, signed or not, and their negations; see
//! [`gadgets::compare`]. A target outside the program is left to the next instruction, which has no row there.
//!
//! # Degree
//! 3.

use crate::gadgets::is_less;
use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Branch {
        /// Iff the row is `beq` or `bne`.
        is_equal,
        /// Iff the row is `blt` or `bge`.
        is_less,
        /// Iff the row is `bltu` or `bgeu`.
        is_less_unsigned,
        /// Iff the row is `bne`, `bge` or `bgeu`.
        is_negated,
        /// Control.
        cpu: Cpu,
        /// Iff the branch is taken.
        taken,
        /// The address behind the branch if it is taken, else its target; a halfword index.
        passed_by,
        /// The first operand `a`.
        rs1: Read,
        /// The second operand `b`.
        rs2: Read,
        /// `a` against `b`.
        order: Comparison,
    }
}

impl Branch<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let op = event.row.op();
        let (is_equal, is_negated) = (matches!(op, Op::Beq | Op::Bne), matches!(op, Op::Bne | Op::Bge | Op::Bgeu));
        let is_signed = matches!(op, Op::Blt | Op::Bge);
        let holds = if is_equal { event.rs1 == event.rs2 } else { is_less(event.rs1, event.rs2, is_signed) };
        let taken = holds != is_negated;
        Self {
            is_equal: F::from_bool(is_equal),
            is_less: F::from_bool(is_signed),
            is_less_unsigned: F::from_bool(!is_equal && !is_signed),
            is_negated: F::from_bool(is_negated),
            cpu: Cpu::fill(event),
            taken: F::from_bool(taken),
            passed_by: F::from_i64(if taken { event.row.next_pc } else { event.row.w[0] }),
            rs1: Read::rs1(event),
            rs2: Read::rs2(event),
            order: Comparison::fill(event.rs1, event.rs2, is_signed),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Beq], &[Op::Bne], &[Op::Blt], &[Op::Bge], &[Op::Bltu], &[Op::Bgeu]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Branch<AB::Var>) {
    let is_real = e.one_hot(&[row.is_equal, row.is_less, row.is_less_unsigned]);
    e.flag(["is_negated is boolean", "is_negated on real rows only"], row.is_negated, is_real.clone());

    let behind = row.cpu.next_pc + row.taken * (row.passed_by - row.cpu.next_pc);
    e.control_flow(&row.cpu, behind, program_row::<AB>(row), &is_real);
    e.read_rs1(row.cpu.clock, &row.rs1, &is_real);
    e.read_rs2(row.cpu.clock, &row.rs2, &is_real);

    let (a, b) = (row.rs1.value, row.rs2.value);
    let differ = gadgets::compare(e, LIMB_BITS, a, b, &row.order, &row.is_less.into(), &is_real);
    let holds = row.is_equal * (AB::Expr::ONE - differ) + (row.is_less + row.is_less_unsigned) * row.order.less;
    e.equal("taken iff the condition holds", row.taken, holds.xor(&row.is_negated.into()));
}

fn program_row<AB: Builder>(row: &Branch<AB::Var>) -> ProgramRow<AB::Expr> {
    let step = number(Op::Bne) - number(Op::Beq);
    let target = row.passed_by + row.taken * (row.cpu.next_pc - row.passed_by);
    ProgramRow {
        operation: row.is_equal * number(Op::Beq)
            + row.is_less * number(Op::Blt)
            + row.is_less_unsigned * number(Op::Bltu)
            + row.is_negated * step,
        rs1: row.rs1.reg.into(),
        rs2: row.rs2.reg.into(),
        w: padded([target]),
        ..ProgramRow::default()
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use spec_interp::Op;

    use super::*;
    use crate::check::samples::{Sample, Samples};
    use crate::kind::Kind;

    /// All cells honest but those that say where the branch goes; then with the condition turned round as well.
    #[test]
    fn branches_that_go_the_other_way_are_caught() {
        let samples = Samples::of(Kind::Branch);
        for (_, event) in samples.events() {
            let mut row = Branch::fill(&event);
            row.taken = F::ONE - row.taken;
            (row.cpu.next_pc, row.passed_by) = (row.passed_by, row.cpu.next_pc);
            let mut negated = row;
            negated.is_negated = F::ONE - row.is_negated;
            let mut less = row;
            less.order.less = F::ONE - row.order.less;
            [row, negated, less].iter().for_each(|row| samples.assert_invalid(row));
        }
    }

    /// `blt` as `beq` with a negation of 2, and taken twice: both addresses come out right, and control goes to neither.
    #[test]
    fn a_negation_that_is_no_bit_is_caught() {
        let samples = Samples::of(Kind::Branch);
        let is_it = |sample: &Sample| sample.inst.op == Op::Blt && sample.rs1 < sample.rs2;
        let (sample, event) = samples.events().find(|(sample, _)| is_it(sample)).expect("one");
        let (behind, target) = (F::from_i64(event.row.next_pc), F::from_i64(event.row.w[0]));
        let mut row = Branch::fill(&event);
        assert_eq!(samples.complaints(&row), [""; 0]);
        (row.is_equal, row.is_less, row.is_negated, row.taken) = (F::ONE, F::ZERO, F::TWO, F::TWO);
        row.order = Comparison::fill(sample.rs1, sample.rs2, false);
        let apart = (target - behind) / F::from_u32(3);
        row.cpu.next_pc = (behind + target + apart).halve();
        row.passed_by = (behind + target - apart).halve();
        assert!(samples.rom.row_of(row.cpu.next_pc.as_canonical_u32()).is_some(), "there is an instruction");
        assert_eq!(samples.complaints(&row), ["is_negated is boolean"]);
    }
}
