//! Random programs: short, on operands at which arithmetic goes wrong, and nearly always with an end.
//!
//! A program loads all registers from RAM, runs a body one to three times, and exits with whatever a0 holds. The body
//! computes with aliased registers, loads and stores at any offset around pages, updates and reserves words, reads
//! counters, and branches and jumps forward, with compressed instructions in between. Three registers are kept, which
//! point to RAM, to the input, and count passes.

mod hostile;
mod layout;
mod single;

use arbitrary::{Arbitrary, Result, Unstructured};
use riscv_tests::encode::encode;
use riscv_tests::operands::BOUNDARY;
use spec_interp::map::PROGRAM_BASE;
use spec_interp::{CSR_CYCLE, CSR_INSTRET, Family, Op, Program, decode};

pub use hostile::Hostile;
pub use single::Single;

/// Points to the start of RAM.
const RAM: u8 = 31;
/// Points to the start of the input.
const INPUT: u8 = 30;
/// Counts the passes that are left.
const COUNT: u8 = 29;
/// The last register that a body may write.
const LAST: u8 = 28;
/// Registers chosen half of the time, so that operations share them.
const FAVOURITES: [u8; 6] = [0, 1, 5, 10, 11, 28];

/// Doublewords of RAM with contents.
const WORDS: usize = 64;
/// The most pieces of a body; one has at most 16 bytes.
const PIECES: usize = 48;
/// `c.nop`.
const NOP: u16 = 1;

/// A random program with its input.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The program.
    pub program: Program,
    /// Its input.
    pub input: Vec<u8>,
}

/// A piece of a body.
#[derive(Clone, Debug)]
enum Piece {
    /// Instructions one after the other.
    Straight(Vec<u32>),
    /// A compressed instruction.
    Compressed(u16),
    /// A branch, or `jal`, over so many pieces.
    Forward { op: Op, rd: u8, rs1: u8, rs2: u8, over: usize },
    /// `auipc` and `jalr` over so many pieces; an odd target has its lowest bit cleared.
    Indirect { base: u8, rd: u8, over: usize, odd: bool },
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let passes = u.int_in_range(1..=3)?;
        let count = u.int_in_range(1..=PIECES)?;
        let body = (0..count).map(|_| piece(u)).collect::<Result<Vec<_>>>()?;
        let input = u.bytes(u.len().min(16))?.to_vec();
        let ram = (0..WORDS).map(|_| operand(u)).collect::<Result<Vec<_>>>()?;
        let ram: Vec<u8> = ram.into_iter().flat_map(u64::to_le_bytes).collect();
        let code = assemble(passes, &body);
        let program = Program::from_code(PROGRAM_BASE, &code, &ram).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        Ok(Self { program, input })
    }
}

/// A word at which something changes: a boundary, limbs that are boundaries, or any.
fn operand(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.int_in_range(0..=3)? {
        0 | 1 => *u.choose(&BOUNDARY)?,
        2 => {
            let mut word = 0;
            for _ in 0..4 {
                word = word << 16 | *u.choose(&[0, 1, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff])?;
            }
            word
        }
        _ => u.arbitrary()?,
    })
}

/// A register that is read.
fn source(u: &mut Unstructured<'_>) -> Result<u8> {
    if u.arbitrary()? { Ok(*u.choose(&FAVOURITES)?) } else { u.int_in_range(0..=31) }
}

/// A register that is written.
fn target(u: &mut Unstructured<'_>) -> Result<u8> {
    if u.arbitrary()? { Ok(*u.choose(&FAVOURITES)?) } else { u.int_in_range(0..=LAST) }
}

fn piece(u: &mut Unstructured<'_>) -> Result<Piece> {
    Ok(match u.int_in_range(0..=17)? {
        0..=6 => Piece::Straight(vec![compute(u)?]),
        7 | 8 => Piece::Compressed(compressed(u.arbitrary()?)),
        9..=11 => Piece::Straight(memory(u)?),
        12 | 13 => {
            let ops = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];
            let (op, rs1, rs2) = (*u.choose(&ops)?, source(u)?, source(u)?);
            Piece::Forward { op, rd: 0, rs1, rs2, over: u.int_in_range(0..=6)? }
        }
        14 if u.arbitrary()? => {
            Piece::Forward { op: Op::Jal, rd: target(u)?, rs1: 0, rs2: 0, over: u.int_in_range(0..=6)? }
        }
        14 => Piece::Indirect {
            base: u.int_in_range(1..=LAST)?,
            rd: target(u)?,
            over: u.int_in_range(0..=6)?,
            odd: u.arbitrary()?,
        },
        15 => Piece::Straight(system(u)?),
        16 => Piece::Straight(atomic(u)?),
        _ => Piece::Straight(reserve(u)?),
    })
}

/// An operation on registers or on a register and an immediate.
fn compute(u: &mut Unstructured<'_>) -> Result<u32> {
    let ops = Op::ALL.into_iter().filter(|op| op.family() <= Family::Div).collect::<Vec<_>>();
    let op = *u.choose(&ops)?;
    let (rd, rs1, rs2) = (target(u)?, source(u)?, source(u)?);
    let imm = if u.arbitrary()? {
        i64::from(u.arbitrary::<i32>()?)
    } else {
        *u.choose(&[0, 1, -1, 15, 16, 31, 32, 63, 2047, -2048])?
    };
    Ok(encode(op, rd, rs1, rs2, imm))
}

/// The half word, if it computes and spares the registers that are kept; else one that does nothing.
fn compressed(half: u16) -> u16 {
    let inst = decode(u32::from(half)).filter(|inst| inst.len == 2 && inst.rd <= LAST);
    if inst.is_some_and(|inst| inst.op.family() <= Family::Div) { half } else { NOP }
}

/// A load or store, half of the time naturally aligned: at a constant offset, at one from a register, or in the program
/// itself.
fn memory(u: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    let loads = [(Op::Lb, 1), (Op::Lbu, 1), (Op::Lh, 2), (Op::Lhu, 2), (Op::Lw, 4), (Op::Lwu, 4), (Op::Ld, 8)];
    let stores = [(Op::Sb, 1), (Op::Sh, 2), (Op::Sw, 4), (Op::Sd, 8)];
    let place = u.int_in_range(0..=7)?;
    // Input and program can only be read.
    let (op, width) = if place < 6 && u.arbitrary()? { *u.choose(&stores)? } else { *u.choose(&loads)? };
    let (rd, rs2, base) = (target(u)?, source(u)?, u.int_in_range(1..=LAST)?);
    let offset = u.int_in_range(-2048_i64..=2047)?.max(0);
    let offset = if u.arbitrary()? { offset / width * width } else { offset };
    Ok(match place {
        0..=3 => vec![encode(op, rd, RAM, rs2, offset)],
        4 | 5 => {
            let mut words = indexed(u, base, 8)?;
            words.push(encode(op, rd, base, rs2, offset));
            words
        }
        6 => vec![encode(op, rd, INPUT, 0, offset)],
        _ => vec![
            encode(Op::Auipc, base, 0, 0, 0),
            encode(Op::Andi, base, base, 0, -8),
            encode(op, rd, base, 0, offset % 8),
        ],
    })
}

/// Points a register to a multiple of a width in RAM, by what another one holds.
fn indexed(u: &mut Unstructured<'_>, base: u8, width: i64) -> Result<Vec<u32>> {
    Ok(vec![encode(Op::Andi, base, source(u)?, 0, 0x800 - width), encode(Op::Add, base, base, RAM, 0)])
}

/// Where an atomic of this width can work: the instructions that find out, and the register that then points there.
fn aligned(u: &mut Unstructured<'_>, width: i64) -> Result<(Vec<u32>, u8)> {
    if u.arbitrary()? {
        return Ok((vec![], RAM));
    }
    let base = u.int_in_range(1..=LAST)?;
    Ok((indexed(u, base, width)?, base))
}

/// An atomic with any ordering bits.
fn ordered(u: &mut Unstructured<'_>, op: Op, rd: u8, rs1: u8, rs2: u8) -> Result<u32> {
    Ok(encode(op, rd, rs1, rs2, 0) | u.int_in_range(0..=3)? << 25)
}

/// An atomic that computes.
fn atomic(u: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    let reserves = |op: &Op| [Op::LrW, Op::ScW, Op::LrD, Op::ScD].contains(op);
    let ops = Op::ALL.into_iter().filter(|op| op.family() == Family::Amo && !reserves(op)).collect::<Vec<_>>();
    let op = *u.choose(&ops)?;
    let (mut words, base) = aligned(u, if op < Op::LrD { 4 } else { 8 })?;
    let (rd, rs2) = (target(u)?, source(u)?);
    words.push(ordered(u, op, rd, base, rs2)?);
    Ok(words)
}

/// An `lr` and an `sc`, of one width or of two, or one of the two alone at the start of RAM, where it meets others.
fn reserve(u: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    let (lr, sc) = *u.choose(&[(Op::LrW, Op::ScW), (Op::LrD, Op::ScD), (Op::LrW, Op::ScD), (Op::LrD, Op::ScW)])?;
    let (rd, status, rs2) = (target(u)?, target(u)?, source(u)?);
    Ok(match u.int_in_range(0..=3)? {
        0 => vec![ordered(u, lr, rd, RAM, 0)?],
        1 => vec![ordered(u, sc, status, RAM, rs2)?],
        _ => {
            let narrow = (lr, sc) == (Op::LrW, Op::ScW);
            let (mut code, base) = aligned(u, if narrow { 4 } else { 8 })?;
            // The sc needs the address once more.
            let rd = if rd == base { 0 } else { rd };
            code.extend([ordered(u, lr, rd, base, 0)?, ordered(u, sc, status, base, rs2)?]);
            code
        }
    })
}

/// A fence, a counter that is read, or a call of `write` with any arguments.
fn system(u: &mut Unstructured<'_>) -> Result<Vec<u32>> {
    Ok(match u.int_in_range(0..=3)? {
        0 => vec![encode(*u.choose(&[Op::Fence, Op::FenceI])?, 0, 0, 0, 0)],
        1 => vec![encode(Op::Addi, 17, 0, 0, 64), encode(Op::Ecall, 0, 0, 0, 0)],
        _ => {
            let op = *u.choose(&[Op::Csrrs, Op::Csrrc, Op::Csrrsi, Op::Csrrci])?;
            let csr = *u.choose(&[CSR_CYCLE, CSR_INSTRET])?;
            vec![encode(op, target(u)?, 0, 0, csr.into())]
        }
    })
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Straight(words) => 4 * words.len(),
            Self::Compressed(_) => 2,
            Self::Forward { .. } => 4,
            Self::Indirect { .. } => 8,
        }
    }

    /// The bytes of a piece; `distance` is that from its start to the piece behind so many others.
    fn bytes(&self, distance: impl Fn(usize) -> i64) -> Vec<u8> {
        let words = match self {
            Self::Compressed(half) => return half.to_le_bytes().to_vec(),
            Self::Straight(words) => words.clone(),
            &Self::Forward { op, rd, rs1, rs2, over } => vec![encode(op, rd, rs1, rs2, distance(over))],
            &Self::Indirect { base, rd, over, odd } => {
                let offset = distance(over) + i64::from(odd);
                vec![encode(Op::Auipc, base, 0, 0, 0), encode(Op::Jalr, rd, base, 0, offset)]
            }
        };
        words.into_iter().flat_map(u32::to_le_bytes).collect()
    }
}

/// The whole program: registers loaded, the body `passes` times, the exit.
fn assemble(passes: i64, body: &[Piece]) -> Vec<u8> {
    let mut words = vec![
        encode(Op::Lui, RAM, 0, 0, 0x5000_0000),
        encode(Op::Slli, RAM, RAM, 0, 1),
        encode(Op::Lui, INPUT, 0, 0, 0x4000_0000),
        encode(Op::Addi, COUNT, 0, 0, passes),
    ];
    words.extend((1..=LAST).map(|register| encode(Op::Ld, register, RAM, 0, 8 * i64::from(register))));
    let mut code: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();

    let start = code.len();
    for (i, piece) in body.iter().enumerate() {
        let distance = |over: usize| body[i..].iter().take(over + 1).map(Piece::len).sum::<usize>() as i64;
        code.extend(piece.bytes(distance));
    }
    let count = encode(Op::Addi, COUNT, COUNT, 0, -1);
    let back = start as i64 - (code.len() + 4) as i64;
    let end =
        [count, encode(Op::Bne, 0, COUNT, 0, back), encode(Op::Addi, 17, 0, 0, 93), encode(Op::Ecall, 0, 0, 0, 0)];
    code.extend(end.into_iter().flat_map(u32::to_le_bytes));
    code
}
