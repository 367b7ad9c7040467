//! The four programs of `zisk bench exec`, written once and compiled both as guests and natively.
//!
//! Each is a function from a parameter, which says how much work there is, to a checksum that depends on all of it, so
//! that no work can be left out and the two runs can be compared. None may be inlined into its caller, which can be
//! compiled for another processor than the one that the comparison is about.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod mix;
mod quicksort;
mod random;
mod registers;
mod sha256;

/// A program and the work that it is measured on.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// Its name on command lines.
    pub name: &'static str,
    /// A parameter that takes a guest about 10^9 instructions.
    pub parameter: u64,
    /// The program: from a parameter to a checksum.
    pub run: fn(u64) -> u64,
}

/// So many steps of shifts, sums and comparisons over registers.
pub const LOOP: Workload = Workload { name: "loop", parameter: 50_000_000, run: registers::register_loop };
/// The SHA-256 of so many blocks, in software.
pub const SHA256: Workload = Workload { name: "sha256", parameter: 202_500, run: sha256::sha256 };
/// So many words sorted.
pub const QUICKSORT: Workload = Workload { name: "quicksort", parameter: 4 << 20, run: quicksort::quicksort };
/// So many rounds of a matrix product, 128-bit multiplications, byte histograms, calls and divisions.
pub const MIX: Workload = Workload { name: "mix", parameter: 5_880, run: mix::mix };

/// All of them.
pub const ALL: [Workload; 4] = [LOOP, SHA256, QUICKSORT, MIX];

impl Workload {
    /// What the guest does: the input is the parameter, as 8 bytes, little endian, and anything else means the default;
    /// the output is the checksum, likewise.
    pub fn answer(&self, input: &[u8]) -> [u8; 8] {
        let parameter = input.try_into().map_or(self.parameter, u64::from_le_bytes);
        (self.run)(parameter).to_le_bytes()
    }
}
