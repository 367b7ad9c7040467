//! The program: every instruction with its operands, fixed by the key.
//!
//! # Constrains
//! Nothing itself: the rows are fixed, and each is answered as often as it is executed.
//!
//! # Degree
//! 1.

use p3_matrix::dense::RowMajorMatrix;

use crate::bus::PROGRAM;
use crate::layout::{NO_PC, height};
use crate::prelude::*;
use crate::rom::{RomRow, registers};

/// Fixed columns.
const WIDTH: usize = PROGRAM.width;

columns! {
    /// The fixed columns: the tuple of the bus.
    pub struct Fixed {
        /// Halfword index, next halfword index, operation, registers and four words.
        tuple: [WIDTH],
    }
}

columns! {
    /// The committed column.
    pub struct Program {
        /// How often the row is executed; free, because the argument only balances if it is right.
        multiplicity,
    }
}

/// The tuple of a row.
pub fn tuple(row: &RomRow) -> [F; WIDTH] {
    let [w0, w1, w2, w3] = row.w.map(F::from_i64);
    let registers = registers([row.rd, row.rs1, row.rs2].map(F::from_u32));
    [F::from_u32(row.pc), F::from_i64(row.next_pc), F::from_u32(row.operation()), registers, w0, w1, w2, w3]
}

/// The fixed columns of a program. Padding rows bear a pc that no state reaches and operation 0, which no table asks
/// for.
pub fn fixed(rows: &[RomRow]) -> RowMajorMatrix<F> {
    let mut padding = [F::ZERO; WIDTH];
    padding[0] = F::from_u32(NO_PC);
    let tuples = rows.iter().map(tuple).chain(core::iter::repeat(padding));
    RowMajorMatrix::new(tuples.take(height(rows.len())).flatten().collect(), WIDTH)
}

/// States the interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, fixed: &Fixed<AB::Var>, row: &Program<AB::Var>) {
    e.answer(PROGRAM, fixed.tuple.map(Into::into), row.multiplicity);
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;
    use crate::check::sum_of_input;
    use crate::kind::Kind;
    use crate::layout::HALTED_PC;
    use crate::rom::operation;

    /// What pads the program stands at a pc that no state reaches, with an operation that no table asks for.
    #[test]
    fn padding_is_not_executable() {
        let run = sum_of_input();
        let fixed = fixed(&run.rom.rows);
        let padding = fixed.values.chunks_exact(WIDTH).skip(run.rom.rows.len());
        assert!(padding.len() > 0);
        for row in padding {
            assert_eq!(row[0], F::from_u32(NO_PC));
            assert!(row[1..].iter().all(|cell| *cell == F::ZERO));
        }
        assert!(run.rom.row_of(NO_PC).is_none() && run.rom.row_of(HALTED_PC).is_none());
        for kind in Kind::instructions() {
            assert!((0..32).all(|flag| operation(kind, flag, false) != 0 && operation(kind, flag, true) != 0));
        }
    }

    /// Rows are found by their pc alone, so two must not have the same; and none may carry one that wraps round the
    /// field.
    #[test]
    fn each_pc_has_one_row() {
        let run = sum_of_input();
        assert!(run.rom.rows.windows(2).all(|rows| rows[0].pc < rows[1].pc));
        assert!(run.rom.rows.iter().all(|row| row.pc < HALTED_PC && tuple(row)[0].as_canonical_u32() == row.pc));
    }

    #[test]
    fn operations_of_all_tables_have_numbers_of_their_own() {
        let numbers = Kind::instructions()
            .flat_map(|kind| (0..32).flat_map(move |flag| [false, true].map(|imm| operation(kind, flag, imm))));
        let mut numbers: Vec<_> = numbers.collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}
