//! Running programs: on the fast engine, or on the reference interpreter behind the same interface.
//!
//! A [`Runner`] runs a program to its end ([`Runner::run`]), or in chunks ([`Runner::trace`]) from which any stretch
//! of the run can be replayed alone. Both engines show the same run to the bit; `spec-interp` is its meaning.
//!
//! On x86-64 with AVX2, BMI and Linux the program is translated before it runs: basic blocks (`translate::blocks`), guest
//! registers in homes (`translate::homes`), instructions (`translate::emit`) in the families of `spec_interp::exec`. The
//! runtime (`native`) executes what generated code leaves to it, and has the program translated again if other registers
//! turn out to be used (`native::profile`). Elsewhere the interpreter serves.
//!
//! This crate and `guest` are the only ones with `unsafe`, but for `zisk/src/host.rs`. Here it is in
//! `native`: the reservation of memory and accesses to it, the signal handler, the call of generated code and what that
//! has written. Every block has its argument; the file `UNSAFE` holds how many there are, which CI compares.
#![warn(missing_docs)]

mod engine;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod native;
mod runner;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod translate;

pub use engine::{Engine, EngineError};
pub use runner::{Runner, Translation};
