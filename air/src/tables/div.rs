//! Quotients and remainders: `div divu rem remu divw divuw remw remuw`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! Over the integers, with `A` and `B` the magnitudes of the operands (of their lower halves for W forms):
//!
//! `A = Q B + R`, and either `R < B` or `B = 0`, `Q = 2^64 - 1`.
//!
//! The first case determines `Q` and `R`; the second is the only one for `B = 0`, and gives `R = A`. The result is
//! `Q`, negated iff the operands' signs differ and `B` is not 0, or `R`, negated iff the dividend is negative; W
//! forms sign-extend it from bit 31. Both special cases come out by themselves: a division by zero gives all ones and
//! the dividend, and MIN / -1 has the positive quotient 2^63, which as a word is MIN.
//!
//! `A` is in no column. With `s` the sign of the dividend `a` it is `(1 - 2s) a + 2^64 s` (`2^32 s` for W forms), and the
//! equation is stated limb by limb on signed limbs: limb `k` of `Q B`, plus that of `R`, minus that of `A`, plus the
//! carry from below is 2^16 times the carry. The carry out of limb 3 is the `s` of `2^64 s`. The products
//! of bytes that belong to limbs 4 to 7 have the sum 0, so each is 0. A limb's sum lies between -2^17 and 2^28 and
//! the carries are looked up in `0..2^11` (the honest ones are at most 510, 1020 and 1530, and never negative), so that
//! an equation in the field is one over the integers.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod tests;

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Div {
        /// Iff the row is in use.
        is_real,
        /// Iff the operands are unsigned: `divu remu divuw remuw`.
        is_unsigned,
        /// Iff the result is the remainder: `rem remu remw remuw`.
        is_rem,
        /// Iff the row is a W form.
        is_word,
        /// Control, the dividend, the divisor, and the destination.
        frame: (Binary),
        /// The limb of the dividend that holds its sign: 3, or 1 of W forms.
        a_top,
        /// The limb of the divisor that holds its sign: 3, or 1 of W forms.
        b_top,
        /// Iff the dividend is negative.
        a_negative,
        /// The divisor.
        b: Signed,
        /// Iff the divisor is zero.
        b_zero,
        /// The bytes of the magnitude `B`.
        b_bytes: Bytes,
        /// The magnitude `Q` of the quotient; all ones if the divisor is zero.
        quotient: [4],
        /// The bytes of `Q`.
        quotient_bytes: Bytes,
        /// The magnitude `R` of the remainder.
        remainder: [4],
        /// The carries out of limbs 0 to 2 of `Q B + R - A`.
        carry: [3],
        /// Iff the limb is the highest in which `R` and `B` differ and the divisor is not zero.
        differs: [4],
        /// That limb of `B` minus that of `R`; 0 if the divisor is zero.
        difference,
        /// `Q` or `R` and whether the result is its negative.
        chosen: Signed,
        /// The result.
        result: [4],
        /// Bit 31 of the result iff the row is a W form, else 0.
        sign,
    }
}

columns! {
    /// A word of two's complement that stands elsewhere in the row, as magnitude and sign.
    pub struct Signed {
        /// Iff the word is the negative of the magnitude, which may be 0.
        negative,
        /// Iff `negative` and the row is no W form.
        negative_double,
        /// The magnitude, four 16-bit limbs; the upper two do not matter for W forms.
        magnitude: [4],
    }
}

impl Signed<F> {
    fn fill(negative: bool, is_word: bool, magnitude: u64) -> Self {
        Self {
            negative: F::from_bool(negative),
            negative_double: F::from_bool(negative && !is_word),
            magnitude: limbs(magnitude),
        }
    }
}

/// What a row claims of its operands.
#[derive(Clone, Copy, Debug)]
struct Division {
    a_negative: bool,
    b_negative: bool,
    /// The magnitude of the divisor.
    b: u64,
    b_zero: bool,
    quotient: u64,
    remainder: u64,
    /// Whether the result is the negative of quotient or remainder.
    negative: bool,
}

impl Division {
    fn of(event: &Event) -> Self {
        let [is_unsigned, is_rem, is_word] = flags(event);
        let operand = |word: u64| match (is_word, is_unsigned) {
            (false, true) => (false, word),
            (false, false) => (word >> 63 == 1, word.cast_signed().unsigned_abs()),
            (true, true) => (false, word & 0xffff_ffff),
            (true, false) => (word >> 31 & 1 == 1, u64::from((word as i32).unsigned_abs())),
        };
        let (a_negative, a) = operand(event.rs1);
        let (b_negative, b) = operand(event.rs2);
        let (quotient, remainder) = divide(a, b);
        let negative = if is_rem { a_negative } else { a_negative != b_negative && b != 0 };
        Self { a_negative, b_negative, b, b_zero: b == 0, quotient, remainder, negative }
    }
}

/// The quotient and the remainder of magnitudes, by zero as the manual has it.
fn divide(a: u64, b: u64) -> (u64, u64) {
    (a.checked_div(b).unwrap_or(u64::MAX), a.checked_rem(b).unwrap_or(a))
}

/// Whether a row is unsigned, asks for the remainder and is a W form.
const fn flags(event: &Event) -> [bool; 3] {
    let op = event.row.op();
    [
        matches!(op, Op::Divu | Op::Remu | Op::Divuw | Op::Remuw),
        matches!(op, Op::Rem | Op::Remu | Op::Remw | Op::Remuw),
        matches!(op, Op::Divw | Op::Divuw | Op::Remw | Op::Remuw),
    ]
}

impl Div<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self::claim(event, Division::of(event))
    }

    /// The row that claims a division, with all cells that follow from it.
    fn claim(event: &Event, division: Division) -> Self {
        let Division { a_negative, b_negative, b, b_zero, quotient, remainder, negative } = division;
        let [is_unsigned, is_rem, is_word] = flags(event);
        let top = |word| limbs(word)[if is_word { 1 } else { 3 }];
        let (b_limbs, r_limbs) = (product::integer_limbs(b), product::integer_limbs(remainder));
        let highest = (0..4).rev().find(|&k| !b_zero && b_limbs[k] != r_limbs[k]);
        Self {
            is_real: F::ONE,
            is_unsigned: F::from_bool(is_unsigned),
            is_rem: F::from_bool(is_rem),
            is_word: F::from_bool(is_word),
            frame: Binary::fill(event),
            a_top: top(event.rs1),
            b_top: top(event.rs2),
            a_negative: F::from_bool(a_negative),
            b: Signed::fill(b_negative, is_word, b),
            b_zero: F::from_bool(b_zero),
            b_bytes: Bytes::fill(b),
            quotient: limbs(quotient),
            quotient_bytes: Bytes::fill(quotient),
            remainder: limbs(remainder),
            carry: carries(event.rs1, is_word, a_negative, b, quotient, remainder),
            differs: core::array::from_fn(|k| F::from_bool(highest == Some(k))),
            difference: highest.map_or(F::ZERO, |k| F::from_i64(b_limbs[k] - r_limbs[k])),
            chosen: Signed::fill(negative, is_word, if is_rem { remainder } else { quotient }),
            result: limbs(event.rd_new),
            sign: F::from_bool(is_word && event.rd_new >> 63 == 1),
        }
    }
}

/// The carries out of limbs 0 to 2 of `Q B + R - A`, with `A` on signed limbs.
fn carries(rs1: u64, is_word: bool, a_negative: bool, b: u64, quotient: u64, remainder: u64) -> [F; 3] {
    let products = product::integer_limb_products(quotient, b);
    let dividend = product::integer_limbs(if is_word { rs1 & 0xffff_ffff } else { rs1 });
    let remainder = product::integer_limbs(remainder);
    let wrap = i64::from(is_word && a_negative);
    let sums = core::array::from_fn(|k| {
        let dividend = if a_negative { -dividend[k] } else { dividend[k] };
        products[k] + remainder[k] - dividend - if k == 2 { wrap } else { 0 }
    });
    product::carries(sums, [0; 3])
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] =
    &[&[Op::Div], &[Op::Divu], &[Op::Rem], &[Op::Remu], &[Op::Divw], &[Op::Divuw], &[Op::Remw], &[Op::Remuw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Div<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    for flag in [row.is_unsigned, row.is_rem, row.is_word] {
        e.flag(["flag is boolean", "flags on real rows only"], flag, is_real.clone());
    }

    let says = (operation_number::<AB>(row), padded([]));
    e.binary(&row.frame, says, &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row);
}

/// The result by the operands, with limbs of any even width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Div<AB::Var>) {
    operand_signs(e, bits, row);
    division(e, bits, row);
    remainder_is_smaller(e, bits, row);
    result(e, bits, row);
}

/// The number of the operation: [`crate::lower::table_of`] numbers the operations by these three flags.
fn operation_number<AB: Builder>(row: &Div<AB::Var>) -> AB::Expr {
    let weight = |op| number(op) - number(Op::Div);
    row.is_real * number(Op::Div)
        + row.is_unsigned * weight(Op::Divu)
        + row.is_rem * weight(Op::Rem)
        + row.is_word * weight(Op::Divw)
}

/// The signs of the operands, and the magnitude of the divisor.
fn operand_signs<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Div<AB::Var>) {
    let is_signed: AB::Expr = row.is_real - row.is_unsigned;
    let names = ["sign of an operand is boolean", "negative operands of signed forms only"];
    for (top, word, negative) in
        [(row.a_top, row.frame.rs1.value, row.a_negative), (row.b_top, row.frame.rs2.value, row.b.negative)]
    {
        e.equal("top limb", top, word[3] + row.is_word * (word[1] - word[3]));
        e.flag(names, negative, is_signed.clone());
        e.check_sign(bits, (top, negative), &is_signed, &row.is_real.into());
    }
    let names = ["divisor: negative, no W form", "divisor: negated", "divisor: as it is"];
    magnitude(e, bits, names, &row.b, row.is_word, row.frame.rs2.value);
    for limb in [row.b.magnitude[2], row.b.magnitude[3]] {
        e.zero_when("upper half of a W form's divisor", row.is_word, limb);
    }
}

/// `Q B + R = A`, and `Q` for a zero divisor.
fn division<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Div<AB::Var>) {
    let quotient = e.bytes(bits, row.quotient, &row.quotient_bytes, &row.is_real.into());
    let divisor = e.bytes(bits, row.b.magnitude, &row.b_bytes, &row.is_real.into());
    let is_double = AB::Expr::ONE - row.is_word.into();
    let sign = AB::Expr::ONE - row.a_negative.into().double();
    let shift = F::from_u32(1 << bits);

    let mut carry_in = AB::Expr::ZERO;
    let [p0, p1, p2, p3, upper @ ..] = product::limb_products(bits, &quotient, &divisor);
    for (k, product) in [p0, p1, p2, p3].into_iter().enumerate() {
        let lower_half = sign.clone() * row.frame.rs1.value[k];
        let dividend = match k {
            0 | 1 => lower_half,
            2 => lower_half * is_double.clone() + row.a_negative * row.is_word,
            _ => lower_half * is_double.clone() + is_double.clone() * row.a_negative * shift,
        };
        let sum = product + row.remainder[k] + carry_in.clone() - dividend;
        if k < 3 {
            e.equal("dividend", sum, row.carry[k] * shift);
            e.range(constant::<AB>(product::carry_bound(bits)), row.carry[k], row.is_real);
            carry_in = row.carry[k].into();
        } else {
            e.zero("dividend: top limb", sum);
        }
        e.range(constant::<AB>(1 << bits), row.remainder[k], row.is_real);
        e.zero_when("quotient by zero", row.b_zero, row.quotient[k] - F::from_u32((1 << bits) - 1));
    }
    e.zero("no product beyond the dividend", upper.into_iter().sum::<AB::Expr>());
}

/// `R < B`, or the divisor is zero.
fn remainder_is_smaller<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Div<AB::Var>) {
    let divisor = row.b.magnitude;
    e.boolean("divisor is zero: boolean", row.b_zero);
    e.zero_when("divisor is zero", row.b_zero, sum::<AB>(&divisor));

    let mut below = AB::Expr::ZERO;
    let mut difference = AB::Expr::ZERO;
    for (k, mark) in row.differs.into_iter().enumerate() {
        let distance = divisor[k] - row.remainder[k];
        e.boolean("highest difference is marked: boolean", mark);
        if k > 0 {
            e.zero_when("limbs above the mark are equal", below.clone(), distance.clone());
        }
        difference += distance * mark;
        below += mark.into();
    }
    // The left side is 0 to 4, the right side at most 1: a zero divisor has no mark, every other row in use has one.
    let is_marked = row.is_real - row.b_zero;
    e.equal("highest difference is marked once", below, is_marked.clone());
    e.equal("difference", row.difference, difference);
    e.range(constant::<AB>(1 << bits), row.difference - AB::Expr::ONE, is_marked);
}

/// The choice of quotient or remainder, its sign and the sign extension of W forms.
fn result<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Div<AB::Var>) {
    for k in 0..4 {
        let (q, r) = (row.quotient[k], row.remainder[k]);
        e.equal("chosen", row.chosen.magnitude[k], q + row.is_rem * (r - q));
    }
    // A divisor that is zero is not negative, so that its quotient would be so iff the dividend is.
    let quotient_only = row.b.negative - row.a_negative * (row.b.negative.into().double() + row.b_zero);
    let is_quotient = AB::Expr::ONE - row.is_rem.into();
    e.equal("sign of the chosen", row.chosen.negative, row.a_negative + is_quotient * quotient_only);
    let names = ["result: negative, no W form", "result: negated", "result: as it is"];
    magnitude(e, bits, names, &row.chosen, row.is_word, row.result);

    let (is_word, is_real) = (row.is_word.into(), row.is_real.into());
    let names = ["sign on W forms only", "W forms sign-extend"];
    e.check_extension(bits, names, (row.result, row.sign), &is_word);
    for (k, &limb) in row.result.iter().enumerate() {
        if k == 1 {
            e.check_sign(bits, (limb, row.sign), &is_word, &is_real);
        } else {
            e.range(constant::<AB>(1 << bits), limb, is_real.clone());
        }
    }
}

/// `word = magnitude`, or `word + magnitude` is 0 or 2^64 iff negative; for W forms on two limbs, with 2^32. Both are
/// four 16-bit limbs by other constraints; the carries between limbs are in {0, 1}.
fn magnitude<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    bits: u32,
    names: [&str; 3],
    signed: &Signed<AB::Var>,
    is_word: AB::Var,
    word: [AB::Var; 4],
) {
    let [name_double, name_negated, name_positive] = names;
    let is_double = AB::Expr::ONE - is_word.into();
    e.equal(name_double, signed.negative_double, signed.negative * is_double.clone());
    let shift = F::ONE.div_2exp_u64(bits.into());
    let mut carry = AB::Expr::ZERO;
    for (k, (&limb, &magnitude)) in word.iter().zip(&signed.magnitude).enumerate() {
        let (negative, positive) = if k < 2 {
            (signed.negative, AB::Expr::ONE - signed.negative.into())
        } else {
            (signed.negative_double, is_double.clone() - signed.negative_double.into())
        };
        carry = (limb + magnitude + carry) * shift;
        e.zero_when(name_negated, negative, carry.bool_check());
        e.zero_when(name_positive, positive, limb - magnitude);
    }
}
