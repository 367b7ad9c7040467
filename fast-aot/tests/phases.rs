//! Programs that run long enough for their registers to move to other homes, more than once.

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use spec_interp::chunk::{CLASSES, Classes};
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Checkpoint, Chunk, Op, Outcome, Program};

/// Of each phase, its iterations and the registers that it computes with, as many as the host has room for. The code says
/// the same of all of them; the first and then the last is what mostly runs.
const PHASES: [(i64, [u8; 9]); 3] = [
    (30_000, [21, 22, 23, 24, 25, 26, 27, 28, 29]),
    (30_000, [3, 4, 5, 6, 7, 8, 9, 10, 11]),
    (120_000, [12, 13, 14, 15, 16, 17, 18, 19, 20]),
];
/// What a phase does over and over, from and to its registers in turn.
const BODY: [Op; 9] = [Op::Add, Op::Xor, Op::Sllw, Op::Mul, Op::Subw, Op::Sltu, Op::Or, Op::Srlw, Op::Addw];
/// Counts iterations.
const COUNT: u8 = 1;
/// Counts rounds.
const ROUND: u8 = 2;
/// Points to RAM.
const MEMORY: u8 = 30;

/// Rounds of all phases.
fn program(rounds: i64) -> Program {
    let mut words = vec![
        encode(Op::Lui, MEMORY, 0, 0, 0x5000_0000),
        encode(Op::Slli, MEMORY, MEMORY, 0, 1),
        encode(Op::Addi, ROUND, 0, 0, rounds),
    ];
    let start = words.len();
    for (iterations, registers) in PHASES {
        words.push(encode(Op::Lui, COUNT, 0, 0, iterations << 12));
        words.push(encode(Op::Srli, COUNT, COUNT, 0, 12));
        let loops = words.len();
        for (i, op) in BODY.into_iter().enumerate() {
            let [rd, rs1, rs2] = [i, i + 1, i + 4].map(|i| registers[i % registers.len()]);
            words.push(encode(op, rd, rs1, rs2, 0));
        }
        words.push(encode(Op::Sw, 0, MEMORY, registers[0], 8));
        words.push(encode(Op::Lw, registers[8], MEMORY, 0, 8));
        words.push(encode(Op::Add, registers[3], registers[3], COUNT, 0));
        words.push(encode(Op::Addi, COUNT, COUNT, 0, -1));
        let back = 4 * (loops as i64 - words.len() as i64);
        words.push(encode(Op::Bne, 0, COUNT, 0, back));
    }
    words.push(encode(Op::Addi, ROUND, ROUND, 0, -1));
    let back = 4 * (start as i64 - words.len() as i64);
    words.push(encode(Op::Bne, 0, ROUND, 0, back));
    words.extend([encode(Op::Addi, 10, 0, 0, 0), encode(Op::Addi, 17, 0, 0, 93), encode(Op::Ecall, 0, 0, 0, 0)]);
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Program::from_code(PROGRAM_BASE, &code, &[0; 16]).expect("it fits the map")
}

fn classes() -> Classes {
    core::array::from_fn(|op| (op % CLASSES) as u8)
}

/// Runs to the end, stopping behind so many instructions each time; how often the code has changed, and what was seen.
fn run(
    program: &Program,
    engine: Engine,
    size: Option<u64>,
    step: u64,
) -> (usize, Vec<Checkpoint>, Vec<Chunk<'static>>) {
    let mut machine = Runner::new(program.clone(), &[], engine).expect("no input fits");
    let (mut changes, mut states, mut chunks) = (0, Vec::new(), Vec::new());
    let mut code = Vec::new();
    loop {
        let outcome = match size {
            Some(size) => {
                machine.trace(step, size, &classes(), &mut |chunk| chunks.push(chunk.into_owned()), &mut |_, _| ())
            }
            None => machine.run(step, &mut |_, _| ()),
        };
        states.push(machine.checkpoint());
        if let Some(translation) = machine.translation()
            && translation.code != code
        {
            changes += 1;
            code = translation.code.to_vec();
        }
        if outcome.expect("it exits") == Outcome::Exited(0) {
            return (changes, states, chunks);
        }
    }
}

#[test]
fn registers_move_and_nothing_else_changes() {
    let program = program(2);
    for (size, step) in [(None, u64::MAX), (None, 54_321), (Some(1_000), u64::MAX), (Some(1 << 14), 65_432)] {
        let (_, states, chunks) = run(&program, Engine::Spec, size, step);
        let (changes, found, recorded) = run(&program, Engine::Aot, size, step);
        assert_eq!(found, states, "chunks of {size:?}, stops every {step}");
        assert!(recorded == chunks, "chunks of {size:?}, stops every {step}");
        if Engine::Aot.serving() == Engine::Aot && step != u64::MAX {
            assert!(changes > 2, "{changes} translations, chunks of {size:?}");
        }
    }
}
