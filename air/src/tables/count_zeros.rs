//! Zeros above the highest one of a word and below the lowest one: `clz ctz clzw ctzw`.
//!
//! # Assumes
//! The operand is four 16-bit limbs, because every word ever written was checked.
//!
//! # Constrains
//! Of the limbs that count, all four or the lower two, `marker` is set for the highest one that is not 0 (`clz`) or the
//! lowest (`ctz`), and for none iff all are 0. Over the integers below 2^16, that limb is `2^n + rest` with `rest < 2^n`,
//! so that `n` is its highest one, or `2^n (1 + 2 rest)` with `rest < 2^(15 - n)`, so that `n` is its lowest. The result is
//! `width - 1 - (16 marked + n)` or `16 marked + n`, and `width` if there is no one.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct CountZeros {
        /// Iff the row is `clz`.
        is_clz,
        /// Iff the row is `ctz`.
        is_ctz,
        /// Iff the row is `clzw`.
        is_clzw,
        /// Iff the row is `ctzw`.
        is_ctzw,
        /// Control, the operand, whose limbs 2 and 3 do not matter to W forms, and the destination.
        frame: (Unary),
        /// Iff the highest or lowest one lies in the limb.
        marker: [4],
        /// 2 to the number of that one in its limb; zeros if there is none.
        one: Power,
        /// The rest of the limb, below the highest one or above the lowest; 0 if there is none.
        rest,
        /// Bound of the rest; 0 if there is none.
        rest_bound,
        /// The result.
        result,
    }
}

impl CountZeros<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let (is_leading, is_word) =
            (matches!(event.row.op(), Op::Clz | Op::Clzw), matches!(event.row.op(), Op::Clzw | Op::Ctzw));
        let word = if is_word { event.rs1 & 0xffff_ffff } else { event.rs1 };
        let position =
            if is_leading { word.checked_ilog2() } else { word.checked_ilog2().map(|_| word.trailing_zeros()) };
        let control = Self {
            is_clz: event.flag(Op::Clz),
            is_ctz: event.flag(Op::Ctz),
            is_clzw: event.flag(Op::Clzw),
            is_ctzw: event.flag(Op::Ctzw),
            frame: Unary::fill(event),
            result: F::from_u64(event.rd_new),
            ..Self::default()
        };
        let Some(position) = position else { return control };
        let (marked, n) = (position / 16, position % 16);
        let limb = (word >> (16 * marked)) as u32 & 0xffff;
        let (rest, bound) = if is_leading { (limb - (1 << n), 1 << n) } else { (limb >> n >> 1, 1 << (15 - n)) };
        Self {
            marker: core::array::from_fn(|i| F::from_bool(i as u32 == marked)),
            one: Power::fill(n),
            rest: F::from_u32(rest),
            rest_bound: F::from_u32(bound),
            ..control
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Clz], &[Op::Ctz], &[Op::Clzw], &[Op::Ctzw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &CountZeros<AB::Var>) {
    let flags = [row.is_clz, row.is_ctz, row.is_clzw, row.is_ctzw];
    let (is_real, operation) = e.one_operation(Kind::CountZeros, &flags);
    e.unary(&row.frame, (operation, padded([])), &is_real);
    e.write_rd(row.frame.cpu.clock, &row.frame.rd, padded([row.result.into()]), &is_real);

    let found = find_limb(e, row);
    e.zero_when("a marker on real rows only", AB::Expr::ONE - is_real, found.clone());
    let n = find_one(e, row, &found);

    let (is_leading, is_trailing) = (row.is_clz + row.is_clzw, row.is_ctz + row.is_ctzw);
    let marked: AB::Expr = (0..4).map(|i| row.marker[i] * F::from_usize(16 * i)).sum();
    let position = marked + n;
    let width = |double: AB::Var, word: AB::Var| double * F::from_u32(64) + word * F::from_u32(32);
    let leading = width(row.is_clz, row.is_clzw) - is_leading * (position.clone() + found.clone());
    let trailing = width(row.is_ctz, row.is_ctzw) * (AB::Expr::ONE - found) + is_trailing * position;
    e.equal("result", row.result, leading + trailing);
}

/// Marks the limb of the one that is looked for; returns whether there is one.
fn find_limb<AB: Builder>(e: &mut Emitter<'_, AB>, row: &CountZeros<AB::Var>) -> AB::Expr {
    for (i, marker) in row.marker.into_iter().enumerate() {
        e.boolean("marker is boolean", marker);
        if i >= 2 {
            e.zero_when("W forms have two limbs", row.is_clzw + row.is_ctzw, marker);
        }
    }
    let found = sum::<AB>(&row.marker);
    e.boolean("at most one marker", found.clone());
    for (i, limb) in row.frame.rs1.value.into_iter().enumerate() {
        let of_words = |flag: AB::Var| if i < 2 { flag.into() } else { AB::Expr::ZERO };
        let not_from_above = AB::Expr::ONE - sum::<AB>(&row.marker[i..]);
        e.zero_when("limbs above the highest one", (of_words(row.is_clzw) + row.is_clz) * not_from_above, limb);
        let not_from_below = AB::Expr::ONE - sum::<AB>(&row.marker[..=i]);
        e.zero_when("limbs below the lowest one", (of_words(row.is_ctzw) + row.is_ctz) * not_from_below, limb);
    }
    found
}

/// Takes the marked limb apart; returns the number of the one in it.
fn find_one<AB: Builder>(e: &mut Emitter<'_, AB>, row: &CountZeros<AB::Var>, found: &AB::Expr) -> AB::Expr {
    let n = e.power(&row.one, found);
    let (is_leading, is_trailing) = (row.is_clz + row.is_clzw, row.is_ctz + row.is_ctzw);
    let limb: AB::Expr = row.marker.into_iter().zip(row.frame.rs1.value).map(|(marker, limb)| marker * limb).sum();
    let one: AB::Expr = row.one.value.into();
    e.zero_when("bound below the highest one", is_leading.clone(), row.rest_bound - one.clone());
    let product = one.clone() * row.rest_bound - found.clone() * F::from_u32(1 << 15);
    e.zero_when("bound above the lowest one", is_trailing.clone(), product);
    for cell in [row.rest, row.rest_bound] {
        e.zero_when("no rest without a one", AB::Expr::ONE - found.clone(), cell);
    }
    let rest = (is_leading + is_trailing * one.double()) * row.rest;
    e.equal("limb of the one", limb, one + rest);
    e.range(row.rest_bound, row.rest, found.clone());
    n
}

#[cfg(test)]
mod tests {
    use p3_field::Field;
    use p3_matrix::dense::RowMajorMatrix;
    use spec_interp::Op;

    use super::*;
    use crate::bus::RANGE;
    use crate::check::evaluate;
    use crate::check::samples::{Samples, assert_boolean, assert_one_hot, cells, columns};
    use crate::columns::Columns;
    use crate::table::Table;

    #[test]
    fn flags_of_the_position_are_bits() {
        assert_one_hot(Kind::CountZeros, &columns(Kind::CountZeros, &["marker"]));
        assert_boolean(Kind::CountZeros, &columns(Kind::CountZeros, &["one.bits"]));
    }

    /// Every other position, with every cell that can be made to follow from it.
    #[test]
    fn another_one_is_caught() {
        let samples = Samples::of(Kind::CountZeros);
        for (sample, honest) in samples.events() {
            let row = CountZeros::fill(&honest);
            assert!(!samples.is_invalid(&row), "{sample:?}");
            let is_leading = matches!(sample.inst.op, Op::Clz | Op::Clzw);
            let width = if matches!(sample.inst.op, Op::Clz | Op::Ctz) { 64 } else { 32 };
            for position in 0..64_u32 {
                let count = if is_leading { 63 - i64::from(position) - (64 - width) } else { position.into() };
                if count == honest.rd_new as i64 {
                    continue;
                }
                let (marked, n) = (position / 16, position % 16);
                let limb = F::from_u32((sample.rs1 >> (16 * marked)) as u32 & 0xffff);
                let one = Power::fill(n);
                let (rest, rest_bound) = if is_leading {
                    (limb - one.value, one.value)
                } else {
                    ((limb - one.value) / one.value.double(), F::from_u32(1 << (15 - n)))
                };
                let marker = core::array::from_fn(|i| F::from_bool(i as u32 == marked));
                let forged = CountZeros { marker, one, rest, rest_bound, result: F::from_i64(count), ..row };
                assert!(samples.is_invalid(&forged), "{position} in {sample:?}");
            }
            let none = CountZeros {
                marker: [F::ZERO; 4],
                one: Power::default(),
                rest: F::ZERO,
                rest_bound: F::ZERO,
                result: F::from_i64(width),
                ..row
            };
            assert_eq!(!samples.is_invalid(&none), honest.rd_new == width as u64, "{sample:?}");
        }
    }

    /// A row that claims these markers and this number, with every cell that follows from them.
    fn claim(honest: &CountZeros<F>, marker: [F; 4], n: u32) -> CountZeros<F> {
        let found: F = marker.into_iter().sum();
        let limb: F = marker.into_iter().zip(honest.frame.rs1.value).map(|(marker, limb)| marker * limb).sum();
        let Power { bits, low, value } = Power::fill(n);
        let one = Power { bits, low: found * low, value: found * value };
        let is_leading = honest.is_clz + honest.is_clzw == F::ONE;
        let inverse = one.value.try_inverse().unwrap_or(F::ZERO);
        let (rest, rest_bound) = if is_leading {
            (limb - one.value, one.value)
        } else {
            ((limb * inverse - F::ONE).halve(), found * F::from_u32(1 << 15) * inverse)
        };
        let width =
            (honest.is_clz + honest.is_ctz) * F::from_u32(64) + (honest.is_clzw + honest.is_ctzw) * F::from_u32(32);
        let marked: F = marker.into_iter().zip([0, 16, 32, 48]).map(|(marker, bits)| marker * F::from_u32(bits)).sum();
        let position = marked + F::from_u32(n);
        let result = if is_leading { width - position - found } else { width * (F::ONE - found) + position };
        let rest = if found == F::ZERO { F::ZERO } else { rest };
        CountZeros { marker, one, rest, rest_bound, result, ..*honest }
    }

    /// All markers and all numbers: one filling holds, and that is the honest one.
    #[test]
    fn a_word_has_exactly_one_filling() {
        let samples = Samples::of(Kind::CountZeros);
        for (_, event) in samples.events() {
            let honest = CountZeros::fill(&event);
            for code in 0..256_u32 {
                let marker = core::array::from_fn(|limb| F::from_bool(code >> limb & 1 == 1));
                let forged = claim(&honest, marker, code / 16);
                assert!(cells(&forged) == cells(&honest) || samples.is_invalid(&forged), "{forged:?}");
                // The right power of two of other bits, or of other lower bits.
                let result = forged.result;
                for low in [forged.one.low, honest.one.low] {
                    let one = Power { bits: forged.one.bits, low, value: honest.one.value };
                    let forged = CountZeros { one, result, ..honest };
                    assert!(cells(&forged) == cells(&honest) || samples.is_invalid(&forged), "{forged:?}");
                }
                let upper = Power::<F>::fill(code / 64 * 4).value;
                let one = Power { bits: forged.one.bits, low: honest.one.value / upper, value: honest.one.value };
                let forged = CountZeros { one, result, ..honest };
                assert!(cells(&forged) == cells(&honest) || samples.is_invalid(&forged), "{forged:?}");
            }
        }
    }

    /// Another result alone; and another one in the limb, which its bits do not name, with the rest that follows.
    #[test]
    fn results_and_ones_of_ones_own_are_caught() {
        let samples = Samples::of(Kind::CountZeros);
        for (sample, event) in samples.events() {
            let honest = CountZeros::fill(&event);
            for step in [F::ONE, F::NEG_ONE, F::from_u32(16), F::from_u32(32)] {
                assert!(samples.is_invalid(&CountZeros { result: honest.result + step, ..honest }), "{sample:?}");
            }
            let limb: F =
                honest.marker.into_iter().zip(honest.frame.rs1.value).map(|(marker, limb)| marker * limb).sum();
            let is_leading = honest.is_clz + honest.is_clzw;
            for value in (0..16).map(|n| Power::<F>::fill(n).value).filter(|&value| value != honest.one.value) {
                let rest = if is_leading == F::ONE { limb - value } else { (limb / value - F::ONE).halve() };
                let tight = if is_leading == F::ONE { value } else { F::from_u32(1 << 15) / value };
                let low = honest.one.low * value * honest.one.value.try_inverse().unwrap_or(F::ZERO);
                for rest_bound in (0..=16).map(|log| F::from_u32(1 << log)).chain([tight]) {
                    for one in [Power { value, ..honest.one }, Power { low, value, ..honest.one }] {
                        let forged = CountZeros { one, rest, rest_bound, ..honest };
                        assert!(samples.is_invalid(&forged), "{forged:?}");
                    }
                }
            }
            // The same one with a wider bound, under which another limb would pass.
            for rest_bound in (0..=16).map(|log| F::from_u32(1 << log)).filter(|bound| *bound != honest.rest_bound) {
                assert!(samples.is_invalid(&CountZeros { rest_bound, ..honest }), "{sample:?}");
            }
        }
    }

    /// A marker on a padding row would ask for a range, though the row is of no instruction.
    #[test]
    fn padding_that_speaks_is_caught() {
        let (one, rest_bound) = (Power::fill(3), F::from_u32(1 << 12));
        let marker = [F::ONE, F::ZERO, F::ZERO, F::ZERO];
        let rs1 = Read { value: [one.value, F::ZERO, F::ZERO, F::ZERO], ..Read::default() };
        let frame = Unary { rs1, ..Unary::default() };
        let padding = CountZeros { marker, one, rest_bound, frame, ..CountZeros::default() };
        let trace = RowMajorMatrix::new(cells(&padding), CountZeros::<F>::WIDTH);
        let report = evaluate(&Table::new(Kind::CountZeros), &trace, 0, &[]);
        assert!(report.messages.iter().any(|message| message.bus == RANGE), "it asks");
        let names = crate::check::names(Kind::CountZeros).constraints;
        let violated: Vec<_> = report.violated.iter().map(|&i| names[i].as_str()).collect();
        assert_eq!(violated, ["a marker on real rows only"]);
    }

    /// Two marked limbs that together look like one, and a marker of two.
    #[test]
    fn markers_that_only_sum_up_are_caught() {
        let samples = Samples::of(Kind::CountZeros);
        for (sample, event) in samples.events() {
            let row = CountZeros::fill(&event);
            for marker in [[1, 1, 0, -1], [2, -1, 0, 0], [1, -1, 1, 0], [0, 2, 0, -1]] {
                let forged = CountZeros { marker: marker.map(F::from_i32), ..row };
                assert!(samples.is_invalid(&forged), "{marker:?} in {sample:?}");
            }
        }
    }
}
