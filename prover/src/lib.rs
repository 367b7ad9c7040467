//! Proving and verifying executions of the machine.
//!
//! A [`ProvingKey`] is derived from a program; it runs inputs and proves the runs. A [`Proof`] says that the program
//! named by a [`ProgramDigest`] halts, on some contents of the input region, with an exit code and an output;
//! [`verify()`] accepts or rejects it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod batch;
pub mod config;
mod digest;
mod key;
mod plan;
mod proof;
mod prove;
pub mod security;
pub mod shape;
mod vectors;
mod verify;

pub use config::{Blowup, Parameters};
pub use digest::{DigestError, ProgramDigest};
pub use key::{KeyError, ProvingKey, VERSION, VerifyingKey};
pub use proof::{DecodeError, MAGIC, Proof, Statement};
pub use prove::{CHUNK, Layout, ProveError, Run, TableSize};
pub use vectors::unused_vectors;
pub use verify::{Expectation, Part, Unsound, VerifyError, exit_code, verify, verify_decoded};
