//! Additions and what goes with them.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::alu::Alu;
use super::{RCX, Translator};

impl Translator<'_> {
    pub(super) fn arith(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, imm, .. } = *inst;
        match op {
            Op::Addi => self.add_constant(rd, rs1, imm as i32),
            Op::Addiw => self.immediate(Alu::Add, rd, rs1, imm as i32, true),
            Op::Add if rs2 == 0 => self.add_constant(rd, rs1, 0),
            Op::Add if rs1 == 0 => self.add_constant(rd, rs2, 0),
            Op::Add => self.add(rd, rs1, rs2),
            Op::Sub => self.binary(Alu::Sub, rd, rs1, rs2, false),
            Op::Addw => self.binary(Alu::Add, rd, rs1, rs2, true),
            Op::Subw => self.binary(Alu::Sub, rd, rs1, rs2, true),
            Op::AddUw => self.shift_add(rd, rs1, rs2, 0, true),
            Op::Sh1add => self.shift_add(rd, rs1, rs2, 1, false),
            Op::Sh2add => self.shift_add(rd, rs1, rs2, 2, false),
            Op::Sh3add => self.shift_add(rd, rs1, rs2, 3, false),
            Op::Sh1addUw => self.shift_add(rd, rs1, rs2, 1, true),
            Op::Sh2addUw => self.shift_add(rd, rs1, rs2, 2, true),
            Op::Sh3addUw => self.shift_add(rd, rs1, rs2, 3, true),
            Op::SextB => {
                let (from, target) = (self.read_low(rs1, RCX), self.target(rd));
                dynasm!(self.ops; .arch x64; movsx Rq(target), Rb(from));
                self.write(rd, target);
            }
            Op::SextH => {
                let (from, target) = (self.read_low(rs1, RCX), self.target(rd));
                dynasm!(self.ops; .arch x64; movsx Rq(target), Rw(from));
                self.write(rd, target);
            }
            Op::ZextH => {
                let (from, target) = (self.read_low(rs1, RCX), self.target(rd));
                dynasm!(self.ops; .arch x64; movzx Rd(target), Rw(from));
                self.write(rd, target);
            }
            // `lui` and `auipc` are constants.
            _ => unreachable!("{op} is not of this family, or known"),
        }
    }

    /// `rd = rs1 + imm`, also a copy.
    fn add_constant(&mut self, rd: u8, rs1: u8, imm: i32) {
        let (from, target) = (self.read(rs1, RCX), self.target(rd));
        match (imm, from == target) {
            (0, true) => {}
            (0, false) => dynasm!(self.ops; .arch x64; mov Rq(target), Rq(from)),
            (_, true) => dynasm!(self.ops; .arch x64; add Rq(target), imm),
            (_, false) => dynasm!(self.ops; .arch x64; lea Rq(target), [Rq(from) + imm]),
        }
        self.write(rd, target);
    }

    fn add(&mut self, rd: u8, rs1: u8, rs2: u8) {
        let (a, b, target) = (self.read(rs1, RCX), self.read(rs2, super::RDX), self.target(rd));
        if target == a {
            dynasm!(self.ops; .arch x64; add Rq(target), Rq(b));
        } else if target == b {
            dynasm!(self.ops; .arch x64; add Rq(target), Rq(a));
        } else {
            dynasm!(self.ops; .arch x64; lea Rq(target), [Rq(a) + Rq(b)]);
        }
        self.write(rd, target);
    }

    /// `rd = (rs1 << shift) + rs2`, of the low word of rs1 if `word`.
    fn shift_add(&mut self, rd: u8, rs1: u8, rs2: u8, shift: u8, word: bool) {
        let a = if word { self.read_low(rs1, RCX) } else { self.read(rs1, RCX) };
        if word {
            dynasm!(self.ops; .arch x64; mov ecx, Rd(a));
        } else {
            dynasm!(self.ops; .arch x64; mov rcx, Rq(a));
        }
        let (b, target) = (self.read(rs2, super::RDX), self.target(rd));
        if shift > 0 {
            dynasm!(self.ops; .arch x64; shl rcx, shift as i8);
        }
        dynasm!(self.ops; .arch x64; lea Rq(target), [rcx + Rq(b)]);
        self.write(rd, target);
    }
}
