//! Random programs: all operations that an oracle has, on operands at which arithmetic goes wrong.
//!
//! A program loads all registers, runs a body of some hundred pieces several times, and exits with whatever a0 holds.
//! Registers and RAM keep what the passes leave there; operands are reloaded now and then from a pool of boundary
//! values that stores cannot reach. Three registers are kept.

mod pieces;

use riscv_tests::encode::encode;
use riscv_tests::operands::BOUNDARY;
use spec_interp::isa::Ext;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{Op, Program};

use crate::known;
use pieces::Generator;

/// Points into RAM, so far that every address that a piece forms lies above its start.
const RAM: u8 = 31;
/// Points to the middle of the pool.
const POOL: u8 = 30;
/// Counts the passes that are left.
const COUNT: u8 = 29;
/// The last register that a body may write.
const LAST: u8 = 28;

/// Doublewords of the pool, as many as a load can reach from its middle.
const POOL_WORDS: usize = 512;
/// Where [`RAM`] points, from the start of RAM, which has twice as many bytes with contents.
const RAM_MIDDLE: usize = 0x2000;
/// Pieces of a body.
const PIECES: usize = 400;

/// The instructions that an oracle knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// RV64IMAC, less what Unicorn does wrong.
    Imac,
    /// RV64IMAC with Zba, Zbb and Zbs.
    ImacB,
}

impl Isa {
    /// The operations that a random program executes: all but those that end a run, and those whose result is the
    /// oracle's own affair (counters).
    pub fn ops(self) -> impl Iterator<Item = Op> {
        let has = move |op: &Op| match op.encoding().ext {
            Ext::A => self == Self::ImacB || !known::MIN_MAX_W.contains(op),
            Ext::I | Ext::M | Ext::Zifencei => !matches!(op, Op::Ebreak | Op::Ecall),
            Ext::Zba | Ext::Zbb | Ext::Zbs => self == Self::ImacB,
            Ext::Zicsr => false,
        };
        Op::ALL.into_iter().filter(has)
    }
}

/// The program of a seed, whose body runs `passes` times.
///
/// # Panics
///
/// Never: the pieces fit the map whatever the seed.
pub fn program(seed: u64, isa: Isa, passes: u8) -> Program {
    let mut generator = Generator::new(seed, isa);
    let mut code = generator.words(POOL_WORDS);
    let entry = PROGRAM_BASE + code.len() as u64;
    code.extend(prologue(passes));

    // From the last piece to the first, since control goes forward over pieces whose lengths must be known.
    let mut body: Vec<Vec<u8>> = Vec::new();
    for _ in 0..PIECES {
        body.push(generator.piece(&body));
    }
    let start = code.len();
    code.extend(body.into_iter().rev().flatten());
    let back = start as i64 - (code.len() as i64 + 8);
    code.extend(bytes([
        encode(Op::Addi, COUNT, COUNT, 0, -1),
        encode(Op::Beq, 0, COUNT, 0, 8),
        encode(Op::Jal, 0, 0, 0, back),
    ]));
    // Every doubleword that a piece can write to is loaded once more, since only registers are compared.
    let (at, end) = (5, 6);
    code.extend(bytes([
        encode(Op::Addi, at, RAM, 0, -2048),
        encode(Op::Addi, end, RAM, 0, 2047),
        encode(Op::Addi, end, end, 0, 2047),
        encode(Op::Addi, end, end, 0, 10),
        encode(Op::Ld, 7, at, 0, 0),
        encode(Op::Addi, at, at, 0, 8),
        encode(Op::Bltu, 0, at, end, -8),
        encode(Op::Addi, 17, 0, 0, 93),
        encode(Op::Ecall, 0, 0, 0, 0),
    ]));
    let ram = generator.words(2 * RAM_MIDDLE / 8);
    Program::from_code(entry, &code, &ram).expect("code of a few kilobytes and RAM fit their regions")
}

/// Sets the registers that are kept, and loads all others from the pool.
fn prologue(passes: u8) -> Vec<u8> {
    let kept = [
        encode(Op::Lui, RAM, 0, 0, 0x5000_0000 + RAM_MIDDLE as i64 / 2),
        encode(Op::Slli, RAM, RAM, 0, 1),
        encode(Op::Lui, POOL, 0, 0, 0x4000_0000),
        encode(Op::Slli, POOL, POOL, 0, 1),
        encode(Op::Addi, POOL, POOL, 0, 1024),
        encode(Op::Addi, POOL, POOL, 0, 1024),
        encode(Op::Addi, COUNT, 0, 0, i64::from(passes)),
    ];
    let loads = (1..=LAST).map(|register| encode(Op::Ld, register, POOL, 0, 8 * i64::from(register)));
    bytes(kept.into_iter().chain(loads))
}

fn bytes(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// A word at which something changes: a boundary, limbs that are boundaries, or any.
fn operand(rng: &mut fastrand::Rng) -> u64 {
    let limbs = [0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff];
    match rng.u8(0..4) {
        0 | 1 => BOUNDARY[rng.usize(..BOUNDARY.len())],
        2 => (0..4).fold(0, |word, _| word << 16 | limbs[rng.usize(..limbs.len())]),
        _ => rng.u64(..),
    }
}
