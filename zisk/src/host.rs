//! What the system refuses, told where it would else end the process without a word. Memory: below a limit of address space
//! (`ulimit -v`) any allocation may be the one that fails, in any library, where Rust's own would abort; here it is a line
//! and exit code 2. The size of files (`ulimit -f`): a signal, without which writing gives an error.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::UNUSABLE;

/// The system's allocator, which never returns without memory.
pub struct Insisting;

#[global_allocator]
static ALLOCATOR: Insisting = Insisting;

/// Whether a failure is an object on standard output.
static JSON: AtomicBool = AtomicBool::new(false);

/// Sees to it that refusals can be told, as `--json` tells failures if that is asked for: standard output takes memory when it
/// is used first.
pub fn prepare(json: bool) {
    let _ = std::io::stdout();
    #[cfg(unix)]
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
    JSON.store(json, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came, and what that returns comes back as it is, except null, on
// which the process ends.
unsafe impl GlobalAlloc for Insisting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        given(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        given(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn given(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() {
        refuse(size);
    }
    memory
}

/// Ends the process, without taking memory for it.
#[cold]
fn refuse(size: usize) -> ! {
    const WHY: &str = "more of memory, which the system refuses; free some, or raise the limit (`ulimit -v` shows it)";
    let _ = if JSON.load(Ordering::Relaxed) {
        writeln!(std::io::stdout(), "{{\"error\":\"the command needs {size} bytes {WHY}\"}}")
    } else {
        writeln!(std::io::stderr(), "zisk: error: the command needs {size} bytes {WHY}")
    };
    std::process::exit(UNUSABLE.into())
}
