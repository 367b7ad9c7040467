//! Low products: `mul mulw`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! Over the integers, with carries in `0..2^11` between limbs: `a b = c + 2^64 (carry + higher limbs of the product)`;
//! `mulw` does so on two limbs and sign-extends `c` from bit 31. A limb of the product and the carry into it stay
//! below 2^27, as do `c_k + 2^16 carry_k`, so that an equation in the field is one over the integers; the honest
//! carries are at most 509, 1019, 1529 and 2039.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Mul {
        /// Iff the row is `mul`.
        is_mul,
        /// Iff the row is `mulw`.
        is_mulw,
        /// Control, the operands `a` and `b` and the destination.
        frame: (Binary),
        /// The bytes of `a`.
        a: Bytes,
        /// The bytes of `b`.
        b: Bytes,
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// The carries out of the limbs of the product; those of limbs 2 and 3 are 0 for `mulw`.
        carry: [4],
        /// Bit 31 of the result iff the row is `mulw`, else 0.
        sign,
    }
}

impl Mul<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let is_word = event.row.op() == Op::Mulw;
        let [p0, p1, p2, p3, ..] = product::integer_limb_products(event.rs1, event.rs2);
        let [c0, c1, c2, c3] = product::carries([p0, p1, p2, p3], product::integer_limbs(event.rd_new));
        Self {
            is_mul: F::from_bool(!is_word),
            is_mulw: F::from_bool(is_word),
            frame: Binary::fill(event),
            a: Bytes::fill(event.rs1),
            b: Bytes::fill(event.rs2),
            result: limbs(event.rd_new),
            carry: if is_word { [c0, c1, F::ZERO, F::ZERO] } else { [c0, c1, c2, c3] },
            sign: F::from_bool(is_word && event.rd_new >> 63 == 1),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Mul], &[Op::Mulw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Mul<AB::Var>) {
    let flags = [row.is_mul, row.is_mulw];
    let (is_real, operation) = e.one_operation(Kind::Mul, &flags);
    e.binary(&row.frame, (operation, padded([])), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operands, with limbs of any even width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Mul<AB::Var>, is_real: &AB::Expr) {
    let a = e.bytes(bits, row.frame.rs1.value, &row.a, is_real);
    let b = e.bytes(bits, row.frame.rs2.value, &row.b, is_real);
    let c = row.result;
    let mut carry_in = AB::Expr::ZERO;
    for (k, product) in product::limb_products(bits, &a, &b).into_iter().take(4).enumerate() {
        let difference = product + carry_in - c[k] - row.carry[k] * F::from_u32(1 << bits);
        if k < 2 {
            e.zero("product", difference);
        } else {
            e.zero_when("product: upper limbs of mul", AB::Expr::ONE - row.is_mulw.into(), difference);
            e.zero_when("no upper carries of mulw", row.is_mulw, row.carry[k]);
        }
        e.range(constant::<AB>(product::carry_bound(bits)), row.carry[k], is_real.clone());
        carry_in = row.carry[k].into();
    }

    let names = ["sign on mulw only", "mulw sign-extends"];
    e.check_result(bits, names, (c, row.sign), &row.is_mulw.into(), is_real);
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use rayon::prelude::*;

    use super::*;
    use crate::check::samples::Samples;
    use crate::check::small::{self, Cell, Symbolic, World, flag};

    #[test]
    fn wrong_products_with_fitting_carries_are_caught() {
        let samples = Samples::of(Kind::Mul);
        for (sample, honest) in samples.events() {
            let high = ((u128::from(sample.rs1) * u128::from(sample.rs2)) >> 64) as u64;
            let steps = (0..64).map(|bit| 1 << bit);
            let steps = steps.flat_map(|step| [honest.rd_new.wrapping_add(step), honest.rd_new.wrapping_sub(step)]);
            // 2^-16 is the small number -32512 modulo p, so that p more or less needs no large carry.
            let modulo_p = (0..48).step_by(16).map(|shift| u64::from(F::ORDER_U32) << shift);
            let modulo_p = modulo_p.flat_map(|p| [honest.rd_new.wrapping_add(p), honest.rd_new.wrapping_sub(p)]);
            let others = [0, 1, u64::MAX, !honest.rd_new, honest.rd_new.wrapping_neg(), high];
            for rd_new in steps.chain(modulo_p).chain(others) {
                if rd_new != honest.rd_new {
                    samples.assert_invalid(&Mul::fill(&Event { rd_new, ..honest }));
                    samples.assert_invalid(&Mul { result: limbs(rd_new), ..Mul::fill(&honest) });
                }
            }
        }
    }

    /// Sign extensions by a fraction whose multiples by 2^15 and by 0xffff are both small modulo p.
    #[test]
    fn fractional_sign_is_caught() {
        let samples = Samples::of(Kind::Mul);
        let extension = F::from_u32(509);
        let sign = extension / F::from_u32(0xffff);
        assert_eq!(sign * F::from_u32(1 << 15), F::from_u32((1 << 15) - 1));
        for (_, event) in samples.events() {
            let honest = Mul::fill(&event);
            let [c0, c1, ..] = honest.result;
            samples.assert_invalid(&Mul { sign, result: [c0, c1, extension, extension], ..honest });
        }
    }

    #[test]
    fn limbs_that_lend_to_each_other_are_caught() {
        let samples = Samples::of(Kind::Mul);
        let limb = F::from_u32(1 << 16);
        for (_, event) in samples.events() {
            let honest = Mul::fill(&event);
            for k in 0..4 {
                for lent in [F::ONE, F::NEG_ONE] {
                    let mut row = honest;
                    row.result[k] += lent * limb;
                    row.carry[k] -= lent;
                    if k < 3 {
                        row.result[k + 1] -= lent;
                    }
                    samples.assert_invalid(&row);
                    let mut row = honest;
                    row.a.low[k] += lent * F::from_u32(1 << 8);
                    samples.assert_invalid(&row);
                }
            }
        }
    }

    /// Every pair of operands of four limbs of two bits has one row, with the product; of four bits, those of a sample.
    #[test]
    fn every_small_row_is_the_only_one() {
        for (bits, is_word) in [(2, false), (2, true), (4, false), (4, true)] {
            let operand = Read { value: [Cell::Given; 4], ..Read::default() };
            let frame = Binary { rs1: operand, rs2: operand, ..Binary::default() };
            let (is_mul, is_mulw) = (flag(!is_word), flag(is_word));
            let cells = Mul { is_mul, is_mulw, frame, ..Mul::default() };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            small::pairs(bits).into_par_iter().for_each(|(a, b)| {
                let row: Mul<F> = world.only_filling(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
                let product = a.wrapping_mul(b);
                let result = if is_word { small::sign_extend(bits, product) } else { product };
                assert_eq!(row.result, small::limbs(bits, result), "{a} {b}");
            });
        }
    }
}
