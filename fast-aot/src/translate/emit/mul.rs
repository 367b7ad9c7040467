//! Products.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::alu::Alu;
use super::{RAX, RCX, RDX, Translator};

impl Translator<'_> {
    pub(super) fn mul(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, .. } = *inst;
        match op {
            Op::Mul => self.binary(Alu::Imul, rd, rs1, rs2, false),
            Op::Mulw => self.binary(Alu::Imul, rd, rs1, rs2, true),
            Op::Mulhu | Op::Mulh => {
                self.product(inst);
                self.write(rd, RDX);
            }
            Op::Mulhsu => {
                // The unsigned product counts a negative rs1 as 2^64 more: rs2 too much in the upper half.
                self.load_to(RAX, rs1);
                self.load_to(RCX, rs2);
                dynasm!(self.ops; .arch x64; mul rcx);
                let a = self.read(rs1, RAX);
                dynasm!(self.ops; .arch x64; mov rax, Rq(a); sar rax, 63; and rax, rcx; sub rdx, rax);
                self.write(rd, RDX);
            }
            _ => unreachable!("{op} is not of this family"),
        }
    }

    /// The product of `mulh` or `mulhu`: its halves in rdx and rax.
    pub(super) fn product(&mut self, inst: &Inst) {
        self.load_to(RAX, inst.rs1);
        let b = self.read(inst.rs2, RCX);
        match inst.op {
            Op::Mulh => dynasm!(self.ops; .arch x64; imul Rq(b)),
            _ => dynasm!(self.ops; .arch x64; mul Rq(b)),
        }
    }
}
