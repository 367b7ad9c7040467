//! Branches and jumps. They come behind the count of their block, which has set the flags for the check of the budget.

use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Inst, Op};

use super::{Line, RAX, RCX, RDX, Translator};
use crate::translate::frame::FRAME_TABLE;

/// What takes an address to its offset in the program region: -2^31, the least displacement.
const MINUS_PROGRAM_BASE: i32 = PROGRAM_BASE.wrapping_neg() as i32;
const _: () = assert!(MINUS_PROGRAM_BASE as i64 == -(PROGRAM_BASE as i64));

impl Translator<'_> {
    pub(super) fn control(&mut self, line: &Line, inst: &Inst, falls: Option<u64>) {
        // The runtime executes what ends a chunk.
        let stop = self.cold_exit(line, true);
        dynasm!(self.ops; .arch x64; jle =>stop);
        let next = line.pc.wrapping_add(u64::from(inst.len));
        let target = line.pc.wrapping_add(inst.imm.cast_unsigned());
        match inst.op {
            Op::Jal => {
                if inst.rd != 0 {
                    self.constant(inst.rd, next);
                }
                self.go(target, falls);
            }
            Op::Jalr => match self.known[usize::from(inst.rs1)] {
                // `auipc` and `jalr` are a far `jal`.
                Some(base) => {
                    if inst.rd != 0 {
                        self.constant(inst.rd, next);
                    }
                    self.go(base.wrapping_add(inst.imm.cast_unsigned()) & !1, falls);
                }
                None => self.indirect(inst, next),
            },
            _ => self.branch(inst, target, next, falls),
        }
    }

    fn branch(&mut self, inst: &Inst, target: u64, next: u64, falls: Option<u64>) {
        let (a, b) = (self.read(inst.rs1, RDX), self.read(inst.rs2, RCX));
        if inst.rs2 == 0 {
            dynasm!(self.ops; .arch x64; test Rq(a), Rq(a));
        } else {
            dynasm!(self.ops; .arch x64; cmp Rq(a), Rq(b));
        }
        let taken = self.label(target);
        let ops = &mut self.ops;
        match inst.op {
            Op::Beq => dynasm!(ops; .arch x64; je =>taken),
            Op::Bne => dynasm!(ops; .arch x64; jne =>taken),
            Op::Blt => dynasm!(ops; .arch x64; jl =>taken),
            Op::Bge => dynasm!(ops; .arch x64; jge =>taken),
            Op::Bltu => dynasm!(ops; .arch x64; jb =>taken),
            Op::Bgeu => dynasm!(ops; .arch x64; jae =>taken),
            op => unreachable!("{op} is not of this family"),
        }
        self.go(next, falls);
    }

    /// Through the table of indirect jumps, where the address lies in it.
    fn indirect(&mut self, inst: &Inst, next: u64) {
        let arrived = self.arrived;
        let span = self.span as i32;
        let base = self.read(inst.rs1, RAX);
        dynasm!(self.ops; .arch x64; lea rax, [Rq(base) + inst.imm as i32]; and rax, -2);
        if inst.rd != 0 {
            // Its value is computed in rax if it lives in the frame.
            dynasm!(self.ops; .arch x64; mov rdx, rax);
            self.constant(inst.rd, next);
            dynasm!(self.ops; .arch x64; mov rax, rdx);
        }
        dynasm!(self.ops
            ; .arch x64
            ; lea rcx, [rax + MINUS_PROGRAM_BASE]
            ; cmp rcx, span
            ; jae =>arrived
            ; mov rdx, [rsp + FRAME_TABLE]
            ; jmp QWORD [rdx + rcx * 4]
        );
    }
}
