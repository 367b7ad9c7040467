//! What a machine shows of a call, and the comparison of two of them, number by number.

use fast_aot::Runner;
use spec_interp::chunk::{CLASSES, Classes};
use spec_interp::{Checkpoint, Chunk, Fault, Op, Outcome, OutputError};

use crate::differ::difference::{ChunkField, Field, What};

/// Console bytes that are kept; of more, only length and checksum are compared.
const KEPT: usize = 1 << 16;

/// A class for each operation, so that neighbours in the table differ.
pub(crate) const COUNTED: Classes = {
    let mut classes = [0; Op::ALL.len()];
    let mut i = 0;
    while i < classes.len() {
        classes[i] = (i % CLASSES) as u8;
        i += 1;
    }
    classes
};

/// One call of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `run` with this limit.
    Run {
        /// The most instructions.
        limit: u64,
    },
    /// `trace` with this limit.
    Trace {
        /// The most instructions.
        limit: u64,
        /// Instructions of a chunk, at least.
        size: u64,
    },
}

/// What a program printed: stretches of bytes, each to one stream, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Stream and bytes; two neighbours are of different streams.
    pub stretches: Vec<(u64, Vec<u8>)>,
    /// Bytes in them.
    kept: usize,
    /// Length and checksum of what follows.
    pub rest: u64,
}

impl Printed {
    /// Appends what a machine printed; how it was cut into pieces does not matter.
    pub fn write(&mut self, fd: u64, mut bytes: &[u8]) {
        let fits = bytes.len().min(KEPT - self.kept);
        if fits > 0 {
            if self.stretches.last().is_none_or(|(last, _)| *last != fd) {
                self.stretches.push((fd, Vec::new()));
            }
            if let Some((_, stretch)) = self.stretches.last_mut() {
                stretch.extend(&bytes[..fits]);
            }
            self.kept += fits;
            bytes = &bytes[fits..];
        }
        for &byte in bytes {
            // FNV-1a, which depends on the order and the number of bytes.
            self.rest = (self.rest ^ fd << 8 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).wrapping_add(1);
        }
    }
}

/// What a machine shows after a call, but for its memory and the output there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How the call ended.
    pub end: Result<Outcome, Fault>,
    /// Where the run stands.
    pub at: Checkpoint,
    /// The exit code.
    pub exit_code: Option<u64>,
    /// What was printed during the call.
    pub console: Printed,
    /// The chunks of a trace.
    pub chunks: Vec<Chunk<'static>>,
}

impl Record {
    /// Calls a machine and keeps what it shows.
    #[must_use]
    pub fn of(machine: &mut Runner, call: Call) -> Self {
        let (mut console, mut chunks) = (Printed::default(), Vec::new());
        let mut print = |fd, bytes: &[u8]| console.write(fd, bytes);
        let end = match call {
            Call::Run { limit } => machine.run(limit, &mut print),
            Call::Trace { limit, size } => {
                let mut keep = |chunk: Chunk<'_>| chunks.push(chunk.into_owned());
                machine.trace(limit, size, &COUNTED, &mut keep, &mut print)
            }
        };
        Self { end, at: machine.checkpoint(), exit_code: machine.exit_code(), console, chunks }
    }

    /// Compares the record of an engine with this one, the reference's.
    ///
    /// # Errors
    ///
    /// [`What`] differs.
    pub fn agrees(&self, found: &Self) -> Result<(), What> {
        if self.end != found.end {
            return Err(What::End { expected: self.end.clone(), found: found.end.clone() });
        }
        same(Field::Retired, self.at.retired, found.at.retired)?;
        same(Field::Pc, self.at.pc, found.at.pc)?;
        for (number, (expected, found)) in (0..).zip(self.at.regs.iter().zip(&found.at.regs)) {
            same(Field::Register(number), *expected, *found)?;
        }
        same(Field::Reservation, self.at.reservation, found.at.reservation)?;
        same(Field::ExitCode, self.exit_code, found.exit_code)?;
        same_console(&self.console, &found.console)?;
        for (index, (expected, found)) in self.chunks.iter().zip(&found.chunks).enumerate() {
            same_chunk(index, expected, found)?;
        }
        same(Field::Chunks, self.chunks.len() as u64, found.chunks.len() as u64)
    }
}

/// Two numbers that must be the same.
pub(crate) fn same(field: Field, expected: impl Into<Option<u64>>, found: impl Into<Option<u64>>) -> Result<(), What> {
    let (expected, found) = (expected.into(), found.into());
    if expected == found { Ok(()) } else { Err(What::Value { field, expected, found }) }
}

fn same_bytes(field: impl Fn(usize) -> Field, expected: &[u8], found: &[u8]) -> Result<(), What> {
    let byte = |bytes: &[u8], at: usize| bytes.get(at).copied().map(u64::from);
    (0..expected.len().max(found.len())).try_for_each(|at| same(field(at), byte(expected, at), byte(found, at)))
}

/// Two outputs that must be the same, or missing for the same reason.
pub(crate) fn same_output(
    expected: Result<Vec<u8>, OutputError>,
    found: Result<Vec<u8>, OutputError>,
) -> Result<(), What> {
    match (expected, found) {
        (expected, found) if expected == found => Ok(()),
        (Ok(expected), Ok(found)) => same_bytes(Field::Output, &expected, &found),
        (expected, found) => Err(What::Output { expected, found }),
    }
}

fn same_console(expected: &Printed, found: &Printed) -> Result<(), What> {
    for index in 0..expected.stretches.len().max(found.stretches.len()) {
        let [expected, found] = [expected, found].map(|console| console.stretches.get(index));
        let stream = |stretch: Option<&(u64, Vec<u8>)>| stretch.map(|(fd, _)| *fd);
        same(Field::ConsoleStream(index), stream(expected), stream(found))?;
        if let (Some((_, expected)), Some((_, found))) = (expected, found) {
            same_bytes(|at| Field::ConsoleByte(index, at), expected, found)?;
        }
    }
    same(Field::ConsoleRest, expected.rest, found.rest)
}

fn same_chunk(index: usize, expected: &Chunk<'_>, found: &Chunk<'_>) -> Result<(), What> {
    let same = |field, expected, found| same(Field::Chunk(index, field), expected, found);
    same(ChunkField::Retired, Some(expected.start.retired), Some(found.start.retired))?;
    same(ChunkField::Pc, Some(expected.start.pc), Some(found.start.pc))?;
    for (number, (expected, found)) in (0..).zip(expected.start.regs.iter().zip(&found.start.regs)) {
        same(ChunkField::Register(number), Some(*expected), Some(*found))?;
    }
    same(ChunkField::Reservation, Some(expected.start.reservation), Some(found.start.reservation))?;
    same(ChunkField::Instructions, Some(expected.instructions), Some(found.instructions))?;
    for at in 0..expected.loads.len().max(found.loads.len()) {
        same(ChunkField::Load(at), expected.loads.get(at).copied(), found.loads.get(at).copied())?;
    }
    for (class, (expected, found)) in expected.counts.iter().zip(&found.counts).enumerate() {
        same(ChunkField::Count(class), Some(*expected), Some(*found))?;
    }
    Ok(())
}
