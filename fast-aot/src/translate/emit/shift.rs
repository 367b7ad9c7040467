//! Shifts and rotations. The host takes the low 6 bits of a count, of 32-bit operands the low 5, as the manual does.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::{RCX, RDX, Translator};

impl Translator<'_> {
    pub(super) fn shift(&mut self, inst: &Inst) {
        let Inst { op, rd, rs1, rs2, imm, .. } = *inst;
        let target = self.target(rd);
        match op {
            Op::Sll | Op::Srl | Op::Sra | Op::Sllw | Op::Srlw | Op::Sraw => {
                let word = matches!(op, Op::Sllw | Op::Srlw | Op::Sraw);
                let a = if word { self.read_low(rs1, RDX) } else { self.read(rs1, RDX) };
                let count = self.read_low(rs2, RCX);
                let ops = &mut self.ops;
                match op {
                    Op::Sll => dynasm!(ops; .arch x64; shlx Rq(target), Rq(a), Rq(count)),
                    Op::Srl => dynasm!(ops; .arch x64; shrx Rq(target), Rq(a), Rq(count)),
                    Op::Sra => dynasm!(ops; .arch x64; sarx Rq(target), Rq(a), Rq(count)),
                    Op::Sllw => dynasm!(ops; .arch x64; shlx Rd(target), Rd(a), Rd(count)),
                    Op::Srlw => dynasm!(ops; .arch x64; shrx Rd(target), Rd(a), Rd(count)),
                    _ => dynasm!(ops; .arch x64; sarx Rd(target), Rd(a), Rd(count)),
                }
            }
            Op::Rol | Op::Ror | Op::Rolw | Op::Rorw => {
                self.load_low_to(RCX, rs2);
                self.load_to(RDX, rs1);
                let ops = &mut self.ops;
                match op {
                    Op::Rol => dynasm!(ops; .arch x64; rol rdx, cl),
                    Op::Ror => dynasm!(ops; .arch x64; ror rdx, cl),
                    Op::Rolw => dynasm!(ops; .arch x64; rol edx, cl),
                    _ => dynasm!(ops; .arch x64; ror edx, cl),
                }
                dynasm!(ops; .arch x64; mov Rq(target), rdx);
            }
            Op::Rori | Op::Roriw => {
                let a = if op == Op::Rori { self.read(rs1, RDX) } else { self.read_low(rs1, RDX) };
                let ops = &mut self.ops;
                match op {
                    Op::Rori => dynasm!(ops; .arch x64; rorx Rq(target), Rq(a), imm as i8),
                    _ => dynasm!(ops; .arch x64; rorx Rd(target), Rd(a), imm as i8),
                }
            }
            _ => self.shift_constant(op, target, rs1, imm as i8),
        }
        let word = matches!(
            op,
            Op::Sllw | Op::Srlw | Op::Sraw | Op::Slliw | Op::Srliw | Op::Sraiw | Op::Rolw | Op::Rorw | Op::Roriw
        );
        if word {
            self.write_word(rd, target)
        } else {
            self.write(rd, target)
        }
        if op == Op::Srliw && imm != 0 {
            // The sign is clear, and so is what the host leaves above it.
            self.narrow &= !(1 << rd);
        }
    }

    fn shift_constant(&mut self, op: Op, t: u8, rs1: u8, count: i8) {
        if op == Op::SlliUw {
            let a = self.read_low(rs1, t);
            dynasm!(self.ops; .arch x64; mov Rd(t), Rd(a); shl Rq(t), count);
            return;
        }
        let word = matches!(op, Op::Slliw | Op::Srliw | Op::Sraiw);
        if word {
            self.load_low_to(t, rs1)
        } else {
            self.load_to(t, rs1)
        }
        let ops = &mut self.ops;
        match op {
            Op::Slli => dynasm!(ops; .arch x64; shl Rq(t), count),
            Op::Srli => dynasm!(ops; .arch x64; shr Rq(t), count),
            Op::Srai => dynasm!(ops; .arch x64; sar Rq(t), count),
            Op::Slliw => dynasm!(ops; .arch x64; shl Rd(t), count),
            Op::Srliw => dynasm!(ops; .arch x64; shr Rd(t), count),
            Op::Sraiw => dynasm!(ops; .arch x64; sar Rd(t), count),
            _ => unreachable!("{op} is not of this family"),
        }
    }
}
