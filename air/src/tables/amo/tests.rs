//! Forgers.

use p3_field::Field;
use spec_interp::map::RAM_BASE;
use spec_interp::{Inst, Op};

use super::*;
use crate::address::samples::width;
use crate::check::samples::{Sample, Samples, by_register, ops};

const ADDRESS: u64 = RAM_BASE + 0x1_0008;
const UPPER: u64 = 0xffff_ffff_0000_0000;

/// The W form and the D form of an operation.
fn both(number: usize) -> [Op; 2] {
    [OPS[number][0], OPS[number + 9][0]]
}

fn is_word(op: Op) -> bool {
    width(op) == 4
}

fn sample(op: Op, address: u64, data: u64, word: u64) -> Sample {
    Sample { word, ..Sample::new(by_register(op), address, data) }
}

/// What is wrong with the row of a sample once it is forged.
fn wrong(sample: Sample, forge: impl Fn(&mut Amo<F>)) -> Vec<String> {
    wrong_claim(sample, |_, _| (), forge)
}

/// The same for a row that is filled to fit forged operands `x` and `b`.
fn wrong_claim(sample: Sample, claim: impl Fn(&mut u64, &mut u64), forge: impl Fn(&mut Amo<F>)) -> Vec<String> {
    let samples = Samples::new(Kind::Amo, [sample]);
    let event = samples.event(0);
    let (mut x, mut b) = (event.rd_new, event.rs2);
    if is_word(sample.inst.op) {
        b = i64::from(b as i32).cast_unsigned();
    }
    claim(&mut x, &mut b);
    let mut row = Amo::claim(&event, x, b);
    forge(&mut row);
    samples.complaints(&row)
}

#[test]
fn another_result_is_caught() {
    for sample in Samples::of(Kind::Amo).list.into_iter().step_by(7) {
        assert_eq!(wrong(sample, |_| ()), [""; 0]);
        let is_add = matches!(sample.inst.op, Op::AmoaddW | Op::AmoaddD);
        let name = if is_add { "add: carry" } else { "result" };
        for i in 0..4 {
            for step in [F::ONE, F::NEG_ONE, F::from_u32(1 << 15)] {
                let found = wrong(sample, |row| row.result[i] += step);
                assert!(found.contains(&name.to_owned()), "{sample:?} {found:?}");
            }
        }
    }
}

#[test]
fn a_sum_whose_limbs_lend_is_caught() {
    for op in both(1) {
        for i in 0..if is_word(op) { 2 } else { 3 } {
            // A carry out of limb i that the limb keeps.
            let (x, b) = (0xffff << (16 * i), 1 << (16 * i));
            let keep = |row: &mut Amo<F>| {
                row.result[i] += F::from_u32(1 << 16);
                row.result[i + 1] -= F::ONE;
            };
            assert_eq!(wrong(sample(op, ADDRESS, b, x), keep), ["range"]);
        }
        // A limb below zero, which a carry makes good.
        let borrow = |row: &mut Amo<F>| {
            row.result[0] -= F::from_u32(1 << 16);
            row.result[1] += F::ONE;
        };
        assert_eq!(wrong(sample(op, ADDRESS, 1, 2), borrow), ["range"]);
        // The carry out of the top limb is dropped, but half a carry is none.
        let half = |row: &mut Amo<F>| row.result[3] += F::from_u32(1 << 15);
        assert_eq!(wrong(sample(op, ADDRESS, 1, 2), half), ["add: carry"]);
    }
}

/// 2^16 * 0x7f00 = p - 1: with that as a carry a limb is one more, and the next one 0x7f00.
#[test]
fn a_carry_round_the_field_is_caught() {
    for op in both(1) {
        for i in 0..3 {
            let round = |row: &mut Amo<F>| {
                row.result[i] += F::ONE;
                row.result[i + 1] += F::from_u32(0x7f00);
            };
            assert_eq!(wrong(sample(op, ADDRESS, 1, 2), round), ["add: carry"]);
        }
    }
}

#[test]
fn bits_of_ones_own_are_caught() {
    let (x, b) = (0x0123_4567_89ab_cdef, 0x5555_aaaa_3333_0ff0);
    for number in 0..9 {
        for op in both(number) {
            let sample = sample(op, ADDRESS, b, x);
            for i in 0..8 {
                // Another and, with the result to fit.
                let other = |row: &mut Amo<F>| {
                    row.and[i] += F::ONE;
                    let place = F::from_u32(if i % 2 == 0 { 1 } else { 256 });
                    let per_and = row.is_and - row.is_or - row.is_xor.double();
                    row.result[i / 2] += per_and * place;
                };
                assert_eq!(wrong(sample, other), ["byte"], "{op} {i}");
            }
            for i in 0..4 {
                assert_eq!(wrong(sample, |row| row.x_low[i] += F::from_u32(1 << 8)), ["byte"]);
                assert_eq!(wrong(sample, |row| row.b_low[i] -= F::from_u32(1 << 8)), ["byte"]);
                assert_eq!(wrong(sample, |row| row.x_low[i] += F::ONE), ["byte"]);
            }
        }
    }
}

/// The other operand, with the order as it is, or an order to fit: a denied one, or that of other words.
#[test]
fn the_other_operand_is_caught() {
    let operands = [(1, 2), (2, 1), (u64::MAX, 1), (1, u64::MAX), (1 << 31, 1), (1 << 63, (1 << 63) - 1)];
    for (op, (x, b)) in (5..9).flat_map(both).flat_map(|op| operands.map(|operands| (op, operands))) {
        let honest = sample(op, ADDRESS, b, x);
        let samples = Samples::new(Kind::Amo, [honest]);
        let row = Amo::fill(&samples.event(0));
        let b_limbs = [row.rs2.value[0], row.rs2.value[1], row.b_upper[0], row.b_upper[1]];
        let other = if row.result == row.x { b_limbs } else { row.x };
        assert_ne!(other, row.result);
        assert_eq!(wrong(honest, |row| row.result = other), ["result"]);
        let deny = |row: &mut Amo<F>| {
            row.order.less = F::ONE - row.order.less;
            row.result = other;
        };
        assert_eq!(wrong(honest, deny), ["difference of the marked limbs"]);
        let far = |row: &mut Amo<F>| {
            deny(row);
            row.order.difference += F::from_u32((1 << 16) + 1) * (F::ONE - row.order.less.double());
        };
        assert_eq!(wrong(honest, far), ["range"]);

        let words =
            [(b, x), (x ^ 1 << 63, b), (x, b ^ 1 << 63), (x | UPPER, b), (x, b | UPPER), (0, 1), (1, 0), (x, x)];
        for (a, b) in words {
            for order in [false, true].map(|is_signed| Comparison::fill(a, b, is_signed)) {
                let forged = Amo { order, result: other, ..row };
                assert!(order.less == row.order.less || samples.is_invalid(&forged));
            }
        }
    }
}

/// Each constraint of the order by what would pick the wrong operand, or leave a choice, if there were only the others.
#[test]
fn an_order_of_ones_own_is_caught() {
    type Order = Comparison<F>;
    let found = |op: Op, (x, b): (u64, u64), forge: &dyn Fn(&mut Order)| {
        wrong(sample(op, ADDRESS, b, x), |row| {
            forge(&mut row.order);
            let picked = core::array::from_fn(|i| {
                let b = if i < 2 { row.rs2.value[i] } else { row.b_upper[i - 2] };
                b + row.order.less * (row.x[i] - b)
            });
            row.result = picked;
        })
    };
    let set = |order: &mut Order, marker: [i32; 4], less: F, difference: i32| {
        (order.marker, order.less, order.difference) = (marker.map(F::from_i32), less, F::from_i32(difference));
    };
    let (yes, no, part) = (F::ONE, F::ZERO, F::ONE.div_2exp_u64(15));
    let (min, minu) = (Op::AmominD, Op::AmominuD);

    // 2^-15 of a sign makes -1 of a top limb of 1.
    let of_x = |order: &mut Order| {
        set(order, [0, 0, 0, 1], yes, 0);
        order.sign[0] = part;
    };
    assert_eq!(found(min, (1 << 48, 0), &of_x), ["sign is boolean"]);
    let of_b = |order: &mut Order| {
        set(order, [0, 0, 0, 1], no, 0xffff);
        order.sign[1] = part;
    };
    assert_eq!(found(min, (0, 1 << 48), &of_b), ["sign is boolean"]);

    for i in 0..3 {
        let at = |limb: usize| 1_u64 << (16 * limb);
        let marker = |marks: [i32; 2]| core::array::from_fn(|k| if k < i || k > i + 1 { 0 } else { marks[k - i] });
        // A difference that the limb below takes back.
        let back = |order: &mut Order| set(order, marker([-1, 1]), no, 1);
        assert_eq!(found(minu, (0, at(i + 1)), &back), ["marker is boolean"]);
        // A lower limb, though the upper one differs the other way.
        let lower = |order: &mut Order| set(order, marker([1, 0]), yes, 0);
        assert_eq!(found(minu, (at(i + 1), at(i)), &lower), ["limbs above the marker are equal"]);
    }
    // Limb 3 owes what limb 2 has.
    assert_eq!(found(minu, (0, 1 << 16), &|order| set(order, [0, 1, 1, -1], yes, 0)), ["marker is boolean"]);
    assert_eq!(found(minu, (0, 1), &|order| set(order, [0; 4], no, 0)), ["limbs above the marker are equal"]);
    let two = |order: &mut Order| set(order, [0, 0, 1, 1], yes, 0xfffe);
    assert_eq!(found(minu, (1 << 48, 0), &two), ["at most one marker"]);
    let part_less =
        |order: &mut Order| set(order, [1, 0, 0, 0], F::from_u32(0xffff) * F::from_u32(0x1_0001).inverse(), 0);
    assert_eq!(found(minu, (2, 1), &part_less), ["less is boolean"]);
}

#[test]
fn another_operand_is_caught() {
    let (x, b) = (0x1234_5678_1234_5678, 0x0765_4321_0765_4321);
    for op in ops(Kind::Amo) {
        for address in (ADDRESS..ADDRESS + 8).step_by(if is_word(op) { 4 } else { 8 }) {
            let honest = sample(op, address, b, x);
            for bit in [0, 15, 16, 30, 32, 47, 48, 62] {
                assert_eq!(wrong_claim(honest, |x, _| *x ^= 1 << bit, |_| ()), ["x is what is loaded"]);
            }
            // The lower limbs of b are rs2's own.
            for bit in [32, 47, 48, 62] {
                assert_eq!(wrong_claim(honest, |_, b| *b ^= 1 << bit, |_| ()), ["b is rs2"]);
            }
        }
    }
}

/// Upper halves that are not the sign's, with everything else to fit.
#[test]
fn a_sign_of_ones_own_is_caught() {
    for [word, double] in (0..9).map(both) {
        let other_x = |x: &mut u64, _: &mut u64| *x ^= UPPER;
        let other_b = |_: &mut u64, b: &mut u64| *b ^= UPPER;
        for value in [0, 1 << 31, (1 << 31) - 1, 0xffff_ffff] {
            assert_eq!(wrong_claim(sample(word, ADDRESS, 1, value), other_x, |_| ()), ["range"]);
            assert_eq!(wrong_claim(sample(word, ADDRESS + 4, 1, value << 32), other_x, |_| ()), ["range"]);
            assert_eq!(wrong_claim(sample(word, ADDRESS, value, 1), other_b, |_| ()), ["range"]);
            // A sign that fills the upper half of a D form, if that is zero.
            let x_sign = |row: &mut Amo<F>| row.x_sign = F::ONE;
            let found = wrong_claim(sample(double, ADDRESS, 1, value), other_x, x_sign);
            assert_eq!(found, ["sign on W forms only"]);
            let b_sign = |row: &mut Amo<F>| row.b_sign = F::ONE;
            let found = wrong_claim(sample(double, ADDRESS, value, 1), other_b, b_sign);
            assert_eq!(found, ["sign on W forms only"]);
        }
        // 2^-15 of a sign takes 1 from the upper limb, and is 0xfe02 in those above.
        let (part, limbs) = (F::ONE.div_2exp_u64(15), 0xfe02_fe02_0001_0000);
        let found = wrong_claim(sample(word, ADDRESS, 1, 1 << 16), |x, _| *x = limbs, |row| row.x_sign = part);
        assert_eq!(found, ["sign is boolean"]);
        let found = wrong_claim(sample(word, ADDRESS, 1 << 16, 1), |_, b| *b = limbs, |row| row.b_sign = part);
        assert_eq!(found, ["sign is boolean"]);
    }
}

/// A half's place comes from the address: the other one has another index, which is no integer.
#[test]
fn the_other_half_is_caught() {
    let word = 0x8182_8384_0586_8788;
    for op in ops(Kind::Amo).filter(|op| is_word(*op)) {
        for (offset, other) in [(0, word >> 32 | UPPER), (4, word & !UPPER)] {
            let honest = sample(op, ADDRESS + offset, 7, word);
            let flip = |row: &mut Amo<F>| row.high = F::ONE - row.high;
            assert_eq!(wrong_claim(honest, |x, _| *x = other, flip), ["program"]);
            let hide = |row: &mut Amo<F>| {
                flip(row);
                row.memory.index -= (row.high.double() - F::ONE).halve();
            };
            assert_eq!(wrong_claim(honest, |x, _| *x = other, hide), ["range"]);
        }
    }
}

#[test]
fn half_a_doubleword_and_the_half_beyond_are_caught() {
    for [word, double] in (0..9).map(both) {
        // A D form at a half would load the upper half twice.
        let half = sample(double, ADDRESS, 7, 0x0102_0304_0506_0708);
        let at_half = |row: &mut Amo<F>| {
            row.rs1.value[0] += F::from_u32(4);
            row.high = F::ONE;
        };
        let found = wrong_claim(half, |x, _| *x = 0x0102_0304_0102_0304, at_half);
        assert_eq!(found, ["high on W forms only"]);
        // Twice a half beyond a doubleword is the next one's address, and twice the upper half less the lower one.
        let beyond = |row: &mut Amo<F>| {
            row.high = F::TWO;
            row.memory.index -= F::ONE;
        };
        let next = sample(word, ADDRESS + 8, 7, 0x0004_0005_0001_0002);
        assert_eq!(wrong_claim(next, |x, _| *x = 0x0007_0008, beyond), ["high is boolean"]);
    }
}

#[test]
fn a_misaligned_address_is_caught() {
    for op in ops(Kind::Amo) {
        let width = if is_word(op) { 4 } else { 8 };
        for offset in (1..8).filter(|offset| offset % width != 0).map(F::from_u32) {
            let honest = sample(op, ADDRESS, 7, 9);
            assert_eq!(wrong(honest, |row| row.rs1.value[0] += offset), ["program"]);
            // The index that hides it is no integer.
            let between = |row: &mut Amo<F>| {
                row.rs1.value[0] += offset;
                row.memory.index += offset.div_2exp_u64(3);
            };
            assert_eq!(wrong(honest, between), ["range"]);
        }
    }
}

/// The numbers of operations are sums of flags.
#[test]
fn a_mix_of_operations_is_caught() {
    let set = |row: &mut Amo<F>, flags: [i32; 3]| [row.is_swap, row.is_add, row.is_xor] = flags.map(F::from_i32);
    for op in both(2) {
        let honest = sample(op, ADDRESS, 1, 2);
        let found = wrong(honest, |row| set(row, [-1, 2, 0]));
        assert!(found.contains(&"flag is boolean".to_owned()), "{found:?}");
        let found = wrong(honest, |row| set(row, [0, 1, 1]));
        assert!(found.contains(&"at most one flag".to_owned()), "{found:?}");
        assert_eq!(wrong_as(honest, 1), ["program"]);
    }
    // A ninth of a W form: `amoadd.d` has the number of `amoswap.d`.
    let [_, swap] = both(0);
    let ninth = |row: &mut Amo<F>| {
        set(row, [0, 1, 0]);
        row.is_word = F::from_u32(9).inverse();
        row.result[0] = F::from_u32(3);
    };
    assert_eq!(wrong(sample(swap, ADDRESS, 1, 2), ninth), ["is_word is boolean"]);
    // The W form of a D form, and the other way round.
    for [word, double] in (0..9).map(both) {
        for op in [word, double] {
            let other = |row: &mut Amo<F>| row.is_word = F::ONE - row.is_word;
            assert_eq!(wrong(sample(op, ADDRESS, 1, 2), other), ["program"]);
        }
    }
}

/// What is wrong with the row of a sample that is filled for the operation of another number.
fn wrong_as(honest: Sample, number: usize) -> Vec<String> {
    let op = both(number)[usize::from(!is_word(honest.inst.op))];
    let other = Sample { inst: Inst { op, ..honest.inst }, ..honest };
    let row = Amo::fill(&Samples::new(Kind::Amo, [other]).event(0));
    Samples::new(Kind::Amo, [honest]).complaints(&row)
}
