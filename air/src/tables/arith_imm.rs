//! Addition of a constant: `addi addiw`; `lui` and `auipc` add theirs to x0, fences add nothing to nothing.
//!
//! # Assumes
//! The operand is four 16-bit limbs, because every word ever written was checked; so is the constant, which is the
//! program's.
//!
//! # Constrains
//! Over the integers, with carries in {0, 1} between limbs, `a + b = c + 2^64 carry`; the W form does so on two limbs and
//! sign-extends `c` from bit 31.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct ArithImm {
        /// Iff the row is `addi`.
        is_add,
        /// Iff the row is `addiw`.
        is_addw,
        /// Control, the operand `a` and the destination.
        frame: (Unary),
        /// The constant `b`, four 16-bit limbs, from the program row.
        constant: [4],
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// Bit 31 of the result iff the row is the W form, else 0.
        sign,
    }
}

impl ArithImm<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let is_word = event.row.op() == Op::Addiw;
        Self {
            is_add: event.flag(Op::Addi),
            is_addw: event.flag(Op::Addiw),
            frame: Unary::fill(event),
            constant: limbs(event.rs2),
            result: limbs(event.rd_new),
            sign: F::from_bool(is_word && event.rd_new >> 63 == 1),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Addi, Op::Lui, Op::Auipc, Op::Fence, Op::FenceI], &[Op::Addiw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ArithImm<AB::Var>) {
    let (is_real, operation) = e.one_operation(Kind::ArithImm, &[row.is_add, row.is_addw]);
    // All have immediates.
    let says = (operation + is_real.clone(), row.constant.map(Into::into));
    e.unary(&row.frame, says, &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operands, with limbs of any width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &ArithImm<AB::Var>, is_real: &AB::Expr) {
    let (a, b, c) = (row.frame.rs1.value, row.constant, row.result);
    e.limb_carries(bits, "carry", [row.is_add, row.is_addw], [a, b, c]);
    let names = ["sign on the W form only", "the W form sign-extends"];
    e.check_result(bits, names, (c, row.sign), &row.is_addw.into(), is_real);
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;
    use crate::check::samples::Samples;
    use crate::check::small::{self, Cell, Symbolic, World};

    /// The constant is the program's: another with the result to fit is caught, whatever is changed of it.
    #[test]
    fn another_constant_is_caught() {
        let samples = Samples::of(Kind::ArithImm);
        for (_, event) in samples.events() {
            for change in [1, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 63] {
                let rs2 = event.rs2 ^ change;
                let sum = event.rs1.wrapping_add(rs2);
                let is_word = event.row.op() == Op::Addiw;
                let rd_new = if is_word { i64::from(sum as i32).cast_unsigned() } else { sum };
                samples.assert_invalid(&ArithImm::fill(&Event { rs2, rd_new, ..event }));
            }
        }
    }

    /// Every pair of operands of four limbs of one or two bits has one row, with the sum.
    #[test]
    fn every_small_row_is_the_only_one() {
        for (bits, is_word) in [1, 2].into_iter().flat_map(|bits| [false, true].map(|is_word| (bits, is_word))) {
            let [is_add, is_addw] = [!is_word, is_word].map(small::flag);
            let frame = Unary { rs1: Read { value: [Cell::Given; 4], ..Read::default() }, ..Unary::default() };
            let cells = ArithImm { is_add, is_addw, frame, constant: [Cell::Given; 4], ..ArithImm::default() };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            small::pairs(bits).into_par_iter().for_each(|(a, b)| {
                let row: ArithImm<F> = world.only_filling(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
                let sum = a.wrapping_add(b);
                let result = if is_word { small::sign_extend(bits, sum) } else { sum };
                assert_eq!(row.result, small::limbs(bits, result), "{a} {b}");
            });
        }
    }
}
