//! Suites of programs with known ends, run on every engine that exists: the reference interpreter, and the prover with
//! its verifier.
//!
//! A suite is a list of [`riscv_tests::Case`]s ([`run_cases`]), such as this project's own ([`own_cases`]), or a
//! directory of executables ([`run_directory`]) that follow the convention of user-level test programs: `ecall` 93 with
//! a0 = 0 is a pass. Nothing is left out silently: what an engine cannot do yet stands in a [skip file](skip) with the
//! reason.
//!
//! [`generate`] makes random programs, whose runs fuzzing and property tests lay out as tables, and whose constraints
//! and buses they check.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod engine;
pub mod generate;
pub mod skip;
mod suite;
mod summary;

pub use engine::{Engine, Failure, Passed, run_case};
pub use riscv_tests::encode::encode;
pub use suite::{SKIP_FILE, SuiteError, own_cases, own_skips, run_cases, run_directory};
pub use summary::{Outcome, Summary, Verdict};
