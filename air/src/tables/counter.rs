//! Reads of the counter of instructions: `csrrs` and its like from `cycle` and `instret`.
//!
//! # Assumes
//! The clock is one of the state's: `4 + 4 n` below 2^26 after `n` instructions. The program row of every such read
//! names no source register and no immediate, because it writes nothing to the counter.
//!
//! # Constrains
//! Over the integers `clock = 4 + 4 (low + 2^16 high)` with `low < 2^16` and `high < 2^8`, so that rd becomes the number
//! of instructions retired before this one. As the sum lies below 2^24, the equation in the field is one over the
//! integers and its limbs are unique.
//!
//! # Degree
//! 2.

use crate::layout::{CLOCK_STEP, FIRST_CLOCK, TIME_BOUND};
use crate::prelude::*;

const LIMB: u32 = 1 << 16;
/// Bound of the counter's limb 1, by that of times.
const HIGH: u32 = TIME_BOUND / CLOCK_STEP / LIMB;

columns! {
    /// A row of the table.
    pub struct Counter {
        /// Iff the row is in use.
        is_real,
        /// Control.
        cpu: Cpu,
        /// The destination.
        rd: Write,
        /// Limb 1 of the counter; limb 0 is an expression of it and the clock, the upper limbs are zero.
        high,
    }
}

impl Counter<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        Self { is_real: F::ONE, cpu: Cpu::fill(event), rd: Write::rd(event), high: limbs(event.rd_new)[1] }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Csrrs, Op::Csrrc, Op::Csrrsi, Op::Csrrci]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Counter<AB::Var>) {
    let is_real = e.in_use(row.is_real);
    let program_row =
        ProgramRow { operation: number(Op::Csrrs).into(), rd: row.rd.reg.into(), ..ProgramRow::default() };
    e.instruction(&row.cpu, program_row, &is_real);

    let retired = (row.cpu.clock - constant::<AB>(FIRST_CLOCK)) * F::ONE.div_2exp_u64(CLOCK_STEP.ilog2().into());
    let low = retired - row.high * F::from_u32(LIMB);
    e.range(constant::<AB>(LIMB), low.clone(), is_real.clone());
    e.range(constant::<AB>(HIGH), row.high, is_real.clone());
    e.write_rd(row.cpu.clock, &row.rd, padded([low, row.high.into()]), &is_real);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::samples::{COUNTS, Samples};
    use crate::kind::Kind;
    use crate::layout::SLOT_RD;

    /// Limbs that lend to each other, and limbs that reach round the field: 2^16 * 0x7f00 = p - 1.
    #[test]
    fn a_counter_of_other_limbs_is_caught() {
        let samples = Samples::of(Kind::Counter);
        for (_, event) in samples.events() {
            let honest = Counter::fill(&event);
            assert_eq!(samples.complaints(&honest), [""; 0]);
            // Ahead by one, two or behind by one.
            for round in [0x7f00, 2 * 0x7f00, -0x7f00] {
                let high = honest.high + F::from_i32(round);
                assert_eq!(samples.complaints(&Counter { high, ..honest }), ["range"]);
            }
            for lent in [-1, 1, 255, 256] {
                let high = honest.high + F::from_i32(lent);
                assert_eq!(samples.complaints(&Counter { high, ..honest }), ["range"]);
            }
        }
    }

    /// The count of another clock comes with that clock, where the machine is not.
    #[test]
    fn a_counter_of_another_clock_is_caught() {
        let samples = Samples::of(Kind::Counter);
        for (i, (_, event)) in samples.events().enumerate() {
            assert!(!samples.is_caught(i, |_: &mut Counter<F>| ()));
            for count in COUNTS.into_iter().filter(|count| event.rd_new != u64::from(*count)) {
                let clock = FIRST_CLOCK + CLOCK_STEP * count;
                let rd_prev = clock + SLOT_RD - 1;
                let other = Counter::fill(&Event { clock, rd_new: count.into(), rd_prev, ..event });
                assert_eq!(samples.complaints(&other), [""; 0]);
                assert!(samples.is_caught(i, |row| *row = other));
                // At this clock it is another count's limb 1, if it is another one.
                let here = Counter { high: other.high, ..Counter::fill(&event) };
                assert_eq!(samples.complaints(&here).is_empty(), here.high == limbs(event.rd_new)[1]);
            }
        }
    }

    #[test]
    fn another_register_time_or_number_of_rows_is_caught() {
        let samples = Samples::of(Kind::Counter);
        for (_, event) in samples.events() {
            let found = |forge: &dyn Fn(&mut Counter<F>)| {
                let mut row = Counter::fill(&event);
                forge(&mut row);
                samples.complaints(&row)
            };
            assert_eq!(found(&|row| row.rd.reg += F::ONE), ["program"]);
            assert_eq!(found(&|row| row.cpu.next_pc += F::ONE), ["program"]);
            assert_eq!(found(&|row| row.is_real = F::TWO), ["is_real is boolean"]);
            // Its own tuple, a later one, one that is too long ago.
            for ahead in [0, 1, -(1 << 16) - 1] {
                let time = F::from_u32(event.clock + SLOT_RD) + F::from_i32(ahead);
                assert_eq!(found(&|row| row.rd.prev = time), ["range"]);
            }
        }
    }
}
