//! System calls: `ecall` as `write` or `exit`.
//!
//! # Assumes
//! Registers are four 16-bit limbs. The program row of every `ecall` names a7 as rs1, a2 as rs2 and a0 as rd, and says
//! nothing else; it is four bytes long.
//!
//! # Constrains
//! a7 holds 64 or 93. On 64 (`write`) a0 becomes a2 and control goes on. On 93 (`exit`) a0 stays, its limbs are the
//! exit code, and control goes to a pc that has no instruction. Any other number has no row.
//!
//! # Degree
//! 2.

use spec_interp::map::syscall;

use crate::bus::EXIT;
use crate::layout::{HALTED_PC, SLOT_RS1};
use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct System {
        /// Iff the row is `write`.
        is_write,
        /// Iff the row is `exit`.
        is_exit,
        /// Control.
        cpu: Cpu,
        /// Number of the register a7, from the program row.
        a7_reg,
        /// Time of the previous access of a7.
        a7_prev,
        /// The third argument.
        a2: Read,
        /// The first argument and the result.
        a0: Write,
    }
}

impl System<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self {
            is_write: F::from_bool(event.rs1 == syscall::WRITE),
            is_exit: F::from_bool(event.rs1 == syscall::EXIT),
            cpu: Cpu::fill(event),
            a7_reg: F::from_u32(event.row.rs1),
            a7_prev: F::from_u32(event.rs1_prev),
            a2: Read::rs2(event),
            a0: Write::rd(event),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Ecall]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &System<AB::Var>) {
    let is_real = e.one_hot(&[row.is_write, row.is_exit]);
    let clock = row.cpu.clock;
    let behind = row.cpu.pc + F::TWO;
    let next_pc = row.is_write * behind.clone() + row.is_exit * F::from_u32(HALTED_PC);
    e.equal("exit halts, write goes on", row.cpu.next_pc, next_pc);

    let program_row = ProgramRow {
        operation: number(Op::Ecall).into(),
        rd: row.a0.reg.into(),
        rs1: row.a7_reg.into(),
        rs2: row.a2.reg.into(),
        ..ProgramRow::default()
    };
    e.control_flow(&row.cpu, behind, program_row, &is_real);

    let call = row.is_write * F::from_u64(syscall::WRITE) + row.is_exit * F::from_u64(syscall::EXIT);
    e.read(row.a7_reg, clock + F::from_u32(SLOT_RS1), row.a7_prev, padded([call]), &is_real);
    e.read_rs2(clock, &row.a2, &is_real);
    let result: [AB::Expr; 4] = core::array::from_fn(|i| row.is_write * row.a2.value[i] + row.is_exit * row.a0.old[i]);
    e.write_rd(clock, &row.a0, result, &is_real);
    e.give(EXIT, row.a0.old.map(Into::into), row.is_exit);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::samples::Samples;
    use crate::kind::Kind;

    #[test]
    fn a_write_is_no_exit_and_an_exit_has_one_code() {
        let samples = Samples::of(Kind::System);
        for row in 0..samples.list.len() {
            assert!(!samples.is_caught(row, |_: &mut System<F>| ()));
            // Another call of the same number's register; the constraints have nothing against it.
            assert!(samples.is_caught(row, |row: &mut System<F>| {
                (row.is_write, row.is_exit) = (row.is_exit, row.is_write);
                let behind = row.cpu.pc + F::TWO;
                row.cpu.next_pc = row.is_write * behind + row.is_exit * F::from_u32(HALTED_PC);
            }));
        }
    }

    /// Where control goes is for the constraint alone to say, wherever it is: to another instruction, to itself, to a halt.
    #[test]
    fn control_goes_on_or_halts() {
        let samples = Samples::of(Kind::System);
        for (_, event) in samples.events() {
            let honest = System::fill(&event);
            assert_eq!(samples.complaints(&honest), [""; 0]);
            let others = [event.row.pc, event.row.pc + 2, event.row.pc + 4, 0, HALTED_PC].map(F::from_u32);
            for next_pc in others.into_iter().filter(|pc| *pc != honest.cpu.next_pc) {
                let forged = System { cpu: Cpu { next_pc, ..honest.cpu }, ..honest };
                assert_eq!(samples.complaints(&forged), ["exit halts, write goes on"]);
            }
        }
    }
}
