//! Where other machines of this kind fell: bugs found in them, mostly late, and here a case each by name.
//!
//! The operands are those of the bug. The groups of the instructions have the same operations at many others.

use spec_interp::map::RAM_BASE;
use spec_interp::{Cause, Op, Program};

use crate::asm::{Asm, Code, rv};
use crate::edges::check_loads;
use crate::faults::case;
use crate::jump::{Jalr, jalr};
use crate::memory::LOADS;
use crate::reg_reg::{REG_REG, RegReg, check};
use crate::{Case, Expectation, reserve};

pub(crate) fn cases() -> Vec<Case> {
    let groups = [divisions(), immediates(), links(), loads(), reservations(), last_halfwords(), zeros()];
    groups.into_iter().flatten().collect()
}

fn name(of: &str) -> String {
    format!("known_falls/{of}")
}

fn passing(of: &str, program: Program) -> Case {
    Case::passing(name(of), program)
}

/// The least number by -1: the quotient is no number of the type and the remainder is 0. Provers took the quotient from
/// an inverse or left the case out (Jolt, OpenVM, SP1), and the division of x86-64 traps.
fn divisions() -> Vec<Case> {
    const WORD: u64 = 1 << 31;
    let words = [
        (0xffff_ffff_0000_0000 | WORD, u64::MAX),
        (WORD, 0xffff_ffff),
        // The upper halves are none of a W form's business.
        (0x0123_4567_0000_0000 | WORD, 0xfedc_ba98_ffff_ffff),
        (0x7fff_ffff_0000_0000 | WORD, 0x0000_0001_ffff_ffff),
    ];
    let program = |row: &RegReg| {
        let mut asm = Asm::new();
        let operands = if matches!(row.op, Op::Remw | Op::Divw) { &words[..] } else { &[(1 << 63, u64::MAX)] };
        for &(x, y) in operands {
            for registers in [[12, 10, 11], [10, 10, 11], [11, 10, 11], [0, 10, 11]] {
                check(&mut asm, row, registers, x, y);
            }
        }
        asm.finish()
    };
    let divisions = REG_REG.iter().filter(|row| matches!(row.op, Op::Rem | Op::Remw | Op::Div | Op::Divw));
    divisions.map(|row| passing(&format!("{}_of_min_by_-1", row.op), program(row))).collect()
}

/// Immediates whose upper bit is set are negative, and 64 bits wide. A native engine moved one with zeros above it (SP1),
/// tables left their sign to the prover (OpenVM), and the sum of `auipc` had a limb too few in its range checks
/// (OpenVM).
fn immediates() -> Vec<Case> {
    vec![
        passing("auipc_with_bit_31", auipc_with_bit_31()),
        passing("lui_with_bit_31", lui_with_bit_31()),
        passing("negative_immediates", negative_immediates()),
        passing("store_and_load_below_the_base", store_and_load_below_the_base()),
    ]
}

/// Upper immediates with bit 31 set, as the signed numbers that they are.
const UPPER: [i32; 4] = [-0x8_0000, -0x7_ffff, -0x5_5556, -1];

/// With zeros above the immediate, each sum would reach bit 32. Low in the program, where no sum carries out of the
/// lowest 16 bits, and high, where each does whose immediate has bits there.
fn auipc_with_bit_31() -> Program {
    let mut asm = Asm::new();
    for high in [false, true] {
        if high {
            let code = &mut asm.code;
            rv!(code; j >high);
            asm.raw(&[0; 0xf000]);
            let code = &mut asm.code;
            rv!(code; high:);
        }
        for imm in UPPER {
            asm.begin();
            let pc = asm.pc();
            let code = &mut asm.code;
            rv!(code; auipc x10, imm * 4096);
            asm.expect(10, pc.wrapping_add_signed(i64::from(imm) * 4096));
        }
    }
    asm.finish()
}

fn lui_with_bit_31() -> Program {
    let mut asm = Asm::new();
    for imm in UPPER {
        asm.begin();
        let code = &mut asm.code;
        rv!(code; lui x10, imm * 4096);
        asm.expect(10, (i64::from(imm) * 4096).cast_unsigned());
    }
    asm.begin();
    let code = &mut asm.code;
    rv!(code; c.lui x10, -32 * 4096);
    asm.expect(10, 0xffff_ffff_fffe_0000);
    asm.finish()
}

/// What is in a0, what then changes it, and to what.
type Change = (u64, fn(&mut Code), u64);

const NEGATIVE: [Change; 20] = [
    (0, |code| rv!(code; addi x10, x0, -1), u64::MAX),
    (0, |code| rv!(code; addi x10, x10, -2048), 0xffff_ffff_ffff_f800),
    (1 << 32, |code| rv!(code; addi x10, x10, -1), 0xffff_ffff),
    (1 << 32, |code| rv!(code; addiw x10, x10, -1), u64::MAX),
    (1 << 31, |code| rv!(code; addiw x10, x10, -1), 0x7fff_ffff),
    (0x7fff_ffff, |code| rv!(code; addiw x10, x10, 1), 0xffff_ffff_8000_0000),
    // Constants in two instructions: 2^31 - 1, its neighbour above as a word, and what `addi` makes of the same.
    (0, |code| rv!(code; lui x10, -0x8000_0000; addiw x10, x10, -1), 0x7fff_ffff),
    (0, |code| rv!(code; lui x10, -0x8000_0000; addiw x10, x10, 0), 0xffff_ffff_8000_0000),
    (0, |code| rv!(code; lui x10, -0x8000_0000; addi x10, x10, -1), 0xffff_ffff_7fff_ffff),
    (u64::MAX, |code| rv!(code; andi x10, x10, -2048), 0xffff_ffff_ffff_f800),
    (0, |code| rv!(code; ori x10, x10, -2048), 0xffff_ffff_ffff_f800),
    (u64::MAX, |code| rv!(code; xori x10, x10, -2048), 2047),
    (0, |code| rv!(code; slti x10, x10, -1), 0),
    (0xffff_ffff, |code| rv!(code; slti x10, x10, -1), 0),
    (0xffff_ffff, |code| rv!(code; sltiu x10, x10, -1), 1),
    (u64::MAX, |code| rv!(code; sltiu x10, x10, -1), 0),
    (0, |code| rv!(code; c.li x10, -1), u64::MAX),
    (1 << 32, |code| rv!(code; c.addi x10, -1), 0xffff_ffff),
    (1 << 31, |code| rv!(code; c.addiw x10, -1), 0x7fff_ffff),
    (u64::MAX, |code| rv!(code; c.andi x10, -32), 0xffff_ffff_ffff_ffe0),
];

fn negative_immediates() -> Program {
    let mut asm = Asm::new();
    for (before, change, after) in NEGATIVE {
        asm.begin();
        asm.li(10, before);
        change(&mut asm.code);
        asm.expect(10, after);
    }
    asm.finish()
}

/// Below the base by what the sign of their immediates says.
fn store_and_load_below_the_base() -> Program {
    let mut asm = Asm::new();
    for imm in [-1, -2048] {
        asm.begin();
        asm.li(10, RAM_BASE + 2048);
        asm.li(11, 0x87);
        let code = &mut asm.code;
        rv!(code; sb x11, [x10, imm]; addi x12, x10, imm; lbu x12, [x12]; lb x13, [x10, imm]);
        asm.expect(12, 0x87);
        asm.expect(13, 0xffff_ffff_ffff_ff87);
    }
    asm.finish()
}

/// Of a `jalr` whose rd is its rs1 the base must be read before the link is written, which engines did the other way
/// round; and the sign of its immediate was left to the prover (OpenVM).
fn links() -> Vec<Case> {
    const SAME: [Jalr; 5] = [(1, 1, 0, 0), (5, 5, 8, -8), (10, 10, 0, 0), (29, 29, 2047, -2047), (1, 1, 4, -4)];
    const ODD: [Jalr; 5] = [(1, 1, 1, 0), (1, 1, 0, 1), (10, 10, 3, -2), (5, 5, -1, 2), (10, 10, 2047, -2046)];
    const NEGATIVE: [Jalr; 5] = [(1, 1, -1, 1), (1, 10, -1, 1), (10, 10, -2048, 2048), (5, 5, -8, 8), (0, 5, -2, 2)];
    vec![
        passing("jalr_with_rd_its_rs1", jalr(&SAME)),
        passing("jalr_with_rd_its_rs1_to_odd_addresses", jalr(&ODD)),
        passing("jalr_with_negative_immediates", jalr(&NEGATIVE)),
        passing("c.jalr_of_its_link", c_jalr_of_its_link()),
    ]
}

fn c_jalr_of_its_link() -> Program {
    let mut asm = Asm::new();
    for odd in [0, 1] {
        asm.begin();
        let code = &mut asm.code;
        rv!(code; jal x1, >over; j >landed; over:; addi x1, x1, odd);
        let after = asm.pc() + 2;
        let code = &mut asm.code;
        rv!(code; c.jalr x1);
        asm.unreachable();
        let code = &mut asm.code;
        rv!(code; landed:);
        asm.expect(1, after);
    }
    asm.finish()
}

/// Misaligned loads, over the edge of a doubleword and within, of bytes that all have their upper bit set: what is read
/// from two words was put together wrongly, or extended by the sign of the wrong one (SP1, ZisK).
fn loads() -> Vec<Case> {
    let bytes: Vec<u8> = (0x81..=0x90).collect();
    let program = |row| {
        let mut asm = Asm::new();
        asm.ram.clone_from(&bytes);
        check_loads(&mut asm, row, |width, offset| !offset.is_multiple_of(width), RAM_BASE, &bytes);
        asm.finish()
    };
    let rows = LOADS.iter().filter(|row| row.width > 1);
    rows.map(|row| passing(&format!("{}_across_words", row.op), program(row))).collect()
}

/// An `sc` without the `lr` that it needs writes 1 to rd and nothing to memory; machines let it write.
fn reservations() -> Vec<Case> {
    let groups: [(&str, &[reserve::Story]); 5] = [
        ("sc.w_without_lr", &reserve::SC_W_WITHOUT_LR),
        ("sc.d_without_lr", &reserve::SC_D_WITHOUT_LR),
        ("sc_after_sc", &reserve::SC_AFTER_SC),
        ("sc_at_another_address", &reserve::SC_AT_ANOTHER_ADDRESS),
        ("sc_of_another_width", &reserve::SC_OF_ANOTHER_WIDTH),
    ];
    groups.map(|(name, stories)| passing(name, reserve::program(stories))).into()
}

/// The last two bytes of the code are an instruction if they are a compressed one: fetches of four bytes there read on
/// behind the code, or refused what is whole. Behind them nothing is an instruction.
fn last_halfwords() -> Vec<Case> {
    let fault = |of: &str, last: &[u8], below: u64, cause: fn(u64) -> Cause| {
        let program = last_halfword(last, 0);
        let pc = program.segments()[0].end() - below;
        Case { expect: Expectation::Fault { pc, cause: cause(pc) }, ..passing(of, program) }
    };
    let outside = |addr| Cause::FetchOutsideCode { addr };
    vec![
        passing("jump_to_the_last_halfword", last_halfword(&[], -2)),
        // The lower half of a nop; zeros behind it would make it whole.
        fault("jump_to_a_cut_last_halfword", &[0x13, 0], 2, |_| Cause::IllegalInstruction { word: 0x13 }),
        fault("jump_behind_the_last_halfword", &[], 0, outside),
        fault("on_from_the_last_halfword", &[1, 0], 0, outside), // c.nop
    ]
}

/// Jumps to a `c.jalr` behind all other code but `last`, which jumps back; then so far from its link.
fn last_halfword(last: &[u8], distance: i32) -> Program {
    let mut asm = Asm::new();
    asm.begin();
    let code = &mut asm.code;
    let link = code.new_dynamic_label();
    rv!(code; jal x5, =>link; jalr x5, x1, distance);
    asm.finish_before(|code| {
        rv!(code; =>link; c.jalr x5);
        code.extend(last);
    })
}

/// Zeros are no instruction, at either alignment, whether control falls or jumps into them, and nothing is at address 0.
/// A table of the program had rows of zeros that could be executed (SP1).
fn zeros() -> Vec<Case> {
    let illegal = |of: &str, word: u32, before: fn(&mut Asm)| {
        let cause = Cause::IllegalInstruction { word };
        case(name(of), cause, before, |code| code.extend(&word.to_le_bytes()))
    };
    let nop = |asm: &mut Asm| asm.raw(&[1, 0]);
    let jump = |asm: &mut Asm| {
        let code = &mut asm.code;
        rv!(code; auipc x10, 0; jalr x0, x10, 16);
        asm.raw(&[0; 8]);
    };
    let at_0 = Cause::FetchOutsideCode { addr: 0 };
    let jump_to_0 = case(name("jump_to_address_0"), at_0, |_| (), |code| rv!(code; jalr x0, x0, 0));
    vec![
        illegal("zero_word", 0, |_| ()),
        illegal("zero_word_off_4", 0, nop),
        illegal("zero_halfword", 0x0001_0000, |_| ()), // behind it c.nop
        illegal("zero_halfword_off_4", 0x0001_0000, nop),
        illegal("jump_into_zeros", 0, jump),
        Case { expect: Expectation::Fault { pc: 0, cause: at_0 }, ..jump_to_0 },
    ]
}
