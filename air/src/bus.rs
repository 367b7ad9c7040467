//! The buses: named channels on which tables exchange tuples, balanced by LogUp over the whole segment.
//!
//! A *permutation* bus carries facts that are given once and taken once. A *lookup* bus carries questions to a table
//! that answers each as often as it is asked; its multiplicity column is the prover's to choose.

use crate::kind::Kind;

/// One bus: its name in the argument, the width of its tuples and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bus {
    /// Unique name; the argument separates buses by it.
    pub name: &'static str,
    /// Elements of every tuple. One width per bus, so that no tuple is another's prefix.
    pub width: usize,
    /// The table that answers, of a lookup bus.
    pub answers: Option<Kind>,
}

impl Bus {
    /// Whether a table of answers stands behind it.
    pub const fn is_lookup(self) -> bool {
        self.answers.is_some()
    }
}

/// `(pc, clock)`: where the machine is. Taken and given by every instruction.
pub const STATE: Bus = Bus { name: "state", width: 2, answers: None };
/// `(word, time, limb 0..3, is register)`: what a memory word holds since when. Registers are words too, and apart, so that
/// no number of a register, whatever it is, names a word of another kind.
pub const MEMORY: Bus = Bus { name: "memory", width: 7, answers: None };
/// `(level, index, old digest, new digest)`: a node of the memory tree before and after the segment.
pub const NODE: Bus = Bus { name: "node", width: 20, answers: None };
/// The four limbs of the exit code, from the row that halts to the statement.
pub const EXIT: Bus = Bus { name: "exit", width: 4, answers: None };
/// `(pc, next pc, operation, registers, w0..w3)`: a row of the program; see [`crate::rom::registers`].
pub const PROGRAM: Bus = Bus { name: "program", width: 8, answers: Some(Kind::Program) };
/// `(bound, value)`: the value lies in `0..bound`, the bound being a power of two up to 2^16.
pub const RANGE: Bus = Bus { name: "range", width: 2, answers: Some(Kind::Range) };
/// `(a, b, a & b)`: two bytes and their bitwise and.
pub const BYTE: Bus = Bus { name: "byte", width: 3, answers: Some(Kind::Byte) };
/// `(24 inputs, first 9 outputs)` of the Poseidon2 permutation.
pub const POSEIDON2: Bus = Bus { name: "poseidon2", width: 33, answers: Some(Kind::Poseidon2) };

/// Every bus.
pub const ALL: [Bus; 8] = [STATE, MEMORY, NODE, EXIT, PROGRAM, RANGE, BYTE, POSEIDON2];
