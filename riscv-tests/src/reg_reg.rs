//! Operations on two registers: how to assemble each, and what it means.

use spec_interp::Op;

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::number::{
    bitwise, digit, divide, power, register, rotated_left, rotated_right, signed, signed_word, unsigned, unsigned_word,
    upper_product, with_digit, word,
};
use crate::operands::BOUNDARY;

/// One operation.
pub(crate) struct RegReg {
    pub op: Op,
    /// Assembles it with rd, rs1, rs2.
    pub emit: fn(&mut Code, u8, u8, u8),
    /// rd from rs1 and rs2.
    pub meaning: fn(u64, u64) -> u64,
}

macro_rules! row {
    ($op:expr, $($name:ident).+, $meaning:expr) => {
        RegReg { op: $op, emit: |code, d, s, t| rv!(code; $($name).+ X(d), X(s), X(t)), meaning: $meaning }
    };
}

/// Every operation with two source registers and a destination that the machine executes.
#[rustfmt::skip]
pub(crate) const REG_REG: [RegReg; 50] = [
    row!(Op::Add, add, |x, y| register(signed(x) + signed(y))),
    row!(Op::Sub, sub, |x, y| register(signed(x) - signed(y))),
    row!(Op::Addw, addw, |x, y| word(signed(x) + signed(y))),
    row!(Op::Subw, subw, |x, y| word(signed(x) - signed(y))),
    row!(Op::And, and, |x, y| bitwise(x, y, |a, b| a * b)),
    row!(Op::Or, or, |x, y| bitwise(x, y, |a, b| a + b - a * b)),
    row!(Op::Xor, xor, |x, y| bitwise(x, y, |a, b| (a + b) % 2)),
    row!(Op::Sll, sll, |x, y| register(signed(x) * power(unsigned(y) % 64))),
    row!(Op::Srl, srl, |x, y| register(unsigned(x) / power(unsigned(y) % 64))),
    row!(Op::Sra, sra, |x, y| register(signed(x).div_euclid(power(unsigned(y) % 64)))),
    row!(Op::Sllw, sllw, |x, y| word(signed_word(x) * power(unsigned(y) % 32))),
    row!(Op::Srlw, srlw, |x, y| word(unsigned_word(x) / power(unsigned(y) % 32))),
    row!(Op::Sraw, sraw, |x, y| word(signed_word(x).div_euclid(power(unsigned(y) % 32)))),
    row!(Op::Slt, slt, |x, y| (signed(x) < signed(y)).into()),
    row!(Op::Sltu, sltu, |x, y| (unsigned(x) < unsigned(y)).into()),
    row!(Op::Mul, mul, |x, y| register(signed(x) * signed(y))),
    row!(Op::Mulh, mulh, |x, y| upper_product(signed(x), signed(y))),
    row!(Op::Mulhsu, mulhsu, |x, y| upper_product(signed(x), unsigned(y))),
    row!(Op::Mulhu, mulhu, |x, y| upper_product(unsigned(x), unsigned(y))),
    row!(Op::Mulw, mulw, |x, y| word(signed_word(x) * signed_word(y))),
    row!(Op::Div, div, |x, y| register(divide(signed(x), signed(y)).map_or(-1, |(q, _)| q))),
    row!(Op::Divu, divu, |x, y| register(divide(unsigned(x), unsigned(y)).map_or(-1, |(q, _)| q))),
    row!(Op::Rem, rem, |x, y| register(divide(signed(x), signed(y)).map_or(signed(x), |(_, r)| r))),
    row!(Op::Remu, remu, |x, y| register(divide(unsigned(x), unsigned(y)).map_or(unsigned(x), |(_, r)| r))),
    row!(Op::Divw, divw, |x, y| word(divide(signed_word(x), signed_word(y)).map_or(-1, |(q, _)| q))),
    row!(Op::Divuw, divuw, |x, y| word(divide(unsigned_word(x), unsigned_word(y)).map_or(-1, |(q, _)| q))),
    row!(Op::Remw, remw, |x, y| word(divide(signed_word(x), signed_word(y)).map_or(signed(x), |(_, r)| r))),
    row!(Op::Remuw, remuw, |x, y| word(divide(unsigned_word(x), unsigned_word(y)).map_or(signed(x), |(_, r)| r))),
    // Zba
    row!(Op::AddUw, add.uw, |x, y| register(unsigned_word(x) + signed(y))),
    row!(Op::Sh1add, sh1add, |x, y| register(2 * signed(x) + signed(y))),
    row!(Op::Sh2add, sh2add, |x, y| register(4 * signed(x) + signed(y))),
    row!(Op::Sh3add, sh3add, |x, y| register(8 * signed(x) + signed(y))),
    row!(Op::Sh1addUw, sh1add.uw, |x, y| register(2 * unsigned_word(x) + signed(y))),
    row!(Op::Sh2addUw, sh2add.uw, |x, y| register(4 * unsigned_word(x) + signed(y))),
    row!(Op::Sh3addUw, sh3add.uw, |x, y| register(8 * unsigned_word(x) + signed(y))),
    // Zbb
    row!(Op::Andn, andn, |x, y| bitwise(x, y, |a, b| a * (1 - b))),
    row!(Op::Orn, orn, |x, y| bitwise(x, y, |a, b| 1 - (1 - a) * b)),
    row!(Op::Xnor, xnor, |x, y| bitwise(x, y, |a, b| (a + b + 1) % 2)),
    row!(Op::Rol, rol, |x, y| register(rotated_left(unsigned(x), 64, unsigned(y) % 64))),
    row!(Op::Ror, ror, |x, y| register(rotated_right(unsigned(x), 64, unsigned(y) % 64))),
    row!(Op::Rolw, rolw, |x, y| word(rotated_left(unsigned_word(x), 32, unsigned(y) % 32))),
    row!(Op::Rorw, rorw, |x, y| word(rotated_right(unsigned_word(x), 32, unsigned(y) % 32))),
    row!(Op::Min, min, |x, y| if signed(x) < signed(y) { x } else { y }),
    row!(Op::Max, max, |x, y| if signed(x) < signed(y) { y } else { x }),
    row!(Op::Minu, minu, |x, y| if unsigned(x) < unsigned(y) { x } else { y }),
    row!(Op::Maxu, maxu, |x, y| if unsigned(x) < unsigned(y) { y } else { x }),
    // Zbs
    row!(Op::Bclr, bclr, |x, y| with_digit(x, unsigned(y) % 64, |_| 0)),
    row!(Op::Bext, bext, |x, y| register(digit(x, unsigned(y) % 64))),
    row!(Op::Binv, binv, |x, y| with_digit(x, unsigned(y) % 64, |old| 1 - old)),
    row!(Op::Bset, bset, |x, y| with_digit(x, unsigned(y) % 64, |_| 1)),
];

pub(crate) fn cases() -> Vec<Case> {
    REG_REG.iter().map(|row| Case::passing(format!("reg_reg/{}", row.op), program(row))).collect()
}

/// The (rd, rs1, rs2) of every way in which the three can coincide with each other and with x0.
const ALIASES: [[u8; 3]; 8] =
    [[10, 10, 11], [11, 10, 11], [12, 10, 10], [10, 10, 10], [0, 10, 11], [12, 0, 11], [12, 10, 0], [12, 0, 0]];

fn program(row: &RegReg) -> spec_interp::Program {
    let mut asm = Asm::new();
    for i in 0..32 {
        let registers = [FREE[i % 28], FREE[(i + 9) % 28], FREE[(i + 17) % 28]];
        check(&mut asm, row, registers, BOUNDARY[i % 16], BOUNDARY[(i * 7 + i / 16 + 3) % 16]);
    }
    for registers in ALIASES {
        for (x, y) in [(7, 3), (1 << 63, u64::MAX), (0xffff_ffff_8000_0001, 33), (0x8000_0000, 0)] {
            check(&mut asm, row, registers, x, y);
        }
    }
    asm.finish()
}

/// One check: operands into their registers, the operation, its result; a source that is no destination is kept.
pub(crate) fn check(asm: &mut Asm, row: &RegReg, [rd, rs1, rs2]: [u8; 3], x: u64, y: u64) {
    asm.begin();
    asm.li(rs1, x);
    asm.li(rs2, y);
    (row.emit)(&mut asm.code, rd, rs1, rs2);
    let y = if rs2 == 0 { 0 } else { y };
    let x = match rs1 {
        0 => 0,
        _ if rs1 == rs2 => y,
        _ => x,
    };
    let result = (row.meaning)(x, y);
    asm.expect(rd, if rd == 0 { 0 } else { result });
    if rs1 != rd {
        asm.expect(rs1, x);
    }
}
