//! The constraints of the machine: one table per family of instructions, shared tables behind them, and the buses
//! that tie them together; with the filling of each table beside its constraints.
//!
//! An execution is [recorded](execution) from [replayed](replay) chunks into events, each of which is one row of one [table](tables); memory between
//! the start and the end is a [tree of pages](tree); [`witness`] lays all of it out as matrices, and [`table`]
//! is what a proof system sees of them. [`check`] looks for violated constraints and unbalanced buses and says where.
//!
//! Without the feature `fill` there are the constraints alone, for a verifier, without the standard library.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(not(feature = "fill"), no_std)]

#[doc(hidden)]
pub extern crate alloc;

pub mod address;
pub mod bus;
pub mod cells;
#[cfg(feature = "fill")]
pub mod check;
pub mod columns;
pub mod cpu;
pub mod emit;
pub mod event;
#[cfg(feature = "fill")]
pub mod execution;
pub mod gadgets;
#[cfg(feature = "fill")]
mod image;
pub mod kind;
pub mod layout;
pub mod lower;
#[cfg(feature = "fill")]
mod matrix;
mod missing;
pub mod outline;
pub mod power;
mod prelude;
pub mod product;
#[cfg(feature = "fill")]
pub mod replay;
pub mod rom;
pub mod table;
pub mod tables;
#[cfg(feature = "fill")]
pub mod tally;
pub mod tree;
#[cfg(feature = "fill")]
pub mod witness;

/// The field of all tables.
pub type F = p3_koala_bear::KoalaBear;
