//! The table of operations and the decoder of full-width instructions.

use spec_interp::isa::{ENCODINGS, Family};
use spec_interp::{Inst, Op, decode};

/// Pseudo-random words from a counter (the finaliser of splitmix64).
fn scramble(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

#[test]
fn rows_stand_in_the_order_of_ops_and_families() {
    for (index, row) in ENCODINGS.iter().enumerate() {
        assert_eq!(row.op as usize, index, "{}", row.mnemonic);
        assert_eq!(row.op.encoding().op, row.op);
        assert_eq!(row.value & !row.mask, 0, "{}: value outside mask", row.mnemonic);
        assert_eq!(row.value & 3, 3, "{}: not a full-width encoding", row.mnemonic);
    }
    assert!(ENCODINGS.is_sorted_by_key(|row| row.family));
    assert!(Family::ALL.iter().all(|family| Op::ALL.iter().any(|op| op.family() == *family)));
}

/// By the last letters of their names.
#[test]
fn accesses_have_the_width_that_their_names_say() {
    for row in &ENCODINGS {
        let name = row.mnemonic.trim_end_matches('u');
        let width = match (row.family, name.chars().last()) {
            (Family::Memory | Family::Amo, Some('b')) => Some(1),
            (Family::Memory | Family::Amo, Some('h')) => Some(2),
            (Family::Memory | Family::Amo, Some('w')) => Some(4),
            (Family::Memory | Family::Amo, Some('d')) => Some(8),
            _ => None,
        };
        assert_eq!(row.op.access_width(), width, "{}", row.mnemonic);
    }
}

#[test]
fn an_instruction_is_16_bytes_decoded_or_not() {
    assert_eq!(size_of::<Inst>(), 16);
    assert_eq!(size_of::<Option<Inst>>(), 16);
}

#[test]
fn no_word_fits_two_rows_and_no_name_repeats() {
    for (i, a) in ENCODINGS.iter().enumerate() {
        for b in &ENCODINGS[..i] {
            assert_ne!((a.value ^ b.value) & a.mask & b.mask, 0, "{} and {}", a.mnemonic, b.mnemonic);
            assert_ne!(a.mnemonic, b.mnemonic);
        }
    }
}

#[test]
fn every_op_decodes_whatever_its_operands() {
    for row in &ENCODINGS {
        assert_eq!(decode(row.value).map(|inst| inst.op), Some(row.op), "{}", row.mnemonic);
        for n in 0..1000 {
            let word = row.value | scramble(n) as u32 & !row.mask;
            assert_eq!(decode(word).map(|inst| inst.op), Some(row.op), "{} {word:#010x}", row.mnemonic);
        }
    }
}

#[test]
fn whatever_decodes_fits_its_row() {
    let mut decoded = 0;
    for n in 0..2_000_000 {
        let word = scramble(n) as u32 | 3;
        let fitting = ENCODINGS.iter().find(|row| word & row.mask == row.value);
        assert_eq!(decode(word).map(|inst| inst.op), fitting.map(|row| row.op), "{word:#010x}");
        decoded += u32::from(fitting.is_some());
    }
    assert!(decoded > 100_000);
}

/// Words and texts as the GNU and LLVM assemblers relate them.
#[test]
fn known_words() {
    let known = [
        (0xfff0_0513, "addi a0, zero, -1"),
        (0x7ff0_0093, "addi ra, zero, 2047"),
        (0x8000_0f93, "addi t6, zero, -2048"),
        (0x8000_0537, "lui a0, 0x80000"),
        (0x0000_1597, "auipc a1, 0x1"),
        (0xffff_ffb7, "lui t6, 0xfffff"),
        (0x00b5_0533, "add a0, a0, a1"),
        (0x40b5_053b, "subw a0, a0, a1"),
        (0x03f5_1513, "slli a0, a0, 63"),
        (0x43f5_5513, "srai a0, a0, 63"),
        (0x01f5_551b, "srliw a0, a0, 31"),
        (0x41f5_551b, "sraiw a0, a0, 31"),
        (0x02b5_2533, "mulhsu a0, a0, a1"),
        (0x02b5_753b, "remuw a0, a0, a1"),
        (0xfe00_0fe3, "beq zero, zero, .-2"),
        (0x7eb5_1fe3, "bne a0, a1, .+4094"),
        (0x80b5_5063, "bge a0, a1, .-4096"),
        (0xffff_f0ef, "jal ra, .-2"),
        (0x7fff_f06f, "jal zero, .+1048574"),
        (0x8000_006f, "jal zero, .-1048576"),
        (0x0000_8067, "jalr zero, 0(ra)"),
        (0xff81_3083, "ld ra, -8(sp)"),
        (0x7ea1_3fa3, "sd a0, 2047(sp)"),
        (0x80a1_0023, "sb a0, -2048(sp)"),
        (0x0000_0073, "ecall"),
        (0x0010_0073, "ebreak"),
        (0x0ff0_000f, "fence"),
        (0x0000_100f, "fence.i"),
        (0x1605_252f, "lr.w.aqrl a0, (a0)"),
        (0x18b6_352f, "sc.d a0, a1, (a2)"),
        (0x3052_9073, "csrrw zero, 0x305, t0"),
        (0x3002_7073, "csrrci zero, 0x300, 4"),
        (0x0805_453b, "zext.h a0, a0"),
        (0x6b85_5513, "rev8 a0, a0"),
        (0x0bf5_151b, "slli.uw a0, a0, 63"),
    ];
    for (word, text) in known {
        let shown = decode(word).map(|inst| inst.to_string());
        assert_eq!(shown, Some(text.replace(".aqrl", "")), "{word:#010x}");
    }
}

#[test]
fn reserved_words_are_illegal() {
    let illegal = [
        (0x0000_0000, "all zero"),
        (0xffff_ffff, "all ones"),
        (0x0000_001f, "longer than 32 bits"),
        (0x0400_1013, "slli with a bit above the shift amount"),
        (0x8000_5013, "srli with a wrong top field"),
        (0x0200_101b, "slliw by 32"),
        (0x0200_501b, "srliw by 32"),
        (0x4200_501b, "sraiw by 32"),
        (0x0000_2063, "branch with funct3 010"),
        (0x0000_7003, "load with funct3 111"),
        (0x0000_4023, "store with funct3 100"),
        (0x0000_1067, "jalr with funct3 001"),
        (0x0200_103b, "32-bit mulh"),
        (0x0000_00f3, "ecall with a destination"),
        (0x1010_202f, "lr.w with a second source"),
        (0x0000_002f, "amo of one byte"),
        (0x0000_0007, "floating-point load"),
        (0x3020_0073, "mret"),
        (0x1050_0073, "wfi"),
    ];
    for (word, why) in illegal {
        assert_eq!(decode(word), None, "{why}");
    }
}

#[test]
fn hints_decode_to_ordinary_instructions() {
    assert_eq!(decode(0x0100_000f).map(|inst| inst.op), Some(Op::Fence), "pause");
    assert_eq!(decode(0x0000_0013).map(|inst| inst.rd), Some(0), "nop");
    assert_eq!(decode(0x4030_5013).map(|inst| (inst.op, inst.rd)), Some((Op::Srai, 0)), "semihosting marker");
}
