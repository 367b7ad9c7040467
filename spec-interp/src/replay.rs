//! Replaying a chunk from its checkpoint and the values of its loads, without the memory.

use thiserror::Error;

use crate::chunk::Chunk;
use crate::exec::{Env, exec};
use crate::fault::Cause;
use crate::hart::reservation;
use crate::inst::Inst;
use crate::map::syscall;
use crate::program::Program;

/// What a replayed instruction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed<'p> {
    /// Its address.
    pub pc: u64,
    /// The instruction.
    pub inst: &'p Inst,
    /// Where control goes; for `exit` the address behind it.
    pub next_pc: u64,
    /// The register `inst.rs1` before; for `ecall` a7.
    pub rs1: u64,
    /// The register `inst.rs2` before; for `ecall` a2.
    pub rs2: u64,
    /// What is written to `inst.rd`, computed also when that is x0; 0 for instructions without a destination.
    pub rd: u64,
    /// What is written to memory, of which the low bytes count, as many as the operation accesses; an `sc` that fails
    /// writes nothing.
    pub stored: Option<u64>,
}

/// A chunk that is not one of the program's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// No instruction where control goes.
    #[error("the chunk leads to {pc:#x}, where the program has no instruction")]
    NoInstruction {
        /// Where.
        pc: u64,
    },
    /// An instruction that does not retire.
    #[error("the chunk holds an instruction at {pc:#x} that faults: {cause}")]
    Faults {
        /// Where.
        pc: u64,
        /// Why.
        cause: Cause,
    },
    /// Fewer loaded words than loads, or more.
    #[error("the chunk has {found} loaded words and needs {needed}")]
    Loads {
        /// Words in the chunk.
        found: usize,
        /// Words that its instructions load.
        needed: usize,
    },
}

/// Runs the instructions of a chunk again and shows each to `seen`.
///
/// # Errors
///
/// [`ReplayError`] if the chunk is not one of a run of this program.
#[inline]
pub fn replay<'p>(
    program: &'p Program,
    chunk: &Chunk<'_>,
    mut seen: impl FnMut(&Replayed<'p>),
) -> Result<(), ReplayError> {
    let mut pc = chunk.start.pc;
    let mut regs = chunk.start.regs;
    let mut hart = FromChunk {
        loads: &chunk.loads,
        used: 0,
        stored: None,
        reservation: chunk.start.reservation,
        retired: chunk.start.retired,
        arguments: [0; 2],
    };
    for _ in 0..chunk.instructions {
        let inst = program.inst_at(pc).ok_or(ReplayError::NoInstruction { pc })?;
        let rs1 = regs[usize::from(inst.rs1 & 31)];
        let rs2 = regs[usize::from(inst.rs2 & 31)];
        hart.stored = None;
        hart.arguments = [regs[10], regs[11]];
        let (rd, next_pc) = exec(inst, pc, rs1, rs2, &mut hart).map_err(|cause| ReplayError::Faults { pc, cause })?;
        regs[usize::from(inst.rd & 31)] = rd;
        regs[0] = 0;
        seen(&Replayed { pc, inst, next_pc, rs1, rs2, rd, stored: hart.stored });
        pc = next_pc;
        hart.retired += 1;
    }
    let (found, needed) = (chunk.loads.len(), hart.used);
    if found == needed { Ok(()) } else { Err(ReplayError::Loads { found, needed }) }
}

/// What an instruction reaches beside its operands: the loaded words instead of memory.
struct FromChunk<'a> {
    loads: &'a [u64],
    /// Words taken, or asked for beyond the last.
    used: usize,
    stored: Option<u64>,
    reservation: u64,
    retired: u64,
    /// a0 and a1, for system calls.
    arguments: [u64; 2],
}

impl FromChunk<'_> {
    /// The low `width` bytes of the next word.
    #[inline(always)]
    fn next(&mut self, width: u64) -> u64 {
        let word = self.loads.get(self.used).copied().unwrap_or(0);
        self.used += 1;
        word & u64::MAX >> (64 - 8 * width)
    }
}

impl Env for FromChunk<'_> {
    #[inline(always)]
    fn load(&mut self, _: u64, width: u64) -> Result<u64, Cause> {
        Ok(self.next(width))
    }

    #[inline(always)]
    fn store(&mut self, _: u64, _: u64, value: u64) -> Result<(), Cause> {
        self.stored = Some(value);
        Ok(())
    }

    #[inline(always)]
    fn update(&mut self, _: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
        let old = self.next(width);
        self.stored = Some(new(old));
        Ok(old)
    }

    #[inline(always)]
    fn load_reserved(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        self.reservation = reservation(addr, width);
        Ok(self.next(width))
    }

    #[inline(always)]
    fn store_conditional(&mut self, addr: u64, width: u64, value: u64) -> Result<bool, Cause> {
        let succeeds = self.reservation == reservation(addr, width);
        self.stored = succeeds.then_some(value);
        self.reservation = 0;
        Ok(succeeds)
    }

    #[inline(always)]
    fn retired(&self) -> u64 {
        self.retired
    }

    fn ecall(&mut self, number: u64, a2: u64) -> Result<u64, Cause> {
        match number {
            syscall::EXIT => Ok(self.arguments[0]),
            syscall::WRITE => Ok(a2),
            _ => Err(Cause::UnknownSyscall { number }),
        }
    }
}
