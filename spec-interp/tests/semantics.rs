//! The edges of the arithmetic, as the manual's tables and sentences state them.

use spec_interp::exec::{alu, branch_taken};
use spec_interp::{Family, Op};

const MIN: u64 = 1 << 63;
const MIN32: u64 = 0xffff_ffff_8000_0000;
const MINUS_1: u64 = u64::MAX;

fn value(op: Op, rs1: u64, rs2: u64) -> u64 {
    alu(op, rs1, rs2).unwrap()
}

#[test]
fn division_by_zero_and_overflow_as_in_the_manuals_table() {
    for x in [0, 1, 7, MINUS_1, MIN, MIN - 1] {
        assert_eq!(value(Op::Div, x, 0), MINUS_1);
        assert_eq!(value(Op::Divu, x, 0), MINUS_1);
        assert_eq!(value(Op::Rem, x, 0), x);
        assert_eq!(value(Op::Remu, x, 0), x);
    }
    assert_eq!(value(Op::Div, MIN, MINUS_1), MIN);
    assert_eq!(value(Op::Rem, MIN, MINUS_1), 0);
    assert_eq!(value(Op::Divu, MIN, MINUS_1), 0);
    assert_eq!(value(Op::Remu, MIN, MINUS_1), MIN);
}

#[test]
fn word_division_looks_at_the_low_halves_only() {
    let dividend = 0x1234_5678_ffff_fff9; // -7 in the low word
    let zero = 0xffff_ffff_0000_0000;
    assert_eq!(value(Op::Divw, dividend, zero), MINUS_1);
    assert_eq!(value(Op::Divuw, dividend, zero), MINUS_1);
    assert_eq!(value(Op::Remw, dividend, zero), -7i64 as u64);
    assert_eq!(value(Op::Remuw, dividend, zero), -7i64 as u64);
    assert_eq!(value(Op::Divw, MIN32, MINUS_1), MIN32);
    assert_eq!(value(Op::Remw, MIN32, MINUS_1), 0);
    assert_eq!(value(Op::Divw, 0x8000_0000, 0xffff_ffff), MIN32);
    assert_eq!(value(Op::Divuw, 0x8000_0000, 1), MIN32);
    assert_eq!(value(Op::Remuw, 0x8000_0000, 0xffff_ffff), MIN32);
}

#[test]
fn quotients_round_towards_zero_and_remainders_take_the_dividends_sign() {
    let n = |value: i64| value as u64;
    for (a, b, quotient, remainder) in [(7, 2, 3, 1), (-7, 2, -3, -1), (7, -2, -3, 1), (-7, -2, 3, -1)] {
        assert_eq!(value(Op::Div, n(a), n(b)), n(quotient));
        assert_eq!(value(Op::Rem, n(a), n(b)), n(remainder));
        assert_eq!(value(Op::Divw, n(a), n(b)), n(quotient));
        assert_eq!(value(Op::Remw, n(a), n(b)), n(remainder));
    }
}

#[test]
fn upper_products_against_schoolbook_multiplication() {
    // Unsigned from 32-bit pieces; the signed forms subtract the other operand for each negative one.
    let mulhu = |a: u64, b: u64| {
        let (a1, a0, b1, b0) = (a >> 32, a & 0xffff_ffff, b >> 32, b & 0xffff_ffff);
        let middle = a1 * b0 + ((a0 * b0) >> 32);
        let carry = (middle & 0xffff_ffff) + a0 * b1;
        a1 * b1 + (middle >> 32) + (carry >> 32)
    };
    let edges = [0, 1, 2, MINUS_1, MINUS_1 - 1, MIN, MIN + 1, MIN - 1, 0x5555_5555_5555_5555, 1 << 32, MIN32];
    for a in edges {
        for b in edges {
            let negative = |x: u64, y: u64| if x >> 63 == 1 { y } else { 0 };
            assert_eq!(value(Op::Mulhu, a, b), mulhu(a, b));
            assert_eq!(value(Op::Mulhsu, a, b), mulhu(a, b).wrapping_sub(negative(a, b)));
            let mulh = mulhu(a, b).wrapping_sub(negative(a, b)).wrapping_sub(negative(b, a));
            assert_eq!(value(Op::Mulh, a, b), mulh);
        }
    }
}

#[test]
fn shift_counts_are_masked() {
    for op in [Op::Sll, Op::Srl, Op::Sra] {
        assert_eq!(value(op, MIN | 5, 64), MIN | 5);
        assert_eq!(value(op, MIN | 5, MINUS_1), value(op, MIN | 5, 63));
    }
    for op in [Op::Sllw, Op::Srlw, Op::Sraw] {
        assert_eq!(value(op, 5, 32), 5);
        assert_eq!(value(op, 5, 0xffff_ffe1), value(op, 5, 1));
    }
    assert_eq!(value(Op::Sra, MIN, 63), MINUS_1);
    assert_eq!(value(Op::Srl, MIN, 63), 1);
    assert_eq!(value(Op::Sraiw, 0x8000_0000, 31), MINUS_1);
    assert_eq!(value(Op::Srliw, 0xffff_ffff_8000_0000, 31), 1);
    assert_eq!(value(Op::Srliw, 0xffff_ffff, 0), MINUS_1, "the word's bit 31 is its sign");
}

#[test]
fn word_forms_ignore_the_upper_halves_and_sign_extend() {
    let junk = 0xdead_beef_0000_0000;
    for op in [Op::Addw, Op::Subw, Op::Mulw, Op::Sllw, Op::Srlw, Op::Sraw, Op::Divw, Op::Divuw, Op::Remw, Op::Remuw] {
        for (a, b) in [(0x7fff_ffff, 1), (0x8000_0000, 3), (0xffff_ffff, 0xffff_ffff)] {
            let result = value(op, a, b);
            assert_eq!(result, value(op, a | junk, b | junk), "{op}");
            assert_eq!(result, result as i32 as u64, "{op}");
        }
    }
    assert_eq!(value(Op::Addw, 0x7fff_ffff, 1), MIN32);
    assert_eq!(value(Op::Addiw, 0x8000_0000, MINUS_1), 0x7fff_ffff);
}

#[test]
fn comparisons_and_branches_agree() {
    for (a, b) in [(0, 0), (0, 1), (MIN, 0), (MINUS_1, MIN), (MIN - 1, MIN), (MINUS_1, 1)] {
        let (signed, unsigned) = ((a as i64) < b as i64, a < b);
        assert_eq!(value(Op::Slt, a, b), u64::from(signed));
        assert_eq!(value(Op::Sltiu, a, b), u64::from(unsigned));
        let branches = [
            (Op::Beq, a == b),
            (Op::Bne, a != b),
            (Op::Blt, signed),
            (Op::Bge, !signed),
            (Op::Bltu, unsigned),
            (Op::Bgeu, !unsigned),
        ];
        for (op, taken) in branches {
            assert_eq!(branch_taken(op, a, b), Some(taken), "{op} {a:#x} {b:#x}");
        }
    }
}

#[test]
fn alu_covers_exactly_its_families() {
    for op in Op::ALL {
        assert_eq!(alu(op, 1, 1).is_some(), op.family() <= Family::Div, "{op}");
        assert_eq!(branch_taken(op, 1, 1).is_some(), op.family() == Family::Branch, "{op}");
    }
    assert_eq!(alu(Op::Auipc, 0x8000_0000, MIN32), Some(0));
    assert_eq!(alu(Op::Lui, 1, MIN32), Some(MIN32));
}
