//! Recording a run: its chunks, replayed in parallel and merged in order, become events by table, refreshes, and the
//! pages of memory touched.

use rayon::prelude::*;
use spec_interp::{Chunk, Chunker, Input, Machine, Outcome, Program};

use crate::event::{Event, Refresh};
use crate::image::Image;
use crate::kind::Kind;
use crate::layout::{
    CLOCK_STEP, FIRST_CLOCK, MAX_INSTRUCTIONS, REGISTERS, REGISTERS_WORD, RESERVATION, SLOT_MEMORY, SLOT_RS1, SLOT_RS2,
};
use crate::lower::CLASSES;
use crate::replay::{ChunkEvents, ExecutionError, MemoryAccess, Register, events_of};
use crate::rom::Rom;

pub use crate::image::Page;

/// A finished run as the tables need it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Execution<'p> {
    /// By instruction table and chunk, so that nothing is moved once it is replayed; no piece is empty.
    events: Vec<Vec<Vec<Event<'p>>>>,
    /// Refreshes in the order of time.
    pub refreshes: Vec<Refresh>,
    /// Touched pages in the order of addresses.
    pub pages: Vec<Page>,
    /// Instructions retired.
    pub instructions: u64,
    /// The clock after the last instruction.
    pub clock: u32,
    /// The exit code.
    pub exit_code: u64,
}

impl<'p> Execution<'p> {
    /// A run by its events in the order of execution.
    pub(crate) fn of_events(
        all: Vec<(Kind, Event<'p>)>,
        refreshes: Vec<Refresh>,
        pages: Vec<Page>,
        exit_code: u64,
    ) -> Self {
        let instructions = all.len() as u64;
        let of = |kind| all.iter().filter(|(other, _)| *other == kind).map(|(_, event)| *event).collect::<Vec<_>>();
        let pieces = |kind| Some(of(kind)).into_iter().filter(|events| !events.is_empty()).collect();
        let events = Kind::instructions().map(pieces).collect();
        let clock = FIRST_CLOCK + CLOCK_STEP * instructions as u32;
        Self { events, refreshes, pages, instructions, clock, exit_code }
    }

    /// The events of an instruction table in the order of execution, in pieces; none for other tables.
    pub fn pieces(&self, kind: Kind) -> impl Iterator<Item = &[Event<'p>]> {
        self.events.get(kind as usize).into_iter().flatten().map(Vec::as_slice)
    }

    /// The number of these events.
    pub fn rows(&self, kind: Kind) -> usize {
        self.pieces(kind).map(<[_]>::len).sum()
    }
}

/// Chunks replayed at once, so that no thread waits long for the slowest.
const CHUNKS_PER_THREAD: usize = 4;

/// Runs a machine to its exit on the interpreter and returns the run in chunks of at least `size` instructions.
///
/// # Errors
/// [`ExecutionError`] if the run faults or exceeds [`MAX_INSTRUCTIONS`].
pub fn trace(
    machine: &mut Machine,
    size: u64,
    console: &mut dyn FnMut(u64, &[u8]),
) -> Result<Vec<Chunk<'static>>, ExecutionError> {
    let mut chunks = Vec::new();
    let mut sink = |chunk: Chunk<'_>| chunks.push(chunk.into_owned());
    let mut chunker = Chunker::new(machine, size, &CLASSES, &mut sink, console);
    match machine.run(MAX_INSTRUCTIONS, &mut chunker)? {
        Outcome::Exited(_) => Ok(chunks),
        Outcome::LimitReached => Err(ExecutionError::TooLong { limit: MAX_INSTRUCTIONS }),
    }
}

/// Records a run from its chunks, in their order. A few for each thread are replayed at once, while those before
/// are merged; so many are held at once, and the events of all.
///
/// # Errors
/// [`ExecutionError`] if these are not the chunks of the program's run on this input.
///
/// # Panics
/// If `rom` is that of another program.
pub fn record<'p, 'c, 'i>(
    program: &Program,
    input: impl Into<Input<'i>>,
    rom: &'p Rom,
    chunks: impl IntoIterator<Item = Chunk<'c>>,
) -> Result<Execution<'p>, ExecutionError> {
    let input: Input<'_> = input.into();
    let mut recorder = Recorder::new(program, input);
    let mut chunks = chunks.into_iter();
    let mut replayed = Vec::new();
    loop {
        let batch: Vec<_> = chunks.by_ref().take(CHUNKS_PER_THREAD * rayon::current_num_threads()).collect();
        let (merged, parts) = rayon::join(
            || replayed.into_iter().try_for_each(|part| recorder.merge(part)),
            || batch.par_iter().map(|chunk| events_of(program, rom, chunk)).collect::<Result<Vec<_>, _>>(),
        );
        merged?;
        replayed = parts?;
        if replayed.is_empty() {
            return recorder.finish();
        }
    }
}

/// Merges replayed chunks in their order over one memory image.
#[derive(Debug)]
pub struct Recorder<'p, 'a> {
    image: Image<'a>,
    registers: [Register; REGISTERS],
    pc: u64,
    exit_code: Option<u64>,
    execution: Execution<'p>,
}

impl<'p, 'a> Recorder<'p, 'a> {
    /// At the start of a run.
    pub fn new(program: &'a Program, input: impl Into<Input<'a>>) -> Self {
        Self {
            image: Image::new(program, input.into()),
            registers: [Register::default(); REGISTERS],
            pc: program.entry,
            exit_code: None,
            execution: Execution {
                events: Kind::instructions().map(|_| Vec::new()).collect(),
                clock: FIRST_CLOCK,
                ..Execution::default()
            },
        }
    }

    /// Takes the next chunk and fills what it left open.
    ///
    /// # Errors
    /// [`ExecutionError::Order`] or [`ExecutionError::Memory`] if it does not follow those before.
    pub fn merge(&mut self, mut part: ChunkEvents<'p>) -> Result<(), ExecutionError> {
        if !self.is_continued_by(&part) {
            return Err(ExecutionError::Order { retired: part.start.retired });
        }
        self.fill_registers(&mut part);
        for access in core::mem::take(&mut part.accesses) {
            self.fill_memory(&mut part, access).ok_or(ExecutionError::Memory { addr: access.addr })?;
        }
        self.pc = part.next_pc;
        self.exit_code = part.exit_code;
        self.execution.instructions += part.instructions;
        self.execution.clock += CLOCK_STEP * part.instructions as u32;
        self.execution.refreshes.append(&mut part.refreshes);
        for (pieces, events) in self.execution.events.iter_mut().zip(part.events) {
            pieces.extend(Some(events).filter(|events| !events.is_empty()));
        }
        Ok(())
    }

    fn is_continued_by(&self, part: &ChunkEvents<'_>) -> bool {
        let start = &part.start;
        self.exit_code.is_none()
            && (start.pc, start.retired) == (self.pc, self.execution.instructions)
            && start.reservation == self.registers[RESERVATION as usize].value
            && start.regs.iter().zip(&self.registers).all(|(value, register)| *value == register.value)
    }

    /// Fills the times of the accesses before the first of each register, and what the sink then held, which no
    /// checkpoint says.
    fn fill_registers(&mut self, part: &mut ChunkEvents<'p>) {
        for opening in &part.openings {
            let register = &mut self.registers[opening.register as usize];
            let before = register.access(opening.register, opening.time, &mut self.execution.refreshes);
            let event = &mut part.events[opening.place.table as usize][opening.place.index as usize];
            match opening.time % CLOCK_STEP {
                SLOT_RS1 => event.rs1_prev = before.time,
                SLOT_RS2 => event.rs2_prev = before.time,
                SLOT_MEMORY => event.second.prev = before.time,
                _ => (event.rd_prev, event.rd_old) = (before.time, before.value),
            }
        }
        for (register, after) in self.registers.iter_mut().zip(part.registers) {
            if after.time > 0 {
                *register = after;
            }
        }
    }

    /// Carries an access out and fills what it found; none if it cannot be or found something else than was loaded.
    #[inline]
    fn fill_memory(&mut self, part: &mut ChunkEvents<'p>, access: MemoryAccess) -> Option<()> {
        let event = &mut part.events[access.place.table as usize][access.place.index as usize];
        let time = event.clock + SLOT_MEMORY;
        let word = u32::try_from(access.addr).ok()? >> 3;
        let shift = 8 * (access.addr % 8) as u32;
        let mask = u64::MAX >> (64 - 8 * u32::from(access.width));
        let put =
            |old: u64, mask: u64, value: u64| if access.stored.is_some() { old & !mask | value & mask } else { old };
        let stored = access.stored.unwrap_or(0);
        let first = self.image.access(word, time, |old| put(old, mask << shift, stored << shift))?;
        (event.mem_old, event.mem_new, event.mem_prev) = (first.old, first.new, first.prev);
        let mut found = first.old >> shift;
        if shift + 8 * u32::from(access.width) > 64 {
            let above = 64 - shift;
            let second = self.image.access(word + 1, time, |old| put(old, mask >> above, stored >> above))?;
            found |= second.old << above;
            event.second = second;
        }
        (!access.loads || (found ^ event.rd_new) & mask == 0).then_some(())
    }

    /// The run as a whole.
    ///
    /// # Errors
    /// [`ExecutionError::Unfinished`] if it has not exited.
    pub fn finish(mut self) -> Result<Execution<'p>, ExecutionError> {
        let exit_code = self.exit_code.ok_or(ExecutionError::Unfinished)?;
        for (number, register) in (0..).zip(self.registers) {
            if register.time > 0 {
                self.image.access(REGISTERS_WORD + number, register.time, |_| register.value);
            }
        }
        // A chunk's own refreshes and those of its first accesses come apart, wherever the run was cut.
        let mut refreshes = self.execution.refreshes;
        refreshes.sort_unstable_by_key(|refresh| (refresh.to, refresh.word));
        Ok(Execution { refreshes, pages: self.image.into_pages(), exit_code, ..self.execution })
    }
}
