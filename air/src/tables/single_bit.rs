//! Operations on one bit of a word: `bclr bext binv bset` and their immediate forms.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! Limb 0 of `b` is `n + 64 rest` with `n = 16 whole + within` the number of the bit and `rest < 2^10`. Over the integers
//! below 2^16, the limb of `a` that `whole` chooses is `below + 2^within bit + 2^(within + 1) above`, with `below <
//! 2^within` and `above < 2^(15 - within)`. `bext` gives the bit; the others give `a` with `change` added to that limb:
//! `-2^within` where the bit is cleared, `2^within` where it is set, and 0 where it is already what it becomes.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct SingleBit {
        /// Iff the row is `bclr`.
        is_clear,
        /// Iff the row is `bext`.
        is_extract,
        /// Iff the row is `binv`.
        is_invert,
        /// Iff the row is `bset`.
        is_set,
        /// Iff the second operand is the program's immediate.
        is_imm,
        /// Control, the operand `a`, the number of the bit `b`, and the destination.
        frame: (Binary),
        /// Iff the bit lies in limb 1, 2 or 3.
        limb: [3],
        /// 2 to the number of the bit in its limb.
        within: Power,
        /// The bits of limb 0 of `b` above the lowest six.
        rest,
        /// The bit.
        bit,
        /// The bits of its limb below it.
        below,
        /// The bits of its limb above it.
        above,
        /// Bound of the bits above it: `2^15 / 2^within`.
        above_bound,
        /// What is added to the limb.
        change,
        /// The result `c`, four 16-bit limbs.
        result: [4],
    }
}

impl SingleBit<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let number = event.rs2 as u32 & 63;
        let (whole, within) = (number / 16, number % 16);
        let limb = (event.rs1 >> (16 * whole)) as u32 & 0xffff;
        let bit = limb >> within & 1;
        let weight = 1 << within;
        let change = match (event.row.op(), bit) {
            (Op::Bclr | Op::Binv, 1) => -weight,
            (Op::Binv | Op::Bset, 0) => weight,
            _ => 0,
        };
        Self {
            is_clear: event.flag(Op::Bclr),
            is_extract: event.flag(Op::Bext),
            is_invert: event.flag(Op::Binv),
            is_set: event.flag(Op::Bset),
            is_imm: F::from_bool(event.row.immediate),
            frame: Binary::fill(event),
            limb: [1, 2, 3].map(|limb| F::from_bool(whole == limb)),
            within: Power::fill(within),
            rest: F::from_u32((event.rs2 as u32 & 0xffff) / 64),
            bit: F::from_u32(bit),
            below: F::from_u32(limb % (1 << within)),
            above: F::from_u32(limb >> within >> 1),
            above_bound: F::from_u32(1 << (15 - within)),
            change: F::from_i32(change),
            result: limbs(event.rd_new),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] =
    &[&[Op::Bclr, Op::Bclri], &[Op::Bext, Op::Bexti], &[Op::Binv, Op::Binvi], &[Op::Bset, Op::Bseti]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &SingleBit<AB::Var>) {
    let flags = [row.is_clear, row.is_extract, row.is_invert, row.is_set];
    let (is_real, operation) = e.one_operation(Kind::SingleBit, &flags);
    e.binary_or_immediate(&row.frame, (operation, row.is_imm), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);

    let limb = place(e, row, &is_real);
    split(e, row, &limb, &is_real);

    let grows = (row.is_invert + row.is_set) * (AB::Expr::ONE - row.bit.into());
    let shrinks = (row.is_clear + row.is_invert) * row.bit;
    e.equal("change", row.change, (grows - shrinks) * row.within.value);
    let is_changed = is_real - row.is_extract.into();
    for (i, flag) in limb.into_iter().enumerate() {
        let bit = if i == 0 { row.is_extract * row.bit } else { AB::Expr::ZERO };
        e.equal("result", row.result[i], is_changed.clone() * row.frame.rs1.value[i] + flag * row.change + bit);
    }
}

/// Takes the number of the bit apart; returns one-hot flags of its limb.
fn place<AB: Builder>(e: &mut Emitter<'_, AB>, row: &SingleBit<AB::Var>, is_real: &AB::Expr) -> [AB::Expr; 4] {
    let within = e.power(&row.within, is_real);
    e.booleans("limb is boolean", row.limb);
    let [one, two, three] = row.limb.map(Into::into);
    let zero = is_real.clone() - one.clone() - two.clone() - three.clone();
    e.boolean("at most one limb, none on padding rows", zero.clone());
    let whole = one.clone() + two.clone() * F::TWO + three.clone() * F::from_u32(3);
    let number = whole * F::from_u32(16) + within;
    e.equal("limb 0 of b is the number and the rest", row.frame.rs2.value[0], number + row.rest * F::from_u32(64));
    e.range(constant::<AB>(1 << 10), row.rest, is_real.clone());
    [zero, one, two, three]
}

/// Takes the limb of the bit apart.
fn split<AB: Builder>(e: &mut Emitter<'_, AB>, row: &SingleBit<AB::Var>, limb: &[AB::Expr; 4], is_real: &AB::Expr) {
    let chosen: AB::Expr = limb.iter().zip(row.frame.rs1.value).map(|(flag, value)| flag.clone() * value).sum();
    e.boolean("bit is boolean", row.bit);
    e.equal("limb", chosen, row.within.value * (row.above.into().double() + row.bit) + row.below);
    e.equal("bound above", row.above_bound * row.within.value, is_real.clone() * F::from_u32(1 << 15));
    e.range(row.within.value, row.below, is_real.clone());
    e.range(row.above_bound, row.above, is_real.clone());
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use spec_interp::{Op, alu};

    use super::*;
    use crate::check::samples::{Sample, Samples, assert_boolean, columns};

    #[test]
    fn flags_of_the_bit_are_bits() {
        assert_boolean(Kind::SingleBit, &columns(Kind::SingleBit, &["limb", "bit", "within.bits"]));
    }

    /// Another bit of the word, with every cell that follows from it, and the results of the other operations.
    #[test]
    fn another_bit_and_another_operation_are_caught() {
        let samples = Samples::of(Kind::SingleBit);
        for (sample, honest) in samples.events().step_by(5) {
            let row = SingleBit::fill(&honest);
            assert!(!samples.is_invalid(&row));
            let number = honest.rs2 & 63;
            for other in (0..64).filter(|other| *other != number) {
                let rs2 = honest.rs2 & !63 | other;
                let rd_new = alu(sample.inst.op, sample.rs1, rs2).expect("it computes");
                let forged = SingleBit { frame: row.frame, ..SingleBit::fill(&Event { rs2, rd_new, ..honest }) };
                assert!(samples.is_invalid(&forged), "bit {other} of {sample:?}");
                // The number as another one and a larger or smaller rest.
                let rest = forged.rest + F::from_i64(number as i64 - other as i64) / F::from_u32(64);
                assert!(samples.is_invalid(&SingleBit { rest, ..forged }), "bit {other} of {sample:?}");
            }
            for op in [Op::Bclr, Op::Bext, Op::Binv, Op::Bset] {
                let rd_new = alu(op, sample.rs1, number).expect("it computes");
                if rd_new != honest.rd_new {
                    assert!(samples.is_invalid(&SingleBit { result: limbs(rd_new), ..row }), "{op} of {sample:?}");
                    let change = [F::ZERO, row.within.value, -row.within.value];
                    for change in change {
                        let forged = SingleBit { result: limbs(rd_new), change, ..row };
                        assert!(samples.is_invalid(&forged), "{op} of {sample:?}");
                    }
                }
            }
        }
    }

    /// A row for a limb and a weight that its number does not name, with all cells that follow: `None` if it has none.
    fn claim(honest: &SingleBit<F>, limb: [F; 3], within: Power<F>) -> Option<SingleBit<F>> {
        let zero = honest.is_clear + honest.is_extract + honest.is_invert + honest.is_set - limb.into_iter().sum::<F>();
        let flags = [zero, limb[0], limb[1], limb[2]];
        let chosen: F = flags.into_iter().zip(honest.frame.rs1.value).map(|(flag, value)| flag * value).sum();
        let [chosen, weight] = [chosen, within.value].map(|value| value.as_canonical_u32());
        if chosen >> 16 != 0 || !weight.is_power_of_two() {
            return None;
        }
        let (bit, above, below) = (F::from_u32(chosen / weight % 2), chosen / weight / 2, chosen % weight);
        let grows = (honest.is_invert + honest.is_set) * (F::ONE - bit);
        let change = (grows - (honest.is_clear + honest.is_invert) * bit) * within.value;
        let kept = F::ONE - honest.is_extract;
        Some(SingleBit {
            limb,
            within,
            bit,
            above: F::from_u32(above),
            below: F::from_u32(below),
            above_bound: F::from_u32(1 << 15) / within.value,
            change,
            result: core::array::from_fn(|i| {
                let extracted = if i == 0 { honest.is_extract * bit } else { F::ZERO };
                kept * honest.frame.rs1.value[i] + flags[i] * change + extracted
            }),
            ..*honest
        })
    }

    /// Limbs by flags that are no bits or too many, and weights that their bits do not make.
    #[test]
    fn limbs_and_weights_that_only_add_up_are_caught() {
        let samples = Samples::of(Kind::SingleBit).list;
        // Limbs whose sums and differences are limbs.
        let others = samples.iter().map(|sample| Sample { rs1: 0x0003_0009_0005_0002, ..*sample });
        let samples = Samples::new(Kind::SingleBit, samples.iter().copied().chain(others));
        let mut tried = [0; 2];
        for (sample, event) in samples.events().step_by(5) {
            let honest = SingleBit::fill(&event);
            let flags =
                (0..64_u32).map(|code| [code % 4, code / 4 % 4, code / 16 % 4].map(|flag| F::from_u32(flag) - F::ONE));
            let number = |[one, two, three]: [F; 3]| one + two.double() + three * F::from_u32(3);
            for limb in flags.filter(|limb| *limb != honest.limb) {
                // The rest makes up for what the number is off by.
                let rest = honest.rest + (number(honest.limb) - number(limb)) / F::from_u32(4);
                if let Some(forged) = claim(&honest, limb, honest.within) {
                    tried[0] += 1;
                    assert!(samples.is_invalid(&SingleBit { rest, ..forged }), "{limb:?} {sample:?}");
                }
            }
            for n in 0..16 {
                let Power { low, value, .. } = Power::fill(n);
                let within = [Power { value, ..honest.within }, Power { low, value, ..honest.within }];
                let scaled = Power { low: honest.within.low * value / honest.within.value, value, ..honest.within };
                for within in within.into_iter().chain([scaled]).filter(|_| value != honest.within.value) {
                    let forged = claim(&honest, honest.limb, within).expect("the limb is one");
                    tried[1] += 1;
                    assert!(samples.is_invalid(&forged), "{within:?} {sample:?}");
                }
            }
        }
        assert!(tried.iter().all(|&tried| tried > 1000), "{tried:?}");
    }

    /// A bit of one's own, paid for by its neighbours.
    #[test]
    fn a_bit_that_its_neighbours_pay_for_is_caught() {
        let samples = Samples::of(Kind::SingleBit);
        for (_, event) in samples.events() {
            let row = SingleBit::fill(&event);
            let step = F::ONE - row.bit.double();
            let forged = |above: F, below: F| {
                let bit = row.bit + step;
                let grows = (row.is_invert + row.is_set) * (F::ONE - bit);
                let change = (grows - (row.is_clear + row.is_invert) * bit) * row.within.value;
                let chosen = [F::ONE - row.limb[0] - row.limb[1] - row.limb[2], row.limb[0], row.limb[1], row.limb[2]];
                let extracted = [row.is_extract * bit, F::ZERO, F::ZERO, F::ZERO];
                let kept = F::ONE - row.is_extract;
                let result =
                    core::array::from_fn(|i| kept * row.frame.rs1.value[i] + chosen[i] * change + extracted[i]);
                SingleBit { bit, above, below, change, result, ..row }
            };
            assert!(samples.is_invalid(&forged(row.above - step.halve(), row.below)));
            assert!(samples.is_invalid(&forged(row.above, row.below - step * row.within.value)));
            // A bit of 2 in place of one above it, or of -1.
            let other = |bit: F| SingleBit { bit, above: row.above - (bit - row.bit).halve(), ..row };
            assert!(samples.is_invalid(&other(row.bit + F::TWO)) && samples.is_invalid(&other(row.bit - F::TWO)));
        }
    }
}
