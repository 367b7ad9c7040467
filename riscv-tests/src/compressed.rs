//! Compressed instructions, each between full-width ones so that both alignments occur.

mod control;
mod hints;
mod mixed;

use spec_interp::Program;
use spec_interp::map::RAM_BASE;

use crate::Case;
use crate::asm::{Asm, Code, rv};
use crate::memory::{BYTES, expect_word, loaded};
use crate::number::{bitwise, power, register, signed, unsigned, word};
use crate::operands::BOUNDARY;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::passing("compressed/immediates", immediates()),
        Case::passing("compressed/registers", registers()),
        Case::passing("compressed/stack_pointer", stack_pointer()),
        Case::passing("compressed/memory", memory()),
        Case::passing("compressed/control", control::program()),
        Case::passing("compressed/hints", hints::program()),
        Case::passing("compressed/mixed", mixed::program()),
    ]
}

/// An operation on a register and an immediate.
struct Immediate {
    emit: fn(&mut Code, u8, i32),
    meaning: fn(u64, i128) -> u64,
    immediates: [i32; 5],
    /// Whether its register field has five bits and not three.
    any_register: bool,
}

macro_rules! immediate {
    ($name:ident, $as:ty, $any:expr, $immediates:expr, $meaning:expr) => {
        Immediate {
            emit: |code, d, imm| rv!(code; c.$name X(d), (imm as $as)),
            meaning: $meaning,
            immediates: $immediates,
            any_register: $any,
        }
    };
}

#[rustfmt::skip]
const IMMEDIATE: [Immediate; 8] = [
    immediate!(addi, i32, true, [1, -1, 31, -32, 21], |x, imm| register(signed(x) + imm)),
    immediate!(addiw, i32, true, [0, -1, 31, -32, 10], |x, imm| word(signed(x) + imm)),
    immediate!(li, i32, true, [0, -1, 31, -32, 21], |_, imm| register(imm)),
    Immediate {
        emit: |code, d, imm| rv!(code; c.lui X(d), imm * 4096),
        meaning: |_, imm| register(imm * 4096),
        immediates: [1, -1, 31, -32, 21],
        any_register: true,
    },
    immediate!(andi, i32, false, [0, -1, 31, -32, 21], |x, imm| bitwise(x, register(imm), |a, b| a * b)),
    immediate!(slli, u32, true, [1, 31, 32, 63, 21], |x, imm| register(signed(x) * power(imm))),
    immediate!(srli, u32, false, [1, 31, 32, 63, 21], |x, imm| register(unsigned(x) / power(imm))),
    immediate!(srai, u32, false, [1, 31, 32, 63, 21], |x, imm| register(signed(x).div_euclid(power(imm)))),
];

/// Registers of five bits, but sp, which makes another instruction of c.lui.
const ANY: [u8; 8] = [1, 4, 7, 9, 16, 18, 28, 29];

fn immediates() -> Program {
    let mut asm = Asm::new();
    for row in IMMEDIATE {
        for (i, imm) in row.immediates.into_iter().enumerate() {
            for (j, x) in [BOUNDARY[3 + i], BOUNDARY[8 + i], BOUNDARY[15]].into_iter().enumerate() {
                let rd = if row.any_register { ANY[(3 * i + j) % 8] } else { 8 + (3 * i + j) as u8 % 8 };
                asm.begin();
                asm.li(rd, x);
                (row.emit)(&mut asm.code, rd, imm);
                asm.expect(rd, (row.meaning)(x, imm.into()));
            }
        }
    }
    asm.finish()
}

/// An operation on two registers.
type Registers = (fn(&mut Code, u8, u8), fn(u64, u64) -> u64);

#[rustfmt::skip]
const REGISTERS: [Registers; 8] = [
    (|c, d, s| rv!(c; c.add X(d), X(s)), |x, y| register(signed(x) + signed(y))),
    (|c, d, s| rv!(c; c.mv X(d), X(s)), |_, y| y),
    (|c, d, s| rv!(c; c.sub X(d), X(s)), |x, y| register(signed(x) - signed(y))),
    (|c, d, s| rv!(c; c.xor X(d), X(s)), |x, y| bitwise(x, y, |a, b| (a + b) % 2)),
    (|c, d, s| rv!(c; c.or X(d), X(s)), |x, y| bitwise(x, y, |a, b| a + b - a * b)),
    (|c, d, s| rv!(c; c.and X(d), X(s)), |x, y| bitwise(x, y, |a, b| a * b)),
    (|c, d, s| rv!(c; c.subw X(d), X(s)), |x, y| word(signed(x) - signed(y))),
    (|c, d, s| rv!(c; c.addw X(d), X(s)), |x, y| word(signed(x) + signed(y))),
];

fn registers() -> Program {
    let mut asm = Asm::new();
    for (i, (emit, meaning)) in REGISTERS.into_iter().enumerate() {
        for j in 0..8 {
            let (x, y) = (BOUNDARY[(3 * j + i) % 16], BOUNDARY[(5 * j + 2 * i + 1) % 16]);
            let (d, s) = (8 + j as u8, 8 + (j as u8 * 3 + 1) % 8);
            let x = if d == s { y } else { x };
            asm.begin();
            asm.li(d, x);
            asm.li(s, y);
            emit(&mut asm.code, d, s);
            asm.expect(d, meaning(x, y));
            if d != s {
                asm.expect(s, y);
            }
        }
    }
    for (d, s) in [(1, 29), (29, 1), (18, 7)] {
        for (emit, meaning) in &REGISTERS[..2] {
            asm.begin();
            asm.li(d, 5);
            asm.li(s, u64::MAX);
            emit(&mut asm.code, d, s);
            asm.expect(d, meaning(5, u64::MAX));
        }
    }
    asm.finish()
}

/// Its own adjustments, and addresses on the stack.
fn stack_pointer() -> Program {
    let mut asm = Asm::new();
    for imm in [16, -16, 496, -512] {
        asm.begin();
        asm.li(2, RAM_BASE + 4096);
        let code = &mut asm.code;
        rv!(code; c.addi16sp x2, imm);
        asm.expect(2, (RAM_BASE + 4096).wrapping_add_signed(imm.into()));
    }
    for imm in [4, 8, 16, 32, 64, 128, 256, 512, 1020_u32] {
        asm.begin();
        asm.li(2, RAM_BASE);
        let code = &mut asm.code;
        rv!(code; c.addi4spn x15, x2, imm);
        asm.expect(15, RAM_BASE + u64::from(imm));
    }
    asm.finish()
}

fn memory() -> Program {
    let mut asm = Asm::new();
    asm.ram = BYTES.iter().copied().cycle().take(512).collect();
    let mut bytes = asm.ram.clone();
    for (i, offset) in [0, 4, 8, 16, 32, 64, 124, 128, 252].into_iter().enumerate() {
        let (any, base, rd) = (ANY[i % 8], 8 + i as u8 % 8, 8 + (3 * i as u8 + 7) % 8);
        asm.begin();
        asm.li(2, RAM_BASE);
        let code = &mut asm.code;
        rv!(code; c.nop; c.lwsp X(any), [x2, offset]); // the other alignment each time
        asm.expect(any, loaded(&bytes[offset as usize..][..4], true));
        asm.li(any, BOUNDARY[15 - i]);
        let code = &mut asm.code;
        rv!(code; c.swsp X(any), [x2, offset]);
        bytes[offset as usize..][..4].copy_from_slice(&BOUNDARY[15 - i].to_le_bytes()[..4]);
        if offset < 128 {
            asm.li(base, RAM_BASE);
            let code = &mut asm.code;
            rv!(code; c.lw X(rd), [X(base), offset]; c.sw X(base), [X(base), offset]);
            asm.expect(rd, loaded(&bytes[offset as usize..][..4], true));
            bytes[offset as usize..][..4].copy_from_slice(&RAM_BASE.to_le_bytes()[..4]);
        }
        expect_word(&mut asm, RAM_BASE + (offset & !7) as u64, &bytes[(offset & !7) as usize..][..8]);
    }
    for (i, offset) in [0, 8, 16, 32, 64, 128, 248, 256, 504].into_iter().enumerate() {
        let (any, base, rd) = (ANY[7 - i % 8], 8 + i as u8 % 8, 8 + (3 * i as u8 + 7) % 8);
        asm.begin();
        let code = &mut asm.code;
        rv!(code; c.nop; c.ldsp X(any), [x2, offset]);
        asm.expect(any, loaded(&bytes[offset as usize..][..8], true));
        asm.li(any, BOUNDARY[15 - i]);
        let code = &mut asm.code;
        rv!(code; c.sdsp X(any), [x2, offset]);
        bytes[offset as usize..][..8].copy_from_slice(&BOUNDARY[15 - i].to_le_bytes());
        if offset < 256 {
            asm.li(base, RAM_BASE);
            let code = &mut asm.code;
            rv!(code; c.ld X(rd), [X(base), offset]; c.sd X(base), [X(base), offset]);
            asm.expect(rd, BOUNDARY[15 - i]);
            bytes[offset as usize..][..8].copy_from_slice(&RAM_BASE.to_le_bytes());
        }
        expect_word(&mut asm, RAM_BASE + offset as u64, &bytes[offset as usize..][..8]);
    }
    asm.finish()
}
