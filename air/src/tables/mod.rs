//! The tables: one per family of instructions, then the shared ones.

pub mod amo;
pub mod arith;
pub mod bits;
pub mod branch;
pub mod byte;
pub mod compare;
pub mod count_zeros;
pub mod counter;
pub mod div;
pub mod jump;
pub mod logic;
pub mod memory_misaligned;
pub mod memory_sub;
pub mod memory_word;
pub mod mul;
pub mod mulh;
pub mod node;
pub mod page;
pub mod poseidon2;
pub mod program;
pub mod range;
pub mod refresh;
pub mod reservation;
pub mod segment;
pub mod shift;
pub mod shift_add;
pub mod shift_imm;
pub mod shift_word;
pub mod single_bit;
pub mod system;

use crate::rom::RomRow;

/// Names the tables, in the order in which a proof lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Addition and subtraction.
    Arith,
    /// Sums of a shifted word and another.
    ShiftAdd,
    /// Bitwise operations.
    Logic,
    /// Operations on one bit.
    SingleBit,
    /// Zeros above the highest one and below the lowest.
    CountZeros,
    /// Operations on one word bit by bit.
    Bits,
    /// Shifts by a register.
    Shift,
    /// Shifts of 64 bits by a constant.
    ShiftImm,
    /// Shifts of 32 bits by a constant.
    ShiftWord,
    /// Comparisons into a register.
    Compare,
    /// Low products.
    Mul,
    /// High products.
    Mulh,
    /// Quotients and remainders.
    Div,
    /// Conditional branches.
    Branch,
    /// Jumps with link.
    Jump,
    /// Loads and stores of words and doublewords.
    MemoryWord,
    /// Loads and stores of bytes and halfwords.
    MemorySub,
    /// Loads and stores that are not naturally aligned.
    MemoryMisaligned,
    /// Atomics that read, compute and write.
    Amo,
    /// Loads that reserve and stores that need it.
    Reservation,
    /// Reads of the counter of instructions.
    Counter,
    /// System calls.
    System,
    /// Registers passed on to a later time.
    Refresh,
    /// Pages of memory, opened and closed.
    Page,
    /// Nodes of the memory tree.
    Node,
    /// Permutations.
    Poseidon2,
    /// The program.
    Program,
    /// Ranges of powers of two.
    Range,
    /// Bitwise operations on bytes.
    Byte,
    /// The statement: where the segment starts and ends.
    Segment,
}

impl Kind {
    /// Every table.
    pub const ALL: [Self; 30] = [
        Self::Arith,
        Self::ShiftAdd,
        Self::Logic,
        Self::SingleBit,
        Self::CountZeros,
        Self::Bits,
        Self::Shift,
        Self::ShiftImm,
        Self::ShiftWord,
        Self::Compare,
        Self::Mul,
        Self::Mulh,
        Self::Div,
        Self::Branch,
        Self::Jump,
        Self::MemoryWord,
        Self::MemorySub,
        Self::MemoryMisaligned,
        Self::Amo,
        Self::Reservation,
        Self::Counter,
        Self::System,
        Self::Refresh,
        Self::Page,
        Self::Node,
        Self::Poseidon2,
        Self::Program,
        Self::Range,
        Self::Byte,
        Self::Segment,
    ];

    /// The tables whose rows are instructions.
    pub fn instructions() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|kind| *kind < Self::Refresh)
    }

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arith => "arith",
            Self::ShiftAdd => "shift_add",
            Self::Logic => "logic",
            Self::SingleBit => "single_bit",
            Self::CountZeros => "count_zeros",
            Self::Bits => "bits",
            Self::Shift => "shift",
            Self::ShiftImm => "shift_imm",
            Self::ShiftWord => "shift_word",
            Self::Compare => "compare",
            Self::Mul => "mul",
            Self::Mulh => "mulh",
            Self::Div => "div",
            Self::Branch => "branch",
            Self::Jump => "jump",
            Self::MemoryWord => "memory_word",
            Self::MemorySub => "memory_sub",
            Self::MemoryMisaligned => "memory_misaligned",
            Self::Amo => "amo",
            Self::Reservation => "reservation",
            Self::Counter => "counter",
            Self::System => "system",
            Self::Refresh => "refresh",
            Self::Page => "page",
            Self::Node => "node",
            Self::Poseidon2 => "poseidon2",
            Self::Program => "program",
            Self::Range => "range",
            Self::Byte => "byte",
            Self::Segment => "segment",
        }
    }

    /// The registers that a row of an instruction table accesses.
    pub const fn accesses(self, row: &RomRow) -> RegisterAccesses {
        let (rs1, rs2, rd) = match self {
            Self::Arith | Self::Logic | Self::Shift | Self::Compare | Self::Mul | Self::Mulh | Self::Div => {
                (true, !row.immediate, true)
            }
            Self::ShiftAdd | Self::SingleBit | Self::Amo | Self::Reservation => (true, !row.immediate, true),
            Self::CountZeros
            | Self::Bits
            | Self::ShiftImm
            | Self::ShiftWord
            | Self::MemoryWord
            | Self::MemorySub
            | Self::MemoryMisaligned => (true, false, true),
            Self::Counter => (false, false, true),
            Self::Branch => (true, true, false),
            Self::Jump => (row.flag == 1, false, true),
            Self::System => (true, true, true),
            Self::Refresh
            | Self::Page
            | Self::Node
            | Self::Poseidon2
            | Self::Program
            | Self::Range
            | Self::Byte
            | Self::Segment => (false, false, false),
        };
        RegisterAccesses { rs1, rs2, rd }
    }
}

/// Which registers a row accesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterAccesses {
    /// Reads rs1.
    pub rs1: bool,
    /// Reads rs2.
    pub rs2: bool,
    /// Writes rd, or for a store reads it in its slot.
    pub rd: bool,
}

/// The height of a table with `rows` rows in use: a power of two, at least 32.
pub const fn height(rows: usize) -> usize {
    let rows = if rows < 32 { 32 } else { rows };
    rows.next_power_of_two()
}
