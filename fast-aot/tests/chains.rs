//! What one instruction leaves to the next: the translator remembers of a register whether it is a checked address and
//! whether its low word says all, and must forget it at every write.

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use riscv_tests::operands::BOUNDARY;
use spec_interp::map::{PROGRAM_BASE, RAM_BASE};
use spec_interp::{Family, Op, Program};

/// Points to the operands.
const OPERANDS: u8 = 31;
/// Points to where the next result goes.
const RESULTS: u8 = 30;
/// Where results begin in RAM.
const RESULTS_OFFSET: u64 = 1 << 16;

/// Operations that compute from registers and immediates.
fn consumers() -> impl Iterator<Item = Op> {
    Op::ALL.into_iter().filter(|op| op.family() <= Family::Div)
}

/// Operations that write a register, loads included.
fn producers() -> Vec<Op> {
    let stores = [Op::Sb, Op::Sh, Op::Sw, Op::Sd];
    let computes = |op: &Op| op.family() <= Family::Div || op.family() == Family::Memory && !stores.contains(op);
    Op::ALL.into_iter().filter(computes).collect()
}

fn program(words: &[u32], ram: &[u64]) -> Program {
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let ram: Vec<u8> = ram.iter().flat_map(|word| word.to_le_bytes()).collect();
    Program::from_code(PROGRAM_BASE, &code, &ram).expect("it fits the map")
}

/// `OPERANDS` and `RESULTS` set.
fn start() -> Vec<u32> {
    vec![
        encode(Op::Lui, OPERANDS, 0, 0, 0x5000_0000),
        encode(Op::Slli, OPERANDS, OPERANDS, 0, 1),
        encode(Op::Lui, RESULTS, 0, 0, RESULTS_OFFSET as i64),
        encode(Op::Add, RESULTS, RESULTS, OPERANDS, 0),
    ]
}

fn exit() -> [u32; 2] {
    [encode(Op::Addi, 17, 0, 0, 93), encode(Op::Ecall, 0, 0, 0, 0)]
}

/// `op` and then `consumer`, which reads its result as either operand or as both, with the results stored; the operands
/// are the words at `first` and `second`.
fn chain(op: Op, consumer: Op, first: i64, second: i64) -> Vec<u32> {
    let base = if op.family() == Family::Memory { OPERANDS } else { 5 };
    let imm = first / 8 % 32;
    let mut words = vec![encode(Op::Ld, 5, OPERANDS, 0, first), encode(Op::Ld, 6, OPERANDS, 0, second)];
    for (i, (rs1, rs2)) in (0..).zip([(7, 7), (7, 6), (5, 7), (7, 28)]) {
        // A constant of more than 32 bits in 28, and in 7 what is known to be a word.
        words.extend([encode(Op::Lui, 28, 0, 0, 0x4000_0000), encode(Op::Slli, 28, 28, 0, 3)]);
        words.push(encode(Op::Lw, 7, OPERANDS, 0, first));
        // Each use is the first one of a new result, and 7 itself is seen behind it.
        words.extend([encode(op, 7, base, 6, imm), encode(consumer, 8, rs1, rs2, 31 - imm)]);
        words.extend([encode(Op::Sd, 0, RESULTS, 8, 16 * i), encode(Op::Sd, 0, RESULTS, 7, 16 * i + 8)]);
    }
    // Stored under a condition that holds, and under one that does not, which must leave all of it alone.
    words.extend([
        encode(Op::Addi, 29, RESULTS, 0, 64),
        encode(op, 7, base, 6, imm),
        encode(Op::LrD, 9, 29, 0, 0),
        encode(Op::ScD, 9, 29, 7, 0),
        encode(op, 7, base, 6, imm),
        encode(Op::ScD, 9, 29, 7, 0),
        encode(consumer, 9, 7, 7, imm),
        encode(Op::Sd, 0, RESULTS, 9, 72),
        encode(Op::Addi, RESULTS, RESULTS, 0, 80),
    ]);
    words
}

#[test]
fn results_are_right_in_every_use() {
    let operands = BOUNDARY.len() as i64;
    for op in producers() {
        let mut words = start();
        let mut results = 0;
        for (i, consumer) in (0..).zip(consumers()) {
            for k in 0..4 {
                let place = |factor: i64| (i * factor + k * 11 + op as i64) % operands * 8;
                words.extend(chain(op, consumer, place(7), place(13)));
                results += 10;
            }
        }
        words.extend(exit());
        let program = program(&words, &BOUNDARY);
        let run = |engine| {
            let mut machine = Runner::new(program.clone(), &[], engine).expect("no input fits");
            let end = machine.run(1 << 20, &mut |_, _| ());
            let words: Vec<_> = (0..results).map(|i| machine.word(RAM_BASE + RESULTS_OFFSET + 8 * i)).collect();
            (end, machine.checkpoint(), words)
        };
        let (found, expected) = (run(Engine::Aot), run(Engine::Spec));
        assert!(expected.0.is_ok(), "{op}: {:?}", expected.0);
        let different = found.2.iter().zip(&expected.2).position(|(found, expected)| found != expected);
        let chain = different.map(|at| (consumers().nth(at / 40), at % 40 / 10, at % 10));
        assert_eq!(chain, None, "{op}: consumer, operands, result");
        assert_eq!((found.0, found.1), (expected.0, expected.1), "{op}");
    }
}

#[test]
fn every_write_ends_what_is_known_of_an_address() {
    let host = BOUNDARY.as_ptr() as u64;
    for op in producers() {
        for value in [host, 0xffff_ffff_0000_0000, 1 << 32, (1 << 32) + RAM_BASE, u64::MAX, RAM_BASE + 8] {
            for access in [Op::Ld, Op::Sd, Op::Lb, Op::Sb] {
                let mut words = start();
                let load = op.family() == Family::Memory;
                words.extend([
                    encode(Op::Ld, 5, OPERANDS, 0, 0),
                    encode(Op::Ld, 6, OPERANDS, 0, 8),
                    encode(Op::Addi, 29, OPERANDS, 0, 16),
                    // Here 29 is found to be an address, and then is none any more, or another one.
                    encode(access, 7, 29, 7, 0),
                    encode(op, 29, if load { OPERANDS } else { 5 }, 6, 0),
                    encode(access, 8, 29, 8, 0),
                ]);
                words.extend(exit());
                let program = program(&words, &[value, 0, 0]);
                let run = |engine| {
                    let mut machine = Runner::new(program.clone(), &[], engine).expect("no input fits");
                    (machine.run(1000, &mut |_, _| ()), machine.checkpoint())
                };
                assert_eq!(run(Engine::Aot), run(Engine::Spec), "{op} gives an address from {value:#x} to {access}");
            }
        }
    }
}
