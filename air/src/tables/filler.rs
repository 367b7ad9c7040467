//! Nothing: rows that bring a small load into its class of size.
//!
//! # Constrains
//! Its cells to zero; its question is asked no times.
//!
//! # Degree
//! 1.

use crate::prelude::*;

columns! {
    /// A row of the table: half as many questions as cells, about as in a load.
    pub struct Filler {
        /// Zero.
        nothing: [2],
    }
}

/// States the constraints and the interaction of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Filler<AB::Var>) {
    for cell in row.nothing {
        e.zero("nothing is there", cell);
    }
    e.range(constant::<AB>(1), row.nothing[0], AB::Expr::ZERO);
}
