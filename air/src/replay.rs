//! The part of recording that each chunk does alone, on any core: its events, with all that the chunk decides.
//!
//! Two things it does not decide: when a register that it accesses for the first time was accessed before, and what
//! words of memory held and when they were accessed. [`crate::execution::Recorder`] fills these, chunk after chunk.

use spec_interp::chunk::is_traced;
use spec_interp::map::syscall;
use spec_interp::{Checkpoint, Chunk, Family, Op, Program, ReplayError, Replayed, reservation};
use thiserror::Error;

use crate::event::{Event, Refresh, SecondAccess};
use crate::kind::Kind;
use crate::layout::{
    CLOCK_STEP, FIRST_CLOCK, HALTED_PC, MAX_INSTRUCTIONS, REGISTER_GAP, REGISTERS, REGISTERS_WORD, RESERVATION,
    SLOT_MEMORY, SLOT_RD, SLOT_RS1, SLOT_RS2, pc_index,
};
use crate::rom::{Rom, RomRow};

/// A run that cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExecutionError {
    /// The run ended in a fault: there is nothing to prove.
    #[error(transparent)]
    Fault(#[from] spec_interp::Fault),
    /// The run is longer than a segment.
    #[error("the run takes more than {limit} instructions, the limit of a proof; shorten the input or the program")]
    TooLong {
        /// Instructions of the longest provable run.
        limit: u64,
    },
    /// A chunk that is not one of the program's.
    #[error(transparent)]
    Chunk(#[from] ReplayError),
    /// A chunk that does not start where the one before ended.
    #[error("the chunk that starts behind {retired} instructions does not follow the one before")]
    Order {
        /// Where it starts.
        retired: u64,
    },
    /// A load that gave what memory did not hold, or an access outside of it.
    #[error("the chunk's access of {addr:#x} disagrees with memory")]
    Memory {
        /// The effective address.
        addr: u64,
    },
    /// The last chunk does not end with `exit`.
    #[error("the chunks end before the program exits")]
    Unfinished,
}

/// A register: its value and the time of its last access.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Register {
    pub(crate) value: u64,
    /// 0 before the first access.
    pub(crate) time: u32,
}

impl Register {
    /// Accesses it at a time, refreshing it if its last access is too far away; returns what it was then.
    #[inline]
    pub(crate) fn access(&mut self, number: u32, time: u32, refreshes: &mut Vec<Refresh>) -> Self {
        while time - self.time > REGISTER_GAP {
            let (from, to) = (self.time, self.time + REGISTER_GAP);
            refreshes.push(Refresh { word: REGISTERS_WORD + number, value: self.value, from, to });
            self.time = to;
        }
        core::mem::replace(self, Self { time, ..*self })
    }
}

/// An event of a chunk: the index among those of its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: Kind,
    pub(crate) index: u32,
}

/// The first access of a register in a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) register: u32,
    pub(crate) place: Place,
    /// Its remainder by [`CLOCK_STEP`] says which access of the event it is.
    pub(crate) time: u32,
}

/// An access of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryAccess {
    pub(crate) place: Place,
    pub(crate) addr: u64,
    /// Bytes: 1, 2, 4 or 8.
    pub(crate) width: u8,
    /// Whether the event's `rd_new` is what was read.
    pub(crate) loads: bool,
    /// What the bytes become.
    pub(crate) stored: Option<u64>,
}

/// A chunk replayed.
#[derive(Debug)]
pub struct ChunkEvents<'p> {
    pub(crate) start: Checkpoint,
    pub(crate) instructions: u64,
    pub(crate) next_pc: u64,
    pub(crate) exit_code: Option<u64>,
    /// By instruction table.
    pub(crate) events: Vec<Vec<Event<'p>>>,
    /// The registers at the end; those that were not accessed have time 0.
    pub(crate) registers: [Register; REGISTERS],
    pub(crate) openings: Vec<Opening>,
    pub(crate) accesses: Vec<MemoryAccess>,
    pub(crate) refreshes: Vec<Refresh>,
}

/// Replays a chunk into events.
///
/// # Errors
/// [`ExecutionError::Chunk`] if it is not one of the program's, [`ExecutionError::TooLong`] if it ends behind
/// [`MAX_INSTRUCTIONS`].
///
/// # Panics
/// If `rom` is that of another program.
pub fn events_of<'p>(program: &Program, rom: &'p Rom, chunk: &Chunk<'_>) -> Result<ChunkEvents<'p>, ExecutionError> {
    if chunk.start.retired.saturating_add(chunk.instructions) > MAX_INSTRUCTIONS {
        return Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS });
    }
    let mut part = ChunkEvents::new(chunk);
    let mut clock = FIRST_CLOCK + CLOCK_STEP * chunk.start.retired as u32;
    spec_interp::replay(program, chunk, |step| {
        part.step(rom, clock, step);
        clock += CLOCK_STEP;
    })?;
    Ok(part)
}

impl<'p> ChunkEvents<'p> {
    fn new(chunk: &Chunk<'_>) -> Self {
        let mut registers = [Register::default(); REGISTERS];
        for (register, value) in registers.iter_mut().zip(chunk.start.regs) {
            register.value = value;
        }
        registers[RESERVATION as usize].value = chunk.start.reservation;
        let rows = |kind: Kind| chunk.counts[kind as usize].min(chunk.instructions) as usize;
        Self {
            start: chunk.start,
            instructions: chunk.instructions,
            next_pc: chunk.start.pc,
            exit_code: None,
            events: Kind::instructions().map(|kind| Vec::with_capacity(rows(kind))).collect(),
            registers,
            openings: Vec::new(),
            accesses: Vec::with_capacity(chunk.loads.len()),
            refreshes: Vec::new(),
        }
    }

    #[inline(always)]
    fn step(&mut self, rom: &'p Rom, clock: u32, step: &Replayed<'_>) {
        let row = rom.row_of(pc_index(step.pc)).expect("an instruction that retires has a row");
        let row = &rom.rows[row];
        let op = step.inst.op;
        let exits = op == Op::Ecall && step.rs1 == syscall::EXIT;
        let is_store = op.family() == Family::Memory && !is_traced(op);
        let addr = step.rs1.wrapping_add_signed(step.inst.imm);
        let width = op.access_width();
        let table = table_of(row, addr, width);
        let place = Place { table, index: self.events[table as usize].len() as u32 };
        let rd_new = if is_store { step.rs2 } else { step.rd };
        let accesses = row.table.accesses(row);
        let mut register = |is_accessed: bool, number, slot, new| match is_accessed {
            true => self.register(number, place, clock + slot, new),
            false => Register::default(),
        };
        let rs1 = register(accesses.rs1, row.rs1, SLOT_RS1, None);
        let rs2 = register(accesses.rs2, row.rs2, SLOT_RS2, None);
        let second = left_reserved(step).map(|new| {
            let before = register(true, RESERVATION, SLOT_MEMORY, Some(new));
            SecondAccess { old: before.value, new, prev: before.time }
        });
        let rd = register(accesses.rd, row.rd, SLOT_RD, Some(rd_new));
        if let Some(width) = width {
            let (loads, stored) = (is_traced(op), step.stored);
            self.accesses.push(MemoryAccess { place, addr, width: width as u8, loads, stored });
        }
        self.events[table as usize].push(Event {
            row,
            clock,
            next_pc: if exits { HALTED_PC } else { pc_index(step.next_pc) },
            rs1: step.rs1,
            rs2: if row.immediate { row.immediate_value() } else { step.rs2 },
            rd_old: rd.value,
            rd_new,
            rs1_prev: rs1.time,
            rs2_prev: rs2.time,
            rd_prev: rd.time,
            word: width.map_or(0, |_| (addr >> 3) as u32),
            mem_old: 0,
            mem_new: 0,
            mem_prev: 0,
            second: second.unwrap_or_default(),
        });
        self.next_pc = step.next_pc;
        self.exit_code = exits.then_some(step.rd);
    }

    /// Accesses a register; the first access in the chunk is left open.
    #[inline(always)]
    fn register(&mut self, number: u32, place: Place, time: u32, new: Option<u64>) -> Register {
        let register = &mut self.registers[number as usize];
        let before = if register.time == 0 {
            self.openings.push(Opening { register: number, place, time });
            core::mem::replace(register, Register { time, ..*register })
        } else {
            register.access(number, time, &mut self.refreshes)
        };
        register.value = new.unwrap_or(register.value);
        before
    }
}

/// The table of a step: that of its program row, but for loads and stores that are not naturally aligned.
pub(crate) fn table_of(row: &RomRow, addr: u64, width: Option<u64>) -> Kind {
    if width.is_none_or(|width| addr.is_multiple_of(width)) { row.table } else { Kind::MemoryMisaligned }
}

/// What an instruction leaves of the reservation, if it has to do with it.
fn left_reserved(step: &Replayed<'_>) -> Option<u64> {
    match step.inst.op {
        Op::LrW | Op::LrD => step.inst.op.access_width().map(|width| reservation(step.rs1, width)),
        Op::ScW | Op::ScD => Some(0),
        _ => None,
    }
}
