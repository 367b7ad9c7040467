//! Forgers.

use spec_interp::map::RAM_BASE;
use spec_interp::{Inst, Op};

use super::*;
use crate::address::samples::{self, needed, others, said, width};
use crate::check::samples::{Sample, Samples, by_register, ops};
use crate::event::SecondAccess;
use crate::table::Table;

const ADDRESS: u64 = RAM_BASE + 0x1_0008;
const WORD: u64 = 0x8182_8384_8586_8788;

fn is_sc(op: Op) -> bool {
    matches!(op, Op::ScW | Op::ScD)
}

fn sample(op: Op, address: u64, data: u64, word: u64, reservation: u64) -> Sample {
    let inst = Inst { rs2: if is_sc(op) { 7 } else { 0 }, ..by_register(op) };
    Sample { word, next: reservation, ..Sample::new(inst, address, data) }
}

/// What is wrong with the row of a sample once it is forged.
fn wrong(sample: Sample, forge: impl FnOnce(&mut Reservation<F>)) -> Vec<String> {
    samples::wrong(Kind::Reservation, sample, forge)
}

/// The same for a row that is filled to fit a forged event.
fn wrong_event(
    sample: Sample,
    forge_event: impl FnOnce(&mut Event<'_>),
    forge: impl FnOnce(&mut Reservation<F>),
) -> Vec<String> {
    samples::wrong_event(Kind::Reservation, sample, forge_event, forge)
}

/// What an `sc` needs is what `lr` leaves, and it is used up either way.
#[test]
fn a_reservation_is_that_of_the_address_and_serves_once() {
    let samples = Samples::of(Kind::Reservation);
    for (sample, event) in samples.events() {
        let needed = needed(sample.inst.op, sample.rs1);
        let is_sc = is_sc(sample.inst.op);
        assert_eq!(event.second.new, if is_sc { 0 } else { needed });
        assert!(!is_sc || event.rd_new == u64::from(sample.next != needed));
    }
}

#[test]
fn an_sc_that_succeeds_without_its_reservation_is_caught() {
    for op in [Op::ScW, Op::ScD] {
        let sample = sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS));
        assert_eq!(wrong(sample, |_| ()), [""; 0]);
        for other in others(op, ADDRESS) {
            let [low, high, width, _] = limbs(other);
            let claim = |row: &mut Reservation<F>| row.reserved.old = [low, high, width];
            assert_eq!(wrong(sample, claim), ["limbs above the marker are equal"], "{op} {other:#x}");
        }
        // Limbs that lend to each other are no other reservation, but different ones all the same.
        for (i, lent) in [(0, 1 << 16), (1, 1 << 16), (0, -(1 << 16)), (1, -(1 << 16))] {
            let lend = |row: &mut Reservation<F>| {
                row.reserved.old[i] += F::from_i32(lent);
                row.reserved.old[i + 1] -= F::from_i32(lent.signum());
            };
            assert_eq!(wrong(sample, lend), ["limbs above the marker are equal"]);
        }
    }
}

#[test]
fn an_sc_that_fails_though_it_has_its_reservation_is_caught() {
    for op in [Op::ScW, Op::ScD] {
        // Nothing stored, whatever is said to differ, and by whatever inverse.
        for marked in 0..3 {
            for inverse in [F::ZERO, F::ONE, F::NEG_ONE, F::from_u32(4).inverse(), F::from_u32(8).inverse()] {
                let found = wrong_event(
                    sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS)),
                    |event| event.mem_new = event.mem_old,
                    |row| {
                        row.reserved.marker[marked] = F::ONE;
                        row.reserved.inverse = inverse;
                    },
                );
                assert_eq!(found, ["marked limbs differ"]);
            }
        }
    }
}

#[test]
fn markers_that_cancel_or_share_are_caught() {
    for op in [Op::ScW, Op::ScD] {
        let needed = needed(op, ADDRESS);
        let at = |reservation: u64| sample(op, ADDRESS, 7, WORD, reservation);
        let mark = |row: &mut Reservation<F>, marker: [i32; 3], inverse: F| {
            row.reserved.marker = marker.map(F::from_i32);
            row.reserved.inverse = inverse;
        };
        // Success with a reservation of another width or limb, whose marker the one below takes back; and a marker that
        // no difference has, taken back likewise.
        let succeed = |event: &mut Event<'_>| event.mem_new = if op == Op::ScD { 7 } else { WORD >> 32 << 32 | 7 };
        for (reservation, marker) in
            [(needed ^ 12 << 32, [0, -1, 1]), (needed ^ 1 << 16, [-1, 1, 0]), (needed, [0, 1, -1])]
        {
            let found = wrong_event(at(reservation), succeed, |row| mark(row, marker, F::ZERO));
            assert_eq!(found, ["marker is boolean"]);
        }
        // Two markers would write 2 to rd, and store the old word less the new.
        let twice = |row: &mut Reservation<F>| {
            mark(row, [0, 1, 1], row.reserved.inverse.double());
            for i in 0..if op == Op::ScD { 4 } else { 2 } {
                row.new[i] = row.memory.old[i].double() - row.rs2.value[i];
            }
        };
        assert_eq!(wrong(at(needed ^ 12 << 32), twice), ["no inverse without a marker"]);
        // An inverse of nothing.
        let idle = |row: &mut Reservation<F>| row.reserved.inverse = F::ONE;
        assert_eq!(wrong(at(needed), idle), ["no inverse without a marker"]);
    }
}

/// It would add 1 to what it loads, and store less than nothing.
#[test]
fn an_lr_that_fails_is_caught() {
    for op in [Op::LrW, Op::LrD] {
        let fails = |row: &mut Reservation<F>| {
            row.reserved.marker[2] = F::ONE;
            row.reserved.inverse = row.reserved.old[2].inverse();
            for i in 0..2 {
                row.new[i] = row.memory.old[i].double() - row.rs2.value[i];
            }
        };
        let reserving = sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS));
        assert_eq!(wrong(reserving, fails), ["limbs above the marker are equal"]);
    }
}

/// Which reservation is left follows from the flags and the address alone.
#[test]
fn another_reservation_left_is_caught() {
    let kept = needed(Op::ScD, ADDRESS);
    let flags = |row: &mut Reservation<F>, flags: [i32; 4]| {
        [row.is_lr_w, row.is_sc_w, row.is_lr_d, row.is_sc_d] = flags.map(F::from_i32);
    };
    // An `sc` that reserves, as its `lr` would.
    let as_lr = |row: &mut Reservation<F>| {
        flags(row, [0, 0, 1, 0]);
        row.new = row.memory.old;
    };
    assert_eq!(wrong(sample(Op::ScD, ADDRESS, 7, WORD, kept), as_lr), ["program"]);
    // The numbers of operations are sums of flags: twice `sc.w` less `lr.w` is `lr.d`.
    let mixed = |row: &mut Reservation<F>| {
        flags(row, [-1, 2, 0, 0]);
    };
    let found = wrong(sample(Op::LrD, ADDRESS, 7, WORD, 0), mixed);
    assert!(found.contains(&"flag is boolean".to_owned()), "{found:?}");
    // Both `lr` at once reserve 12 bytes.
    let both = |row: &mut Reservation<F>| flags(row, [1, 0, 1, 0]);
    let found = wrong(sample(Op::LrD, ADDRESS, 7, WORD, 0), both);
    assert!(found.contains(&"at most one flag".to_owned()), "{found:?}");
    // Another address: with an immediate, or with limbs of rs1 that lend to each other.
    for op in ops(Kind::Reservation) {
        let honest = sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS));
        let next = |row: &mut Reservation<F>| row.memory.index += F::ONE;
        assert_eq!(wrong(honest, next), ["program"]);
        let lent = |row: &mut Reservation<F>| {
            row.rs1.value[0] += F::from_u32(1 << 16);
            row.rs1.value[1] -= F::ONE;
            row.rs1.carry = F::ONE;
            if is_sc(op) {
                row.reserved.old = [row.rs1.value[0], row.rs1.value[1], F::from_u64(width(op))];
            }
        };
        // Nothing is wrong with it alone, but it says what the honest one does not.
        assert_eq!(wrong(honest, lent), [""; 0]);
        assert!(Samples::new(Kind::Reservation, [honest]).is_caught(0, lent));
    }
}

#[test]
fn a_reservation_of_another_time_is_caught() {
    for op in ops(Kind::Reservation) {
        let honest = sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS));
        // Its own tuple, a later one, one that is too long ago.
        for ahead in [0, 1, 4, -(1 << 16) - 1, 1 << 26] {
            let found = wrong(honest, |row| row.reserved.prev = row.cpu.clock + F::TWO + F::from_i32(ahead));
            assert_eq!(found, ["range"]);
        }
    }
}

#[test]
fn another_word_stored_is_caught() {
    for op in ops(Kind::Reservation) {
        for address in (ADDRESS..ADDRESS + 8).step_by(width(op) as usize) {
            for reservation in [0, needed(op, address)] {
                for i in 0..4 {
                    for step in [F::ONE, F::NEG_ONE, F::from_u32(1 << 16)] {
                        let other = |row: &mut Reservation<F>| row.new[i] += step;
                        assert_eq!(wrong(sample(op, address, 7, WORD, reservation), other), ["what sc stores"]);
                    }
                }
            }
        }
    }
}

#[test]
fn another_word_loaded_is_caught() {
    for op in ops(Kind::Reservation) {
        for address in (ADDRESS..ADDRESS + 8).step_by(width(op) as usize) {
            for i in 0..2 {
                let other = |row: &mut Reservation<F>| row.loaded[i] -= F::ONE;
                assert_eq!(wrong(sample(op, address, 7, WORD, 0), other), ["half that is loaded"]);
            }
        }
    }
}

/// A half's place comes from the address: the other one has another index, which is no integer.
#[test]
fn the_other_half_is_caught() {
    for op in [Op::LrW, Op::ScW] {
        for offset in [0, 4] {
            let at = ADDRESS + offset;
            let other_half = |event: &mut Event<'_>| {
                let (lower, upper) = (7 << 32 | WORD & 0xffff_ffff, WORD >> 32 << 32 | 7);
                event.mem_new = if !is_sc(op) {
                    WORD
                } else if offset == 0 {
                    lower
                } else {
                    upper
                };
            };
            let flip = |row: &mut Reservation<F>| {
                row.high = F::ONE - row.high;
                let first = if row.high == F::ONE { 2 } else { 0 };
                row.loaded = [row.memory.old[first], row.memory.old[first + 1]];
            };
            let honest = sample(op, at, 7, WORD, needed(op, at));
            assert_eq!(wrong_event(honest, other_half, flip), ["program"]);
            let found = wrong_event(honest, other_half, |row| {
                flip(row);
                row.memory.index -= (row.high.double() - F::ONE).halve();
            });
            assert_eq!(found, ["range"]);
        }
    }
}

#[test]
fn half_a_doubleword_and_the_half_beyond_are_caught() {
    // A D form at a half: it loads the upper half twice.
    let half = |row: &mut Reservation<F>| {
        row.high = F::ONE;
        row.loaded = [row.memory.old[2], row.memory.old[3]];
    };
    assert_eq!(wrong(sample(Op::LrD, ADDRESS + 4, 7, WORD, 0), half), ["high on W forms only"]);
    // Twice a half beyond a doubleword is the next one's address, and twice the upper half less the lower one.
    let word = 0x0004_0005_0001_0002;
    let beyond = |row: &mut Reservation<F>| {
        row.high = F::TWO;
        row.memory.index -= F::ONE;
        row.loaded = [F::from_u32(8), F::from_u32(7)];
    };
    assert_eq!(wrong(sample(Op::LrW, ADDRESS + 8, 7, word, 0), beyond), ["high is boolean"]);
}

#[test]
fn a_misaligned_address_is_caught() {
    for op in ops(Kind::Reservation) {
        for offset in (1..8).filter(|offset| offset % width(op) != 0).map(F::from_u64) {
            let shift = |row: &mut Reservation<F>| {
                row.rs1.value[0] += offset;
                if is_sc(op) {
                    row.reserved.old[0] += offset;
                }
            };
            let honest = sample(op, ADDRESS, 7, WORD, needed(op, ADDRESS));
            assert_eq!(wrong(honest, shift), ["program"]);
            // The index that hides it is no integer.
            let between = |row: &mut Reservation<F>| {
                shift(row);
                row.memory.index += offset.div_2exp_u64(3);
            };
            assert_eq!(wrong(honest, between), ["range"]);
        }
    }
}

#[test]
fn a_sign_of_ones_own_is_caught() {
    let flip = |row: &mut Reservation<F>| row.sign = F::ONE - row.sign;
    for word in [1 << 31, (1 << 31) - 1, 0xffff_ffff, 0] {
        assert_eq!(wrong(sample(Op::LrW, ADDRESS, 7, word, 0), flip), ["range"]);
        assert_eq!(wrong(sample(Op::LrW, ADDRESS + 4, 7, word << 32, 0), flip), ["range"]);
    }
    // 2^-15 of a sign takes 1 from the upper limb, and is 0xfe02 in those above.
    let part = |row: &mut Reservation<F>| row.sign = F::ONE.div_2exp_u64(15);
    assert_eq!(wrong(sample(Op::LrW, ADDRESS, 7, 1 << 16, 0), part), ["sign is boolean"]);
    for op in [Op::ScW, Op::LrD, Op::ScD] {
        assert_eq!(wrong(sample(op, ADDRESS, 7, 0, 0), flip), ["sign on lr.w only"]);
    }
}

/// A reservation whose limbs are those of another one below, and whose marker is set there too, is caught by the
/// higher limb; and one filled for any other limb has no row.
#[test]
fn the_marker_stands_at_the_highest_difference() {
    for op in [Op::ScW, Op::ScD] {
        let other = (needed(op, ADDRESS) ^ 8) + (1 << 16) + (4 << 32);
        let honest = sample(op, ADDRESS, 7, WORD, other);
        for marked in 0..3 {
            let mark = |row: &mut Reservation<F>| {
                let needed = limbs(needed(op, ADDRESS))[marked];
                row.reserved.marker = core::array::from_fn(|i| F::from_bool(i == marked));
                row.reserved.inverse = (row.reserved.old[marked] - needed).inverse();
            };
            let found = wrong(honest, mark);
            let expected = ["limbs above the marker are equal"];
            assert_eq!(found, expected[usize::from(marked == 2)..]);
        }
    }
}

/// [`SecondAccess`] holds the reservation: what the row takes and gives of it.
#[test]
fn the_fourth_limb_of_a_reservation_is_zero() {
    let honest = sample(Op::ScD, ADDRESS, 7, WORD, needed(Op::ScD, ADDRESS));
    let samples = Samples::new(Kind::Reservation, [honest]);
    let event = samples.event(0);
    let second = SecondAccess { old: event.second.old | 1 << 48, ..event.second };
    let trace = Kind::Reservation.rows(&[&[Event { second, ..event }]]);
    let word = F::from_u32(REGISTERS_WORD + RESERVATION);
    let takes = |tuple: &[F], count: F| tuple[0] == word && count == F::NEG_ONE;
    let said = said(&Table::new(Kind::Reservation), &trace, 0);
    let taken: Vec<_> = said.into_iter().filter(|(_, tuple, count)| takes(tuple, *count)).collect();
    assert_eq!(taken.len(), 1);
    assert_ne!(taken[0].1[2..], limbs(second.old));
}
