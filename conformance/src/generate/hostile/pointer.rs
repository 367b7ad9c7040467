//! Accesses through pointers of which something was known: that they were valid before they moved, on the other path, in
//! the iteration before.

use arbitrary::Result;
use riscv_tests::operands::EDGES;
use spec_interp::map::{OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{Family, Op};

use super::Choices;
use super::control::BRANCHES;
use crate::generate::layout::{Item, Place};
use crate::generate::operand;

const LOADS: [Op; 7] = [Op::Lb, Op::Lbu, Op::Lh, Op::Lhu, Op::Lw, Op::Lwu, Op::Ld];
const STORES: [Op; 4] = [Op::Sb, Op::Sh, Op::Sw, Op::Sd];
/// Distances by which pointers move.
const STRIDES: [i64; 12] = [8, -8, 1, -1, 4, 2, 16, 64, 2047, -2048, -24, 2040];

impl Choices<'_, '_> {
    /// An address at which 8 bytes can be stored, often the last or the first ones of a page or a region.
    pub(super) fn pointer(&mut self) -> Result<u64> {
        let [first, last] = [RAM_BASE, RAM_BASE + RAM_SIZE - 8];
        let [output, output_end] = [OUTPUT_BASE, OUTPUT_BASE + OUTPUT_SIZE];
        // Far from all others rarely: every such place costs the machines a huge page.
        Ok(match self.below(24)? {
            0..=8 => first + u64::from(self.below(0x1000)?),
            9..=13 => first + 0x1000 * u64::from(self.below(4)?) + 0x1000 - u64::from(self.below(9)?),
            14 | 15 => last - u64::from(self.below(64)?),
            16..=20 => first + u64::from(self.below(16)?),
            // Not onto the length word of the output, which should stay small.
            21 => output + 8 + u64::from(self.below(64)?),
            22 => output_end - 8 - u64::from(self.below(32)?),
            _ => first + 0x20_0000 * u64::from(self.below(500)?),
        })
    }

    /// An address around an edge, or none at all.
    pub(super) fn wild_pointer(&mut self) -> Result<u64> {
        Ok(match self.below(4)? {
            0 => operand(self.u)?,
            1 => PROGRAM_BASE + u64::from(self.below(2000)?),
            2 => self.pointer()?.wrapping_add(self.of(&[1 << 32, 1 << 63, u64::MAX << 32, RAM_SIZE])?),
            _ => self.of(&EDGES)?.wrapping_add_signed(self.u.int_in_range(-17..=17)?),
        })
    }

    /// Points a register somewhere.
    fn point(&mut self, rd: u8, addr: u64) -> Result<Item> {
        let of = Place::At(addr);
        let near = addr >> 32 == 0 && self.u.arbitrary()?;
        Ok(if near { Item::Address { rd, of } } else { Item::Constant { rd, value: of } })
    }

    /// A load or store through a register.
    fn through(&mut self, base: u8, offset: i64) -> Result<Item> {
        let [rd, rs2] = self.registers()?;
        let op = if self.u.arbitrary()? { self.of(&LOADS)? } else { self.of(&STORES)? };
        // A load over its own pointer is rare: it ends what the pointer is for.
        let rd = if rd == base && !self.one_in(8)? { 0 } else { rd };
        Ok(Item::op(op, rd, base, rs2, offset))
    }

    /// A pointer other than x0 and what loops count with.
    fn base(&mut self) -> Result<u8> {
        self.of(&[1, 2, 5, 6, 8, 10, 12, 14, 15, 17, 20, 24, 28, 31])
    }

    /// One or two accesses to one place, perhaps with arithmetic in between, as for a counter in memory.
    pub(super) fn access(&mut self) -> Result<Vec<Item>> {
        let base = self.base()?;
        let addr = if self.wild()? { self.wild_pointer()? } else { self.pointer()? };
        let offset: i64 = self.of(&[0, 0, 8, -8, 2047, -2048, 1])?;
        let mut items = vec![self.point(base, addr.wrapping_sub(offset.cast_unsigned()))?, self.through(base, offset)?];
        if self.u.arbitrary()? {
            items.extend(self.idiom()?);
            items.push(self.through(base, offset)?);
        }
        if self.one_in(3)? {
            let [rd, rs2] = self.registers()?;
            items.push(self.point(base, RAM_BASE + 0x400)?);
            items.push(Item::op(self.of(&[Op::Lw, Op::Ld, Op::Lbu])?, rd, base, 0, 8));
            items.push(Item::op(self.of(&[Op::Add, Op::Addi, Op::Xor])?, rd, rd, rs2, 1));
            items.push(Item::op(self.of(&[Op::Sw, Op::Sd, Op::Sb])?, 0, base, rd, 8));
        }
        Ok(items)
    }

    /// A valid pointer is used, then written in some way, then used again.
    pub(super) fn clobbered(&mut self) -> Result<Vec<Item>> {
        let (base, addr) = (self.base()?, self.pointer()?);
        let mut items = vec![self.point(base, addr)?, self.through(base, 0)?];
        items.extend(self.clobber(base)?);
        let offset = self.of(&[0, 0, 8, -8])?;
        items.push(self.through(base, offset)?);
        Ok(items)
    }

    /// Writes a register: to another valid pointer, nearly the same one, or to what any instruction leaves.
    fn clobber(&mut self, base: u8) -> Result<Vec<Item>> {
        let [rs1, rs2] = self.registers()?;
        let valid = self.pointer()?;
        if self.wild()? {
            let writing: Vec<Op> = Op::ALL
                .into_iter()
                .filter(|op| op.family() <= Family::Div || matches!(op, Op::LrD | Op::ScD | Op::AmoaddD | Op::AmoswapW))
                .collect();
            let op = self.of(&writing)?;
            let rs1 = if op.family() == Family::Amo || self.u.arbitrary()? { base } else { rs1 };
            return Ok(vec![Item::op(op, base, rs1, rs2, self.immediate()?)]);
        }
        Ok(match self.below(10)? {
            0 => vec![Item::op(Op::Addi, base, base, 0, self.of(&STRIDES)?)],
            1 => vec![self.point(base, valid)?],
            2 => vec![Item::op(Op::Addi, 13, base, 0, 0), self.point(base, valid)?, self.through(13, 0)?],
            3 => vec![self.point(13, valid)?, Item::op(Op::Addi, base, 13, 0, 0)],
            // All bits above the low 32 are zero already, or the sign does not fit an address.
            4 => vec![Item::op(self.of(&[Op::AddUw, Op::AddUw, Op::Addw])?, base, base, 0, 0)],
            5 => vec![Item::op(Op::Slli, base, base, 0, 32), Item::op(Op::Srli, base, base, 0, 32)],
            6 => vec![Item::op(Op::Jal, base, 0, 0, 4), self.point(base, valid)?],
            // The link is an address of code, which can be read.
            7 => vec![Item::op(Op::Jal, base, 0, 0, 4), Item::op(Op::Lb, rs1, base, 0, -4), self.point(base, valid)?],
            8 => vec![
                Item::op(Op::Lui, 13, 0, 0, self.of(&[0x1000, 0x10_0000, -0x1000])?),
                Item::op(Op::Add, base, base, 13, 0),
            ],
            _ => vec![Item::op(Op::Xori, base, base, 0, self.of(&[8, 1, 0x7ff, 0])?)],
        })
    }

    /// Two paths meet: a pointer was used on one, or moved on one.
    pub(super) fn joined(&mut self) -> Result<Vec<Item>> {
        let (base, addr) = (self.base()?, self.pointer()?);
        let [rs1, rs2] = self.registers()?;
        let start = if self.wild()? { self.wild_pointer()? } else { addr };
        let mut path = vec![self.through(base, 0)?];
        if self.u.arbitrary()? {
            path.extend(self.clobber(base)?);
        }
        let over = path.len() as isize + 1;
        let op = self.of(&BRANCHES)?;
        let mut items = vec![self.point(base, start)?, Item::Jump { op, rd: 0, rs1, rs2, to: Place::Skip(over, 0) }];
        items.extend(path);
        let offset = self.of(&[0, 8, -8])?;
        items.push(self.through(base, offset)?);
        Ok(items)
    }

    /// A pointer moves through memory in a loop, towards an edge and, if so much is left to chance, over it.
    pub(super) fn walk(&mut self) -> Result<Vec<Item>> {
        let (base, count) = (self.base()?, self.of(&[3, 4, 26, 27])?);
        let times = self.u.int_in_range(1..=60_i64)?;
        let stride = self.of(&STRIDES)?;
        let reached = self.u.int_in_range(0..=times + 8)?;
        let edges = [RAM_BASE, RAM_BASE + RAM_SIZE, PROGRAM_BASE, OUTPUT_BASE + OUTPUT_SIZE, RAM_BASE + 0x1000];
        // Over the edge after so many times; or around a page, where nothing ends.
        let (edge, reads) = match self.below(6)? {
            0 | 1 if self.one_in(3)? || self.wild()? => (self.of(&edges)?, self.u.arbitrary()?),
            _ => (RAM_BASE + 0x20_0000, false),
        };
        let off = self.u.int_in_range(-9..=9)?;
        let start = edge.wrapping_add_signed(off - stride * reached);
        let mut items = vec![self.point(base, start)?, Item::op(Op::Addi, count, 0, 0, times)];
        if self.u.arbitrary()? {
            items.push(self.through(base, 0)?);
        }
        let top = items.len();
        let offset = self.of(&[0, 0, 8, -8, stride, 2040])?.clamp(-2048, 2047);
        items.push(if reads { Item::op(self.of(&LOADS)?, 0, base, 0, offset) } else { self.through(base, offset)? });
        if self.one_in(3)? {
            items.extend(self.idiom()?);
        }
        items.push(Item::op(Op::Addi, base, base, 0, stride));
        if self.one_in(3)? {
            items.push(Item::op(Op::Addi, base, base, 0, stride));
        }
        if self.one_in(3)? {
            items.push(self.through(base, 0)?);
        }
        items.push(Item::op(Op::Addi, count, count, 0, -1));
        let to = Place::Skip(top as isize - items.len() as isize, 0);
        items.push(Item::Jump { op: Op::Bne, rd: 0, rs1: count, rs2: 0, to });
        Ok(items)
    }
}
