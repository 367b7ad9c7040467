//! Single instructions, by the reference's meaning over the fast engine's memory.

use spec_interp::exec::{Env, exec};
use spec_interp::map::{INPUT_BASE, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE, syscall};
use spec_interp::{Cause, Inst, reservation};

use super::region::Region;
use super::{Machine, memory};

impl Machine {
    /// Executes an instruction at the pc; returns what it writes to its destination, also where that is x0.
    pub(super) fn execute(&mut self, inst: &Inst, console: &mut dyn FnMut(u64, &[u8])) -> Result<u64, Cause> {
        let regs = &self.context.regs;
        let (rs1, rs2) = (regs[usize::from(inst.rs1 & 31)], regs[usize::from(inst.rs2 & 31)]);
        let mut hart = Hart {
            arguments: [regs[10], regs[11]],
            retired: self.retired,
            region: &mut self.region,
            reservation: &mut self.context.reservation,
            exit_code: &mut self.exit_code,
            console,
        };
        let (rd, next_pc) = exec(inst, self.pc, rs1, rs2, &mut hart)?;
        self.context.regs[usize::from(inst.rd & 31)] = rd;
        self.context.regs[0] = 0;
        self.pc = next_pc;
        self.retired += 1;
        Ok(rd)
    }
}

struct Hart<'a> {
    /// a0 and a1, for system calls.
    arguments: [u64; 2],
    retired: u64,
    region: &'a mut Region,
    reservation: &'a mut u64,
    exit_code: &'a mut Option<u64>,
    console: &'a mut dyn FnMut(u64, &[u8]),
}

impl Env for Hart<'_> {
    fn load(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        memory::load(self.region, addr, width)
    }

    fn store(&mut self, addr: u64, width: u64, value: u64) -> Result<(), Cause> {
        memory::store(self.region, addr, width, value)
    }

    fn update(&mut self, addr: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
        memory::update(self.region, addr, width, new)
    }

    fn load_reserved(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        if !addr.is_multiple_of(width) {
            return Err(Cause::MisalignedAtomic { addr });
        }
        let value = memory::load(self.region, addr, width)?;
        *self.reservation = reservation(addr, width);
        Ok(value)
    }

    fn store_conditional(&mut self, addr: u64, width: u64, value: u64) -> Result<bool, Cause> {
        let succeeds = *self.reservation == reservation(addr, width);
        memory::update(self.region, addr, width, |old| if succeeds { value } else { old })?;
        *self.reservation = 0;
        Ok(succeeds)
    }

    fn retired(&self) -> u64 {
        self.retired
    }

    fn ecall(&mut self, number: u64, a2: u64) -> Result<u64, Cause> {
        let [a0, a1] = self.arguments;
        match number {
            syscall::EXIT => {
                *self.exit_code = Some(a0);
                Ok(a0)
            }
            syscall::WRITE => {
                if matches!(a0, 1 | 2) {
                    self.show(a0, a1, a2.min(syscall::CONSOLE_LIMIT));
                }
                Ok(a2)
            }
            _ => Err(Cause::UnknownSyscall { number }),
        }
    }
}

/// Where loads may go, as (start, end).
const READABLE: [(u64, u64); 3] = [
    (INPUT_BASE, PROGRAM_BASE + PROGRAM_SIZE),
    (RAM_BASE, RAM_BASE + RAM_SIZE),
    (OUTPUT_BASE, OUTPUT_BASE + OUTPUT_SIZE),
];

/// The most bytes shown at once.
const PIECE: usize = 4096;

impl Hart<'_> {
    /// Shows the readable bytes of a range on the console.
    fn show(&mut self, fd: u64, addr: u64, len: u64) {
        let mut piece = Vec::with_capacity(PIECE);
        for (start, end) in READABLE {
            for at in addr.max(start)..addr.saturating_add(len).min(end) {
                let word = self.region.word(at & !7).unwrap_or(0);
                piece.push((word >> (at % 8 * 8)) as u8);
                if piece.len() == PIECE {
                    (self.console)(fd, &piece);
                    piece.clear();
                }
            }
        }
        if !piece.is_empty() {
            (self.console)(fd, &piece);
        }
    }
}
