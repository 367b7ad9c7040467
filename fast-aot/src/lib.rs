//! Running programs: on the fast engine, or on the reference interpreter behind the same interface.
//!
//! A [`Machine`] runs a program to its end ([`Machine::run`]), or in chunks ([`Machine::trace`]) from which any stretch
//! of the run can be replayed alone. Both engines show the same run to the bit; `spec-interp` is its meaning.
#![warn(missing_docs)]

mod engine;
mod machine;

pub use engine::{Engine, EngineError};
pub use machine::{Machine, Translation};
