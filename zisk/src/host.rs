//! What the system refuses, told where it would else end the process without a word. Memory: below a limit of address space
//! (`ulimit -v`) any allocation may be the one that fails, in any library, where Rust's own would abort; here it is a line
//! and exit code 2. The size of files (`ulimit -f`): a signal, without which writing gives an error.
#![allow(unsafe_code)]

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::UNUSABLE;

/// Whether a failure is an object on standard output.
static JSON: AtomicBool = AtomicBool::new(false);

/// Sees to it that refusals can be told, as `--json` tells failures if that is asked for.
pub fn prepare(json: bool) {
    #[cfg(unix)]
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
    JSON.store(json, Ordering::Relaxed);
}

/// Ends the process, without taking memory or a lock for it: this may be the middle of anything, in any thread.
#[cold]
pub fn refuse(size: usize) -> ! {
    const WHY: &str = "more of memory, which the system refuses; free some, or raise the limit (`ulimit -v` shows it)";
    static IS_TOLD: AtomicBool = AtomicBool::new(false);
    let is_json = JSON.load(Ordering::Relaxed);
    let mut line = [0; 256];
    let mut rest = line.as_mut_slice();
    // The line is shorter than that.
    let _ = if is_json {
        writeln!(rest, "{{\"error\":\"the command needs {size} bytes {WHY}\"}}")
    } else {
        writeln!(rest, "zisk: error: the command needs {size} bytes {WHY}")
    };
    let left = rest.len();
    if !IS_TOLD.swap(true, Ordering::SeqCst) {
        tell(&line[..line.len() - left], is_json);
    }
    // Of several threads that are refused one tells, and has ended the process by then or is about to.
    loop {
        std::thread::park();
    }
}

/// Writes to standard output or standard error, and ends the process.
#[cfg(unix)]
fn tell(line: &[u8], is_json: bool) -> ! {
    // SAFETY: the bytes are there, and neither call takes memory or runs what was to be run at the end.
    unsafe {
        libc::write(if is_json { 1 } else { 2 }, line.as_ptr().cast(), line.len());
        libc::_exit(UNUSABLE.into())
    }
}

/// Writes to standard output or standard error, and ends the process.
#[cfg(not(unix))]
fn tell(line: &[u8], is_json: bool) -> ! {
    let _ = if is_json { std::io::stdout().write_all(line) } else { std::io::stderr().write_all(line) };
    std::process::exit(UNUSABLE.into())
}
