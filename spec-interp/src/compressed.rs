//! The compressed instructions of RV64C without floating point, by the instruction each expands to (manual,
//! chapter "C Extension for Compressed Instructions", section "RVC Instruction Set Listings").
//!
//! Code points marked reserved, and those of the floating-point loads and stores, decode to nothing.

use crate::inst::Inst;
use crate::inst::sign_extend;
use crate::isa::Op;

const ZERO: u8 = 0;
const RA: u8 = 1;
const SP: u8 = 2;

/// Decodes one halfword whose low two bits are not 11.
pub(crate) fn decode(half: u16) -> Option<Inst> {
    let c = Fields(u32::from(half));
    match half & 3 {
        0 => quadrant0(c),
        1 => quadrant1(c),
        2 => quadrant2(c),
        _ => None,
    }
}

/// Stack- and pointer-relative accesses.
fn quadrant0(c: Fields) -> Option<Inst> {
    let (rs1, reg) = (c.prime(7), c.prime(2));
    match c.funct3() {
        0 => {
            c.nonzero(c.gather(&[(5, 3, 1), (6, 2, 1), (7, 6, 4), (11, 4, 2)])).map(|imm| load(Op::Addi, reg, SP, imm))
        }
        2 => Some(load(Op::Lw, reg, rs1, c.offset_word())),
        3 => Some(load(Op::Ld, reg, rs1, c.offset_double())),
        6 => Some(store(Op::Sw, rs1, reg, c.offset_word())),
        7 => Some(store(Op::Sd, rs1, reg, c.offset_double())),
        _ => None,
    }
}

/// Immediates, arithmetic on x8..x15, jumps and branches.
fn quadrant1(c: Fields) -> Option<Inst> {
    let (rd, imm) = (c.full(7), c.imm6());
    match (c.funct3(), rd) {
        (0, _) => Some(load(Op::Addi, rd, rd, imm)),
        (1, ZERO) => None,
        (1, _) => Some(load(Op::Addiw, rd, rd, imm)),
        (2, _) => Some(load(Op::Addi, rd, ZERO, imm)),
        (3, SP) => c.nonzero(c.imm_addi16sp()).map(|imm| load(Op::Addi, SP, SP, imm)),
        (3, _) => c.nonzero(imm << 12).map(|imm| load(Op::Lui, rd, ZERO, imm)),
        (4, _) => arithmetic(c),
        (5, _) => Some(load(Op::Jal, ZERO, ZERO, c.offset_jump())),
        (6, _) => Some(store(Op::Beq, c.prime(7), ZERO, c.offset_branch())),
        (7, _) => Some(store(Op::Bne, c.prime(7), ZERO, c.offset_branch())),
        _ => None,
    }
}

/// The column of quadrant 1 with funct3 = 100; shift amounts of 0 are hints.
fn arithmetic(c: Fields) -> Option<Inst> {
    let (rd, rs2) = (c.prime(7), c.prime(2));
    let op = match (c.bits(10, 2), c.bits(12, 1), c.bits(5, 2)) {
        (0, _, _) => return Some(load(Op::Srli, rd, rd, c.shamt())),
        (1, _, _) => return Some(load(Op::Srai, rd, rd, c.shamt())),
        (2, _, _) => return Some(load(Op::Andi, rd, rd, c.imm6())),
        (3, 0, 0) => Op::Sub,
        (3, 0, 1) => Op::Xor,
        (3, 0, 2) => Op::Or,
        (3, 0, 3) => Op::And,
        (3, 1, 0) => Op::Subw,
        (3, 1, 1) => Op::Addw,
        _ => return None,
    };
    Some(register(op, rd, rd, rs2))
}

/// Accesses relative to sp, moves and register jumps.
fn quadrant2(c: Fields) -> Option<Inst> {
    let (rd, rs2) = (c.full(7), c.full(2));
    match (c.funct3(), rd, rs2) {
        (0, _, _) => Some(load(Op::Slli, rd, rd, c.shamt())),
        (2 | 3, ZERO, _) => None,
        (2, _, _) => Some(load(Op::Lw, rd, SP, c.gather(&[(2, 6, 2), (4, 2, 3), (12, 5, 1)]))),
        (3, _, _) => Some(load(Op::Ld, rd, SP, c.gather(&[(2, 6, 3), (5, 3, 2), (12, 5, 1)]))),
        (4, _, _) => moves_and_jumps(c, rd, rs2),
        (6, _, _) => Some(store(Op::Sw, SP, rs2, c.gather(&[(7, 6, 2), (9, 2, 4)]))),
        (7, _, _) => Some(store(Op::Sd, SP, rs2, c.gather(&[(7, 6, 3), (10, 3, 3)]))),
        _ => None,
    }
}

/// The column of quadrant 2 with funct3 = 100.
fn moves_and_jumps(c: Fields, rd: u8, rs2: u8) -> Option<Inst> {
    match (c.bits(12, 1), rd, rs2) {
        (0, ZERO, ZERO) => None,
        (0, _, ZERO) => Some(load(Op::Jalr, ZERO, rd, 0)),
        (0, _, _) => Some(register(Op::Add, rd, ZERO, rs2)),
        (_, ZERO, ZERO) => Some(register(Op::Ebreak, ZERO, ZERO, ZERO)),
        (_, _, ZERO) => Some(load(Op::Jalr, RA, rd, 0)),
        (_, _, _) => Some(register(Op::Add, rd, rd, rs2)),
    }
}

fn register(op: Op, rd: u8, rs1: u8, rs2: u8) -> Inst {
    Inst { op, rd, rs1, rs2, imm: 0, len: 2 }
}

/// Any instruction with a destination and an immediate.
fn load(op: Op, rd: u8, rs1: u8, imm: i64) -> Inst {
    Inst { op, rd, rs1, rs2: ZERO, imm, len: 2 }
}

/// Any instruction with two sources and an immediate.
fn store(op: Op, rs1: u8, rs2: u8, imm: i64) -> Inst {
    Inst { op, rd: ZERO, rs1, rs2, imm, len: 2 }
}

/// The fields of a halfword, by the manual's format diagrams.
#[derive(Clone, Copy)]
struct Fields(u32);

impl Fields {
    fn bits(self, low: u32, count: u32) -> u32 {
        self.0 >> low & ((1 << count) - 1)
    }

    fn funct3(self) -> u32 {
        self.bits(13, 3)
    }

    /// A five-bit register.
    fn full(self, low: u32) -> u8 {
        self.bits(low, 5) as u8
    }

    /// A three-bit register: x8 to x15.
    fn prime(self, low: u32) -> u8 {
        8 + self.bits(low, 3) as u8
    }

    /// An unsigned immediate from pieces (lowest bit in the halfword, lowest bit in the immediate, bits).
    fn gather(self, pieces: &[(u32, u32, u32)]) -> i64 {
        pieces.iter().map(|&(from, to, count)| i64::from(self.bits(from, count) << to)).sum()
    }

    fn nonzero(self, imm: i64) -> Option<i64> {
        (imm != 0).then_some(imm)
    }

    fn shamt(self) -> i64 {
        self.gather(&[(2, 0, 5), (12, 5, 1)])
    }

    fn imm6(self) -> i64 {
        sign_extend(self.shamt() as u32, 6)
    }

    fn imm_addi16sp(self) -> i64 {
        sign_extend(self.gather(&[(2, 5, 1), (3, 7, 2), (5, 6, 1), (6, 4, 1), (12, 9, 1)]) as u32, 10)
    }

    fn offset_word(self) -> i64 {
        self.gather(&[(5, 6, 1), (6, 2, 1), (10, 3, 3)])
    }

    fn offset_double(self) -> i64 {
        self.gather(&[(5, 6, 2), (10, 3, 3)])
    }

    fn offset_jump(self) -> i64 {
        let pieces = [(2, 5, 1), (3, 1, 3), (6, 7, 1), (7, 6, 1), (8, 10, 1), (9, 8, 2), (11, 4, 1), (12, 11, 1)];
        sign_extend(self.gather(&pieces) as u32, 12)
    }

    fn offset_branch(self) -> i64 {
        sign_extend(self.gather(&[(2, 5, 1), (3, 1, 2), (5, 6, 2), (10, 3, 2), (12, 8, 1)]) as u32, 9)
    }
}
