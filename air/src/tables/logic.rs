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
    read_bytes(e, row.cpu.clock + F::from_u32(SLOT_RS1), &row.rs1, &is_real);
    read_bytes(e, row.cpu.clock + F::from_u32(SLOT_RS2), &row.rs2, &reads_rs2);
    e.write_rd(row.cpu.clock, &row.rd, product::join::<AB::Expr>(row.result), &is_real);

    for i in 0..8 {
        let tuple = [row.operation.into(), row.rs1.bytes[i].into(), row.rs2.bytes[i].into(), row.result[i].into()];
        e.look_up(BYTE, tuple, is_real.clone());
    }
}

/// Reads a register at a time, on `count` (0 or 1) rows.
fn read_bytes<AB: Builder>(e: &mut Emitter<'_, AB>, time: AB::Expr, read: &ReadBytes<AB::Var>, count: &AB::Expr) {
    e.read(read.reg, time, read.prev, product::join(read.bytes), count);
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::check::mutation::locally_invalid;
    use crate::check::samples::{
        alu_samples, assert_boolean, assert_caught, assert_honest, event, is_invalid, rom, trace,
    };
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::table::Table;
    use crate::tables::byte;

    const OPS: [Op; 10] =
        [Op::And, Op::Or, Op::Xor, Op::Andi, Op::Ori, Op::Xori, Op::Andn, Op::Orn, Op::Xnor, Op::ZextH];

    #[test]
    fn honest_rows_hold() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        assert_honest(Kind::Logic, &rom, &trace(Kind::Logic, &rom, &samples));
    }

    #[test]
    fn flags_are_bits() {
        assert_boolean(Kind::Logic, "is_real is boolean", &["is_real"]);
        assert_boolean(Kind::Logic, "is_imm is boolean", &["is_imm"]);
    }

    /// The number of another operation, whole or half, with the immediate's bit to make up for it.
    #[test]
    fn another_operation_is_caught() {
        let samples: Vec<_> = alu_samples(&OPS).into_iter().step_by(7).collect();
        let rom = rom(&samples);
        for (i, sample) in samples.iter().enumerate() {
            let honest = Logic::fill(&event(&rom, i, sample));
            for operation in (0..2 * byte::OPERATIONS).map(|halves| F::from_usize(halves).halve()) {
                for is_imm in [F::ZERO, F::ONE] {
                    let forged = Logic { operation, is_imm, ..honest };
                    let is_honest = (operation, is_imm) == (honest.operation, honest.is_imm);
                    assert_eq!(!is_invalid(Kind::Logic, &forged, &rom), is_honest, "{forged:?}");
                }
            }
        }
    }

    #[test]
    fn mutants_are_caught() {
        let samples = alu_samples(&OPS);
        let rom = rom(&samples);
        assert_caught(Kind::Logic, &rom, &trace(Kind::Logic, &rom, &samples), 3, |column, cells| {
            let row = Logic::from_row(cells);
            // Padding rows say nothing.
            row.is_real == F::ZERO && !column.starts_with("is_")
        });
    }

    /// Each byte has a look-up of its own: results off by one bit, and those of all operations, byte by byte.
    #[test]
    fn wrong_bytes_are_caught() {
        let samples: Vec<_> = alu_samples(&OPS).into_iter().step_by(5).collect();
        let rom = rom(&samples);
        let results = OPS.map(|op| move |a, b| spec_interp::alu(op, a, b).expect("it computes"));
        for (i, sample) in samples.iter().enumerate() {
            let event = event(&rom, i, sample);
            let row = Logic::fill(&event);
            for place in 0..8 {
                let others = results.iter().map(|result| bytes(result(event.rs1, event.rs2))[place]);
                let off_by = (0..9).map(|bit| row.result[place] + F::from_u32(1 << bit));
                for byte in others.chain(off_by).filter(|byte| *byte != row.result[place]) {
                    let mut forged = row;
                    forged.result[place] = byte;
                    assert!(is_invalid(Kind::Logic, &forged, &rom), "byte {place} of {sample:?}");
                }
            }
        }
    }

    /// The limbs stay what they are, and the results too, if a byte takes 256 from the one above.
    #[test]
    fn limbs_split_elsewhere_are_caught() {
        let samples = alu_samples(&[Op::Xor]);
        let rom = rom(&samples);
        let trace = trace(Kind::Logic, &rom, &samples);
        for cells in trace.values.chunks_exact(trace.width).take(samples.len()) {
            for i in [0, 2, 4, 6] {
                let mut row = Logic::from_row(cells);
                for bytes in [&mut row.rs1.bytes, &mut row.result] {
                    bytes[i] += F::from_u32(1 << 8);
                    bytes[i + 1] -= F::ONE;
                }
                let mut forged = cells.to_vec();
                row.write(&mut forged);
                assert!(locally_invalid(&Table::new(Kind::Logic), &forged, &rom));
            }
        }
    }
}
