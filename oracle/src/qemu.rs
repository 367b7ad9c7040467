//! qemu-riscv64, which runs Linux programs and can log the registers before every instruction.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{ChildStderr, Command, Stdio};

use riscv_tests::elf;
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, STATE_BASE};
use spec_interp::{LoadSegment, Program};

use crate::subject::Subject;
use crate::trace::{Process, Record, State, TraceError};

/// The program.
pub const QEMU: &str = "qemu-riscv64";
/// Every extension that this machine has.
const CPU: &str = "rv64,zba=true,zbb=true,zbs=true";
/// Bytes of memory at the ends of regions, where Linux would have none.
const SCRATCH: u64 = 1 << 20;
/// Bytes of a page.
const PAGE: usize = 4096;

/// The trace of a run.
pub struct Qemu {
    /// Ends with the trace.
    _process: Process,
    log: BufReader<ChildStderr>,
    line: String,
    stopped: bool,
}

impl Qemu {
    /// Starts a run whose file is written to `scratch`.
    ///
    /// # Errors
    ///
    /// [`TraceError`] when it does not start.
    pub fn start(subject: &Subject, scratch: &Path) -> Result<Self, TraceError> {
        let path = scratch.join("linux.elf");
        fs::write(&path, linux_elf(&subject.program, &subject.input))?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        // One instruction in a block, and no block that jumps to another: each is logged. The log goes to stderr.
        let child = Command::new(QEMU)
            .env("QEMU_SINGLESTEP", "1")
            .env("QEMU_ONE_INSN_PER_TB", "1") // the name since QEMU 8.1
            .args(["-cpu", CPU, "-d", "nochain,cpu"])
            .arg(path)
            .current_dir(scratch) // for the core of a run that faults
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = Process(child.map_err(|source| TraceError::Start { program: QEMU.into(), source })?);
        let log = process.0.stderr.take().ok_or_else(|| TraceError::Malformed("no stderr".into()))?;
        let log = BufReader::with_capacity(1 << 20, log);
        Ok(Self { _process: process, log, line: String::new(), stopped: false })
    }

    fn read(&mut self) -> Result<Option<Record>, TraceError> {
        if self.stopped || !self.next_line()? {
            return Ok(None);
        }
        if self.line.starts_with("qemu: uncaught target signal") {
            self.stopped = true;
            return Ok(Some(Record::Stopped));
        }
        let pc = self.line.trim_start().strip_prefix("pc ").and_then(number);
        let pc = pc.ok_or_else(|| TraceError::Malformed(self.line.clone()))?;
        let mut regs = [0; 32];
        for four in regs.chunks_exact_mut(4) {
            self.next_line()?;
            // `x1/ra 0000000000000000`, four times.
            let mut values = self.line.split_ascii_whitespace().skip(1).step_by(2).filter_map(number);
            for register in four {
                *register = values.next().ok_or_else(|| TraceError::Malformed(self.line.clone()))?;
            }
        }
        Ok(Some(Record::Before(State { pc, regs })))
    }

    fn next_line(&mut self) -> Result<bool, TraceError> {
        self.line.clear();
        Ok(self.log.read_line(&mut self.line)? > 0)
    }
}

impl Iterator for Qemu {
    type Item = Result<Record, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn number(hex: &str) -> Option<u64> {
    u64::from_str_radix(hex.trim(), 16).ok()
}

/// A program as a Linux process has to see it: what this machine maps by itself becomes segments.
fn linux_elf(program: &Program, input: &[u8]) -> Vec<u8> {
    let (ram, mut segments): (Vec<_>, Vec<_>) = program.segments().iter().cloned().partition(|s| s.writable);
    let mut data = vec![0; ram.last().map_or(0, |last| last.end() - RAM_BASE) as usize];
    for segment in ram {
        let at = (segment.base - RAM_BASE) as usize;
        data[at..at + segment.bytes.len()].copy_from_slice(&segment.bytes);
    }
    let size = (data.len() as u64).next_multiple_of(SCRATCH) + SCRATCH;
    segments.push(LoadSegment { base: RAM_BASE, bytes: data, size, executable: false, writable: true });
    let ends = [PROGRAM_BASE, STATE_BASE, OUTPUT_BASE, OUTPUT_BASE + OUTPUT_SIZE].map(|end| end - SCRATCH);
    for base in ends.into_iter().chain([OUTPUT_BASE]) {
        segments.push(LoadSegment { base, bytes: vec![], size: SCRATCH, executable: false, writable: true });
    }
    let mut bytes = [&(input.len() as u64).to_le_bytes(), &[0; 8], input].concat();
    // Whole pages, since the loader cannot clear the rest of one that is read-only.
    bytes.resize(bytes.len().next_multiple_of(PAGE) + PAGE, 0);
    let size = bytes.len() as u64;
    segments.push(LoadSegment { base: INPUT_BASE, bytes, size, executable: false, writable: false });
    segments.sort_by_key(|segment| segment.base);
    elf::write(program.entry, &segments)
}
