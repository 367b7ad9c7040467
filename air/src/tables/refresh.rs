//! Registers passed on: a register that is not accessed for long is taken and given back at a later time.
//!
//! Without it every gap between accesses would need two limbs.
//!
//! # Assumes
//! Nothing of the word: what is given back is what was taken.
//!
//! # Constrains
//! `from < to <= from + 2^16` and `to < 2^26`, so that no chain of refreshes reaches round the field into the past.
//!
//! # Degree
//! 3.

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::columns;
use crate::cpu::access;
use crate::emit::{Builder, Emitter, constant};
use crate::event::limbs;
use crate::execution::{self};
use crate::layout::{REGISTER_GAP, TIME_BOUND};

columns! {
    /// A row of the table.
    pub struct Refresh {
        /// Iff the row is in use.
        is_real,
        /// Index of the word.
        word,
        /// Its value.
        value: [4],
        /// Time of the access before.
        from,
        /// Low 16 bits of the new time.
        to_low,
        /// The bits above.
        to_high,
    }
}

impl Refresh<F> {
    /// The row of a refresh.
    pub fn fill(refresh: &execution::Refresh) -> Self {
        Self {
            is_real: F::ONE,
            word: F::from_u32(refresh.word),
            value: limbs(refresh.value),
            from: F::from_u32(refresh.from),
            to_low: F::from_u32(refresh.to & 0xffff),
            to_high: F::from_u32(refresh.to >> 16),
        }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Refresh<AB::Var>) {
    e.boolean("is_real is boolean", row.is_real);
    let is_real: AB::Expr = row.is_real.into();
    let to = row.to_low + row.to_high * F::from_u32(1 << 16);
    e.range(constant::<AB>(1 << 16), row.to_low, is_real.clone());
    e.range(constant::<AB>(TIME_BOUND >> 16), row.to_high, is_real.clone());
    e.range(constant::<AB>(REGISTER_GAP), to.clone() - row.from.into() - AB::Expr::ONE, is_real.clone());
    let value = row.value.map(Into::into);
    access(e, row.word.into(), to, row.from, value.clone(), value, &is_real);
}
