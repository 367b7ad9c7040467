//! Suites of programs with known ends, run on every engine that exists: the reference interpreter, the fast engine,
//! and the prover with its verifier.
//!
//! A suite is a list of [`riscv_tests::Case`]s ([`run_cases`]), such as this project's own ([`own_cases`]), or a
//! directory of executables ([`run_directory`]) that follow the convention of user-level test programs: `ecall` 93 with
//! a0 = 0 is a pass. `zisk conformance` does the latter. Nothing is left out silently: what an engine cannot do yet,
//! and what must end in a fault, stands in a [skip file](skip) with the reason. The signatures of architectural tests
//! ([`SignatureError`] says what can be wrong with one) are written and compared with those of a reference model.
//!
//! [`differ`] compares the fast engine with the interpreter on one program, to the bit. [`generate`] makes random
//! programs for that, hostile ones among them, and others whose runs are laid out as tables to check constraints and
//! buses. [`targets`] is what fuzzing does with both.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod check;
pub mod differ;
mod directory;
mod failure;
pub mod generate;
mod reference;
mod signature;
pub mod skip;
mod suite;
mod summary;
mod symbols;
pub mod targets;

pub use check::{Check, CheckError, Passed, run_case};
pub use directory::{LIMIT, Options, SKIP_FILE, Watch, run_directory};
pub use failure::CaseFailure;
pub use riscv_tests::encode::encode;
pub use signature::SignatureError;
pub use suite::{SuiteError, own_cases, own_skips, run_cases};
pub use summary::{JudgedCase, Summary, Verdict};
pub use symbols::DamagedSymbols;
