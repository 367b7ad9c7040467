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

use crate::gadgets::{Verdict, is_less};
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
    let Verdict { less, differ } = gadgets::compare(e, LIMB_BITS, a, b, &row.order, &row.is_less.into(), &is_real);
    let holds = row.is_equal * (AB::Expr::ONE - differ) + (row.is_less + row.is_less_unsigned) * less;
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
    use p3_matrix::dense::RowMajorMatrix;
    use spec_interp::exec::branch_taken;
    use spec_interp::{Inst, Op};

    use super::*;
    use crate::address::samples::complaints;
    use crate::check::mutation::locally_invalid;
    use crate::check::samples::{Sample, assert_caught, assert_honest, event, pairs, rom};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::rom::Rom;
    use crate::table::Table;
    use crate::witness::instruction_trace;

    const OPS: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];

    fn samples() -> Vec<Sample> {
        let inst = |op| Inst { op, rd: 0, rs1: 6, rs2: 7, imm: 4096, len: 4 };
        OPS.into_iter().flat_map(|op| pairs().map(move |(rs1, rs2)| Sample { inst: inst(op), rs1, rs2 })).collect()
    }

    /// The event of a branch that is taken, or is not.
    fn branch<'p>(rom: &'p Rom, index: usize, sample: &Sample, taken: bool) -> Event<'p> {
        let event = event(rom, index, sample);
        let next_pc = if taken { event.row.w[0] } else { event.row.next_pc };
        Event { next_pc: next_pc as u32, ..event }
    }

    fn honest(rom: &Rom, samples: &[Sample]) -> RowMajorMatrix<F> {
        let events = samples.iter().enumerate().map(|(i, sample)| {
            let taken = branch_taken(sample.inst.op, sample.rs1, sample.rs2).expect("a branch");
            branch(rom, i, sample, taken)
        });
        instruction_trace(Kind::Branch, &events.collect::<Vec<_>>())
    }

    fn is_real(row: &Branch<F>) -> bool {
        row.is_equal + row.is_less + row.is_less_unsigned == F::ONE
    }

    #[test]
    fn honest_rows_hold() {
        let samples = samples();
        let rom = rom(&samples);
        assert_honest(Kind::Branch, &rom, &honest(&rom, &samples));
    }

    #[test]
    fn mutants_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        assert_caught(Kind::Branch, &rom, &honest(&rom, &samples), 3, |column, cells| {
            // Padding rows say nothing.
            !is_real(&Branch::from_row(cells)) && !column.starts_with("is_")
        });
    }

    /// All cells honest but those that say where the branch goes; then with the condition turned round as well.
    #[test]
    fn branches_that_go_the_other_way_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        let trace = honest(&rom, &samples);
        for cells in trace.values.chunks_exact(trace.width).take(samples.len()) {
            let mut row = Branch::from_row(cells);
            row.taken = F::ONE - row.taken;
            (row.cpu.next_pc, row.passed_by) = (row.passed_by, row.cpu.next_pc);
            let mut negated = row;
            negated.is_negated = F::ONE - row.is_negated;
            let mut less = row;
            less.order.less = F::ONE - row.order.less;
            for forged in [row, negated, less] {
                let mut cells = cells.to_vec();
                forged.write(&mut cells);
                assert!(locally_invalid(&Table::new(Kind::Branch), &cells, &rom));
            }
        }
    }

    /// `blt` as `beq` with a negation of 2, and taken twice: both addresses come out right, and control goes to neither.
    #[test]
    fn a_negation_that_is_no_bit_is_caught() {
        let samples = samples();
        let rom = rom(&samples);
        let (i, sample) = samples.iter().enumerate().find(|(_, s)| s.inst.op == Op::Blt && s.rs1 < s.rs2).expect("one");
        let event = branch(&rom, i, sample, true);
        let (behind, target) = (F::from_i64(event.row.next_pc), F::from_i64(event.row.w[0]));
        let mut row = Branch::fill(&event);
        assert_eq!(complaints(Kind::Branch, &rom, &row), [""; 0]);
        (row.is_equal, row.is_less, row.is_negated, row.taken) = (F::ONE, F::ZERO, F::TWO, F::TWO);
        row.order = Comparison::fill(sample.rs1, sample.rs2, false);
        let apart = (target - behind) / F::from_u32(3);
        row.cpu.next_pc = (behind + target + apart).halve();
        row.passed_by = (behind + target - apart).halve();
        assert!(rom.row_of(row.cpu.next_pc.as_canonical_u32()).is_some(), "there is an instruction");
        assert_eq!(complaints(Kind::Branch, &rom, &row), ["is_negated is boolean"]);
    }
}
