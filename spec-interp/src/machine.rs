//! The machine: registers, pc and memory, one instruction after the other.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::exec::exec;
use crate::fault::{Cause, Fault};
use crate::hart::Hart;
use crate::input::{Input, InputError};
use crate::inst::Inst;
use crate::memory::Memory;
use crate::program::Program;
use crate::words::{Accesses, OutputError, Words};

/// What an observer sees of one retired instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its address.
    pub pc: u64,
    /// The instruction.
    pub inst: Inst,
    /// Where control goes; for `exit` the address behind it, though nothing runs there.
    pub next_pc: u64,
    /// The register `inst.rs1` before; for `ecall` this is a7, the number of the call.
    pub rs1: u64,
    /// The register `inst.rs2` before; for `ecall` this is a2.
    pub rs2: u64,
    /// What is written to `inst.rd`, computed also when that is x0; 0 for instructions without a destination. For
    /// `ecall` the new a0: what a2 holds after `write`, the old a0 after `exit`.
    pub rd: u64,
    /// The doublewords of memory read or written, in the order of addresses.
    pub accesses: Accesses,
}

/// Sees a run as it happens.
pub trait Observer {
    /// After every retired instruction.
    fn step(&mut self, step: &Step);

    /// Bytes for the console: standard output (`fd` 1) or standard error (2).
    fn console(&mut self, fd: u64, bytes: &[u8]);
}

/// Sees nothing, at no cost.
impl Observer for () {
    #[inline]
    fn step(&mut self, _: &Step) {}

    fn console(&mut self, _: u64, _: &[u8]) {}
}

/// How [`Machine::run`] came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The program called `exit` with this code.
    Exited(u64),
    /// As many instructions as allowed were retired; the run can go on.
    LimitReached,
}

/// One hart with its memory and its program.
#[derive(Debug)]
pub struct Machine {
    /// Address of the next instruction.
    pub pc: u64,
    /// The integer registers; `regs[0]` is zero.
    pub regs: [u64; 32],
    /// The memory.
    pub memory: Memory,
    /// Instructions retired since the start, the exit included; what `cycle` and `instret` read.
    pub retired: u64,
    /// What `lr` reserved and no `sc` has ended: the address plus 2^32 times the width in bytes; 0 if nothing is.
    /// Stores leave it alone, and so do atomics other than these two.
    pub reservation: u64,
    exit_code: Option<u64>,
    program: Arc<Program>,
}

/// The state from which a chunk starts; memory is no part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Address of the first instruction.
    pub pc: u64,
    /// The integer registers.
    pub regs: [u64; 32],
    /// Instructions retired before.
    pub retired: u64,
    /// The reservation, as [`Machine::reservation`].
    pub reservation: u64,
}

impl Machine {
    /// The machine at the start of a run: pc at the entry, registers zero. Bytes are a file; [`Input::Region`] gives
    /// the input region bare.
    ///
    /// # Errors
    ///
    /// [`InputError`] when the input does not fit its region.
    pub fn new<'a>(program: impl Into<Arc<Program>>, input: impl Into<Input<'a>>) -> Result<Self, InputError> {
        let program = program.into();
        let memory = Memory::new(&program, input)?;
        Ok(Self { pc: program.entry, regs: [0; 32], memory, retired: 0, reservation: 0, exit_code: None, program })
    }

    /// Retires up to `limit` instructions and shows each to the observer.
    ///
    /// # Errors
    ///
    /// [`Fault`]; the machine is then as it was before the instruction. A machine that has exited stays exited.
    pub fn run(&mut self, limit: u64, observer: &mut impl Observer) -> Result<Outcome, Fault> {
        let program = Arc::clone(&self.program);
        let end = self.retired.saturating_add(limit);
        while self.exit_code.is_none() && self.retired < end {
            let Some(inst) = program.inst_at(self.pc) else {
                return Err(fetch_fault(&program, self.pc));
            };
            let step = self.step(*inst, observer).map_err(|cause| fault(self.pc, *inst, cause))?;
            observer.step(&step);
        }
        Ok(self.exit_code.map_or(Outcome::LimitReached, Outcome::Exited))
    }

    /// Executes one instruction, or changes nothing.
    #[inline(always)]
    fn step(&mut self, inst: Inst, observer: &mut impl Observer) -> Result<Step, Cause> {
        let pc = self.pc;
        let rs1 = self.regs[usize::from(inst.rs1 & 31)];
        let rs2 = self.regs[usize::from(inst.rs2 & 31)];
        let mut hart = Hart {
            arguments: [self.regs[10], self.regs[11]],
            retired: self.retired,
            memory: &mut self.memory,
            reservation: &mut self.reservation,
            accesses: [None; 2],
            exit_code: &mut self.exit_code,
            console: |fd, bytes: &[u8]| observer.console(fd, bytes),
        };
        let (rd, next_pc) = exec(&inst, pc, rs1, rs2, &mut hart)?;
        let accesses = hart.accesses;
        self.regs[usize::from(inst.rd & 31)] = rd;
        self.regs[0] = 0;
        self.pc = next_pc;
        self.retired += 1;
        Ok(Step { pc, inst, next_pc, rs1, rs2, rd, accesses })
    }

    /// Where the run stands, without its memory.
    #[must_use]
    pub const fn checkpoint(&self) -> Checkpoint {
        Checkpoint { pc: self.pc, regs: self.regs, retired: self.retired, reservation: self.reservation }
    }

    /// The program that runs.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The exit code, once the program has exited.
    #[must_use]
    pub fn exit_code(&self) -> Option<u64> {
        self.exit_code
    }

    /// The public output as it stands in memory.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the output region does not hold one.
    pub fn output(&self) -> Result<Vec<u8>, OutputError> {
        self.memory.output()
    }
}

#[cold]
fn fault(pc: u64, inst: Inst, cause: Cause) -> Fault {
    Fault { pc, inst: Some(inst), cause }
}

#[cold]
fn fetch_fault(program: &Program, pc: u64) -> Fault {
    let cause = match program.raw_at(pc) {
        Some(word) => Cause::IllegalInstruction { word },
        None => Cause::FetchOutsideCode { addr: pc },
    };
    Fault { pc, inst: None, cause }
}
