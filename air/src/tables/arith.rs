//! Addition and subtraction of registers: `add sub addw subw`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! Over the integers, with carries in {0, 1} between limbs: `a + b = c + 2^64 carry` for additions, `c + b = a +
//! 2^64 carry` for subtractions; the W forms do so on two limbs and sign-extend `c` from bit 31.
//!
//! # Degree
//! 3.

use crate::prelude::*;

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
        /// Control, the operands `a` and `b` and the destination.
        frame: (Binary),
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// Bit 31 of the result iff the row is a W form, else 0.
        sign,
    }
}

impl Arith<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let word = matches!(event.row.op(), Op::Addw | Op::Subw);
        Self {
            is_add: event.flag(Op::Add),
            is_sub: event.flag(Op::Sub),
            is_addw: event.flag(Op::Addw),
            is_subw: event.flag(Op::Subw),
            frame: Binary::fill(event),
            result: limbs(event.rd_new),
            sign: F::from_bool(word && event.rd_new >> 63 == 1),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Add], &[Op::Sub], &[Op::Addw], &[Op::Subw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Arith<AB::Var>) {
    let flags = [row.is_add, row.is_sub, row.is_addw, row.is_subw];
    let (is_real, operation) = e.one_operation(Kind::Arith, &flags);
    e.binary(&row.frame, (operation, padded([])), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operands, with limbs of any width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Arith<AB::Var>, is_real: &AB::Expr) {
    let (a, b, c) = (row.frame.rs1.value, row.frame.rs2.value, row.result);
    e.limb_carries(bits, "add: carry", [row.is_add, row.is_addw], [a, b, c]);
    e.limb_carries(bits, "sub: carry", [row.is_sub, row.is_subw], [c, b, a]);
    let names = ["sign on W forms only", "W forms sign-extend"];
    e.check_result(bits, names, (c, row.sign), &(row.is_addw + row.is_subw), is_real);
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;
    use spec_interp::Op;

    use super::*;
    use crate::check::samples::Samples;
    use crate::check::small::{self, Cell, Symbolic, World};

    #[test]
    fn a_result_with_a_carry_between_its_limbs_is_caught() {
        let samples = Samples::of_ops(Kind::Arith, &[Op::Add]);
        let mut row = Arith::fill(&samples.event(0));
        row.result[1] += F::from_u32(1 << 16);
        row.result[2] -= F::ONE;
        samples.assert_invalid(&row);
    }

    /// Every pair of operands of four limbs of one or two bits has one row, with the sum or the difference.
    #[test]
    fn every_small_row_is_the_only_one() {
        for (bits, number) in [1, 2].into_iter().flat_map(|bits| (0..4).map(move |number| (bits, number))) {
            let flag = |other| small::flag(number == other);
            let operand = Read { value: [Cell::Given; 4], ..Read::default() };
            let frame = Binary { rs1: operand, rs2: operand, ..Binary::default() };
            let [is_add, is_sub, is_addw, is_subw] = [flag(0), flag(1), flag(2), flag(3)];
            let cells = Arith { is_add, is_sub, is_addw, is_subw, frame, ..Arith::default() };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            small::pairs(bits).into_par_iter().for_each(|(a, b)| {
                let row: Arith<F> = world.only_filling(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
                let result = if number % 2 == 0 { a.wrapping_add(b) } else { a.wrapping_sub(b) };
                let result = if number < 2 { result } else { small::sign_extend(bits, result) };
                assert_eq!(row.result, small::limbs(bits, result), "{number}: {a} {b}");
            });
        }
    }
}
