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
//! 3.

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
    use p3_matrix::dense::RowMajorMatrix;
    use spec_interp::decode;

    use super::*;
    use crate::address::samples::{Sample, assert_says, complaints, events, rom};
    use crate::check::mutation::forgery_caught;
    use crate::check::samples::{OPERANDS, assert_caught, assert_honest};
    use crate::columns::Columns;
    use crate::kind::Kind;
    use crate::rom::Rom;
    use crate::table::Table;
    use crate::witness::instruction_trace;

    fn samples() -> Vec<Sample> {
        let inst = decode(0x73).expect("ecall");
        let numbers = OPERANDS.into_iter().flat_map(|word| [(syscall::WRITE, word), (syscall::EXIT, word)]);
        let operands = numbers.zip(OPERANDS.into_iter().rev().cycle());
        operands.map(|((rs1, word), data)| Sample { inst, rs1, data, word, next: 0 }).cycle().take(64).collect()
    }

    fn trace(rom: &Rom, samples: &[Sample]) -> RowMajorMatrix<F> {
        instruction_trace(Kind::System, &events(rom, samples))
    }

    #[test]
    fn honest_rows_hold_and_say_what_the_instruction_means() {
        let samples = samples();
        let rom = rom(&samples);
        let (trace, events) = (trace(&rom, &samples), events(&rom, &samples));
        assert_honest(Kind::System, &rom, &trace);
        assert_says(Kind::System, &events);
        for (i, event) in events.iter().enumerate() {
            let report = crate::check::evaluate(&Table::new(Kind::System), &trace, i, &[]);
            let exits = report.messages.into_iter().filter(|m| m.bus == EXIT);
            let codes: Vec<_> = exits.map(|m| (m.tuple, m.count)).collect();
            let code = (crate::event::limbs(event.rd_old).to_vec(), F::ONE);
            assert_eq!(codes, if event.rs1 == syscall::EXIT { vec![code] } else { vec![] });
        }
    }

    #[test]
    fn mutants_are_caught() {
        let samples = samples();
        let rom = rom(&samples[..63]);
        assert_caught(Kind::System, &rom, &trace(&rom, &samples[..63]), 1, |column, cells| {
            let row = System::from_row(cells);
            // Padding rows say nothing.
            row.is_write + row.is_exit == F::ZERO && !column.starts_with("is_")
        });
    }

    #[test]
    fn a_write_is_no_exit_and_an_exit_has_one_code() {
        let samples = samples();
        let rom = rom(&samples);
        let trace = trace(&rom, &samples);
        let caught = |row: usize, forge: fn(&mut System<F>)| {
            forgery_caught(&Table::new(Kind::System), &trace, &rom, &[], row, |cells| {
                let mut row = System::from_row(cells);
                forge(&mut row);
                row.write(cells);
            })
        };
        for row in 0..samples.len() {
            assert!(!caught(row, |_| ()));
            // Another call of the same number's register; the constraints have nothing against it.
            assert!(caught(row, |row| {
                (row.is_write, row.is_exit) = (row.is_exit, row.is_write);
                let behind = row.cpu.pc + F::TWO;
                row.cpu.next_pc = row.is_write * behind + row.is_exit * F::from_u32(HALTED_PC);
            }));
        }
    }

    /// Where control goes is for the constraint alone to say, wherever it is: to another instruction, to itself, to a halt.
    #[test]
    fn control_goes_on_or_halts() {
        let samples = samples();
        let rom = rom(&samples);
        for event in events(&rom, &samples) {
            let honest = System::fill(&event);
            assert_eq!(complaints(Kind::System, &rom, &honest), [""; 0]);
            let others = [event.row.pc, event.row.pc + 2, event.row.pc + 4, 0, HALTED_PC].map(F::from_u32);
            for next_pc in others.into_iter().filter(|pc| *pc != honest.cpu.next_pc) {
                let forged = System { cpu: Cpu { next_pc, ..honest.cpu }, ..honest };
                assert_eq!(complaints(Kind::System, &rom, &forged), ["exit halts, write goes on"]);
            }
        }
    }
}
