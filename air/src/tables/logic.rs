//! Not written yet.
use crate::F;
use crate::columns;
use crate::emit::{Builder, Emitter};
use crate::event::Event;

columns! {
    /// A row of the table.
    pub struct Logic {
        /// Nothing.
        nothing,
    }
}

impl Logic<F> {
    /// The row of an event.
    pub fn fill(_event: &Event) -> Self {
        Self::default()
    }
}

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Logic<AB::Var>) {
    e.zero("nothing", row.nothing);
}
