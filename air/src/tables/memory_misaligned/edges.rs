//! Forgers of the second word of an access: where it lies, whether it is accessed, and when it was before.

use p3_field::{Field, PrimeCharacteristicRing};
use spec_interp::Op;

use super::tests::{KIND, LOADS, NEXT, WORD, load, row, wrong, wrong_of_zeros};
use super::{MISALIGNED, MemoryMisaligned};
use crate::F;
use crate::address::next::Next;
use crate::address::samples::is_legal;
use crate::check::samples::{Sample, Samples};
use crate::event::limbs;
use crate::product::Bytes;

/// Whether a row for the access exists, whatever region it claims, whatever it says that the address and the index
/// carry, and whether or not it admits to crossing. All bytes are zero, those that it then leaves out as well.
fn has_row(op: Op, address: u64, imm: i64) -> bool {
    let samples = Samples::new(KIND, [Sample::access(op, address, imm, 0, 0)]);
    let honest = row(samples.list[0]);
    let regions = (0..8).flat_map(|claim| (-2..=2).map(move |carry| (claim, carry)));
    let mut claims = regions.flat_map(|claim| [-1, 0, 1, 2].map(|carry| (claim, carry)));
    claims.any(|((region, carry), next_carry)| {
        let mut row = honest;
        let flag = |bit: u32| F::from_bool(region >> bit & 1 == 1);
        (row.memory.is_input, row.memory.is_program, row.memory.is_output) = (flag(0), flag(1), flag(2));
        (row.rs1.carry, row.next.carry) = (F::from_i32(carry), F::from_i32(next_carry));
        let alone = MemoryMisaligned { crosses: F::ZERO, next: Next::default(), ..row };
        !samples.is_invalid(&row) || !samples.is_invalid(&alone)
    })
}

#[test]
fn no_byte_out_of_reach_has_a_row() {
    let borders = [0x4000_0000, 0x8000_0000, 0x9000_0000, 0x9001_0000, 0xa000_0000, 0xe000_0000, 0xe400_0000, 1 << 32];
    let (mut yes, mut no) = (0, 0);
    for (op, border) in MISALIGNED.into_iter().flat_map(|op| borders.map(|border| (op, border))) {
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
    // A fraction of a carry, of which the first check is content, and a carry of many limbs.
    let two = F::from_u32(1 << 13).inverse() * F::from_u32(8190);
    for carry in [two, F::TWO, F::NEG_ONE, F::from_u32(0x1_0000)] {
        assert_eq!(wrong(Op::Ld, 0x8fff_fffd, |row| row.next.carry = carry), ["range"]);
    }
    // Stores cross from RAM into the output, and from nowhere else.
    assert_eq!(wrong(Op::Sd, 0xdfff_fffd, |_| ()), [""; 0]);
    assert_eq!(wrong(Op::Sd, 0x7fff_fffd, |_| ()), ["stores reach RAM and output only"]);
    let in_ram = |row: &mut MemoryMisaligned<F>| row.memory.is_input = F::ZERO;
    assert_eq!(wrong(Op::Sd, 0x7fff_fffd, in_ram), ["range"]);
    assert_eq!(wrong(Op::Sd, 0x8fff_fffd, |row| row.memory.is_program = F::ZERO), ["range"]);
}

#[test]
fn parts_of_regions_do_not_reach_beyond_them() {
    type Regions = fn(&mut MemoryMisaligned<F>) -> [&mut F; 3];
    let regions: Regions = |row| [&mut row.memory.is_input, &mut row.memory.is_program, &mut row.memory.is_output];
    let claim = |op, address, claims: [i64; 3]| {
        wrong_of_zeros(op, address, |row| {
            regions(row).into_iter().zip(claims).for_each(|(flag, claim)| *flag = F::from_i64(claim));
        })
    };
    // Program less input is a region of 4096 limbs from 0xe000 on, input and program one from 0x2000 on.
    assert_eq!(claim(Op::Sd, 0xe400_0001, [-1, 1, 0]), ["region is boolean"]);
    assert_eq!(claim(Op::Ld, 0x2000_0001, [1, 1, 0]), ["at most one region"]);
    // The other flags alone are nothing that a range check knows.
    for claims in [[0, -1, 1], [0, 1, -1]] {
        assert_eq!(claim(Op::Ld, 0xa000_0001, claims), ["region is boolean", "range"]);
    }
    // 2^16 * 0x7f00 = p - 1: with that as the carry of the address, 0x2100_0006 would become 0xa000_0007.
    let round = |row: &mut MemoryMisaligned<F>| {
        row.rs1.carry = F::from_u32(0x7f00);
        row.offset.swap(5, 6);
    };
    assert_eq!(wrong_of_zeros(Op::Ld, 0x2100_0006, round), ["address: carry is -1, 0 or 1"]);
}

#[test]
fn a_second_word_that_is_left_out_is_caught() {
    for op in MISALIGNED {
        let at = 0xa000_0007;
        assert_eq!(wrong(op, at, |_| ()), [""; 0]);
        // Its bytes are then zero, or what the register has.
        let alone = |row: &mut MemoryMisaligned<F>| {
            (row.crosses, row.next, row.next_bytes) = (F::ZERO, Next::default(), Bytes::fill(0));
            row.after[4..].fill(F::ZERO);
            if LOADS.contains(&op) {
                load(row, WORD >> 56);
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
        let crossing = |row: &mut MemoryMisaligned<F>| {
            (row.crosses, row.next_bytes) = (F::ONE, Bytes::fill(NEXT));
            row.next = Next { old: limbs(NEXT), prev: row.cpu.clock, ..Next::default() };
            row.after[4..].copy_from_slice(&limbs(NEXT));
        };
        assert_eq!(wrong(op, at, crossing), ["crosses"]);
        // Bytes of a next word that is not accessed, which would be at the forger's choice.
        for limb in 0..4 {
            let unread = |row: &mut MemoryMisaligned<F>| {
                let word = NEXT & 0xffff << (16 * limb);
                (row.next.old, row.next_bytes) = (limbs(word), Bytes::fill(word));
                row.after[4..].copy_from_slice(&limbs(word));
            };
            assert_eq!(wrong(op, at, unread), ["no next word unless crossing"]);
        }
    }
}

#[test]
fn a_gap_is_positive_and_short() {
    let of_next = |gap: i64, high: i64| {
        wrong(Op::Ld, 0xa000_0007, |row| {
            row.next.prev = row.cpu.clock + F::TWO - F::from_i64(gap);
            row.next.gap_high = F::from_i64(high);
        })
    };
    let of_first = |gap: i64, high: i64| {
        wrong(Op::Ld, 0xa000_0007, |row| {
            row.memory.prev = row.cpu.clock + F::TWO - F::from_i64(gap);
            row.memory.gap_high = F::from_i64(high);
        })
    };
    for (gap, high) in [(1, 0), (1 << 16, 0), ((1 << 16) + 1, 1), (1 << 25, (1 << 9) - 1)] {
        assert_eq!((of_first(gap, high), of_next(gap, high)), (vec![], vec![]), "{gap} {high}");
    }
    // The very tuple that the row gives, one of the future, and gaps that are short modulo p alone.
    for (gap, high) in [(0, 0), (0, -1), (-1, 0), (-1, -1), ((1 << 25) + 1, 1 << 9), ((1 << 25) + 1, (1 << 9) - 1)] {
        assert_eq!((of_first(gap, high), of_next(gap, high)), (vec!["range".into()], vec!["range".into()]));
    }
    for ahead in [0, 1, -0x1_0001] {
        assert_eq!(wrong(Op::Sd, 0xa000_0007, |row| row.rs1.prev = row.cpu.clock + F::from_i64(ahead)), ["range"]);
        let of_data = |row: &mut MemoryMisaligned<F>| row.data.prev = row.cpu.clock + F::from_i64(3 + ahead);
        assert_eq!(wrong(Op::Sd, 0xa000_0007, of_data), ["range"]);
    }
}
