//! Addresses: a register plus an immediate, the word of memory there, and the accesses of a load or store.
//!
//! # Assumes
//! Registers and words are four 16-bit limbs, because every word ever written was checked. The row's immediate, which
//! the caller binds to the program row, lies in `-2048..2048`. Where `is_real` is 1, `offset` lies in `0..8`.
//!
//! # Constrains
//! Over the integers, `rs1 + imm = 2^16 high + low` with `low = 8 index + offset` in `0..2^16` and `high` in one of the
//! map's regions, for a store a writable one. No legal address is within 2048 of 0 or 2^32, so the upper limbs of rs1
//! are zero and nothing wraps: an address at or above 2^32, or in a gap of the map, has no row. Above all the words
//! that hold the registers are out of reach.
//!
//! # Degree
//! 3.

pub mod next;
#[cfg(test)]
pub mod samples;
#[cfg(test)]
mod tests;

use p3_field::PrimeCharacteristicRing;
use spec_interp::map;

use crate::F;
use crate::bus::MEMORY;
use crate::columns;
use crate::cpu::{Cpu, ProgramRow, Write};
use crate::emit::{Builder, Emitter, constant, padded};
use crate::event::{Event, limbs};
use crate::layout::{REGISTER_GAP, REGISTERS_WORD, SLOT_MEMORY, SLOT_RD, SLOT_RS1};

columns! {
    /// A register that an address starts from.
    pub struct Base {
        /// Register number, from the program row.
        reg,
        /// Limbs 0 and 1 of the value; limbs 2 and 3 are zero.
        value: [2],
        /// Time of the previous access.
        prev,
        /// What `value[0] + imm` carries into limb 1: -1, 0 or 1.
        carry,
    }
}

columns! {
    /// The aligned word of memory that a load or store accesses.
    pub struct Memory {
        /// Low 13 bits of the index of the word: bits 3 to 15 of the address; free on padding rows.
        index,
        /// Iff the word lies in the input; free on padding rows, as the other two.
        is_input,
        /// Iff the word lies in the program.
        is_program,
        /// Iff the word lies in the output; if in none of the three, it lies in RAM.
        is_output,
        /// Its contents before.
        old: [4],
        /// Time of the previous access; 0 is the opening of the page.
        prev,
        /// The gap to the previous access, less one, without its low 16 bits.
        gap_high,
    }
}

/// A region as limb 1 of an address sees it: its first value and how many there are, a power of two.
struct Region {
    base: u32,
    size: u32,
}

impl Region {
    const fn new(base: u64, size: u64) -> Self {
        let limb = LIMB as u64;
        assert!(base.is_multiple_of(limb) && size.is_multiple_of(limb), "regions consist of 64 KiB blocks");
        let region = Self { base: (base >> 16) as u32, size: (size >> 16) as u32 };
        assert!(region.size.is_power_of_two() && region.size <= LIMB, "a region is one range check");
        assert!(base >= 2 * MAX_IMMEDIATE && base + size + MAX_IMMEDIATE <= 1 << 32, "its addresses never wrap");
        region
    }

    const fn contains(&self, high: u32) -> bool {
        high.wrapping_sub(self.base) < self.size
    }
}

const LIMB: u32 = 1 << 16;
/// No immediate is farther from zero.
const MAX_IMMEDIATE: u64 = 2048;
/// Bits of a memory gap's lower and upper part; gaps reach 2^25, which is longer than a segment.
const GAP_BITS: [u32; 2] = [16, 9];
/// Words whose addresses agree in limb 1.
const WORDS_PER_LIMB: u32 = 1 << 13;

const INPUT: Region = Region::new(map::INPUT_BASE, map::INPUT_SIZE);
const PROGRAM: Region = Region::new(map::PROGRAM_BASE, map::PROGRAM_SIZE);
const RAM: Region = Region::new(map::RAM_BASE, map::RAM_SIZE);
const OUTPUT: Region = Region::new(map::OUTPUT_BASE, map::OUTPUT_SIZE);

impl Base<F> {
    /// The cells of an instruction that adds `imm` to rs1.
    pub fn fill(event: &Event, imm: i64) -> Self {
        let high = |word: u64| (word >> 16) as i64;
        let [low_limb, high_limb, ..] = limbs(event.rs1);
        Self {
            reg: F::from_u32(event.row.rs1),
            value: [low_limb, high_limb],
            prev: F::from_u32(event.rs1_prev),
            carry: F::from_i64(high(event.rs1.wrapping_add_signed(imm)).wrapping_sub(high(event.rs1))),
        }
    }
}

impl Memory<F> {
    /// The cells of a load or store.
    pub fn fill(event: &Event) -> Self {
        let high = event.word / WORDS_PER_LIMB;
        Self {
            index: F::from_u32(event.word % WORDS_PER_LIMB),
            is_input: F::from_bool(INPUT.contains(high)),
            is_program: F::from_bool(PROGRAM.contains(high)),
            is_output: F::from_bool(OUTPUT.contains(high)),
            old: limbs(event.mem_old),
            prev: F::from_u32(event.mem_prev),
            gap_high: F::from_u32((event.clock + SLOT_MEMORY - event.mem_prev - 1) >> 16),
        }
    }
}

/// The effective address of a load or store.
pub fn effective(event: &Event) -> u64 {
    event.rs1.wrapping_add_signed(event.row.w[0])
}

/// [`Emitter::instruction`] with an address: of the number of an operation and an immediate, and of a base, which is
/// read, the number of rs2 or zero, and a data register.
pub fn instruction<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    cpu: &Cpu<AB::Var>,
    (operation, imm): (AB::Expr, AB::Expr),
    (base, rs2, data): (&Base<AB::Var>, AB::Expr, &Write<AB::Var>),
    is_real: &AB::Expr,
) {
    let row = ProgramRow { operation, rd: data.reg.into(), rs1: base.reg.into(), rs2, w: padded([imm]) };
    e.instruction(cpu, row, is_real);
    read_base(e, cpu.clock, base, is_real);
}

/// Reads the register in the slot of rs1, on `count` (0 or 1) rows.
pub fn read_base<AB: Builder>(e: &mut Emitter<'_, AB>, clock: AB::Var, base: &Base<AB::Var>, count: &AB::Expr) {
    let value = padded(base.value.map(Into::into));
    e.read(base.reg, clock + F::from_u32(SLOT_RS1), base.prev, value, count);
}

/// The immediate that makes `low` limb 0 of the address, and limb 1 of that address.
///
/// The caller binds the immediate and keeps `low` in `0..2^16`; as all are small, the sum then holds over the integers
/// and the carry is unique.
pub fn immediate_and_high<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    base: &Base<AB::Var>,
    low: AB::Expr,
) -> (AB::Expr, AB::Expr) {
    let carry: AB::Expr = base.carry.into();
    e.zero("address: carry is -1, 0 or 1", carry.clone() * (carry.square() - AB::Expr::ONE));
    (low + carry.clone() * F::from_u32(LIMB) - base.value[0].into(), carry + base.value[1])
}

/// The immediate and the index of the word of an access at `offset` in its word, which `is_store` may reach.
pub fn locate<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    base: &Base<AB::Var>,
    memory: &Memory<AB::Var>,
    offset: AB::Expr,
    is_store: &AB::Expr,
    is_real: &AB::Expr,
) -> (AB::Expr, AB::Expr) {
    let (imm, high) = immediate_and_high(e, base, memory.index * F::from_u32(8) + offset);
    e.range(constant::<AB>(WORDS_PER_LIMB), memory.index, is_real.clone());

    let is_read_only: AB::Expr = memory.is_input + memory.is_program;
    let not_ram = is_read_only.clone() + memory.is_output;
    e.booleans("region is boolean", [memory.is_input, memory.is_program, memory.is_output]);
    e.boolean("at most one region", not_ram);
    e.zero_when("stores reach RAM and output only", is_store.clone(), is_read_only);
    let (size, base) = (of_region::<AB>(memory, |region| region.size), of_region::<AB>(memory, |region| region.base));
    e.range(size, high.clone() - base, is_real.clone());
    (imm, high * F::from_u32(WORDS_PER_LIMB) + memory.index)
}

/// A number of the region that the flags choose.
fn of_region<AB: Builder>(memory: &Memory<AB::Var>, number: fn(&Region) -> u32) -> AB::Expr {
    let flags = [(memory.is_input, INPUT), (memory.is_program, PROGRAM), (memory.is_output, OUTPUT)];
    let ram = F::from_u32(number(&RAM));
    flags.into_iter().fold(ram.into(), |sum, (flag, region)| sum + flag * (F::from_u32(number(&region)) - ram))
}

/// Checks that a memory word's gap, the time of an access less that of the previous one less 1, has a lower and an upper
/// part of so many bits: with [`GAP_BITS`] that it lies below 2^25.
fn check_gap<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    [low, high]: [u32; 2],
    gap: AB::Expr,
    gap_high: AB::Var,
    count: &AB::Expr,
) {
    e.range(constant::<AB>(1 << low), gap - gap_high * F::from_u32(1 << low), count.clone());
    e.range(constant::<AB>(1 << high), gap_high, count.clone());
}

/// The two accesses of a load or store: the word of memory and the data register, each from old to new.
pub fn access<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    clock: AB::Var,
    (word, memory, new_word): (AB::Expr, &Memory<AB::Var>, [AB::Expr; 4]),
    (data, new_data): (&Write<AB::Var>, [AB::Expr; 4]),
    is_real: &AB::Expr,
) {
    let (memory_time, data_time) = (clock + F::from_u32(SLOT_MEMORY), clock + F::from_u32(SLOT_RD));
    check_gap(e, GAP_BITS, memory_time.clone() - memory.prev - AB::Expr::ONE, memory.gap_high, is_real);
    e.range(constant::<AB>(REGISTER_GAP), data_time.clone() - data.prev - AB::Expr::ONE, is_real.clone());

    let register = (data.reg + F::from_u32(REGISTERS_WORD), true);
    let word = (word, false);
    let tuple = |(word, is_register): &(AB::Expr, bool), time: AB::Expr, [v0, v1, v2, v3]: [AB::Expr; 4]| {
        [word.clone(), time, v0, v1, v2, v3, AB::Expr::from_bool(*is_register)]
    };
    e.take(MEMORY, tuple(&word, memory.prev.into(), memory.old.map(Into::into)), is_real.clone());
    e.take(MEMORY, tuple(&register, data.prev.into(), data.old.map(Into::into)), is_real.clone());
    e.give(MEMORY, tuple(&word, memory_time, new_word), is_real.clone());
    e.give(MEMORY, tuple(&register, data_time, new_data), is_real.clone());
}
