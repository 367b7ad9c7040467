//! The address space: five regions in 32 bits, nothing else.
//!
//! Input is read-only and holds what the prover put there: a header of [`HEADER_SIZE`] bytes, then the bytes, if it
//! came from a file, and anything else where it did not ([`Input`](crate::Input)). Program holds text and read-only
//! data and is the only region that executes. State mirrors registers for the memory argument of the proof and is
//! out of reach of every load and store. Output has the shape of a
//! file's input and is readable and writable.

/// First address of the input region.
pub const INPUT_BASE: u64 = 0x4000_0000;
/// Bytes of the input region.
pub const INPUT_SIZE: u64 = 1 << 30;
/// First address of the program region.
pub const PROGRAM_BASE: u64 = 0x8000_0000;
/// Bytes of the program region.
pub const PROGRAM_SIZE: u64 = 256 << 20;
/// First address of the machine-state region.
pub const STATE_BASE: u64 = 0x9000_0000;
/// Bytes of the machine-state region.
pub const STATE_SIZE: u64 = 64 << 10;
/// First address of RAM.
pub const RAM_BASE: u64 = 0xa000_0000;
/// Bytes of RAM.
pub const RAM_SIZE: u64 = 1 << 30;
/// First address of the output region.
pub const OUTPUT_BASE: u64 = 0xe000_0000;
/// Bytes of the output region.
pub const OUTPUT_SIZE: u64 = 64 << 20;

/// Bytes before those of a file's input and of the output: their number in eight, little endian, and eight zeros, so
/// that the bytes behind them lie as any type wants to be aligned.
pub const HEADER_SIZE: u64 = 16;
/// The longest file as input in bytes: the region less the header.
pub const MAX_INPUT: u64 = INPUT_SIZE - HEADER_SIZE;
/// The longest output in bytes: the region less the header.
pub const MAX_OUTPUT: u64 = OUTPUT_SIZE - HEADER_SIZE;

/// A system call's number, as the guest puts it into a7.
pub mod syscall {
    /// `write(fd, buf, len)`: to the console when fd is 1 or 2; never faults and returns len. Shown is what can be read
    /// from buf on without a gap, whatever its length; of the rest a line on console 2 says how much it was.
    pub const WRITE: u64 = 64;
    /// `exit(code)`: the run ends.
    pub const EXIT: u64 = 93;
}
