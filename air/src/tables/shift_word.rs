//! Shifts and rotations of 32 bits by a constant: `slliw srliw sraiw roriw`.
//!
//! A shift by `16 whole + within` moves bits by whole limbs and cuts every limb: `stay = 2^(16 - within)` bounds the
//! bits that stay in a limb, `cross = 2^within` those that cross into its neighbour. The program knows both. A rotation to the right by `n` is one to
//! the left by `32 - n`, and a left shift that gets back what it loses.
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

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::cpu::{self, Cpu, ProgramRow, Read, Write};
use crate::emit::{Builder, Emitter};
use crate::event::{Event, limbs};
use crate::gadgets::check_cuts;
use crate::rom::operation;
use crate::tables::Kind;

columns! {
    /// A row of the table.
    pub struct ShiftWord {
        /// Iff the row is `slliw` or `roriw` and moves by this many whole limbs.
        left: [2],
        /// Iff the row is `srliw` or `sraiw` and moves by this many whole limbs.
        right: [2],
        /// Iff the row is `sraiw` or `roriw`, which fill the places they leave free: by the sign, or by what they lose.
        is_filled,
        /// Control.
        cpu: Cpu,
        /// The operand `a`, of which the upper two limbs do not matter.
        rs1: Read,
        /// The destination.
        rd: Write,
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
        let (is_left, is_filled) = (matches!(event.row.flag, 0 | 3), matches!(event.row.flag, 2 | 3));
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
            cpu: Cpu::fill(event),
            rs1: Read::rs1(event),
            rd: Write::rd(event),
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

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftWord<AB::Var>) {
    let is_real = cpu::one_hot(e, &[row.left[0], row.left[1], row.right[0], row.right[1]]);
    let (is_left, is_right): (AB::Expr, AB::Expr) = (row.left[0] + row.left[1], row.right[0] + row.right[1]);
    e.boolean("is_filled is boolean", row.is_filled);
    e.zero_when("is_filled on real rows only", row.is_filled, AB::Expr::ONE - is_real.clone());

    cpu::step(e, &row.cpu, &is_real);
    cpu::look_up_program(e, row.cpu.pc, row.cpu.next_pc, program_row::<AB>(row), &is_real);
    cpu::read_rs1(e, row.cpu.clock, &row.rs1, &is_real);
    let upper = row.is_negative * F::from_u32(0xffff);
    let result = [row.result[0].into(), row.result[1].into(), upper.clone(), upper.clone()];
    cpu::write_rd(e, row.cpu.clock, &row.rd, result, &is_real);

    e.boolean("sign is boolean", row.sign);
    e.equal("negative iff signed", row.is_negative, row.sign * (is_left.clone() + is_right.clone() * row.is_filled));
    check_cuts(e, [row.stay, row.cross], &row.stays, &row.crosses, &is_real);
    cuts(e, row, is_left.clone(), is_right);

    let top_bit = F::from_u32(1 << 15);
    let ([s0, s1], [c0, c1]) = (row.stays, row.crosses);
    let s1_whole = s1 + row.sign * row.stay.into().halve();
    let fill = (-row.stay.into() + F::from_u32(1 << 16)) * row.is_negative;
    let low = is_left.clone() * (row.cross * s0 + row.is_filled * c1)
        + row.right[0] * (s0 + row.stay * c1)
        + row.right[1] * (fill.clone() + s0);
    let high =
        is_left * (row.cross * s1 + row.sign * top_bit + c0) + row.right[0] * (s1_whole + fill) + row.right[1] * upper;
    e.equal("limb 0 of the result", row.result[0], low);
    e.equal("limb 1 of the result", row.result[1], high);
}

/// The limbs of `x` are cut. Their top bit weighs 2^15 where the bits that stay are the upper ones.
fn cuts<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftWord<AB::Var>, is_left: AB::Expr, is_right: AB::Expr) {
    let [a0, a1, ..] = row.rs1.value;
    let ([s0, s1], [c0, c1]) = (row.stays, row.crosses);
    let s1_whole = s1 + row.sign * row.stay.into().halve();
    let wrapped = row.left[1] * row.is_filled * a1;
    e.equal("left: limb 0 is cut", is_left.clone() * (s0 + row.stay * c0), row.left[0] * a0 + wrapped);
    e.equal("left: limb 1 is cut", is_left * (s1_whole + row.stay * c1), row.left[0] * a1 + row.left[1] * a0);
    e.equal("right: limb 0 is cut", is_right.clone() * (row.cross * s0 + c0), row.right[0] * a0 + row.right[1] * a1);
    let top_bit = row.sign * F::from_u32(1 << 15);
    e.zero_when("right: limb 1 is cut", is_right, row.cross * s1 + top_bit + c1 - a1);
}

fn program_row<AB: Builder>(row: &ShiftWord<AB::Var>) -> ProgramRow<AB::Expr> {
    let number = |flag| F::from_u32(operation(Kind::ShiftWord, flag, false));
    let (is_left, is_right) = (row.left[0] + row.left[1], row.right[0] + row.right[1]);
    let filled = is_left.clone() * (number(3) - number(0)) + is_right.clone() * (number(2) - number(1));
    ProgramRow {
        operation: is_left * number(0) + is_right * number(1) + row.is_filled * filled,
        rd: row.rd.reg.into(),
        rs1: row.rs1.reg.into(),
        rs2: AB::Expr::ZERO,
        w: [row.stay.into(), row.cross.into(), row.left[1] + row.right[1], AB::Expr::ZERO],
    }
}

#[cfg(test)]
mod tests {
    use p3_field::Field;
    use spec_interp::{Inst, Op, alu};

    use super::*;
    use crate::check::mutation::locally_invalid;
    use crate::check::samples::{OPERANDS, Sample, assert_caught, assert_honest, event, rom, trace};
    use crate::columns::Columns;
    use crate::event::Event;
    use crate::execution::Rom;
    use crate::rom::{RomRow, lower};
    use crate::table::Table;

    const OPS: [Op; 4] = [Op::Slliw, Op::Srliw, Op::Sraiw, Op::Roriw];

    const fn inst(op: Op, imm: i64) -> Inst {
        Inst { op, rd: 5, rs1: 6, rs2: 0, imm, len: 4 }
    }

    /// Every amount on every operand.
    fn samples() -> Vec<Sample> {
        let insts = OPS.into_iter().flat_map(|op| (0..32).map(move |imm| inst(op, imm)));
        insts.flat_map(|inst| OPERANDS.map(|rs1| Sample { inst, rs1, rs2: 0 })).collect()
    }

    fn cells(row: &ShiftWord<F>) -> Vec<F> {
        let mut cells = vec![F::ZERO; Kind::ShiftWord.width()];
        row.write(&mut cells);
        cells
    }

    fn invalid(row: &ShiftWord<F>, rom: &Rom) -> bool {
        locally_invalid(&Table::new(Kind::ShiftWord), &cells(row), rom)
    }

    #[test]
    fn honest_rows_hold() {
        let samples = samples();
        let rom = rom(&samples);
        assert_honest(Kind::ShiftWord, &rom, &trace(Kind::ShiftWord, &rom, &samples));
        for (i, sample) in samples.iter().enumerate() {
            let event = event(&rom, i, sample);
            let row = ShiftWord::fill(&event);
            let upper = row.is_negative * F::from_u32(0xffff);
            assert_eq!([row.result[0], row.result[1], upper, upper], limbs(event.rd_new), "{sample:?}");
        }
    }

    #[test]
    fn mutants_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        assert_caught(Kind::ShiftWord, &rom, &trace(Kind::ShiftWord, &rom, &samples), 1, |column, cells| {
            let row = ShiftWord::from_row(cells);
            let is_real = row.left[0] + row.left[1] + row.right[0] + row.right[1] == F::ONE;
            // Padding rows say nothing.
            !is_real && !["left", "right", "is_filled"].iter().any(|flag| column.starts_with(flag))
        });
    }

    #[test]
    fn forged_results_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = event(&rom, i, sample);
            let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 31), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
            for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
                let mut row = ShiftWord::fill(&Event { rd_new, ..honest });
                row.is_negative = F::from_bool(rd_new >> 63 == 1);
                assert!(invalid(&row, &rom), "{sample:?}");
            }
        }
    }

    /// A cut in another place: one more or less crosses, and the bits that stay make up for it.
    #[test]
    fn limbs_cut_elsewhere_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = ShiftWord::fill(&event(&rom, i, sample));
            let is_left = honest.left[0] + honest.left[1];
            // What one unit of `crosses` weighs in units of `stays`; for right shifts a fraction, hence a wild value.
            let weight = if is_left == F::ONE { honest.stay } else { honest.cross.inverse() };
            for (limb, delta) in [(0, F::ONE), (0, F::NEG_ONE), (1, F::ONE), (1, F::NEG_ONE)] {
                let mut row = honest;
                row.crosses[limb] += delta;
                row.stays[limb] -= delta * weight;
                assert!(invalid(&row, &rom), "{sample:?}");
            }
        }
    }

    /// All cells of another amount or operation, then as much of the program row put back as does not show. Among them: a
    /// rotation that drops what it should wrap, one by the negated amount, a shift that wraps.
    #[test]
    fn other_shifts_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let event = event(&rom, i, sample);
            let honest = ShiftWord::fill(&event);
            let ShiftWord { left, right, is_filled, stay, cross, .. } = honest;
            let amounts = [0, 16, 1, 15, 32 - 2 * sample.inst.imm].map(|step| (sample.inst.imm + step) % 32);
            for (op, amount) in OPS.into_iter().flat_map(|op| amounts.map(|amount| (op, amount))) {
                let lowered = lower(spec_interp::map::PROGRAM_BASE, &inst(op, amount)).expect("it has a row");
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
                    assert!(cells(&row) == cells(&honest) || invalid(&row, &rom), "{sample:?} as {op:?} by {amount}");
                }
            }
        }
    }
}
