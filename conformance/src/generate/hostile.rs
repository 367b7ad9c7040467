//! Programs that keep to no convention: jumps to anywhere, into instructions and out of the code, accesses to any
//! address, pointers that walk out of their region, returns that are none, code that falls off its segment.
//!
//! Most programs do few wild things, so that the run comes far enough to do them. All registers are in use; each starts
//! with an operand, a pointer or an address of code.

mod control;
mod idiom;
mod pointer;

use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use riscv_tests::elf;
use spec_interp::map::{PROGRAM_BASE, RAM_BASE};
use spec_interp::{LoadSegment, Op, Program};

use crate::generate::layout::{Item, POOL, Place, assemble};
use crate::generate::operand;

/// The most pieces of a program.
const PIECES: usize = 28;
/// Registers chosen half of the time, so that instructions share them.
const FAVOURITES: [u8; 8] = [0, 1, 2, 5, 10, 11, 17, 31];

/// A program with its input.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// The program.
    pub program: Arc<Program>,
    /// Its input.
    pub input: Vec<u8>,
}

/// The source of choices, with what they depend on.
struct Choices<'a, 'b> {
    u: &'a mut Unstructured<'b>,
    /// Pieces of the program.
    pieces: usize,
    /// The one being made.
    piece: usize,
    /// Of 256 chances to do something wild, how many are taken.
    wildness: u8,
}

impl<'a> Arbitrary<'a> for Hostile {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let wildness = *u.choose(&[8, 0, 2, 24, 80])?;
        let pieces = u.int_in_range(1..=PIECES)? + 2;
        let mut choices = Choices { u, pieces, piece: 0, wildness };
        let mut code = vec![prologue()];
        for piece in 1..pieces - 1 {
            choices.piece = piece;
            code.push(choices.body()?);
        }
        choices.piece = pieces - 1;
        code.push(choices.ending()?);

        let mut registers = vec![Place::At(0)];
        for _ in 1..32 {
            registers.push(choices.content()?);
        }
        // The first piece is of fixed length, so the constants that it loads can stand in front of it.
        let base = PROGRAM_BASE + 2 * choices.u.int_in_range(0..=3_u64)?;
        let values = registers.iter().map(|&value| Item::Constant { rd: 0, value }).collect();
        let (text, pool) = assemble(base, &code);
        code.push(values);
        let (_, all) = assemble(base, &code);
        let mut ram = all[pool.len()..].to_vec();
        for _ in 0..16 {
            ram.extend(operand(choices.u)?.to_le_bytes());
        }
        ram.resize(POOL, 0);
        ram.extend(pool);
        let segments = choices.segments(base, text, ram)?;
        let input = choices.u.bytes(choices.u.len().min(24))?.to_vec();
        let program = Program::from_elf(&elf::write(base, &segments)).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        Ok(Self { program: Arc::new(program), input })
    }
}

/// Loads all registers from the start of RAM.
fn prologue() -> Vec<Item> {
    let load = |rd| Item::op(Op::Ld, rd, 31, 0, 8 * i64::from(rd));
    core::iter::once(Item::Address { rd: 31, of: Place::At(RAM_BASE) }).chain((1..32).map(load)).collect()
}

impl Choices<'_, '_> {
    fn below(&mut self, end: u32) -> Result<u32> {
        self.u.int_in_range(0..=end - 1)
    }

    fn one_in(&mut self, end: u32) -> Result<bool> {
        Ok(self.below(end)? == end - 1)
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> Result<T> {
        self.u.choose(values).copied()
    }

    fn wild(&mut self) -> Result<bool> {
        Ok(self.u.arbitrary::<u8>()? > 255 - self.wildness)
    }

    fn register(&mut self) -> Result<u8> {
        if self.u.arbitrary()? { self.of(&FAVOURITES) } else { self.u.int_in_range(0..=31) }
    }

    /// Registers of which some are the same: that is where order and overwriting matter.
    fn registers<const N: usize>(&mut self) -> Result<[u8; N]> {
        let few = [self.register()?, self.register()?, self.register()?];
        let mut registers = [0; N];
        for register in &mut registers {
            *register = self.of(&few)?;
        }
        Ok(registers)
    }

    /// A signed 12-bit immediate.
    fn immediate(&mut self) -> Result<i64> {
        match self.below(4)? {
            0 => self.u.int_in_range(-2048..=2047),
            1 => self.u.int_in_range(-16..=16),
            _ => self.of(&[0, 1, -1, 8, -8, 31, 32, 63, 64, 2047, -2048, 255]),
        }
    }

    /// A place in the code, nearly always forward, so that runs come to an end.
    fn target(&mut self) -> Result<Place> {
        let back = self.one_in(12)?;
        let over = self.below(4)? as usize;
        let piece = if back { self.piece.saturating_sub(over) } else { self.piece + 1 + over };
        let inside = if self.wild()? { self.of(&[2, 2, 4, 6, -2, 10])? } else { 0 };
        Ok(Place::Piece(piece.min(self.pieces - 1), inside))
    }

    /// What a register holds at first.
    fn content(&mut self) -> Result<Place> {
        Ok(match self.below(6)? {
            0 | 1 => Place::At(operand(self.u)?),
            2 | 3 => Place::At(self.pointer()?),
            4 => Place::Piece(self.below(self.pieces as u32)? as usize, 0),
            _ => Place::At(self.u.int_in_range(0..=64)?),
        })
    }

    /// A piece between the first and the last: in a loop, or not.
    fn body(&mut self) -> Result<Vec<Item>> {
        if !self.one_in(4)? {
            return self.straight();
        }
        let counter = self.of(&[3, 4, 26, 27, 9])?;
        let mut items = vec![Item::op(Op::Addi, counter, 0, 0, self.u.int_in_range(1..=40)?)];
        // Another way into the loop, behind whatever its first instructions establish.
        if self.one_in(3)? {
            let [rs1, rs2] = self.registers()?;
            let to = Place::Skip(self.of(&[2, 3, 4])?, 0);
            items.push(Item::Jump { op: self.of(&control::BRANCHES)?, rd: 0, rs1, rs2, to });
        }
        let start = items.len();
        for _ in 0..=self.below(3)? {
            items.extend(self.straight()?);
        }
        items.push(Item::op(Op::Addi, counter, counter, 0, -1));
        let to = Place::Skip(start as isize - items.len() as isize, 0);
        items.push(Item::Jump { op: self.of(&[Op::Bne, Op::Blt])?, rd: 0, rs1: counter, rs2: 0, to });
        // `blt 0, counter`
        if let Some(Item::Jump { op: Op::Blt, rs1, rs2, .. }) = items.last_mut() {
            core::mem::swap(rs1, rs2);
        }
        Ok(items)
    }

    fn straight(&mut self) -> Result<Vec<Item>> {
        match self.below(16)? {
            0..=5 => self.idiom(),
            6..=8 => self.access(),
            9 => self.clobbered(),
            10 => self.walk(),
            11 => self.joined(),
            12 | 13 => self.control(),
            14 => self.system(),
            _ => self.atomic(),
        }
    }

    /// How the code ends: by an exit, by nothing, in the middle of an instruction, or never.
    fn ending(&mut self) -> Result<Vec<Item>> {
        Ok(match self.below(8)? {
            0..=3 => vec![Item::op(Op::Addi, 17, 0, 0, 93), Item::op(Op::Ecall, 0, 0, 0, 0)],
            4 => vec![],
            5 => vec![Item::Half(0x0013)],
            6 => vec![Item::Jump { op: Op::Jal, rd: 1, rs1: 0, rs2: 0, to: Place::Piece(1, 0) }],
            _ => vec![Item::op(Op::Addi, 10, 10, 0, 1)],
        })
    }

    /// The code as one executable segment or two, which meet anywhere or leave a gap, and RAM.
    fn segments(&mut self, base: u64, mut text: Vec<u8>, ram: Vec<u8>) -> Result<Vec<LoadSegment>> {
        let segment = |base, bytes: Vec<u8>, more: u64, executable: bool, writable| {
            let size = bytes.len() as u64 + more;
            LoadSegment { base, bytes, size, executable, writable }
        };
        let more = self.of(&[0, 0, 0, 2, 64])?;
        let mut segments = vec![segment(RAM_BASE, ram, 0, false, true)];
        if self.one_in(4)? {
            // Everything is somewhere else then than what refers to it assumes, or it is cut apart.
            let at = self.u.int_in_range(200.min(text.len() as u32 - 1)..=text.len() as u32 - 1)?;
            let rest = text.split_off(at as usize);
            let gap = self.of(&[0, 0, 2, 4, 4096, 1 << 20])?;
            segments.push(segment(base + u64::from(at) + gap, rest, more, self.u.arbitrary()?, false));
            segments.push(segment(base, text, 0, true, false));
        } else {
            segments.push(segment(base, text, more, true, false));
        }
        Ok(segments)
    }
}
