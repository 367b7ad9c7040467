//! Products.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::{RAX, RCX, RDX, Translator};

impl Translator<'_> {
    /// The upper half of the product. The unsigned one counts a negative rs1 as 2^64 more: rs2 too much in the upper half.
    pub(super) fn product_of_signed_and_unsigned(&mut self, rd: u8, rs1: u8, rs2: u8) {
        self.load_to(RAX, rs1);
        self.load_to(RCX, rs2);
        dynasm!(self.ops; .arch x64; mul rcx);
        let a = self.read(rs1, RAX);
        dynasm!(self.ops; .arch x64; mov rax, Rq(a); sar rax, 63; and rax, rcx; sub rdx, rax);
        self.write(rd, RDX);
    }

    /// The product of `mulh` or `mulhu`: its halves in rdx and rax.
    pub(super) fn product(&mut self, inst: &Inst) {
        self.load_to(RAX, inst.rs1);
        let b = self.read(inst.rs2, RCX);
        match inst.op {
            Op::Mulh => dynasm!(self.ops; .arch x64; imul Rq(b)),
            Op::Mulhu => dynasm!(self.ops; .arch x64; mul Rq(b)),
            op => unreachable!("{op} has no such product"),
        }
    }
}
