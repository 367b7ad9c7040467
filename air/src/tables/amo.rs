//! Atomics that read, compute and write.

use crate::F;
use crate::columns;
use crate::cpu::Cpu;
use crate::emit::{Builder, Emitter};
use crate::event::Event;

columns! {
    /// A row of the table.
    pub struct Amo {
        /// Control.
        cpu: Cpu,
    }
}

impl Amo<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event) }
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(_: &mut Emitter<'_, AB>, _: &Amo<AB::Var>) {}
