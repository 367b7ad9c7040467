//! Shifts of 64 bits by a constant: `slli srli srai`.
//!
//! The amount is `16 whole + within`. The row moves limbs by whole ones, which gives `x`, and cuts every limb of `x` where
//! its neighbours meet in the result: `within` bits below its top for left shifts, above its bottom for right ones.
//!
//! # Assumes
//! The operand is four 16-bit limbs, because every word ever written was checked. The program knows the cut by `low_bound *
//! high_bound = 2^16`, and the whole limbs by `one` and `two`, which are bits: both set for none, the first for one, the
//! second for two, neither for three.
//!
//! # Constrains
//! Over the integers below 2^16: `x = low + low_bound * high` with `low < low_bound` and `high < high_bound`, and of the
//! result `c = high_bound * low + high of the limb below` for left shifts, `c = high_bound * low of the limb above + high`
//! for right ones, where limbs above the operand are all ones if `srai` shifts a negative word. Limb 3 of `x` of a right shift
//! is limb 3 of `a` by whatever amount: for `srai` its sign is the top bit of `high`. What belongs in its place if the shift
//! is by a limb or more is a limb above the operand.
//!
//! # Degree
//! The degree is 3. So that the products of limbs with flags of direction and whole limbs stay within it, the limbs moved
//! by are not one-hot: `one * two`, for one, says that a shift in either direction moves none.

use p3_field::{Field, PrimeCharacteristicRing};

use crate::F;
use crate::columns;
use crate::cpu::{self, Cpu, ProgramRow, Read, Write};
use crate::emit::{Builder, Emitter};
use crate::event::{Event, limbs};
use crate::rom::operation;
use crate::tables::Kind;

columns! {
    /// A row of the table.
    pub struct ShiftImm {
        /// Iff the row is `slli`.
        is_left,
        /// Iff the row is `srli` or `srai` by less than a limb.
        is_right_within,
        /// Iff the row is `srli` or `srai` by a limb or more.
        is_right_beyond,
        /// Iff the row moves by one whole limb or none, from the program row.
        one,
        /// Iff the row moves by two whole limbs or none, from the program row.
        two,
        /// Control.
        cpu: Cpu,
        /// The operand `a`.
        rs1: Read,
        /// The destination.
        rd: Write,
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
        let [low_bound, high_bound, one, two] = event.row.w.map(|word| word as u32);
        let (is_left, is_arithmetic) = (event.row.flag == 0, event.row.flag == 2);
        let whole = match (one, two) {
            (1, 1) => 0,
            (1, _) => 1,
            (_, 1) => 2,
            _ => 3,
        };
        let moved = match event.row.flag {
            0 => event.rs1 << (16 * whole),
            1 => event.rs1 >> (16 * whole),
            _ => (event.rs1.cast_signed() >> (16 * whole)).cast_unsigned(),
        };
        let top = if is_left { moved } else { event.rs1 };
        let x = [moved, moved >> 16, moved >> 32, top >> 48].map(|limb| limb as u32 & 0xffff);
        let sign_weight = if is_arithmetic { high_bound / 2 } else { 0 };
        let is_negative = is_arithmetic && event.rs1 >> 63 == 1;
        let mut high = x.map(|limb| limb / low_bound);
        high[3] -= if is_negative { sign_weight } else { 0 };
        Self {
            is_left: F::from_bool(is_left),
            is_right_within: F::from_bool(!is_left && whole == 0),
            is_right_beyond: F::from_bool(!is_left && whole > 0),
            one: F::from_u32(one),
            two: F::from_u32(two),
            cpu: Cpu::fill(event),
            rs1: Read::rs1(event),
            rd: Write::rd(event),
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

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &ShiftImm<AB::Var>) {
    let is_real = cpu::one_hot(e, &[row.is_left, row.is_right_within, row.is_right_beyond]);
    cpu::step(e, &row.cpu, &is_real);
    cpu::look_up_program(e, row.cpu.pc, row.cpu.next_pc, program_row::<AB>(row), &is_real);
    cpu::read_rs1(e, row.cpu.clock, &row.rs1, &is_real);
    cpu::write_rd(e, row.cpu.clock, &row.rd, row.result.map(Into::into), &is_real);

    let none = row.one * row.two;
    e.zero_when("less than a limb", row.is_right_within, AB::Expr::ONE - none.clone());
    e.zero_when("a limb or more", row.is_right_beyond, none);

    e.zero_when(
        "sign weighs half or nothing",
        row.sign_weight,
        row.sign_weight.into().double() - row.high_bound.into(),
    );
    e.zero_when("sign of right shifts only", row.sign_weight, row.is_left);
    e.boolean("is_negative is boolean", row.is_negative);
    let no_sign = row.high_bound - row.sign_weight.into().double();
    e.zero_when("negative if the sign weighs", row.is_negative, no_sign);

    for (i, moved) in moved::<AB>(row).into_iter().enumerate() {
        e.equal("limb is cut", moved, row.low[i] + row.low_bound * high::<AB>(row, i));
        let sign = if i == 3 { row.sign_weight.into() } else { AB::Expr::ZERO };
        e.range(row.low_bound, row.low[i], is_real.clone());
        e.range(row.high_bound - sign, row.high[i], is_real.clone());
    }
    for (result, limb) in row.result.into_iter().zip(results::<AB>(row)) {
        e.equal("limb of the result", result, limb);
    }
}

/// The upper part of a limb of `x`, sign included.
fn high<AB: Builder>(row: &ShiftImm<AB::Var>, i: usize) -> AB::Expr {
    if i == 3 { row.is_negative * row.sign_weight + row.high[3] } else { row.high[i].into() }
}

/// The limbs of `x`. With `left` and `right` one-hot in the whole limbs moved by, of degree 2.
fn moved<AB: Builder>(row: &ShiftImm<AB::Var>) -> [AB::Expr; 4] {
    let [a0, a1, a2, a3] = row.rs1.value;
    let above = row.is_negative * F::from_u32(0xffff);
    let none = row.one * row.two;
    let left_none = none.clone() - row.is_right_within;
    let left_one = row.is_left * row.one - left_none.clone();
    let left_two = row.is_left * row.two - left_none.clone();
    let left_three = row.is_left - left_one.clone() - left_two.clone() - left_none.clone();
    let right_one = row.is_right_beyond * row.one;
    let right_two = row.is_right_beyond * row.two;
    let right_three = row.is_right_beyond - right_one.clone() - right_two.clone();
    let is_right = row.is_right_within + row.is_right_beyond;
    [
        none.clone() * a0 + right_one.clone() * a1 + right_two.clone() * a2 + right_three.clone() * a3,
        none.clone() * a1
            + left_one.clone() * a0
            + right_one.clone() * a2
            + right_two.clone() * a3
            + right_three.clone() * above.clone(),
        none * a2 + left_one.clone() * a1 + left_two.clone() * a0 + right_one * a3 + (right_two + right_three) * above,
        left_none * a3 + left_one * a2 + left_two * a1 + left_three * a0 + is_right * a3,
    ]
}

/// The limbs of the result, put together from the cuts.
fn results<AB: Builder>(row: &ShiftImm<AB::Var>) -> [AB::Expr; 4] {
    let is_right = row.is_right_within + row.is_right_beyond;
    // Lower parts in their place in the result; of a limb above the operand.
    let low = |i: usize| row.high_bound * row.low[i];
    let low_above = (-row.high_bound.into() + F::from_u32(1 << 16)) * row.is_negative;
    let high = |i: usize| high::<AB>(row, i);
    [
        row.is_left * low(0) + is_right.clone() * (low(1) + high(0)),
        row.is_left * (low(1) + high(0)) + is_right.clone() * (low(2) + high(1)),
        row.is_left * (low(2) + high(1))
            + row.is_right_within * low(3)
            + row.is_right_beyond * low_above.clone()
            + is_right * high(2),
        row.is_left * (low(3) + high(2))
            + row.is_right_within * (low_above + high(3))
            + row.is_right_beyond * row.is_negative * F::from_u32(0xffff),
    ]
}

fn program_row<AB: Builder>(row: &ShiftImm<AB::Var>) -> ProgramRow<AB::Expr> {
    let number = |flag| F::from_u32(operation(Kind::ShiftImm, flag, false));
    // 1 for `srai`: half of `high_bound` times `low_bound` is 2^15.
    let is_arithmetic = row.sign_weight * row.low_bound * F::from_u32(1 << 15).inverse();
    let is_right = row.is_right_within + row.is_right_beyond;
    ProgramRow {
        operation: row.is_left * number(0) + is_right * number(1) + is_arithmetic * (number(2) - number(1)),
        rd: row.rd.reg.into(),
        rs1: row.rs1.reg.into(),
        rs2: AB::Expr::ZERO,
        w: [row.low_bound, row.high_bound, row.one, row.two].map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use p3_matrix::dense::RowMajorMatrix;
    use spec_interp::{Inst, Op, alu};

    use super::*;
    use crate::bus::MEMORY;
    use crate::check::evaluate;
    use crate::check::mutation::locally_invalid;
    use crate::check::samples::{OPERANDS, Sample, assert_caught, assert_honest, event, rom, trace};
    use crate::columns::Columns;
    use crate::event::Event;
    use crate::execution::Rom;
    use crate::layout::REGISTERS_WORD;
    use crate::rom::{RomRow, lower};
    use crate::table::Table;

    const OPS: [Op; 3] = [Op::Slli, Op::Srli, Op::Srai];

    const fn inst(op: Op, imm: i64) -> Inst {
        Inst { op, rd: 5, rs1: 6, rs2: 0, imm, len: 4 }
    }

    /// Every amount on every operand.
    fn samples() -> Vec<Sample> {
        let insts = OPS.into_iter().flat_map(|op| (0..64).map(move |imm| inst(op, imm)));
        insts.flat_map(|inst| OPERANDS.map(|rs1| Sample { inst, rs1, rs2: 0 })).collect()
    }

    fn cells(row: &ShiftImm<F>) -> Vec<F> {
        let mut cells = vec![F::ZERO; Kind::ShiftImm.width()];
        row.write(&mut cells);
        cells
    }

    fn invalid(row: &ShiftImm<F>, rom: &Rom) -> bool {
        locally_invalid(&Table::new(Kind::ShiftImm), &cells(row), rom)
    }

    #[test]
    fn honest_rows_hold() {
        let samples = samples();
        let rom = rom(&samples);
        let trace = trace(Kind::ShiftImm, &rom, &samples);
        assert_honest(Kind::ShiftImm, &rom, &trace);
        for (i, sample) in samples.iter().enumerate() {
            let expected = alu(sample.inst.op, sample.rs1, sample.inst.imm as u64).expect("a shift");
            let messages = evaluate(&Table::new(Kind::ShiftImm), &trace, i, &[]).messages;
            let rd = F::from_u32(REGISTERS_WORD + 5);
            let written = messages.iter().find(|m| m.bus == MEMORY && m.count == F::ONE && m.tuple[0] == rd);
            assert_eq!(written.map(|m| &m.tuple[2..]), Some(limbs(expected).as_slice()), "{sample:?}");
        }
    }

    #[test]
    fn mutants_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        assert_caught(Kind::ShiftImm, &rom, &trace(Kind::ShiftImm, &rom, &samples), 1, |column, cells| {
            let row = ShiftImm::from_row(cells);
            let is_real = row.is_left + row.is_right_within + row.is_right_beyond == F::ONE;
            // Padding rows say nothing.
            !is_real && !["is_left", "is_right_within", "is_right_beyond"].contains(&column)
        });
    }

    #[test]
    fn forged_results_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = event(&rom, i, sample);
            let lies = [honest.rd_new ^ 1, honest.rd_new ^ (1 << 63), honest.rd_new ^ (0xffff_ffff << 32), 0, u64::MAX];
            for rd_new in lies.into_iter().filter(|&lie| lie != honest.rd_new) {
                assert!(invalid(&ShiftImm::fill(&Event { rd_new, ..honest }), &rom), "{sample:?}");
            }
        }
    }

    /// A cut in another place: one more or less above it, and the lower part makes up for it, or the other way round.
    #[test]
    fn limbs_cut_elsewhere_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = ShiftImm::fill(&event(&rom, i, sample));
            let steps = [(F::ONE, honest.low_bound), (honest.low_bound.inverse(), F::ONE)];
            for (limb, (up, down)) in (0..4).flat_map(|limb| steps.map(|step| (limb, step))) {
                for sign in [F::ONE, F::NEG_ONE] {
                    let mut row = honest;
                    row.high[limb] += sign * up;
                    row.low[limb] -= sign * down;
                    assert!(invalid(&row, &rom), "{sample:?}");
                }
            }
        }
    }

    /// All cells of another amount or operation, then as much of the program row put back as does not show.
    #[test]
    fn other_shifts_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let event = event(&rom, i, sample);
            let honest = ShiftImm::fill(&event);
            let amounts = [16, 32, 48, 1, 15].map(|step| (sample.inst.imm + step) % 64);
            for (op, amount) in OPS.into_iter().flat_map(|op| amounts.map(|amount| (op, amount))) {
                let lowered = lower(spec_interp::map::PROGRAM_BASE, &inst(op, amount)).expect("it has a row");
                let rd_new = alu(op, sample.rs1, amount as u64).expect("a shift");
                let row = RomRow { flag: lowered.flag, w: lowered.w, ..*event.row };
                let forged = ShiftImm::fill(&Event { row: &row, rd_new, ..event });
                let ShiftImm { one, two, low_bound, high_bound, sign_weight, .. } = honest;
                let ShiftImm { is_left, is_right_within, is_right_beyond, .. } = honest;
                for row in [
                    forged,
                    ShiftImm { one, two, ..forged },
                    ShiftImm { one, two, low_bound, high_bound, ..forged },
                    ShiftImm { one, two, low_bound, high_bound, sign_weight, ..forged },
                    ShiftImm { one, two, is_left, is_right_within, is_right_beyond, ..forged },
                ] {
                    assert!(cells(&row) == cells(&honest) || invalid(&row, &rom), "{sample:?}");
                }
            }
        }
    }

    /// `srai` of a negative word filled with zeros and of another one with ones: only a range check speaks.
    #[test]
    fn wrong_signs_are_caught() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate().filter(|(_, sample)| sample.inst.op == Op::Srai) {
            let event = event(&rom, i, sample);
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
            let cells = RowMajorMatrix::new(cells(&row), Kind::ShiftImm.width());
            let report = evaluate(&Table::new(Kind::ShiftImm), &cells, 0, &[]);
            assert!(report.violated.is_empty() && invalid(&row, &rom), "{sample:?}");
        }
    }

    /// An operation or weight of the sign that is not a row's own, where the program alone tells them apart.
    #[test]
    fn weights_of_the_sign_are_those_of_the_operation() {
        let samples = samples();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = ShiftImm::fill(&event(&rom, i, sample));
            let half = honest.high_bound.halve();
            for weight in [F::ZERO, half, -half, half.halve(), half.double()] {
                let row = ShiftImm { sign_weight: weight, ..honest };
                assert!(weight == honest.sign_weight || invalid(&row, &rom), "{sample:?}");
            }
        }
    }
}
