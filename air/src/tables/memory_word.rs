//! Naturally aligned loads and stores of doublewords and words: `ld lw lwu sd sw`.
//!
//! # Assumes
//! Registers and memory words are four 16-bit limbs, so that what is copied needs no check.
//!
//! # Constrains
//! At the address of [`address`], a multiple of 8, or of 4 for words: `ld` copies the word to rd; `lw` and `lwu` copy
//! its lower or upper half and extend it by bit 31 or by zero; `sd` copies the data register to the word, `sw` its
//! lower half to the lower or upper half, and leave the register and the rest of the word as they were.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct MemoryWord {
        /// Iff the row is `ld`.
        is_ld,
        /// Iff the row is `lw`.
        is_lw,
        /// Iff the row is `lwu`.
        is_lwu,
        /// Iff the row is `sd`.
        is_sd,
        /// Iff the row is `sw`.
        is_sw,
        /// Iff the row loads the upper half of a word.
        load_high,
        /// Iff the row stores to the upper half of a word.
        store_high,
        /// Control.
        cpu: Cpu,
        /// The register of the address.
        rs1: Base,
        /// The word accessed.
        memory: Memory,
        /// The data register: the destination of a load, the source of a store.
        data: Write,
        /// Bit 31 of the value loaded iff the row is `lw`, else 0.
        sign,
    }
}

impl MemoryWord<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let flag = |op| event.row.op() == op;
        let high = address::effective(event) & 4 != 0;
        Self {
            is_ld: F::from_bool(flag(Op::Ld)),
            is_lw: F::from_bool(flag(Op::Lw)),
            is_lwu: F::from_bool(flag(Op::Lwu)),
            is_sd: F::from_bool(flag(Op::Sd)),
            is_sw: F::from_bool(flag(Op::Sw)),
            load_high: F::from_bool(high && (flag(Op::Lw) || flag(Op::Lwu))),
            store_high: F::from_bool(high && flag(Op::Sw)),
            cpu: Cpu::fill(event),
            rs1: Base::fill(event, event.row.w[0]),
            memory: Memory::fill(event),
            data: Write::rd(event),
            sign: F::from_bool(flag(Op::Lw) && event.rd_new >> 63 == 1),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Ld], &[Op::Lw], &[Op::Lwu], &[Op::Sd], &[Op::Sw]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemoryWord<AB::Var>) {
    let flags = [row.is_ld, row.is_lw, row.is_lwu, row.is_sd, row.is_sw];
    let (is_real, operation) = e.one_operation(Kind::MemoryWord, &flags);
    let is_load_word: AB::Expr = row.is_lw + row.is_lwu;
    let is_store: AB::Expr = row.is_sd + row.is_sw;

    e.flag(["load_high is boolean", "load_high on lw and lwu only"], row.load_high, is_load_word.clone());
    e.flag(["store_high is boolean", "store_high on sw only"], row.store_high, row.is_sw);
    e.flag(["sign is boolean", "sign on lw only"], row.sign, row.is_lw);

    let offset = (row.load_high + row.store_high) * F::from_u32(4);
    let (imm, word) = address::locate(e, &row.rs1, &row.memory, offset, &is_store, &is_real);
    address::instruction(e, &row.cpu, (operation, imm), (&row.rs1, AB::Expr::ZERO, &row.data), &is_real);

    let (m, d) = (row.memory.old, row.data.old);
    let stored = |i: usize| {
        let to_low = row.is_sd + row.is_sw - row.store_high;
        if i < 2 { to_low * (d[i] - m[i]) } else { row.is_sd * (d[i] - m[i]) + row.store_high * (d[i - 2] - m[i]) }
    };
    let loaded = |i: usize| {
        let from_low = is_load_word.clone() + row.is_ld - row.load_high;
        if i < 2 {
            from_low * m[i] + row.load_high * m[i + 2]
        } else {
            row.is_ld * m[i] + row.sign * F::from_u32(0xffff)
        }
    };
    let new_word = core::array::from_fn(|i| stored(i) + m[i]);
    let new_data = core::array::from_fn(|i| loaded(i) + is_store.clone() * d[i]);
    address::access(e, row.cpu.clock, (word, &row.memory, new_word), (&row.data, new_data), &is_real);

    // Without its sign bit the upper limb of a word lies below 2^15, which makes the bit the sign.
    let limb = row.load_high * (m[3] - m[1]) + m[1];
    e.range(constant::<AB>(1 << 15), limb - row.sign * F::from_u32(1 << 15), row.is_lw);
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::address::samples::wrong;
    use crate::check::samples::Sample;

    #[test]
    fn the_other_half_is_caught() {
        for (op, offset) in [(Op::Lw, 0), (Op::Lwu, 4), (Op::Sw, 0), (Op::Sw, 4)] {
            let sample = Sample::access(op, 0xa000_0000 + offset, 0, 1, 2);
            let half = F::from_bool(offset == 0);
            let other = |row: &mut MemoryWord<F>| {
                *(if op == Op::Sw { &mut row.store_high } else { &mut row.load_high }) = half;
            };
            assert_eq!(wrong(Kind::MemoryWord, sample, other), ["program"]);
            // The index that hides it is no integer.
            let hidden = |row: &mut MemoryWord<F>| {
                other(row);
                row.memory.index -= (half.double() - F::ONE).halve();
            };
            assert_eq!(wrong(Kind::MemoryWord, sample, hidden), ["range"]);
        }
    }

    #[test]
    fn a_half_of_a_doubleword_is_caught() {
        for op in [Op::Ld, Op::Sd] {
            let sample = Sample::access(op, 0xa000_0004, 0, 1, 2);
            let load = |row: &mut MemoryWord<F>| row.load_high = F::ONE;
            assert_eq!(wrong(Kind::MemoryWord, sample, load), ["load_high on lw and lwu only"]);
            let store = |row: &mut MemoryWord<F>| row.store_high = F::ONE;
            assert_eq!(wrong(Kind::MemoryWord, sample, store), ["store_high on sw only"]);
        }
    }

    #[test]
    fn a_sign_of_ones_own_is_caught() {
        for (op, word) in [(Op::Lw, 1 << 31), (Op::Lw, 1 << 30), (Op::Lwu, 1 << 31), (Op::Ld, 0)] {
            let flip = |row: &mut MemoryWord<F>| row.sign = F::ONE - row.sign;
            let expected = if op == Op::Lw { "range" } else { "sign on lw only" };
            assert_eq!(wrong(Kind::MemoryWord, Sample::access(op, 0xa000_0000, 0, 1, word), flip), [expected]);
        }
    }
}
