//! Bitwise operations on all pairs of bytes.
//!
//! # Constrains
//! Nothing itself: the answers are fixed, and each is given as often as it is asked for.
//!
//! # Degree
//! 3.

use p3_matrix::dense::RowMajorMatrix;

use crate::bus::{AND, BYTE, OR};
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
    /// The committed columns.
    pub struct Byte {
        /// How often each operation is asked for; free, because the argument only balances if it is right.
        multiplicity: [OPERATIONS],
    }
}

/// What the number of an operation grows by if its second operand is inverted: `andn`, `orn` and `xnor` are 3, 4 and 5.
pub const INVERTED: u32 = 3;
/// How many operations there are.
pub const OPERATIONS: usize = 6;

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

/// The row of a question and the operation's place in it, or none if the table has no such answer.
pub fn row_of(operation: u32, a: u32, b: u32, c: u32) -> Option<(usize, usize)> {
    let operand = if operation < INVERTED { b } else { b ^ 0xff };
    let right = match operation % INVERTED {
        AND => a & operand,
        OR => a | operand,
        _ => a ^ operand,
    };
    ((operation as usize) < OPERATIONS && a < 256 && b < 256 && c == right)
        .then_some(((a << 8 | b) as usize, operation as usize))
}

/// States the interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, fixed: &Fixed<AB::Var>, row: &Byte<AB::Var>) {
    let (a, b, and): (AB::Expr, AB::Expr, AB::Expr) = (fixed.a.into(), fixed.b.into(), fixed.and.into());
    let or = a.clone() + b.clone() - and.clone();
    let xor = or.clone() - and.clone();
    let byte = constant::<AB>(0xff);
    let andn = a.clone() - and.clone();
    let orn = byte.clone() - b.clone() + and.clone();
    let xnor = byte - xor.clone();
    for (operation, (c, multiplicity)) in [and, or, xor, andn, orn, xnor].into_iter().zip(row.multiplicity).enumerate()
    {
        e.answer(BYTE, [constant::<AB>(operation as u32), a.clone(), b.clone(), c], multiplicity);
    }
}

#[cfg(test)]
mod tests {
    use p3_matrix::Matrix;

    use super::*;
    use crate::bus::XOR;
    use crate::check::evaluate;
    use crate::kind::Kind;
    use crate::table::Table;

    /// Every answer of every row, against the operations on bytes themselves.
    #[test]
    fn the_table_is_the_operations() {
        let table = Table::with_fixed(Kind::Byte, Some(std::sync::Arc::new(fixed())));
        let trace = RowMajorMatrix::new(vec![F::ONE; OPERATIONS * HEIGHT], OPERATIONS);
        assert_eq!(fixed().height(), HEIGHT);
        for a in 0..=u8::MAX {
            for b in 0..=u8::MAX {
                let row = usize::from(a) << 8 | usize::from(b);
                let answers: Vec<_> =
                    evaluate(&table, &trace, row, &[]).messages.into_iter().map(|message| message.tuple).collect();
                let expected = [(0, a & b), (1, a | b), (2, a ^ b), (3, a & !b), (4, a | !b), (5, !(a ^ b))];
                assert_eq!(
                    answers,
                    expected.map(|(operation, c)| [operation, a.into(), b.into(), c.into()].map(F::from_u32).to_vec())
                );
                for (operation, c) in expected {
                    assert_eq!(row_of(operation, a.into(), b.into(), c.into()), Some((row, operation as usize)));
                    assert_eq!(row_of(operation, a.into(), b.into(), u32::from(c) ^ 1), None);
                }
            }
        }
    }

    #[test]
    fn what_the_verifier_computes_is_the_columns() {
        crate::check::assert_extensions(&fixed(), fixed_at);
    }

    #[test]
    fn what_is_no_byte_has_no_row() {
        for (operation, a, b, c) in
            [(6, 0, 0, 0), (AND, 256, 0, 0), (OR, 0, 256, 256), (XOR, 256, 256, 0), (u32::MAX, 1, 1, 1)]
        {
            assert_eq!(row_of(operation, a, b, c), None);
        }
    }
}
