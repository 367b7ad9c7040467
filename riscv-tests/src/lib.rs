//! Instruction tests: small programs that check themselves and exit with the number of the check that failed.
//!
//! The programs are assembled by dynasm, and what they expect is computed by formulas over wide integers written
//! here ([`number`]); neither knows how `spec-interp` decodes or executes. So the cases test `spec-interp` as much as
//! every other engine and the proof tables. Each runs a few thousand instructions at most, to be cheap to prove.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![allow(clippy::useless_conversion, clippy::unnecessary_cast)] // in what dynasm expands to

use spec_interp::{Cause, Fault, Outcome, Program};

mod amo;
pub mod asm;
pub mod boundary;
mod branch;
mod compressed;
mod csr;
mod edges;
pub mod elf;
pub mod encode;
mod faults;
mod jump;
mod known_falls;
mod memory;
pub mod number;
pub mod operands;
mod reg_imm;
mod reg_reg;
mod reserve;
mod system;
mod unary;
mod upper;

/// How a case must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It exits with this code; 0 unless the code itself is what the case is about.
    Exit(u64),
    /// It faults.
    Fault {
        /// The instruction's address; that of the jump's target when nothing can be fetched there.
        pc: u64,
        /// The cause.
        cause: Cause,
    },
}

/// A program with what it is given and what it must do.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique: the group, a slash, what is tested.
    pub name: String,
    /// The program.
    pub program: Program,
    /// Its private input.
    pub input: Vec<u8>,
    /// How it must end.
    pub expect: Expectation,
    /// Its public output when it exits.
    pub output: Vec<u8>,
}

impl Case {
    /// A case without input and output that must exit with 0.
    fn passing(name: impl Into<String>, program: Program) -> Self {
        Self { name: name.into(), program, input: vec![], expect: Expectation::Exit(0), output: vec![] }
    }

    /// Compares the end of a run with what the case expects.
    ///
    /// # Errors
    ///
    /// Says in words what came instead.
    pub fn judge(&self, result: &Result<Outcome, Fault>) -> Result<(), String> {
        let agrees = match (result, self.expect) {
            (Ok(Outcome::Exited(code)), Expectation::Exit(expected)) => *code == expected,
            (Err(fault), Expectation::Fault { pc, cause }) => (fault.pc, fault.cause) == (pc, cause),
            _ => false,
        };
        let found = match result {
            Ok(Outcome::Exited(code)) => {
                format!("exit code {code:#x} (a failed check's number, if small)")
            }
            Ok(Outcome::LimitReached) => "no end within the limit".into(),
            Err(fault) => fault.to_string(),
        };
        if agrees { Ok(()) } else { Err(format!("{}: expected {:x?}, found {found}", self.name, self.expect)) }
    }
}

/// Every case but the boundary programs, [`boundary_cases`].
#[must_use]
pub fn cases() -> Vec<Case> {
    let groups = [
        reg_reg::cases(),
        reg_imm::cases(),
        unary::cases(),
        upper::cases(),
        branch::cases(),
        jump::cases(),
        memory::cases(),
        edges::cases(),
        compressed::cases(),
        amo::cases(),
        reserve::cases(),
        system::cases(),
        csr::cases(),
        faults::cases(),
        known_falls::cases(),
    ];
    groups.into_iter().flatten().collect()
}
