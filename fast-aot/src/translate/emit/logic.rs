//! Bitwise operations, counts of bits, single bits.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::Op;

use super::{RCX, RDX, Translator};

impl Translator<'_> {
    /// A bitwise operation on rs1 and the inverse of rs2; `xnor` is one too.
    pub(super) fn with_inverse(&mut self, op: Op, rd: u8, rs1: u8, rs2: u8) {
        self.load_to(RDX, rs2);
        let a = self.read(rs1, RCX);
        dynasm!(self.ops; .arch x64; not rdx);
        match op {
            Op::Andn => dynasm!(self.ops; .arch x64; and rdx, Rq(a)),
            Op::Orn => dynasm!(self.ops; .arch x64; or rdx, Rq(a)),
            Op::Xnor => dynasm!(self.ops; .arch x64; xor rdx, Rq(a)),
            _ => unreachable!("{op} inverts nothing"),
        }
        self.write(rd, RDX);
    }

    pub(super) fn count_bits(&mut self, op: Op, rd: u8, rs1: u8) {
        let (a, t) = (self.read(rs1, RCX), self.target(rd));
        let ops = &mut self.ops;
        match op {
            Op::Clz => dynasm!(ops; .arch x64; lzcnt Rq(t), Rq(a)),
            Op::Ctz => dynasm!(ops; .arch x64; tzcnt Rq(t), Rq(a)),
            Op::Cpop => dynasm!(ops; .arch x64; popcnt Rq(t), Rq(a)),
            Op::Clzw => dynasm!(ops; .arch x64; lzcnt Rd(t), Rd(a)),
            Op::Ctzw => dynasm!(ops; .arch x64; tzcnt Rd(t), Rd(a)),
            Op::Cpopw => dynasm!(ops; .arch x64; popcnt Rd(t), Rd(a)),
            Op::Rev8 => dynasm!(ops; .arch x64; mov rdx, Rq(a); bswap rdx; mov Rq(t), rdx),
            _ => unreachable!("{op} counts no bits"),
        }
        self.write(rd, t);
    }

    /// Every byte that is not zero becomes 0xff: its high bit is set iff it, or its low bits plus 0x7f, have it; the
    /// high bits, at the places of the low ones, times 255 fill their bytes.
    pub(super) fn or_bytes(&mut self, rd: u8, rs1: u8) {
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

    /// The bit whose number is in rs2, modulo 64.
    pub(super) fn single_bit(&mut self, op: Op, rd: u8, rs1: u8, rs2: u8) {
        self.load_to(RCX, rs2);
        self.bit_in_rcx(op, rd, rs1);
    }

    /// A bit by a constant number.
    pub(super) fn single_bit_constant(&mut self, op: Op, rd: u8, rs1: u8, number: i32) {
        dynasm!(self.ops; .arch x64; mov ecx, number);
        self.bit_in_rcx(op, rd, rs1);
    }

    fn bit_in_rcx(&mut self, op: Op, rd: u8, rs1: u8) {
        self.load_to(RDX, rs1);
        let ops = &mut self.ops;
        match op {
            Op::Bclr | Op::Bclri => dynasm!(ops; .arch x64; btr rdx, rcx),
            Op::Bset | Op::Bseti => dynasm!(ops; .arch x64; bts rdx, rcx),
            Op::Binv | Op::Binvi => dynasm!(ops; .arch x64; btc rdx, rcx),
            Op::Bext | Op::Bexti => dynasm!(ops; .arch x64; shrx rdx, rdx, rcx; and edx, 1),
            _ => unreachable!("{op} is of no single bit"),
        }
        self.write(rd, RDX);
    }
}
