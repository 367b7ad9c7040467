//! Compressed and full-width instructions in turn, so that each stands at both alignments behind each.

use spec_interp::Program;

use super::REGISTERS;
use crate::asm::{Asm, rv};
use crate::operands::BOUNDARY;
use crate::reg_reg::REG_REG;

/// Operations on x8 to x15, whose contents are followed here.
pub(super) fn program() -> Program {
    let mut asm = Asm::new();
    let mut held = [0; 8];
    for (i, value) in held.iter_mut().enumerate() {
        *value = BOUNDARY[2 * i + 1];
        asm.li(8 + i as u8, *value);
    }
    for i in 0..200 {
        let (d, s) = (5 * i % 8, (3 * i + i / 8 + 1) % 8);
        let (rd, rs) = (8 + d as u8, 8 + s as u8);
        if i * i / 3 % 3 == 0 {
            let row = &REG_REG[13 * i % REG_REG.len()];
            let t = (d + s) % 8;
            (row.emit)(&mut asm.code, rd, rs, 8 + t as u8);
            held[d] = (row.meaning)(held[s], held[t]);
        } else {
            let (emit, meaning) = REGISTERS[i / 2 % REGISTERS.len()];
            emit(&mut asm.code, rd, rs);
            held[d] = meaning(held[d], held[s]);
        }
        if i % 10 == 9 {
            asm.begin();
            asm.expect(rd, held[d]);
            // Something else again, before all has become zero; and the other alignment.
            held[s] = BOUNDARY[i / 10 % 16];
            asm.li(rs, held[s]);
            let code = &mut asm.code;
            rv!(code; c.nop);
        }
    }
    for (register, value) in (8..).zip(held) {
        asm.begin();
        asm.expect(register, value);
    }
    asm.finish()
}
