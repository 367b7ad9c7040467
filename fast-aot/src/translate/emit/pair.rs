//! Instructions that the host does in one: both halves of a product, a quotient with its remainder, a rotation written
//! as two shifts and their disjunction.

use dynasmrt::{DynasmApi, dynasm};
use spec_interp::{Inst, Op};

use super::{RAX, RCX, RDX, Translator};

/// The operation of the other half, and whether the first is the upper half or the remainder.
const PAIRS: [(Op, Op); 6] = [
    (Op::Mulhu, Op::Mul),
    (Op::Mulh, Op::Mul),
    (Op::Rem, Op::Div),
    (Op::Remu, Op::Divu),
    (Op::Remw, Op::Divw),
    (Op::Remuw, Op::Divuw),
];

impl Translator<'_> {
    /// Emits what the next instructions do in one; returns how many they are, 0 if they do not.
    pub(super) fn fused(&mut self, rest: &[(u64, Inst)]) -> usize {
        if let [(_, a), (_, b), ..] = rest
            && self.pair(a, b)
        {
            return 2;
        }
        if let [(_, a), (_, b), (_, c), ..] = rest
            && self.rotation(a, b, c)
        {
            return 3;
        }
        0
    }

    /// Two results of the same operands, in either order, into two registers.
    fn pair(&mut self, a: &Inst, b: &Inst) -> bool {
        let same = (a.rs1, a.rs2) == (b.rs1, b.rs2) && a.rd != a.rs1 && a.rd != a.rs2;
        if !same || a.rd == b.rd || a.rd == 0 || b.rd == 0 {
            return false;
        }
        let in_rdx = |first: &Inst, second: &Inst| PAIRS.contains(&(first.op, second.op));
        let (in_rdx, in_rax) = if in_rdx(a, b) {
            (a, b)
        } else if in_rdx(b, a) {
            (b, a)
        } else {
            return false;
        };
        match in_rdx.op {
            Op::Mulhu | Op::Mulh => self.product(in_rdx),
            _ => self.quotient(in_rdx),
        }
        if matches!(in_rdx.op, Op::Remw | Op::Remuw) {
            self.write_word(in_rdx.rd, RDX);
            self.write_word(in_rax.rd, RAX);
        } else {
            self.write(in_rdx.rd, RDX);
            self.write(in_rax.rd, RAX);
        }
        true
    }

    /// A shift to each side by counts that add up to the width, and `or`. The shifts' own results stay, but for the one
    /// that the rotation replaces.
    fn rotation(&mut self, a: &Inst, b: &Inst, or: &Inst) -> bool {
        let (right, left) = if matches!(a.op, Op::Srli | Op::Srliw) { (a, b) } else { (b, a) };
        let word = right.op == Op::Srliw;
        let (shifts, width) = if word { (Op::Slliw, 32) } else { (Op::Slli, 64) };
        let complementary = matches!(right.op, Op::Srli | Op::Srliw)
            && left.op == shifts
            && right.imm + left.imm == width
            && right.imm != 0
            && left.imm != 0;
        let joins = or.op == Op::Or && [(a.rd, b.rd), (b.rd, a.rd)].contains(&(or.rs1, or.rs2));
        let apart = a.rs1 == b.rs1 && a.rd != a.rs1 && a.rd != b.rd && a.rd != 0 && b.rd != 0 && or.rd != 0;
        if !(complementary && joins && apart) {
            return false;
        }
        // It waits in rdx while the shifts are written: the second may overwrite what is rotated.
        let from = if word { self.read_low(a.rs1, RCX) } else { self.read(a.rs1, RCX) };
        let count = right.imm as i8;
        if word {
            dynasm!(self.ops; .arch x64; rorx edx, Rd(from), count);
        } else {
            dynasm!(self.ops; .arch x64; rorx rdx, Rq(from), count);
        }
        for shift in [a, b].into_iter().filter(|shift| shift.rd != or.rd) {
            self.shift(shift);
        }
        if word {
            self.write_word(or.rd, RDX)
        } else {
            self.write(or.rd, RDX)
        }
        true
    }
}
