//! Numbers and addresses at which something changes, for tests of this crate and of others.

use spec_interp::map::{
    INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE, STATE_BASE, STATE_SIZE,
};

/// Operands at which carries, signs, word widths and special cases change, two patterns and an arbitrary one.
pub const BOUNDARY: [u64; 16] = [
    0,
    1,
    2,
    u64::MAX,              // -1
    u64::MAX - 1,          // -2
    0x8000_0000_0000_0000, // the least
    0x8000_0000_0000_0001,
    0x7fff_ffff_ffff_ffff, // the greatest
    0x0000_0000_7fff_ffff, // the greatest word
    0x0000_0000_8000_0000,
    0x0000_0000_ffff_ffff,
    0x0000_0001_0000_0000,
    0xffff_ffff_8000_0000, // the least word
    0x5555_5555_5555_5555,
    0xaaaa_aaaa_aaaa_aaaa,
    0x0123_4567_89ab_cdef,
];

/// Addresses where something begins or is just over: the regions of the map, a page of RAM, what 32 bits hold.
pub const EDGES: [u64; 13] = [
    0,
    INPUT_BASE,
    PROGRAM_BASE,
    PROGRAM_BASE + PROGRAM_SIZE,
    STATE_BASE + STATE_SIZE,
    RAM_BASE,
    RAM_BASE + 0x1000,
    RAM_BASE + RAM_SIZE,
    OUTPUT_BASE + OUTPUT_SIZE,
    1 << 32,
    RAM_BASE + (1 << 32),
    RAM_BASE | 0xffff_ffff << 32,
    1 << 63,
];
