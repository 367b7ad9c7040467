//! Compressed instructions, each between full-width ones so that both alignments occur.

use spec_interp::Program;
use spec_interp::map::RAM_BASE;

use crate::Case;
use crate::asm::{Asm, Code, rv};
use crate::boundary::BOUNDARY;
use crate::memory::{BYTES, expect_word, loaded};
use crate::number::{bitwise, power, register, signed, unsigned, word};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::passing("compressed/immediates", immediates()),
        Case::passing("compressed/registers", registers()),
        Case::passing("compressed/stack_pointer", stack_pointer()),
        Case::passing("compressed/memory", memory()),
        Case::passing("compressed/control", control()),
        Case::passing("compressed/hints", hints()),
    ]
}

/// An operation on x9 and an immediate.
type Immediate = (fn(&mut Code, i32), fn(u64, i128) -> u64, [i32; 4]);

#[rustfmt::skip]
const IMMEDIATE: [Immediate; 8] = [
    (|c, imm| rv!(c; c.addi x9, imm), |x, imm| register(signed(x) + imm), [1, -1, 31, -32]),
    (|c, imm| rv!(c; c.addiw x9, imm), |x, imm| word(signed(x) + imm), [0, -1, 31, -32]),
    (|c, imm| rv!(c; c.li x9, imm), |_, imm| register(imm), [0, -1, 31, -32]),
    (|c, imm| rv!(c; c.lui x9, imm * 4096), |_, imm| register(imm * 4096), [1, -1, 31, -32]),
    (|c, imm| rv!(c; c.andi x9, imm), |x, imm| bitwise(x, register(imm), |a, b| a * b), [0, -1, 31, -32]),
    (|c, imm| rv!(c; c.slli x9, imm as u32), |x, imm| register(signed(x) * power(imm)), [1, 31, 32, 63]),
    (|c, imm| rv!(c; c.srli x9, imm as u32), |x, imm| register(unsigned(x) / power(imm)), [1, 31, 32, 63]),
    (|c, imm| rv!(c; c.srai x9, imm as u32), |x, imm| register(signed(x).div_euclid(power(imm))), [1, 31, 32, 63]),
];

fn immediates() -> Program {
    let mut asm = Asm::new();
    for (emit, meaning, immediates) in IMMEDIATE {
        for (i, imm) in immediates.into_iter().enumerate() {
            for x in [BOUNDARY[3 + i], BOUNDARY[8 + i], BOUNDARY[15]] {
                asm.begin();
                asm.li(9, x);
                emit(&mut asm.code, imm);
                asm.expect(9, meaning(x, imm.into()));
            }
        }
    }
    asm.finish()
}

/// An operation on two registers.
type Registers = (fn(&mut Code, u8, u8), fn(u64, u64) -> u64);

#[rustfmt::skip]
const REGISTERS: [Registers; 8] = [
    (|c, d, s| rv!(c; c.add X(d), X(s)), |x, y| register(signed(x) + signed(y))),
    (|c, d, s| rv!(c; c.mv X(d), X(s)), |_, y| y),
    (|c, d, s| rv!(c; c.sub X(d), X(s)), |x, y| register(signed(x) - signed(y))),
    (|c, d, s| rv!(c; c.xor X(d), X(s)), |x, y| bitwise(x, y, |a, b| (a + b) % 2)),
    (|c, d, s| rv!(c; c.or X(d), X(s)), |x, y| bitwise(x, y, |a, b| a + b - a * b)),
    (|c, d, s| rv!(c; c.and X(d), X(s)), |x, y| bitwise(x, y, |a, b| a * b)),
    (|c, d, s| rv!(c; c.subw X(d), X(s)), |x, y| word(signed(x) - signed(y))),
    (|c, d, s| rv!(c; c.addw X(d), X(s)), |x, y| word(signed(x) + signed(y))),
];

fn registers() -> Program {
    let mut asm = Asm::new();
    for (i, (emit, meaning)) in REGISTERS.into_iter().enumerate() {
        for j in 0..8 {
            let (x, y) = (BOUNDARY[(3 * j + i) % 16], BOUNDARY[(5 * j + 2 * i + 1) % 16]);
            let (d, s) = (8 + j as u8, 8 + (j as u8 * 3 + 1) % 8);
            let x = if d == s { y } else { x };
            asm.begin();
            asm.li(d, x);
            asm.li(s, y);
            emit(&mut asm.code, d, s);
            asm.expect(d, meaning(x, y));
            if d != s {
                asm.expect(s, y);
            }
        }
    }
    for (d, s) in [(1, 29), (29, 1), (18, 7)] {
        for (emit, meaning) in &REGISTERS[..2] {
            asm.begin();
            asm.li(d, 5);
            asm.li(s, u64::MAX);
            emit(&mut asm.code, d, s);
            asm.expect(d, meaning(5, u64::MAX));
        }
    }
    asm.finish()
}

/// Its own adjustments, and addresses on the stack.
fn stack_pointer() -> Program {
    let mut asm = Asm::new();
    for imm in [16, -16, 496, -512] {
        asm.begin();
        asm.li(2, RAM_BASE + 4096);
        let code = &mut asm.code;
        rv!(code; c.addi16sp x2, imm);
        asm.expect(2, (RAM_BASE + 4096).wrapping_add_signed(imm.into()));
    }
    for imm in [4, 8, 16, 32, 64, 128, 256, 512, 1020_u32] {
        asm.begin();
        asm.li(2, RAM_BASE);
        let code = &mut asm.code;
        rv!(code; c.addi4spn x15, x2, imm);
        asm.expect(15, RAM_BASE + u64::from(imm));
    }
    asm.finish()
}

fn memory() -> Program {
    let mut asm = Asm::new();
    asm.ram = BYTES.iter().copied().cycle().take(512).collect();
    let mut bytes = asm.ram.clone();
    for (i, offset) in [0, 4, 8, 16, 32, 64, 124, 128, 252].into_iter().enumerate() {
        asm.begin();
        asm.li(2, RAM_BASE);
        asm.li(8, RAM_BASE);
        let code = &mut asm.code;
        rv!(code; c.lwsp x28, [x2, offset]);
        asm.expect(28, loaded(&bytes[offset as usize..][..4], true));
        asm.li(9, BOUNDARY[15 - i]);
        let code = &mut asm.code;
        rv!(code; c.swsp x9, [x2, offset]);
        bytes[offset as usize..][..4].copy_from_slice(&BOUNDARY[15 - i].to_le_bytes()[..4]);
        if offset < 128 {
            let code = &mut asm.code;
            rv!(code; c.lw x15, [x8, offset]; c.sw x8, [x8, offset]);
            asm.expect(15, loaded(&bytes[offset as usize..][..4], true));
            bytes[offset as usize..][..4].copy_from_slice(&RAM_BASE.to_le_bytes()[..4]);
        }
        expect_word(&mut asm, RAM_BASE + (offset & !7) as u64, &bytes[(offset & !7) as usize..][..8]);
    }
    for (i, offset) in [0, 8, 16, 32, 64, 128, 248, 256, 504].into_iter().enumerate() {
        asm.begin();
        let code = &mut asm.code;
        rv!(code; c.ldsp x28, [x2, offset]);
        asm.expect(28, loaded(&bytes[offset as usize..][..8], true));
        asm.li(9, BOUNDARY[15 - i]);
        let code = &mut asm.code;
        rv!(code; c.sdsp x9, [x2, offset]);
        bytes[offset as usize..][..8].copy_from_slice(&BOUNDARY[15 - i].to_le_bytes());
        if offset < 256 {
            let code = &mut asm.code;
            rv!(code; c.ld x15, [x8, offset]; c.sd x8, [x8, offset]);
            asm.expect(15, BOUNDARY[15 - i]);
            bytes[offset as usize..][..8].copy_from_slice(&RAM_BASE.to_le_bytes());
        }
        expect_word(&mut asm, RAM_BASE + offset as u64, &bytes[offset as usize..][..8]);
    }
    asm.finish()
}

/// Jumps and branches, both ways, with links two bytes on.
fn control() -> Program {
    let mut asm = Asm::new();
    for value in [0, 1, u64::MAX, 1 << 63] {
        asm.begin();
        asm.li(8, value);
        let code = &mut asm.code;
        rv!(code; c.li x10, 0; c.beqz x8, >taken; c.j >join; taken:; c.li x10, 1; join:);
        rv!(code; c.li x11, 0; c.j >over; back:; c.li x11, 1; c.j >join; over:; c.bnez x8, <back; join:);
        asm.expect(10, (value == 0).into());
        asm.expect(11, (value != 0).into());
    }
    for base in [9, 1] {
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
    asm.begin();
    let code = &mut asm.code;
    rv!(code; jal x9, >over; j >landed; over:; c.jr x9);
    asm.unreachable();
    let code = &mut asm.code;
    rv!(code; landed:);
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

/// Code points that assemblers refuse but the machine must run as instructions without effect.
fn hints() -> Program {
    let mut asm = Asm::new();
    asm.begin();
    asm.li(10, 0x1234);
    #[rustfmt::skip]
    let hints: [(u16, &str); 9] = [
        (0x0001, "c.nop"), (0x0005, "c.nop 1"), (0x0501, "c.addi a0, 0"), (0x4005, "c.li x0, 1"),
        (0x6005, "c.lui x0, 1"), (0x802a, "c.mv x0, a0"), (0x902a, "c.add x0, a0"), (0x0006, "c.slli x0, 1"),
        (0x8101, "c.srli a0, 0"),
    ];
    for (half, _) in hints {
        asm.raw(&half.to_le_bytes());
    }
    asm.expect(10, 0x1234);
    asm.expect(0, 0);
    asm.finish()
}
