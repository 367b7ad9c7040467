//! How a run ends when it does not exit: the instruction, where it stands, and what it tried.

use alloc::format;
use alloc::string::String;
use core::fmt;

use thiserror::Error;

use crate::inst::Inst;

/// A run that cannot go on. The machine is as it was before the instruction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Fault {
    /// Address of the instruction.
    pub pc: u64,
    /// The instruction; `None` when none could be fetched.
    pub inst: Option<Inst>,
    /// What was wrong.
    #[source]
    pub cause: Cause,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault at pc {:#x}", self.pc)?;
        if let Some(inst) = self.inst {
            write!(f, ", `{inst}`")?;
        }
        write!(f, ": {}", self.cause)
    }
}

/// An encoding: of those that are compressed the two bytes that belong to it.
fn encoding(word: u32) -> String {
    if word & 3 == 3 { format!("{word:#010x}") } else { format!("{:#06x}", word & 0xffff) }
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// The pc is odd or outside the executable segments.
    #[error("no code at {addr:#x}; control may only reach executable segments of the program")]
    FetchOutsideCode {
        /// The pc.
        addr: u64,
    },
    /// The bytes at the pc are no instruction of this machine.
    #[error("illegal instruction {}", encoding(*word))]
    IllegalInstruction {
        /// The bytes there, little endian; zero where the segment ends earlier.
        word: u32,
    },
    /// A load from outside the map, or from the machine-state region.
    #[error("load from {addr:#x}, which is not readable memory")]
    LoadAccess {
        /// The effective address.
        addr: u64,
    },
    /// A store outside the map, or to the machine-state region.
    #[error("store to {addr:#x}, which is not writable memory")]
    StoreAccess {
        /// The effective address.
        addr: u64,
    },
    /// A store to the program or to the input.
    #[error("store to {addr:#x}, which is read-only")]
    StoreReadOnly {
        /// The effective address.
        addr: u64,
    },
    /// An environment call that this machine does not have.
    #[error("unknown system call {number} (a7); this machine has 64 (write) and 93 (exit)")]
    UnknownSyscall {
        /// What a7 held.
        number: u64,
    },
    /// `ebreak`, which guests reach by an abort.
    #[error("breakpoint")]
    Breakpoint,
    /// An atomic at an address that is no multiple of its width.
    #[error("atomic access to {addr:#x}, which is not naturally aligned")]
    MisalignedAtomic {
        /// The effective address.
        addr: u64,
    },
    /// A control and status register that this machine does not have, or a write to one that it has.
    #[error("no such access to CSR {csr:#x}; this machine has cycle (0xc00) and instret (0xc02), to be read only")]
    IllegalCsr {
        /// Its number.
        csr: u16,
    },
}
