//! The program: every instruction with its operands, fixed by the key.
//!
//! # Constrains
//! Nothing itself: the rows are fixed, and each is answered as often as it is executed.
//!
//! # Degree
//! 2.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::F;
use crate::bus::PROGRAM;
use crate::columns;
use crate::emit::{Builder, Emitter};
use crate::layout::NO_PC;
use crate::rom::RomRow;
use crate::tables::height;

columns! {
    /// The fixed columns: the tuple of the bus.
    pub struct ProgramFixed {
        /// Halfword index, next halfword index, operation, rd, rs1, rs2 and four words.
        tuple: [10],
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
pub fn tuple(row: &RomRow) -> [F; 10] {
    let [w0, w1, w2, w3] = row.w.map(F::from_i64);
    let [pc, operation, rd, rs1, rs2] = [row.pc, row.operation(), row.rd, row.rs1, row.rs2].map(F::from_u32);
    [pc, F::from_i64(row.next_pc), operation, rd, rs1, rs2, w0, w1, w2, w3]
}

/// The fixed columns of a program. Padding rows bear a pc that no state reaches and operation 0, which no table asks for.
pub fn fixed(rows: &[RomRow]) -> RowMajorMatrix<F> {
    let mut padding = [F::ZERO; 10];
    padding[0] = F::from_u32(NO_PC);
    let tuples = rows.iter().map(tuple).chain(core::iter::repeat(padding));
    RowMajorMatrix::new(tuples.take(height(rows.len())).flatten().collect(), 10)
}

/// States the interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, fixed: &ProgramFixed<AB::Var>, row: &Program<AB::Var>) {
    e.answer(PROGRAM, fixed.tuple.map(Into::into), row.multiplicity);
}
