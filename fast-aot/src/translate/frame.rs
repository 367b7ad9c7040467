//! Entering and leaving generated code.
//!
//! `enter(context, target)` is a function of the System V convention: it takes the guest's registers to their homes and
//! jumps to a block. Every exit brings its kind in eax and its payload in rcx, gives the registers back and returns.

use dynasmrt::{AssemblyOffset, DynasmApi, DynasmLabelApi, dynasm};

use super::Translator;
use crate::native::context::{BASE, BUDGET, EXIT, EXIT_ARRIVED, EXIT_REFUSED, LANES, PAYLOAD, REGS, TABLE, TRACE};
use crate::translate::homes::Home;

/// Where the frame keeps the context's address, behind the slots.
pub const CONTEXT: i32 = 8 * 23;
/// Where it keeps the table of indirect jumps.
pub const FRAME_TABLE: i32 = 8 * 24;
/// Bytes of the frame.
const SIZE: i32 = 8 * 26;

/// rdi, which holds the context on entry.
const RDI: u8 = 7;

impl Translator<'_> {
    /// Emits the way in and out; returns where to enter, where refused accesses and where unknown targets go on.
    pub(super) fn frame(&mut self) -> (AssemblyOffset, AssemblyOffset, AssemblyOffset) {
        let enter = self.enter();
        let refused = self.ops.offset();
        let (arrived, left) = (self.arrived, self.left);
        dynasm!(self.ops
            ; .arch x64
            ; mov eax, EXIT_REFUSED as i32
            ; jmp =>left
        );
        let unknown = self.ops.offset();
        dynasm!(self.ops
            ; .arch x64
            ; =>arrived
            ; mov rcx, rax
            ; mov eax, EXIT_ARRIVED as i32
            ; =>left
        );
        self.leave();
        (enter, refused, unknown)
    }

    fn enter(&mut self) -> AssemblyOffset {
        let enter = self.ops.offset();
        let ops = &mut self.ops;
        dynasm!(ops
            ; .arch x64
            ; push rbx
            ; push rbp
            ; push r12
            ; push r13
            ; push r14
            ; push r15
            ; sub rsp, SIZE
            ; mov [rsp + CONTEXT], rdi
            ; mov rdx, [rdi + TABLE]
            ; mov [rsp + FRAME_TABLE], rdx
            ; mov r15, [rdi + BASE]
            ; mov r14, [rdi + TRACE]
            ; mov r13, [rdi + BUDGET]
            ; vmovdqu ymm0, [rdi + LANES]
            ; vmovdqu ymm1, [rdi + LANES + 32]
            ; vmovdqu ymm2, [rdi + LANES + 64]
            ; mov rax, rsi
        );
        let mut last = None;
        for (register, home) in self.homes.iter().enumerate().skip(1) {
            let from = REGS + 8 * register as i32;
            match *home {
                Home::Reg(RDI) => last = Some(from),
                Home::Reg(host) => dynasm!(ops; .arch x64; mov Rq(host), [rdi + from]),
                Home::Slot(slot) => dynasm!(ops; .arch x64; mov rdx, [rdi + from]; mov [rsp + slot], rdx),
            }
        }
        if let Some(from) = last {
            dynasm!(ops; .arch x64; mov rdi, [rdi + from]);
        }
        dynasm!(ops; .arch x64; jmp rax);
        enter
    }

    fn leave(&mut self) {
        let ops = &mut self.ops;
        dynasm!(ops
            ; .arch x64
            ; mov rdx, [rsp + CONTEXT]
            ; mov [rdx + EXIT], rax
            ; mov [rdx + PAYLOAD], rcx
            ; mov [rdx + TRACE], r14
            ; mov [rdx + BUDGET], r13
            ; vmovdqu [rdx + LANES], ymm0
            ; vmovdqu [rdx + LANES + 32], ymm1
            ; vmovdqu [rdx + LANES + 64], ymm2
            ; vzeroupper
        );
        for (register, home) in self.homes.iter().enumerate().skip(1) {
            let to = REGS + 8 * register as i32;
            match *home {
                Home::Reg(host) => dynasm!(ops; .arch x64; mov [rdx + to], Rq(host)),
                Home::Slot(slot) => dynasm!(ops; .arch x64; mov rax, [rsp + slot]; mov [rdx + to], rax),
            }
        }
        dynasm!(ops
            ; .arch x64
            ; add rsp, SIZE
            ; pop r15
            ; pop r14
            ; pop r13
            ; pop r12
            ; pop rbp
            ; pop rbx
            ; ret
        );
    }
}
