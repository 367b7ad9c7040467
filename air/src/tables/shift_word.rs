//! Shifts and rotations of 32 bits by a constant: `slliw srliw sraiw roriw`.
//!
//! A shift by `16 whole + within` moves bits by whole limbs and cuts every limb: `stay = 2^(16 - within)` bounds the
//! bits that stay in a limb, `cross = 2^within` those that cross into its neighbour. The program knows both. A rotation
//! to the right by `n` is one to the left by `32 - n`, and a left shift that gets back what it loses.
//!
//! # Assumes
//! The operand is four 16-bit limbs, because every word ever written was checked. The program holds no `srliw` by 0,
//! which would sign-extend: it is lowered to `sraiw` by 0, which is the same. It names `roriw` by the amount to the left.
//!
//! # Constrains
//! With `x` the limbs that the whole-limb move brings into place, over the integers below 2^16: `x = stays + stay *
//! crosses` and `c = cross * stays + crosses of the limb below` for left shifts, where the limb below limb 0 is nothing,
//! but limb 1 for `roriw`; `x = cross * stays + crosses` and `c = stays + stay * crosses of the limb above` for right
//! shifts, limbs above being all ones if `sraiw` shifts a negative word. Limb 1 of `x` is the one whose bits that stay have
//! the sign on top, of the result for left shifts and of the operand for right ones: limb 1 of `a`, except for left shifts
//! by 16 or more. The result is sign-extended.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod tests;

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct ShiftWord {
        /// Iff the row is `slliw` or `roriw` and moves by this many whole limbs.
        left: [2],
        /// Iff the row is `srliw` or `sraiw` and moves by this many whole limbs.
        right: [2],
        /// Iff the row is `sraiw` or `roriw`, which fill the places they leave free: by the sign, or by what they lose.
        is_filled,
        /// Control, the operand `a`, whose limbs 2 and 3 do not matter, and the destination.
        frame: (Unary),
        /// Bound of the bits that stay in their limb, from the program row.
        stay,
        /// Bound of the bits that cross into the neighbour, from the program row; `stay * cross = 2^16`.
        cross,
        /// The bits of each limb of `x` that stay; of limb 1 without the top bit.
        stays: [2],
        /// The bits of each limb of `x` that cross.
        crosses: [2],
        /// The top one of the bits of limb 1 of `x` that stay.
        sign,
        /// Iff the result is negative: `sign`, but 0 for `srliw`.
        is_negative,
        /// The lower two limbs of the result `c`.
        result: [2],
    }
}

impl ShiftWord<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let [stay, cross, whole, _] = event.row.w.map(|word| word as u32);
        let op = event.row.op();
        let (is_left, is_filled) = (matches!(op, Op::Slliw | Op::Roriw), matches!(op, Op::Sraiw | Op::Roriw));
        let [low, high] = [0, 16].map(|bit| (event.rs1 >> bit) as u32 & 0xffff);
        let x = match (is_left, whole) {
            (true, 1) => [if is_filled { high } else { 0 }, low],
            (false, 1) => [high, high],
            _ => [low, high],
        };
        let halves = |limb| if is_left { (limb % stay, limb / stay) } else { (limb / cross, limb % cross) };
        let [(low_stays, low_crosses), (high_stays, high_crosses)] = x.map(halves);
        let sign = high_stays / (stay / 2);
        let [c0, c1, ..] = limbs(event.rd_new);
        Self {
            left: [0, 1].map(|limbs| F::from_bool(is_left && whole == limbs)),
            right: [0, 1].map(|limbs| F::from_bool(!is_left && whole == limbs)),
            is_filled: F::from_bool(is_filled),
            frame: Unary::fill(event),
            stay: F::from_u32(stay),
            cross: F::from_u32(cross),
            stays: [low_stays, high_stays % (stay / 2)].map(F::from_u32),
            crosses: [low_crosses, high_crosses].map(F::from_u32),
            sign: F::from_u32(sign),
            is_negative: F::from_bool((is_left || is_filled) && sign == 1),
            result: [c0, c1],
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Slliw], &[Op::Srliw], &[Op::Sraiw], &[Op::Roriw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftWord<AB::Var>) {
    let is_real = e.one_hot(&[row.left[0], row.left[1], row.right[0], row.right[1]]);
    e.flag(["is_filled is boolean", "is_filled on real rows only"], row.is_filled, is_real.clone());

    let w = padded([row.stay.into(), row.cross.into(), row.left[1] + row.right[1]]);
    e.unary(&row.frame, (operation_number::<AB>(row), w), &is_real);
    let upper = row.is_negative * F::from_u32(0xffff);
    let result = [row.result[0].into(), row.result[1].into(), upper.clone(), upper.clone()];
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operand and the cells of the program row, with limbs of any width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &ShiftWord<AB::Var>, is_real: &AB::Expr) {
    let (is_left, is_right): (AB::Expr, AB::Expr) = (row.left[0] + row.left[1], row.right[0] + row.right[1]);
    e.boolean("sign is boolean", row.sign);
    e.equal("negative iff signed", row.is_negative, row.sign * (is_left.clone() + is_right.clone() * row.is_filled));
    e.check_cuts([row.stay, row.cross], &row.stays, &row.crosses, is_real);
    let [x0, x1] = moved::<AB>(row);
    let ([s0, s1], [c0, c1]) = (row.stays, row.crosses);
    let left = is_left.clone() * (row.stay * c0 + s0);
    e.equal("limb 0 is cut", left + is_right.clone() * (row.cross * s0 + c0), x0);
    let left = is_left * (row.stay * c1 + s1 + row.sign * row.stay.into().halve());
    e.equal("limb 1 is cut", left + is_right * (row.cross * s1 + row.sign * F::from_u32(1 << (bits - 1)) + c1), x1);
    let [low, high] = results::<AB>(bits, row);
    e.equal("limb 0 of the result", row.result[0], low);
    e.equal("limb 1 of the result", row.result[1], high);
}

/// The limbs of `x`.
fn moved<AB: Builder>(row: &ShiftWord<AB::Var>) -> [AB::Expr; 2] {
    let ([a0, a1, ..], [left_none, left_one], [right_none, right_one]) = (row.frame.rs1.value, row.left, row.right);
    [
        (left_none + right_none) * a0 + (left_one * row.is_filled + right_one) * a1,
        left_one * a0 + (left_none + right_none + right_one) * a1,
    ]
}

/// The lower limbs of the result, put together from the cuts.
fn results<AB: Builder>(bits: u32, row: &ShiftWord<AB::Var>) -> [AB::Expr; 2] {
    let ([s0, s1], [c0, c1]) = (row.stays, row.crosses);
    let s1_whole = s1 + row.sign * row.stay.into().halve();
    let fill = (-row.stay.into() + F::from_u32(1 << bits)) * row.is_negative;
    let is_left: AB::Expr = row.left[0] + row.left[1];
    [
        is_left.clone() * (row.cross * s0 + row.is_filled * c1)
            + row.right[0] * (s0 + row.stay * c1)
            + row.right[1] * (fill.clone() + s0),
        is_left * (row.cross * s1 + row.sign * F::from_u32(1 << (bits - 1)) + c0)
            + row.right[0] * (s1_whole + fill)
            + row.right[1] * row.is_negative * F::from_u32((1 << bits) - 1),
    ]
}

/// The number of the operation.
fn operation_number<AB: Builder>(row: &ShiftWord<AB::Var>) -> AB::Expr {
    let (is_left, is_right) = (row.left[0] + row.left[1], row.right[0] + row.right[1]);
    let filled = is_left.clone() * (number(Op::Roriw) - number(Op::Slliw))
        + is_right.clone() * (number(Op::Sraiw) - number(Op::Srliw));
    is_left * number(Op::Slliw) + is_right * number(Op::Srliw) + row.is_filled * filled
}
