//! Compressed jumps and branches.

use spec_interp::Program;

use crate::asm::{Asm, rv};

/// Jumps and branches, both ways, with links two bytes on.
pub(super) fn program() -> Program {
    let mut asm = Asm::new();
    for (i, value) in [0, 1, u64::MAX, 1 << 63, 0, 1 << 32, 0xffff_0000, 0].into_iter().enumerate() {
        let rs1 = 8 + i as u8;
        asm.begin();
        asm.li(rs1, value);
        let code = &mut asm.code;
        rv!(code; c.li x20, 0; c.beqz X(rs1), >taken; c.j >join; taken:; c.li x20, 1; join:);
        rv!(code; c.li x21, 0; c.j >over; back:; c.li x21, 1; c.j >join; over:; c.bnez X(rs1), <back; join:);
        // The other way round, and at the other alignment.
        rv!(code; c.nop; c.li x22, 0; c.bnez X(rs1), >taken; c.j >join; taken:; c.li x22, 1; join:);
        rv!(code; c.li x23, 0; c.j >over; back:; c.li x23, 1; c.j >join; over:; c.beqz X(rs1), <back; join:);
        for (register, taken) in [(20, value == 0), (21, value != 0), (22, value != 0), (23, value == 0)] {
            asm.expect(register, taken.into());
        }
    }
    for base in [9, 1, 2, 17, 29] {
        asm.begin();
        let code = &mut asm.code;
        rv!(code; jal X(base), >over; j >landed; over:);
        let after = asm.pc() + 2;
        let code = &mut asm.code;
        rv!(code; c.jalr X(base));
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; landed:);
        asm.expect(1, after);
    }
    for base in [9, 1, 2, 17, 29] {
        asm.begin();
        let code = &mut asm.code;
        rv!(code; jal X(base), >over; j >landed; over:);
        // An odd base loses its lowest bit here too.
        rv!(code; c.addi X(base), 1; c.jr X(base));
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; landed:);
    }
    far(&mut asm);
    asm.finish()
}

/// The ends of the reach: c.beqz and c.bnez by +254 and -256, c.j by +2046 and -2048.
fn far(asm: &mut Asm) {
    asm.begin();
    asm.li(8, 0);
    let code = &mut asm.code;
    let (up, done) = (code.new_dynamic_label(), code.new_dynamic_label());
    rv!(code; c.beqz x8, =>up);
    asm.raw(&[0; 252]);
    let code = &mut asm.code;
    rv!(code; =>up; c.li x8, 1; j >start; down:; j =>done);
    asm.raw(&[0; 252]);
    let code = &mut asm.code;
    rv!(code; start:; c.bnez x8, <down);
    asm.unreachable();
    let code = &mut asm.code;
    let (up, end) = (code.new_dynamic_label(), code.new_dynamic_label());
    rv!(code; =>done; c.j =>up);
    asm.raw(&[0; 2044]);
    let code = &mut asm.code;
    rv!(code; =>up; j >start; down:; j =>end);
    asm.raw(&[0; 2044]);
    let code = &mut asm.code;
    rv!(code; start:; c.j <down);
    asm.unreachable();
    let code = &mut asm.code;
    rv!(code; =>end);
}
