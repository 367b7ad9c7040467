//! LLVM's disassembler, by way of `llvm.c`.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::thread;

use crate::trace::{Process, TraceError};

/// Bytes on their way in either direction.
const BUFFER: usize = 1 << 20;

/// Disassembles words and hands each with LLVM's length and text to `sink`; a length of 0 is no instruction.
///
/// # Errors
///
/// [`TraceError`] when the disassembler fails, or what `sink` returns first.
pub fn disassemble<E: From<TraceError>>(
    tool: &Path,
    words: impl Iterator<Item = u32> + Clone + Send,
    mut sink: impl FnMut(u32, u8, &str) -> Result<(), E>,
) -> Result<(), E> {
    let child = Command::new(tool).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let start = |source| TraceError::Start { program: tool.display().to_string(), source };
    let mut process = Process(child.map_err(start)?);
    let (Some(stdin), Some(stdout)) = (process.0.stdin.take(), process.0.stdout.take()) else {
        return Err(TraceError::Malformed("no pipes".into()).into());
    };
    thread::scope(|scope| {
        let asked = words.clone();
        let writer = scope.spawn(move || write(stdin, asked));
        // Dropped at an error, which ends the disassembler and by that the writer.
        let mut lines = BufReader::with_capacity(BUFFER, stdout);
        let mut line = String::new();
        for word in words {
            line.clear();
            if lines.read_line(&mut line).map_err(TraceError::Io)? == 0 {
                return Err(TraceError::Failed(process.0.wait().map_err(TraceError::Io)?).into());
            }
            let line = line.trim_end();
            let length = line.bytes().next().map_or(0, |digit| digit.wrapping_sub(b'0'));
            sink(word, length, line.get(1..).unwrap_or("").trim_start())?;
        }
        match writer.join() {
            Ok(written) => Ok(written.map_err(TraceError::Io)?),
            Err(_) => Err(TraceError::Malformed("the writer panicked".into()).into()),
        }
    })
}

fn write(stdin: ChildStdin, words: impl Iterator<Item = u32>) -> io::Result<()> {
    let mut stdin = BufWriter::with_capacity(BUFFER, stdin);
    for word in words {
        stdin.write_all(&word.to_le_bytes())?;
    }
    stdin.flush()
}
