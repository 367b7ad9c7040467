//! What an emulator shows of a run: the state before every instruction, and whether it had to stop.

use std::io;
use std::process::{Child, ExitStatus};

use spec_interp::REGISTER_NAMES;
use thiserror::Error;

/// What a program can see of the hart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Address of the next instruction.
    pub pc: u64,
    /// The registers.
    pub regs: [u64; 32],
}

impl State {
    /// Where this state of `spec-interp` and one of an oracle differ, a line each.
    pub fn differences(&self, oracle: &Self) -> String {
        let line = |name: &str, ours: u64, theirs: u64| {
            (ours != theirs).then(|| format!("\n  {name:4} spec-interp {ours:#018x}, oracle {theirs:#018x}"))
        };
        let registers = REGISTER_NAMES.iter().zip(self.regs.iter().zip(oracle.regs));
        let registers = registers.filter_map(|(name, (&ours, theirs))| line(name, ours, theirs));
        line("pc", self.pc, oracle.pc).into_iter().chain(registers).collect()
    }
}

/// One entry of a trace.
#[expect(clippy::large_enum_variant, reason = "one exists at a time")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// The state before an instruction.
    Before(State),
    /// The run cannot go on; the last of a trace. A run that exits has none.
    Stopped,
}

/// A trace that cannot be had.
#[derive(Debug, Error)]
pub enum TraceError {
    /// The emulator does not start.
    #[error("cannot start {program}: {source}; ci/oracle.sh says what to install, and builds the rest")]
    Start {
        /// What was to be started.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A file of the run cannot be written, or its trace not be read.
    #[error("the trace: {0}")]
    Io(#[from] io::Error),
    /// The emulator failed, which is no fault of the program that it ran.
    #[error("the oracle itself failed: {0}")]
    Failed(ExitStatus),
    /// The trace is none.
    #[error("no part of a trace: {0}")]
    Malformed(String),
}

/// A process that ends with its owner.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended by itself, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
