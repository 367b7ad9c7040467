//! Forgers of bytes, operations and offsets.

use p3_field::Field;

use super::*;
use crate::address::samples::{self, said, width};
use crate::check::samples::{Sample, Samples, assert_honest};
use crate::columns::Columns;
use crate::kind::Kind;
use crate::lower::table_of;
use crate::rom::operation;
use crate::table::Table;

pub const KIND: Kind = Kind::MemoryMisaligned;
pub const LOADS: [Op; 5] = [Op::Lh, Op::Lhu, Op::Lw, Op::Lwu, Op::Ld];
const STORES: [Op; 3] = [Op::Sh, Op::Sw, Op::Sd];

/// Words whose bytes are all different, with their top bits set.
pub const WORD: u64 = 0x8786_8584_8382_8180;
pub const NEXT: u64 = 0x8f8e_8d8c_8b8a_8988;
pub const DATA: u64 = 0xd7d6_d5d4_d3d2_d1d0;

/// An access to [`WORD`] and [`NEXT`].
fn access(op: Op, address: u64, data: u64) -> Sample {
    Sample { next: NEXT, ..Sample::access(op, address, 0, data, WORD) }
}

pub fn row(sample: Sample) -> MemoryMisaligned<F> {
    MemoryMisaligned::fill(&Samples::new(KIND, [sample]).event(0))
}

/// What is wrong with the row of an access to [`WORD`] and [`NEXT`] that is changed by `forge`.
pub fn wrong(op: Op, address: u64, forge: impl FnOnce(&mut MemoryMisaligned<F>)) -> Vec<String> {
    samples::wrong(KIND, access(op, address, DATA), forge)
}

/// What is wrong with the row of an access to zeros, of zeros, that is changed by `forge`: no byte betrays it.
pub fn wrong_of_zeros(op: Op, address: u64, forge: impl FnOnce(&mut MemoryMisaligned<F>)) -> Vec<String> {
    samples::wrong(KIND, Sample::access(op, address, 0, 0, 0), forge)
}

/// Makes the row one that has loaded a value.
pub fn load(row: &mut MemoryMisaligned<F>, value: u64) {
    (row.value, row.value_bytes) = (limbs(value), Bytes::fill(value));
    row.half_sign = row.is_lh * F::from_bool(value >> 15 & 1 == 1);
    row.word_sign = row.is_lw * F::from_bool(value >> 31 & 1 == 1);
}

fn set_flags(row: &mut MemoryMisaligned<F>, flags: [i64; 8]) {
    let mut cells = vec![F::ZERO; KIND.width()];
    row.write(&mut cells);
    // The flags come first, in the order of the operations.
    cells[..8].copy_from_slice(&flags.map(F::from_i64));
    *row = MemoryMisaligned::from_row(&cells);
}

/// Three different numbers below `n`, the last two in order.
fn triples(n: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let pairs = move |i| (0..n).flat_map(move |k| (0..k).map(move |j| (i, j, k)));
    (0..n).flat_map(pairs).filter(|(i, j, k)| i != j && i != k)
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
                let lie = self::row(access(op, at, DATA ^ 1 << (16 * limb)));
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
    for op in MISALIGNED {
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
    for (op, word) in MISALIGNED.into_iter().flat_map(|op| [0, u64::MAX].map(|word| (op, word))) {
        let sample = Sample { next: word, ..Sample::access(op, 0xa000_0007, 0, 0, word) };
        let half = |row: &mut MemoryMisaligned<F>| row.half_sign = F::ONE - row.half_sign;
        let word = |row: &mut MemoryMisaligned<F>| row.word_sign = F::ONE - row.word_sign;
        assert_eq!(samples::wrong(KIND, sample, half), [if op == Op::Lh { "range" } else { name }]);
        assert_eq!(samples::wrong(KIND, sample, word), [if op == Op::Lw { "range" } else { name }]);
    }
}

#[test]
fn a_seam_elsewhere_is_caught() {
    // The bytes behind the seam from the beginning of the first word, or from the wrong place in the second.
    for op in LOADS {
        for from in [WORD, NEXT >> 8, NEXT << 8] {
            let found = (u128::from(from) << 64 | u128::from(WORD)) >> 56;
            let value = found as u64 & u64::MAX >> (64 - 8 * width(op));
            assert_eq!(wrong(op, 0xa000_0007, |row| load(row, value)), ["byte loaded"], "{op} {value:#x}");
        }
    }
}

#[test]
fn a_load_of_another_byte_is_caught() {
    for (op, offset) in LOADS.into_iter().flat_map(|op| (1..8).map(move |offset| (op, offset))) {
        let value = (u128::from(NEXT) << 64 | u128::from(WORD)) >> (8 * offset);
        let value = value as u64 & u64::MAX >> (64 - 8 * width(op));
        assert_eq!(wrong(op, 0xa000_0000 + offset, |row| load(row, value)), [""; 0]);
        // Also behind what is loaded.
        for byte in 0..8 {
            let lie = |row: &mut MemoryMisaligned<F>| load(row, value ^ 1 << (8 * byte));
            assert_eq!(wrong(op, 0xa000_0000 + offset, lie), ["byte loaded"], "{op}, byte {byte}");
        }
    }
}

#[test]
fn another_operation_or_none_is_caught() {
    for (honest, claimed) in (0..8).flat_map(|honest| (0..8).map(move |claimed| (honest, claimed))) {
        let claim = |row: &mut MemoryMisaligned<F>| {
            set_flags(row, core::array::from_fn(|flag| i64::from(flag == claimed)));
        };
        let complaints = wrong(MISALIGNED[honest], 0xa000_0003, claim);
        assert_eq!(complaints.contains(&"program".to_owned()), honest != claimed, "{complaints:?}");
        assert_eq!(complaints.is_empty(), honest == claimed, "{complaints:?}");
    }
}

/// Numbers of operations are sums of flags: `ld + lwu - lw` has that of `lw`, and would load a doubleword.
#[test]
fn an_operation_out_of_parts_is_caught() {
    let number = |op: Op| table_of(op).map_or(0, |(table, flag)| i64::from(operation(table, flag, false)));
    let mut less = Vec::new();
    for (i, j, k) in triples(8) {
        let sum = number(MISALIGNED[j]) + number(MISALIGNED[k]) - number(MISALIGNED[i]);
        let Some(op) = MISALIGNED.into_iter().find(|&op| number(op) == sum) else { continue };
        let parts = |row: &mut MemoryMisaligned<F>| {
            let part = |flag| i64::from(flag == j) + i64::from(flag == k) - i64::from(flag == i);
            set_flags(row, core::array::from_fn(part));
        };
        assert_eq!(wrong_of_zeros(op, 0xa000_0007, parts), ["flag is boolean"], "{op}");
        less.push(i);
    }
    assert!((0..8).all(|flag| less.contains(&flag)), "each flag is once the one that is no flag");
    // Two at once are not of any number.
    let both = |row: &mut MemoryMisaligned<F>| set_flags(row, [1, 1, 0, 0, 0, 0, 0, 0]);
    assert!(wrong_of_zeros(Op::Lh, 0xa000_0001, both).contains(&"at most one flag".to_owned()));
}

#[test]
fn an_offset_between_offsets_is_caught() {
    let set = |row: &mut MemoryMisaligned<F>, offsets: &[(usize, i64)]| {
        row.offset = [F::ZERO; 7];
        offsets.iter().for_each(|&(offset, times)| row.offset[offset - 1] = F::from_i64(times));
    };
    for op in MISALIGNED {
        // The sum that the address needs, by other flags.
        for (i, j, k) in triples(7).filter(|(i, j, k)| (1..8).contains(&(j + k + 1).wrapping_sub(*i))) {
            let address = 0xa000_0000 + (j + k + 1 - i) as u64;
            let parts = |row: &mut MemoryMisaligned<F>| {
                set(row, &[(i + 1, -1), (j + 1, 1), (k + 1, 1)]);
                row.crosses = F::from_u32(width(op) as u32 / 8);
            };
            let complaints = wrong_of_zeros(op, address, parts);
            assert!(complaints.contains(&"offset is boolean".to_owned()), "{op} {complaints:?}");
            assert!(width(op) < 8 || complaints.len() == 1, "{op} {complaints:?}");
        }
        // Another offset, and the index that hides it, which is no integer.
        let another = |row: &mut MemoryMisaligned<F>| set(row, &[(5, 1)]);
        assert!(wrong_of_zeros(op, 0xa000_0003, another).contains(&"program".to_owned()));
        let hidden = |row: &mut MemoryMisaligned<F>| {
            another(row);
            row.memory.index -= F::from_u32(4).inverse();
        };
        assert!(wrong_of_zeros(op, 0xa000_0003, hidden).contains(&"range".to_owned()));
    }
    // Two that add up, and none, for the first byte of a word.
    assert_eq!(wrong_of_zeros(Op::Lh, 0xa000_0003, |row| set(row, &[(1, 1), (2, 1)])), ["one offset"]);
    assert_eq!(wrong_of_zeros(Op::Lh, 0xa000_0000, |_| ()), ["one offset"]);
}

#[test]
fn a_row_of_an_aligned_access_says_what_the_aligned_one_says() {
    let words = [Op::Lw, Op::Lwu, Op::Sw].map(|op| (op, 4));
    let halves = [Op::Lh, Op::Lhu, Op::Sh].into_iter().flat_map(|op| [2, 4, 6].map(|offset| (op, offset)));
    for (op, offset) in words.into_iter().chain(halves) {
        let sample = Sample::access(op, 0xa000_0000 + offset, 5, DATA, WORD);
        let [misaligned, aligned] = [KIND, sample.table()].map(|kind| Samples::new(kind, [sample]));
        assert_honest(KIND, &misaligned.rom, &misaligned.trace());
        let said = |samples: &Samples| said(&Table::new(samples.kind), &samples.trace(), 0);
        assert_eq!(said(&misaligned), said(&aligned), "{op}");
    }
}
