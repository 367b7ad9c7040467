//! ZisK for Rust programs: run a RISC-V executable, prove the run, verify the proof.
//!
//! ```no_run
//! use zisk_sdk::{Expectation, Program, ProvingKey, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let program = Program::from_elf(&std::fs::read("program.elf")?)?;
//! let key = ProvingKey::new(program)?;
//! let proof = key.prove(b"private input", &mut |_fd, _bytes| {})?;
//!
//! let expected = Expectation { program: key.verifying_key().digest(), exit_code: 0, output: None };
//! let accepted = verify(&proof.encode(), &expected)?;
//! println!("output: {:?}", accepted.statement.output);
//! # Ok(())
//! # }
//! ```
//!
//! Everything here is defined in the crates [`spec_interp`] (the machine), [`fast_aot`] (engines), [`air`] (tables),
//! [`prover`] and [`verifier`]; this one only gathers it. What a program that proves and verifies has to name stands here;
//! the crates themselves are here too, for the types of what it looks into.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub use {air, fast_aot, prover, spec_interp, verifier};

pub use air::F;
pub use air::execution::Execution;
pub use air::kind::Kind;
pub use air::replay::ExecutionError;
pub use air::rom::Rom;
pub use air::table::Table;
pub use air::tree::Digest;
pub use air::witness::Witness;
pub use fast_aot::Engine;
pub use prover::{CHUNK, Layout, ProveError, ProvingKey, Run, TableSize, unused_vectors};
pub use spec_interp::{
    Cause, ElfError, Fault, Input, InputError, Inst, Machine, Observer, Op, Outcome, OutputError, Program, ReplayError,
    Step, Symbols,
};
pub use verifier::{
    Argument, DecodeError, DigestError, Expectation, KeyError, Part, ProgramDigest, Proof, Statement, Unsound,
    VerifyError, VerifyingKey, exit_code, security, verify, verify_decoded,
};

#[cfg(test)]
mod tests {
    use core::error::Error;
    use core::fmt::Debug;
    use std::sync::Arc;

    use super::*;

    fn is_value<T: Debug + Send + Sync + 'static>() {}
    fn is_error<T: Error + Send + Sync + 'static>() {}

    /// What a service keeps, passes between threads and logs.
    #[test]
    fn values_and_errors_go_between_threads_and_can_be_shown() {
        is_value::<Program>();
        is_value::<ProvingKey>();
        is_value::<VerifyingKey>();
        is_value::<Run<'static>>();
        is_value::<Layout<'static>>();
        is_value::<Proof>();
        is_value::<Expectation<'static>>();
        is_value::<security::SecurityReport>();
        is_error::<DecodeError>();
        is_error::<DigestError>();
        is_error::<ElfError>();
        is_error::<ExecutionError>();
        is_error::<Fault>();
        is_error::<InputError>();
        is_error::<KeyError>();
        is_error::<OutputError>();
        is_error::<ProveError>();
        is_error::<ReplayError>();
        is_error::<VerifyError>();
    }

    /// The steps of a proof with every type written out: this crate has a name for each of them.
    #[test]
    fn a_program_is_proved_step_by_step_with_the_names_of_this_crate() -> Result<(), Box<dyn Error>> {
        // addi a7, zero, 93; ecall
        let code = [0x93, 0x08, 0xd0, 0x05, 0x73, 0, 0, 0];
        let program: Arc<Program> = Arc::new(Program::from_code(0x8000_0000, &code, &[])?);
        let key: ProvingKey = ProvingKey::new(program.clone())?;
        let digest: ProgramDigest = VerifyingKey::new(&program)?.digest();
        let rom: &Rom = &key.rom;
        assert_eq!(rom.row_of(0), Some(0));

        let run: Run<'_> = key.run(Input::File(&[]), Engine::default(), &mut |_, _| ())?;
        let execution: &Execution<'_> = &run.execution;
        assert_eq!(execution.instructions, 2);
        let layout: Layout<'_> = run.lay_out()?;
        let witness: &Witness = layout.witness();
        let sizes: Vec<TableSize> = layout.sizes();
        let kinds: Vec<Kind> = sizes.iter().map(|size| size.kind).collect();
        let table: Table = key.table(kinds[0]);
        assert_eq!((table.kind(), witness.traces.len()), (Kind::Arith, sizes.len()));
        let proof: Proof = layout.prove()?;
        let (input, exit_code): (Digest, u64) = (proof.input, proof.statement.exit_code);
        assert_eq!((input.len(), exit_code), (9, 0));

        let expected = Expectation { program: digest, exit_code, output: Some(&[]) };
        let accepted: Proof = verify(&proof.encode(), &expected)?;
        let statement: Statement = accepted.statement;
        assert_eq!(statement.output, []);
        Ok(())
    }
}
