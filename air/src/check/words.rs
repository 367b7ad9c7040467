//! The words that one instruction meets, for what `spec-interp` makes of it.

use spec_interp::exec::Env;
use spec_interp::{Cause, map, reservation};

/// Two words of memory, wherever they are, as one number; and the reservation.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Before.
    pub old: u128,
    /// After.
    pub new: u128,
    /// What is reserved; what a read of the counter finds.
    pub reservation: u64,
}

impl Words {
    /// The bits that an access reaches, and how far up they stand.
    const fn place(addr: u64, width: u64) -> (u128, u64) {
        ((1 << (8 * width)) - 1, 8 * (addr % 8))
    }
}

impl Env for Words {
    fn load(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        let (mask, shift) = Self::place(addr, width);
        Ok((self.old >> shift & mask) as u64)
    }

    fn store(&mut self, addr: u64, width: u64, value: u64) -> Result<(), Cause> {
        let (mask, shift) = Self::place(addr, width);
        self.new = self.old & !(mask << shift) | (u128::from(value) & mask) << shift;
        Ok(())
    }

    fn update(&mut self, addr: u64, width: u64, new: impl FnOnce(u64) -> u64) -> Result<u64, Cause> {
        let old = self.load(addr, width)?;
        self.store(addr, width, new(old))?;
        Ok(old)
    }

    fn load_reserved(&mut self, addr: u64, width: u64) -> Result<u64, Cause> {
        self.reservation = reservation(addr, width);
        self.load(addr, width)
    }

    fn store_conditional(&mut self, addr: u64, width: u64, value: u64) -> Result<bool, Cause> {
        let succeeds = core::mem::take(&mut self.reservation) == reservation(addr, width);
        if succeeds {
            self.store(addr, width, value)?;
        }
        Ok(succeeds)
    }

    fn retired(&self) -> u64 {
        self.reservation
    }

    fn ecall(&mut self, number: u64, a2: u64) -> Result<u64, Cause> {
        Ok(if number == map::syscall::EXIT { self.old as u64 } else { a2 })
    }
}
