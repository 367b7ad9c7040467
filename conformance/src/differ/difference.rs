//! What differs between two runs, in words.

use core::fmt;

use spec_interp::{Fault, Inst, Outcome, OutputError, REGISTER_NAMES, ReplayError};
use thiserror::Error;

/// A number that two runs should agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The next instruction's address.
    Pc,
    /// Instructions retired.
    Retired,
    /// The reservation.
    Reservation,
    /// A register.
    Register(u8),
    /// The exit code.
    ExitCode,
    /// The stream of the so-and-so-manieth stretch of console bytes, all of one stream.
    ConsoleStream(usize),
    /// A byte of such a stretch.
    ConsoleByte(usize, usize),
    /// Length and checksum of what was printed beyond the bytes that are kept.
    ConsoleRest,
    /// A byte of the public output.
    Output(usize),
    /// The doubleword of memory at an address.
    Word(u64),
    /// How many chunks there are.
    Chunks,
    /// Something of a chunk.
    Chunk(usize, ChunkField),
    /// Something of an instruction replayed, by its number in the run.
    Replayed(usize, ReplayedField),
}

/// A number in a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkField {
    /// The pc at its start.
    Pc,
    /// The instructions retired before it.
    Retired,
    /// The reservation at its start.
    Reservation,
    /// A register at its start.
    Register(u8),
    /// Its instructions.
    Instructions,
    /// One of its loaded words.
    Load(usize),
    /// Its instructions of one class.
    Count(usize),
}

/// A number of an instruction in a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayedField {
    /// Its address.
    Pc,
    /// Where control goes.
    NextPc,
    /// The first operand.
    Rs1,
    /// The second operand.
    Rs2,
    /// The result.
    Rd,
    /// The bytes stored.
    Stored,
    /// Whether there is such an instruction, 1 or nothing.
    Presence,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum What {
    /// The input fits one machine only.
    #[error("the input fits one machine and not the other")]
    Input,
    /// The way in which the run ended.
    #[error("the end is {} instead of {}", end(found), end(expected))]
    End {
        /// The reference's.
        expected: Result<Outcome, Fault>,
        /// The other's.
        found: Result<Outcome, Fault>,
    },
    /// The output, where one of them is none.
    #[error("the output is {} instead of {}", output(found), output(expected))]
    Output {
        /// The reference's.
        expected: Result<Vec<u8>, OutputError>,
        /// The other's.
        found: Result<Vec<u8>, OutputError>,
    },
    /// A number.
    #[error("{field} is {} instead of {}", number(*found), number(*expected))]
    Value {
        /// Which.
        field: Field,
        /// The reference's; none if it has no such thing.
        expected: Option<u64>,
        /// The other's.
        found: Option<u64>,
    },
    /// A chunk of the reference cannot be replayed.
    #[error("chunk {index} cannot be replayed: {source}")]
    Replay {
        /// Its number.
        index: usize,
        /// Why.
        source: ReplayError,
    },
}

/// How the machines were run when they differed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In one call of `run`.
    Run,
    /// In one call of `trace`.
    Trace,
    /// In many calls of both, with small limits.
    Paused,
    /// From the chunks of the reference.
    Replay,
}

/// The first instruction after which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Instructions retired before it.
    pub index: u64,
    /// Its address.
    pub pc: u64,
    /// The instruction; none where there is none.
    pub inst: Option<Inst>,
}

/// Two runs that are not the same.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{what}, {way}{}", .suspect.as_ref().map_or(String::new(), |suspect| format!(", first seen {suspect}")))]
pub struct Difference {
    /// What differs.
    pub what: What,
    /// How they were run.
    pub way: Way,
    /// Where the difference begins, if state shows it at the end of a run with a lower limit.
    pub suspect: Option<Suspect>,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Run => "run at once",
            Self::Trace => "traced at once",
            Self::Paused => "with pauses",
            Self::Replay => "replayed",
        })
    }
}

impl fmt::Display for Suspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after {} instructions at {:#x}", self.index, self.pc)?;
        self.inst.map_or(Ok(()), |inst| write!(f, ", `{inst}`"))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pc => f.write_str("the pc"),
            Self::Retired => f.write_str("the number of retired instructions"),
            Self::Reservation => f.write_str("the reservation"),
            Self::Register(number) => write!(f, "{}", REGISTER_NAMES[usize::from(*number)]),
            Self::ExitCode => f.write_str("the exit code"),
            Self::ConsoleStream(stretch) => write!(f, "the stream of stretch {stretch} of the console"),
            Self::ConsoleByte(stretch, at) => write!(f, "byte {at} of stretch {stretch} of the console"),
            Self::ConsoleRest => f.write_str("the rest of the console"),
            Self::Output(at) => write!(f, "byte {at} of the output"),
            Self::Word(addr) => write!(f, "the doubleword at {addr:#x}"),
            Self::Chunks => f.write_str("the number of chunks"),
            Self::Chunk(index, field) => write!(f, "{field:?} of chunk {index}"),
            Self::Replayed(index, field) => write!(f, "{field:?} of instruction {index}"),
        }
    }
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:#x}"))
}

fn end(end: &Result<Outcome, Fault>) -> String {
    match end {
        Ok(Outcome::Exited(code)) => format!("exit {code:#x}"),
        Ok(Outcome::LimitReached) => "the limit".to_owned(),
        Err(fault) => fault.to_string(),
    }
}

fn output(output: &Result<Vec<u8>, OutputError>) -> String {
    output.as_ref().map_or_else(ToString::to_string, |bytes| format!("of {} bytes", bytes.len()))
}
