//! Addition and subtraction: `add sub addw subw` and their immediate forms; `lui` and `auipc` add a constant.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! Over the integers, with carries in {0, 1} between limbs: `a + b = c + 2^64 carry` for additions, `c + b = a +
//! 2^64 carry` for subtractions; the W forms do so on two limbs and sign-extend `c` from bit 31.
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::cpu::{self, Cpu, ProgramRow, Read, Write};
use crate::emit::{Builder, Emitter, constant};
use crate::event::{Event, limbs};
use crate::tables::Kind;

columns! {
    /// A row of the table.
    pub struct Arith {
        /// Iff the row is `add`.
        is_add,
        /// Iff the row is `sub`.
        is_sub,
        /// Iff the row is `addw`.
        is_addw,
        /// Iff the row is `subw`.
        is_subw,
        /// Iff the second operand is the program's immediate.
        is_imm,
        /// Control.
        cpu: Cpu,
        /// The first operand `a`.
        rs1: Read,
        /// The second operand `b`.
        rs2: Read,
        /// The destination.
        rd: Write,
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// Bit 31 of the result iff the row is a W form, else 0.
        sign,
    }
}

impl Arith<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let flag = |number| F::from_bool(event.row.flag == number);
        let word = event.row.flag >= 2;
        Self {
            is_add: flag(0),
            is_sub: flag(1),
            is_addw: flag(2),
            is_subw: flag(3),
            is_imm: F::from_bool(event.row.immediate),
            cpu: Cpu::fill(event),
            rs1: Read::rs1(event),
            rs2: Read::rs2(event),
            rd: Write::rd(event),
            result: limbs(event.rd_new),
            sign: F::from_bool(word && event.rd_new >> 63 == 1),
        }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Arith<AB::Var>) {
    let flags = [row.is_add, row.is_sub, row.is_addw, row.is_subw];
    let is_real = cpu::one_hot(e, &flags);
    cpu::immediate_flag(e, row.is_imm, row.rs2.prev, &is_real);
    let is_word: AB::Expr = row.is_addw + row.is_subw;

    cpu::step(e, &row.cpu, &is_real);
    cpu::look_up_program(e, row.cpu.pc, row.cpu.next_pc, program_row::<AB>(row, &flags), &is_real);
    cpu::read_rs1(e, row.cpu.clock, &row.rs1, &is_real);
    cpu::read_rs2(e, row.cpu.clock, &row.rs2, &(is_real.clone() - row.is_imm.into()));
    cpu::write_rd(e, row.cpu.clock, &row.rd, row.result.map(Into::into), &is_real);

    let (a, b, c) = (row.rs1.value, row.rs2.value, row.result);
    carries(e, "add: carry", row.is_add.into(), row.is_addw.into(), a, b, c);
    carries(e, "sub: carry", row.is_sub.into(), row.is_subw.into(), c, b, a);

    e.boolean("sign is boolean", row.sign);
    e.zero_when("sign on W forms only", row.sign, AB::Expr::ONE - is_word.clone());
    for limb in [c[2], c[3]] {
        e.zero_when("W forms sign-extend", is_word.clone(), limb.into() - row.sign * F::from_u32(0xffff));
    }
    let limb_bound = constant::<AB>(1 << 16);
    for limb in [c[0], c[2], c[3]] {
        e.range(limb_bound.clone(), limb, is_real.clone());
    }
    // Without its sign bit the limb of a W form lies below 2^15, which makes the bit the sign.
    e.range(limb_bound - is_word * F::from_u32(1 << 15), c[1] - row.sign * F::from_u32(1 << 15), is_real);
}

fn program_row<AB: Builder>(row: &Arith<AB::Var>, flags: &[AB::Var]) -> ProgramRow<AB::Expr> {
    ProgramRow {
        operation: cpu::operation_of::<AB>(Kind::Arith, flags) + row.is_imm,
        rd: row.rd.reg.into(),
        rs1: row.rs1.reg.into(),
        rs2: row.rs2.reg.into(),
        w: row.rs2.value.map(|limb| row.is_imm * limb),
    }
}

/// `x + y = z` limb by limb with carries in {0, 1}; the upper two limbs of 64-bit forms only.
fn carries<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    name: &str,
    is_double: AB::Expr,
    is_word: AB::Expr,
    x: [AB::Var; 4],
    y: [AB::Var; 4],
    z: [AB::Var; 4],
) {
    let shift = F::ONE.div_2exp_u64(16);
    let mut carry = AB::Expr::ZERO;
    for i in 0..4 {
        let applies = if i < 2 { is_double.clone() + is_word.clone() } else { is_double.clone() };
        carry = (x[i] + y[i] - z[i] + carry) * shift;
        e.zero_when(name, applies, carry.bool_check());
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::check::samples::{alu_samples, assert_caught, assert_honest, rom, trace};
    use crate::columns::Columns;

    const OPS: [Op; 6] = [Op::Add, Op::Sub, Op::Addw, Op::Subw, Op::Addi, Op::Addiw];

    #[test]
    fn honest_rows_hold() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        assert_honest(Kind::Arith, &rom, &trace(Kind::Arith, &rom, &samples));
    }

    #[test]
    fn mutants_are_caught() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        assert_caught(Kind::Arith, &rom, &trace(Kind::Arith, &rom, &samples), 7, |column, cells| {
            let row = Arith::from_row(cells);
            let is_real = row.is_add + row.is_sub + row.is_addw + row.is_subw == F::ONE;
            // Padding rows say nothing.
            !is_real && !column.starts_with("is_")
        });
    }

    #[test]
    fn a_result_with_a_carry_between_its_limbs_is_caught() {
        let samples = alu_samples(&[Op::Add]);
        let rom = rom(&samples);
        let mut row = trace(Kind::Arith, &rom, &samples);
        let names = Kind::Arith.column_names();
        let limb = |i: usize| names.iter().position(|name| *name == format!("result[{i}]")).expect("a column");
        row.values[limb(1)] += F::from_u32(1 << 16);
        row.values[limb(2)] -= F::ONE;
        assert!(crate::check::mutation::locally_invalid(
            &crate::table::Table::new(Kind::Arith),
            &row.values[..row.width],
            &rom
        ));
    }
}
