//! Verifying executions of the machine.
//!
//! A [`Proof`] says that the program named by a [`ProgramDigest`] halts, on some contents of the input region, with an exit
//! code and an output; [`verify()`] accepts or rejects it. A program becomes a [`VerifyingKey`], whose digest is its name.
//!
//! The crate needs an allocator and nothing else of the standard library: it runs in a browser and on the machine itself. Of
//! [`air`] it takes the constraints, not the filling of tables.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
#![no_std]

extern crate alloc;

pub mod challenger;
pub mod config;
mod digest;
mod key;
mod merkle;
mod outlined;
pub mod permutation;
pub mod program;
mod proof;
pub mod scheme;
pub mod security;
pub mod shape;
mod verify;

pub use digest::{DigestError, ProgramDigest};
pub use key::{KeyError, ProgramColumns, VERSION, VerifyingKey};
pub use proof::{Argument, DecodeError, MAGIC, Proof, Statement};
pub use verify::{
    Expectation, Part, Unsound, VerifyError, exit_code, replay, replay_in, transcript_head, verify, verify_decoded,
};
