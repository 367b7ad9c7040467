//! The minimal trace: a run cut into chunks, each of which can be replayed alone.
//!
//! A chunk is a [`Checkpoint`] and the values that its loads gave. Everything else follows: a replay computes what the
//! run computed, and where the run read memory it takes the next value. What memory held before a store, and who wrote
//! it, is recovered from the chunks in their order. A chunk ends at the first control transfer or `ecall` at or after
//! as many instructions as asked for, on every engine, so the same run gives the same chunks everywhere.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::hart::reservation;
use crate::isa::{Family, Op};
use crate::machine::{Checkpoint, Machine, Observer, Step};
use crate::map::syscall;

/// Classes of operations that a chunk counts its instructions by.
pub const CLASSES: usize = 24;

/// The class of each operation, by its number; below [`CLASSES`].
pub type Classes = [u8; Op::ALL.len()];

/// A stretch of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Where it starts.
    pub start: Checkpoint,
    /// Instructions retired in it.
    pub instructions: u64,
    /// What each load, `lr` and atomic gave to its destination, also where that is x0, in order; `sc` has none.
    pub loads: Cow<'a, [u64]>,
    /// Its instructions by class.
    pub counts: [u64; CLASSES],
}

impl Chunk<'_> {
    /// The same, independent of the engine that made it.
    #[must_use]
    pub fn into_owned(self) -> Chunk<'static> {
        Chunk {
            start: self.start,
            instructions: self.instructions,
            loads: self.loads.into_owned().into(),
            counts: self.counts,
        }
    }
}

/// Whether an operation gives a word of memory to its destination, which a trace holds.
#[must_use]
pub const fn is_traced(op: Op) -> bool {
    match op.family() {
        Family::Memory => !matches!(op, Op::Sb | Op::Sh | Op::Sw | Op::Sd),
        Family::Amo => !matches!(op, Op::ScW | Op::ScD),
        _ => false,
    }
}

/// Whether a chunk may end behind an operation: behind control transfers and `ecall`.
#[must_use]
pub const fn may_end_chunk(op: Op) -> bool {
    matches!(op.family(), Family::Branch | Family::Jump) || matches!(op, Op::Ecall)
}

/// Observes a machine and hands on its run in chunks.
pub struct Chunker<'a> {
    size: u64,
    classes: &'a Classes,
    /// The state behind the last step.
    now: Checkpoint,
    chunk: Chunk<'static>,
    sink: &'a mut dyn FnMut(Chunk<'_>),
    console: &'a mut dyn FnMut(u64, &[u8]),
}

impl<'a> Chunker<'a> {
    /// Starts where the machine stands. Chunks of at least `size` instructions go to `sink`, what the program prints to
    /// `console`.
    pub fn new(
        machine: &Machine,
        size: u64,
        classes: &'a Classes,
        sink: &'a mut dyn FnMut(Chunk<'_>),
        console: &'a mut dyn FnMut(u64, &[u8]),
    ) -> Self {
        let now = machine.checkpoint();
        let chunk = Chunk { start: now, instructions: 0, loads: Cow::Owned(Vec::new()), counts: [0; CLASSES] };
        Self { size, classes, now, chunk, sink, console }
    }

    fn finish(&mut self) {
        let next = Chunk { start: self.now, instructions: 0, loads: Cow::Owned(Vec::new()), counts: [0; CLASSES] };
        (self.sink)(core::mem::replace(&mut self.chunk, next));
    }
}

impl Observer for Chunker<'_> {
    fn step(&mut self, step: &Step) {
        let Step { inst, .. } = *step;
        self.now.pc = step.next_pc;
        self.now.regs[usize::from(inst.rd & 31)] = step.rd;
        self.now.regs[0] = 0;
        self.now.retired += 1;
        match inst.op {
            Op::LrW => self.now.reservation = reservation(step.rs1, 4),
            Op::LrD => self.now.reservation = reservation(step.rs1, 8),
            Op::ScW | Op::ScD => self.now.reservation = 0,
            _ => {}
        }
        self.chunk.instructions += 1;
        self.chunk.counts[usize::from(self.classes[inst.op as usize])] += 1;
        if is_traced(inst.op) {
            self.chunk.loads.to_mut().push(step.rd);
        }
        let exits = inst.op == Op::Ecall && step.rs1 == syscall::EXIT;
        if exits || may_end_chunk(inst.op) && self.chunk.instructions >= self.size {
            self.finish();
        }
    }

    fn console(&mut self, fd: u64, bytes: &[u8]) {
        (self.console)(fd, bytes);
    }
}
