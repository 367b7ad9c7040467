//! The program as the proof sees it: every instruction as a row that names an operation of one table and its operands. The
//! verifier derives the same rows from the ELF; they are part of the key.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;

use crate::kind::Kind;
use crate::layout::REGISTER_BITS;

/// One instruction of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RomRow {
    /// Halfword index of the instruction.
    pub pc: u32,
    /// Halfword index of the next instruction in straight line; the target of `jal`; 0 for `jalr`.
    pub next_pc: i64,
    /// The table that executes it.
    pub table: Kind,
    /// Which of the table's operations it is.
    pub flag: u8,
    /// Whether the second operand is the immediate in `w`.
    pub immediate: bool,
    /// Destination register, never 0; the stored register of a store; 0 where nothing is written.
    pub rd: u32,
    /// First source register.
    pub rs1: u32,
    /// Second source register.
    pub rs2: u32,
    /// Words of immediates, as the table wants them; those of loads, stores, `jalr` and `rori` are signed, and a branch
    /// target may lie outside the program, even below it.
    pub w: [i64; 4],
}

impl RomRow {
    /// The number by which the row names its operation.
    pub const fn operation(&self) -> u32 {
        operation(self.table, self.flag, self.immediate)
    }

    /// The immediate that stands in place of rs2.
    pub fn immediate_value(&self) -> u64 {
        self.w.iter().rev().fold(0, |word, &limb| (word << 16) | limb as u64)
    }
}

/// The number of a table's operation. 0 is no operation of any table.
pub const fn operation(table: Kind, flag: u8, immediate: bool) -> u32 {
    (table as u32 + 1) * 64 + flag as u32 * 2 + immediate as u32
}

/// The numbers of registers as one: three digits of six bits.
///
/// Of a row's numbers, which are any, it tells only that they are those of the program if each of them is such a digit. It
/// is, if the row accesses it: there are no registers but those of two pages, 64 words. Where it does not, the row keeps
/// it at 0.
pub fn registers<E: PrimeCharacteristicRing>([rd, rs1, rs2]: [E; 3]) -> E {
    let digit = E::from_u32(1 << REGISTER_BITS);
    (rd * digit.clone() + rs1) * digit + rs2
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

/// The program lowered, with the row of each instruction by halfword index.
#[derive(Clone, Debug)]
pub struct Rom {
    /// The rows in the order of addresses.
    pub rows: Vec<RomRow>,
    by_pc: Vec<u32>,
}

impl Rom {
    /// Takes rows in the order of addresses.
    pub fn from_rows(rows: Vec<RomRow>) -> Self {
        let mut by_pc = vec![u32::MAX; rows.last().map_or(0, |row| row.pc as usize + 1)];
        for (i, row) in rows.iter().enumerate() {
            by_pc[row.pc as usize] = i as u32;
        }
        Self { rows, by_pc }
    }

    /// The index of the row at a halfword index.
    #[inline]
    pub fn row_of(&self, pc: u32) -> Option<usize> {
        let row = *self.by_pc.get(pc as usize)? as usize;
        (row < self.rows.len()).then_some(row)
    }
}
