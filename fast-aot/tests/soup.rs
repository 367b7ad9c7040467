//! Random instructions in any order on both engines, most of which end in a fault, some in endless loops.

use fast_aot::{Engine, Runner};
use riscv_tests::encode::encode;
use riscv_tests::operands::{BOUNDARY, EDGES};
use spec_interp::chunk::CLASSES;
use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{Family, Op, Program};

/// Programs of a run of the test; `ZISK_SOUPS` asks for another number.
const PROGRAMS: u64 = 3_000;
/// Instructions granted to one.
const LIMIT: u64 = 3_000;

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 33) % bound
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

fn word(random: &mut Random) -> u64 {
    match random.below(4) {
        0 => random.choose(&BOUNDARY),
        1 => random.choose(&EDGES).wrapping_add(random.below(40)).wrapping_sub(20),
        2 => RAM_BASE + random.below(4096),
        _ => PROGRAM_BASE + random.below(400),
    }
}

fn instruction(random: &mut Random) -> Vec<u8> {
    let register = |random: &mut Random| {
        if random.below(2) == 0 { random.below(32) as u8 } else { random.choose(&[0, 1, 5, 10, 11, 17]) }
    };
    if random.below(12) == 0 {
        return (random.next() as u16).to_le_bytes().to_vec();
    }
    let op = random.choose(&Op::ALL);
    let any = i64::from(random.next() as i32);
    let imm = match op.family() {
        Family::Branch | Family::Jump if op != Op::Jalr => random.below(80) as i64 * 2 - 60,
        _ => random.choose(&[0, 1, -1, 8, -8, 31, 63, 2047, -2048, any]),
    };
    encode(op, register(random), register(random), register(random), imm).to_le_bytes().to_vec()
}

fn soup(random: &mut Random) -> Program {
    let mut code: Vec<u8> = Vec::new();
    let mut words = vec![encode(Op::Lui, 31, 0, 0, 0x5000_0000), encode(Op::Slli, 31, 31, 0, 1)];
    words.extend((1..31).map(|register| encode(Op::Ld, register, 31, 0, 8 * i64::from(register))));
    code.extend(words.into_iter().flat_map(u32::to_le_bytes));
    for _ in 0..random.below(120) {
        code.extend(instruction(random));
    }
    let ram: Vec<u8> = (0..64).flat_map(|_| word(random).to_le_bytes()).collect();
    Program::from_code(PROGRAM_BASE, &code, &ram).expect("it fits the map")
}

#[test]
fn random_instructions_run_alike_on_both_engines() {
    let programs = std::env::var("ZISK_SOUPS").map_or(PROGRAMS, |text| text.parse().expect("a number"));
    let first = std::env::var("ZISK_SEED").map_or(1, |text| text.parse().expect("a number"));
    let classes = core::array::from_fn(|op| (op % CLASSES) as u8);
    let mut retired = 0;
    for seed in first..first + programs {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let program = soup(&mut random);
        let (size, limit) = (random.choose(&[1, 2, 5, 40, 1000]), LIMIT - random.below(10));
        let run = |engine, traced: bool| {
            let mut machine = Runner::new(program.clone(), b"input", engine).expect("it fits");
            let (mut console, mut chunks) = (Vec::new(), Vec::new());
            let mut print = |fd: u64, bytes: &[u8]| console.extend(bytes.iter().map(|byte| (fd, *byte)));
            let end = if traced {
                machine.trace(limit, size, &classes, &mut |chunk| chunks.push(chunk.into_owned()), &mut print)
            } else {
                machine.run(limit, &mut print)
            };
            let memory: Vec<_> = [RAM_BASE, RAM_BASE + RAM_SIZE - 4096, OUTPUT_BASE, OUTPUT_BASE + 65_536 - 2048]
                .into_iter()
                .flat_map(|base| (base..base + 4096).step_by(8))
                .map(|addr| machine.word(addr))
                .collect();
            ((end, machine.checkpoint(), machine.output()), (console, chunks), memory)
        };
        for traced in [false, true] {
            let (expected, found) = (run(Engine::Spec, traced), run(Engine::Aot, traced));
            assert_eq!(found.0, expected.0, "seed {seed}, traced {traced}: end");
            assert_eq!(found.1, expected.1, "seed {seed}, traced {traced}: console and chunks");
            assert!(found.2 == expected.2, "seed {seed}, traced {traced}: memory");
            retired += expected.0.1.retired;
        }
    }
    println!("{programs} programs, {retired} instructions");
    assert!(retired > 10 * programs);
}
