//! Code points that assemblers refuse, or give other names, but the machine must run as instructions without effect.

use spec_interp::Program;

use crate::asm::{Asm, FREE};

/// Every hint of RV64C, as its halfword.
fn hints() -> Vec<u16> {
    // The CI format: an immediate of six bits around a register of five.
    let ci = |opcode: u16, rd: u16, imm: u16| opcode | (imm & 0x20) << 7 | rd << 7 | (imm & 0x1f) << 2;
    let (addi, li, lui, slli) = (0x0001, 0x4001, 0x6001, 0x0002);
    let mut halves: Vec<u16> = Vec::new();
    halves.extend((0..64).map(|imm| ci(addi, 0, imm))); // c.nop
    halves.extend((1..32).map(|rd| ci(addi, rd, 0)));
    halves.extend((0..64).map(|imm| ci(li, 0, imm)));
    halves.extend((1..64).map(|imm| ci(lui, 0, imm)));
    halves.extend((0..64).map(|shamt| ci(slli, 0, shamt)));
    halves.extend((1..32).map(|rd| ci(slli, rd, 0)));
    halves.extend((0..8).flat_map(|rd| [0x8001 | rd << 7, 0x8401 | rd << 7])); // c.srli, c.srai by 0
    halves.extend((1..32).flat_map(|rs2| [0x8002 | rs2 << 2, 0x9002 | rs2 << 2])); // c.mv, c.add to x0
    halves
}

pub(super) fn program() -> Program {
    let mut asm = Asm::new();
    // Negative words: what a shift or an addition did would show at either end.
    let held = |i: usize| (-0x7654_3210_i64 + 0x0101_0101 * i as i64).cast_unsigned();
    for (i, register) in FREE.into_iter().enumerate() {
        asm.li(register, held(i));
    }
    asm.begin();
    for half in hints() {
        asm.raw(&half.to_le_bytes());
    }
    asm.expect(0, 0);
    for (i, register) in FREE.into_iter().enumerate() {
        asm.begin();
        asm.expect(register, held(i));
    }
    asm.finish()
}
