//! Upper immediates at their ends.

use spec_interp::Program;

use crate::Case;
use crate::asm::{Asm, FREE, rv};
use crate::number::{register, unsigned};

/// The 20 bits, as the signed number that they are.
const IMMEDIATES: [i32; 8] = [0, 1, -1, 0x7_ffff, -0x8_0000, 0x5_5555, -0x5_5556, 0x1_2345];

pub(crate) fn cases() -> Vec<Case> {
    vec![Case::passing("upper/lui", lui()), Case::passing("upper/auipc", auipc())]
}

fn lui() -> Program {
    let mut asm = Asm::new();
    for (i, imm) in IMMEDIATES.into_iter().enumerate() {
        asm.begin();
        asm.li(FREE[i], u64::MAX); // nothing of the old value stays
        let code = &mut asm.code;
        rv!(code; lui X(FREE[i]), imm * 4096; lui x0, imm * 4096);
        asm.expect(FREE[i], register(i128::from(imm) * 4096));
        asm.expect(0, 0);
    }
    asm.finish()
}

/// High enough in the program that the greatest immediate carries into bit 32.
fn auipc() -> Program {
    let mut asm = Asm::new();
    let code = &mut asm.code;
    rv!(code; j >high);
    asm.raw(&[0; 0x2000]);
    let code = &mut asm.code;
    rv!(code; high:);
    for (i, imm) in IMMEDIATES.into_iter().enumerate() {
        asm.begin();
        if i % 2 == 1 {
            // Every other one stands at an address that is no multiple of 4.
            let code = &mut asm.code;
            rv!(code; c.nop);
        }
        let pc = asm.pc();
        let code = &mut asm.code;
        rv!(code; auipc X(FREE[i]), imm * 4096; auipc x0, imm * 4096);
        asm.expect(FREE[i], register(unsigned(pc) + i128::from(imm) * 4096));
        asm.expect(0, 0);
    }
    asm.finish()
}
