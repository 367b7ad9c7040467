//! Operations on a register and an immediate.

use spec_interp::{Op, Program};

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::number::{
    bitwise, digit, power, register, rotated_right, signed, signed_word, unsigned, unsigned_word, with_digit, word,
};
use crate::operands::BOUNDARY;

/// One operation.
struct RegImm {
    op: Op,
    emit: fn(&mut Code, u8, u8, i32),
    meaning: fn(u64, i128) -> u64,
    immediates: &'static [i32],
}

const SIGNED_12: &[i32] = &[0, 1, -1, 2047, -2048, 0x555, -0x556];
const SHAMT_6: &[i32] = &[0, 1, 7, 31, 32, 33, 63];
const SHAMT_5: &[i32] = &[0, 1, 7, 15, 16, 30, 31];

macro_rules! row {
    ($op:expr, $($name:ident).+, $as:ty, $immediates:ident, $meaning:expr) => {
        RegImm {
            op: $op,
            emit: |code, d, s, imm| rv!(code; $($name).+ X(d), X(s), (imm as $as)),
            meaning: $meaning,
            immediates: $immediates,
        }
    };
}

#[rustfmt::skip]
const REG_IMM: [RegImm; 20] = [
    row!(Op::Addi, addi, i32, SIGNED_12, |x, imm| register(signed(x) + imm)),
    row!(Op::Addiw, addiw, i32, SIGNED_12, |x, imm| word(signed(x) + imm)),
    row!(Op::Andi, andi, i32, SIGNED_12, |x, imm| bitwise(x, register(imm), |a, b| a * b)),
    row!(Op::Ori, ori, i32, SIGNED_12, |x, imm| bitwise(x, register(imm), |a, b| a + b - a * b)),
    row!(Op::Xori, xori, i32, SIGNED_12, |x, imm| bitwise(x, register(imm), |a, b| (a + b) % 2)),
    row!(Op::Slli, slli, u32, SHAMT_6, |x, imm| register(signed(x) * power(imm))),
    row!(Op::Srli, srli, u32, SHAMT_6, |x, imm| register(unsigned(x) / power(imm))),
    row!(Op::Srai, srai, u32, SHAMT_6, |x, imm| register(signed(x).div_euclid(power(imm)))),
    row!(Op::Slliw, slliw, u32, SHAMT_5, |x, imm| word(signed_word(x) * power(imm))),
    row!(Op::Srliw, srliw, u32, SHAMT_5, |x, imm| word(unsigned_word(x) / power(imm))),
    row!(Op::Sraiw, sraiw, u32, SHAMT_5, |x, imm| word(signed_word(x).div_euclid(power(imm)))),
    row!(Op::Slti, slti, i32, SIGNED_12, |x, imm| (signed(x) < imm).into()),
    row!(Op::Sltiu, sltiu, i32, SIGNED_12, |x, imm| (x < register(imm)).into()),
    // Zba
    row!(Op::SlliUw, slli.uw, u32, SHAMT_6, |x, imm| register(unsigned_word(x) * power(imm))),
    // Zbb
    row!(Op::Rori, rori, u32, SHAMT_6, |x, imm| register(rotated_right(unsigned(x), 64, imm))),
    row!(Op::Roriw, roriw, u32, SHAMT_5, |x, imm| word(rotated_right(unsigned_word(x), 32, imm))),
    // Zbs
    row!(Op::Bclri, bclri, u32, SHAMT_6, |x, imm| with_digit(x, imm, |_| 0)),
    row!(Op::Bexti, bexti, u32, SHAMT_6, |x, imm| register(digit(x, imm))),
    row!(Op::Binvi, binvi, u32, SHAMT_6, |x, imm| with_digit(x, imm, |old| 1 - old)),
    row!(Op::Bseti, bseti, u32, SHAMT_6, |x, imm| with_digit(x, imm, |_| 1)),
];

pub(crate) fn cases() -> Vec<Case> {
    REG_IMM.iter().map(|row| Case::passing(format!("reg_imm/{}", row.op), program(row))).collect()
}

fn program(row: &RegImm) -> Program {
    let mut asm = Asm::new();
    for (i, &imm) in row.immediates.iter().enumerate() {
        for (j, &x) in BOUNDARY.iter().enumerate() {
            let rd = FREE[(i * 16 + j) % 28];
            let rs1 = FREE[(i * 16 + j + [13, 0][j % 2]) % 28]; // every other time rd = rs1
            asm.begin();
            asm.li(rs1, x);
            (row.emit)(&mut asm.code, rd, rs1, imm);
            asm.expect(rd, (row.meaning)(x, imm.into()));
        }
        asm.begin();
        (row.emit)(&mut asm.code, 10, 0, imm);
        asm.expect(10, (row.meaning)(0, imm.into()));
        (row.emit)(&mut asm.code, 0, 10, imm);
        asm.expect(0, 0);
    }
    asm.finish()
}
