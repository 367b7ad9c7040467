//! System calls, exit codes and fences.

use spec_interp::Program;
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, RAM_BASE};

use crate::asm::{Asm, rv};
use crate::{Case, Expectation};

/// The modulus of the field in which runs are proved; exit codes around it must not be confused.
const KOALA_BEAR: u64 = (1 << 31) - (1 << 24) + 1;

pub(crate) fn cases() -> Vec<Case> {
    let codes = [1, 2, KOALA_BEAR - 1, KOALA_BEAR, KOALA_BEAR + 1, 1 << 32, 1 << 63, u64::MAX, 0x0001_0002_0003_0004];
    let mut cases: Vec<_> = codes.into_iter().map(exit).collect();
    cases.push(Case::passing("system/write", write()));
    cases.push(Case::passing("system/fence", fence()));
    cases.push(Case {
        input: vec![3, 1, 4, 1, 5, 9, 2, 6],
        output: vec![31, 0, 0, 0, 0, 0, 0, 0],
        ..Case::passing("system/sum_of_input", sum())
    });
    cases
}

fn exit(code: u64) -> Case {
    let mut asm = Asm::new();
    asm.li(11, code);
    asm.exit(11);
    Case { expect: Expectation::Exit(code), ..Case::passing(format!("system/exit_{code:x}"), asm.finish()) }
}

/// The call never faults, changes a0 alone, and returns the length that it was given.
fn write() -> Program {
    let mut asm = Asm::new();
    asm.ram = b"console\n".to_vec();
    for (fd, buf, len) in [
        (1, RAM_BASE, 8),
        (2, RAM_BASE, 8),
        (0, RAM_BASE, 8),
        (3, RAM_BASE, 8),
        (1, 0, 8),
        (1, RAM_BASE, 0),
        (u64::MAX, u64::MAX, u64::MAX),
        (2, 0xffff_ffff_0000_0000, 1 << 63),
    ] {
        asm.begin();
        for (register, value) in [(10, fd), (11, buf), (12, len), (17, 64)] {
            asm.li(register, value);
        }
        let code = &mut asm.code;
        rv!(code; ecall);
        for (register, value) in [(10, len), (11, buf), (12, len), (17, 64)] {
            asm.expect(register, value);
        }
    }
    asm.finish()
}

fn fence() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, 1);
    let code = &mut asm.code;
    rv!(code; fence; fence r, w; fence.tso);
    asm.raw(&0x0000_100f_u32.to_le_bytes()); // fence.i
    asm.raw(&0x0100_000f_u32.to_le_bytes()); // pause, a hint
    asm.raw(&0x0ff5_050f_u32.to_le_bytes()); // fence with its reserved register fields set
    asm.raw(&0xfff5_150f_u32.to_le_bytes()); // fence.i with its reserved fields set
    asm.expect(10, 1);
    asm.finish()
}

/// The sum of the input's bytes, as eight bytes of output.
fn sum() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, INPUT_BASE);
    asm.li(11, OUTPUT_BASE);
    let code = &mut asm.code;
    rv!(code; ld x12, [x10]; addi x10, x10, 16; add x12, x12, x10; addi x13, x0, 0);
    rv!(code; next:; lbu x14, [x10]; add x13, x13, x14; addi x10, x10, 1; bne x10, x12, <next);
    rv!(code; addi x14, x0, 8; sd x13, [x11, 16]; sd x14, [x11]);
    asm.finish()
}
