//! Bitwise operations: `and or xor` and their immediate forms; `zext.h` is an `and` with a constant.
//!
//! # Assumes
//! Operands are four 16-bit limbs, because every word ever written was checked and immediates come from the program.
//!
//! # Constrains
//! Byte by byte one look-up shows that `a` and `b` are bytes and what `a and b` is; the result is that, or `a + b - (a and
//! b)`, which is `a or b`, or that less `a and b` once more, which is `a xor b`. A limb below 2^16 has one pair of bytes.
//!
//! # Degree
//! 2.

use crate::bus::BYTE;
use crate::layout::{SLOT_RS1, SLOT_RS2};
use crate::prelude::*;

columns! {
    /// A register that is read as bytes.
    pub struct ReadBytes {
        /// Register number, from the program row.
        reg,
        /// Value, eight bytes, least significant first; of `andn`, `orn` and `xnor` the second operand's is inverted.
        bytes: [8],
        /// Time of the previous access; 0 if the operand is an immediate.
        prev,
    }
}

columns! {
    /// A bitwise operation.
    pub struct Bitwise {
        /// Iff it is `and`.
        is_and,
        /// Iff it is `or`.
        is_or,
        /// Iff it is `xor`.
        is_xor,
        /// Control.
        cpu: Cpu,
        /// The first operand `a`.
        rs1: ReadBytes,
        /// The second operand `b`.
        rs2: ReadBytes,
        /// The destination.
        rd: Write,
        /// `a and b`, eight bytes.
        and: [8],
    }
}

columns! {
    /// A row of the table.
    pub struct Logic {
        /// Operation and operands.
        bitwise: (Bitwise),
        /// Iff the second operand is the program's immediate.
        is_imm,
    }
}

impl Bitwise<F> {
    /// The cells of an event, of a table whose operations are `and`, `or` and `xor` in this order, with the second operand
    /// as it is or inverted.
    pub fn fill(event: &Event, b: u64) -> Self {
        let read = |reg, word, prev| ReadBytes { reg: F::from_u32(reg), bytes: bytes(word), prev: F::from_u32(prev) };
        let flag = |flag| F::from_bool(event.row.flag == flag);
        let [a_bytes, b_bytes, result] = [event.rs1, b, event.rd_new].map(bytes);
        let both = |i: usize| match event.row.flag {
            0 => result[i],
            1 => a_bytes[i] + b_bytes[i] - result[i],
            _ => (a_bytes[i] + b_bytes[i] - result[i]).halve(),
        };
        Self {
            is_and: flag(0),
            is_or: flag(1),
            is_xor: flag(2),
            cpu: Cpu::fill(event),
            rs1: read(event.row.rs1, event.rs1, event.rs1_prev),
            rs2: read(event.row.rs2, b, event.rs2_prev),
            rd: Write::rd(event),
            and: core::array::from_fn(both),
        }
    }
}

impl Logic<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { bitwise: Bitwise::fill(event, event.rs2), is_imm: F::from_bool(event.row.immediate) }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::And, Op::Andi, Op::ZextH], &[Op::Or, Op::Ori], &[Op::Xor, Op::Xori]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Logic<AB::Var>) {
    let Bitwise { is_and, is_or, is_xor, rs2, .. } = row.bitwise;
    let (is_real, operation) = e.one_operation(Kind::Logic, &[is_and, is_or, is_xor]);
    let reads_rs2 = e.immediate_flag(row.is_imm, [rs2.reg, rs2.prev], &is_real);
    let value = product::join::<AB::Expr>(rs2.bytes);
    let w = value.clone().map(|limb| limb * row.is_imm);
    bitwise(e, &row.bitwise, (operation + row.is_imm, w), (value, &reads_rs2), &is_real);
}

/// States what bitwise operations have in common; the program says of the row the number of an operation and words, and rs2
/// holds a value that is read on `reads_rs2` (0 or 1) rows.
pub fn bitwise<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    row: &Bitwise<AB::Var>,
    (operation, w): (AB::Expr, [AB::Expr; 4]),
    (rs2_value, reads_rs2): ([AB::Expr; 4], &AB::Expr),
    is_real: &AB::Expr,
) {
    let (rd, rs1, rs2) = (row.rd.reg.into(), row.rs1.reg.into(), row.rs2.reg.into());
    e.instruction(&row.cpu, ProgramRow { operation, rd, rs1, rs2, w }, is_real);
    let [a, b, both] = [row.rs1.bytes, row.rs2.bytes, row.and].map(product::join::<AB::Expr>);
    e.read(row.rs1.reg, row.cpu.clock + F::from_u32(SLOT_RS1), row.rs1.prev, a.clone(), is_real);
    e.read(row.rs2.reg, row.cpu.clock + F::from_u32(SLOT_RS2), row.rs2.prev, rs2_value, reads_rs2);
    let (sums, ands) = (row.is_or + row.is_xor, row.is_and - row.is_or - row.is_xor.into().double());
    let result: [AB::Expr; 4] =
        core::array::from_fn(|i| sums.clone() * (a[i].clone() + b[i].clone()) + ands.clone() * both[i].clone());
    e.write_rd(row.cpu.clock, &row.rd, result, is_real);

    for i in 0..8 {
        e.look_up(BYTE, [row.rs1.bytes[i], row.rs2.bytes[i], row.and[i]].map(Into::into), is_real.clone());
    }
}

#[cfg(test)]
mod tests {
    use spec_interp::alu;

    use super::*;
    use crate::check::samples::{Samples, ops};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::tables::logic_inverted::LogicInverted;

    /// What is tried with the rows of either table.
    struct Rows<C> {
        kind: Kind,
        fill: fn(&Event<'_>) -> C,
        bitwise: fn(&mut C) -> &mut Bitwise<F>,
        is_imm: fn(&mut C) -> Option<&mut F>,
    }

    const LOGIC: Rows<Logic<F>> = Rows {
        kind: Kind::Logic,
        fill: Logic::fill,
        bitwise: |row| &mut row.bitwise,
        is_imm: |row| Some(&mut row.is_imm),
    };
    const INVERTED: Rows<LogicInverted<F>> = Rows {
        kind: Kind::LogicInverted,
        fill: LogicInverted::fill,
        bitwise: |row| &mut row.bitwise,
        is_imm: |_| None,
    };

    impl<C: Columns<F> + Copy + core::fmt::Debug> Rows<C> {
        /// Other flags, halves among them, with the immediate's bit to make up for it.
        fn assert_operation_is_one(&self) {
            let samples = Samples::of(self.kind);
            let values = [F::ZERO, F::ONE, F::ONE.halve(), F::NEG_ONE, F::TWO];
            for (_, event) in samples.events().step_by(7) {
                let flags = |row: &mut C| {
                    let Bitwise { is_and, is_or, is_xor, .. } = *(self.bitwise)(row);
                    [is_and, is_or, is_xor, (self.is_imm)(row).copied().unwrap_or_default()]
                };
                let mut honest = (self.fill)(&event);
                for number in 0..values.len().pow(4) {
                    let value = |place: u32| values[number / values.len().pow(place) % values.len()];
                    let mut forged = honest;
                    let bitwise = (self.bitwise)(&mut forged);
                    (bitwise.is_and, bitwise.is_or, bitwise.is_xor) = (value(0), value(1), value(2));
                    if let Some(is_imm) = (self.is_imm)(&mut forged) {
                        *is_imm = value(3);
                    }
                    let is_honest = [flags(&mut honest), [F::ZERO; 4]].contains(&flags(&mut forged));
                    assert_eq!(!samples.is_invalid(&forged), is_honest, "{:?}", self.kind);
                }
            }
        }

        /// Each byte has a look-up of its own: results off by one bit, and those of all operations, byte by byte.
        fn assert_bytes_are_those_of_the_operation(&self) {
            let samples = Samples::of(self.kind);
            for (sample, event) in samples.events().step_by(5) {
                for place in 0..8 {
                    let results = ops(self.kind).filter_map(|op| alu(op, event.rs1, event.rs2));
                    let off_by = (0..8).map(|bit| event.rd_new ^ (1 << (8 * place + bit)));
                    let mask = 0xff << (8 * place);
                    let wrong = results.chain(off_by).map(|result| event.rd_new & !mask | result & mask);
                    for rd_new in wrong.filter(|wrong| *wrong != event.rd_new) {
                        let forged = (self.fill)(&Event { rd_new, ..event });
                        assert!(samples.is_invalid(&forged), "byte {place} of {sample:?}");
                    }
                }
            }
        }

        /// The limbs stay what they are, and the results too, if a byte takes 256 from the one above.
        fn assert_bytes_are_bytes(&self) {
            let samples = Samples::of(self.kind);
            for (_, event) in samples.events().step_by(3) {
                for i in [0, 2, 4, 6] {
                    let lent = |bytes: &mut [F; 8]| {
                        bytes[i] += F::from_u32(1 << 8);
                        bytes[i + 1] -= F::ONE;
                    };
                    let mut rows = [(self.fill)(&event); 4];
                    let [first, second, both, first_and_both] = rows.each_mut().map(self.bitwise);
                    lent(&mut first.rs1.bytes);
                    lent(&mut second.rs2.bytes);
                    lent(&mut both.and);
                    lent(&mut first_and_both.rs1.bytes);
                    lent(&mut first_and_both.and);
                    rows.iter().for_each(|row| samples.assert_invalid(row));
                }
            }
        }
    }

    #[test]
    fn another_operation_is_caught() {
        LOGIC.assert_operation_is_one();
        INVERTED.assert_operation_is_one();
    }

    #[test]
    fn wrong_bytes_are_caught() {
        LOGIC.assert_bytes_are_those_of_the_operation();
        INVERTED.assert_bytes_are_those_of_the_operation();
    }

    #[test]
    fn limbs_split_elsewhere_are_caught() {
        LOGIC.assert_bytes_are_bytes();
        INVERTED.assert_bytes_are_bytes();
    }
}
