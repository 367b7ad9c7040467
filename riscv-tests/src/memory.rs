//! Loads and stores of every width at every offset within a doubleword, against bytes in a vector.

use spec_interp::map::{HEADER_SIZE, INPUT_BASE, OUTPUT_BASE, PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{Op, Program};

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::number::{power, register};

/// One load.
pub(crate) struct Load {
    pub op: Op,
    pub width: usize,
    pub signed: bool,
    /// Assembles it with rd, rs1 and the offset.
    pub emit: fn(&mut Code, u8, u8, i32),
}

/// One store.
pub(crate) struct Store {
    pub op: Op,
    pub width: usize,
    /// Assembles it with rs2, rs1 and the offset.
    pub emit: fn(&mut Code, u8, u8, i32),
}

macro_rules! load {
    ($op:expr, $name:ident, $width:expr, $signed:expr) => {
        Load {
            op: $op,
            width: $width,
            signed: $signed,
            emit: |code, d, s, imm| rv!(code; $name X(d), [X(s), imm]),
        }
    };
}

macro_rules! store {
    ($op:expr, $name:ident, $width:expr) => {
        Store { op: $op, width: $width, emit: |code, t, s, imm| rv!(code; $name X(t), [X(s), imm]) }
    };
}

/// Every load.
pub(crate) const LOADS: [Load; 7] = [
    load!(Op::Lb, lb, 1, true),
    load!(Op::Lh, lh, 2, true),
    load!(Op::Lw, lw, 4, true),
    load!(Op::Ld, ld, 8, true),
    load!(Op::Lbu, lbu, 1, false),
    load!(Op::Lhu, lhu, 2, false),
    load!(Op::Lwu, lwu, 4, false),
];

/// Every store.
pub(crate) const STORES: [Store; 4] =
    [store!(Op::Sb, sb, 1), store!(Op::Sh, sh, 2), store!(Op::Sw, sw, 4), store!(Op::Sd, sd, 8)];

/// Bytes with and without their upper bit set, no two alike.
#[rustfmt::skip]
pub(crate) const BYTES: [u8; 32] = [
    0x01, 0x82, 0x23, 0xf4, 0x75, 0x96, 0x07, 0xd8, 0xff, 0x00, 0x80, 0x7f, 0xfe, 0x11, 0xee, 0x33,
    0xcc, 0x55, 0xaa, 0x44, 0xbb, 0x66, 0x99, 0x77, 0x88, 0x12, 0xab, 0x34, 0xcd, 0x56, 0xef, 0x78,
];

/// What a load of these bytes leaves in a register.
pub(crate) fn loaded(bytes: &[u8], signed: bool) -> u64 {
    let value: i128 = bytes.iter().zip(0..).map(|(&byte, i)| i128::from(byte) * power(8 * i)).sum();
    let negative = signed && bytes.last().is_some_and(|&byte| byte >= 128);
    register(if negative { value - power(8 * bytes.len() as i128) } else { value })
}

/// Immediates that all reach the same byte, each with its own base.
const IMMEDIATES: [i32; 6] = [0, 1, -1, 2047, -2048, 64];

pub(crate) fn cases() -> Vec<Case> {
    let loads = LOADS.iter().map(|row| Case::passing(format!("memory/{}", row.op), load_program(row)));
    let stores = STORES.iter().map(|row| Case::passing(format!("memory/{}", row.op), store_program(row)));
    let mut cases: Vec<_> = loads.chain(stores).collect();
    cases.push(Case::passing("memory/regions", regions()));
    cases.push(Case { input: BYTES.to_vec(), ..Case::passing("memory/input", input()) });
    cases.push(Case { output: BYTES.to_vec(), ..Case::passing("memory/output", output()) });
    cases
}

fn load_program(row: &Load) -> Program {
    let mut asm = Asm::new();
    asm.ram = BYTES.to_vec();
    for offset in (0..24).filter(|offset| offset % 8 + row.width <= 8) {
        let imm = IMMEDIATES[offset % 6];
        let (rd, rs1) = (FREE[offset % 28], FREE[(offset + offset % 3) % 28]); // every third time rd = rs1
        asm.begin();
        asm.li(rs1, (RAM_BASE + offset as u64).wrapping_add_signed(-i64::from(imm)));
        (row.emit)(&mut asm.code, rd, rs1, imm);
        asm.expect(rd, loaded(&BYTES[offset..offset + row.width], row.signed));
    }
    asm.begin();
    asm.li(10, RAM_BASE + 8);
    (row.emit)(&mut asm.code, 0, 10, 0);
    asm.expect(0, 0);
    asm.finish()
}

fn store_program(row: &Store) -> Program {
    let mut asm = Asm::new();
    asm.ram = BYTES.to_vec();
    let mut bytes = BYTES;
    for round in 0..3 {
        for offset in (0..24).filter(|offset| offset % 8 + row.width <= 8) {
            let value = 0x8123_4567_89ab_cdef_u64.rotate_left(8 * (offset + round) as u32 + round as u32);
            let imm = IMMEDIATES[(offset + round) % 6];
            let (rs1, rs2) = (FREE[(offset + round) % 28], FREE[(offset + 5) % 28]);
            if rs1 == rs2 {
                continue;
            }
            asm.begin();
            asm.li(rs2, value);
            asm.li(rs1, (RAM_BASE + offset as u64).wrapping_add_signed(-i64::from(imm)));
            (row.emit)(&mut asm.code, rs2, rs1, imm);
            bytes[offset..offset + row.width].copy_from_slice(&value.to_le_bytes()[..row.width]);
            expect_word(&mut asm, RAM_BASE + (offset & !7) as u64, &bytes[offset & !7..][..8]);
        }
    }
    // A base stored at itself, and x0.
    asm.begin();
    asm.li(10, RAM_BASE + 8);
    (row.emit)(&mut asm.code, 10, 10, 0);
    bytes[8..8 + row.width].copy_from_slice(&(RAM_BASE + 8).to_le_bytes()[..row.width]);
    (row.emit)(&mut asm.code, 0, 10, 8);
    bytes[16..16 + row.width].fill(0);
    for at in [0, 8, 16, 24] {
        expect_word(&mut asm, RAM_BASE + at as u64, &bytes[at..at + 8]);
    }
    asm.finish()
}

/// Checks one doubleword.
pub(crate) fn expect_word(asm: &mut Asm, addr: u64, bytes: &[u8]) {
    asm.li(30, addr);
    let code = &mut asm.code;
    rv!(code; ld x30, [x30]);
    asm.expect(30, loaded(bytes, true));
}

/// The ends of every region that loads and stores reach.
fn regions() -> Program {
    let mut asm = Asm::new();
    for addr in [RAM_BASE, RAM_BASE + RAM_SIZE - 8, OUTPUT_BASE + 8, 0xe3ff_fff8] {
        asm.begin();
        asm.li(10, addr);
        asm.li(11, 0x8123_4567_89ab_cdef);
        let code = &mut asm.code;
        rv!(code; ld x12, [x10]);
        asm.expect(12, 0);
        let code = &mut asm.code;
        rv!(code; sd x11, [x10]; ld x12, [x10]; sd x0, [x10]);
        asm.expect(12, 0x8123_4567_89ab_cdef);
    }
    // The program can read itself: its first instruction is `addi x3, x0, 1`.
    asm.begin();
    asm.li(10, PROGRAM_BASE);
    let code = &mut asm.code;
    rv!(code; lwu x12, [x10]);
    asm.expect(12, 0x0010_0193);
    asm.li(10, 0x9000_0000 - 8);
    let code = &mut asm.code;
    rv!(code; ld x12, [x10]);
    asm.expect(12, 0);
    asm.finish()
}

/// The length, eight zeros, the bytes, and zeros to the end of the region.
fn input() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    expect_word(&mut asm, INPUT_BASE, &(BYTES.len() as u64).to_le_bytes());
    expect_word(&mut asm, INPUT_BASE + 8, &[0; 8]);
    for (i, bytes) in BYTES.chunks(8).enumerate() {
        expect_word(&mut asm, INPUT_BASE + HEADER_SIZE + 8 * i as u64, bytes);
    }
    expect_word(&mut asm, INPUT_BASE + HEADER_SIZE + BYTES.len() as u64, &[0; 8]);
    expect_word(&mut asm, PROGRAM_BASE - 8, &[0; 8]);
    asm.finish()
}

/// Writes the bytes one by one, then their number.
fn output() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, OUTPUT_BASE);
    for (i, byte) in BYTES.into_iter().enumerate() {
        asm.li(11, byte.into());
        let code = &mut asm.code;
        rv!(code; sb x11, [x10, HEADER_SIZE as i32 + i as i32]);
    }
    asm.li(11, BYTES.len() as u64);
    let code = &mut asm.code;
    rv!(code; sd x11, [x10]);
    asm.finish()
}
