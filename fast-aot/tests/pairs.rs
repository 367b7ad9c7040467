//! Instructions that the translator makes one of, with all coincidences of their registers, and those that nearly are.

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use spec_interp::map::{PROGRAM_BASE, RAM_BASE};
use spec_interp::{Op, Program};

/// Points to the operands.
const OPERANDS: u8 = 31;
/// Points to where the next results go.
const RESULTS: u8 = 30;
/// Where results begin in RAM.
const RESULTS_OFFSET: u64 = 1 << 16;
/// What is computed with.
const REGISTERS: [u8; 4] = [5, 6, 7, 8];
/// The operands: products with high halves, quotients of all signs, by zero and by -1.
const WORDS: [[u64; 4]; 4] = [
    [0x8765_4321_9abc_def0, 0xffff_ffff_ffff_fff9, 0x1234_5678_8000_0001, 3],
    [0x8000_0000_0000_0000, u64::MAX, 0xffff_ffff_8000_0000, 0x0000_0001_ffff_ffff],
    [0x7fff_ffff_8000_0000, 0, 0xdead_beef_0000_0000, 1],
    [0x0000_0000_ffff_fffe, 0xffff_ffff_0000_0000, 0xaaaa_aaaa_5555_5555, u64::MAX - 6],
];

/// Runs each of the pieces on each of the operands, and compares what is left in the registers.
fn compare(pieces: &[Vec<u32>], what: &str) {
    let mut words = vec![
        encode(Op::Lui, OPERANDS, 0, 0, 0x5000_0000),
        encode(Op::Slli, OPERANDS, OPERANDS, 0, 1),
        encode(Op::Lui, RESULTS, 0, 0, RESULTS_OFFSET as i64),
        encode(Op::Add, RESULTS, RESULTS, OPERANDS, 0),
    ];
    for piece in pieces {
        for row in 0..WORDS.len() as i64 {
            let places = (0..).zip(REGISTERS).map(|(i, register)| (register, 8 * i));
            words.extend(places.clone().map(|(register, at)| encode(Op::Ld, register, OPERANDS, 0, 32 * row + at)));
            words.extend(piece);
            words.extend(places.map(|(register, at)| encode(Op::Sd, 0, RESULTS, register, at)));
            words.push(encode(Op::Addi, RESULTS, RESULTS, 0, 32));
        }
    }
    words.extend([encode(Op::Addi, 17, 0, 0, 93), encode(Op::Ecall, 0, 0, 0, 0)]);
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let ram: Vec<u8> = WORDS.iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
    let program = Program::from_code(PROGRAM_BASE, &code, &ram).expect("it fits the map");
    let results = (pieces.len() * 16) as u64;
    let run = |engine| {
        let mut machine = Runner::new(program.clone(), &[], engine).expect("no input fits");
        machine.run(1 << 24, &mut |_, _| ()).expect("it exits");
        (0..results).map(|i| machine.word(RAM_BASE + RESULTS_OFFSET + 8 * i)).collect::<Vec<_>>()
    };
    let (found, expected) = (run(Engine::Aot), run(Engine::Spec));
    let different = found.iter().zip(&expected).position(|(found, expected)| found != expected);
    let told = different.map(|at| (at / 16, at / 4 % 4, at % 4, found[at], expected[at]));
    assert_eq!(told, None, "{what}: piece, operands, register, found, expected");
}

#[test]
fn products_and_quotients_in_pairs() {
    let ops = [
        Op::Mul,
        Op::Mulh,
        Op::Mulhu,
        Op::Mulhsu,
        Op::Mulw,
        Op::Div,
        Op::Rem,
        Op::Divu,
        Op::Remu,
        Op::Divw,
        Op::Remw,
        Op::Divuw,
        Op::Remuw,
    ];
    for first in ops {
        for second in ops {
            let mut pieces = Vec::new();
            for rs1 in [5, 6] {
                for rs2 in [5, 7] {
                    for (rd, other) in
                        [0, 5, 6, 7, 8].into_iter().flat_map(|rd| [0, 5, 6, 7, 8].map(|other| (rd, other)))
                    {
                        pieces.push(vec![encode(first, rd, rs1, rs2, 0), encode(second, other, rs1, rs2, 0)]);
                    }
                    // Other operands in the second.
                    pieces.push(vec![encode(first, 8, rs1, rs2, 0), encode(second, 7, rs2, rs1, 0)]);
                }
            }
            compare(&pieces, &format!("{first} and {second}"));
        }
    }
}

#[test]
fn rotations_and_what_is_nearly_one() {
    let shifts = [Op::Srli, Op::Srliw, Op::Slli, Op::Slliw, Op::Srai, Op::Sraiw];
    for a in shifts {
        for b in shifts {
            for (count, other) in
                [(7, 25), (7, 57), (25, 7), (57, 7), (1, 31), (31, 1), (16, 16), (7, 24), (32, 32), (0, 0)]
            {
                let is_word = |op| matches!(op, Op::Srliw | Op::Slliw | Op::Sraiw);
                if is_word(a) && count > 31 || is_word(b) && other > 31 {
                    continue;
                }
                let mut pieces = Vec::new();
                for (x, y, rd) in (0..64).map(|i| (REGISTERS[i % 4], REGISTERS[i / 4 % 4], REGISTERS[i / 16])) {
                    for (from, also, swapped, join) in
                        [(5, 5, false, Op::Or), (6, 6, true, Op::Or), (5, 6, false, Op::Or), (5, 5, false, Op::Xor)]
                    {
                        let (rs1, rs2) = if swapped { (y, x) } else { (x, y) };
                        let shifts = [encode(a, x, from, 0, count), encode(b, y, also, 0, other)];
                        pieces.push([&shifts[..], &[encode(join, rd, rs1, rs2, 0)]].concat());
                        // Behind a word whose sign nobody has asked for.
                        let word = encode(Op::Addw, from, 7, 8, 0);
                        pieces.push([&[word], &shifts[..], &[encode(join, rd, rs1, rs2, 0)]].concat());
                    }
                }
                compare(&pieces, &format!("{a} {count} and {b} {other}"));
            }
        }
    }
}
