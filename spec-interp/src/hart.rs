//! The surroundings of an instruction on a machine: memory, reservation, system calls.

use alloc::format;

use crate::exec::Env;
use crate::fault::Cause;
use crate::map::syscall;
use crate::words::{Accesses, Words};

/// The console that the machine itself speaks on.
const STDERR: u64 = 2;

/// What an instruction reaches beside its operands, over any memory.
#[derive(Debug)]
pub struct Hart<'a, M, C> {
    /// a0 and a1, for system calls.
    pub arguments: [u64; 2],
    /// The instructions retired before.
    pub retired: u64,
    /// The memory.
    pub memory: &'a mut M,
    /// What `lr` has reserved, as [`reservation`] says.
    pub reservation: &'a mut u64,
    /// The doublewords read or written, to be seen afterwards.
    pub accesses: Accesses,
    /// Set by `exit`.
    pub exit_code: &'a mut Option<u64>,
    /// Takes what `write` shows, with the stream's number.
    pub console: C,
}

impl<M: Words, C: FnMut(u64, &[u8])> Env for Hart<'_, M, C> {
    #[inline(always)]
    fn load(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        self.memory.load(addr, width, &mut self.accesses)
    }

    #[inline(always)]
    fn store(&mut self, addr: u64, width: u64, value: u64) -> Result<(), Cause> {
        self.memory.store(addr, width, value, &mut self.accesses)
    }

    fn update(&mut self, addr: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
        self.memory.update(addr, width, new, &mut self.accesses)
    }

    fn load_reserved(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        if !addr.is_multiple_of(width) {
            return Err(Cause::MisalignedAtomic { addr });
        }
        let value = self.memory.load(addr, width, &mut self.accesses)?;
        *self.reservation = reservation(addr, width);
        Ok(value)
    }

    fn store_conditional(&mut self, addr: u64, width: u64, value: u64) -> Result<bool, Cause> {
        let succeeds = *self.reservation == reservation(addr, width);
        self.memory.update(addr, width, |old| if succeeds { value } else { old }, &mut self.accesses)?;
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
                    let shown = self.memory.read_bytes(a1, a2, |bytes| (self.console)(a0, bytes));
                    if shown < a2 {
                        let line = format!("[machine] write({a0}, {a1:#x}, {a2}): memory ends after {shown} bytes\n");
                        (self.console)(STDERR, line.as_bytes());
                    }
                }
                Ok(a2)
            }
            _ => Err(Cause::UnknownSyscall { number }),
        }
    }
}

/// How the machine remembers what `lr` reserves: never 0. An address that memory has lies below 2^32.
#[must_use]
pub const fn reservation(addr: u64, width: u64) -> u64 {
    addr | width << 32
}
