//! Unicorn, by way of `unicorn.c`.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use crate::subject::Subject;
use crate::trace::{Process, Record, State, TraceError};

/// Doublewords of a record: its kind, the pc, the registers.
const RECORD: usize = 34;

/// The trace of a run.
pub struct Unicorn {
    process: Process,
    records: BufReader<ChildStdout>,
}

impl Unicorn {
    /// Starts a run whose files are written to `scratch`.
    ///
    /// # Errors
    ///
    /// [`TraceError`] when it does not start.
    pub fn start(tracer: &Path, subject: &Subject, scratch: &Path) -> Result<Self, TraceError> {
        let (elf, input) = (scratch.join("program.elf"), scratch.join("input"));
        fs::write(&elf, &subject.elf)?;
        fs::write(&input, &subject.input)?;
        let child = Command::new(tracer).args([elf, input]).stdout(Stdio::piped()).spawn();
        let start = |source| TraceError::Start { program: tracer.display().to_string(), source };
        let mut process = Process(child.map_err(start)?);
        let records = process.0.stdout.take().ok_or_else(|| TraceError::Malformed("no stdout".into()))?;
        Ok(Self { process, records: BufReader::with_capacity(1 << 20, records) })
    }

    fn read(&mut self) -> Result<Option<Record>, TraceError> {
        if self.records.fill_buf()?.is_empty() {
            let status = self.process.0.wait()?;
            return if status.success() { Ok(None) } else { Err(TraceError::Failed(status)) };
        }
        let mut bytes = [0; 8 * RECORD];
        self.records.read_exact(&mut bytes)?;
        let words: [u64; RECORD] = core::array::from_fn(|i| {
            let word = core::array::from_fn(|byte| bytes[8 * i + byte]);
            u64::from_le_bytes(word)
        });
        let regs = core::array::from_fn(|i| words[2 + i]);
        Ok(Some(if words[0] == 0 { Record::Before(State { pc: words[1], regs }) } else { Record::Stopped }))
    }
}

impl Iterator for Unicorn {
    type Item = Result<Record, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
