//! Loads and stores at addresses that their width does not divide (Zicclsm): `lh lhu lw lwu ld sh sw sd`.
//!
//! # Assumes
//! Registers and memory words are four 16-bit limbs.
//!
//! # Constrains
//! Let `offset` in `1..8` be what the address of [`address`] leaves over a multiple of 8, `m` the 16 bytes of the word
//! there and of the one behind it, `v` the 8 bytes of `value`, and `width` 2, 4 or 8. For `j < width`, loads copy
//! `m[offset + j]` to `v[j]` and stores copy `v[j]` to `m[offset + j]`; all other bytes of `m` stay as they were. Of
//! loads `v[j] = 0` for `j >= width`, and rd becomes `value`, extended by the top bit of its `width` bytes or by zero; of
//! stores `value` is the data register. The word behind is accessed iff `offset + width > 8`; else it counts as zero.
//!
//! An offset that the width does divide is not forbidden: such a row says what that of an aligned access says.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod edges;
#[cfg(test)]
mod tests;

use crate::address::next::{self, Next};
use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct MemoryMisaligned {
        /// Iff the row is `lh`.
        is_lh,
        /// Iff the row is `lhu`.
        is_lhu,
        /// Iff the row is `lw`.
        is_lw,
        /// Iff the row is `lwu`.
        is_lwu,
        /// Iff the row is `ld`.
        is_ld,
        /// Iff the row is `sh`.
        is_sh,
        /// Iff the row is `sw`.
        is_sw,
        /// Iff the row is `sd`.
        is_sd,
        /// Iff the address leaves 1 to 7 over a multiple of 8; none is set on padding rows.
        offset: [7],
        /// Iff the access reaches into the next word.
        crosses,
        /// Control.
        cpu: Cpu,
        /// The register of the address.
        rs1: Base,
        /// The word at the address.
        memory: Memory,
        /// The word behind it, all zero unless the access crosses.
        next: Next,
        /// The bytes of both words before the instruction.
        memory_bytes: Bytes,
        /// Those of the next word.
        next_bytes: Bytes,
        /// The limbs of both words after the instruction.
        after: [8],
        /// The data register: the destination of a load, the source of a store.
        data: Write,
        /// What a load finds, zero-extended; of a store the data register.
        value: [4],
        /// Its bytes.
        value_bytes: Bytes,
        /// Bit 15 of the value iff the row is `lh`, else 0.
        half_sign,
        /// Bit 31 of the value iff the row is `lw`, else 0.
        word_sign,
    }
}

/// The operations in the order of their flags.
pub const MISALIGNED: [Op; 8] = [Op::Lh, Op::Lhu, Op::Lw, Op::Lwu, Op::Ld, Op::Sh, Op::Sw, Op::Sd];

impl<T: Copy> MemoryMisaligned<T> {
    /// The flags of [`MISALIGNED`].
    const fn flags(&self) -> [T; 8] {
        [self.is_lh, self.is_lhu, self.is_lw, self.is_lwu, self.is_ld, self.is_sh, self.is_sw, self.is_sd]
    }
}

impl MemoryMisaligned<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let op = event.row.op();
        let width = match op {
            Op::Ld | Op::Sd => 8,
            Op::Lw | Op::Lwu | Op::Sw => 4,
            _ => 2,
        };
        let is_store = matches!(op, Op::Sh | Op::Sw | Op::Sd);
        let value = if is_store { event.rd_new } else { event.rd_new & u64::MAX >> (64 - 8 * width) };
        let offset = address::effective(event) % 8;
        let crosses = offset + width > 8;
        let (next, next_old, next_new) =
            if crosses { (Next::fill(event), event.second.old, event.second.new) } else { (Next::default(), 0, 0) };
        let after = [limbs(event.mem_new), limbs(next_new)];
        Self {
            is_lh: event.flag(Op::Lh),
            is_lhu: event.flag(Op::Lhu),
            is_lw: event.flag(Op::Lw),
            is_lwu: event.flag(Op::Lwu),
            is_ld: event.flag(Op::Ld),
            is_sh: event.flag(Op::Sh),
            is_sw: event.flag(Op::Sw),
            is_sd: event.flag(Op::Sd),
            offset: core::array::from_fn(|i| F::from_bool(offset == i as u64 + 1)),
            crosses: F::from_bool(crosses),
            cpu: Cpu::fill(event),
            rs1: Base::fill(event, event.row.w[0]),
            memory: Memory::fill(event),
            next,
            memory_bytes: Bytes::fill(event.mem_old),
            next_bytes: Bytes::fill(next_old),
            after: core::array::from_fn(|i| after[i / 4][i % 4]),
            data: Write::rd(event),
            value: limbs(value),
            value_bytes: Bytes::fill(value),
            half_sign: F::from_bool(op == Op::Lh && value >> 15 == 1),
            word_sign: F::from_bool(op == Op::Lw && value >> 31 == 1),
        }
    }
}

/// The operations are those of the tables of aligned accesses.
pub const OPS: &[&[Op]] = &[];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemoryMisaligned<AB::Var>) {
    let is_real = e.one_hot(&row.flags());
    let is_store: AB::Expr = row.is_sh + row.is_sw + row.is_sd;
    offset_flags(e, row, &is_real);
    let offset = row.offset.into_iter().zip(1..).map(|(flag, offset)| flag * F::from_u32(offset)).sum();

    let (imm, word) = address::locate(e, &row.rs1, &row.memory, offset, &is_store, &is_real);
    next::reach_next(e, (&row.rs1, &row.memory), &row.next, row.crosses);
    // The numbers of the tables that the aligned accesses have.
    let operation = row.flags().into_iter().zip(MISALIGNED).map(|(flag, op)| flag * number(op)).sum();
    address::instruction(e, &row.cpu, (operation, imm), (&row.rs1, AB::Expr::ZERO, &row.data), &is_real);

    transfer(e, row, &is_store, &is_real);
    let extension = |i: usize| match i {
        0 => AB::Expr::ZERO,
        1 => row.half_sign.into(),
        _ => row.half_sign + row.word_sign,
    };
    let new_data = core::array::from_fn(|i| extension(i) * F::from_u32(0xffff) + row.value[i]);
    let [a0, a1, a2, a3, a4, a5, a6, a7] = row.after.map(Into::into);
    let memory = (word.clone(), &row.memory, [a0, a1, a2, a3]);
    address::access(e, row.cpu.clock, memory, (&row.data, new_data), &is_real);
    next::access_next(e, row.cpu.clock, word, (&row.next, [a4, a5, a6, a7]), row.crosses);
}

/// One-hot flags of the offset, which say with the width whether the access crosses.
fn offset_flags<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemoryMisaligned<AB::Var>, is_real: &AB::Expr) {
    e.booleans("offset is boolean", row.offset);
    let from = |offset: usize| sum::<AB>(&row.offset[offset - 1..]);
    e.equal("one offset", from(1), is_real.clone());
    let [half, word, double] =
        [row.is_lh + row.is_lhu + row.is_sh, row.is_lw + row.is_lwu + row.is_sw, row.is_ld + row.is_sd];
    e.equal("crosses", row.crosses, half * from(7) + word * from(5) + double * from(1));
}

/// Copies bytes between the words and the value, and a stored value from its register; bounds the signs.
fn transfer<AB: Builder>(
    e: &mut Emitter<'_, AB>,
    row: &MemoryMisaligned<AB::Var>,
    is_store: &AB::Expr,
    is_real: &AB::Expr,
) {
    let low = e.bytes(LIMB_BITS, row.memory.old, &row.memory_bytes, is_real);
    let high = e.bytes(LIMB_BITS, row.next.old, &row.next_bytes, is_real);
    let m = [low, high].concat();
    let v = e.bytes(LIMB_BITS, row.value, &row.value_bytes, is_real);

    // The loads and the stores that reach byte `j` of the value.
    let reaching = |[half, word, double]: [AB::Expr; 3], j: usize| match j {
        0 | 1 => half + word + double,
        2 | 3 => word + double,
        _ => double,
    };
    let loads = |j| reaching([row.is_lh + row.is_lhu, row.is_lw + row.is_lwu, row.is_ld.into()], j);
    let stores = |j| reaching([row.is_sh, row.is_sw, row.is_sd].map(Into::into), j);

    for (j, byte) in v.iter().enumerate() {
        let found: AB::Expr = (1..8).map(|offset| m[offset + j].clone() * row.offset[offset - 1]).sum();
        e.equal("byte loaded", (is_real.clone() - is_store.clone()) * byte.clone(), loads(j) * found);
    }
    for (value, data) in row.value.into_iter().zip(row.data.old) {
        e.zero_when("value stored", is_store.clone(), value - data);
    }
    let change = |k: usize| -> AB::Expr {
        let from = |offset: usize| stores(k - offset) * row.offset[offset - 1] * (v[k - offset].clone() - m[k].clone());
        (k.saturating_sub(7).max(1)..=k.min(7)).map(from).sum()
    };
    for (i, after) in row.after.into_iter().enumerate() {
        let old = if i < 4 { row.memory.old[i] } else { row.next.old[i - 4] };
        e.equal("words after", after, change(2 * i) + change(2 * i + 1) * F::from_u32(1 << 8) + old);
    }

    // Without its sign bit the top byte of a signed value lies below 2^7, which makes the bit the sign.
    for (top, sign, flag) in [(&v[1], row.half_sign, row.is_lh), (&v[3], row.word_sign, row.is_lw)] {
        e.zero("sign is boolean, on signed rows only", (flag - sign) * sign);
        e.range(constant::<AB>(1 << 7), top.clone() - sign * F::from_u32(1 << 7), flag);
    }
}
