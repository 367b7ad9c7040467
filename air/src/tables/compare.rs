//! Comparisons into a register: `slt sltu` and their immediate forms.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! `c = 1` if `a < b`, else `c = 0`, with `a` and `b` signed for `slt`; see [`gadgets::compare`].
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::cpu::{self, Cpu, ProgramRow, Read, Write};
use crate::emit::{Builder, Emitter};
use crate::event::Event;
use crate::gadgets::{self, Comparison};
use crate::tables::Kind;

columns! {
    /// A row of the table.
    pub struct Compare {
        /// Iff the row is `slt`.
        is_slt,
        /// Iff the row is `sltu`.
        is_sltu,
        /// Iff the second operand is the program's immediate.
        is_imm,
        /// Control.
        cpu: Cpu,
        /// The first operand `a`.
        rs1: Read,
        /// The second operand `b`; the time of its previous access is 0 if it is an immediate.
        rs2: Read,
        /// The destination.
        rd: Write,
        /// `a` against `b`; that `a` is less is the result.
        order: Comparison,
    }
}

impl Compare<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let flag = |number| F::from_bool(event.row.flag == number);
        Self {
            is_slt: flag(0),
            is_sltu: flag(1),
            is_imm: F::from_bool(event.row.immediate),
            cpu: Cpu::fill(event),
            rs1: Read::rs1(event),
            rs2: Read::rs2(event),
            rd: Write::rd(event),
            order: Comparison::fill(event.rs1, event.rs2, event.row.flag == 0),
        }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Compare<AB::Var>) {
    let flags = [row.is_slt, row.is_sltu];
    let is_real = cpu::one_hot(e, &flags);
    cpu::immediate_flag(e, row.is_imm, row.rs2.prev, &is_real);

    cpu::step(e, &row.cpu, &is_real);
    cpu::look_up_program(e, row.cpu.pc, row.cpu.next_pc, program_row::<AB>(row, &flags), &is_real);
    cpu::read_rs1(e, row.cpu.clock, &row.rs1, &is_real);
    cpu::read_rs2(e, row.cpu.clock, &row.rs2, &(is_real.clone() - row.is_imm.into()));

    let verdict = gadgets::compare(e, row.rs1.value, row.rs2.value, &row.order, &row.is_slt.into(), &is_real);
    let result = [verdict.less, AB::Expr::ZERO, AB::Expr::ZERO, AB::Expr::ZERO];
    cpu::write_rd(e, row.cpu.clock, &row.rd, result, &is_real);
}

fn program_row<AB: Builder>(row: &Compare<AB::Var>, flags: &[AB::Var]) -> ProgramRow<AB::Expr> {
    ProgramRow {
        operation: cpu::operation_of::<AB>(Kind::Compare, flags) + row.is_imm,
        rd: row.rd.reg.into(),
        rs1: row.rs1.reg.into(),
        rs2: row.rs2.reg.into(),
        w: row.rs2.value.map(|limb| row.is_imm * limb),
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::check::samples::{alu_samples, assert_caught, assert_honest, rom, trace};
    use crate::columns::Columns;

    const OPS: [Op; 4] = [Op::Slt, Op::Sltu, Op::Slti, Op::Sltiu];

    #[test]
    fn honest_rows_hold() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        let trace = trace(Kind::Compare, &rom, &samples);
        assert_honest(Kind::Compare, &rom, &trace);
        for (i, (sample, cells)) in samples.iter().zip(trace.values.chunks_exact(trace.width)).enumerate() {
            let expected = crate::check::samples::event(&rom, i, sample).rd_new;
            assert_eq!(Compare::from_row(cells).order.less, F::from_u64(expected), "{sample:?}");
        }
    }

    #[test]
    fn mutants_are_caught() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        assert_caught(Kind::Compare, &rom, &trace(Kind::Compare, &rom, &samples), 3, |column, cells| {
            let row = Compare::from_row(cells);
            let is_real = row.is_slt + row.is_sltu == F::ONE;
            // Padding rows say nothing.
            !is_real && !column.starts_with("is_")
        });
    }
}
