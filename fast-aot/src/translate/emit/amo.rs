//! Atomics, which on one hart are loads and stores. An address that is not naturally aligned is a fault, which the
//! runtime finds out.

use dynasmrt::{DynasmApi, DynasmLabelApi, dynasm};
use spec_interp::{Inst, Op, reservation};

use super::{Line, RAX, RDX, Translator};
use crate::native::context::RESERVATION;
use crate::translate::frame::CONTEXT;

// What `Translator::reservation` makes.
const _: () = assert!(reservation(8, 4) == 8 | 1 << 34 && reservation(8, 8) == 8 | 1 << 35);

impl Translator<'_> {
    /// The host register with the address, which is that of a register, or rcx; and whether it is of a word.
    fn aligned(&mut self, line: &Line, inst: &Inst) -> (u8, bool) {
        let word = inst.op.access_width() == Some(4);
        let (base, _) = self.address(line, inst.rs1, 0);
        let misaligned = self.cold_exit(line, false);
        let below = if word { 3 } else { 7 };
        dynasm!(self.ops; .arch x64; test Rd(base), below; jnz =>misaligned);
        (base, word)
    }

    /// The old value to rax.
    fn get(&mut self, line: &Line, base: u8, word: bool) {
        self.access(line);
        if word {
            dynasm!(self.ops; .arch x64; movsxd rax, DWORD [r15 + Rq(base)]);
        } else {
            dynasm!(self.ops; .arch x64; mov rax, [r15 + Rq(base)]);
        }
    }

    /// The new value. It may be refused where the old one was not: nothing has changed until then.
    fn put(&mut self, line: &Line, base: u8, value: u8, word: bool) {
        self.access(line);
        if word {
            dynasm!(self.ops; .arch x64; mov [r15 + Rq(base)], Rd(value));
        } else {
            dynasm!(self.ops; .arch x64; mov [r15 + Rq(base)], Rq(value));
        }
    }

    pub(super) fn update(&mut self, line: &mut Line, inst: &Inst) {
        let (base, word) = self.aligned(line, inst);
        self.load_to(RDX, inst.rs2);
        self.get(line, base, word);
        let ops = &mut self.ops;
        match inst.op {
            Op::AmoswapW | Op::AmoswapD => {}
            Op::AmoaddW | Op::AmoaddD => dynasm!(ops; .arch x64; add rdx, rax),
            Op::AmoxorW | Op::AmoxorD => dynasm!(ops; .arch x64; xor rdx, rax),
            Op::AmoandW | Op::AmoandD => dynasm!(ops; .arch x64; and rdx, rax),
            Op::AmoorW | Op::AmoorD => dynasm!(ops; .arch x64; or rdx, rax),
            Op::AmominW => dynasm!(ops; .arch x64; cmp eax, edx; cmovl edx, eax),
            Op::AmomaxW => dynasm!(ops; .arch x64; cmp eax, edx; cmovg edx, eax),
            Op::AmominuW => dynasm!(ops; .arch x64; cmp eax, edx; cmovb edx, eax),
            Op::AmomaxuW => dynasm!(ops; .arch x64; cmp eax, edx; cmova edx, eax),
            Op::AmominD => dynasm!(ops; .arch x64; cmp rax, rdx; cmovl rdx, rax),
            Op::AmomaxD => dynasm!(ops; .arch x64; cmp rax, rdx; cmovg rdx, rax),
            Op::AmominuD => dynasm!(ops; .arch x64; cmp rax, rdx; cmovb rdx, rax),
            Op::AmomaxuD => dynasm!(ops; .arch x64; cmp rax, rdx; cmova rdx, rax),
            op => unreachable!("{op} computes nothing in memory"),
        }
        self.put(line, base, RDX, word);
        self.loaded(line, inst.rd, RAX);
        line.addresses |= 1 << inst.rs1;
    }

    pub(super) fn load_reserved(&mut self, line: &mut Line, inst: &Inst) {
        let (base, word) = self.aligned(line, inst);
        self.get(line, base, word);
        self.reservation(base, word);
        dynasm!(self.ops
            ; .arch x64
            ; mov rcx, [rsp + CONTEXT]
            ; mov [rcx + RESERVATION], rdx
        );
        self.loaded(line, inst.rd, RAX);
        line.addresses |= 1 << inst.rs1;
    }

    /// What is not reserved is written back as it was, so that it faults where a store would.
    pub(super) fn store_conditional(&mut self, line: &mut Line, inst: &Inst) {
        let (base, word) = self.aligned(line, inst);
        // Brings its home up to date, where the value is taken from below if it is stored.
        self.read(inst.rs2, RAX);
        self.reservation(base, word);
        dynasm!(self.ops; .arch x64; mov rax, [rsp + CONTEXT]; sub rdx, [rax + RESERVATION]);
        self.get(line, base, word);
        dynasm!(self.ops; .arch x64; test rdx, rdx; jnz >failed);
        self.load_to(RAX, inst.rs2);
        dynasm!(self.ops; .arch x64; failed:);
        self.put(line, base, RAX, word);
        dynasm!(self.ops
            ; .arch x64
            ; mov rcx, [rsp + CONTEXT]
            ; mov QWORD [rcx + RESERVATION], 0
            ; xor eax, eax
            ; test rdx, rdx
            ; setnz al
        );
        if inst.rd != 0 {
            self.write(inst.rd, RAX);
        }
        line.addresses |= 1 << inst.rs1;
    }

    /// To rdx what the machine remembers of a reservation: the address, and above it the width.
    fn reservation(&mut self, base: u8, word: bool) {
        let width: i8 = if word { 34 } else { 35 };
        dynasm!(self.ops; .arch x64; mov edx, Rd(base); bts rdx, BYTE width);
    }
}
