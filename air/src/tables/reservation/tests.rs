//! Tests of the table: honest rows, mutants and forgers.

use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE};
use spec_interp::{Inst, Op};

use super::*;
use crate::address::samples::{Sample, assert_says, complaints, events, rom, width};
use crate::check::mutation::{forgery_caught, sweep_pairs};
use crate::check::samples::{OPERANDS, assert_caught, assert_honest};
use crate::columns::Columns;
use crate::event::SecondAccess;
use crate::table::Table;
use crate::witness::instruction_trace;

const OPS: [Op; 4] = [Op::LrW, Op::ScW, Op::LrD, Op::ScD];
const ADDRESS: u64 = RAM_BASE + 0x1_0008;
const WORD: u64 = 0x8182_8384_8586_8788;

fn is_sc(op: Op) -> bool {
    matches!(op, Op::ScW | Op::ScD)
}

fn sample(op: Op, address: u64, data: u64, word: u64, reservation: u64) -> Sample {
    let inst = Inst { op, rd: 5, rs1: 6, rs2: if is_sc(op) { 7 } else { 0 }, len: 4, imm: 0 };
    Sample { inst, rs1: address, data, word, next: reservation }
}

/// The reservation that an operation needs at an address.
fn needed(op: Op, address: u64) -> u64 {
    spec_interp::reservation(address, width(op))
}

/// Reservations that it does not need: none, of another width, of addresses near and far, and of several limbs whose
/// differences add up to nothing.
fn others(op: Op, address: u64) -> [u64; 9] {
    let needed = needed(op, address);
    let other_width = needed ^ 12 << 32;
    let lent = [needed + 8 - (8 << 16), needed + (4 << 16) - (4 << 32)];
    [0, address, other_width, needed ^ 4, needed ^ 8, needed ^ 1 << 16, needed ^ 1 << 31, lent[0], lent[1]]
}

fn samples() -> Vec<Sample> {
    let ends = |base: u64, size: u64| [base, base + size - 8];
    let read_only = [INPUT_BASE, PROGRAM_BASE + PROGRAM_SIZE - 8];
    let words = [read_only, ends(RAM_BASE, RAM_SIZE), ends(OUTPUT_BASE, OUTPUT_SIZE)].concat();
    let mut samples = Vec::new();
    for op in OPS {
        for word in &words[if is_sc(op) { 2 } else { 0 }..] {
            for address in (*word..word + 8).step_by(width(op) as usize) {
                for reservation in others(op, address).into_iter().chain([needed(op, address); 3]) {
                    let n = samples.len();
                    samples.push(sample(op, address, OPERANDS[n % 16], OPERANDS[n * 7 / 16 % 16], reservation));
                }
            }
        }
    }
    samples
}

/// What is wrong with the row of a sample once it is forged.
fn wrong(sample: Sample, forge: impl Fn(&mut Reservation<F>)) -> Vec<String> {
    wrong_event(sample, |_| (), forge)
}

/// The same for a row that is filled to fit a forged event.
fn wrong_event(
    sample: Sample,
    forge_event: impl Fn(&mut Event<'_>),
    forge: impl Fn(&mut Reservation<F>),
) -> Vec<String> {
    let rom = rom(&[sample]);
    let mut event = events(&rom, &[sample])[0];
    forge_event(&mut event);
    let mut row = Reservation::fill(&event);
    forge(&mut row);
    complaints(Kind::Reservation, &rom, &row)
}

/// Whether a forged row, though nothing be wrong with it alone, says what the honest one does not.
fn says_otherwise(sample: Sample, forge: impl Fn(&mut Reservation<F>)) -> bool {
    assert_eq!(wrong(sample, &forge), [""; 0]);
    let rom = rom(&[sample]);
    let trace = instruction_trace(Kind::Reservation, &events(&rom, &[sample]));
    forgery_caught(&Table::new(Kind::Reservation), &trace, &rom, &[], 0, |cells| {
        let mut row = Reservation::from_row(cells);
        forge(&mut row);
        row.write(cells);
    })
}

#[test]
fn honest_rows_hold_and_say_what_the_instruction_means() {
    let samples = samples();
    let rom = rom(&samples);
    let events = events(&rom, &samples);
    assert_honest(Kind::Reservation, &rom, &instruction_trace(Kind::Reservation, &events));
    assert_says(Kind::Reservation, &events);
    for (event, sample) in events.iter().zip(&samples) {
        let needed = needed(sample.inst.op, sample.rs1);
        assert_eq!(event.second.new, if is_sc(sample.inst.op) { 0 } else { needed });
        if is_sc(sample.inst.op) {
            assert_eq!(event.rd_new, u64::from(sample.next != needed));
        }
    }
}

#[test]
fn mutants_are_caught() {
    let samples = samples();
    let rom = rom(&samples);
    let trace = instruction_trace(Kind::Reservation, &events(&rom, &samples));
    let is_real = |cells: &[F]| {
        let row = Reservation::from_row(cells);
        row.is_lr_w + row.is_sc_w + row.is_lr_d + row.is_sc_d == F::ONE
    };
    // Padding rows say nothing.
    let may_be_free = |column: &str, cells: &[F]| !is_real(cells) && !column.starts_with("is_");
    assert_caught(Kind::Reservation, &rom, &trace, 5, may_be_free);
    let rows = (0..samples.len()).step_by(3);
    let pairs = sweep_pairs(&Table::new(Kind::Reservation), &trace, &rom, &[], rows, |_, _| false);
    assert_eq!(pairs.survivors, []);
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
    for op in OPS {
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
        assert!(says_otherwise(honest, lent));
    }
}

#[test]
fn a_reservation_of_another_time_is_caught() {
    for op in OPS {
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
    for op in OPS {
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
    for op in OPS {
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
    for op in OPS {
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
    let rom = rom(&[honest]);
    let event = events(&rom, &[honest])[0];
    let second = SecondAccess { old: event.second.old | 1 << 48, ..event.second };
    let trace = instruction_trace(Kind::Reservation, &[Event { second, ..event }]);
    let report = crate::check::evaluate(&Table::new(Kind::Reservation), &trace, 0, &[]);
    let word = F::from_u32(REGISTERS_WORD + RESERVATION);
    let takes = |m: &crate::check::Message| m.bus == MEMORY && m.tuple[0] == word && m.count == F::NEG_ONE;
    let taken: Vec<_> = report.messages.iter().filter(|m| takes(m)).collect();
    assert_eq!(taken.len(), 1);
    assert_ne!(taken[0].tuple[2..], limbs(second.old));
}
