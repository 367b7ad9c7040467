//! Bitwise operations: `and or xor`, their immediate forms, and `andn orn xnor`; `zext.h` is an `and` with a constant.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! Byte by byte `c = a op b`, with `b` inverted or not, by one look-up for each, which also shows that all three are
//! bytes; a limb below 2^16 has one pair of bytes.
//!
//! # Degree
//! 3.

use crate::bus::BYTE;
use crate::layout::{SLOT_RS1, SLOT_RS2};
use crate::prelude::*;

columns! {
    /// A register that is read as bytes.
    pub struct ReadBytes {
        /// Register number, from the program row.
        reg,
        /// Value, eight bytes, least significant first.
        bytes: [8],
        /// Time of the previous access; 0 if the operand is an immediate.
        prev,
    }
}

columns! {
    /// A row of the table.
    pub struct Logic {
        /// Iff the row is in use.
        is_real,
        /// The operation's number on the bus of bytes, which is its number in the table; free on padding rows.
        operation,
        /// Iff the second operand is the program's immediate.
        is_imm,
        /// Control.
        cpu: Cpu,
        /// The first operand `a`.
        rs1: ReadBytes,
        /// The second operand `b`.
        rs2: ReadBytes,
        /// The destination.
        rd: Write,
        /// The result `c`, eight bytes.
        result: [8],
    }
}

impl Logic<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let read = |reg, word, prev| ReadBytes { reg: F::from_u32(reg), bytes: bytes(word), prev: F::from_u32(prev) };
        Self {
            is_real: F::ONE,
            operation: F::from_u8(event.row.flag),
            is_imm: F::from_bool(event.row.immediate),
            cpu: Cpu::fill(event),
            rs1: read(event.row.rs1, event.rs1, event.rs1_prev),
            rs2: read(event.row.rs2, event.rs2, event.rs2_prev),
            rd: Write::rd(event),
            result: bytes(event.rd_new),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] =
    &[&[Op::And, Op::Andi, Op::ZextH], &[Op::Or, Op::Ori], &[Op::Xor, Op::Xori], &[Op::Andn], &[Op::Orn], &[Op::Xnor]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Logic<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    let reads_rs2 = e.immediate_flag(row.is_imm, row.rs2.prev, &is_real);
    // `operation` is one of the numbers on the bus of bytes and `is_imm` a bit, so their sum names both.
    let operation = row.is_real * number(Op::And) + row.operation * (number(Op::Or) - number(Op::And)) + row.is_imm;
    let w = product::join::<AB::Expr>(row.rs2.bytes).map(|limb| limb * row.is_imm);
    let (rd, rs1, rs2) = (row.rd.reg.into(), row.rs1.reg.into(), row.rs2.reg.into());
    e.instruction(&row.cpu, ProgramRow { operation, rd, rs1, rs2, w }, &is_real);
    for (slot, operand, count) in [(SLOT_RS1, &row.rs1, &is_real), (SLOT_RS2, &row.rs2, &reads_rs2)] {
        let value = product::join(operand.bytes);
        e.read(operand.reg, row.cpu.clock + F::from_u32(slot), operand.prev, value, count);
    }
    e.write_rd(row.cpu.clock, &row.rd, product::join::<AB::Expr>(row.result), &is_real);

    for i in 0..8 {
        let tuple = [row.operation.into(), row.rs1.bytes[i].into(), row.rs2.bytes[i].into(), row.result[i].into()];
        e.look_up(BYTE, tuple, is_real.clone());
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::{Op, alu};

    use super::*;
    use crate::check::samples::{Samples, ops};
    use crate::kind::Kind;
    use crate::tables::byte;

    /// The number of another operation, whole or half, with the immediate's bit to make up for it.
    #[test]
    fn another_operation_is_caught() {
        let samples = Samples::of(Kind::Logic);
        for (_, event) in samples.events().step_by(7) {
            let honest = Logic::fill(&event);
            for operation in (0..2 * byte::OPERATIONS).map(|halves| F::from_usize(halves).halve()) {
                for is_imm in [F::ZERO, F::ONE] {
                    let forged = Logic { operation, is_imm, ..honest };
                    let is_honest = (operation, is_imm) == (honest.operation, honest.is_imm);
                    assert_eq!(!samples.is_invalid(&forged), is_honest, "{forged:?}");
                }
            }
        }
    }

    /// Each byte has a look-up of its own: results off by one bit, and those of all operations, byte by byte.
    #[test]
    fn wrong_bytes_are_caught() {
        let samples = Samples::of(Kind::Logic);
        for (sample, event) in samples.events().step_by(5) {
            let row = Logic::fill(&event);
            for place in 0..8 {
                let results = ops(Kind::Logic).filter_map(|op| alu(op, event.rs1, event.rs2));
                let others = results.map(|result| bytes(result)[place]);
                let off_by = (0..9).map(|bit| row.result[place] + F::from_u32(1 << bit));
                for byte in others.chain(off_by).filter(|byte| *byte != row.result[place]) {
                    let mut forged = row;
                    forged.result[place] = byte;
                    assert!(samples.is_invalid(&forged), "byte {place} of {sample:?}");
                }
            }
        }
    }

    /// The limbs stay what they are, and the results too, if a byte takes 256 from the one above.
    #[test]
    fn limbs_split_elsewhere_are_caught() {
        let samples = Samples::of_ops(Kind::Logic, &[Op::Xor]);
        for (_, event) in samples.events() {
            for i in [0, 2, 4, 6] {
                let mut row = Logic::fill(&event);
                for bytes in [&mut row.rs1.bytes, &mut row.result] {
                    bytes[i] += F::from_u32(1 << 8);
                    bytes[i + 1] -= F::ONE;
                }
                samples.assert_invalid(&row);
            }
        }
    }
}
