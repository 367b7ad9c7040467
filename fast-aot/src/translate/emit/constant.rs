//! Constants: what a block computes of them is computed by the translator, by the reference's own code.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::isa::Format;
use spec_interp::{Inst, Op, alu};

use super::Translator;

impl Translator<'_> {
    /// Whether the result is known, so that nothing is left to do.
    pub(super) fn folds(&mut self, pc: u64, inst: &Inst, next: Option<&Inst>) -> bool {
        let Some(value) = self.folded(pc, inst) else { return false };
        self.known[usize::from(inst.rd)] = Some(value);
        // `lui` and `addi` of one register: nothing sees what is between.
        let passing = next.is_some_and(|next| next.rd == inst.rd && self.folded(0, next).is_some());
        if !passing {
            self.constant(inst.rd, value);
        }
        true
    }

    /// The result of an instruction on known operands.
    fn folded(&self, pc: u64, inst: &Inst) -> Option<u64> {
        let register = |register: u8| self.known[usize::from(register)];
        let first = if inst.op == Op::Auipc { Some(pc) } else { register(inst.rs1) };
        let second = match inst.op.encoding().format {
            Format::R => register(inst.rs2),
            _ => Some(inst.imm.cast_unsigned()),
        };
        alu(inst.op, first?, second?)
    }

    /// Sets a register to a constant.
    pub(super) fn constant(&mut self, rd: u8, value: u64) {
        let target = self.target(rd);
        if let Ok(value) = u32::try_from(value) {
            dynasm!(self.ops; .arch x64; mov Rd(target), value as i32);
        } else if let Ok(value) = i32::try_from(value.cast_signed()) {
            dynasm!(self.ops; .arch x64; mov Rq(target), value);
        } else {
            dynasm!(self.ops; .arch x64; mov Rq(target), QWORD value.cast_signed());
        }
        self.write(rd, target);
        self.known[usize::from(rd)] = Some(value);
        if i32::try_from(value.cast_signed()).is_ok() {
            self.signed |= 1 << rd;
        }
    }
}
