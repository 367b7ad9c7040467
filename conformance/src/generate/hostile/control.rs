//! Control transfers, system calls, atomics, counters, and words that are no instruction.

use arbitrary::Result;
use spec_interp::{CSR_CYCLE, CSR_INSTRET, Family, Op};

use super::Choices;
use crate::generate::layout::{Item, Place};

pub(super) const BRANCHES: [Op; 6] = [Op::Beq, Op::Bne, Op::Blt, Op::Bge, Op::Bltu, Op::Bgeu];

impl Choices<'_, '_> {
    pub(super) fn control(&mut self) -> Result<Vec<Item>> {
        let [rd, rs1, rs2] = self.registers()?;
        let to = self.target()?;
        Ok(match self.below(9)? {
            0..=2 => vec![Item::Jump { op: self.of(&BRANCHES)?, rd: 0, rs1, rs2, to }],
            3 => vec![Item::Jump { op: Op::Jal, rd, rs1: 0, rs2: 0, to }],
            4 => self.indirect(to, rd)?,
            // A call; what it calls may return or not.
            5 => {
                let link = self.of(&[1, 1, 5])?;
                vec![Item::Jump { op: Op::Jal, rd: link, rs1: 0, rs2: 0, to }]
            }
            6 => self.called()?,
            7 => self.returning()?,
            _ if self.wild()? => self.nonsense()?,
            _ => vec![Item::Half(1), Item::Jump { op: Op::Jal, rd: 0, rs1: 0, rs2: 0, to }],
        })
    }

    /// `jalr` by an address that the code has computed or loaded, with an offset, with a lowest bit to be cleared, with
    /// the link over the base.
    fn indirect(&mut self, to: Place, link: u8) -> Result<Vec<Item>> {
        let base = self.u.int_in_range(1..=31)?;
        let rd = if self.u.arbitrary()? { base } else { link };
        let offset = self.of(&[0, 0, 8, -4, 2047, -2048])?;
        let to = match to {
            _ if self.wild()? => Place::At(self.wild_pointer()?),
            Place::Piece(piece, delta) => Place::Piece(piece, delta - offset + i64::from(self.one_in(4)?)),
            other => other,
        };
        let computed = match to {
            Place::Piece(..) if self.u.arbitrary()? => Item::Address { rd: base, of: to },
            _ => Item::Constant { rd: base, value: to },
        };
        Ok(vec![computed, Item::op(Op::Jalr, rd, base, 0, offset)])
    }

    /// A function that stands here and is called here, from behind it: it returns right, or not.
    fn called(&mut self) -> Result<Vec<Item>> {
        let body = self.idiom()?;
        let mut items = vec![Item::Jump { op: Op::Jal, rd: 0, rs1: 0, rs2: 0, to: Place::Skip(0, 0) }];
        items.extend(body);
        if self.wild()? {
            items.push(Item::op(Op::Addi, 1, 1, 0, self.of(&[2, 4, -2, -4, 1])?));
        }
        items.push(Item::op(Op::Jalr, 0, 1, 0, 0));
        let function = items.len() as isize - 1;
        if let Some(Item::Jump { to, .. }) = items.first_mut() {
            *to = Place::Skip(function + 1, 0);
        }
        for call in 0..=self.below(2)? as isize {
            items.push(Item::Jump { op: Op::Jal, rd: 1, rs1: 0, rs2: 0, to: Place::Skip(-function - call, 0) });
        }
        Ok(items)
    }

    /// A return without a call, after the link register was pointed somewhere, moved on, or left alone.
    fn returning(&mut self) -> Result<Vec<Item>> {
        let to = self.target()?;
        let link = self.of(&[1, 5])?;
        let ret = if self.one_in(3)? { Item::Half(0x8082) } else { Item::op(Op::Jalr, 0, link, 0, 0) };
        Ok(match self.below(3)? {
            _ if self.wild()? => vec![ret],
            0 => vec![Item::Address { rd: 1, of: to }, Item::Address { rd: 5, of: to }, ret],
            1 => vec![Item::Constant { rd: link, value: to }, Item::op(Op::Jalr, link, link, 0, 0)],
            // A call of what follows, which then returns to behind its call: 8 bytes further on.
            _ => vec![
                Item::Jump { op: Op::Jal, rd: link, rs1: 0, rs2: 0, to: Place::Skip(1, 0) },
                Item::op(Op::Addi, link, link, 0, 8),
                Item::op(Op::Jalr, 0, link, 0, 0),
            ],
        })
    }

    pub(super) fn system(&mut self) -> Result<Vec<Item>> {
        let rd = self.register()?;
        Ok(match self.below(6)? {
            _ if self.wild()? => self.nonsense()?,
            0 | 1 => self.print()?,
            2 | 3 => {
                let op = self.of(&[Op::Csrrs, Op::Csrrc, Op::Csrrsi, Op::Csrrci])?;
                vec![Item::op(op, rd, 0, 0, self.of(&[CSR_CYCLE, CSR_INSTRET])?.into())]
            }
            4 => vec![Item::op(self.of(&[Op::Fence, Op::FenceI])?, 0, 0, 0, 0)],
            _ => {
                vec![Item::op(Op::Addi, 17, 0, 0, 64), Item::op(Op::Addi, 12, 0, 0, 5), Item::op(Op::Ecall, 0, 0, 0, 0)]
            }
        })
    }

    /// `write` of few bytes from anywhere, also where nothing can be read, to any stream.
    fn print(&mut self) -> Result<Vec<Item>> {
        let from = if self.one_in(3)? { self.wild_pointer()? } else { self.pointer()? };
        let length = self.of(&[0, 1, 7, 8, 9, 63, 300, 2047])?;
        let mut items = vec![
            Item::op(Op::Addi, 17, 0, 0, 64),
            Item::op(Op::Addi, 10, 0, 0, self.of(&[1, 1, 2, 0, 3, -1])?),
            Item::Constant { rd: 11, value: Place::At(from) },
            Item::op(Op::Addi, 12, 0, 0, length),
        ];
        if self.wild()? && self.one_in(8)? {
            items.push(Item::op(Op::Lui, 12, 0, 0, 0x2000));
        }
        items.push(Item::op(Op::Ecall, 0, 0, 0, 0));
        Ok(items)
    }

    /// Words that end most runs: illegal ones, any at all, any operation on anything, unknown calls, writes to CSRs.
    pub(super) fn nonsense(&mut self) -> Result<Vec<Item>> {
        let [rd, rs1, rs2] = self.registers()?;
        Ok(match self.below(8)? {
            0 => vec![Item::Word(self.of(&[0, u32::MAX, 0x0000_0057, 0xc001_1073])?)],
            1 => vec![Item::Half(self.of(&[0, 0x9002, 0x8000])?)],
            2 => vec![Item::op(Op::Ebreak, 0, 0, 0, 0)],
            3 => vec![Item::op(Op::Addi, 17, 0, 0, self.immediate()?), Item::op(Op::Ecall, 0, 0, 0, 0)],
            4 => vec![Item::Half(self.u.arbitrary()?)],
            5 => {
                let op = self.of(&[Op::Csrrw, Op::Csrrs, Op::Csrrc, Op::Csrrwi, Op::Csrrsi, Op::Csrrci])?;
                vec![Item::op(op, rd, rs1, 0, self.of(&[0xc00, 0xc01, 0xc02, 0x300, 0x1_fc00])?)]
            }
            6 => vec![Item::Word(self.u.arbitrary()?)],
            _ => vec![Item::op(self.of(&Op::ALL)?, rd, rs1, rs2, self.u.arbitrary::<i32>()?.into())],
        })
    }

    /// Atomics and reservations at one place, or two, of one width or of two.
    pub(super) fn atomic(&mut self) -> Result<Vec<Item>> {
        let base = self.u.int_in_range(1..=31)?;
        let [rd, rs2, rd2, rs3] = self.registers()?;
        let place = if self.wild()? { self.wild_pointer()? } else { self.pointer()? & !7 };
        let of = Place::At(place);
        let pointer = if place >> 32 == 0 && self.u.arbitrary()? {
            Item::Address { rd: base, of }
        } else {
            Item::Constant { rd: base, value: of }
        };
        let mut items = vec![pointer];
        let all: Vec<Op> = Op::ALL.into_iter().filter(|op| op.family() == Family::Amo).collect();
        match self.below(3)? {
            0 => items.push(Item::op(self.of(&all)?, rd, base, rs2, 0)),
            1 => {
                items.push(Item::op(self.of(&[Op::LrW, Op::LrD])?, rd, base, 0, 0));
                if self.u.arbitrary()? {
                    items.push(Item::op(self.of(&[Op::Sd, Op::AmoaddD, Op::Addi, Op::LrW])?, rs3, base, rs2, 0));
                }
                items.push(Item::op(self.of(&[Op::ScW, Op::ScD])?, rd2, base, rs2, 0));
            }
            _ => {
                items.push(Item::op(self.of(&all)?, rd, base, rs2, 0));
                items.push(Item::op(self.of(&[Op::Ld, Op::Lw, Op::Lwu])?, rd2, base, 0, 0));
            }
        }
        Ok(items)
    }
}
