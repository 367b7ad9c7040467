//! Forgers, and small rows.

use p3_field::{Field, PrimeField32, PrimeField64};
use rayon::prelude::*;
use spec_interp::{Op, alu};

use super::*;
use crate::check::RowBuilder;
use crate::check::samples::{Sample, Samples, by_amounts, by_register, cells, ops};
use crate::check::small::{self, Cell, World, flag, rotate_left, sign_extend, signed};
use crate::columns::Columns;
use crate::kind::Kind;
use crate::rom::RomRow;

/// Amounts on every operand. Whatever the amount, `x` is linear in the operand, so that those of one limb stand for all.
fn samples(amounts: impl IntoIterator<Item = u64> + Clone) -> Samples {
    Samples::new(Kind::Shift, ops(Kind::Shift).flat_map(|op| by_amounts(op, amounts.clone())))
}

/// The row with the result that its cuts make.
fn with_result(row: Shift<F>) -> Shift<F> {
    Shift { result: results::<RowBuilder<'_>>(&row, &parts_of::<RowBuilder<'_>>(LIMB_BITS, &row)), ..row }
}

/// The row with `x` cut as its flags and bounds say, and with the result that this makes; none if `x` cannot be cut.
fn refitted(mut row: Shift<F>) -> Option<Shift<F>> {
    let [stay, cross] = [row.stay, row.cross].map(|bound| bound.as_canonical_u32());
    let parts = parts_of::<RowBuilder<'_>>(LIMB_BITS, &row);
    let cut = |limb: u32| {
        if parts.is_left == F::ONE { [limb % stay, limb / stay] } else { [limb / cross, limb % cross] }
    };
    let x = |row: &Shift<F>| {
        moved::<RowBuilder<'_>>(row, &parts_of::<RowBuilder<'_>>(LIMB_BITS, row)).map(|limb| limb.as_canonical_u32())
    };
    // The limb of the sign does not depend on the sign.
    let [.., last] = x(&row);
    row.sign = F::from_u32(2 * cut(last)[0] / stay);
    row.is_negative = row.is_signed * row.sign;
    let x = x(&row);
    for i in (0..4).filter(|&i| i != 2 || parts.is_right_word == F::ZERO) {
        [row.stays[i], row.crosses[i]] = cut(x[i]).map(F::from_u32);
    }
    row.stays[3] -= row.sign * row.stay.halve();
    x.iter().all(|&limb| limb < 1 << 16).then(|| with_result(row))
}

/// Whether a row for an event is not the honest one and passes. `b` is what the row says.
fn forged(row: &Shift<F>, event: &Event, op: Op, samples: &Samples) -> bool {
    let rs2 = row.frame.rs2.value.iter().rev().fold(0, |word, limb| (word << 16) | limb.as_canonical_u64());
    let rd_new = alu(op, event.rs1, rs2).expect("a shift");
    cells(row) != cells(&Shift::fill(&Event { rs2, rd_new, ..*event })) && !samples.is_invalid(row)
}

/// Of each operation, with each value of the limb that the amount is in.
#[test]
fn every_limb_0_of_b_has_an_amount() {
    for op in ops(Kind::Shift) {
        let samples = Samples::new(Kind::Shift, [Sample::new(by_register(op), 0x9e37_79b9_7f4a_7c15, 0)]);
        let event = samples.event(0);
        (0..1 << 16).into_par_iter().for_each(|rs2| {
            let rd_new = alu(op, event.rs1, rs2).expect("a shift");
            let row = Shift::fill(&Event { rs2, rd_new, ..event });
            assert!(!samples.is_invalid(&row), "{op:?} by {rs2}");
        });
    }
}

#[test]
fn forged_results_are_caught() {
    let samples = samples([0, 1, 16, 31, 63]);
    for (sample, honest) in samples.events() {
        let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 63), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
        for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
            assert!(samples.is_invalid(&Shift::fill(&Event { rd_new, ..honest })), "{sample:?}");
        }
    }
}

/// All cells honest for another amount, with the rest of `b` making up for it.
#[test]
fn forged_amounts_are_caught() {
    let samples = samples([0, 1, 16, 31, 63]);
    for (sample, honest) in samples.events() {
        let width = Form::of(honest.row.op()).width();
        for step in 1..width as u64 {
            let rs2 = honest.rs2 ^ step;
            let rd_new = alu(sample.inst.op, honest.rs1, rs2).expect("a shift");
            let mut row = Shift::fill(&Event { rs2, rd_new, ..honest });
            let lied = core::mem::replace(&mut row.frame.rs2.value, limbs(honest.rs2));
            row.rest += (row.frame.rs2.value[0] - lied[0]) / F::from_i32(width);
            assert!(samples.is_invalid(&row), "{sample:?}");
        }
    }
}

/// Any amount of whole limbs, by flags from -1 to 1, with the rest of `b` making up for it: among them W forms by 32
/// bits more or less, which is the same to the limb that the amount is in, but moves other limbs.
#[test]
fn forged_whole_limbs_are_caught() {
    let samples = samples([0, 5, 16, 21, 32, 48]);
    for (sample, event) in samples.events() {
        for code in 0..27_u32 {
            let whole = [1, 3, 9].map(|unit| F::from_u32(code / unit % 3) - F::ONE);
            let Some(row) = refitted(Shift { whole, ..Shift::fill(&event) }) else { continue };
            assert!(!forged(&with_rest(row), &event, sample.inst.op, &samples), "{sample:?} with {whole:?}");
        }
    }
}

/// Amounts within a limb of bits that are none, and powers of two that are not the amount's.
#[test]
fn forged_powers_of_two_are_caught() {
    let samples = samples([0, 1, 2, 4, 8, 15]);
    for (sample, event) in samples.events() {
        let honest = Shift::fill(&event);
        // Values of a bit that also make a power of two, 2 to 2, 4 and 8, of the factor that cross has for it.
        for (bit, value) in [(0, 3), (1, 5), (2, 17)] {
            let mut row = honest;
            row.within[bit] = F::from_u32(value);
            let factor = |bit: usize, base: u32| row.within[bit] * F::from_u32(base - 1) + F::ONE;
            row.cross_low = factor(0, 2) * factor(1, 4);
            row.cross = row.cross_low * factor(2, 16) * factor(3, 256);
            assert!(row.cross.as_canonical_u32().is_power_of_two());
            if row.cross.as_canonical_u32() <= 1 << 15 {
                row.stay = F::from_u32(1 << 16) / row.cross;
                let row = refitted(row).expect("whole limbs are as they were");
                assert!(!forged(&with_rest(row), &event, sample.inst.op, &samples), "{sample:?}");
            }
        }
        let two = F::TWO;
        let Shift { cross_low, cross, stay, .. } = honest;
        for row in [
            Shift { cross_low: cross_low * two, cross: cross * two, stay: stay.halve(), ..honest },
            Shift { cross_low: cross_low.halve(), cross: cross.halve(), stay: stay * two, ..honest },
            Shift { cross: cross * two, stay: stay.halve(), ..honest },
            Shift { cross: cross.halve(), stay: stay * two, ..honest },
            Shift { stay: stay.halve(), ..honest },
            Shift { stay: stay * two, ..honest },
        ] {
            let fits = [row.stay.halve(), row.cross].iter().all(|bound| bound.as_canonical_u32() <= 1 << 15);
            let Some(row) = fits.then(|| refitted(row)).flatten() else { continue };
            assert!(!forged(&row, &event, sample.inst.op, &samples), "{sample:?}");
        }
    }
}

/// The row with a second operand that fits its amount: five times the width more.
fn with_rest(mut row: Shift<F>) -> Shift<F> {
    let width = F::from_u32(64) - parts_of::<RowBuilder<'_>>(LIMB_BITS, &row).is_word * F::from_u32(32);
    row.rest = F::from_u32(5);
    row.frame.rs2.value[0] =
        amount_of::<RowBuilder<'_>>(LIMB_BITS, &row) * (F::ONE - row.is_negated.double()) + width * row.rest;
    row
}

#[test]
fn bits_of_the_amount_are_bits_in_padding_too() {
    let samples = Samples::new(Kind::Shift, []);
    for bit in 0..4 {
        let mut row = Shift::default();
        assert!(!samples.is_invalid(&row));
        row.within[bit] = F::TWO;
        row.frame.rs2.value[0] = amount_of::<RowBuilder<'_>>(LIMB_BITS, &row);
        assert!(samples.is_invalid(&row));
    }
}

/// Both `sll` and `sllw` of 0, with whole limbs and bounds that fit a row counted twice.
#[test]
fn two_operations_at_once_are_caught() {
    let row = Shift {
        is_sll: F::ONE,
        is_sllw: F::ONE,
        is_signed: F::ONE,
        whole: [F::ONE, F::ZERO, F::ZERO],
        cross_low: F::ONE,
        cross: F::ONE,
        stay: F::from_u32(1 << 17),
        ..Shift::default()
    };
    Samples::new(Kind::Shift, []).assert_invalid(&with_rest(row));
}

/// A shift of any kind that names the operation by a flag that is no bit: `is_signed` makes any of `srl`, `is_rotate`
/// any of `sll` and `sllw`.
#[test]
fn operations_named_by_fractions_are_caught() {
    let samples = samples([0, 1, 16, 33]);
    let set = |row: &mut Shift<F>, flag: usize, value| match flag {
        0 => row.is_rotate = value,
        1 => row.is_negated = value,
        _ => row.is_signed = value,
    };
    for (sample, event) in samples.events() {
        for (number, flag) in (0..10).flat_map(|number| [0, 1, 2].map(|flag| (number, flag))) {
            let other = RomRow { flag: number, ..*event.row };
            let row = Shift::fill(&Event { row: &other, ..event });
            let named = |value| {
                let mut row = row;
                set(&mut row, flag, value);
                operation_number::<RowBuilder<'_>>(&row, &parts_of::<RowBuilder<'_>>(LIMB_BITS, &row))
            };
            let slope = named(F::ONE) - named(F::ZERO);
            if slope == F::ZERO {
                continue;
            }
            let mut row = row;
            set(&mut row, flag, (F::from_u32(event.row.operation()) - named(F::ZERO)) / slope);
            let Some(row) = refitted(row) else { continue };
            assert!(!forged(&row, &event, sample.inst.op, &samples), "{sample:?} as {number}");
        }
    }
}

/// A sign that is no bit, with the bits that stay to make up for it.
#[test]
fn fractional_signs_are_caught() {
    let samples = samples([0, 1, 8, 14, 16, 33]);
    for (sample, event) in samples.events() {
        let honest = Shift::fill(&event);
        for step in [F::ONE, F::NEG_ONE] {
            let mut row = honest;
            row.stays[3] += step;
            row.sign -= step / row.stay.halve();
            row.is_negative = row.is_signed * row.sign;
            assert!(samples.is_invalid(&with_result(row)), "{sample:?}");
        }
    }
}

/// All cells of another operation, then as much of what the program tells put back as does not show. Among them: a
/// rotation that drops what it should wrap, one by the negated amount, a shift that wraps.
#[test]
fn other_operations_are_caught() {
    let samples = samples([0, 1, 15, 16, 17, 31, 32, 33, 48, 63]);
    for (sample, event) in samples.events() {
        let honest = Shift::fill(&event);
        let Shift { is_sll, is_right_within, is_right_beyond, is_sllw, is_srlw, is_sraw, .. } = honest;
        let Shift { is_rotate, is_negated, is_signed, is_negative, .. } = honest;
        let Shift { within, whole, rest, cross_low, cross, stay, .. } = honest;
        for (flag, op) in (0..).zip(ops(Kind::Shift)) {
            let row = RomRow { flag, ..*event.row };
            let rd_new = alu(op, sample.rs1, sample.rs2).expect("a shift");
            let forged = Shift::fill(&Event { row: &row, rd_new, ..event });
            let flags = |row| Shift { is_sll, is_right_within, is_right_beyond, is_sllw, is_srlw, is_sraw, ..row };
            let all = Shift { is_rotate, is_negated, ..flags(forged) };
            for row in [
                forged,
                flags(forged),
                Shift { is_rotate, ..forged },
                Shift { is_negated, ..forged },
                Shift { is_rotate, is_negated, ..forged },
                all,
                Shift { is_signed, ..all },
                Shift { is_signed, is_negative, ..all },
                Shift { within, whole, rest, cross_low, cross, stay, ..all },
                Shift { within, whole, rest, cross_low, cross, stay, is_signed, is_negative, ..all },
            ] {
                assert!(cells(&row) == cells(&honest) || samples.is_invalid(&row), "{sample:?} as {op:?}");
            }
        }
    }
}

/// A cut in another place: one more or less crosses, and the bits that stay make up for it.
#[test]
fn limbs_cut_elsewhere_are_caught() {
    let samples = samples([0, 1, 8, 15, 16, 33, 63]);
    for (sample, event) in samples.events() {
        let honest = Shift::fill(&event);
        // What one unit of `crosses` weighs in units of `stays`; or what it takes in `crosses` to make up for one of
        // `stays`. One of both is a fraction, hence a wild value.
        let is_left = honest.is_sll + honest.is_sllw == F::ONE;
        let weight = if is_left { honest.stay } else { honest.cross.inverse() };
        for (crosses, stays) in [(F::ONE, -weight), (F::NEG_ONE, weight), (weight.inverse(), F::NEG_ONE)] {
            for limb in 0..4 {
                let mut row = honest;
                row.crosses[limb] += crosses;
                row.stays[limb] += stays;
                assert!(samples.is_invalid(&row) && samples.is_invalid(&with_result(row)), "{sample:?}");
            }
        }
    }
}

/// All cells of the other answer, honest but for the flag of `srlw` and its proof.
#[test]
fn srlw_that_denies_or_claims_an_amount_of_0_is_caught() {
    let samples = samples(0..32);
    for (sample, event) in samples.events().filter(|(sample, _)| sample.inst.op == Op::Srlw) {
        let forged = if sample.rs2 % 32 == 0 {
            let denied = Event { rd_new: sample.rs1 & 0xffff_ffff, ..event };
            Shift { is_signed: F::ZERO, is_negative: F::ZERO, ..Shift::fill(&denied) }
        } else {
            let sraw = RomRow { flag: 5, ..*event.row };
            let rd_new = alu(Op::Sraw, sample.rs1, sample.rs2).expect("a shift");
            Shift { is_sraw: F::ZERO, is_srlw: F::ONE, ..Shift::fill(&Event { row: &sraw, rd_new, ..event }) }
        };
        for (stays, crosses) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let mut row = forged;
            (row.stays[2], row.crosses[2]) = (F::from_u32(stays), F::from_u32(crosses));
            assert!(samples.is_invalid(&row), "{sample:?}");
        }
    }
}

/// Every word of four limbs of two bits, and those of a sample of limbs of four bits, shifted by every amount have one row.
/// Limb 0 of the amount is as wide as ever, to hold more than the amount.
#[test]
fn every_small_row_is_the_only_one() {
    for (bits, number) in [2, 4].into_iter().flat_map(|bits| (0..10).map(move |number| (bits, number))) {
        let form = Form::of(OPS[number][0]);
        let is_right = matches!(number, 1 | 2);
        // Which of the two a right shift is follows from the amount.
        let worlds: Vec<_> = [false, true][..if is_right { 2 } else { 1 }]
            .iter()
            .map(|&is_beyond| {
                let cells = Shift {
                    is_sll: flag(form.is_left && !form.is_word),
                    is_right_within: flag(is_right && !is_beyond),
                    is_right_beyond: flag(is_right && is_beyond),
                    is_sllw: flag(form.is_left && form.is_word),
                    is_srlw: flag(number == 4),
                    is_sraw: flag(number == 5),
                    is_rotate: flag(form.is_rotate),
                    is_negated: flag(form.is_negated),
                    // Given by the operation's number; elsewhere by constraints.
                    is_signed: if is_right { flag(number == 2) } else { Cell::Hidden },
                    frame: Binary {
                        rs1: Read { value: [Cell::Given; 4], ..Read::default() },
                        rs2: Read { value: [Cell::Given, Cell::Hidden, Cell::Hidden, Cell::Hidden], ..Read::default() },
                        ..Binary::default()
                    },
                    // As many bits of the amount as count those of a limb.
                    within: core::array::from_fn(|i| if 1 << i < bits { Cell::Hidden } else { flag(false) }),
                    ..Shift::default()
                };
                World::new(bits, &cells, |e, row| arithmetic(e, bits, row))
            })
            .collect();
        assert!(worlds.iter().all(|world| world.free().is_empty()));
        let width = if form.is_word { 2 * bits } else { 4 * bits };
        small::words(bits).into_par_iter().for_each(|a| {
            for b in (0..2 * width).chain([(1 << 11) - 1, 1 << 11, (1 << 12) - 3]) {
                let given = [small::limbs(bits, a).as_slice(), &[F::from_u32(b)]].concat();
                let rows: Vec<_> = worlds.iter().flat_map(|world| world.fillings(&given)).collect();
                let results: Vec<_> = rows.iter().map(|row| Shift::from_row(row).result).collect();
                let (word, amount) = (a % (1 << width), b % width);
                let result = match number {
                    0 | 3 => word << amount,
                    1 | 4 => word >> amount,
                    2 | 5 => (signed(width, word) >> amount).cast_unsigned(),
                    6 | 8 => rotate_left(width, word, amount),
                    _ => rotate_left(width, word, width - amount),
                };
                let result = if form.is_word { sign_extend(bits, result) } else { result };
                assert_eq!(results, [small::limbs(bits, result)], "{number}: {a} by {b}");
            }
        });
    }
}
