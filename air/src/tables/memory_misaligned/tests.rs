//! Honest rows at every offset and at every edge, and forgers of seams between two words.

use p3_field::Field;

use super::*;
use crate::address::samples::{Sample, assert_says, complaints, events, rom, width};
use crate::bus::{MEMORY, STATE};
use crate::check::mutation::locally_invalid;
use crate::check::samples::{OPERANDS, assert_caught, assert_honest};
use crate::check::{Message, evaluate};
use crate::columns::Columns;
use crate::event::SecondAccess;
use crate::execution::Rom;
use crate::table::Table;
use crate::tables::Kind;
use crate::witness::instruction_trace;

const KIND: Kind = Kind::MemoryMisaligned;
const LOADS: [Op; 5] = [Op::Lh, Op::Lhu, Op::Lw, Op::Lwu, Op::Ld];
const STORES: [Op; 3] = [Op::Sh, Op::Sw, Op::Sd];

/// Words whose bytes are all different, with their top bits set.
const WORD: u64 = 0x8786_8584_8382_8180;
const NEXT: u64 = 0x8f8e_8d8c_8b8a_8988;
const DATA: u64 = 0xd7d6_d5d4_d3d2_d1d0;

/// Whether a load or a store may access the bytes of `address..address + width`.
fn is_legal(op: Op, address: u64) -> bool {
    let inside = |from: u64, to: u64| address >= from && address <= to - width(op);
    inside(0xa000_0000, 0xe400_0000) || LOADS.contains(&op) && inside(0x4000_0000, 0x9000_0000)
}

/// Every legal access at offsets 1 to 7 of words at the edges of limbs, pages and regions.
fn accesses() -> Vec<Sample> {
    let regions = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000];
    let edges = regions.into_iter().flat_map(|region| [region - 8, region, region + 0xf8, region + 0xfff8]);
    let mut samples = Vec::new();
    for (op, edge) in OPS.into_iter().flat_map(|op| edges.clone().map(move |edge| (op, edge))) {
        for address in (1..8).map(|offset| edge + offset).filter(|&address| is_legal(op, address)) {
            let n = samples.len();
            let pick = |period: usize| OPERANDS[n * period / 16 % 16];
            let imm = [-2048, -5, 0, 2047][n % 4];
            samples.push(Sample { next: pick(5), ..Sample::access(op, address, imm, pick(16), pick(7)) });
        }
    }
    samples
}

fn row(rom: &Rom, sample: Sample) -> MemoryMisaligned<F> {
    MemoryMisaligned::fill(&events(rom, &[sample])[0])
}

/// What is wrong with the row of an access to [`WORD`] and [`NEXT`] that is changed by `forge`.
fn wrong(op: Op, address: u64, forge: impl FnOnce(&mut MemoryMisaligned<F>)) -> Vec<String> {
    let sample = Sample { next: NEXT, ..Sample::access(op, address, 0, DATA, WORD) };
    let rom = rom(&[sample]);
    let mut row = row(&rom, sample);
    forge(&mut row);
    complaints(KIND, &rom, &row)
}

/// What a row gives and takes.
fn said(kind: Kind, event: &Event<'_>) -> Vec<Message> {
    let messages = evaluate(&Table::new(kind), &instruction_trace(kind, &[*event]), 0, &[]).messages;
    let is_said = |message: &Message| [MEMORY, STATE].contains(&message.bus);
    let mut said: Vec<_> = messages.into_iter().filter(is_said).collect();
    said.sort_by_key(|message| (message.bus.name, message.tuple.clone(), message.count));
    said
}

#[test]
fn honest_rows_hold_and_say_what_the_instruction_means() {
    let samples = accesses();
    let rom = rom(&samples);
    let events = events(&rom, &samples);
    assert_honest(KIND, &rom, &instruction_trace(KIND, &events));
    assert_says(KIND, &events);
    let crossing = |event: &&Event<'_>| event.second.prev != 0;
    assert!(events.iter().filter(crossing).count() > 200);
    for event in &events {
        // Two registers and the words of memory, each taken and given, and the state.
        let words = 1 + usize::from(crossing(&event));
        assert_eq!(said(KIND, event).len(), 2 * (2 + words + 1));
    }
}

#[test]
fn mutants_are_caught() {
    let samples = accesses();
    let rom = rom(&samples);
    let trace = instruction_trace(KIND, &events(&rom, &samples));
    assert_caught(KIND, &rom, &trace, 3, |column, cells| {
        let is_real = MemoryMisaligned::from_row(cells).flags().contains(&F::ONE);
        // Padding rows say nothing.
        !is_real && !column.starts_with("is_")
    });
}

/// Whether a row for the access exists, whatever region it claims, whatever it says that the address and the index
/// carry, and whether or not it admits to crossing. All bytes are zero, those that it then leaves out as well.
fn has_row(op: Op, address: u64, imm: i64) -> bool {
    let sample = Sample::access(op, address, imm, 0, 0);
    let rom = rom(&[sample]);
    let honest = row(&rom, sample);
    let mut cells = vec![F::ZERO; KIND.width()];
    let regions = (0..8).flat_map(|claim| (-2..=2).map(move |carry| (claim, carry)));
    let mut claims = regions.flat_map(|claim| [-1, 0, 1, 2].map(|carry| (claim, carry)));
    claims.any(|((region, carry), next_carry)| {
        let mut row = honest;
        let flag = |bit: u32| F::from_bool(region >> bit & 1 == 1);
        (row.memory.is_input, row.memory.is_program, row.memory.is_output) = (flag(0), flag(1), flag(2));
        (row.rs1.carry, row.next.carry) = (F::from_i32(carry), F::from_i32(next_carry));
        let mut is_valid = |row: &MemoryMisaligned<F>| {
            row.write(&mut cells);
            !locally_invalid(&Table::new(KIND), &cells, &rom)
        };
        let alone = MemoryMisaligned { crosses: F::ZERO, next: Next::default(), ..row };
        is_valid(&row) || is_valid(&alone)
    })
}

#[test]
fn no_byte_out_of_reach_has_a_row() {
    let borders = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0x9001_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000, 1 << 32];
    let (mut yes, mut no) = (0, 0);
    for (op, border) in OPS.into_iter().flat_map(|op| borders.map(|border| (op, border))) {
        for address in border - 8..border + 8 {
            // Offset 0 has no row here, and a halfword at an even address crosses nothing.
            let legal = address % 8 != 0 && is_legal(op, address);
            for imm in [-2048, 2047] {
                assert_eq!(has_row(op, address, imm), legal, "{op} at {address:#x}, immediate {imm}");
            }
            *(if legal { &mut yes } else { &mut no }) += 1;
        }
    }
    assert!(yes > 300 && no > 300, "{yes} {no}");
}

#[test]
fn the_edges_that_no_access_may_cross_are_caught() {
    for (op, address) in [
        (Op::Ld, 0x8fff_fffd), // into the registers
        (Op::Lh, 0x8fff_ffff),
        (Op::Lw, 0xe3ff_fffd), // off the end of the output
        (Op::Sd, 0xe3ff_fff9),
        (Op::Ld, 0x9fff_fffd), // from nowhere into RAM
        (Op::Sd, 0x3fff_fffd),
        (Op::Sw, 0xffff_fffd), // round the end of addresses
        (Op::Ld, 0xffff_ffff),
        (Op::Ld, u64::MAX - 2),
    ] {
        assert!(wrong(op, address, |_| ()).contains(&"range".to_owned()), "{op} at {address:#x}");
    }
    // A carry denied, which would leave limb 1 of the next word where it may be, or feigned.
    for (op, address) in [(Op::Ld, 0x8fff_fffd), (Op::Sw, 0xe3ff_fffd), (Op::Lhu, 0xa000_ffff)] {
        assert_eq!(wrong(op, address, |row| row.next.carry = F::ZERO), ["range"]);
    }
    assert_eq!(wrong(Op::Ld, 0xa000_0001, |row| row.next.carry = F::ONE), ["range"]);
    // A fraction of a carry, which is enough for both checks: here limb 1 would even be less than before.
    let fraction = |row: &mut MemoryMisaligned<F>| row.next.carry = F::from_u32(1 << 13).inverse() * F::from_u32(8190);
    let complaints = wrong(Op::Ld, 0x8fff_fffd, fraction);
    assert!(complaints.contains(&"next: carry is boolean".to_owned()), "{complaints:?}");
    // Stores cross from RAM into the output, and from nowhere else.
    assert_eq!(wrong(Op::Sd, 0xdfff_fffd, |_| ()), [""; 0]);
    assert_eq!(wrong(Op::Sd, 0x7fff_fffd, |_| ()), ["stores reach RAM and output only"]);
    let in_ram = |row: &mut MemoryMisaligned<F>| row.memory.is_input = F::ZERO;
    assert_eq!(wrong(Op::Sd, 0x7fff_fffd, in_ram), ["range"]);
    assert_eq!(wrong(Op::Sd, 0x8fff_fffd, |row| row.memory.is_program = F::ZERO), ["range"]);
}

#[test]
fn a_second_word_that_is_left_out_is_caught() {
    for op in OPS {
        let at = 0xa000_0007;
        assert_eq!(wrong(op, at, |_| ()), [""; 0]);
        // Its bytes are then zero, or what the register has.
        let alone = |row: &mut MemoryMisaligned<F>| {
            (row.crosses, row.next, row.next_bytes) = (F::ZERO, Next::default(), Bytes::fill(0));
            row.after[4..].fill(F::ZERO);
            if LOADS.contains(&op) {
                (row.value, row.value_bytes) = (limbs(WORD >> 56), Bytes::fill(WORD >> 56));
                (row.half_sign, row.word_sign) = (F::ZERO, F::ZERO);
            }
        };
        let expected: &[&str] = if LOADS.contains(&op) { &["crosses"] } else { &["crosses", "words after"] };
        assert_eq!(wrong(op, at, alone), expected);
        // A row that says so but keeps the bytes, out of a word that nobody took.
        let unread = |row: &mut MemoryMisaligned<F>| row.crosses = F::ZERO;
        assert_eq!(wrong(op, at, unread), ["crosses", "no next word unless crossing"]);
    }
}

#[test]
fn a_second_word_that_is_not_needed_is_caught() {
    for (op, at) in [(Op::Lh, 0xa000_0005), (Op::Lwu, 0xa000_0003), (Op::Sh, 0xa000_0001), (Op::Sw, 0xa000_0003)] {
        assert_eq!(wrong(op, at, |_| ()), [""; 0]);
        let second = SecondAccess { old: NEXT, new: NEXT, prev: 1 };
        let crossing = |row: &mut MemoryMisaligned<F>| {
            (row.crosses, row.next_bytes) = (F::ONE, Bytes::fill(NEXT));
            row.next = Next { old: limbs(NEXT), prev: row.cpu.clock, ..Next::default() };
            row.after[4..].copy_from_slice(&limbs(second.new));
        };
        assert_eq!(wrong(op, at, crossing), ["crosses"]);
        // Bytes out of a next word that is not accessed, which would be at the forger's choice.
        let unread = |row: &mut MemoryMisaligned<F>| {
            (row.next.old, row.next_bytes) = (limbs(NEXT), Bytes::fill(NEXT));
            row.after[4..].copy_from_slice(&limbs(second.new));
        };
        assert_eq!(wrong(op, at, unread), ["no next word unless crossing"]);
    }
}

#[test]
fn a_seam_elsewhere_is_caught() {
    // The bytes behind the seam from the beginning of the first word, or of the wrong place in the second.
    for op in LOADS {
        for from in [WORD, NEXT >> 8, NEXT << 8] {
            let seam = (u128::from(from) << 64 | u128::from(WORD)) >> 56;
            let value = seam as u64 & u64::MAX >> (64 - 8 * width(op));
            let elsewhere = |row: &mut MemoryMisaligned<F>| {
                (row.value, row.value_bytes) = (limbs(value), Bytes::fill(value));
                (row.half_sign, row.word_sign) =
                    (F::from_bool(op == Op::Lh && value >> 15 == 1), F::from_bool(op == Op::Lw && value >> 31 == 1));
            };
            assert_eq!(wrong(op, 0xa000_0007, elsewhere), ["byte loaded"], "{op} {value:#x}");
        }
    }
    // What was loaded, with more behind it.
    let more = |row: &mut MemoryMisaligned<F>| {
        (row.value[1], row.value_bytes.low[1], row.value_bytes.and[1]) = (F::TWO, F::TWO, F::ZERO);
    };
    assert_eq!(wrong(Op::Lhu, 0xa000_0007, more), ["byte loaded"]);
}

#[test]
fn a_store_of_another_byte_or_to_another_byte_is_caught() {
    for (op, offset) in STORES.into_iter().flat_map(|op| (1..8).map(move |offset| (op, offset))) {
        let at = 0xa000_0000 + offset;
        for byte in 0..16 {
            let bit = F::from_u32(if byte % 2 == 0 { 1 } else { 1 << 8 });
            assert_eq!(wrong(op, at, |row| row.after[byte / 2] += bit), ["words after"]);
        }
        // Another value than the register's, stored as it should be.
        for limb in 0..width(op) as usize / 2 {
            let other = |row: &mut MemoryMisaligned<F>| {
                let sample = Sample { next: NEXT, ..Sample::access(op, at, 0, DATA ^ 1 << (16 * limb), WORD) };
                let lie = self::row(&rom(&[sample]), sample);
                (row.value, row.value_bytes, row.after) = (lie.value, lie.value_bytes, lie.after);
            };
            assert_eq!(wrong(op, at, other), ["value stored"]);
        }
    }
}

#[test]
fn bytes_that_only_sum_up_are_caught() {
    type Group = fn(&mut MemoryMisaligned<F>) -> &mut Bytes<F>;
    let groups: [Group; 3] = [|row| &mut row.memory_bytes, |row| &mut row.next_bytes, |row| &mut row.value_bytes];
    for op in OPS {
        for (group, limb) in groups.into_iter().flat_map(|group| (0..4).map(move |limb| (group, limb))) {
            for bits in [F::from_u32(1 << 8), F::ONE, -F::from_u32(1 << 8)] {
                let complaints = wrong(op, 0xa000_0007, |row| group(row).low[limb] += bits);
                assert!(complaints.contains(&"byte".to_owned()), "{op} {complaints:?}");
            }
            assert_eq!(wrong(op, 0xa000_0007, |row| group(row).and[limb] += F::ONE), ["byte"]);
        }
    }
}

#[test]
fn a_sign_of_ones_own_is_caught() {
    let name = "sign is boolean, on signed rows only";
    for (op, word) in OPS.into_iter().flat_map(|op| [0, u64::MAX].map(|word| (op, word))) {
        let sample = Sample { next: word, ..Sample::access(op, 0xa000_0007, 0, 0, word) };
        let rom = rom(&[sample]);
        let honest = row(&rom, sample);
        let (mut half, mut word) = (honest, honest);
        half.half_sign = F::ONE - half.half_sign;
        word.word_sign = F::ONE - word.word_sign;
        assert_eq!(complaints(KIND, &rom, &half), [if op == Op::Lh { "range" } else { name }]);
        assert_eq!(complaints(KIND, &rom, &word), [if op == Op::Lw { "range" } else { name }]);
    }
}

#[test]
fn another_operation_or_none_is_caught() {
    for (honest, claimed) in (0..8).flat_map(|honest| (0..8).map(move |claimed| (honest, claimed))) {
        let claim = |row: &mut MemoryMisaligned<F>| {
            let mut cells = vec![F::ZERO; KIND.width()];
            row.write(&mut cells);
            // The flags come first, in the order of the operations.
            (0..8).for_each(|flag| cells[flag] = F::from_bool(flag == claimed));
            *row = MemoryMisaligned::from_row(&cells);
        };
        let complaints = wrong(OPS[honest], 0xa000_0003, claim);
        assert_eq!(complaints.contains(&"program".to_owned()), honest != claimed, "{complaints:?}");
        assert_eq!(complaints.is_empty(), honest == claimed, "{complaints:?}");
    }
}

#[test]
fn an_offset_between_offsets_is_caught() {
    for op in OPS {
        let set = |offsets: &[(usize, i64)]| {
            let offsets = offsets.to_vec();
            move |row: &mut MemoryMisaligned<F>| {
                row.offset = [F::ZERO; 7];
                offsets.iter().for_each(|&(offset, times)| row.offset[offset - 1] = F::from_i64(times));
            }
        };
        let complaints = |offsets| wrong(op, 0xa000_0003, set(offsets));
        let has = |offsets, name: &str| assert!(complaints(offsets).contains(&name.to_owned()), "{op} {offsets:?}");
        assert_eq!(complaints(&[(3, 1)]), [""; 0]);
        // The sum that the address needs, by other flags.
        has(&[(1, 1), (2, 1)], "one offset");
        has(&[(1, 3)], "offset is boolean");
        has(&[(5, 2), (7, -1)], "offset is boolean");
        // Another offset, and the index that hides it, which is no integer.
        has(&[(5, 1)], "program");
        let hidden = |row: &mut MemoryMisaligned<F>| {
            set(&[(5, 1)])(row);
            row.memory.index -= F::from_u32(4).inverse();
        };
        assert!(wrong(op, 0xa000_0003, hidden).contains(&"range".to_owned()));
        // The first byte of a word is none of the seven.
        let none = wrong(op, 0xa000_0000, |_| ());
        assert!(none.contains(&"one offset".to_owned()), "{none:?}");
    }
}

#[test]
fn a_row_of_an_aligned_access_says_what_the_aligned_one_says() {
    for (op, offset) in [(Op::Lw, 4), (Op::Lwu, 4), (Op::Sw, 4)]
        .into_iter()
        .chain([Op::Lh, Op::Lhu, Op::Sh].into_iter().flat_map(|op| [2, 4, 6].map(|offset| (op, offset))))
    {
        let samples = [Sample::access(op, 0xa000_0000 + offset, 5, DATA, WORD)];
        let rom = rom(&samples);
        let event = events(&rom, &samples)[0];
        assert_honest(KIND, &rom, &instruction_trace(KIND, &[event]));
        assert_eq!(said(KIND, &event), said(event.row.table, &event), "{op}");
    }
}

#[test]
fn a_gap_to_the_next_word_is_positive_and_short() {
    let at = 0xa000_0007;
    let gap = |gap: i64, high: i64| {
        wrong(Op::Ld, at, |row| {
            row.next.prev = row.cpu.clock + F::TWO - F::from_i64(gap);
            row.next.gap_high = F::from_i64(high);
        })
    };
    assert_eq!(gap(1, 0), [""; 0]);
    assert_eq!(gap(1 << 25, (1 << 9) - 1), [""; 0]);
    // The very tuple that the row gives, one of the future, and gaps that only modulo p are short.
    for (length, high) in [(0, 0), (0, -1), (-1, 0), (-1, -1), ((1 << 25) + 1, 1 << 9), ((1 << 25) + 1, (1 << 9) - 1)] {
        assert_eq!(gap(length, high), ["range"], "{length} {high}");
    }
}
