//! Forgers, and small rows.

use p3_field::{Field, PrimeField64};
use rayon::prelude::*;
use spec_interp::Op;

use super::*;
use crate::check::samples::{Sample, Samples, by_register, cells};
use crate::check::small::{self, Cell, Symbolic, World, flag, sign_extend, signed};
use crate::columns::Columns;
use crate::kind::Kind;

/// Wrong quotients, remainders, divisors, signs and zero flags, each with all other cells to fit; a remainder that is
/// too large also with the mark of the highest difference anywhere.
#[test]
fn false_claims_are_caught() {
    let samples = Samples::of(Kind::Div);
    for (_, honest) in samples.events() {
        let honest_row = cells(&Div::fill(&honest));
        for division in claims(&honest) {
            let row = Div::claim(&Event { rd_new: result(&honest, &division), ..honest }, division);
            if cells(&row) != honest_row {
                samples.assert_invalid(&row);
                let marks = if division.remainder < division.b { 0..0 } else { 0..4 };
                marks.for_each(|k| samples.assert_invalid(&marked(&row, k)));
            }
        }
    }
}

#[test]
fn false_results_of_true_divisions_are_caught() {
    let samples = Samples::of(Kind::Div);
    for (_, honest) in samples.events() {
        let row = Div::fill(&honest);
        let bits = (0..64).flat_map(|bit| [honest.rd_new.wrapping_add(1 << bit), honest.rd_new.wrapping_sub(1 << bit)]);
        // A negation that is wrong by p may have small carries in the field.
        let modulo_p = (0..48).step_by(16).map(|shift| F::ORDER_U64 << shift);
        let modulo_p = modulo_p.flat_map(|p| [honest.rd_new.wrapping_add(p), honest.rd_new.wrapping_sub(p)]);
        for rd_new in bits.chain(modulo_p).chain([!honest.rd_new]) {
            samples.assert_invalid(&Div { result: limbs(rd_new), ..row });
            let [_, _, is_word] = flags(&honest);
            let negative = row.chosen.negative == F::ONE;
            let magnitude = if negative { rd_new.wrapping_neg() } else { rd_new };
            let chosen = Signed::fill(negative, is_word, magnitude);
            samples.assert_invalid(&Div { chosen, ..Div::fill(&Event { rd_new, ..honest }) });
        }
    }
}

/// `q + 1` with a negative `r - b`, whose top limb is negative.
#[test]
fn negative_remainders_are_caught() {
    let samples = Samples::of(Kind::Div);
    for (_, honest) in samples.events() {
        let Division { b, quotient, remainder, .. } = Division::of(&honest);
        let (quotient, remainder) = (quotient.wrapping_add(1), remainder.wrapping_sub(b));
        let division = Division { quotient, remainder, ..Division::of(&honest) };
        let mut row = Div::claim(&Event { rd_new: result(&honest, &division), ..honest }, division);
        row.remainder[3] -= F::from_u32(1 << 16);
        if row.is_rem == F::ONE {
            row.chosen.magnitude = row.remainder;
        }
        (0..4).for_each(|k| samples.assert_invalid(&marked(&row, k)));
    }
}

/// With the sign 1/2 the dividend vanishes and 2^63 stands in its place.
#[test]
fn half_negative_dividend_is_caught() {
    let samples = Samples::new(Kind::Div, [Sample::new(by_register(Op::Div), 1 << 62, 1)]);
    let honest = samples.event(0);
    let division = Division { quotient: 1 << 63, ..Division::of(&honest) };
    let mut row = Div::claim(&Event { rd_new: 1 << 63, ..honest }, division);
    let half = F::ONE.halve();
    (row.a_negative, row.chosen.negative, row.chosen.negative_double) = (half, half, half);
    samples.assert_invalid(&row);
}

/// Sign extensions by a fraction whose multiples by 2^15 and by 0xffff are both small modulo p.
#[test]
fn fractional_sign_is_caught() {
    let samples = Samples::of(Kind::Div);
    let extension = F::from_u32(509);
    let sign = extension / F::from_u32(0xffff);
    for (_, event) in samples.events() {
        let honest = Div::fill(&event);
        let [c0, c1, ..] = honest.result;
        samples.assert_invalid(&Div { sign, result: [c0, c1, extension, extension], ..honest });
    }
}

#[test]
fn limbs_that_lend_to_each_other_are_caught() {
    let samples = Samples::of(Kind::Div);
    let limb = F::from_u32(1 << 16);
    for (_, event) in samples.events() {
        let honest = Div::fill(&event);
        for (k, lent) in (0..4).flat_map(|k| [(k, F::ONE), (k, F::NEG_ONE)]) {
            let mut row = honest;
            row.result[k] += lent * limb;
            if k < 3 {
                row.result[k + 1] -= lent;
            }
            samples.assert_invalid(&row);
            let mut row = honest;
            row.remainder[k] += lent * limb;
            if k < 3 {
                row.carry[k] += lent;
                row.remainder[k + 1] -= lent;
            }
            let marks = (0..4).map(|k| marked(&row, k)).collect::<Vec<_>>();
            for mut row in marks {
                if row.is_rem == F::ONE {
                    row.chosen.magnitude = row.remainder;
                }
                samples.assert_invalid(&row);
            }
        }
    }
}

#[test]
fn zero_divisor_flag_on_another_divisor_is_caught() {
    let samples = Samples::of_ops(Kind::Div, &[Op::Divu]);
    for (sample, honest) in samples.events().filter(|(sample, _)| sample.rs2 != 0) {
        let division = Division { b_zero: true, quotient: u64::MAX, remainder: sample.rs1, ..Division::of(&honest) };
        for b in [0, sample.rs2] {
            let row = Div::claim(&Event { rd_new: u64::MAX, ..honest }, Division { b, ..division });
            samples.assert_invalid(&row);
        }
    }
}

#[test]
fn zero_by_zero_is_nothing_else() {
    let samples = Samples::of(Kind::Div);
    for (_, honest) in samples.events().filter(|(sample, _)| sample.rs1 == 0 && sample.rs2 == 0) {
        for quotient in [0, 1, 5, u64::MAX - 1, u64::MAX, 0xffff_ffff] {
            let division = Division { b_zero: false, quotient, ..Division::of(&honest) };
            let mut row = Div::claim(&Event { rd_new: result(&honest, &division), ..honest }, division);
            samples.assert_invalid(&row);
            row.differs[3] = F::ONE;
            samples.assert_invalid(&row);
        }
    }
}

/// False claims about the operands of an event, and the honest one among them.
fn claims(event: &Event) -> Vec<Division> {
    let honest = Division::of(event);
    let Division { b, quotient, remainder, .. } = honest;
    let [_, _, is_word] = flags(event);
    let a = quotient.wrapping_mul(b).wrapping_add(remainder);
    let mut claims = Vec::new();

    let inverse_modulo_p = F::from_u64(a) * F::from_u64(b).try_inverse().unwrap_or_default();
    let quotients = [
        quotient.wrapping_add(1),
        quotient.wrapping_sub(1),
        quotient.wrapping_neg(),
        a.wrapping_mul(inverse(b)),
        inverse_modulo_p.as_canonical_u64(),
        0,
        u64::MAX,
        0xffff_ffff,
        1 << 63,
    ];
    let limbs = (0..4).map(|k| quotient ^ (1 << (16 * k)));
    for quotient in quotients.into_iter().chain(limbs).chain([quotient]) {
        let fitting = a.wrapping_sub(quotient.wrapping_mul(b));
        // 2^-16 is the small number -32512 modulo p, so that p more or less needs no large carry.
        let modulo_p = (0..48).step_by(16).map(|shift| F::ORDER_U64 << shift);
        let modulo_p = modulo_p.flat_map(|p| [fitting.wrapping_add(p), fitting.wrapping_sub(p)]);
        for remainder in modulo_p.chain([fitting, fitting.wrapping_neg(), remainder, 0]) {
            claims.push(Division { quotient, remainder, ..honest });
            claims.push(Division { quotient, remainder, b_zero: !honest.b_zero, ..honest });
        }
    }

    let negated = if is_word { b.wrapping_neg() & 0xffff_ffff } else { b.wrapping_neg() };
    let others = (0..64).step_by(8).flat_map(|bit| [b.wrapping_add(1 << bit), b.wrapping_sub(1 << bit)]);
    let modulo_p = (0..48).step_by(16).map(|shift| F::ORDER_U64 << shift);
    let modulo_p = modulo_p.flat_map(|p| [negated.wrapping_add(p), negated.wrapping_sub(p)]);
    for b in others.chain(modulo_p).chain([b, negated, 0]) {
        let (quotient, remainder) = divide(a, b);
        for flips in 0..8 {
            let flip = |bit: u32| flips >> bit & 1 == 1;
            claims.push(Division {
                a_negative: honest.a_negative ^ flip(0),
                b_negative: honest.b_negative ^ flip(1),
                b,
                b_zero: b == 0,
                quotient,
                remainder,
                negative: honest.negative ^ flip(2),
            });
        }
    }
    claims
}

/// The row with another mark of the highest difference.
fn marked(row: &Div<F>, k: usize) -> Div<F> {
    let differs = core::array::from_fn(|i| F::from_bool(i == k));
    Div { differs, difference: row.b.magnitude[k] - row.remainder[k], ..*row }
}

/// The result of a claim.
fn result(event: &Event, division: &Division) -> u64 {
    let [_, is_rem, is_word] = flags(event);
    let magnitude = if is_rem { division.remainder } else { division.quotient };
    let result = if division.negative { magnitude.wrapping_neg() } else { magnitude };
    if is_word { result as i32 as u64 } else { result }
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration.
fn inverse(odd: u64) -> u64 {
    (0..6).fold(1, |x: u64, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))))
}

/// Every dividend and divisor of four limbs of two bits have one row, by zero and MIN / -1 among them. Of W forms only
/// the lower two limbs matter; above them are a few.
#[test]
fn every_small_row_is_the_only_one() {
    let bits = 2;
    for number in 0..4 {
        let [is_unsigned, is_word] = [1, 2].map(|bit| number & bit != 0);
        let operand = Read { value: [Cell::Given; 4], ..Read::default() };
        let cells = Div {
            is_real: flag(true),
            is_unsigned: flag(is_unsigned),
            is_word: flag(is_word),
            is_rem: Cell::Late,
            frame: Binary { rs1: operand, rs2: operand, ..Binary::default() },
            result: [Cell::Late; 4],
            sign: Cell::Late,
            ..Div::default()
        };
        // Quotient and remainder are looked for at once.
        let world = World::new(bits, &cells, |e, row: &Div<_>| {
            e.boolean("flag is boolean", row.is_rem);
            arithmetic(e, bits, row);
            // Implied, and for the speed of the search only: products of bytes are not negative, and the sum of those
            // beyond the dividend, which is far below the field's order, is 0.
            let quotient = product::split::<Symbolic>(bits, row.quotient, row.quotient_bytes.low);
            let divisor = product::split::<Symbolic>(bits, row.b.magnitude, row.b_bytes.low);
            for (i, x) in quotient.iter().enumerate() {
                divisor[8 - i..].iter().for_each(|y| e.zero("no product beyond", x.clone() * y.clone()));
            }
        });
        assert!(world.free().is_empty());
        let width = if is_word { 2 * bits } else { 4 * bits };
        let matters = |word: u32| !is_word || [0, 1, 8, 15].contains(&(word >> width));
        let pairs = small::pairs(bits).into_par_iter().filter(|&(a, b)| matters(a) && matters(b));
        pairs.for_each(|(a, b)| {
            let found = world.fillings(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
            let mut found: Vec<_> = found.iter().map(|row| Div::from_row(row)).collect();
            found.sort_by_key(|row| row.is_rem == F::ONE);
            let results: Vec<_> = found.iter().map(|row| (row.is_rem, row.result)).collect();
            let value = |word: u32| if is_unsigned { (word % (1 << width)).cast_signed() } else { signed(width, word) };
            let (a, b) = (value(a), value(b));
            let (quotient, remainder) = if b == 0 { (-1, a) } else { (a / b, a % b) };
            let result = |value: i32| {
                let word = value.cast_unsigned();
                small::limbs(bits, if is_word { sign_extend(bits, word) } else { word })
            };
            assert_eq!(results, [(F::ZERO, result(quotient)), (F::ONE, result(remainder))], "{number}: {a} {b}");
        });
    }
}
