//! The constraints of the machine: one table per family of instructions, shared tables behind them, and the buses
//! that tie them together; with the filling of each table beside its constraints.
//!
//! An execution is [recorded](execution) from [replayed](replay) chunks into events, each of which is one row of one [table](tables); memory between
//! the start and the end is a [tree of pages](tree); [`witness`] lays all of it out as matrices, and [`table`]
//! is what a proof system sees of them. [`check`] looks for violated constraints and unbalanced buses and says where.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod address;
pub mod bus;
pub mod cells;
pub mod check;
pub mod columns;
pub mod cpu;
pub mod emit;
pub mod event;
pub mod execution;
pub mod gadgets;
mod image;
pub mod kind;
pub mod layout;
pub mod lower;
mod missing;
pub mod power;
mod prelude;
pub mod product;
pub mod replay;
pub mod rom;
pub mod table;
pub mod tables;
pub mod tally;
pub mod tree;
pub mod witness;

/// The field of all tables.
pub type F = p3_koala_bear::KoalaBear;
