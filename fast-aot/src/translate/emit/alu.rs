//! Operations that x86-64 has with two operands, of which the first is the result.

use dynasmrt::{DynasmApi, dynasm};

use super::{RCX, Translator};

/// An operation of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alu {
    Add,
    Sub,
    And,
    Or,
    Xor,
    Imul,
}

impl Alu {
    const fn commutes(self) -> bool {
        !matches!(self, Self::Sub)
    }
}

impl Translator<'_> {
    /// `rd = rs1 op rs2`; of W forms the low word, sign-extended.
    pub(super) fn binary(&mut self, op: Alu, rd: u8, rs1: u8, rs2: u8, word: bool) {
        let bitwise = matches!(op, Alu::And | Alu::Or | Alu::Xor);
        let word = word || bitwise && self.are_signed(rs1, rs2);
        let read = if word { Self::read_low } else { Self::read };
        let load_to = if word { Self::load_low_to } else { Self::load_to };
        let target = self.target(rd);
        let (mut first, mut second) = (rs1, read(self, rs2, RCX));
        if second == target && rs1 != rs2 {
            if op.commutes() {
                (first, second) = (rs2, read(self, rs1, RCX));
            } else {
                dynasm!(self.ops; .arch x64; mov rcx, Rq(second));
                second = RCX;
            }
        }
        load_to(self, target, first);
        self.registers(op, target, second, word);
        self.finish(rd, target, word);
    }

    /// `rd = rs1 op imm`.
    pub(super) fn immediate(&mut self, op: Alu, rd: u8, rs1: u8, imm: i32, word: bool) {
        let bitwise = matches!(op, Alu::And | Alu::Or | Alu::Xor);
        let word = word || bitwise && self.are_signed(rs1, rs1);
        let target = self.target(rd);
        if word {
            self.load_low_to(target, rs1)
        } else {
            self.load_to(target, rs1)
        }
        if imm != 0 || op == Alu::And {
            self.constant_operand(op, target, imm, word);
        }
        self.finish(rd, target, word);
    }

    fn finish(&mut self, rd: u8, host: u8, word: bool) {
        if word { self.write_word(rd, host) } else { self.write(rd, host) }
    }

    fn registers(&mut self, op: Alu, a: u8, b: u8, word: bool) {
        let ops = &mut self.ops;
        match (op, word) {
            (Alu::Add, false) => dynasm!(ops; .arch x64; add Rq(a), Rq(b)),
            (Alu::Sub, false) => dynasm!(ops; .arch x64; sub Rq(a), Rq(b)),
            (Alu::And, false) => dynasm!(ops; .arch x64; and Rq(a), Rq(b)),
            (Alu::Or, false) => dynasm!(ops; .arch x64; or Rq(a), Rq(b)),
            (Alu::Xor, false) => dynasm!(ops; .arch x64; xor Rq(a), Rq(b)),
            (Alu::Imul, false) => dynasm!(ops; .arch x64; imul Rq(a), Rq(b)),
            (Alu::Add, true) => dynasm!(ops; .arch x64; add Rd(a), Rd(b)),
            (Alu::Sub, true) => dynasm!(ops; .arch x64; sub Rd(a), Rd(b)),
            (Alu::And, true) => dynasm!(ops; .arch x64; and Rd(a), Rd(b)),
            (Alu::Or, true) => dynasm!(ops; .arch x64; or Rd(a), Rd(b)),
            (Alu::Xor, true) => dynasm!(ops; .arch x64; xor Rd(a), Rd(b)),
            (Alu::Imul, true) => dynasm!(ops; .arch x64; imul Rd(a), Rd(b)),
        }
    }

    fn constant_operand(&mut self, op: Alu, a: u8, imm: i32, word: bool) {
        let ops = &mut self.ops;
        match (op, word) {
            (Alu::Add, false) => dynasm!(ops; .arch x64; add Rq(a), imm),
            (Alu::Sub, false) => dynasm!(ops; .arch x64; sub Rq(a), imm),
            (Alu::And, false) => dynasm!(ops; .arch x64; and Rq(a), imm),
            (Alu::Or, false) => dynasm!(ops; .arch x64; or Rq(a), imm),
            (Alu::Xor, false) => dynasm!(ops; .arch x64; xor Rq(a), imm),
            (Alu::Imul, false) => dynasm!(ops; .arch x64; imul Rq(a), Rq(a), imm),
            (Alu::Add, true) => dynasm!(ops; .arch x64; add Rd(a), imm),
            (Alu::Sub, true) => dynasm!(ops; .arch x64; sub Rd(a), imm),
            (Alu::And, true) => dynasm!(ops; .arch x64; and Rd(a), imm),
            (Alu::Or, true) => dynasm!(ops; .arch x64; or Rd(a), imm),
            (Alu::Xor, true) => dynasm!(ops; .arch x64; xor Rd(a), imm),
            (Alu::Imul, true) => dynasm!(ops; .arch x64; imul Rd(a), Rd(a), imm),
        }
    }
}
