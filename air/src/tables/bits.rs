//! Operations on one word that need its bits: `cpop cpopw orc.b rev8 sext.b sext.h`.
//!
//! # Constrains
//! The operand is the sum of its 64 bits by their weights; a word of four limbs below 2^16 has one such sum. The result is
//! `cpop`: the sum of the bits, of the lower 32 for `cpopw`; `orc.b`: 255 for each byte that is not 0; `rev8`: the bytes in
//! reverse order; `sext.b`, `sext.h`: the lowest byte or limb, extended by its highest bit. A byte is not 0 iff it has
//! an inverse in the field.
//!
//! # Degree
//! 2.

use crate::layout::SLOT_RS1;
use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Bits {
        /// Iff the row is `cpop`.
        is_cpop,
        /// Iff the row is `cpopw`.
        is_cpopw,
        /// Iff the row is `orc.b`.
        is_orc_b,
        /// Iff the row is `rev8`.
        is_rev8,
        /// Iff the row is `sext.b`.
        is_sext_b,
        /// Iff the row is `sext.h`.
        is_sext_h,
        /// Control.
        cpu: Cpu,
        /// Number of the register of the operand, from the program row.
        rs1_reg,
        /// Time of its previous access.
        rs1_prev,
        /// The bits of the operand, lowest first.
        bits: [64],
        /// The destination.
        rd: Write,
        /// Iff the byte is not 0.
        nonzero: [8],
        /// The inverse of the byte, 0 if it is 0.
        inverse: [8],
        /// The result, four 16-bit limbs.
        result: [4],
    }
}

impl Bits<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let bytes = bytes(event.rs1);
        Self {
            is_cpop: event.flag(Op::Cpop),
            is_cpopw: event.flag(Op::Cpopw),
            is_orc_b: event.flag(Op::OrcB),
            is_rev8: event.flag(Op::Rev8),
            is_sext_b: event.flag(Op::SextB),
            is_sext_h: event.flag(Op::SextH),
            cpu: Cpu::fill(event),
            rs1_reg: F::from_u32(event.row.rs1),
            rs1_prev: F::from_u32(event.rs1_prev),
            bits: core::array::from_fn(|i| F::from_bool(event.rs1 >> i & 1 == 1)),
            rd: Write::rd(event),
            nonzero: bytes.map(|byte| F::from_bool(byte != F::ZERO)),
            inverse: bytes.map(|byte| byte.try_inverse().unwrap_or(F::ZERO)),
            result: limbs(event.rd_new),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Cpop], &[Op::Cpopw], &[Op::OrcB], &[Op::Rev8], &[Op::SextB], &[Op::SextH]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Bits<AB::Var>) {
    let flags = [row.is_cpop, row.is_cpopw, row.is_orc_b, row.is_rev8, row.is_sext_b, row.is_sext_h];
    let (is_real, operation) = e.one_operation(Kind::Bits, &flags);
    e.booleans("bit is boolean", row.bits);
    let bytes: [AB::Expr; 8] = core::array::from_fn(|i| number::<AB>(&row.bits[8 * i..8 * i + 8]));
    let value = product::join::<AB::Expr>(bytes.clone());

    let (rd, rs1) = (row.rd.reg.into(), row.rs1_reg.into());
    e.instruction(&row.cpu, ProgramRow { operation, rd, rs1, ..ProgramRow::default() }, &is_real);
    e.read(row.rs1_reg, row.cpu.clock + F::from_u32(SLOT_RS1), row.rs1_prev, value.clone(), &is_real);
    e.write_rd(row.cpu.clock, &row.rd, row.result, &is_real);

    for (byte, (nonzero, inverse)) in bytes.iter().zip(row.nonzero.into_iter().zip(row.inverse)) {
        let is_zero = AB::Expr::ONE - nonzero.into();
        e.equal("a byte that is not 0 has an inverse", nonzero, byte.clone() * inverse);
        e.zero_when("a byte without an inverse is 0", is_zero.clone(), byte.clone());
        e.zero_when("0 has no inverse", is_zero, inverse);
    }
    results(e, row, &bytes, value);
}

/// The result of each operation.
fn results<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Bits<AB::Var>, bytes: &[AB::Expr; 8], value: [AB::Expr; 4]) {
    let filled = product::join::<AB::Expr>(row.nonzero.map(|flag| flag * F::from_u32(0xff)));
    let reversed = product::join::<AB::Expr>(core::array::from_fn(|i| bytes[7 - i].clone()));
    let sign = row.is_sext_b * row.bits[7] + row.is_sext_h * row.bits[15];
    let [lowest, ..] = value;
    for (i, (filled, reversed)) in filled.into_iter().zip(reversed).enumerate() {
        let shared = row.is_orc_b * filled + row.is_rev8 * reversed;
        let own = if i == 0 {
            row.is_cpop * sum::<AB>(&row.bits)
                + row.is_cpopw * sum::<AB>(&row.bits[..32])
                + row.is_sext_b * (bytes[0].clone() + row.bits[7] * F::from_u32(0xff00))
                + row.is_sext_h * lowest.clone()
        } else {
            sign.clone() * F::from_u32(0xffff)
        };
        e.equal("result", row.result[i], shared + own);
    }
}

/// The number of which these are the bits.
fn number<AB: Builder>(bits: &[AB::Var]) -> AB::Expr {
    bits.iter().enumerate().map(|(i, &bit)| bit * F::from_u32(1 << i)).sum()
}

#[cfg(test)]
mod tests {
    use spec_interp::alu;

    use super::*;
    use crate::check::samples::{Samples, assert_boolean, columns, ops};

    /// The same word by bits that are none: two less of one and one more of the next, with the result that follows.
    #[test]
    fn bits_that_only_sum_up_are_caught() {
        let samples = Samples::of(Kind::Bits);
        for (sample, event) in samples.events().step_by(3) {
            let row = Bits::fill(&event);
            for (low, sign) in (0..63).filter(|low| low % 16 != 15).flat_map(|low| [(low, F::ONE), (low, F::NEG_ONE)]) {
                let mut forged = row;
                forged.bits[low] -= sign.double();
                forged.bits[low + 1] += sign;
                let counted = row.is_cpop + if low < 31 { row.is_cpopw } else { F::ZERO };
                forged.result[0] -= counted * sign;
                assert!(samples.is_invalid(&forged), "bit {low} of {sample:?}");
            }
        }
        assert_boolean(Kind::Bits, &columns(Kind::Bits, &["bits"]));
    }

    /// The results of the other operations, and flags of bytes as one would like them.
    #[test]
    fn wrong_results_are_caught() {
        let samples = Samples::of(Kind::Bits);
        for (sample, honest) in samples.events().step_by(3) {
            let row = Bits::fill(&honest);
            assert!(!samples.is_invalid(&row), "{sample:?}");
            let others = ops(Kind::Bits).filter_map(|op| alu(op, sample.rs1, 0));
            for rd_new in others.chain([honest.rd_new ^ 1, honest.rd_new ^ 1 << 63, sample.rs1]) {
                if rd_new != honest.rd_new {
                    samples.assert_invalid(&Bits::fill(&Event { rd_new, ..honest }));
                }
            }
            for byte in 0..8 {
                for (nonzero, inverse) in [(F::ONE, F::ONE), (F::ONE, F::ZERO), (F::ZERO, F::ZERO), (F::ZERO, F::ONE)] {
                    let mut forged = row;
                    (forged.nonzero[byte], forged.inverse[byte]) = (nonzero, inverse);
                    let step = (nonzero - row.nonzero[byte]) * F::from_u32(0xff) * row.is_orc_b;
                    forged.result[byte / 2] += step * F::from_u32(1 << (8 * (byte % 2)));
                    let is_honest = (nonzero, inverse) == (row.nonzero[byte], row.inverse[byte]);
                    assert_eq!(!samples.is_invalid(&forged), is_honest, "byte {byte} of {sample:?}");
                }
            }
        }
    }
}
