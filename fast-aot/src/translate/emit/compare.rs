//! Comparisons, minimum and maximum.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::{RAX, RCX, RDX, Translator};

impl Translator<'_> {
    pub(super) fn set_if_less(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, imm, .. } = *inst;
        let a = self.read(rs1, RDX);
        // Before the comparison, whose flags it would change.
        dynasm!(self.ops; .arch x64; xor eax, eax);
        if matches!(op, Op::Slt | Op::Sltu) {
            let b = self.read(rs2, RCX);
            dynasm!(self.ops; .arch x64; cmp Rq(a), Rq(b));
        } else {
            dynasm!(self.ops; .arch x64; cmp Rq(a), imm as i32);
        }
        match op {
            Op::Slt | Op::Slti => dynasm!(self.ops; .arch x64; setl al),
            Op::Sltu | Op::Sltiu => dynasm!(self.ops; .arch x64; setb al),
            _ => unreachable!("{op} sets nothing"),
        }
        self.write(rd, RAX);
    }

    pub(super) fn lesser_or_greater(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, .. } = *inst;
        self.load_to(RDX, rs1);
        let b = self.read(rs2, RCX);
        let ops = &mut self.ops;
        dynasm!(ops; .arch x64; cmp rdx, Rq(b));
        match op {
            Op::Min => dynasm!(ops; .arch x64; cmovg rdx, Rq(b)),
            Op::Max => dynasm!(ops; .arch x64; cmovl rdx, Rq(b)),
            Op::Minu => dynasm!(ops; .arch x64; cmova rdx, Rq(b)),
            Op::Maxu => dynasm!(ops; .arch x64; cmovb rdx, Rq(b)),
            _ => unreachable!("{op} chooses nothing"),
        }
        self.write(rd, RDX);
    }
}
