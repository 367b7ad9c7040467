//! Forgers, and small rows.

use p3_field::PrimeField32;
use rayon::prelude::*;
use spec_interp::{Op, alu};

use super::*;
use crate::check::RowBuilder;
use crate::check::samples::{Sample, Samples, by_constant, cells, ops};
use crate::check::small::{self, Cell, Symbolic, World, flag, rotate_left, signed};
use crate::emit::constant;
use crate::event::Event;
use crate::kind::Kind;
use crate::lower::lower;
use crate::rom::RomRow;
use crate::rom::operation;

/// The row with the result that its cuts make.
fn with_result(row: ShiftImm<F>) -> ShiftImm<F> {
    ShiftImm { result: results::<RowBuilder<'_>>(LIMB_BITS, &row), ..row }
}

/// The row with `x` cut as its flags and bounds say, and with the result that this makes; none if `x` cannot be cut.
fn refitted(mut row: ShiftImm<F>) -> Option<ShiftImm<F>> {
    let x = moved::<RowBuilder<'_>>(LIMB_BITS, &row).map(|limb| limb.as_canonical_u32());
    let low_bound = row.low_bound.as_canonical_u32();
    row.low = x.map(|limb| F::from_u32(limb % low_bound));
    row.high = x.map(|limb| F::from_u32(limb / low_bound));
    row.high[3] -= row.is_negative * row.sign_weight;
    x.iter().all(|&limb| limb < 1 << 16).then(|| with_result(row))
}

#[test]
fn forged_results_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, honest) in samples.events() {
        let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 63), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
        for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
            assert!(samples.is_invalid(&ShiftImm::fill(&Event { rd_new, ..honest })), "{sample:?}");
        }
    }
}

/// A cut in another place: one more or less above it, and the lower part makes up for it, or the other way round.
#[test]
fn limbs_cut_elsewhere_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events() {
        let honest = ShiftImm::fill(&event);
        let steps = [(F::ONE, honest.low_bound), (honest.low_bound.inverse(), F::ONE)];
        for (limb, (up, down)) in (0..4).flat_map(|limb| steps.map(|step| (limb, step))) {
            for sign in [F::ONE, F::NEG_ONE] {
                let mut row = honest;
                row.high[limb] += sign * up;
                row.low[limb] -= sign * down;
                assert!(samples.is_invalid(&row) && samples.is_invalid(&with_result(row)), "{sample:?}");
            }
        }
    }
}

/// All cells of another amount or operation, then as much of the program row put back as does not show. Among them: a
/// rotation that drops what it should wrap, one by the negated amount, a shift that wraps, upper limbs in `slli.uw`.
#[test]
fn other_shifts_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events() {
        let honest = ShiftImm::fill(&event);
        let ShiftImm { one, two, low_bound, high_bound, sign_weight, .. } = honest;
        let ShiftImm { is_left, is_left_uw, is_rotate, is_right_within, is_right_beyond, .. } = honest;
        let flags = |row| ShiftImm { is_left, is_left_uw, is_rotate, is_right_within, is_right_beyond, ..row };
        let amounts = [0, 16, 32, 48, 1, 15, 64 - 2 * sample.inst.imm].map(|step| (sample.inst.imm + step) % 64);
        for (op, amount) in ops(Kind::ShiftImm).flat_map(|op| amounts.map(|amount| (op, amount))) {
            let lowered = lower(spec_interp::map::PROGRAM_BASE, &by_constant(op, amount)).expect("it has a row");
            let rd_new = alu(op, sample.rs1, amount as u64).expect("a shift");
            let row = RomRow { flag: lowered.flag, w: lowered.w, ..*event.row };
            let forged = ShiftImm::fill(&Event { row: &row, rd_new, ..event });
            for row in [
                forged,
                flags(forged),
                ShiftImm { one, two, ..forged },
                ShiftImm { one, two, low_bound, high_bound, ..forged },
                ShiftImm { one, two, low_bound, high_bound, sign_weight, ..forged },
                flags(ShiftImm { one, two, ..forged }),
                flags(ShiftImm { one, two, low_bound, high_bound, sign_weight, ..forged }),
            ] {
                assert!(cells(&row) == cells(&honest) || samples.is_invalid(&row), "{sample:?} as {op:?} by {amount}");
            }
        }
    }
}

/// `srai` of a negative word filled with zeros and of another one with ones: only a range check speaks.
#[test]
fn wrong_signs_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events().filter(|(sample, _)| sample.inst.op == Op::Srai) {
        let (amount, whole) = (sample.inst.imm as u32, sample.inst.imm as usize / 16);
        let honest = ShiftImm::fill(&event);
        let zeros = RomRow { flag: 1, ..*event.row };
        let rd_new = sample.rs1 >> amount;
        let mut row = ShiftImm::fill(&Event { row: &zeros, rd_new, ..event });
        row.sign_weight = honest.sign_weight;
        if honest.is_negative == F::ZERO {
            row.is_negative = F::ONE;
            row.high[3] -= row.sign_weight;
            for limb in 4 - whole.max(1)..3 {
                (row.low[limb], row.high[limb]) = (row.low_bound - F::ONE, row.high_bound - F::ONE);
            }
            row.result = limbs(rd_new | !(u64::MAX >> amount));
        }
        assert_eq!(samples.complaints(&row), ["range"], "{sample:?}");
    }
}

/// An operation or weight of the sign that is not a row's own, where the program alone tells them apart.
#[test]
fn weights_of_the_sign_are_those_of_the_operation() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events() {
        let honest = ShiftImm::fill(&event);
        let half = honest.high_bound.halve();
        for weight in [F::ZERO, half, -half, half.halve(), half.double()] {
            let row = ShiftImm { sign_weight: weight, ..honest };
            assert!(weight == honest.sign_weight || samples.is_invalid(&row), "{sample:?}");
        }
    }
}

/// A shift of any kind that names the operation by a weight of the sign: half the bound makes `srli` of `slli`, and
/// `slli.uw` of `rori`.
#[test]
fn operations_named_by_weights_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events() {
        let honest = ShiftImm::fill(&event);
        for kind in 0..5 {
            let [is_left, is_left_uw, is_rotate, is_right_within, is_right_beyond] =
                core::array::from_fn(|flag| F::from_bool(flag == kind));
            let of_kind = ShiftImm { is_left, is_left_uw, is_rotate, is_right_within, is_right_beyond, ..honest };
            let named = |sign_weight| operation_number::<RowBuilder<'_>>(&ShiftImm { sign_weight, ..of_kind });
            let target = F::from_u32(event.row.operation());
            let sign_weight = (target - named(F::ZERO)) / (named(F::ONE) - named(F::ZERO));
            for is_negative in [F::ZERO, F::ONE] {
                let Some(row) = refitted(ShiftImm { sign_weight, is_negative, ..of_kind }) else { continue };
                assert!(cells(&row) == cells(&honest) || samples.is_invalid(&row), "{sample:?}");
            }
        }
    }
}

/// No operation has the number that `srli` would have with a weight of minus the bound, whose range check would pass.
/// So that it is the weight that is caught, the program here has such a row.
#[test]
fn other_weights_are_caught() {
    let sample = Sample::new(by_constant(Op::Srli, 20), 0x9e37_79b9_7f4a_7c15, 0);
    let mut samples = Samples::new(Kind::ShiftImm, [sample]);
    let number = operation(Kind::ShiftImm, 1, false) - 4;
    let honest = ShiftImm::fill(&samples.event(0));
    let (table, flag) = (Kind::ALL[number as usize / 64 - 1], (number % 64 / 2) as u8);
    samples.rom.rows[0] = RomRow { table, flag, ..samples.rom.rows[0] };
    assert_eq!(samples.rom.rows[0].operation(), number);
    assert!(samples.is_invalid(&ShiftImm { sign_weight: -honest.high_bound, ..honest }));
}

/// An `srai` that is negative by a fraction, with the sign's limb to make up for it.
#[test]
fn fractional_signs_are_caught() {
    let samples = Samples::of(Kind::ShiftImm);
    for (sample, event) in samples.events().filter(|(sample, _)| sample.inst.op == Op::Srai) {
        let honest = ShiftImm::fill(&event);
        for step in [F::ONE, F::NEG_ONE] {
            let mut row = honest;
            row.high[3] += step;
            row.is_negative -= step / row.sign_weight;
            assert!(samples.is_invalid(&with_result(row)), "{sample:?}");
        }
    }
}

/// Every word of four limbs of two bits, and those of a sample of limbs of four bits, shifted by every constant have one
/// row.
#[test]
fn every_small_row_is_the_only_one() {
    let cases = [2_u32, 4].into_iter().flat_map(|bits| (0..5).map(move |number| (bits, number)));
    for (bits, number) in cases {
        let (is_right, width) = (matches!(number, 1 | 2), 4 * bits);
        // `slli.uw` by more is `slli`.
        for amount in 0..if number == 4 { 2 * bits } else { width } {
            let (within, whole) = (amount % bits, amount / bits);
            let cut = if is_right { within } else { bits - within };
            let code = if number < 3 { [[1, 1], [1, 0], [0, 1], [0, 0]] } else { [[0, 0], [1, 0], [0, 1], [-1, 0]] };
            let [one, two] = code[whole as usize].map(|value| Cell::Fixed(F::from_i32(value)));
            let power = |exponent: u32| Cell::Fixed(F::from_u32(1 << exponent));
            let cells = ShiftImm {
                is_left: flag(number == 0),
                is_left_uw: flag(number == 4),
                is_rotate: flag(number == 3),
                is_right_within: flag(is_right && whole == 0),
                is_right_beyond: flag(is_right && whole > 0),
                one,
                two,
                low_bound: power(cut),
                high_bound: power(bits - cut),
                // Given by the operation's number.
                sign_weight: if number == 2 { power(bits - cut - 1) } else { flag(false) },
                frame: Unary { rs1: Read { value: [Cell::Given; 4], ..Read::default() }, ..Unary::default() },
                ..ShiftImm::default()
            };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            small::words(bits).into_par_iter().for_each(|a| {
                let row: ShiftImm<F> = world.only_filling(&small::limbs(bits, a));
                let result = match number {
                    0 => a << amount,
                    1 => a >> amount,
                    2 => (signed(width, a) >> amount).cast_unsigned(),
                    3 => rotate_left(width, a, amount),
                    _ => (a % (1 << (2 * bits))) << amount,
                };
                assert_eq!(row.result, small::limbs(bits, result), "{number}: {a} by {amount}");
            });
        }
    }
}

/// An instruction of another table whose words are powers of two, as those of `jalr` can be, and whose number is that of
/// `srli` and one more of them: half of the upper word is the weight that makes up for it. No instruction is at such a
/// distance now, so the program here has one.
#[test]
fn words_of_other_instructions_are_no_bounds() {
    let sample = Sample::new(by_constant(Op::Srli, 52), 0x9e37_79b9_7f4a_7c15, 0);
    let mut samples = Samples::new(Kind::ShiftImm, [sample]);
    let honest = ShiftImm::fill(&samples.event(0));
    let [low, high] = [64, 0x8000];
    let number = operation(Kind::ShiftImm, 1, false) + low;
    let (table, flag) = (Kind::ALL[number as usize / 64 - 1], (number % 64 / 2) as u8);
    samples.rom.rows[0] = RomRow { table, flag, w: [low.into(), high.into(), 0, 0], ..samples.rom.rows[0] };
    assert_eq!(samples.rom.rows[0].operation(), number);
    let [low_bound, high_bound] = [low, high].map(F::from_u32);
    let row = ShiftImm { low_bound, high_bound, sign_weight: high_bound.halve(), ..honest };
    let row = refitted(row).expect("limbs of the operand");
    assert_eq!(samples.complaints(&row), ["bounds of one limb"]);
}
