//! Forgers of addresses and times, against the tables of loads and stores.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use spec_interp::Op;

use super::samples::{said, width, wrong};
use super::{Memory, check_gap};
use crate::F;
use crate::check::mutation::locally_invalid;
use crate::check::samples::{Sample, Samples, columns};
use crate::check::small::{Cell, Symbolic, World};
use crate::columns::Columns;
use crate::emit::constant;
use crate::event::limbs;
use crate::kind::Kind;
use crate::layout::REGISTERS_WORD;
use crate::table::Table;
use crate::tables::memory_word::MemoryWord;

const OPS: [Op; 6] = [Op::Ld, Op::Lwu, Op::Lb, Op::Sd, Op::Sw, Op::Sh];
const ATOMICS: [Op; 5] = [Op::LrW, Op::ScD, Op::AmoswapW, Op::AmoaddD, Op::AmomaxuW];

fn access(op: Op, address: u64, imm: i64) -> Samples {
    let sample = Sample::access(op, address, imm, 1, 2);
    Samples::new(sample.table(), [sample])
}

/// Whether a row for the access exists, whatever regions it claims and whatever it says the address carries.
fn has_row(op: Op, address: u64, imm: i64) -> bool {
    let samples = access(op, address, imm);
    let regions = columns(samples.kind, &["memory.is_input", "memory.is_program", "memory.is_output"]);
    let (carry, honest) = (columns(samples.kind, &["rs1.carry"])[0], samples.trace());
    (0..8).any(|claimed| {
        (-2..=2).any(|claim| {
            let mut cells = honest.values[..honest.width].to_vec();
            (0..3).for_each(|i| cells[regions[i]] = F::from_bool(claimed >> i & 1 == 1));
            cells[carry] = F::from_i64(claim);
            !locally_invalid(&Table::new(samples.kind), &cells, &samples.rom)
        })
    })
}

#[test]
fn registers_and_gaps_are_out_of_reach() {
    let registers = (0..64).map(|register| 0x9000_0000 + 8 * register);
    let borders = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0x9001_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000, 1 << 32];
    let around = borders.into_iter().flat_map(|border| [border - 8, border]);
    let legal = |address: u64, is_store: bool| {
        let writable = (0xa000_0000..0xe400_0000).contains(&address);
        writable || !is_store && (0x4000_0000..0x9000_0000).contains(&address)
    };
    for address in registers.chain(around).chain([0, 0x2000_0000, 0x2fff_fff8, 0x6000_0000, 0xc000_0000]) {
        for op in OPS {
            let is_store = matches!(op, Op::Sd | Op::Sw | Op::Sh);
            for imm in [-2048, 0, 2047] {
                let at = address + 8 - width(op);
                assert_eq!(has_row(op, at, imm), legal(at, is_store), "{op} at {at:#x}, immediate {imm}");
            }
        }
    }
}

#[test]
fn fractions_of_regions_do_not_reach_the_registers() {
    let samples = access(Op::Ld, 0x9000_0000, 0);
    let mut row = MemoryWord::fill(&samples.event(0));
    assert_eq!(samples.complaints(&row), ["range"]);
    // A sixth of the input's flag moves the base of RAM, and nothing else, from 0xa000 to 0x9000.
    row.memory.is_input = F::from_u32(6).inverse();
    let wrong = ["region is boolean", "at most one region"];
    assert_eq!(samples.complaints(&row), wrong);
    row.memory.is_input = F::ZERO;
    // Program and output in such parts that base and size are 0x9000 and 0x1000.
    let [a, b, c, d] = [0x3000, 0x3c00, 0x2000, -0x4000].map(F::from_i64);
    let by = (a * d - b * c).inverse();
    let (size, base) = (F::from_u32(0x3000), F::from_u32(0x1000));
    (row.memory.is_program, row.memory.is_output) = ((size * d - b * base) * by, (a * base - size * c) * by);
    assert_eq!(samples.complaints(&row), wrong);
}

#[test]
fn a_carry_round_the_field_is_caught() {
    // 2^16 * 0x7f00 = p - 1: with that as the carry, 0x2100_0007 would become 0xa000_0008.
    let sample = Sample::access(Op::Ld, 0x2100_0007, 0, 1, 2);
    let found = wrong(Kind::MemoryWord, sample, |row: &mut MemoryWord<F>| {
        row.rs1.carry = F::from_u32(0x7f00);
        row.memory.index = F::ONE;
    });
    assert_eq!(found, ["address: carry is -1, 0 or 1"]);
}

#[test]
fn a_base_above_32_bits_is_not_taken() {
    for op in OPS {
        for above in [1 << 32, 1 << 48, 1 << 63] {
            let samples = access(op, 0xa000_0000 + above, 0);
            let value = limbs(samples.list[0].rs1);
            let said = said(&Table::new(samples.kind), &samples.trace(), 0);
            assert!(
                said.iter().all(|(_, tuple, _)| tuple[0] != F::from_u32(REGISTERS_WORD + 6) || tuple[2..] != value)
            );
        }
    }
}

#[test]
fn a_gap_is_positive_and_short() {
    for op in OPS.into_iter().chain(ATOMICS) {
        let samples = access(op, 0xa000_0000, 0);
        let names = samples.kind.column_names();
        let rejected = |changes: &[(&str, F)]| {
            let mut cells = samples.trace().values[..names.len()].to_vec();
            for (name, value) in changes {
                cells[columns(samples.kind, &[name])[0]] = *value;
            }
            locally_invalid(&Table::new(samples.kind), &cells, &samples.rom)
        };
        let time = F::from_u32(samples.event(0).clock);
        assert!(!rejected(&[]));
        // A read that takes the very tuple it gives, one from the future, or one that is too long ago.
        for (register, slot) in [("rs1.prev", 0), ("rs2.prev", 1), ("data.prev", 3), ("rd.prev", 3)] {
            if names.iter().any(|name| name == register) {
                let slot = time + F::from_u32(slot);
                assert!(
                    !rejected(&[(register, slot - F::ONE)]) && !rejected(&[(register, slot - F::from_u32(1 << 16))])
                );
                for taken in [slot, slot + F::ONE, slot - F::from_u32((1 << 16) + 1)] {
                    assert!(rejected(&[(register, taken)]), "{op} {register}");
                }
            }
        }
        assert!(rejected(&[("memory.prev", time + F::TWO), ("memory.gap_high", F::ZERO)]));
        assert!(rejected(&[("memory.prev", time + F::TWO), ("memory.gap_high", -F::ONE)]));
        // A gap of 2^25 or more in its upper part alone.
        let long = time + F::ONE - F::from_u32(1 << 25);
        assert!(rejected(&[("memory.prev", long), ("memory.gap_high", F::from_u32(1 << 9))]));
        assert!(!rejected(&[("memory.prev", long + F::ONE), ("memory.gap_high", F::from_u32((1 << 9) - 1))]));
    }
}

/// The constraints that the row of an access violates once a cell of it is forged.
fn violated(op: Op, column: &str, value: F) -> Vec<String> {
    let samples = access(op, 0xa000_0000, 0);
    let mut trace = samples.trace();
    trace.values[columns(samples.kind, &[column])[0]] = value;
    let report = crate::check::evaluate(&Table::new(samples.kind), &trace, 0, &[]);
    let names = crate::check::names(samples.kind).constraints;
    report.violated.iter().map(|&i| names[i].clone()).collect()
}

#[test]
fn regions_and_carries_are_whole_in_every_table() {
    let part = F::from_u32(6).inverse();
    for op in OPS.into_iter().chain(ATOMICS) {
        for region in ["memory.is_input", "memory.is_program", "memory.is_output"] {
            let found = violated(op, region, part);
            assert_eq!(found[..2], ["region is boolean", "at most one region"], "{op} {region}");
        }
        for carry in [F::TWO, -F::TWO, F::from_u32(0x7f00)] {
            assert_eq!(violated(op, "rs1.carry", carry), ["address: carry is -1, 0 or 1"], "{op}");
        }
    }
}

/// Also an `sc` without a reservation, which would write nothing.
#[test]
fn atomics_that_write_reach_ram_and_output_only() {
    let registers = (0..64).map(|register| 0x9000_0000 + 8 * register);
    let ends = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000, 1 << 32];
    for address in registers.chain(ends.into_iter().flat_map(|end| [end - 8, end])).chain([0, 0xc000_0000]) {
        let is_writable = (0xa000_0000..0xe400_0000).contains(&address);
        let is_readable = is_writable || (0x4000_0000..0x9000_0000).contains(&address);
        for op in [Op::LrW, Op::LrD] {
            assert_eq!(has_row(op, address, 0), is_readable, "{op} at {address:#x}");
        }
        for op in [Op::ScW].into_iter().chain(ATOMICS).filter(|op| *op != Op::LrW) {
            assert_eq!(has_row(op, address, 0), is_writable, "{op} at {address:#x}");
        }
    }
}

/// With parts of two and three bits: every previous time that the field has, given the time. Each has one upper part.
#[test]
fn small_gaps_are_positive_and_have_one_upper_part() {
    // The index, which an access has no other use for here, stands for its time.
    let cells = Memory { index: Cell::Given, ..Memory::default() };
    let world = World::new(2, &cells, |e, row: &Memory<_>| {
        let gap = row.index - row.prev - constant::<Symbolic>(1);
        check_gap(e, [2, 3], gap, row.gap_high, &constant::<Symbolic>(1));
    });
    for time in (0..70).map(F::from_u32).chain([F::NEG_ONE]) {
        let rows = world.fillings(&[time]);
        let mut gaps: Vec<_> = rows.iter().map(|row| time - Memory::from_row(row).prev).collect();
        gaps.sort_unstable_by_key(F::as_canonical_u32);
        assert_eq!(gaps, (1..=32).map(F::from_u32).collect::<Vec<_>>());
    }
}
