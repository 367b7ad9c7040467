//! Loads and stores that are not naturally aligned.

use crate::F;
use crate::columns;
use crate::cpu::Cpu;
use crate::emit::{Builder, Emitter};
use crate::event::Event;

columns! {
    /// A row of the table.
    pub struct MemoryMisaligned {
        /// Control.
        cpu: Cpu,
    }
}

impl MemoryMisaligned<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event) }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(_: &mut Emitter<'_, AB>, _: &MemoryMisaligned<AB::Var>) {}
