//! Writes every case that must exit as an ELF file: `cargo run -p riscv-tests --example elfs -- DIRECTORY`.
//!
//! The files run on this project's machine. Most also run on a simulator of Linux programs, which sees the low byte of
//! the exit code only; for that `--scratch` adds memory at the ends of all regions, where it can be written.

use std::error::Error;
use std::path::PathBuf;

use riscv_tests::boundary::boundary_cases;
use riscv_tests::{Expectation, cases, elf};
use spec_interp::LoadSegment;
use spec_interp::map::{OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, STATE_BASE};

/// Bytes of memory added at each end.
const SCRATCH: u64 = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("usage: elfs DIRECTORY [--scratch]")?);
    let scratch = arguments.next().is_some_and(|argument| argument == "--scratch");
    std::fs::create_dir_all(&directory)?;
    for case in [cases(), boundary_cases()].into_iter().flatten() {
        let Expectation::Exit(code) = case.expect else {
            continue;
        };
        let mut segments = case.program.segments().to_vec();
        if scratch {
            let ram = segments.iter().position(|segment| segment.writable).map(|at| segments.remove(at).bytes);
            for (base, bytes) in [
                (PROGRAM_BASE - SCRATCH, vec![]),
                (STATE_BASE - SCRATCH, vec![]),
                (RAM_BASE, ram.unwrap_or_default()),
                (OUTPUT_BASE - SCRATCH, vec![]),
                (OUTPUT_BASE, vec![]),
                (OUTPUT_BASE + OUTPUT_SIZE - SCRATCH, vec![]),
            ] {
                segments.push(LoadSegment { base, bytes, size: SCRATCH, executable: false, writable: true });
            }
            segments.sort_by_key(|segment| segment.base);
        }
        let name = format!("{}.{code:x}.elf", case.name.replace('/', "_"));
        std::fs::write(directory.join(name), elf::write(case.program.entry, &segments))?;
    }
    Ok(())
}
