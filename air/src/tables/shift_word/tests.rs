//! Forgers, and small rows.

use p3_field::{Field, PrimeField32};
use spec_interp::alu;

use super::*;
use crate::check::RowBuilder;
use crate::check::samples::{Samples, by_constant, cells, ops};
use crate::check::small::{Cell, Symbolic, World, flag, limbs as small_limbs, rotate_left, sign_extend, signed};
use crate::emit::constant;
use crate::event::Event;
use crate::kind::Kind;
use crate::lower::lower;
use crate::rom::RomRow;

/// The row with the result that its cuts make.
fn with_result(row: ShiftWord<F>) -> ShiftWord<F> {
    ShiftWord { result: results::<RowBuilder<'_>>(LIMB_BITS, &row), ..row }
}

/// The row with `x` cut as its flags and bounds say, and with the result that this makes; none if `x` cannot be cut.
fn refitted(mut row: ShiftWord<F>) -> Option<ShiftWord<F>> {
    let x = moved::<RowBuilder<'_>>(&row).map(|limb| limb.as_canonical_u32());
    let [stay, cross] = [row.stay, row.cross].map(|bound| bound.as_canonical_u32());
    let is_left = row.left != [F::ZERO; 2];
    let [low, high] = x.map(|limb| if is_left { [limb % stay, limb / stay] } else { [limb / cross, limb % cross] });
    row.stays = [low[0], high[0] % (stay / 2)].map(F::from_u32);
    row.crosses = [low[1], high[1]].map(F::from_u32);
    row.sign = F::from_u32(high[0] / (stay / 2));
    row.is_negative = row.sign * if is_left { F::ONE } else { row.is_filled };
    x.iter().all(|&limb| limb < 1 << 16).then(|| with_result(row))
}

#[test]
fn forged_results_are_caught() {
    let samples = Samples::of(Kind::ShiftWord);
    for (sample, honest) in samples.events() {
        let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 31), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
        for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
            let mut row = ShiftWord::fill(&Event { rd_new, ..honest });
            row.is_negative = F::from_bool(rd_new >> 63 == 1);
            assert!(samples.is_invalid(&row), "{sample:?}");
        }
    }
}

/// A cut in another place: one more or less crosses, and the bits that stay make up for it.
#[test]
fn limbs_cut_elsewhere_are_caught() {
    let samples = Samples::of(Kind::ShiftWord);
    for (sample, event) in samples.events() {
        let honest = ShiftWord::fill(&event);
        let is_left = honest.left[0] + honest.left[1];
        // What one unit of `crosses` weighs in units of `stays`; or what it takes in `crosses` to make up for one of
        // `stays`. One of both is a fraction, hence a wild value.
        let weight = if is_left == F::ONE { honest.stay } else { honest.cross.inverse() };
        for (crosses, stays) in [(F::ONE, -weight), (F::NEG_ONE, weight), (weight.inverse(), F::NEG_ONE)] {
            for limb in 0..2 {
                let mut row = honest;
                row.crosses[limb] += crosses;
                row.stays[limb] += stays;
                assert!(samples.is_invalid(&row) && samples.is_invalid(&with_result(row)), "{sample:?}");
            }
        }
    }
}

/// All cells of another amount or operation, then as much of the program row put back as does not show. Among them: a
/// rotation that drops what it should wrap, one by the negated amount, a shift that wraps.
#[test]
fn other_shifts_are_caught() {
    let samples = Samples::of(Kind::ShiftWord);
    for (sample, event) in samples.events() {
        let honest = ShiftWord::fill(&event);
        let ShiftWord { left, right, is_filled, stay, cross, .. } = honest;
        let amounts = [0, 16, 1, 15, 32 - 2 * sample.inst.imm].map(|step| (sample.inst.imm + step) % 32);
        for (op, amount) in ops(Kind::ShiftWord).flat_map(|op| amounts.map(|amount| (op, amount))) {
            let lowered = lower(spec_interp::map::PROGRAM_BASE, &by_constant(op, amount)).expect("it has a row");
            let rd_new = alu(op, sample.rs1, amount as u64).expect("a shift");
            let row = RomRow { flag: lowered.flag, w: lowered.w, ..*event.row };
            let forged = ShiftWord::fill(&Event { row: &row, rd_new, ..event });
            for row in [
                forged,
                ShiftWord { is_filled, ..forged },
                ShiftWord { stay, cross, ..forged },
                ShiftWord { left, right, is_filled, ..forged },
                ShiftWord { left, right, is_filled, stay, cross, ..forged },
            ] {
                assert!(cells(&row) == cells(&honest) || samples.is_invalid(&row), "{sample:?} as {op:?} by {amount}");
            }
        }
    }
}

/// A shift in one direction that names another operation, in the other direction too, by a flag that is no bit: twice
/// `is_filled` makes `roriw` of `srliw`.
#[test]
fn operations_named_by_fractions_are_caught() {
    let samples = Samples::of(Kind::ShiftWord);
    for (sample, event) in samples.events() {
        let honest = ShiftWord::fill(&event);
        let whole = [0, 1].map(|limbs| F::from_bool(event.row.w[2] == limbs));
        for (left, right) in [(whole, [F::ZERO; 2]), ([F::ZERO; 2], whole)] {
            let named = |is_filled| operation_number::<RowBuilder<'_>>(&ShiftWord { left, right, is_filled, ..honest });
            let target = F::from_u32(event.row.operation());
            let is_filled = (target - named(F::ZERO)) / (named(F::ONE) - named(F::ZERO));
            let Some(row) = refitted(ShiftWord { left, right, is_filled, ..honest }) else { continue };
            assert!(cells(&row) == cells(&honest) || samples.is_invalid(&row), "{sample:?}");
        }
    }
}

/// A sign that is no bit, with the bits that stay to make up for it.
#[test]
fn fractional_signs_are_caught() {
    let samples = Samples::of(Kind::ShiftWord);
    for (sample, event) in samples.events() {
        let honest = ShiftWord::fill(&event);
        let half = honest.stay.halve();
        for step in [F::ONE, F::NEG_ONE, half] {
            let mut row = honest;
            row.stays[1] += step;
            row.sign -= step / half;
            if honest.left != [F::ZERO; 2] || honest.is_filled == F::ONE {
                row.is_negative = row.sign;
            }
            assert!(samples.is_invalid(&with_result(row)), "{sample:?}");
        }
    }
}

/// Every word of two limbs of two or four bits, shifted by every constant, has one row.
#[test]
fn every_small_row_is_the_only_one() {
    for (bits, number) in [2, 4].into_iter().flat_map(|bits| (0..4).map(move |number| (bits, number))) {
        let (is_left, is_filled, width) = (matches!(number, 0 | 3), number > 1, 2 * bits);
        // `srliw` by 0 is `sraiw` by 0.
        for amount in if number == 1 { 1..width } else { 0..width } {
            let (within, whole) = (amount % bits, amount / bits);
            let power = |exponent: u32| Cell::Fixed(F::from_u32(1 << exponent));
            let cells = ShiftWord {
                left: [0, 1].map(|limbs| flag(is_left && whole == limbs)),
                right: [0, 1].map(|limbs| flag(!is_left && whole == limbs)),
                is_filled: flag(is_filled),
                stay: power(bits - within),
                cross: power(within),
                frame: Unary {
                    rs1: Read { value: [Cell::Given, Cell::Given, Cell::Hidden, Cell::Hidden], ..Read::default() },
                    ..Unary::default()
                },
                ..ShiftWord::default()
            };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            for a in 0..1 << width {
                let row: ShiftWord<F> = world.only_filling(&small_limbs(bits, a)[..2]);
                let result = match number {
                    0 => a << amount,
                    1 => a >> amount,
                    2 => (signed(width, a) >> amount).cast_unsigned(),
                    _ => rotate_left(width, a, amount),
                };
                let ([c0, c1], upper) = (row.result, row.is_negative * F::from_u32((1 << bits) - 1));
                assert_eq!(
                    [c0, c1, upper, upper],
                    small_limbs(bits, sign_extend(bits, result)),
                    "{number}: {a} by {amount}"
                );
            }
        }
    }
}
