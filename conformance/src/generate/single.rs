//! A few instructions, each alone between its operands and the next: what one emitter does with one instruction.

use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use spec_interp::map::{OUTPUT_BASE, PROGRAM_BASE, RAM_BASE, RAM_SIZE};
use spec_interp::{CSR_CYCLE, CSR_INSTRET, Family, Op, Program};

use crate::generate::layout::{Item, POOL, Place, assemble};
use crate::generate::operand;

/// The most instructions under test.
const MOST: usize = 12;
/// Immediates at which encodings and extensions change.
const IMMEDIATES: [i64; 16] = [0, 1, -1, 2, 7, 15, 31, 32, 33, 63, 64, 255, 1023, -1024, 2047, -2048];

/// A program of single instructions with biased operands in any registers, which may coincide.
#[derive(Clone, Debug)]
pub struct Single {
    /// The program.
    pub program: Arc<Program>,
    /// The operations under test, in order.
    pub ops: Vec<Op>,
}

impl<'a> Arbitrary<'a> for Single {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let count = u.int_in_range(1..=MOST)?;
        let (mut items, mut ops) = (Vec::new(), Vec::new());
        // No register starts as zero, so that none is written unseen.
        for rd in 1..32 {
            items.push(Item::Constant { rd, value: Place::At(0x0101_0101_0101_0101 * u64::from(rd)) });
        }
        for _ in 0..count {
            let op = *u.choose(&Op::ALL)?;
            ops.push(op);
            items.extend(instruction(u, op)?);
        }
        let (code, pool) = assemble(PROGRAM_BASE, &[items]);
        let mut ram = Vec::new();
        for _ in 0..32 {
            ram.extend(operand(u)?.to_le_bytes());
        }
        ram.resize(POOL, 0x5a);
        ram.extend(pool);
        let program = Program::from_code(PROGRAM_BASE, &code, &ram).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        Ok(Self { program: Arc::new(program), ops })
    }
}

/// The operands, then the instruction.
fn instruction(u: &mut Unstructured<'_>, op: Op) -> Result<Vec<Item>> {
    let mut register = || u.int_in_range(0..=31_u8);
    let [rd, rs1, rs2] = [register()?, register()?, register()?];
    let [rd, rs1, rs2] = match u.int_in_range(0..=7)? {
        0 => [rs1, rs1, rs2],
        1 => [rs2, rs1, rs2],
        2 => [rd, rs1, rs1],
        3 => [rs1, rs1, rs1],
        4 => [0, rs1, rs2],
        _ => [rd, rs1, rs2],
    };
    let imm = if u.arbitrary()? { *u.choose(&IMMEDIATES)? } else { u.int_in_range(-2048..=2047)? };
    // Nothing is at an address below 2048.
    let reaches = matches!(op.family(), Family::Memory | Family::Amo) && u.ratio(15, 16)?;
    let rs1 = if reaches { rs1.max(1) } else { rs1 };
    let mut first = operand(u)?;
    let mut items = Vec::new();
    let tested = match op.family() {
        Family::Branch | Family::Jump if op != Op::Jalr => {
            // Over one instruction, which shows whether it was taken.
            vec![Item::Jump { op, rd, rs1, rs2, to: Place::Skip(2, 0) }, Item::op(Op::Xori, rd, rd, 0, 1)]
        }
        Family::Jump => {
            let base = rs1.max(1);
            let odd = u.int_in_range(0..=1)?;
            return Ok(vec![Item::Address { rd: base, of: Place::Skip(2, odd - imm) }, Item::op(op, rd, base, 0, imm)]);
        }
        Family::Memory | Family::Amo => {
            let base = *u.choose(&[RAM_BASE, RAM_BASE + 0xff0, RAM_BASE + RAM_SIZE - 16, OUTPUT_BASE + 16])?;
            let aligned = op.family() == Family::Amo && u.ratio(15, 16)?;
            let width = op.access_width().unwrap_or(1);
            let offset = u.int_in_range(0..=8_u64)? & if aligned { !(width - 1) } else { !0 };
            let imm = if op.family() == Family::Amo { 0 } else { imm };
            first = (base + offset).wrapping_sub(imm.cast_unsigned());
            vec![Item::op(op, rd, rs1, rs2, imm)]
        }
        Family::System => match op {
            Op::Ecall => vec![Item::op(Op::Addi, 17, 0, 0, 64), Item::op(op, 0, 0, 0, 0)],
            Op::Ebreak | Op::Csrrw | Op::Csrrwi => vec![Item::Half(1)],
            _ => vec![Item::op(op, rd, 0, 0, (*u.choose(&[CSR_CYCLE, CSR_INSTRET])?).into())],
        },
        _ => {
            let upper = matches!(op, Op::Lui | Op::Auipc);
            let imm = if upper { i64::from(u.arbitrary::<i32>()?) } else { imm };
            vec![Item::op(op, rd, rs1, rs2, imm)]
        }
    };
    // The second operand is loaded first: where both are one register, an address stays one.
    for (rd, value) in [(rs2, operand(u)?), (rs1, first)] {
        if rd != 0 {
            items.push(Item::Constant { rd, value: Place::At(value) });
        }
    }
    items.extend(tested);
    Ok(items)
}
