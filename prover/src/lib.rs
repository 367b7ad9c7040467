//! Proving executions of the machine: a [`ProvingKey`] is derived from a program; it runs inputs and proves the runs. What a
//! proof says, and who accepts it, is in the crate [`verifier`].
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod key;
mod plan;
mod prove;
mod stark;
mod vectors;

pub use key::ProvingKey;
pub use prove::{CHUNK, Layout, ProveError, Run, TableSize};
pub use vectors::unused_vectors;
