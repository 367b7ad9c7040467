//! Loads that reserve and stores that need it.

use crate::F;
use crate::columns;
use crate::cpu::Cpu;
use crate::emit::{Builder, Emitter};
use crate::event::Event;

columns! {
    /// A row of the table.
    pub struct Reservation {
        /// Control.
        cpu: Cpu,
    }
}

impl Reservation<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event) }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(_: &mut Emitter<'_, AB>, _: &Reservation<AB::Var>) {}
