//! Reads of the counter of instructions.

use crate::F;
use crate::columns;
use crate::cpu::Cpu;
use crate::emit::{Builder, Emitter};
use crate::event::Event;

columns! {
    /// A row of the table.
    pub struct Counter {
        /// Control.
        cpu: Cpu,
    }
}

impl Counter<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event) }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(_: &mut Emitter<'_, AB>, _: &Counter<AB::Var>) {}
