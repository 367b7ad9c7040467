//! Instructions as machine code, in the families of `spec_interp::exec` and in their order.
//!
//! rax takes results that have no host register, rcx and rdx are for operands. An instruction reads its operands before
//! it writes its destination, whatever registers coincide. Results for x0 are not computed, accesses for it are made.

mod alu;
mod amo;
mod arith;
mod compare;
mod constant;
mod control;
mod div;
mod instruction;
mod logic;
mod memory;
mod mul;
mod pair;
mod shift;

use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, dynasm};
use spec_interp::{Family, Inst, Op};

use super::blocks::{Block, OVERDRAFT};
use super::homes::Home;
use super::{Site, Translator};
use crate::native::context::EXIT_SITE;

pub(super) const RAX: u8 = 0;
pub(super) const RCX: u8 = 1;
pub(super) const RDX: u8 = 2;

/// A block while it is emitted.
pub(super) struct Line {
    /// The address of its first instruction.
    start: u64,
    /// The address of the instruction at hand.
    pc: u64,
    /// Values loaded so far.
    loads: i32,
    /// Registers that an access of this block has found below 2^32, a bit for each.
    addresses: u32,
}

/// Code that is rarely reached, emitted behind everything else.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cold {
    /// Leaves at a site.
    Site(u32),
    /// Leaves behind an executed block, for an address that has none.
    Arrive(u64),
}

impl Translator<'_> {
    /// Emits a block; `falls` is the address of the block that will be emitted next.
    pub(super) fn block(&mut self, block: &Block, falls: Option<u64>) {
        let start = block.code[0].0;
        let label = self.labels[&start];
        dynasm!(self.ops; .arch x64; =>label);
        self.signed = 0;
        self.known = [None; 32];
        self.known[0] = Some(0);
        let mut line = Line { start, pc: start, loads: 0, addresses: 0 };
        let (last_pc, last) = block.code[block.code.len() - 1];
        let ends = super::blocks::ends_block(last.op);
        let body = if ends { &block.code[..block.code.len() - 1] } else { &block.code[..] };
        let mut rest = body;
        while let Some((pc, inst)) = rest.first() {
            line.pc = *pc;
            let fused = self.fused(rest).max(1);
            if fused == 1 {
                self.instruction(&mut line, inst, rest.get(1).map(|(_, next)| next));
            }
            for (_, inst) in &rest[..fused] {
                self.note_address(&mut line, inst);
            }
            rest = &rest[fused..];
        }
        self.widen_all();
        if !ends {
            line.pc = block.end();
            self.count(&line, block, block.code.len());
            self.fall_through(block.end(), falls);
        } else if matches!(last.op.family(), Family::Branch | Family::Jump) {
            line.pc = last_pc;
            self.count(&line, block, block.code.len());
            self.control(&line, &last, falls);
        } else {
            line.pc = last_pc;
            let site = self.site(&line, false);
            self.exit(site);
        }
    }

    /// Emits what is rarely reached.
    pub(super) fn cold(&mut self) {
        for (label, cold) in core::mem::take(&mut self.cold) {
            dynasm!(self.ops; .arch x64; =>label);
            match cold {
                Cold::Site(site) => self.exit(site),
                Cold::Arrive(pc) => self.arrive(pc),
            }
        }
    }

    /// What is known of the destination as an address: a copy of one is one.
    fn note_address(&self, line: &mut Line, inst: &Inst) {
        if matches!(inst.op, Op::Sb | Op::Sh | Op::Sw | Op::Sd) {
            return;
        }
        let source = match inst.op {
            Op::Addi if inst.imm == 0 => inst.rs1,
            Op::Add if inst.rs1 == 0 => inst.rs2,
            Op::Add if inst.rs2 == 0 => inst.rs1,
            _ => 0,
        };
        let copied = source != 0 && line.addresses >> source & 1 == 1;
        let bit = 1u32 << inst.rd;
        if copied { line.addresses |= bit } else { line.addresses &= !bit }
    }

    /// Adds the block to the counts, the budget apart.
    fn count(&mut self, line: &Line, block: &Block, instructions: usize) {
        if let Some((classes, lanes)) = self.recording {
            let mut vectors = [[0u32; 8]; 3];
            for (_, inst) in &block.code[..instructions] {
                let lane = lanes[usize::from(classes[inst.op as usize])];
                vectors[lane / 8][lane % 8] += 1;
            }
            for (i, vector) in vectors.into_iter().enumerate().filter(|(_, vector)| *vector != [0; 8]) {
                let ops = &mut self.ops;
                let label = *self.vectors.entry(vector).or_insert_with(|| ops.new_dynamic_label());
                let ymm = i as u8;
                dynasm!(ops; .arch x64; vpaddd Ry(ymm), Ry(ymm), [=>label]);
            }
            if line.loads > 0 {
                dynasm!(self.ops; .arch x64; add r14, 8 * line.loads);
            }
        }
        dynasm!(self.ops; .arch x64; sub r13, instructions as i32);
    }

    /// Goes on behind a block that no control transfer ends.
    fn fall_through(&mut self, next: u64, falls: Option<u64>) {
        // A chunk goes on to a control transfer, but not so far that the trace outgrows its buffer.
        let stop = self.cold_label(Cold::Arrive(next));
        dynasm!(self.ops; .arch x64; cmp r13, -(OVERDRAFT as i32); jl =>stop);
        self.go(next, falls);
    }

    /// Goes on at a known address, unless the block there is emitted next.
    fn go(&mut self, target: u64, falls: Option<u64>) {
        if falls != Some(target) {
            let label = self.label(target);
            dynasm!(self.ops; .arch x64; jmp =>label);
        }
    }

    /// The label of the block at an address, or of the way out where there is none.
    fn label(&mut self, target: u64) -> DynamicLabel {
        match self.labels.get(&target) {
            Some(label) => *label,
            None => self.cold_label(Cold::Arrive(target)),
        }
    }

    fn cold_label(&mut self, cold: Cold) -> DynamicLabel {
        let label = self.ops.new_dynamic_label();
        self.cold.push((label, cold));
        label
    }

    /// Leaves the code behind an executed block.
    fn arrive(&mut self, pc: u64) {
        let arrived = self.arrived;
        dynasm!(self.ops; .arch x64; mov rax, QWORD pc as i64; jmp =>arrived);
    }

    /// A site at the instruction at hand.
    fn site(&mut self, line: &Line, counted: bool) -> u32 {
        self.sites.push(Site { pc: line.pc, block: line.start, counted, narrow: self.narrow });
        self.sites.len() as u32 - 1
    }

    /// Leaves the code at a site.
    fn exit(&mut self, site: u32) {
        let left = self.left;
        dynasm!(self.ops; .arch x64; mov ecx, site as i32; mov eax, EXIT_SITE as i32; jmp =>left);
    }

    /// A label of code that leaves at the instruction at hand.
    fn cold_exit(&mut self, line: &Line, counted: bool) -> DynamicLabel {
        let site = self.site(line, counted);
        self.cold_label(Cold::Site(site))
    }

    /// The host register that holds a guest register: its home, or `scratch`, to which it is brought.
    fn read(&mut self, register: u8, scratch: u8) -> u8 {
        if self.narrow >> register & 1 == 1 {
            self.widen(register, scratch);
        }
        self.read_low(register, scratch)
    }

    /// The same where only the low word is wanted.
    fn read_low(&mut self, register: u8, scratch: u8) -> u8 {
        match (register, self.homes[usize::from(register)]) {
            (0, _) => dynasm!(self.ops; .arch x64; xor Rd(scratch), Rd(scratch)),
            (_, Home::Reg(host)) => return host,
            (_, Home::Slot(slot)) => dynasm!(self.ops; .arch x64; mov Rq(scratch), [rsp + slot]),
        }
        scratch
    }

    /// Sign-extends a narrow register; leaves the flags alone.
    fn widen(&mut self, register: u8, scratch: u8) {
        self.narrow &= !(1 << register);
        match self.homes[usize::from(register)] {
            Home::Reg(host) => dynasm!(self.ops; .arch x64; movsxd Rq(host), Rd(host)),
            Home::Slot(slot) => dynasm!(self.ops
                ; .arch x64
                ; movsxd Rq(scratch), DWORD [rsp + slot]
                ; mov [rsp + slot], Rq(scratch)
            ),
        }
    }

    /// Sign-extends every narrow register, as blocks leave them.
    fn widen_all(&mut self) {
        for register in 1..32 {
            if self.narrow >> register & 1 == 1 {
                self.widen(register, RAX);
            }
        }
    }

    /// Brings a guest register to a host register.
    fn load_to(&mut self, host: u8, register: u8) {
        let from = self.read(register, host);
        if from != host {
            dynasm!(self.ops; .arch x64; mov Rq(host), Rq(from));
        }
    }

    /// Where to compute the new value of a register: its home, or rax.
    fn target(&self, rd: u8) -> u8 {
        match self.homes[usize::from(rd)] {
            Home::Reg(host) => host,
            Home::Slot(_) => RAX,
        }
    }

    /// Brings the low word of a guest register to a host register.
    fn load_low_to(&mut self, host: u8, register: u8) {
        let from = self.read_low(register, host);
        if from != host {
            dynasm!(self.ops; .arch x64; mov Rd(host), Rd(from));
        }
    }

    /// Takes a word whose sign-extension is the result to the home of its register. Most are overwritten before anything
    /// asks for the upper half.
    fn write_word(&mut self, rd: u8, host: u8) {
        self.write(rd, host);
        self.narrow |= 1 << rd;
        self.signed |= 1 << rd;
    }

    /// Takes a result to the home of its register.
    fn write(&mut self, rd: u8, host: u8) {
        self.narrow &= !(1 << rd);
        self.signed &= !(1 << rd);
        self.known[usize::from(rd)] = None;
        match self.homes[usize::from(rd)] {
            Home::Reg(home) if home == host => {}
            Home::Reg(home) => dynasm!(self.ops; .arch x64; mov Rq(home), Rq(host)),
            Home::Slot(slot) => dynasm!(self.ops; .arch x64; mov [rsp + slot], Rq(host)),
        }
    }

    /// Whether the low words of both say all: then so do those of their conjunction, disjunction and difference.
    fn are_signed(&self, a: u8, b: u8) -> bool {
        let signed = |register: u8| register == 0 || self.signed >> register & 1 == 1;
        signed(a) && signed(b)
    }
}
