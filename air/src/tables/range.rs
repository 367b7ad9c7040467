//! Ranges: `value < bound` for each power of two up to 2^16.
//!
//! # Constrains
//! Nothing itself: the pairs are fixed, and each is answered as often as it is asked.
//!
//! # Degree
//! 1.

use p3_matrix::dense::RowMajorMatrix;

use crate::bus::RANGE;
use crate::prelude::*;

columns! {
    /// The fixed columns.
    pub struct Fixed {
        /// A power of two.
        bound,
        /// A value below it.
        value,
    }
}

columns! {
    /// The committed column.
    pub struct Range {
        /// How often the pair is asked for; free, because the argument only balances if it is right.
        multiplicity,
    }
}

/// Bounds of the table: 2^0 to 2^16.
pub const BOUNDS: u32 = 17;
/// Rows of the table.
pub const HEIGHT: usize = 1 << BOUNDS;

/// The fixed columns: row `bound + value` holds the pair; the first row repeats the one behind it.
pub fn fixed() -> RowMajorMatrix<F> {
    let pairs = (0..BOUNDS).flat_map(|log| (0..1_u32 << log).map(move |value| [1 << log, value]));
    let cells = [[1, 0]].into_iter().chain(pairs).flatten().map(F::from_u32).collect();
    RowMajorMatrix::new(cells, 2)
}

/// The fixed columns' multilinear extensions at a point, whose first coordinate is the row's highest bit: the bound is the
/// highest bit set, and the value what is below it.
pub fn fixed_at<E: PrimeCharacteristicRing>(point: &[E]) -> [E; 2] {
    // Whether no bit was set above; what was is the row so far, and the bounds in it.
    let (mut nothing, mut row, mut bound) = (E::ONE, E::ZERO, E::ZERO);
    for bit in point {
        row = row.double() + bit.clone();
        bound = bound.double() + nothing.clone() * bit.clone();
        nothing *= E::ONE - bit.clone();
    }
    [bound.clone() + nothing, row - bound]
}

/// The row of a pair, or none if the pair is not in the table.
pub fn row_of(bound: u32, value: u32) -> Option<usize> {
    let held = bound.is_power_of_two() && bound <= 1 << (BOUNDS - 1) && value < bound;
    held.then(|| (bound + value) as usize)
}

/// States the interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, fixed: &Fixed<AB::Var>, row: &Range<AB::Var>) {
    e.answer(RANGE, [fixed.bound.into(), fixed.value.into()], row.multiplicity);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use p3_field::PrimeField32;

    use super::*;

    /// The whole table: every pair in the range of its bound, and nothing else.
    #[test]
    fn the_table_is_the_ranges() {
        let fixed = fixed();
        let rows: Vec<_> =
            fixed.values.chunks_exact(2).map(|row| (row[0].as_canonical_u32(), row[1].as_canonical_u32())).collect();
        assert_eq!(rows.len(), HEIGHT);
        let pairs: HashSet<_> = rows.iter().copied().collect();
        let expected: HashSet<_> =
            (0..BOUNDS).flat_map(|log| (0..1 << log).map(move |value| (1 << log, value))).collect();
        assert_eq!(pairs, expected);
        assert!(rows.iter().enumerate().all(|(i, &(bound, value))| row_of(bound, value) == Some(i) || i == 0));
    }

    #[test]
    fn what_the_verifier_computes_is_the_columns() {
        crate::check::assert_extensions(&fixed(), fixed_at);
    }

    #[test]
    fn what_is_out_of_range_has_no_row() {
        for log in 0..BOUNDS {
            for value in [1 << log, (1 << log) + 1, 1 << 17, F::ORDER_U32 - 1] {
                assert_eq!(row_of(1 << log, value), None);
            }
        }
        for bound in [0, 3, 6, 0xffff, (1 << 16) + 1, 1 << 17, 1 << 30, F::ORDER_U32 - 1] {
            assert!([0, 1, 2].iter().all(|&value| row_of(bound, value).is_none()), "{bound}");
        }
    }
}
