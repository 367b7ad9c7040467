//! Sums of a shifted word and another: `add.uw sh1add sh2add sh3add sh1add.uw sh2add.uw sh3add.uw`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked. The program row's weight is 1, 2, 4 or 8.
//!
//! # Constrains
//! Over the integers, limb by limb, `weight a + b = c + 2^64 carry`, where the upper two limbs of `a` count as zero in the
//! `.uw` forms. A limb's sum is at most `9 * 2^16`, so that the carry out of it is at most 8; carries are looked up in
//! `0..16`, and both sides of an equation lie below 2^21.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct ShiftAdd {
        /// Iff the row adds all of `a`.
        is_whole,
        /// Iff the row adds the lower half of `a`: the `.uw` forms.
        is_lower,
        /// 2 to the shift, from the program row.
        weight,
        /// Control, the operands `a`, which is shifted, and `b`, and the destination.
        frame: (Binary),
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// The carry out of each limb.
        carry: [4],
    }
}

/// Bound of the carries.
const CARRY_BOUND: u32 = 16;

impl ShiftAdd<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let (is_lower, weight) = (event.row.op() == Op::AddUw, event.row.w[0]);
        let a = product::integer_limbs(if is_lower { event.rs1 & 0xffff_ffff } else { event.rs1 });
        let (b, c) = (product::integer_limbs(event.rs2), product::integer_limbs(event.rd_new));
        let mut carry = 0;
        Self {
            is_whole: F::from_bool(!is_lower),
            is_lower: F::from_bool(is_lower),
            weight: F::from_i64(weight),
            frame: Binary::fill(event),
            result: limbs(event.rd_new),
            carry: core::array::from_fn(|i| {
                carry = (weight * a[i] + b[i] + carry - c[i]) >> 16;
                F::from_i64(carry)
            }),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] =
    &[&[Op::Sh1add, Op::Sh2add, Op::Sh3add], &[Op::AddUw, Op::Sh1addUw, Op::Sh2addUw, Op::Sh3addUw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftAdd<AB::Var>) {
    let flags = [row.is_whole, row.is_lower];
    let (is_real, operation) = e.one_operation(Kind::ShiftAdd, &flags);
    let says = (operation, padded([row.weight.into()]));
    e.binary(&row.frame, says, &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);

    let mut carry_in = AB::Expr::ZERO;
    for i in 0..4 {
        let a = if i < 2 { row.frame.rs1.value[i].into() } else { row.is_whole * row.frame.rs1.value[i] };
        let sum = a * row.weight + row.frame.rs2.value[i] + carry_in;
        e.equal("sum", sum, row.carry[i] * F::from_u32(1 << 16) + row.result[i]);
        e.range(constant::<AB>(1 << 16), row.result[i], is_real.clone());
        e.range(constant::<AB>(CARRY_BOUND), row.carry[i], is_real.clone());
        carry_in = row.carry[i].into();
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;
    use crate::check::samples::Samples;

    /// The largest operands reach the largest carry, which leaves room below the bound.
    #[test]
    fn carries_reach_8_and_no_more() {
        let samples = Samples::of(Kind::ShiftAdd);
        let carries = samples.events().flat_map(|(_, event)| ShiftAdd::fill(&event).carry);
        assert_eq!(carries.map(|carry| carry.as_canonical_u32()).max(), Some(8));
    }

    /// Wrong sums with the carries that fit them, the sum of the other form among them.
    #[test]
    fn wrong_sums_are_caught() {
        let samples = Samples::of(Kind::ShiftAdd);
        for (sample, honest) in samples.events() {
            assert!(!samples.is_invalid(&ShiftAdd::fill(&honest)));
            let steps =
                (0..64).flat_map(|bit| [honest.rd_new.wrapping_add(1 << bit), honest.rd_new.wrapping_sub(1 << bit)]);
            let forms = (0..4).flat_map(|shift| {
                [sample.rs1, sample.rs1 & 0xffff_ffff].map(|a| (a << shift).wrapping_add(sample.rs2))
            });
            for rd_new in steps.chain(forms).filter(|&sum| sum != honest.rd_new) {
                assert!(samples.is_invalid(&ShiftAdd::fill(&Event { rd_new, ..honest })), "{sample:?}: {rd_new:#x}");
            }
        }
    }

    /// As 2^16 * 32512 is -1 modulo p, a carry that is larger by 32512 pays for a limb that is larger by 1.
    #[test]
    fn a_carry_round_the_field_is_caught() {
        let samples = Samples::of(Kind::ShiftAdd);
        let (round, limb) = (F::from_u32(F::ORDER_U32 >> 16), F::from_u32(1 << 16));
        assert_eq!(round * limb, F::NEG_ONE);
        for (_, event) in samples.events().step_by(5) {
            let honest = ShiftAdd::fill(&event);
            for (k, sign) in (0..4).flat_map(|k| [(k, F::ONE), (k, F::NEG_ONE)]) {
                let mut row = honest;
                row.carry[k] += sign * round;
                row.result[k] += sign;
                if k < 3 {
                    row.result[k + 1] += sign * round;
                    // The limb above takes the larger carry in, and may carry itself.
                    let above = row.result[k + 1];
                    for carry in [F::ZERO, F::ONE, F::NEG_ONE] {
                        row.result[k + 1] = above - carry * limb;
                        let mut forged = row;
                        forged.carry[k + 1] += carry;
                        if k < 2 {
                            forged.result[k + 2] += carry;
                        }
                        samples.assert_invalid(&forged);
                    }
                } else {
                    samples.assert_invalid(&row);
                }
            }
        }
    }

    #[test]
    fn a_limb_that_lends_to_its_carry_is_caught() {
        let samples = Samples::of(Kind::ShiftAdd);
        for (_, event) in samples.events().step_by(5) {
            for (k, lent) in (0..4).flat_map(|k| [(k, F::ONE), (k, F::NEG_ONE)]) {
                let mut row = ShiftAdd::fill(&event);
                row.carry[k] -= lent;
                row.result[k] += lent * F::from_u32(1 << 16);
                if k < 3 {
                    row.result[k + 1] -= lent;
                }
                samples.assert_invalid(&row);
            }
        }
    }
}
