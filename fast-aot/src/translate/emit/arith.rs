//! Additions and what goes with them.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::Op;

use super::{RCX, Translator};

impl Translator<'_> {
    /// A byte or halfword extended.
    pub(super) fn extend(&mut self, op: Op, rd: u8, rs1: u8) {
        let (from, target) = (self.read_low(rs1, RCX), self.target(rd));
        match op {
            Op::SextB => dynasm!(self.ops; .arch x64; movsx Rq(target), Rb(from)),
            Op::SextH => dynasm!(self.ops; .arch x64; movsx Rq(target), Rw(from)),
            Op::ZextH => dynasm!(self.ops; .arch x64; movzx Rd(target), Rw(from)),
            _ => unreachable!("{op} does not extend"),
        }
        self.write(rd, target);
    }

    /// `rd = rs1 + imm`, also a copy.
    pub(super) fn add_constant(&mut self, rd: u8, rs1: u8, imm: i32) {
        let (from, target) = (self.read(rs1, RCX), self.target(rd));
        match (imm, from == target) {
            (0, true) => {}
            (0, false) => dynasm!(self.ops; .arch x64; mov Rq(target), Rq(from)),
            (_, true) => dynasm!(self.ops; .arch x64; add Rq(target), imm),
            (_, false) => dynasm!(self.ops; .arch x64; lea Rq(target), [Rq(from) + imm]),
        }
        self.write(rd, target);
    }

    pub(super) fn add(&mut self, rd: u8, rs1: u8, rs2: u8) {
        if rs1 == 0 || rs2 == 0 {
            return self.add_constant(rd, rs1 | rs2, 0);
        }
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
    pub(super) fn shift_add(&mut self, rd: u8, rs1: u8, rs2: u8, shift: u8, word: bool) {
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
