//! Bitwise operations, counts of bits, single bits.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::alu::Alu;
use super::{RCX, RDX, Translator};

impl Translator<'_> {
    pub(super) fn logic(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, imm, .. } = *inst;
        match op {
            Op::And => self.binary(Alu::And, rd, rs1, rs2, false),
            Op::Or => self.binary(Alu::Or, rd, rs1, rs2, false),
            Op::Xor => self.binary(Alu::Xor, rd, rs1, rs2, false),
            Op::Andi => self.immediate(Alu::And, rd, rs1, imm as i32, false),
            Op::Ori => self.immediate(Alu::Or, rd, rs1, imm as i32, false),
            Op::Xori => self.immediate(Alu::Xor, rd, rs1, imm as i32, false),
            Op::Andn | Op::Orn | Op::Xnor => {
                self.load_to(RDX, rs2);
                let a = self.read(rs1, RCX);
                dynasm!(self.ops; .arch x64; not rdx);
                match op {
                    Op::Andn => dynasm!(self.ops; .arch x64; and rdx, Rq(a)),
                    Op::Orn => dynasm!(self.ops; .arch x64; or rdx, Rq(a)),
                    _ => dynasm!(self.ops; .arch x64; xor rdx, Rq(a)),
                }
                self.write(rd, RDX);
            }
            Op::Clz | Op::Ctz | Op::Cpop | Op::Clzw | Op::Ctzw | Op::Cpopw | Op::Rev8 => self.count_bits(op, rd, rs1),
            Op::OrcB => self.or_bytes(rd, rs1),
            Op::Bclr | Op::Bext | Op::Binv | Op::Bset => {
                self.load_to(RCX, rs2);
                self.single_bit(op, rd, rs1);
            }
            Op::Bclri | Op::Bexti | Op::Binvi | Op::Bseti => {
                dynasm!(self.ops; .arch x64; mov ecx, imm as i32);
                self.single_bit(op, rd, rs1);
            }
            _ => unreachable!("{op} is not of this family"),
        }
    }

    fn count_bits(&mut self, op: Op, rd: u8, rs1: u8) {
        let (a, t) = (self.read(rs1, RCX), self.target(rd));
        let ops = &mut self.ops;
        match op {
            Op::Clz => dynasm!(ops; .arch x64; lzcnt Rq(t), Rq(a)),
            Op::Ctz => dynasm!(ops; .arch x64; tzcnt Rq(t), Rq(a)),
            Op::Cpop => dynasm!(ops; .arch x64; popcnt Rq(t), Rq(a)),
            Op::Clzw => dynasm!(ops; .arch x64; lzcnt Rd(t), Rd(a)),
            Op::Ctzw => dynasm!(ops; .arch x64; tzcnt Rd(t), Rd(a)),
            Op::Cpopw => dynasm!(ops; .arch x64; popcnt Rd(t), Rd(a)),
            _ => dynasm!(ops; .arch x64; mov rdx, Rq(a); bswap rdx; mov Rq(t), rdx),
        }
        self.write(rd, t);
    }

    /// Every byte that is not zero becomes 0xff: its high bit is set iff it, or its low bits plus 0x7f, have it; the
    /// high bits, at the places of the low ones, times 255 fill their bytes.
    fn or_bytes(&mut self, rd: u8, rs1: u8) {
        self.load_to(RCX, rs1);
        dynasm!(self.ops
            ; .arch x64
            ; mov rdx, QWORD 0x7f7f_7f7f_7f7f_7f7f
            ; mov rax, rcx
            ; and rax, rdx
            ; add rax, rdx
            ; or rax, rcx
            ; not rdx
            ; and rax, rdx
            ; shr rax, 7
            ; mov rcx, rax
            ; shl rcx, 8
            ; sub rcx, rax
        );
        self.write(rd, RCX);
    }

    /// The bit whose number is in rcx, modulo 64.
    fn single_bit(&mut self, op: Op, rd: u8, rs1: u8) {
        self.load_to(RDX, rs1);
        let ops = &mut self.ops;
        match op {
            Op::Bclr | Op::Bclri => dynasm!(ops; .arch x64; btr rdx, rcx),
            Op::Bset | Op::Bseti => dynasm!(ops; .arch x64; bts rdx, rcx),
            Op::Binv | Op::Binvi => dynasm!(ops; .arch x64; btc rdx, rcx),
            _ => dynasm!(ops; .arch x64; shrx rdx, rdx, rcx; and edx, 1),
        }
        self.write(rd, RDX);
    }
}
