//! The part that every instruction row shares: control, the program row, and register accesses.
//!
//! # Assumes
//! The caller's flags are boolean and at most one is set, so that `is_real`, their sum, is boolean.
//!
//! # Constrains
//! `state` moves from `(pc, clock)` to `(next_pc, clock + 4)`; the row is one of the program's; each access of a
//! register or memory word takes the word as its previous access left it and gives it back at a later time.

#[cfg(test)]
mod tests;

use p3_field::PrimeCharacteristicRing;
use spec_interp::Op;

use crate::F;
use crate::bus::{MEMORY, PROGRAM, STATE};
use crate::columns;
use crate::emit::{Builder, Emitter, constant, sum};
use crate::event::{Event, limbs};
use crate::kind::Kind;
use crate::layout::{CLOCK_STEP, REGISTER_GAP, REGISTERS_WORD, SLOT_RD, SLOT_RS1, SLOT_RS2};
use crate::lower::table_of;
use crate::rom::{operation, registers};

columns! {
    /// Control of one instruction.
    pub struct Cpu {
        /// Halfword index of the instruction, `(address - 0x8000_0000) / 2`; free on padding rows.
        pc,
        /// Halfword index of the next instruction; for straight-line code the program row gives it.
        next_pc,
        /// Time of the first access slot; free on padding rows.
        clock,
    }
}

columns! {
    /// A register that is read: its value is the one of its last access.
    pub struct Read {
        /// Register number, from the program row.
        reg,
        /// Value, four 16-bit limbs, least significant first.
        value: [4],
        /// Time of the previous access.
        prev,
    }
}

columns! {
    /// A register that is overwritten.
    pub struct Write {
        /// Register number, from the program row; a destination of x0 is the sink there.
        reg,
        /// The value that is lost.
        old: [4],
        /// Time of the previous access.
        prev,
    }
}

columns! {
    /// An instruction of two operands.
    pub struct Binary {
        /// Control.
        cpu: Cpu,
        /// The first operand.
        rs1: Read,
        /// The second operand; if it is an immediate, the number of the register is 0, as is the time of its previous
        /// access.
        rs2: Read,
        /// The destination.
        rd: Write,
    }
}

columns! {
    /// An instruction of one operand.
    pub struct Unary {
        /// Control.
        cpu: Cpu,
        /// The operand.
        rs1: Read,
        /// The destination.
        rd: Write,
    }
}

/// The program row of an instruction as expressions, all zero by default: what [`Emitter::instruction`] binds.
#[derive(Clone, Debug, Default)]
pub struct ProgramRow<E> {
    /// Operation number, see [`crate::rom::operation`].
    pub operation: E,
    /// Destination register or zero.
    pub rd: E,
    /// First source register or zero.
    pub rs1: E,
    /// Second source register or zero.
    pub rs2: E,
    /// The four words of immediates.
    pub w: [E; 4],
}

impl Cpu<F> {
    /// The control cells of an event.
    pub fn fill(event: &Event) -> Self {
        Self { pc: F::from_u32(event.row.pc), next_pc: F::from_u32(event.next_pc), clock: F::from_u32(event.clock) }
    }
}

impl Read<F> {
    /// The cells of the read of rs1.
    pub fn rs1(event: &Event) -> Self {
        Self { reg: F::from_u32(event.row.rs1), value: limbs(event.rs1), prev: F::from_u32(event.rs1_prev) }
    }

    /// The cells of the read of rs2, or the immediate in its place.
    pub fn rs2(event: &Event) -> Self {
        Self { reg: F::from_u32(event.row.rs2), value: limbs(event.rs2), prev: F::from_u32(event.rs2_prev) }
    }
}

impl Write<F> {
    /// The cells of the write of rd.
    pub fn rd(event: &Event) -> Self {
        Self { reg: F::from_u32(event.row.rd), old: limbs(event.rd_old), prev: F::from_u32(event.rd_prev) }
    }
}

impl Binary<F> {
    /// The cells of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event), rs1: Read::rs1(event), rs2: Read::rs2(event), rd: Write::rd(event) }
    }
}

impl Unary<F> {
    /// The cells of an event.
    pub fn fill(event: &Event) -> Self {
        Self { cpu: Cpu::fill(event), rs1: Read::rs1(event), rd: Write::rd(event) }
    }
}

/// The number by which the program row names an operation whose operands are registers.
///
/// # Panics
/// If it has no table.
#[inline]
pub fn number(op: Op) -> F {
    let (table, flag) = table_of(op).expect("an operation with a table");
    F::from_u32(operation(table, flag, false))
}

/// What the tables say of their instructions.
impl<AB: Builder> Emitter<'_, AB> {
    /// Asserts that each flag is boolean and that at most one is set; their sum, `is_real`, is returned.
    pub fn one_hot(&mut self, flags: &[AB::Var]) -> AB::Expr {
        self.booleans("flag is boolean", flags.iter().copied());
        let is_real = sum::<AB>(flags);
        self.boolean("at most one flag", is_real.clone());
        is_real
    }

    /// [`Self::one_hot`] of the flags of a table's operations in the order of their numbers. Returned are `is_real` and
    /// the number of the operation whose flag is set, 0 on padding rows.
    pub fn one_operation(&mut self, table: Kind, flags: &[AB::Var]) -> (AB::Expr, AB::Expr) {
        let term = |(i, &flag): (usize, &AB::Var)| flag * F::from_u32(operation(table, i as u8, false));
        (self.one_hot(flags), flags.iter().enumerate().map(term).sum())
    }

    /// Asserts that `is_imm` is boolean and zero on padding rows, where `is_real - is_imm` would otherwise be -1;
    /// returned is that difference, the count of the read of rs2.
    ///
    /// An immediate is no register and has no previous access: `reg` and `prev`, the number and the time of rs2's, are
    /// then zero.
    pub fn immediate_flag(&mut self, is_imm: AB::Var, [reg, prev]: [AB::Var; 2], is_real: &AB::Expr) -> AB::Expr {
        self.zero_when("an immediate is no register", is_imm, reg);
        self.zero_when("an immediate has no previous access", is_imm, prev);
        self.flag(["is_imm is boolean", "is_imm on real rows only"], is_imm, is_real.clone());
        is_real.clone() - is_imm.into()
    }

    /// Moves the machine from `(pc, clock)` to `(next_pc, clock + 4)` by an instruction of the program.
    pub fn instruction(&mut self, cpu: &Cpu<AB::Var>, row: ProgramRow<AB::Expr>, is_real: &AB::Expr) {
        self.control_flow(cpu, cpu.next_pc, row, is_real);
    }

    /// [`Self::instruction`] of which the program says another next pc than the one that the table makes of it.
    pub fn control_flow(
        &mut self,
        cpu: &Cpu<AB::Var>,
        program_next_pc: impl Into<AB::Expr>,
        row: ProgramRow<AB::Expr>,
        is_real: &AB::Expr,
    ) {
        self.take(STATE, [cpu.pc.into(), cpu.clock.into()], is_real.clone());
        self.give(STATE, [cpu.next_pc.into(), cpu.clock + F::from_u32(CLOCK_STEP)], is_real.clone());
        let [w0, w1, w2, w3] = row.w;
        let registers = registers([row.rd, row.rs1, row.rs2]);
        let tuple = [cpu.pc.into(), program_next_pc.into(), row.operation, registers, w0, w1, w2, w3];
        self.look_up(PROGRAM, tuple, is_real.clone());
    }

    /// [`Self::instruction`] of two registers, which are read. The program says of it the number of an operation and
    /// words.
    pub fn binary(&mut self, frame: &Binary<AB::Var>, says: (AB::Expr, [AB::Expr; 4]), is_real: &AB::Expr) {
        self.binary_reading(frame, says, is_real, is_real);
    }

    /// [`Self::binary`], or iff `is_imm` of rs1 and the immediate that the program row then has in the place of rs2.
    pub fn binary_or_immediate(
        &mut self,
        frame: &Binary<AB::Var>,
        (operation, is_imm): (AB::Expr, AB::Var),
        is_real: &AB::Expr,
    ) {
        let reads_rs2 = self.immediate_flag(is_imm, [frame.rs2.reg, frame.rs2.prev], is_real);
        let says = (operation + is_imm, frame.rs2.value.map(|limb| is_imm * limb));
        self.binary_reading(frame, says, is_real, &reads_rs2);
    }

    fn binary_reading(
        &mut self,
        frame: &Binary<AB::Var>,
        (operation, w): (AB::Expr, [AB::Expr; 4]),
        is_real: &AB::Expr,
        reads_rs2: &AB::Expr,
    ) {
        let (rd, rs1, rs2) = (frame.rd.reg.into(), frame.rs1.reg.into(), frame.rs2.reg.into());
        self.instruction(&frame.cpu, ProgramRow { operation, rd, rs1, rs2, w }, is_real);
        self.read_rs1(frame.cpu.clock, &frame.rs1, is_real);
        self.read_rs2(frame.cpu.clock, &frame.rs2, reads_rs2);
    }

    /// [`Self::instruction`] of one register, which is read. The program says of it the number of an operation and
    /// words.
    pub fn unary(&mut self, frame: &Unary<AB::Var>, (operation, w): (AB::Expr, [AB::Expr; 4]), is_real: &AB::Expr) {
        let (rd, rs1) = (frame.rd.reg.into(), frame.rs1.reg.into());
        self.instruction(&frame.cpu, ProgramRow { operation, rd, rs1, rs2: AB::Expr::ZERO, w }, is_real);
        self.read_rs1(frame.cpu.clock, &frame.rs1, is_real);
    }

    /// Reads rs1 in its slot, on `count` (0 or 1) rows.
    pub fn read_rs1(&mut self, clock: AB::Var, rs1: &Read<AB::Var>, count: &AB::Expr) {
        self.read(rs1.reg, clock + F::from_u32(SLOT_RS1), rs1.prev, rs1.value.map(Into::into), count);
    }

    /// Reads rs2 in its slot, on `count` (0 or 1) rows.
    pub fn read_rs2(&mut self, clock: AB::Var, rs2: &Read<AB::Var>, count: &AB::Expr) {
        self.read(rs2.reg, clock + F::from_u32(SLOT_RS2), rs2.prev, rs2.value.map(Into::into), count);
    }

    /// Writes `value`, whose limbs the caller has bounded by 2^16, to rd in its slot, on `count` (0 or 1) rows.
    pub fn write_rd(
        &mut self,
        clock: AB::Var,
        write: &Write<AB::Var>,
        value: [impl Into<AB::Expr>; 4],
        count: &AB::Expr,
    ) {
        let (old, new) = (write.old.map(Into::into), value.map(Into::into));
        self.register(write.reg, clock + F::from_u32(SLOT_RD), write.prev, old, new, count);
    }

    /// Reads a register at `time`, on `count` (0 or 1) rows.
    pub fn read(&mut self, reg: AB::Var, time: AB::Expr, prev: AB::Var, value: [AB::Expr; 4], count: &AB::Expr) {
        self.register(reg, time, prev, value.clone(), value, count);
    }

    /// Accesses a register at `time`; the gap to its previous access is in 1..=2^16, longer ones are refreshed.
    pub fn register(
        &mut self,
        reg: AB::Var,
        time: AB::Expr,
        prev: AB::Var,
        old: [AB::Expr; 4],
        new: [AB::Expr; 4],
        count: &AB::Expr,
    ) {
        let gap = time.clone() - prev.into() - AB::Expr::ONE;
        self.range(constant::<AB>(REGISTER_GAP), gap, count.clone());
        self.access((reg + F::from_u32(REGISTERS_WORD), true), time, prev, old, new, count);
    }

    /// Takes a word, which is a register's or not, as its previous access left it and gives it back at `time`. The caller
    /// proves `prev < time`.
    pub fn access(
        &mut self,
        (word, is_register): (AB::Expr, bool),
        time: AB::Expr,
        prev: impl Into<AB::Expr>,
        old: [AB::Expr; 4],
        new: [AB::Expr; 4],
        count: &AB::Expr,
    ) {
        let is_register = AB::Expr::from_bool(is_register);
        let [o0, o1, o2, o3] = old;
        self.take(MEMORY, [word.clone(), prev.into(), o0, o1, o2, o3, is_register.clone()], count.clone());
        let [n0, n1, n2, n3] = new;
        self.give(MEMORY, [word, time, n0, n1, n2, n3, is_register], count.clone());
    }
}
