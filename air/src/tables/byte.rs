//! The bitwise and of all pairs of bytes.
//!
//! # Constrains
//! Nothing itself: the answers are fixed, and each is given as often as it is asked for.
//!
//! # Degree
//! 1.

use p3_matrix::dense::RowMajorMatrix;

use crate::bus::BYTE;
use crate::prelude::*;

columns! {
    /// The fixed columns.
    pub struct Fixed {
        /// First byte.
        a,
        /// Second byte.
        b,
        /// `a & b`.
        and,
    }
}

columns! {
    /// The committed column.
    pub struct Byte {
        /// How often the pair is asked for; free, because the argument only balances if it is right.
        multiplicity,
    }
}

/// Rows of the table.
pub const HEIGHT: usize = 1 << 16;

/// The fixed columns: row `256 a + b`.
pub fn fixed() -> RowMajorMatrix<F> {
    let rows = (0..HEIGHT as u32).map(|row| [row >> 8, row & 0xff]);
    let cells = rows.flat_map(|[a, b]| [a, b, a & b]).map(F::from_u32).collect();
    RowMajorMatrix::new(cells, 3)
}

/// The fixed columns' multilinear extensions at a point, whose first coordinate is the row's highest bit.
pub fn fixed_at<E: PrimeCharacteristicRing>(point: &[E]) -> [E; 3] {
    let (a, b) = point.split_at(point.len() / 2);
    let number = |bits: &mut dyn Iterator<Item = E>| bits.fold(E::ZERO, |number, bit| number.double() + bit);
    let mut both = a.iter().zip(b).map(|(a, b)| a.clone() * b.clone());
    [number(&mut a.iter().cloned()), number(&mut b.iter().cloned()), number(&mut both)]
}

/// The row of a question, or none if the table has no such answer.
pub fn row_of(a: u32, b: u32, and: u32) -> Option<usize> {
    (a < 256 && b < 256 && and == a & b).then_some((a << 8 | b) as usize)
}

/// States the interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, fixed: &Fixed<AB::Var>, row: &Byte<AB::Var>) {
    e.answer(BYTE, [fixed.a, fixed.b, fixed.and].map(Into::into), row.multiplicity);
}

#[cfg(test)]
mod tests {
    use p3_matrix::Matrix;

    use super::*;
    use crate::check::evaluate;
    use crate::kind::Kind;
    use crate::table::Table;

    /// The answer of every row, against the operation on bytes itself.
    #[test]
    fn the_table_is_the_operation() {
        let table = Table::with_fixed(Kind::Byte, Some(std::sync::Arc::new(fixed())));
        let trace = RowMajorMatrix::new(vec![F::ONE; HEIGHT], 1);
        assert_eq!(fixed().height(), HEIGHT);
        for (a, b) in (0..=u8::MAX).flat_map(|a| (0..=u8::MAX).map(move |b| (a, b))) {
            let row = usize::from(a) << 8 | usize::from(b);
            let answers: Vec<_> =
                evaluate(&table, &trace, row, &[]).messages.into_iter().map(|message| message.tuple).collect();
            assert_eq!(answers, [[a, b, a & b].map(F::from_u8).to_vec()]);
            assert_eq!(row_of(a.into(), b.into(), (a & b).into()), Some(row));
            assert_eq!(row_of(a.into(), b.into(), u32::from(a & b) ^ 1), None);
        }
    }

    #[test]
    fn what_the_verifier_computes_is_the_columns() {
        crate::check::assert_extensions(&fixed(), fixed_at);
    }

    #[test]
    fn what_is_no_byte_has_no_row() {
        for (a, b, and) in [(256, 0, 0), (0, 256, 0), (256, 256, 256), (256, 1, 0), (u32::MAX, 1, 1)] {
            assert_eq!(row_of(a, b, and), None);
        }
    }
}
