//! Numbers that several tables share: times, words and pages.

use spec_interp::map::{PROGRAM_BASE, PROGRAM_SIZE, STATE_BASE};

/// Time between instructions: four access slots.
pub const CLOCK_STEP: u32 = 4;
/// Clock of the first instruction; time 0 is the opening of a page.
pub const FIRST_CLOCK: u32 = 4;
/// Slot of the read of rs1.
pub const SLOT_RS1: u32 = 0;
/// Slot of the read of rs2.
pub const SLOT_RS2: u32 = 1;
/// Slot of the access of memory.
pub const SLOT_MEMORY: u32 = 2;
/// Slot of the write of rd.
pub const SLOT_RD: u32 = 3;

/// Register accesses lie at most this far apart; a refresh bridges longer gaps.
pub const REGISTER_GAP: u32 = 1 << 16;
/// All times lie below this bound.
pub const TIME_BOUND: u32 = 1 << 26;
/// Instructions of one segment.
pub const MAX_INSTRUCTIONS: u64 = 1 << 22;

/// Index of the memory word that holds register 0; a word is an aligned doubleword, its index the address over 8.
pub const REGISTERS_WORD: u32 = (STATE_BASE >> 3) as u32;
/// Register number that takes writes to x0.
pub const SINK: u32 = 32;
/// Register number of the reservation: 0, or an address plus 2^32 times a width.
pub const RESERVATION: u32 = 33;
/// Number of registers, the sink and the reservation included: more than a page has words, so they lie in two.
pub const REGISTERS: usize = 34;

/// Bits of a register's number.
pub const REGISTER_BITS: u32 = 6;
/// Number of the first of the two pages that hold registers; it is even, and its first word is register 0.
pub const REGISTERS_PAGE: u32 = REGISTERS_WORD / PAGE_WORDS as u32;
const _: () = assert!(REGISTERS <= 1 << REGISTER_BITS && 1 << REGISTER_BITS == 2 * PAGE_WORDS);
const _: () = assert!(REGISTERS_WORD.is_multiple_of(1 << REGISTER_BITS));

/// Words of a page of the memory tree: 256 bytes.
pub const PAGE_WORDS: usize = 32;
/// Levels between the pages and the root: 2^32 bytes are 2^24 pages.
pub const TREE_DEPTH: u32 = 24;

/// Halfword index of an address of the program region; [`NO_PC`] for addresses outside it, where nothing executes.
pub const fn pc_index(address: u64) -> u32 {
    match address.checked_sub(PROGRAM_BASE) {
        Some(offset) if offset < PROGRAM_SIZE => (offset >> 1) as u32,
        _ => NO_PC,
    }
}

/// Address of a halfword index.
pub const fn pc_address(index: u32) -> u64 {
    PROGRAM_BASE + 2 * index as u64
}

/// The pc of a machine that has halted: no jump or branch reaches it, since offsets are below 2^20, the program below
/// 2^27 halfwords, and what `jalr` adds is held to the program.
pub const HALTED_PC: u32 = 1 << 30;
/// The pc of rows of the program table that hold no instruction.
pub const NO_PC: u32 = HALTED_PC + 1;

/// Elements of a digest.
pub const DIGEST: usize = 9;

/// The height of the lowest tables.
pub const MIN_HEIGHT: usize = 64;

/// The height of a table with `rows` rows in use: a power of two, at least [`MIN_HEIGHT`].
pub const fn height(rows: usize) -> usize {
    let rows = if rows < MIN_HEIGHT { MIN_HEIGHT } else { rows };
    rows.next_power_of_two()
}
