//! High products: `mulh mulhsu mulhu`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! With `sa` and `sb` the signs of the operands, 0 where an operand is unsigned, the product of `a - 2^64 sa` and
//! `b - 2^64 sb` is `a b - 2^64 (sa b + sb a) + 2^128 sa sb`. Over the integers, limb by limb,
//!
//! `a b - 2^64 (sa b + sb a) = low + 2^64 c - 2^128 top`
//!
//! with `low` and `c` of four 16-bit limbs and `top` in {0, 1}: the left side lies in `-2^128..2^128`. Carries out
//! of limbs 0 to 3 lie in `0..2^11`, those out of limbs 4 to 6, where up to two limbs are subtracted, in
//! `-2..2^11 - 2`; the honest ones are at most 509, 1019, 1529, 2039, 1530, 1020 and 510. All sums lie between
//! -2^18 and 2^27, so that an equation in the field is one over the integers.
//!
//! # Degree
//! 2.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Mulh {
        /// Iff the row is `mulh`.
        is_mulh,
        /// Iff the row is `mulhsu`.
        is_mulhsu,
        /// Iff the row is `mulhu`.
        is_mulhu,
        /// Control, the operands `a` and `b` and the destination.
        frame: (Binary),
        /// The low byte of each limb of `a`.
        a_low: [4],
        /// The low byte of each limb of `b`.
        b_low: [4],
        /// The bitwise and of the two bytes of each lower limb of `a`, for their proof.
        a_and: [3],
        /// The bitwise and of the two bytes of each lower limb of `b`, for their proof.
        b_and: [3],
        /// The bitwise and of the low bytes of the top limbs, for their proof.
        top_and,
        /// Bit 63 of `a` iff the row is `mulh` or `mulhsu`, else 0.
        a_sign,
        /// Bit 63 of `b` iff the row is `mulh`, else 0.
        b_sign,
        /// The lower half of the product, four 16-bit limbs.
        low: [4],
        /// The result `c`, four 16-bit limbs.
        result: [4],
        /// The carries out of limbs 0 to 6 of the product.
        carry: [7],
        /// Iff the left side of the equation is negative: an operand is negative and neither is zero.
        top,
    }
}

/// Carries out of the upper limbs are looked up with this offset, because they can be -1 and -2.
const CARRY_OFFSET: u32 = 2;

impl Mulh<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self::claim(event, event.rs1.wrapping_mul(event.rs2))
    }

    /// The row that claims a lower half of the product.
    fn claim(event: &Event, low: u64) -> Self {
        let (a, b) = (event.rs1, event.rs2);
        let (a_sign, b_sign) = signs(event);
        let sums = sums(event);
        let [l0, l1, l2, l3] = product::integer_limbs(low);
        let [h0, h1, h2, h3] = product::integer_limbs(event.rd_new);
        let [carry @ .., top] = product::carries(sums, [l0, l1, l2, l3, h0, h1, h2, h3]);

        let (a_bytes, b_bytes) = (a.to_le_bytes(), b.to_le_bytes());
        Self {
            is_mulh: event.flag(Op::Mulh),
            is_mulhsu: event.flag(Op::Mulhsu),
            is_mulhu: event.flag(Op::Mulhu),
            frame: Binary::fill(event),
            a_low: product::low_bytes(a),
            b_low: product::low_bytes(b),
            a_and: core::array::from_fn(|i| F::from_u8(a_bytes[2 * i] & a_bytes[2 * i + 1])),
            b_and: core::array::from_fn(|i| F::from_u8(b_bytes[2 * i] & b_bytes[2 * i + 1])),
            top_and: F::from_u8(a_bytes[6] & b_bytes[6]),
            a_sign: F::from_bool(a_sign),
            b_sign: F::from_bool(b_sign),
            low: limbs(low),
            result: limbs(event.rd_new),
            carry,
            top: -top,
        }
    }
}

/// Bit 63 of each operand that is signed.
const fn signs(event: &Event) -> (bool, bool) {
    let op = event.row.op();
    (!matches!(op, Op::Mulhu) && event.rs1 >> 63 == 1, matches!(op, Op::Mulh) && event.rs2 >> 63 == 1)
}

/// The left side of the equation limb by limb, before carries.
fn sums(event: &Event) -> [i64; 8] {
    let (a_sign, b_sign) = signs(event);
    let mut sums = product::integer_limb_products(event.rs1, event.rs2);
    let limbs = product::integer_limbs(event.rs1).into_iter().zip(product::integer_limbs(event.rs2));
    for (k, (a, b)) in limbs.enumerate() {
        sums[k + 4] -= i64::from(a_sign) * b + i64::from(b_sign) * a;
    }
    sums
}

/// Rows of a liar who has one limb, or the carry out of it, out of range: everything above is as it then must be, the
/// result too. 2^-16 is -32512 modulo p, so that one more in a limb is a carry that is not small, but no
/// fraction.
#[cfg(feature = "fill")]
pub(crate) fn chains(event: &Event) -> impl Iterator<Item = Mulh<F>> {
    let (honest, sums) = (Mulh::fill(event), sums(event));
    let lies = [(1 << 16, -1), (-1 << 16, 1), (1, 32_512), (-1, -32_512), (2, 65_024), (-2, -65_024)];
    (0..7).flat_map(move |start| lies.map(|lie| (start, lie))).map(move |(start, (more, carried))| {
        let mut row = honest;
        *if start < 4 { &mut row.low[start] } else { &mut row.result[start - 4] } += F::from_i64(more);
        row.carry[start] += F::from_i64(carried);
        let mut carry = sums[..=start].iter().fold(0, |carry, sum| (sum + carry) >> 16) + carried;
        for (k, sum) in sums.into_iter().enumerate().skip(start + 1) {
            let sum = sum + carry;
            carry = sum >> 16;
            let limb = F::from_i64(sum & 0xffff);
            if k < 4 {
                row.low[k] = limb
            } else {
                row.result[k - 4] = limb
            }
            if k < 7 { row.carry[k] = F::from_i64(carry) } else { row.top = F::from_i64(-carry) }
        }
        row
    })
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Mulh], &[Op::Mulhsu], &[Op::Mulhu]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Mulh<AB::Var>) {
    let flags = [row.is_mulh, row.is_mulhsu, row.is_mulhu];
    let (is_real, operation) = e.one_operation(Kind::Mulh, &flags);
    e.binary(&row.frame, (operation, padded([])), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operands, with limbs of any even width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Mulh<AB::Var>, is_real: &AB::Expr) {
    let (a, b) = operands(e, bits, row, is_real);
    let (a_limbs, b_limbs) = (row.frame.rs1.value, row.frame.rs2.value);
    let mut carry_in = AB::Expr::ZERO;
    for (k, product) in product::limb_products(bits, &a, &b).into_iter().enumerate() {
        let mut sum = product + carry_in;
        let limb = if k < 4 { row.low[k] } else { row.result[k - 4] };
        if k >= 4 {
            sum -= row.a_sign * b_limbs[k - 4] + row.b_sign * a_limbs[k - 4];
        }
        e.range(constant::<AB>(1 << bits), limb, is_real.clone());
        if k == 7 {
            e.zero("product: top limb", sum - limb + row.top * F::from_u32(1 << bits));
            break;
        }
        let carry = row.carry[k];
        e.zero("product", sum - limb - carry * F::from_u32(1 << bits));
        let offset = if k < 4 { 0 } else { CARRY_OFFSET };
        e.range(constant::<AB>(product::carry_bound(bits)), carry + F::from_u32(offset), is_real.clone());
        carry_in = carry.into();
    }
    e.boolean("top is boolean", row.top);
}

/// The bytes of both operands, proved to be bytes, and their signs.
fn operands<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    bits: u32,
    row: &Mulh<AB::Var>,
    is_real: &AB::Expr,
) -> ([AB::Expr; 8], [AB::Expr; 8]) {
    let a = product::split::<AB>(bits, row.frame.rs1.value, row.a_low);
    let b = product::split::<AB>(bits, row.frame.rs2.value, row.b_low);
    for (bytes, and) in [(&a, row.a_and), (&b, row.b_and)] {
        for i in 0..3 {
            e.two_bytes(bytes[2 * i].clone(), bytes[2 * i + 1].clone(), and[i], is_real);
        }
    }
    e.two_bytes(a[6].clone(), b[6].clone(), row.top_and, is_real);

    // The top byte and its top bit, 0x80, is the sign; and 0 it is 0. Either look-up also proves the byte.
    let signed_a: AB::Expr = row.is_mulh + row.is_mulhsu;
    for (top, is_signed, sign) in [(&a[7], signed_a, row.a_sign), (&b[7], row.is_mulh.into(), row.b_sign)] {
        e.zero_when("sign on signed forms only", sign, AB::Expr::ONE - is_signed.clone());
        let bit = F::from_u32(1 << (bits / 2 - 1));
        e.two_bytes(top.clone(), is_signed * bit, sign * bit, is_real);
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use rayon::prelude::*;

    use super::*;
    use crate::check::samples::Samples;
    use crate::check::small::{self, Cell, Symbolic, World, flag, signed};

    #[test]
    fn wrong_products_with_fitting_carries_are_caught() {
        let samples = Samples::of(Kind::Mulh);
        for (sample, honest) in samples.events() {
            let low = sample.rs1.wrapping_mul(sample.rs2);
            let steps = (0..64).map(|bit| 1 << bit);
            let steps = steps.flat_map(|step| [honest.rd_new.wrapping_add(step), honest.rd_new.wrapping_sub(step)]);
            let others = [0, 1, u64::MAX, !honest.rd_new, honest.rd_new.wrapping_neg(), low];
            for rd_new in steps.chain(others) {
                if rd_new != honest.rd_new {
                    samples.assert_invalid(&Mulh::fill(&Event { rd_new, ..honest }));
                }
            }
            // 2^-16 is the small number -32512 modulo p, so that p more or less needs no large carry.
            let product = u128::from(honest.rd_new) << 64 | u128::from(low);
            for p in (0..112).step_by(16).map(|shift| u128::from(F::ORDER_U32) << shift) {
                for product in [product.wrapping_add(p), product.wrapping_sub(p)] {
                    let event = Event { rd_new: (product >> 64) as u64, ..honest };
                    samples.assert_invalid(&Mulh::claim(&event, product as u64));
                }
            }
        }
    }

    /// The result that another of the three operations gives, with that operation's signs.
    #[test]
    fn signs_of_another_operation_are_caught() {
        let samples = Samples::of(Kind::Mulh);
        let pairs = samples.list.len() / 3;
        for i in 0..samples.list.len() {
            let honest = Mulh::fill(&samples.event(i));
            for other in (0..3).map(|op| op * pairs + i % pairs) {
                let other = Mulh::fill(&samples.event(other));
                if (other.a_sign, other.b_sign) != (honest.a_sign, honest.b_sign) {
                    let Mulh { a_sign, b_sign, result, carry, top, .. } = other;
                    samples.assert_invalid(&Mulh { a_sign, b_sign, result, carry, top, ..honest });
                }
            }
        }
    }

    #[test]
    fn limbs_that_lend_to_each_other_are_caught() {
        let samples = Samples::of(Kind::Mulh);
        let limb = F::from_u32(1 << 16);
        for (_, event) in samples.events() {
            let honest = Mulh::fill(&event);
            for (k, lent) in (0..8).flat_map(|k| [(k, F::ONE), (k, F::NEG_ONE)]) {
                let mut row = honest;
                if k < 7 {
                    row.carry[k] -= lent;
                } else {
                    row.top += lent;
                }
                if k < 4 {
                    row.low[k] += lent * limb;
                } else {
                    row.result[k - 4] += lent * limb;
                }
                match k {
                    0..3 => row.low[k + 1] -= lent,
                    3..7 => row.result[k - 3] -= lent,
                    _ => (),
                }
                samples.assert_invalid(&row);
            }
        }
    }

    /// Every pair of operands of four limbs of two bits has one row, with the upper half of the product; of four bits,
    /// those of a sample.
    #[test]
    fn every_small_row_is_the_only_one() {
        for (bits, op) in [2, 4].into_iter().flat_map(|bits| [0, 1, 2].map(|op| (bits, op))) {
            let operand = Read { value: [Cell::Given; 4], ..Read::default() };
            let cells = Mulh {
                is_mulh: flag(op == 0),
                is_mulhsu: flag(op == 1),
                is_mulhu: flag(op == 2),
                frame: Binary { rs1: operand, rs2: operand, ..Binary::default() },
                ..Mulh::default()
            };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            let width = 4 * bits;
            small::pairs(bits).into_par_iter().for_each(|(a, b)| {
                let row: Mulh<F> = world.only_filling(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
                let value = |word, is_signed| if is_signed { signed(width, word).into() } else { i64::from(word) };
                let product = value(a, op < 2) * value(b, op < 1);
                assert_eq!(row.low, small::limbs(bits, product as u32), "{op}: {a} {b}");
                assert_eq!(row.result, small::limbs(bits, (product >> width) as u32), "{op}: {a} {b}");
            });
        }
    }
}
