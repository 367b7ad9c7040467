//! Operations of Zbb on one register.

use spec_interp::{Op, Program};

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::number::{bytes, from_bytes, length, ones, register, signed_low, trailing_zeros, unsigned, unsigned_word};
use crate::operands::BOUNDARY;

/// One operation.
struct Unary {
    op: Op,
    /// Assembles it with rd and rs1.
    emit: fn(&mut Code, u8, u8),
    /// rd from rs1.
    meaning: fn(u64) -> u64,
}

macro_rules! row {
    ($op:expr, $($name:ident).+, $meaning:expr) => {
        Unary { op: $op, emit: |code, d, s| rv!(code; $($name).+ X(d), X(s)), meaning: $meaning }
    };
}

const UNARY: [Unary; 11] = [
    row!(Op::SextB, sext.b, |x| register(signed_low(x, 8))),
    row!(Op::SextH, sext.h, |x| register(signed_low(x, 16))),
    row!(Op::ZextH, zext.h, |x| register(unsigned(x) % 65536)),
    row!(Op::Clz, clz, |x| register(64 - length(unsigned(x)))),
    row!(Op::Ctz, ctz, |x| register(trailing_zeros(unsigned(x), 64))),
    row!(Op::Cpop, cpop, |x| register(ones(unsigned(x)))),
    row!(Op::Clzw, clzw, |x| register(32 - length(unsigned_word(x)))),
    row!(Op::Ctzw, ctzw, |x| register(trailing_zeros(unsigned_word(x), 32))),
    row!(Op::Cpopw, cpopw, |x| register(ones(unsigned_word(x)))),
    row!(Op::OrcB, orc.b, |x| from_bytes(bytes(x).map(|byte| if byte == 0 { 0 } else { 255 }))),
    row!(Op::Rev8, rev8, |x| {
        let mut bytes = bytes(x);
        bytes.reverse();
        from_bytes(bytes)
    }),
];

pub(crate) fn cases() -> Vec<Case> {
    UNARY.iter().map(|row| Case::passing(format!("unary/{}", row.op), program(row))).collect()
}

/// Signs of bytes and halves, zero bytes at either end and between others.
const PATTERNS: [u64; 8] = [
    0x7f,
    0x80,
    0x7fff,
    0x8000,
    0x0100_0080_0000_ff00,
    0x0001_0000_8000_0010,
    0xff00_ff00_00ff_00ff,
    0x8040_2010_0804_0201,
];

fn program(row: &Unary) -> Program {
    let mut asm = Asm::new();
    // Each place of a lone bit: the sum of it and a lower one every other time, so that neither end is always the same.
    let lone = (0..64).map(|i| 1 << i | if i % 2 == 1 { 1 << (i / 2) } else { 0 });
    let operands = BOUNDARY.into_iter().chain(PATTERNS).chain(lone);
    for (i, x) in operands.enumerate() {
        let (rd, rs1) = (FREE[i % 28], FREE[(i + [11, 0][i % 2]) % 28]); // every other time rd = rs1
        asm.begin();
        asm.li(rs1, x);
        (row.emit)(&mut asm.code, rd, rs1);
        asm.expect(rd, (row.meaning)(x));
        if rs1 != rd {
            asm.expect(rs1, x);
        }
    }
    asm.begin();
    (row.emit)(&mut asm.code, 10, 0);
    asm.expect(10, (row.meaning)(0));
    asm.li(11, BOUNDARY[15]);
    (row.emit)(&mut asm.code, 0, 11);
    asm.expect(0, 0);
    asm.finish()
}
