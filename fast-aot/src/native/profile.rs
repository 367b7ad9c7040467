//! Which registers the instructions that run name, by samples: what to keep in host registers, better than a guess from
//! the code can be.

use spec_interp::Program;

use crate::translate::blocks::{MAX_BLOCK, ends_block};
use crate::translate::homes::{HOST, Uses};

/// Samples from which homes are chosen anew.
const SAMPLES: u32 = 64;
/// Instructions between two samples, for each instruction translated: translating costs about as much as running a
/// thousand, so the first choice comes when that is a fifth of the time, at most.
const PERIOD: u64 = 64;
/// How much longer it then takes to the next choice.
const BACKOFF: u64 = 8;
/// What a sample counts, shared by the instructions of its block.
const WEIGHT: u64 = 1 << 20;

/// Samples of a run.
#[derive(Debug, Default)]
pub struct Profile {
    uses: Uses,
    period: u64,
    next: u64,
    taken: u32,
}

impl Profile {
    /// A run of which so much is known.
    #[cfg(test)]
    pub fn of(uses: Uses) -> Self {
        Self { uses, ..Self::default() }
    }

    /// Goes on with a translation of so many instructions, unless it has begun.
    pub fn begin(&mut self, instructions: usize, retired: u64) {
        if self.period == 0 {
            self.period = PERIOD * instructions as u64;
            self.next = retired + self.period;
        }
    }

    /// Instructions to the next sample.
    pub fn left(&self, retired: u64) -> u64 {
        self.next.saturating_sub(retired).max(1)
    }

    /// Takes a sample, if it is time, from the block at an address; whether it is time to choose homes anew.
    pub fn sample(&mut self, program: &Program, block: u64, retired: u64) -> bool {
        if retired < self.next {
            return false;
        }
        let mut code = Vec::with_capacity(MAX_BLOCK);
        let mut pc = block;
        while let Some(inst) = program.inst_at(pc).filter(|_| code.len() < MAX_BLOCK) {
            code.push(inst);
            if ends_block(inst.op) {
                break;
            }
            pc = pc.wrapping_add(u64::from(inst.len));
        }
        if self.taken == 0 {
            // The samples before stood for fewer instructions each.
            self.uses.iter_mut().for_each(|uses| *uses /= BACKOFF);
        }
        for inst in &code {
            for register in [inst.rd, inst.rs1, inst.rs2] {
                self.uses[usize::from(register & 31)] += WEIGHT / code.len() as u64;
            }
        }
        self.next = retired + self.period;
        self.taken += 1;
        let enough = self.taken == SAMPLES;
        if enough {
            self.taken = 0;
            self.period = self.period.saturating_mul(BACKOFF);
            self.next = retired.saturating_add(self.period);
        }
        enough
    }

    /// How often registers have been seen.
    pub const fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Whether another choice would keep a twentieth more of the uses in host registers than one that has some there.
    pub fn asks_for_more(&self, in_host: impl Fn(usize) -> bool) -> bool {
        let mut uses = self.uses;
        uses[0] = 0;
        let all: u64 = uses.iter().sum();
        let kept: u64 = (0..32).filter(|&register| in_host(register)).map(|register| uses[register]).sum();
        uses.sort_unstable();
        let best: u64 = uses.iter().rev().take(HOST.len()).sum();
        best - kept > all / 20
    }
}
