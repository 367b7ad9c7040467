//! Shifts and rotations of 64 bits by a constant: `slli srli srai rori slli.uw`.
//!
//! The amount is `16 whole + within`. The row moves limbs by whole ones, which gives `x`, and cuts every limb of `x`
//! where its neighbours meet in the result: `within` bits below its top for left shifts, above its bottom for right
//! ones. A rotation to the right by `n` is one to the left by `64 - n`: a left shift that gets back what it loses.
//! `slli.uw` is a left shift of a word whose upper two limbs count as zero.
//!
//! # Assumes
//! The operand is four 16-bit limbs, because every word ever written was checked. The program names `rori` by the amount to
//! the left and holds no `slli.uw` by 32 or more, which is `slli`. It knows the cut by `low_bound * high_bound = 2^16`, and
//! the whole limbs by `one` and `two`. For `slli srli srai` both are set for none, the first for one, the second for two,
//! neither for three. For `rori slli.uw` neither is set for none, the first for one, the second for two, and for three `one`
//! is -1.
//!
//! # Constrains
//! Over the integers below 2^16: `x = low + low_bound * high` with `low < low_bound` and `high < high_bound`, and of the
//! result `c = high_bound * low + high of the limb below` for left shifts, where the limb below limb 0 is nothing, but limb 3
//! for `rori`; `c = high_bound * low of the limb above + high` for right ones, where limbs above the operand are all ones if
//! `srai` shifts a negative word. Limb 3 of `x` of a right shift is limb 3 of `a` by whatever amount: for `srai` its sign is
//! the top bit of `high`. What belongs in its place if the shift is by a limb or more is a limb above the operand.
//!
//! # Degree
//! The degree is 3. So that the products of limbs with flags of direction and whole limbs stay within it, the limbs moved
//! by are not one-hot: `one * two`, for one, says that a shift in either direction moves none, and is 0 for `rori slli.uw`.
//! `one * (one - 1)`, which is 0 for all others, says that `rori` moves three.

#[cfg(test)]
mod tests;

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct ShiftImm {
        /// Iff the row is `slli`.
        is_left,
        /// Iff the row is `slli.uw`.
        is_left_uw,
        /// Iff the row is `rori`.
        is_rotate,
        /// Iff the row is `srli` or `srai` by less than a limb.
        is_right_within,
        /// Iff the row is `srli` or `srai` by a limb or more.
        is_right_beyond,
        /// By how many whole limbs the row moves, with `two` and from the program row: see Assumes.
        one,
        /// The same.
        two,
        /// Control, the operand `a` and the destination.
        frame: (Unary),
        /// Bound of the lower part of a limb, from the program row.
        low_bound,
        /// Bound of the upper part of a limb, from the program row; `low_bound * high_bound = 2^16`.
        high_bound,
        /// What the sign weighs in the upper part of limb 3: half of `high_bound` iff the row is `srai`, else 0.
        sign_weight,
        /// The lower part of each limb of `x`.
        low: [4],
        /// The upper part of each limb of `x`; of limb 3 without the sign of `srai`.
        high: [4],
        /// Iff the row is `srai` and `a` is negative.
        is_negative,
        /// The result `c`, four 16-bit limbs.
        result: [4],
    }
}

impl ShiftImm<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let [low_bound, high_bound, ..] = event.row.w.map(|word| word as u32);
        let [_, _, one, two] = event.row.w;
        let op = event.row.op();
        let (is_right, is_arithmetic) = (matches!(op, Op::Srli | Op::Srai), op == Op::Srai);
        let whole = match (matches!(op, Op::Rori | Op::SlliUw), one, two) {
            (false, 1, 1) | (true, 0, 0) => 0,
            (_, 1, _) => 1,
            (_, _, 1) => 2,
            _ => 3,
        };
        let moved = match op {
            Op::Slli => event.rs1 << (16 * whole),
            Op::Srli => event.rs1 >> (16 * whole),
            Op::Srai => (event.rs1.cast_signed() >> (16 * whole)).cast_unsigned(),
            Op::Rori => event.rs1.rotate_left(16 * whole),
            _ => u64::from(event.rs1 as u32) << (16 * whole),
        };
        let top = if is_right { event.rs1 } else { moved };
        let x = [moved, moved >> 16, moved >> 32, top >> 48].map(|limb| limb as u32 & 0xffff);
        let sign_weight = if is_arithmetic { high_bound / 2 } else { 0 };
        let is_negative = is_arithmetic && event.rs1 >> 63 == 1;
        let mut high = x.map(|limb| limb / low_bound);
        high[3] -= if is_negative { sign_weight } else { 0 };
        Self {
            is_left: F::from_bool(op == Op::Slli),
            is_left_uw: F::from_bool(op == Op::SlliUw),
            is_rotate: F::from_bool(op == Op::Rori),
            is_right_within: F::from_bool(is_right && whole == 0),
            is_right_beyond: F::from_bool(is_right && whole > 0),
            one: F::from_i64(one),
            two: F::from_i64(two),
            frame: Unary::fill(event),
            low_bound: F::from_u32(low_bound),
            high_bound: F::from_u32(high_bound),
            sign_weight: F::from_u32(sign_weight),
            low: x.map(|limb| F::from_u32(limb % low_bound)),
            high: high.map(F::from_u32),
            is_negative: F::from_bool(is_negative),
            result: limbs(event.rd_new),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Slli], &[Op::Srli], &[Op::Srai], &[Op::Rori], &[Op::SlliUw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftImm<AB::Var>) {
    let flags = [row.is_left, row.is_left_uw, row.is_rotate, row.is_right_within, row.is_right_beyond];
    let is_real = e.one_hot(&flags);
    let w = [row.low_bound, row.high_bound, row.one, row.two].map(Into::into);
    e.unary(&row.frame, (operation_number::<AB>(row), w), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
}

/// The result by the operand and the cells of the program row, with limbs of any width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &ShiftImm<AB::Var>, is_real: &AB::Expr) {
    // So says the program of shifts; of whatever else could pass for one with another weight of the sign it says nothing.
    let limb = is_real.clone() * F::from_u32(1 << bits);
    e.equal("bounds of one limb", row.low_bound * row.high_bound, limb);
    let none = row.one * row.two;
    e.zero_when("less than a limb", row.is_right_within, AB::Expr::ONE - none.clone());
    e.zero_when("a limb or more", row.is_right_beyond, none);

    e.zero_when(
        "sign weighs half or nothing",
        row.sign_weight,
        row.sign_weight.into().double() - row.high_bound.into(),
    );
    e.zero_when("sign of right shifts only", row.sign_weight, moves_left::<AB>(row));
    e.boolean("is_negative is boolean", row.is_negative);
    let no_sign = row.high_bound - row.sign_weight.into().double();
    e.zero_when("negative if the sign weighs", row.is_negative, no_sign);

    for (i, moved) in moved::<AB>(bits, row).into_iter().enumerate() {
        e.equal("limb is cut", moved, row.low[i] + row.low_bound * high::<AB>(row, i));
        let sign = if i == 3 { row.sign_weight.into() } else { AB::Expr::ZERO };
        e.range(row.low_bound, row.low[i], is_real.clone());
        e.range(row.high_bound - sign, row.high[i], is_real.clone());
    }
    for (result, limb) in row.result.into_iter().zip(results::<AB>(bits, row)) {
        e.equal("limb of the result", result, limb);
    }
}

/// The upper part of a limb of `x`, sign included.
fn high<AB: Builder>(row: &ShiftImm<AB::Var>, i: usize) -> AB::Expr {
    if i == 3 { row.is_negative * row.sign_weight + row.high[3] } else { row.high[i].into() }
}

/// 1 iff the bits that cross do so into the limb above.
fn moves_left<AB: Builder>(row: &ShiftImm<AB::Var>) -> AB::Expr {
    row.is_left + row.is_left_uw + row.is_rotate
}

/// The limbs of `x`. What says of which kind a row is and how many whole limbs it moves by has degree 2.
fn moved<AB: Builder>(bits: u32, row: &ShiftImm<AB::Var>) -> [AB::Expr; 4] {
    let [a0, a1, a2, a3] = row.frame.rs1.value;
    let above = row.is_negative * F::from_u32((1 << bits) - 1);
    let none = row.one * row.two;
    let left_none = none.clone() - row.is_right_within;
    let left_one = row.is_left * row.one - left_none.clone();
    let left_two = row.is_left * row.two - left_none.clone();
    let left_three = row.is_left - left_one.clone() - left_two.clone() - left_none;
    let right_one = row.is_right_beyond * row.one;
    let right_two = row.is_right_beyond * row.two;
    let right_three = row.is_right_beyond - right_one.clone() - right_two.clone();
    let uw_one = row.is_left_uw * row.one;
    let uw_none = row.is_left_uw - uw_one.clone();
    let round_three = (row.one * (row.one - AB::Expr::ONE)).halve();
    let round_one = row.is_rotate * row.one + round_three.clone();
    let round_two = row.is_rotate * row.two;
    let round_none = row.is_rotate - round_one.clone() - round_two.clone() - round_three.clone();

    // Which limbs stay in their place, move up, or move down, rotations round the end; `slli.uw` has no upper limbs.
    let stay_upper = none + round_none;
    let stay = stay_upper.clone() + uw_none;
    let up_upper = left_one + round_one.clone();
    let up = up_upper.clone() + uw_one;
    let up_two = left_two + round_two.clone();
    let up_three = left_three + round_three.clone();
    let down_one = right_one + round_three;
    let down_two = right_two.clone() + round_two;
    let down_three = right_three.clone() + round_one;
    let beyond = row.is_right_beyond * a3;
    [
        stay.clone() * a0 + down_one.clone() * a1 + down_two.clone() * a2 + down_three * a3,
        stay * a1 + up.clone() * a0 + down_one.clone() * a2 + down_two * a3 + right_three.clone() * above.clone(),
        stay_upper.clone() * a2 + up * a1 + up_two.clone() * a0 + down_one * a3 + (right_two + right_three) * above,
        stay_upper * a3 + up_upper * a2 + up_two * a1 + up_three * a0 + beyond,
    ]
}

/// The limbs of the result, put together from the cuts.
fn results<AB: Builder>(bits: u32, row: &ShiftImm<AB::Var>) -> [AB::Expr; 4] {
    let (moves_left, is_right) = (moves_left::<AB>(row), row.is_right_within + row.is_right_beyond);
    // Lower parts in their place in the result; of a limb above the operand.
    let low = |i: usize| row.high_bound * row.low[i];
    let low_above = (-row.high_bound.into() + F::from_u32(1 << bits)) * row.is_negative;
    let high = |i: usize| high::<AB>(row, i);
    [
        moves_left.clone() * low(0) + row.is_rotate * high(3) + is_right.clone() * (low(1) + high(0)),
        moves_left.clone() * (low(1) + high(0)) + is_right.clone() * (low(2) + high(1)),
        moves_left.clone() * (low(2) + high(1))
            + row.is_right_within * low(3)
            + row.is_right_beyond * low_above.clone()
            + is_right * high(2),
        moves_left * (low(3) + high(2))
            + row.is_right_within * (low_above + high(3))
            + row.is_right_beyond * row.is_negative * F::from_u32((1 << bits) - 1),
    ]
}

/// The number of the operation.
fn operation_number<AB: Builder>(row: &ShiftImm<AB::Var>) -> AB::Expr {
    // 1 for `srai`: half of `high_bound` times `low_bound` is 2^15.
    let is_arithmetic = row.sign_weight * row.low_bound * F::from_u32(1 << 15).inverse();
    let is_right = row.is_right_within + row.is_right_beyond;
    row.is_left * number(Op::Slli)
        + is_right * number(Op::Srli)
        + is_arithmetic * (number(Op::Srai) - number(Op::Srli))
        + row.is_rotate * number(Op::Rori)
        + row.is_left_uw * number(Op::SlliUw)
}
