//! ZisK for Rust programs: run a RISC-V executable, prove the run, verify the proof.
//!
//! ```no_run
//! use zisk_sdk::{Blowup, Expectation, Program, ProvingKey, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let program = Program::from_elf(&std::fs::read("program.elf")?)?;
//! let key = ProvingKey::new(program, Blowup::Two)?;
//! let proof = key.prove(b"private input", &mut |_fd, _bytes| {})?;
//!
//! let expected = Expectation { program: key.verifying_key().digest(), exit_code: 0, output: None };
//! let accepted = verify(&proof.encode(), &expected)?;
//! println!("output: {:?}", accepted.statement.output);
//! # Ok(())
//! # }
//! ```
//!
//! Everything here is defined in the crates `spec-interp` (the machine), `fast-aot` (engines) and `prover`; this one only
//! gathers it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub use fast_aot::Engine;
pub use prover::security;
pub use prover::{
    Blowup, DecodeError, DigestError, Expectation, KeyError, Layout, Parameters, Part, ProgramDigest, Proof,
    ProveError, ProvingKey, Run, Statement, TableSize, Unsound, VerifyError, VerifyingKey, unused_vectors, verify,
};
pub use spec_interp::{
    ElfError, Fault, Input, InputError, Machine, Observer, Outcome, OutputError, Program, Step, Symbols,
};
