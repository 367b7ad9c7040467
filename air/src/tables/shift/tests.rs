//! Tests of the table: honest rows, mutants and forgers.

use p3_field::Field;
use rayon::prelude::*;
use spec_interp::{Inst, Op, alu};

use super::*;
use crate::bus::MEMORY;
use crate::check::evaluate;
use crate::check::mutation::locally_invalid;
use crate::check::samples::{OPERANDS, Sample, assert_caught, assert_honest, event, rom, trace};
use crate::columns::Columns;
use crate::execution::Rom;
use crate::layout::REGISTERS_WORD;
use crate::rom::RomRow;
use crate::table::Table;

/// By their number.
const OPS: [Op; 10] = [Op::Sll, Op::Srl, Op::Sra, Op::Sllw, Op::Srlw, Op::Sraw, Op::Rol, Op::Ror, Op::Rolw, Op::Rorw];

const fn inst(op: Op) -> Inst {
    Inst { op, rd: 5, rs1: 6, rs2: 7, imm: 0, len: 4 }
}

/// Every amount, with bits above it, on every operand. Whatever the amount, `x` is linear in the operand, so that those
/// of one limb stand for all.
fn samples(amounts: impl IntoIterator<Item = u64> + Clone) -> Vec<Sample> {
    let at = |amount: u64| {
        let noise = amount.wrapping_mul(0x9e37_79b9_7f4a_7c15) & !63;
        let sample = |op| OPERANDS.map(|rs1| Sample { inst: inst(op), rs1, rs2: noise | amount });
        OPS.into_iter().flat_map(sample).collect::<Vec<_>>()
    };
    amounts.into_iter().flat_map(at).collect()
}

fn cells(row: &Shift<F>) -> Vec<F> {
    let mut cells = vec![F::ZERO; Kind::Shift.width()];
    row.write(&mut cells);
    cells
}

fn invalid(row: &Shift<F>, rom: &Rom) -> bool {
    locally_invalid(&Table::new(Kind::Shift), &cells(row), rom)
}

#[test]
fn honest_rows_hold() {
    let samples = samples(0..64);
    let rom = rom(&samples);
    let trace = trace(Kind::Shift, &rom, &samples);
    assert_honest(Kind::Shift, &rom, &trace);
    for (i, sample) in samples.iter().enumerate() {
        let expected = alu(sample.inst.op, sample.rs1, sample.rs2).expect("a shift");
        let messages = evaluate(&Table::new(Kind::Shift), &trace, i, &[]).messages;
        let rd = F::from_u32(REGISTERS_WORD + 5);
        let written = messages.iter().find(|m| m.bus == MEMORY && m.count == F::ONE && m.tuple[0] == rd);
        assert_eq!(written.map(|m| &m.tuple[2..]), Some(limbs(expected).as_slice()), "{sample:?}");
    }
}

/// Of each operation, with each value of the limb that the amount is in.
#[test]
fn every_limb_0_of_b_has_an_amount() {
    for op in OPS {
        let samples = [Sample { inst: inst(op), rs1: 0x9e37_79b9_7f4a_7c15, rs2: 0 }];
        let rom = rom(&samples);
        (0..1 << 16).into_par_iter().for_each(|rs2| {
            let rd_new = alu(op, samples[0].rs1, rs2).expect("a shift");
            let row = Shift::fill(&Event { rs2, rd_new, ..event(&rom, 0, &samples[0]) });
            assert!(!invalid(&row, &rom), "{op:?} by {rs2}");
        });
    }
}

#[test]
fn mutants_are_caught() {
    let samples = samples([0, 1, 15, 16, 17, 31, 32, 33, 48, 63]);
    let rom = rom(&samples);
    assert_caught(Kind::Shift, &rom, &trace(Kind::Shift, &rom, &samples), 1, |column, cells| {
        let row = Shift::from_row(cells);
        let flags = [row.is_sll, row.is_right_within, row.is_right_beyond, row.is_sllw, row.is_srlw, row.is_sraw];
        let is_real = flags.into_iter().sum::<F>() == F::ONE;
        // Padding rows say nothing.
        !is_real && !column.starts_with("is_")
    });
}

#[test]
fn forged_results_are_caught() {
    let samples = samples([0, 1, 16, 31, 63]);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate() {
        let honest = event(&rom, i, sample);
        let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 63), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
        for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
            assert!(invalid(&Shift::fill(&Event { rd_new, ..honest }), &rom), "{sample:?}");
        }
    }
}

/// All cells honest for another amount, with the rest of `b` making up for it.
#[test]
fn forged_amounts_are_caught() {
    let samples = samples([0, 1, 16, 31, 63]);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate() {
        let honest = event(&rom, i, sample);
        let width = Form::of(honest.row.flag).width();
        for step in 1..width as u64 {
            let rs2 = honest.rs2 ^ step;
            let rd_new = alu(sample.inst.op, honest.rs1, rs2).expect("a shift");
            let mut row = Shift::fill(&Event { rs2, rd_new, ..honest });
            let lied = core::mem::replace(&mut row.rs2.value, limbs(honest.rs2));
            row.rest += (row.rs2.value[0] - lied[0]) / F::from_i32(width);
            assert!(invalid(&row, &rom), "{sample:?}");
        }
    }
}

/// W forms by 32 bits more or less, which is the same amount to the limb it is in, but moves other limbs.
#[test]
fn amounts_of_another_half_are_caught() {
    let samples = samples(0..32);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate() {
        let event = event(&rom, i, sample);
        let form = Form::of(event.row.flag);
        if !form.is_word {
            continue;
        }
        let amount = form.amount(sample.rs2) ^ 32;
        let low_limb = event.rs2 as i32 & 0xffff;
        let rest = (low_limb + if form.is_negated { amount } else { -amount }) / 32;
        let cuts = Cuts::of(event.row.flag, event.rs1, amount as u32);
        let mut row = Shift {
            whole: [1, 2, 3].map(|limbs| F::from_bool(amount / 16 == limbs)),
            rest: F::from_i32(rest),
            stays: cuts.stays.map(F::from_u32),
            crosses: cuts.crosses.map(F::from_u32),
            sign: F::from_u32(cuts.sign),
            is_signed: F::from_bool(cuts.is_signed),
            is_negative: F::from_bool(cuts.is_signed && cuts.sign == 1),
            ..Shift::fill(&event)
        };
        let ([s0, s1, _, s3], [c0, c1, _, c3]) = (row.stays, row.crosses);
        let fill = (F::from_u32(1 << 16) - row.stay) * row.is_negative;
        let [low, high] = match form.is_left {
            true => [row.cross * s0 + row.is_rotate * c3, row.cross * s3 + row.sign * F::from_u32(1 << 15) + c0],
            false => [row.stay * c1 + s0, s1 + fill],
        };
        let upper = row.is_negative * F::from_u32(0xffff);
        row.result = [low, high, upper, upper];
        assert!(invalid(&row, &rom), "{sample:?}");
    }
}

/// All cells of another operation, then as much of what the program tells put back as does not show. Among them: a rotation
/// that drops what it should wrap, one by the negated amount, a shift that wraps.
#[test]
fn other_operations_are_caught() {
    let samples = samples([0, 1, 15, 16, 17, 31, 32, 33, 48, 63]);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate() {
        let event = event(&rom, i, sample);
        let honest = Shift::fill(&event);
        let Shift { is_sll, is_right_within, is_right_beyond, is_sllw, is_srlw, is_sraw, .. } = honest;
        let Shift { is_rotate, is_negated, is_signed, is_negative, .. } = honest;
        let Shift { within, whole, rest, cross_low, cross, stay, .. } = honest;
        for (flag, op) in (0..).zip(OPS) {
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
                assert!(cells(&row) == cells(&honest) || invalid(&row, &rom), "{sample:?} as {op:?}");
            }
        }
    }
}

/// A cut in another place: one more or less crosses, and the bits that stay make up for it.
#[test]
fn limbs_cut_elsewhere_are_caught() {
    let samples = samples([0, 1, 8, 15, 16, 33, 63]);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate() {
        let honest = Shift::fill(&event(&rom, i, sample));
        // What one unit of `crosses` weighs in units of `stays`; for right shifts a fraction, hence a wild value.
        let is_left = honest.is_sll + honest.is_sllw == F::ONE;
        let weight = if is_left { honest.stay } else { honest.cross.inverse() };
        for (limb, delta) in (0..4).flat_map(|limb| [(limb, F::ONE), (limb, F::NEG_ONE)]) {
            let mut row = honest;
            row.crosses[limb] += delta;
            row.stays[limb] -= delta * weight;
            assert!(invalid(&row, &rom), "{sample:?}");
        }
    }
}

/// All cells of the other answer, honest but for the flag of `srlw` and its proof.
#[test]
fn srlw_that_denies_or_claims_an_amount_of_0_is_caught() {
    let samples = samples(0..32);
    let rom = rom(&samples);
    for (i, sample) in samples.iter().enumerate().filter(|(_, sample)| sample.inst.op == Op::Srlw) {
        let event = event(&rom, i, sample);
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
            assert!(invalid(&row, &rom), "{sample:?}");
        }
    }
}
