//! Bitwise operations whose second operand is inverted: `andn orn xnor`.
//!
//! # Assumes
//! As `logic`.
//!
//! # Constrains
//! As `logic` with `b'` for `b`, where `b' = 2^64 - 1 - b`: its bytes are `255` less those of the register.
//!
//! # Degree
//! 2.

use crate::prelude::*;
use crate::tables::logic::{Bitwise, bitwise};

columns! {
    /// A row of the table.
    pub struct LogicInverted {
        /// Operation and operands, the second one inverted.
        bitwise: (Bitwise),
    }
}

impl LogicInverted<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { bitwise: Bitwise::fill(event, !event.rs2) }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Andn], &[Op::Orn], &[Op::Xnor]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &LogicInverted<AB::Var>) {
    let Bitwise { is_and, is_or, is_xor, rs2, .. } = row.bitwise;
    let (is_real, operation) = e.one_operation(Kind::LogicInverted, &[is_and, is_or, is_xor]);
    let value = product::join::<AB::Expr>(rs2.bytes).map(|limb| constant::<AB>(0xffff) - limb);
    bitwise(e, &row.bitwise, (operation, padded([])), (value, &is_real), &is_real);
}
