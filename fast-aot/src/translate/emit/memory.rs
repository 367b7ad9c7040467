//! Loads and stores.
//!
//! An access goes to base + rs1 + imm in the host. It is safe if rs1 is below 2^32: the guards hold what imm adds. And
//! it is right: if rs1 is not, then neither is the address, or it is one where the map has nothing, so that the
//! instruction faults, which the runtime then finds out.

use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};
use spec_interp::{Inst, Op};

use super::{Line, RAX, RCX, RDX, Translator};

impl Translator<'_> {
    pub(super) fn store(&mut self, line: &mut Line, inst: &Inst) {
        let Inst { op, rs1, rs2, imm, .. } = *inst;
        let (base, imm) = self.address(line, rs1, imm as i32);
        let value = if op == Op::Sd { self.read(rs2, RDX) } else { self.read_low(rs2, RDX) };
        self.access(line);
        let ops = &mut self.ops;
        match op {
            Op::Sb => dynasm!(ops; .arch x64; mov [r15 + Rq(base) + imm], Rb(value)),
            Op::Sh => dynasm!(ops; .arch x64; mov [r15 + Rq(base) + imm], Rw(value)),
            Op::Sw => dynasm!(ops; .arch x64; mov [r15 + Rq(base) + imm], Rd(value)),
            Op::Sd => dynasm!(ops; .arch x64; mov [r15 + Rq(base) + imm], Rq(value)),
            _ => unreachable!("{op} stores nothing"),
        }
        line.addresses |= 1 << rs1;
    }

    pub(super) fn load(&mut self, line: &mut Line, inst: &Inst) {
        let Inst { op, rd, rs1, imm, .. } = *inst;
        let (base, imm) = self.address(line, rs1, imm as i32);
        let target = if rd == 0 { RAX } else { self.target(rd) };
        self.access(line);
        let ops = &mut self.ops;
        match op {
            Op::Lb => dynasm!(ops; .arch x64; movsx Rq(target), BYTE [r15 + Rq(base) + imm]),
            Op::Lh => dynasm!(ops; .arch x64; movsx Rq(target), WORD [r15 + Rq(base) + imm]),
            Op::Lw => dynasm!(ops; .arch x64; movsxd Rq(target), DWORD [r15 + Rq(base) + imm]),
            Op::Ld => dynasm!(ops; .arch x64; mov Rq(target), [r15 + Rq(base) + imm]),
            Op::Lbu => dynasm!(ops; .arch x64; movzx Rd(target), BYTE [r15 + Rq(base) + imm]),
            Op::Lhu => dynasm!(ops; .arch x64; movzx Rd(target), WORD [r15 + Rq(base) + imm]),
            Op::Lwu => dynasm!(ops; .arch x64; mov Rd(target), [r15 + Rq(base) + imm]),
            _ => unreachable!("{op} loads nothing"),
        }
        self.loaded(line, rd, target);
        if matches!(op, Op::Lb | Op::Lh | Op::Lw | Op::Lbu | Op::Lhu) {
            self.signed |= 1 << rd;
        }
        line.addresses |= 1 << rs1;
    }

    /// Records a loaded value and takes it to its register.
    pub(super) fn loaded(&mut self, line: &mut Line, rd: u8, value: u8) {
        if self.recording.is_some() {
            dynasm!(self.ops; .arch x64; mov [r14 + 8 * line.loads], Rq(value));
            line.loads += 1;
        }
        if rd != 0 {
            self.write(rd, value);
        }
    }

    /// A host register and a displacement that make the address: of a register that is below 2^32, or checked to be, or
    /// of a constant.
    pub(super) fn address(&mut self, line: &Line, rs1: u8, imm: i32) -> (u8, i32) {
        let known = self.known[usize::from(rs1)].map(|base| base.wrapping_add_signed(imm.into()));
        if let Some(addr) = known.and_then(|addr| u32::try_from(addr).ok()) {
            dynasm!(self.ops; .arch x64; mov ecx, addr as i32);
            return (RCX, 0);
        }
        let base = self.read(rs1, RCX);
        if line.addresses >> rs1 & 1 == 0 {
            let beyond = self.cold_exit(line, false);
            dynasm!(self.ops; .arch x64; mov eax, Rd(base); cmp rax, Rq(base); jne =>beyond);
        }
        (base, imm)
    }

    /// Notes that what is emitted next may be refused.
    pub(super) fn access(&mut self, line: &Line) {
        let site = self.site(line, false);
        self.accesses.push((self.ops.offset().0, site));
    }
}
