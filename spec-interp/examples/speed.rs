//! How fast the interpreter runs: a loop over registers, and one that mixes memory, calls and division.
//!
//! `cargo run --release -p spec-interp --example speed`
#![allow(clippy::unwrap_used)] // a measurement, not a library

use std::time::Instant;

use spec_interp::isa::{Format, Op};
use spec_interp::map::{PROGRAM_BASE, RAM_BASE};
use spec_interp::{Machine, Observer, Program, Step};

/// One word from its operands; registers that the format lacks are 0.
fn word(op: Op, rd: u32, rs1: u32, rs2: u32, imm: i32) -> u32 {
    let (row, imm) = (op.encoding(), imm.cast_unsigned());
    let registers = rd << 7 | rs1 << 15 | rs2 << 20;
    let immediate = match row.format {
        Format::U => imm & 0xffff_f000,
        Format::I | Format::Load | Format::Shamt6 | Format::Shamt5 => imm << 20,
        Format::S => (imm >> 5 & 0x7f) << 25 | (imm & 0x1f) << 7,
        Format::B => (imm >> 12 & 1) << 31 | (imm >> 5 & 0x3f) << 25 | (imm >> 1 & 0xf) << 8 | (imm >> 11 & 1) << 7,
        Format::J => {
            (imm >> 20 & 1) << 31 | (imm >> 1 & 0x3ff) << 21 | (imm >> 11 & 1) << 20 | (imm >> 12 & 0xff) << 12
        }
        _ => 0,
    };
    row.value | registers | immediate
}

/// Six instructions that touch registers only.
fn registers() -> Vec<u32> {
    vec![
        word(Op::Addi, 5, 5, 0, 1),
        word(Op::Add, 6, 6, 5, 0),
        word(Op::Xor, 7, 6, 5, 0),
        word(Op::Slli, 28, 7, 0, 3),
        word(Op::Sltu, 29, 28, 6, 0),
        word(Op::Jal, 0, 0, 0, -20),
    ]
}

/// A walk over 64 KiB with loads, stores, a call, a branch, a product and a division.
fn mixed() -> Vec<u32> {
    vec![
        word(Op::Lui, 8, 0, 0, (RAM_BASE as u32).cast_signed()),
        word(Op::Slli, 8, 8, 0, 32),
        word(Op::Srli, 8, 8, 0, 32),
        word(Op::Lui, 9, 0, 0, 0xf000),
        word(Op::Addi, 5, 5, 0, 1),
        word(Op::Slli, 6, 5, 0, 3),
        word(Op::And, 6, 6, 9, 0),
        word(Op::Add, 6, 6, 8, 0),
        word(Op::Ld, 7, 6, 0, 8),
        word(Op::Add, 7, 7, 5, 0),
        word(Op::Sd, 0, 6, 7, 8),
        word(Op::Lbu, 28, 6, 0, 3),
        word(Op::Sh, 0, 6, 28, 4),
        word(Op::Andi, 29, 5, 0, 7),
        word(Op::Bne, 0, 29, 0, 12),
        word(Op::Mul, 30, 7, 5, 0),
        word(Op::Divu, 31, 30, 5, 0),
        word(Op::Jal, 1, 0, 0, 8),
        word(Op::Jal, 0, 0, 0, -56),
        word(Op::Jalr, 0, 1, 0, 0),
    ]
}

/// Folds everything it sees, so that nothing is optimised away.
struct Folding(u64);

impl Observer for Folding {
    fn step(&mut self, step: &Step) {
        let memory: u64 = step.accesses.iter().flatten().map(|access| access.addr ^ access.new).sum();
        self.0 = self.0.rotate_left(1) ^ step.rd ^ step.rs1 ^ step.rs2 ^ step.next_pc ^ memory;
    }

    fn console(&mut self, _: u64, _: &[u8]) {}
}

fn measure(name: &str, code: &[u32], observer: &mut impl Observer) {
    const STEPS: u64 = 200_000_000;
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let program = Program::from_code(PROGRAM_BASE, &bytes, &[]).unwrap();
    let mut machine = Machine::new(program, &[]).unwrap();
    let start = Instant::now();
    machine.run(STEPS, observer).unwrap();
    println!("{name}: {:.1} M instructions/s", STEPS as f64 / start.elapsed().as_secs_f64() / 1e6);
}

fn main() {
    measure("registers", &registers(), &mut ());
    measure("mixed", &mixed(), &mut ());
    let mut folding = Folding(0);
    measure("registers, observed", &registers(), &mut folding);
    measure("mixed, observed", &mixed(), &mut folding);
    println!("fold {:#x}", folding.0);
}
