//! Comparisons: `slt sltu` and their immediate forms, `min max minu maxu`.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! `slt` and `sltu` give 1 if `a < b`, else 0; minima and maxima give `a` or `b` as it is less or not. Both are signed for
//! `slt min max`; see [`gadgets::compare`].
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct Compare {
        /// Iff the row is `slt`.
        is_slt,
        /// Iff the row is `sltu`.
        is_sltu,
        /// Iff the row is `min` or `minu`.
        is_min,
        /// Iff the row is `max` or `maxu`.
        is_max,
        /// Iff the row is `minu` or `maxu`.
        is_unsigned,
        /// Iff the second operand is the program's immediate.
        is_imm,
        /// Control, the operands `a` and `b` and the destination.
        frame: (Binary),
        /// `a` against `b`.
        order: Comparison,
        /// The result `c`, four 16-bit limbs.
        result: [4],
    }
}

impl Compare<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self {
            is_slt: event.flag(Op::Slt),
            is_sltu: event.flag(Op::Sltu),
            is_min: event.flag(Op::Min) + event.flag(Op::Minu),
            is_max: event.flag(Op::Max) + event.flag(Op::Maxu),
            is_unsigned: event.flag(Op::Minu) + event.flag(Op::Maxu),
            is_imm: F::from_bool(event.row.immediate),
            frame: Binary::fill(event),
            order: Comparison::fill(event.rs1, event.rs2, matches!(event.row.op(), Op::Slt | Op::Min | Op::Max)),
            result: limbs(event.rd_new),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] =
    &[&[Op::Slt, Op::Slti], &[Op::Sltu, Op::Sltiu], &[Op::Min], &[Op::Max], &[Op::Minu], &[Op::Maxu]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Compare<AB::Var>) {
    let flags = [row.is_slt, row.is_sltu, row.is_min, row.is_max];
    let (is_real, signed) = e.one_operation(Kind::Compare, &flags);
    let is_choice = row.is_min + row.is_max;
    e.flag(["is_unsigned is boolean", "is_unsigned on minima and maxima only"], row.is_unsigned, is_choice);
    // `minu` and `maxu` are numbered two above `min` and `max`.
    let operation = signed + row.is_unsigned * (number(Op::Minu) - number(Op::Min));
    e.binary_or_immediate(&row.frame, (operation, row.is_imm), &is_real);
    arithmetic(e, LIMB_BITS, row, &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, row.result, &is_real);
}

/// The result by the operands, with limbs of any width.
fn arithmetic<AB: Builder>(e: &mut Emitter<'_, AB>, bits: u32, row: &Compare<AB::Var>, is_real: &AB::Expr) {
    let (a, b) = (row.frame.rs1.value, row.frame.rs2.value);
    let is_signed = row.is_slt + row.is_min + row.is_max - row.is_unsigned;
    gadgets::compare(e, bits, a, b, &row.order, &is_signed, is_real);
    let less = row.order.less;
    for i in 0..4 {
        let is_less = if i == 0 { (row.is_slt + row.is_sltu) * less } else { AB::Expr::ZERO };
        let min = less * (a[i] - b[i]) + b[i];
        let max = less * (b[i] - a[i]) + a[i];
        e.equal("result", row.result[i], is_less + row.is_min * min + row.is_max * max);
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;
    use crate::check::samples::Samples;
    use crate::check::small::{self, Cell, Symbolic, World, flag, signed};
    use crate::emit::constant;

    /// The operand that was not chosen, the comparison itself, and a limb of each.
    #[test]
    fn the_other_operand_is_caught() {
        let samples = Samples::of(Kind::Compare);
        for (_, event) in samples.events() {
            let honest = Compare::fill(&event);
            let (a, b, less) = (honest.frame.rs1.value, honest.frame.rs2.value, honest.order.less);
            let flag = |less| [less, F::ZERO, F::ZERO, F::ZERO];
            let mixed = |a: [F; 4], b: [F; 4]| [a[0], a[1], b[2], b[3]];
            for result in [a, b, flag(less), flag(F::ONE - less), mixed(a, b), mixed(b, a)] {
                if result != honest.result {
                    samples.assert_invalid(&Compare { result, ..honest });
                }
            }
        }
    }

    /// Every pair of operands of four limbs of one or two bits has one row, with the operation's result.
    #[test]
    fn every_small_row_is_the_only_one() {
        for (bits, op) in [1, 2].into_iter().flat_map(|bits| [0, 1, 2, 3, 4, 5].map(|op| (bits, op))) {
            let operand = Read { value: [Cell::Given; 4], ..Read::default() };
            let cells = Compare {
                is_slt: flag(op == 0),
                is_sltu: flag(op == 1),
                is_min: flag(op == 2 || op == 4),
                is_max: flag(op == 3 || op == 5),
                is_unsigned: flag(op > 3),
                frame: Binary { rs1: operand, rs2: operand, ..Binary::default() },
                ..Compare::default()
            };
            let world = World::new(bits, &cells, |e, row| arithmetic(e, bits, row, &constant::<Symbolic>(1)));
            let width = 4 * bits;
            small::pairs(bits).into_par_iter().for_each(|(a, b)| {
                let row: Compare<F> = world.only_filling(&[small::limbs(bits, a), small::limbs(bits, b)].concat());
                let result = match op {
                    0 => (signed(width, a) < signed(width, b)).into(),
                    1 => (a < b).into(),
                    2 => signed(width, a).min(signed(width, b)).cast_unsigned(),
                    3 => signed(width, a).max(signed(width, b)).cast_unsigned(),
                    4 => a.min(b),
                    _ => a.max(b),
                };
                assert_eq!(row.result, small::limbs(bits, result), "{op}: {a} {b}");
            });
        }
    }
}
