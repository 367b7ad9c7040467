//! Instructions that belong together, as compilers leave them and translators fuse them, with operands that coincide
//! where no compiler would let them, and counts that are one off.

use arbitrary::Result;
use spec_interp::{Family, Op, decode};

use super::Choices;
use super::control::BRANCHES;
use crate::generate::layout::{Item, Place};

impl Choices<'_, '_> {
    pub(super) fn idiom(&mut self) -> Result<Vec<Item>> {
        match self.below(16)? {
            0..=4 => self.compute(),
            5 => self.pair(&[Op::Mul, Op::Mulh, Op::Mulhu, Op::Mulhsu, Op::Mulw]),
            6 => self.pair(&[Op::Div, Op::Rem, Op::Divu, Op::Remu, Op::Divw, Op::Remw, Op::Divuw, Op::Remuw]),
            7 => self.nearly_rotated(),
            8 | 9 => self.compared(),
            10 => self.carried(),
            11 => self.extended(),
            12 => self.skipped(),
            13 => self.constant(),
            14 => self.compressed(),
            _ => self.scaled(),
        }
    }

    /// Any operation on registers or an immediate.
    fn compute(&mut self) -> Result<Vec<Item>> {
        let ops: Vec<Op> = Op::ALL.into_iter().filter(|op| op.family() <= Family::Div).collect();
        let [rd, rs1, rs2] = self.registers()?;
        let op = self.of(&ops)?;
        let imm = match op {
            Op::Lui | Op::Auipc => self.u.arbitrary::<i32>()?.into(),
            _ => self.immediate()?,
        };
        Ok(vec![Item::op(op, rd, rs1, rs2, imm)])
    }

    /// Two operations on the same operands, or nearly so: the first may overwrite one.
    fn pair(&mut self, ops: &[Op]) -> Result<Vec<Item>> {
        let [rd, rd2, rs1, rs2] = self.registers()?;
        let (first, second) = (self.of(ops)?, self.of(ops)?);
        let [rs3, rs4] = if self.one_in(4)? { [rs2, rs1] } else { [rs1, rs2] };
        let mut items = vec![Item::op(first, rd, rs1, rs2, 0)];
        if self.one_in(4)? {
            items.extend(self.compute()?);
        }
        items.push(Item::op(second, rd2, rs3, rs4, 0));
        Ok(items)
    }

    /// Two shifts and an `or`, which make a rotation if the counts sum up to the width and the source is the same.
    fn nearly_rotated(&mut self) -> Result<Vec<Item>> {
        let [t, d, s, s2] = self.registers()?;
        let (left, right, width) = self.of(&[
            (Op::Slli, Op::Srli, 64),
            (Op::Slliw, Op::Srliw, 32),
            (Op::Slli, Op::Srai, 64),
            (Op::Slliw, Op::Srli, 64),
        ])?;
        let count = self.u.int_in_range(0..=width)?;
        let other = width - count + self.of(&[0, 0, 0, 1, -1])?;
        let source = if self.one_in(4)? { s2 } else { s };
        let [first, second] = if self.u.arbitrary()? { [left, right] } else { [right, left] };
        let u = if self.one_in(4)? { t } else { self.register()? };
        let joining = self.of(&[Op::Or, Op::Or, Op::Xor, Op::Add])?;
        Ok(vec![Item::op(first, t, s, 0, count), Item::op(second, u, source, 0, other), Item::op(joining, d, t, u, 0)])
    }

    /// A comparison, possibly negated or overwritten, and a branch on it.
    fn compared(&mut self) -> Result<Vec<Item>> {
        let [t, rs1, rs2, other] = self.registers()?;
        let ops = [Op::Slt, Op::Sltu, Op::Slti, Op::Sltiu, Op::Andi, Op::Bext, Op::Bexti, Op::Xor, Op::Sub, Op::Addiw];
        let mut items = vec![Item::op(self.of(&ops)?, t, rs1, rs2, self.immediate()?)];
        match self.below(5)? {
            0 => items.push(Item::op(Op::Xori, t, t, 0, 1)),
            1 => items.push(Item::op(Op::Sltiu, t, t, 0, 1)),
            2 => items.extend(self.compute()?),
            _ => {}
        }
        let [rs1, rs2] = self.of(&[[t, 0], [t, 0], [0, t], [t, t], [t, other]])?;
        let to = if self.u.arbitrary()? { Place::Skip(2, 0) } else { self.target()? };
        items.push(Item::Jump { op: self.of(&BRANCHES)?, rd: 0, rs1, rs2, to });
        items.extend(self.compute()?);
        // What was compared is still there for others.
        items.push(Item::op(Op::Add, other, other, t, 0));
        Ok(items)
    }

    /// Sums of several words with their carries, and differences with their borrows.
    fn carried(&mut self) -> Result<Vec<Item>> {
        let [d, rs1, rs2, c, d2, rs3, rs4] = self.registers()?;
        Ok(if self.u.arbitrary()? {
            let against = self.of(&[rs1, rs2, d])?;
            vec![
                Item::op(Op::Add, d, rs1, rs2, 0),
                Item::op(Op::Sltu, c, d, against, 0),
                Item::op(Op::Add, d2, rs3, rs4, 0),
                Item::op(Op::Add, d2, d2, c, 0),
                Item::op(Op::Sltu, c, d2, c, 0),
            ]
        } else {
            vec![
                Item::op(Op::Sltu, c, rs1, rs2, 0),
                Item::op(Op::Sub, d, rs1, rs2, 0),
                Item::op(Op::Sub, d2, rs3, rs4, 0),
                Item::op(Op::Sub, d2, d2, c, 0),
            ]
        })
    }

    /// Extensions spelled with shifts, of the right width and of others.
    fn extended(&mut self) -> Result<Vec<Item>> {
        let [t, s, d] = self.registers()?;
        let count = self.of(&[32, 32, 48, 56, 31, 33, 63, 0, 16])?;
        let back = count + self.of(&[0, 0, 0, -1, 1, -3])?;
        let op = self.of(&[Op::Srli, Op::Srai])?;
        Ok(vec![Item::op(Op::Slli, t, s, 0, count), Item::op(op, d, t, 0, back)])
    }

    /// A branch over one or two instructions, as for a conditional move.
    fn skipped(&mut self) -> Result<Vec<Item>> {
        let [rs1, rs2, rd, s] = self.registers()?;
        let op = self.of(&BRANCHES)?;
        let moved = match self.below(4)? {
            0 => Item::op(Op::Addi, rd, s, 0, 0),
            1 => Item::op(Op::Addi, rd, 0, 0, self.immediate()?),
            2 => Item::Half(0x8000 | u16::from(self.u.int_in_range(1..=31_u8)?) << 7 | 0x2 | u16::from(s.max(1)) << 2),
            _ => Item::op(Op::Sub, rd, 0, rd, 0),
        };
        let mut items = vec![Item::Jump { op, rd: 0, rs1, rs2, to: Place::Skip(2, 0) }, moved];
        if self.one_in(4)? {
            items.insert(1, Item::op(Op::Add, rs1, rs1, rd, 0));
            items[0] = Item::Jump { op, rd: 0, rs1, rs2, to: Place::Skip(3, 0) };
        }
        Ok(items)
    }

    /// Constants in two instructions, with the lower one signed, of 32 bits or of 64.
    fn constant(&mut self) -> Result<Vec<Item>> {
        let [d, t] = self.registers()?;
        let upper =
            self.of(&[0x7fff_f000, -0x8000_0000, 0x1000, -0x1000, 0x4000_0000, 0xa000_0000_u32.cast_signed().into()])?;
        let low = self.of(&[Op::Addi, Op::Addiw, Op::Ori, Op::Xori])?;
        let upper_op = self.of(&[Op::Lui, Op::Lui, Op::Auipc])?;
        let from = if self.one_in(6)? { t } else { d };
        Ok(vec![Item::op(upper_op, d, 0, 0, upper), Item::op(low, d, from, 0, self.immediate()?)])
    }

    /// A compressed instruction that computes; now and then any.
    fn compressed(&mut self) -> Result<Vec<Item>> {
        let half: u16 = self.u.arbitrary()?;
        let computes = decode(half.into()).is_some_and(|inst| inst.len == 2 && inst.op.family() <= Family::Div);
        Ok(vec![Item::Half(if computes || self.wild()? { half } else { 1 })])
    }

    /// A shift and an addition, as for an index.
    fn scaled(&mut self) -> Result<Vec<Item>> {
        let [t, s, d, rs2] = self.registers()?;
        let first = self.of(&[Op::Slli, Op::Slliw, Op::SlliUw])?;
        let second = self.of(&[Op::Add, Op::Addw, Op::AddUw, Op::Sh1add, Op::Sh3addUw])?;
        let [rs1, rs2] = if self.u.arbitrary()? { [t, rs2] } else { [rs2, t] };
        Ok(vec![Item::op(first, t, s, 0, self.u.int_in_range(0..=4)?), Item::op(second, d, rs1, rs2, 0)])
    }
}
