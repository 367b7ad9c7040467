//! Conditional branches: both ways, forwards and backwards, at the ends of their reach.

use dynasmrt::DynamicLabel;
use spec_interp::{Op, Program};

use crate::Case;
use crate::asm::{Asm, Code, FREE, rv};
use crate::number::{signed, unsigned};
use crate::operands::BOUNDARY;

/// One branch.
pub(crate) struct Branch {
    pub op: Op,
    /// Assembles it with rs1, rs2 and the target.
    pub emit: fn(&mut Code, u8, u8, DynamicLabel),
    /// Its words with a0, a1 and the distances +4094 and -4096, which dynasm does not assemble.
    far: [u32; 2],
    /// Whether it is taken.
    pub taken: fn(u64, u64) -> bool,
}

macro_rules! row {
    ($op:expr, $name:ident, $far:expr, $taken:expr) => {
        Branch {
            op: $op,
            emit: |code, s, t, target| rv!(code; $name X(s), X(t), =>target),
            far: $far,
            taken: $taken,
        }
    };
}

/// Every branch.
#[rustfmt::skip]
pub(crate) const BRANCHES: [Branch; 6] = [
    row!(Op::Beq, beq, [0x7eb5_0fe3, 0x80b5_0063], |x, y| unsigned(x) - unsigned(y) == 0),
    row!(Op::Bne, bne, [0x7eb5_1fe3, 0x80b5_1063], |x, y| unsigned(x) - unsigned(y) != 0),
    row!(Op::Blt, blt, [0x7eb5_4fe3, 0x80b5_4063], |x, y| signed(x) - signed(y) < 0),
    row!(Op::Bge, bge, [0x7eb5_5fe3, 0x80b5_5063], |x, y| signed(x) - signed(y) >= 0),
    row!(Op::Bltu, bltu, [0x7eb5_6fe3, 0x80b5_6063], |x, y| unsigned(x) - unsigned(y) < 0),
    row!(Op::Bgeu, bgeu, [0x7eb5_7fe3, 0x80b5_7063], |x, y| unsigned(x) - unsigned(y) >= 0),
];

pub(crate) fn cases() -> Vec<Case> {
    BRANCHES.iter().map(|row| Case::passing(format!("branch/{}", row.op), program(row))).collect()
}

/// Holds 1 if the branch was taken.
const TAKEN: u8 = 30;

fn program(row: &Branch) -> Program {
    let mut asm = Asm::new();
    for i in 0..48 {
        let (x, y) = (BOUNDARY[i % 16], BOUNDARY[(i * 3 + i / 16) % 16]);
        let (rs1, rs2) = (FREE[i % 28], FREE[(i + 11) % 28]);
        asm.begin();
        asm.li(rs1, x);
        asm.li(rs2, y);
        if i % 3 == 0 {
            // From here on everything stands at the other alignment.
            let code = &mut asm.code;
            rv!(code; c.nop);
        }
        if i % 2 == 0 {
            forwards(&mut asm, row, rs1, rs2)
        } else {
            backwards(&mut asm, row, rs1, rs2)
        }
        asm.expect(TAKEN, (row.taken)(x, y).into());
        asm.expect(rs1, x);
    }
    for (rs1, rs2, x, y) in [(10, 10, 5, 5), (0, 0, 0, 0), (10, 0, 5, 0), (0, 10, 0, 5)] {
        for direction in [forwards, backwards] {
            asm.begin();
            asm.li(10, 5);
            direction(&mut asm, row, rs1, rs2);
            asm.expect(TAKEN, (row.taken)(x, y).into());
        }
    }
    let (x, y) = [(1, 1), (1, 2), (2, 1)].into_iter().find(|&(x, y)| (row.taken)(x, y)).unwrap_or((0, 0));
    far(&mut asm, row, x, y);
    asm.finish()
}

fn forwards(asm: &mut Asm, row: &Branch, rs1: u8, rs2: u8) {
    let code = &mut asm.code;
    let taken = code.new_dynamic_label();
    (row.emit)(code, rs1, rs2, taken);
    rv!(code; addi X(TAKEN), x0, 0; j >join; =>taken; addi X(TAKEN), x0, 1; join:);
}

fn backwards(asm: &mut Asm, row: &Branch, rs1: u8, rs2: u8) {
    let code = &mut asm.code;
    let taken = code.new_dynamic_label();
    rv!(code; j >over; =>taken; addi X(TAKEN), x0, 1; j >join; over:);
    (row.emit)(code, rs1, rs2, taken);
    rv!(code; addi X(TAKEN), x0, 0; join:);
}

/// A taken branch by +4094, then one by -4096; what they skip is illegal.
fn far(asm: &mut Asm, row: &Branch, x: u64, y: u64) {
    asm.begin();
    asm.li(10, x);
    asm.li(11, y);
    asm.raw(&row.far[0].to_le_bytes());
    asm.raw(&[0; 4094 - 4]);
    let code = &mut asm.code;
    rv!(code; c.nop; j >start; j >done); // the last one stands 4096 before the second branch
    asm.raw(&[0; 4096 - 4 - 4]);
    let code = &mut asm.code;
    rv!(code; done:; j >end; start:);
    asm.raw(&row.far[1].to_le_bytes());
    asm.raw(&[0; 4]);
    let code = &mut asm.code;
    rv!(code; end:);
}
