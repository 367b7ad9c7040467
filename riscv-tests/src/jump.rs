//! Jumps: where they land, and what they link.

use spec_interp::Program;

use crate::Case;
use crate::asm::{Asm, rv};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::passing("jump/jal", jal()),
        Case::passing("jump/jal_far_up", jal_far_up()),
        Case::passing("jump/jal_far_down", jal_far_down()),
        Case::passing("jump/jalr", jalr(&JALR)),
        Case::passing("jump/into_an_instruction", overlap()),
        Case::passing("jump/into_itself", into_itself()),
        Case::passing("jump/two_readings", two_readings()),
        Case::passing("jump/in_turn", in_turn()),
        Case::passing("jump/calls", calls()),
    ]
}

fn jal() -> Program {
    let mut asm = Asm::new();
    for link in [1, 5, 10, 29, 0] {
        asm.begin();
        let after = asm.pc() + 4;
        let code = &mut asm.code;
        rv!(code; jal X(link), >forwards);
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; forwards:);
        asm.expect(link, if link == 0 { 0 } else { after });

        asm.begin();
        let code = &mut asm.code;
        rv!(code; j >over; back:; j >done; over:; c.nop);
        let after = asm.pc() + 4;
        let code = &mut asm.code;
        rv!(code; jal X(link), <back);
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; done:);
        asm.expect(link, if link == 0 { 0 } else { after });
    }
    asm.finish()
}

/// The ends of the reach, which dynasm does not assemble: `jal t0, .+1048574`, `jal t0, .-1048576`, `j .+1048572`.
const FAR: [u32; 3] = [0x7fff_f2ef, 0x8000_02ef, 0x7fdf_f06f];

/// By +1048574; what it skips is illegal.
fn jal_far_up() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let after = asm.pc() + 4;
    asm.raw(&FAR[0].to_le_bytes());
    asm.raw(&vec![0; 0xf_fffe - 4]);
    let code = &mut asm.code;
    rv!(code; c.nop);
    asm.expect(5, after);
    asm.finish()
}

/// By -1048576, between two jumps that get there and back.
fn jal_far_down() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let code = &mut asm.code;
    rv!(code; j 8);
    asm.raw(&FAR[2].to_le_bytes());
    asm.raw(&FAR[2].to_le_bytes());
    asm.raw(&vec![0; 0x10_0000 - 12]);
    let code = &mut asm.code;
    rv!(code; j 8);
    let after = asm.pc() + 4;
    asm.raw(&FAR[1].to_le_bytes());
    asm.expect(5, after);
    asm.finish()
}

/// A `jalr`: rd, rs1, immediate, distance of the base from where the jump must land.
pub(crate) type Jalr = (u8, u8, i32, i64);

const JALR: [Jalr; 7] = [
    (1, 10, 0, 0),
    (0, 10, 0, 0),
    (1, 10, 2047, -2046), // an odd sum: bit 0 is cleared
    (1, 10, -2048, 2048),
    (1, 10, -1, 1),
    (1, 10, 1, 0),
    (1, 10, 0, 1),
];

pub(crate) fn jalr(rows: &[Jalr]) -> Program {
    let mut asm = Asm::new();
    for &(rd, rs1, imm, distance) in rows {
        asm.begin();
        let code = &mut asm.code;
        // The target's address: from a call behind which it stands at a known place.
        rv!(code; jal X(rs1), >base);
        let base = asm.pc();
        let code = &mut asm.code;
        rv!(code; target:; j >landed; base:);
        asm.expect(rs1, base);
        let code = &mut asm.code;
        rv!(code; addi X(rs1), X(rs1), distance as i32 / 2; addi X(rs1), X(rs1), (distance - distance / 2) as i32);
        let after = asm.pc() + 4;
        let code = &mut asm.code;
        rv!(code; jalr X(rd), X(rs1), imm);
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; landed:);
        asm.expect(rd, if rd == 0 { 0 } else { after });
        if rd != rs1 {
            asm.expect(rs1, base.wrapping_add_signed(distance));
        }
    }
    asm.finish()
}

/// The upper half of a full-width instruction is an instruction of its own.
fn overlap() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, 77);
    let inside = asm.pc() + 4 + 2;
    let code = &mut asm.code;
    // The upper half of `lui a5, 0x45010` is `c.li a0, 0`.
    rv!(code; j >jump; lui x15, 0x4501_0000; j >done; jump:);
    asm.li(11, inside);
    let code = &mut asm.code;
    rv!(code; jalr x0, x11, 0);
    asm.unreachable();
    let code = &mut asm.code;
    rv!(code; done:);
    asm.expect(10, 0);
    asm.expect(15, 0);
    asm.begin();
    let code = &mut asm.code;
    rv!(code; lui x15, 0x4501_0000);
    asm.expect(15, 0x4501_0000);
    asm.finish()
}

/// Instructions that jump by 2, to their own upper half.
fn into_itself() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(2, 100);
    let after = asm.pc() + 4;
    asm.raw(&0x0020_02ef_u32.to_le_bytes()); // jal t0, .+2; above it c.addi4spn s0, sp, 8
    asm.expect(8, 108);
    asm.expect(5, after);
    for (x, y) in [(3, 4), (5, 5)] {
        asm.begin();
        asm.li(10, x);
        asm.li(11, y);
        asm.li(1, 20);
        asm.raw(&0x00b5_1163_u32.to_le_bytes()); // bne a0, a1, .+2; above it c.addi ra, 13
        asm.expect(1, if x == y { 20 } else { 33 });
    }
    asm.finish()
}

/// Six bytes that are `lui a5, 0x5130` and a hint, and from the third byte on `addi a0, a0, 1`.
fn two_readings() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let code = &mut asm.code;
    rv!(code; j >over);
    let start = asm.pc();
    asm.raw(&[0xb7, 0x07, 0x13, 0x05, 0x15, 0x00]);
    let code = &mut asm.code;
    rv!(code; jalr x0, x1, 0; over:);
    asm.li(10, 40);
    asm.li(15, 1);
    for (entry, a0, a5) in [(start + 2, 41, 1), (start, 41, 0x0513_0000), (start + 2, 42, 0x0513_0000)] {
        asm.begin();
        asm.li(11, entry);
        let code = &mut asm.code;
        rv!(code; jalr x1, x11, 0);
        asm.expect(10, a0);
        asm.expect(15, a5);
    }
    asm.finish()
}

/// Two routines that hand control to each other through one register, each link over the base.
fn in_turn() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let code = &mut asm.code;
    rv!(code; addi x10, x0, 1; jal x5, >main; slli x10, x10, 1; jalr x5, x5, 0; slli x10, x10, 2; jalr x5, x5, 0);
    rv!(code; c.slli x10, 3; jalr x5, x5, 0);
    asm.unreachable();
    let code = &mut asm.code;
    rv!(code; main:; addi x10, x10, 1; jalr x5, x5, 0; addi x10, x10, 1; jalr x5, x5, 0; c.addi x10, 1; jalr x5, x5, 0);
    asm.expect(10, ((2 * 2 + 1) * 4 + 1) * 8);
    asm.finish()
}

/// A recursive sum from 10 to 1, with return addresses on a stack.
fn calls() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(2, spec_interp::map::RAM_BASE + 4096);
    asm.li(10, 10);
    let code = &mut asm.code;
    let (sum, leaf, done) = (code.new_dynamic_label(), code.new_dynamic_label(), code.new_dynamic_label());
    rv!(code; jal x1, =>sum; j =>done);
    rv!(code; =>sum; beq x10, x0, =>leaf; addi x2, x2, -16; sd x1, [x2, 8]; sd x10, [x2]; addi x10, x10, -1);
    rv!(code; jal x1, =>sum; ld x5, [x2]; add x10, x10, x5; ld x1, [x2, 8]; addi x2, x2, 16; =>leaf; jalr x0, x1, 0);
    rv!(code; =>done);
    asm.expect(10, (1..=10).sum());
    asm.expect(2, spec_interp::map::RAM_BASE + 4096);
    asm.finish()
}
