//! Recording a run: events by table, refreshes, and the memory words touched.

use std::collections::HashMap;

use spec_interp::chunk::Classes;
use spec_interp::{Family, Machine, Observer, Op, Outcome, Program, Step, reservation};
use thiserror::Error;

use crate::event::{Event, SecondAccess};
use crate::layout::{
    CLOCK_STEP, FIRST_CLOCK, HALTED_PC, MAX_INSTRUCTIONS, PAGE_WORDS, REGISTER_GAP, REGISTERS, REGISTERS_WORD,
    RESERVATION, SLOT_MEMORY, SLOT_RD, SLOT_RS1, SLOT_RS2, pc_index,
};
use crate::rom::{RomRow, lower_program};
use crate::tables::Kind;

/// A run that ended in a fault or did not end.
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
}

/// A register passed on to a later time, because its next access is too far away for one gap.
#[derive(Clone, Copy, Debug)]
pub struct Refresh {
    /// Index of the word.
    pub word: u32,
    /// Its value.
    pub value: u64,
    /// Time of the access before.
    pub from: u32,
    /// Time of the access that this is.
    pub to: u32,
}

/// A word of a touched page at the end of the run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Word {
    /// Contents at the start, meaningful if touched.
    pub first: u64,
    /// Contents at the end, meaningful if touched.
    pub last: u64,
    /// Time of the last access; 0 if the word was never touched.
    pub time: u32,
}

/// The words of a page.
pub type Page = [Word; PAGE_WORDS];

/// A finished run as the tables need it.
#[derive(Debug)]
pub struct Execution<'p> {
    /// Events by [`Kind`], in the order of execution.
    pub events: Vec<Vec<Event<'p>>>,
    /// Refreshes in the order of time.
    pub refreshes: Vec<Refresh>,
    /// Touched pages by number.
    pub pages: HashMap<u32, Page>,
    /// Instructions retired.
    pub instructions: u64,
    /// The clock after the last instruction.
    pub clock: u32,
    /// The exit code.
    pub exit_code: u64,
}

/// The program lowered, with the row of each instruction by halfword index.
#[derive(Debug)]
pub struct Rom {
    /// The rows in the order of addresses.
    pub rows: Vec<RomRow>,
    by_pc: Vec<u32>,
}

impl Rom {
    /// Lowers a program.
    pub fn new(program: &Program) -> Self {
        Self::from_rows(lower_program(program))
    }

    /// Takes rows in the order of addresses.
    pub fn from_rows(rows: Vec<RomRow>) -> Self {
        let mut by_pc = vec![u32::MAX; rows.last().map_or(0, |row| row.pc as usize + 1)];
        for (i, row) in rows.iter().enumerate() {
            by_pc[row.pc as usize] = i as u32;
        }
        Self { rows, by_pc }
    }

    /// The index of the row at a halfword index.
    pub fn row_of(&self, pc: u32) -> Option<usize> {
        let row = *self.by_pc.get(pc as usize)? as usize;
        (row < self.rows.len()).then_some(row)
    }

    fn at(&self, pc: u32) -> Option<&RomRow> {
        self.row_of(pc).map(|row| &self.rows[row])
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Register {
    value: u64,
    time: u32,
}

/// Observes a machine from its first instruction and records what the tables need.
struct Recorder<'p, 'c> {
    rom: &'p Rom,
    console: &'c mut dyn FnMut(u64, &[u8]),
    registers: [Register; REGISTERS],
    clock: u32,
    execution: Execution<'p>,
}

/// Runs a machine from its start to its exit and records the run.
///
/// # Errors
/// [`ExecutionError`] if the run faults or exceeds [`MAX_INSTRUCTIONS`].
pub fn record<'p>(
    rom: &'p Rom,
    machine: &mut Machine,
    console: &mut dyn FnMut(u64, &[u8]),
) -> Result<Execution<'p>, ExecutionError> {
    let mut recorder = Recorder {
        rom,
        console,
        registers: [Register::default(); REGISTERS],
        clock: FIRST_CLOCK,
        execution: Execution {
            events: Kind::ALL.iter().map(|_| Vec::new()).collect(),
            refreshes: Vec::new(),
            pages: HashMap::new(),
            instructions: 0,
            clock: 0,
            exit_code: 0,
        },
    };
    let outcome = machine.run(MAX_INSTRUCTIONS, &mut recorder)?;
    let Outcome::Exited(exit_code) = outcome else {
        return Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS });
    };
    Ok(recorder.finish(machine.retired, exit_code))
}

impl<'p> Recorder<'p, '_> {
    fn finish(mut self, instructions: u64, exit_code: u64) -> Execution<'p> {
        for (i, register) in self.registers.into_iter().enumerate() {
            if register.time > 0 {
                let word = REGISTERS_WORD + i as u32;
                self.touch(word, 0, register.value, register.time);
            }
        }
        Execution { instructions, exit_code, clock: self.clock, ..self.execution }
    }

    /// Records an access of a word and returns the time of the one before.
    fn touch(&mut self, word: u32, old: u64, new: u64, time: u32) -> u32 {
        let page = self.execution.pages.entry(word / PAGE_WORDS as u32).or_insert([Word::default(); PAGE_WORDS]);
        let word = &mut page[word as usize % PAGE_WORDS];
        if word.time == 0 {
            word.first = old;
        }
        word.last = new;
        core::mem::replace(&mut word.time, time)
    }

    /// Accesses a register at a time, refreshing it if its last access is too far away; returns the previous time and
    /// the old value.
    fn register(&mut self, number: u32, time: u32, new: Option<u64>) -> (u32, u64) {
        let register = &mut self.registers[number as usize];
        while time - register.time > REGISTER_GAP {
            let (from, to) = (register.time, register.time + REGISTER_GAP);
            let word = REGISTERS_WORD + number;
            self.execution.refreshes.push(Refresh { word, value: register.value, from, to });
            register.time = to;
        }
        let before = (register.time, register.value);
        *register = Register { value: new.unwrap_or(register.value), time };
        before
    }
}

impl Observer for Recorder<'_, '_> {
    fn step(&mut self, step: &Step) {
        let pc = pc_index(step.pc);
        let row = self.rom.at(pc).expect("an instruction that retires has a row");
        let clock = self.clock;
        let exits = step.inst.op == Op::Ecall && step.rs1 == spec_interp::map::syscall::EXIT;
        let mut event = Event {
            row,
            clock,
            next_pc: if exits { HALTED_PC } else { pc_index(step.next_pc) },
            rs1: step.rs1,
            rs2: if row.immediate { row.immediate_value() } else { step.rs2 },
            rd_old: 0,
            rd_new: step.rd,
            rs1_prev: 0,
            rs2_prev: 0,
            rd_prev: 0,
            word: 0,
            mem_old: 0,
            mem_new: 0,
            mem_prev: 0,
            second: SecondAccess::default(),
        };
        let table = table_of(row, step);
        let accesses = row.table.accesses(row);
        if accesses.rs1 {
            event.rs1_prev = self.register(row.rs1, clock + SLOT_RS1, None).0;
        }
        if accesses.rs2 {
            event.rs2_prev = self.register(row.rs2, clock + SLOT_RS2, None).0;
        }
        if let Some(access) = step.accesses[0] {
            event.word = (access.addr >> 3) as u32;
            (event.mem_old, event.mem_new) = (access.old, access.new);
            event.mem_prev = self.touch(event.word, access.old, access.new, clock + SLOT_MEMORY);
            if access.write && step.inst.op.family() == Family::Memory {
                event.rd_new = step.rs2;
            }
        }
        if let Some(access) = step.accesses[1] {
            let prev = self.touch((access.addr >> 3) as u32, access.old, access.new, clock + SLOT_MEMORY);
            event.second = SecondAccess { old: access.old, new: access.new, prev };
        }
        if let Some(new) = left_reserved(step) {
            let (prev, old) = self.register(RESERVATION, clock + SLOT_MEMORY, Some(new));
            event.second = SecondAccess { old, new, prev };
        }
        if accesses.rd {
            (event.rd_prev, event.rd_old) = self.register(row.rd, clock + SLOT_RD, Some(event.rd_new));
        }
        self.execution.events[table as usize].push(event);
        self.clock += CLOCK_STEP;
    }

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        (self.console)(fd, bytes);
    }
}

/// The tables of operations, by which chunks of a run count their instructions; what always faults counts nowhere else.
/// A load or store that is not naturally aligned has its row elsewhere, which only a replay knows.
pub fn classes() -> Classes {
    Op::ALL.map(|op| crate::rom::table_of(op).map_or(Kind::System as u8, |(kind, _)| kind as u8))
}

/// The table of a step: that of its program row, but for loads and stores that are not naturally aligned.
fn table_of(row: &RomRow, step: &Step) -> Kind {
    let addr = step.rs1.wrapping_add_signed(step.inst.imm);
    let is_aligned = step.inst.op.access_width().is_none_or(|width| addr.is_multiple_of(width));
    if is_aligned { row.table } else { Kind::MemoryMisaligned }
}

/// What an instruction leaves of the reservation, if it has to do with it.
fn left_reserved(step: &Step) -> Option<u64> {
    match step.inst.op {
        Op::LrW | Op::LrD => step.inst.op.access_width().map(|width| reservation(step.rs1, width)),
        Op::ScW | Op::ScD => Some(0),
        _ => None,
    }
}
