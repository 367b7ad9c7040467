//! Shifts and rotations by a register: `sll srl sra rol ror`, and of 32 bits `sllw srlw sraw rolw rorw`.
//!
//! The amount is `16 whole + within`: whole limbs are moved first and give `x`, then every limb of `x` is cut. `stay =
//! 2^(16 - within)` bounds the bits that stay in a limb, `cross = 2^within` those that cross into its neighbour.
//!
//! A rotation is a left shift that gets back what it loses; `ror rorw` are rotations to the left by the negated amount.
//! `rolw rorw` by a limb or more move by three limbs: 48 is 16 modulo 32, and of all rotations of 64 bits by whole
//! limbs the one by three has limb 1 of `a` at the bottom.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! Over the integers below 2^18: limb 0 of `b` is the amount, negated for `ror rorw`, plus 64 (32 for W forms) times
//! `rest`. Over the integers below 2^16: `x = stays + stay * crosses` and `c = cross * stays + crosses of the limb below`
//! for left shifts, where the limb below limb 0 is nothing, but limb 3 for rotations; `x = cross * stays + crosses` and
//! `c = stays + stay * crosses of the limb above` for right shifts, where limbs above the operand are all ones if it is
//! negative and signed. Limb 3 of `x` is not always what is moved there but the one whose bits that stay have the sign on
//! top: limb 3 of `a` for `srl sra`, limb 1 of `a` for `srlw sraw`, and for `sllw rolw rorw` what is moved to limb 1, and
//! gives limb 1 of `c`, which the W forms sign-extend.
//!
//! `srlw` by 0 sign-extends and is `sraw` by 0, so `srlw` counts as signed iff the amount is 0. An amount below 16 is
//! shown not to be 0 by `1 < cross`, with limb 2 of `x`, which it does not need.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod tests;

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Shift {
        /// Iff the row is `sll`, `rol` or `ror`.
        is_sll,
        /// Iff the row is `srl` or `sra` by less than a limb.
        is_right_within,
        /// Iff the row is `srl` or `sra` by a limb or more.
        is_right_beyond,
        /// Iff the row is `sllw`, `rolw` or `rorw`.
        is_sllw,
        /// Iff the row is `srlw`.
        is_srlw,
        /// Iff the row is `sraw`.
        is_sraw,
        /// Iff the row is `rol`, `ror`, `rolw` or `rorw`.
        is_rotate,
        /// Iff the row is `ror` or `rorw`.
        is_negated,
        /// Iff the row is `sra`, `sllw`, `rolw`, `rorw`, `sraw`, or `srlw` by 0.
        is_signed,
        /// Control, the operand `a`, the amount `b`, and the destination.
        frame: (Binary),
        /// The lower four bits of the amount.
        within: [4],
        /// Iff the row moves by one, two or three whole limbs.
        whole: [3],
        /// Limb 0 of `b` less the amount, or plus it if it is negated, in units of 64, of 32 for W forms; -1 if `rolw`
        /// moves by three limbs and limb 0 of `b` is below 32.
        rest,
        /// 2 to the lower two bits of the amount, 0 on padding rows.
        cross_low,
        /// Bound of the bits that cross into the neighbour, 2 to the lower four bits of the amount.
        cross,
        /// Bound of the bits that stay in their limb; `stay * cross = 2^16`.
        stay,
        /// The bits of each limb of `x` that stay; of limb 3 without the top bit.
        stays: [4],
        /// The bits of each limb of `x` that cross.
        crosses: [4],
        /// The top one of the bits of limb 3 of `x` that stay.
        sign,
        /// Iff the row is signed and `sign` is set: right shifts fill with ones, W forms extend with ones.
        is_negative,
        /// The result `c`, four 16-bit limbs.
        result: [4],
    }
}

impl Shift<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let form = Form::of(event.row.op());
        let Form { is_word, is_left, is_rotate, is_negated } = form;
        let (low_limb, amount) = (event.rs2 as i32 & 0xffff, form.amount(event.rs2));
        let rest = (low_limb + if is_negated { amount } else { -amount }) / form.width();
        let (whole, cross) = (amount / 16, 1 << (amount % 16));
        let cuts = Cuts::of(event.row.op(), event.rs1, amount as u32);
        Self {
            is_sll: F::from_bool(is_left && !is_word),
            is_right_within: F::from_bool(!is_left && !is_word && whole == 0),
            is_right_beyond: F::from_bool(!is_left && !is_word && whole > 0),
            is_sllw: F::from_bool(is_left && is_word),
            is_srlw: F::from_bool(event.row.op() == Op::Srlw),
            is_sraw: F::from_bool(event.row.op() == Op::Sraw),
            is_rotate: F::from_bool(is_rotate),
            is_negated: F::from_bool(is_negated),
            is_signed: F::from_bool(cuts.is_signed),
            frame: Binary::fill(event),
            within: core::array::from_fn(|i| F::from_i32(amount >> i & 1)),
            whole: [1, 2, 3].map(|limbs| F::from_bool(whole == limbs)),
            rest: F::from_i32(rest),
            cross_low: F::from_u32(1 << (amount % 4)),
            cross: F::from_u32(cross),
            stay: F::from_u32((1 << 16) / cross),
            stays: cuts.stays.map(F::from_u32),
            crosses: cuts.crosses.map(F::from_u32),
            sign: F::from_u32(cuts.sign),
            is_negative: F::from_bool(cuts.is_signed && cuts.sign == 1),
            result: limbs(event.rd_new),
        }
    }
}

/// What the operations of the table have in common with each other.
#[derive(Clone, Copy)]
struct Form {
    is_word: bool,
    is_left: bool,
    is_rotate: bool,
    is_negated: bool,
}

impl Form {
    const fn of(op: Op) -> Self {
        let is_rotate = matches!(op, Op::Rol | Op::Ror | Op::Rolw | Op::Rorw);
        Self {
            is_word: matches!(op, Op::Sllw | Op::Srlw | Op::Sraw | Op::Rolw | Op::Rorw),
            is_left: matches!(op, Op::Sll | Op::Sllw) || is_rotate,
            is_rotate,
            is_negated: matches!(op, Op::Ror | Op::Rorw),
        }
    }

    const fn width(self) -> i32 {
        if self.is_word { 32 } else { 64 }
    }

    /// By how many bits the row shifts or rotates, below 64.
    const fn amount(self, b: u64) -> i32 {
        let amount = if self.is_negated { -(b as i32 & 0xffff) } else { b as i32 & 0xffff }.rem_euclid(self.width());
        if self.is_rotate && self.is_word && amount >= 16 { amount + 32 } else { amount }
    }
}

/// The cells of a row that depend on where the limbs of `x` are cut.
struct Cuts {
    stays: [u32; 4],
    crosses: [u32; 4],
    sign: u32,
    is_signed: bool,
}

impl Cuts {
    fn of(op: Op, a: u64, amount: u32) -> Self {
        let Form { is_word, is_left, is_rotate, .. } = Form::of(op);
        let (bits, cross) = (amount / 16 * 16, 1 << (amount % 16));
        let stay = (1 << 16) / cross;
        let limb = |word: u64, i: usize| (word >> (16 * i)) as u32 & 0xffff;
        let cut = |limb| if is_left { [limb % stay, limb / stay] } else { [limb / cross, limb % cross] };

        let left = if is_rotate { a.rotate_left(bits) } else { a << bits };
        let sign_limb = match (is_left, is_word) {
            (true, true) => limb(a, usize::from(bits == 0)),
            (true, false) => limb(left, 3),
            (false, true) => limb(a, 1),
            (false, false) => limb(a, 3),
        };
        let sign = cut(sign_limb)[0] / (stay / 2);
        let is_signed =
            matches!(op, Op::Sra | Op::Sllw | Op::Sraw | Op::Rolw | Op::Rorw) || op == Op::Srlw && amount == 0;
        let is_negative = is_signed && sign == 1;
        let moved = match (is_left, is_word, is_negative) {
            (true, _, _) => left,
            (false, false, false) => a >> bits,
            (false, false, true) => (a.cast_signed() >> bits).cast_unsigned(),
            (false, true, false) => u64::from(a as u32) >> bits,
            (false, true, true) => (i64::from(a as i32) >> bits).cast_unsigned(),
        };
        let x = [limb(moved, 0), limb(moved, 1), if is_word && !is_left { 0 } else { limb(moved, 2) }, sign_limb];
        let (mut stays, mut crosses) = (x.map(|limb| cut(limb)[0]), x.map(|limb| cut(limb)[1]));
        stays[3] %= stay / 2;
        if op == Op::Srlw {
            crosses[2] = u32::from(amount < 16 && !is_signed);
        }
        Self { stays, crosses, sign, is_signed }
    }
}

/// Sums of flags and limbs that several constraints need.
struct Parts<E> {
    /// `sll` and `sllw`, rotations among them.
    is_left: E,
    /// `srl` and `sra`.
    is_right: E,
    /// `srlw` and `sraw`.
    is_right_word: E,
    /// The W forms.
    is_word: E,
    is_real: E,
    /// One-hot, by how many whole limbs the row moves.
    whole: [E; 4],
    /// A limb above the operand of a right shift.
    above: E,
    /// Bits of a limb.
    bits: u32,
}

fn parts_of<AB: Builder>(bits: u32, row: &Shift<AB::Var>) -> Parts<AB::Expr> {
    let is_left = row.is_sll + row.is_sllw;
    let is_right = row.is_right_within + row.is_right_beyond;
    let is_right_word = row.is_srlw + row.is_sraw;
    let is_real = is_left.clone() + is_right.clone() + is_right_word.clone();
    let [one, two, three] = row.whole.map(Into::into);
    Parts {
        is_left,
        is_right,
        is_word: is_right_word.clone() + row.is_sllw,
        is_right_word,
        whole: [is_real.clone() - one.clone() - two.clone() - three.clone(), one, two, three],
        is_real,
        above: row.is_negative * F::from_u32((1 << bits) - 1),
        bits,
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[
    &[Op::Sll],
    &[Op::Srl],
    &[Op::Sra],
    &[Op::Sllw],
    &[Op::Srlw],
    &[Op::Sraw],
    &[Op::Rol],
    &[Op::Ror],
    &[Op::Rolw],
    &[Op::Rorw],
];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Shift<AB::Var>) {
    let flags = [row.is_sll, row.is_right_within, row.is_right_beyond, row.is_sllw, row.is_srlw, row.is_sraw];
    let is_real = e.one_hot(&flags);
    let parts = parts_of::<AB>(LIMB_BITS, row);
    e.flag(["is_rotate is boolean", "rotations are left shifts"], row.is_rotate, parts.is_left.clone());
    e.flag(["is_negated is boolean", "rotations alone are negated"], row.is_negated, row.is_rotate);

    let says = (operation_number::<AB>(row, &parts), padded([]));
    e.binary(&row.frame, says, &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);

    arithmetic(e, LIMB_BITS, row);
}

/// The result by the operands, with limbs of any width that is a power of two up to 16.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Shift<AB::Var>) {
    let parts = parts_of::<AB>(bits, row);
    amount(e, row, &parts);
    sign(e, row, &parts);
    e.check_cuts([row.stay, row.cross], &row.stays, &row.crosses, &parts.is_real);
    cuts(e, row, &parts);
    for (result, limb) in row.result.into_iter().zip(results::<AB>(row, &parts)) {
        e.equal("limb of the result", result, limb);
    }
}

/// The amount, its powers of two, and the bits above it.
fn amount<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) {
    e.booleans("bit of the amount is boolean", row.within);
    e.booleans("whole limbs: flag is boolean", row.whole);
    let [none, one, two, three] = parts.whole.clone();
    e.boolean("whole limbs: at most one flag, none on padding rows", none.clone());
    e.zero_when("less than a limb", row.is_right_within, AB::Expr::ONE - none.clone());
    e.zero_when("a limb or more", row.is_right_beyond, none);
    let other = row.is_rotate * (one - three.clone()) + three;
    e.zero_when("W forms move by none or one limb, rotations by three", parts.is_word.clone(), two + other);

    let [one_bit, two_bits, four_bits, eight_bits] = row.within;
    let factor = |bit: AB::Var, weight: u32| bit * F::from_u32(weight - 1) + F::ONE;
    e.zero_when("cross_low", parts.is_real.clone(), factor(one_bit, 2) * factor(two_bits, 4) - row.cross_low.into());
    e.equal("cross", row.cross, factor(four_bits, 16) * factor(eight_bits, 256) * row.cross_low);
    e.equal("stay", row.stay * row.cross, parts.is_real.clone() * F::from_u32(1 << parts.bits));

    let weight = -parts.is_word.clone() * F::from_u32(2 * parts.bits) + F::from_u32(4 * parts.bits);
    let signed = (-row.is_negated.into().double() + F::ONE) * amount_of::<AB>(parts.bits, row);
    e.equal("limb 0 of b is the amount and the rest", row.frame.rs2.value[0], signed + weight * row.rest);
    let bound = parts.is_word.clone() * F::from_u32(1 << 11) + F::from_u32(1 << 11);
    e.range(bound, row.rest + F::ONE, parts.is_real.clone());
}

fn amount_of<AB: Builder>(bits: u32, row: &Shift<AB::Var>) -> AB::Expr {
    let weighted = |bits: &[AB::Var], weights: &[u32]| -> AB::Expr {
        bits.iter().zip(weights).map(|(&bit, &weight)| bit * F::from_u32(weight)).sum()
    };
    weighted(&row.within, &[1, 2, 4, 8]) + weighted(&row.whole, &[bits, 2 * bits, 3 * bits])
}

/// Which rows are signed, and what makes them negative.
fn sign<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) {
    let may_be_signed = parts.is_right.clone() + parts.is_word.clone();
    e.flag(["is_signed is boolean", "sll is not signed"], row.is_signed, may_be_signed);
    e.zero_when("sllw and sraw are signed", row.is_sllw + row.is_sraw, AB::Expr::ONE - row.is_signed.into());
    e.zero_when("srlw is signed by 0 only", row.is_srlw * row.is_signed, amount_of::<AB>(parts.bits, row));
    let [none, ..] = parts.whole.clone();
    e.zero_when("srlw by 0 is signed", row.is_srlw, none - row.is_signed - row.crosses[2]);
    e.boolean("sign is boolean", row.sign);
    e.equal("negative iff signed", row.is_negative, row.is_signed * row.sign);
}

/// The limbs of `x`.
fn moved<AB: Builder>(row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) -> [AB::Expr; 4] {
    let (a, whole) = (row.frame.rs1.value, &parts.whole);
    let up = |i: usize| -> AB::Expr { (0..=i).map(|k| whole[k].clone() * a[i - k]).sum() };
    let round = |i: usize| -> AB::Expr { (i + 1..4).map(|k| whole[k].clone() * a[4 + i - k]).sum() };
    let down = |i: usize, width: usize| -> AB::Expr {
        let limb = |k: usize| if i + k < width { a[i + k].into() } else { parts.above.clone() };
        (0..4).map(|k| whole[k].clone() * limb(k)).sum()
    };
    let limb =
        |i: usize| parts.is_left.clone() * up(i) + row.is_rotate * round(i) + parts.is_right.clone() * down(i, 4);
    let low = |i: usize| limb(i) + parts.is_right_word.clone() * down(i, 2);
    let none = whole[0].clone();
    let last = row.is_sll * up(3)
        + row.is_sllw * (none.clone() * a[1] + (AB::Expr::ONE - none) * a[0])
        + parts.is_right.clone() * a[3]
        + parts.is_right_word.clone() * a[1];
    [low(0), low(1), limb(2), last]
}

/// The limbs of `x` are cut: the bits that cross are the upper ones for left shifts and the lower ones for right
/// shifts. `srlw sraw` have no use for limb 2, but for the proof in [`sign`].
fn cuts<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) {
    let x = moved::<AB>(row, parts);
    let is_right = parts.is_right.clone() + parts.is_right_word.clone();
    for (i, (x, is_right)) in x.into_iter().zip([&is_right, &is_right, &parts.is_right, &is_right]).enumerate() {
        let mut left = row.stay * row.crosses[i] + row.stays[i];
        let mut right = row.cross * row.stays[i] + row.crosses[i];
        if i == 3 {
            left += row.sign * row.stay.into().halve();
            right += row.sign * F::from_u32(1 << (parts.bits - 1));
        }
        e.equal("limb is cut", parts.is_left.clone() * left + is_right.clone() * right, x);
    }
    e.zero_when("srlw sraw: no bits stay in limb 2", parts.is_right_word.clone(), row.stays[2]);
    e.zero_when("sraw: no bits cross from limb 2", row.is_sraw, row.crosses[2]);
}

/// The limbs of the result, put together from the cuts.
fn results<AB: Builder>(row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) -> [AB::Expr; 4] {
    let [s0, s1, s2, s3] = row.stays;
    let [c0, c1, c2, c3] = row.crosses;
    let (stay, cross) = (row.stay, row.cross);
    let fill = (-stay.into() + F::from_u32(1 << parts.bits)) * row.is_negative;
    let extension = parts.is_word.clone() * parts.above.clone();
    let s3_crossed = cross * s3 + row.sign * F::from_u32(1 << (parts.bits - 1));

    let limb0 = parts.is_left.clone() * cross * s0
        + row.is_rotate * c3
        + (parts.is_right.clone() + parts.is_right_word.clone()) * (stay * c1 + s0);
    let limb1 = row.is_sll * (cross * s1 + c0)
        + row.is_sllw * (s3_crossed.clone() + c0)
        + parts.is_right.clone() * (stay * c2 + s1)
        + parts.is_right_word.clone() * (fill.clone() + s1);
    let limb2 = extension.clone()
        + row.is_sll * (cross * s2 + c1)
        + row.is_right_within * (stay * c3 + s2)
        + row.is_right_beyond * (fill.clone() + s2);
    let limb3 = extension
        + row.is_sll * (s3_crossed + c2)
        + row.is_right_within * (fill + s3 + row.sign * stay.into().halve())
        + row.is_right_beyond * parts.above.clone();
    [limb0, limb1, limb2, limb3]
}

/// The number of the operation.
fn operation_number<AB: Builder>(row: &Shift<AB::Var>, parts: &Parts<AB::Expr>) -> AB::Expr {
    let step = number(Op::Sra) - number(Op::Srl);
    row.is_sll * number(Op::Sll)
        + parts.is_right.clone() * (row.is_signed * step + number(Op::Srl))
        + row.is_sllw * number(Op::Sllw)
        + row.is_srlw * number(Op::Srlw)
        + row.is_sraw * number(Op::Sraw)
        + row.is_rotate
            * (row.is_sll * (number(Op::Rol) - number(Op::Sll)) + row.is_sllw * (number(Op::Rolw) - number(Op::Sllw)))
        + row.is_negated * (number(Op::Ror) - number(Op::Rol))
}
