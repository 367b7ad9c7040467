//! Naturally aligned loads and stores of bytes and halfwords: `lb lbu lh lhu sb sh`.
//!
//! # Assumes
//! Registers and memory words are four 16-bit limbs.
//!
//! # Constrains
//! At the address of [`address`], an even one for halfwords, the limb `m` that holds it is `top + 256 other` if `top`
//! is its lower byte, else `other + 256 top`, both in `0..256`; for a halfword `top` is the upper byte. Loads write
//! `top` or `m` to rd, extended by the top bit of `top` or by zero. `sb` replaces `top` by the low byte of the data
//! register, `sh` replaces `m` by its limb 0; all other bytes and the register stay as they were.
//!
//! # Degree
//! 3.

use crate::prelude::*;

columns! {
    /// A row of the table.
    pub struct MemorySub {
        /// Iff the row is `lb` or `lbu`.
        is_load_byte,
        /// Iff the row is `lh` or `lhu`.
        is_load_half,
        /// Iff the row is `sb`.
        is_sb,
        /// Iff the row is `sh`.
        is_sh,
        /// Iff the row is `lb` or `lh`.
        is_signed,
        /// Control.
        cpu: Cpu,
        /// The register of the address.
        rs1: Base,
        /// The word accessed.
        memory: Memory,
        /// Iff the access is to limb 1, 2 or 3 of the word; free on padding rows, as far as the bytes allow.
        limb: [3],
        /// Iff `top` is the upper byte of the limb: on halfwords, and on bytes iff the address is odd.
        upper,
        /// The byte accessed, or the upper one of the halfword; on padding rows the bytes of a free word.
        top,
        /// The other byte of the limb.
        other,
        /// Iff the row is signed and `top` has its top bit set.
        sign,
        /// The data register: the destination of a load, the source of a store.
        data: Write,
        /// The low byte of the data register before the instruction; free on padding rows.
        low_byte,
        /// What a store adds to the limb, else 0.
        change,
    }
}

impl MemorySub<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let flag = |op| event.row.op() == op;
        let address = address::effective(event);
        let is_half = flag(Op::Lh) || flag(Op::Lhu) || flag(Op::Sh);
        let limb = (address % 8 / 2) as usize;
        let upper = is_half || address % 2 == 1;
        let pair = &bytes(event.mem_old)[2 * limb..2 * limb + 2];
        let is_signed = flag(Op::Lb) || flag(Op::Lh);
        Self {
            is_load_byte: F::from_bool(flag(Op::Lb) || flag(Op::Lbu)),
            is_load_half: F::from_bool(flag(Op::Lh) || flag(Op::Lhu)),
            is_sb: F::from_bool(flag(Op::Sb)),
            is_sh: F::from_bool(flag(Op::Sh)),
            is_signed: F::from_bool(is_signed),
            cpu: Cpu::fill(event),
            rs1: Base::fill(event, event.row.w[0]),
            memory: Memory::fill(event),
            limb: core::array::from_fn(|i| F::from_bool(limb == i + 1)),
            upper: F::from_bool(upper),
            top: pair[usize::from(upper)],
            other: pair[usize::from(!upper)],
            sign: F::from_bool(is_signed && event.rd_new >> 63 == 1),
            data: Write::rd(event),
            low_byte: bytes(event.rd_old)[0],
            change: limbs(event.mem_new)[limb] - limbs(event.mem_old)[limb],
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::Lb], &[Op::Lbu], &[Op::Lh], &[Op::Lhu], &[Op::Sb], &[Op::Sh]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemorySub<AB::Var>) {
    let is_real = e.one_hot(&[row.is_load_byte, row.is_load_half, row.is_sb, row.is_sh]);
    let is_store: AB::Expr = row.is_sb + row.is_sh;
    let is_half: AB::Expr = row.is_load_half + row.is_sh;
    let is_load: AB::Expr = row.is_load_byte + row.is_load_half;
    e.flag(["is_signed is boolean", "is_signed on loads only"], row.is_signed, is_load);

    let not_first = limb_flags(e, row);
    e.boolean("upper is boolean", row.upper);
    e.zero_when("halfwords end in their upper byte", is_half.clone(), AB::Expr::ONE - row.upper);
    let [l1, l2, l3] = row.limb;
    let offset = (l1 + l2.into().double() + l3 * F::from_u32(3)).double() + row.upper - is_half;
    let (imm, word) = address::locate(e, &row.rs1, &row.memory, offset, &is_store, &is_real);
    let says = (operation_number::<AB>(row), imm);
    address::instruction(e, &row.cpu, says, (&row.rs1, AB::Expr::ZERO, &row.data), &is_real);

    let halfword = split(e, row, &is_real);
    let (m, d) = (row.memory.old, row.data.old);
    let by_byte = (row.upper * F::from_u32(255) + AB::Expr::ONE) * (row.low_byte - row.top);
    e.equal("change", row.change, row.is_sb * by_byte + row.is_sh * (halfword.clone() * -F::ONE + d[0]));
    let new_word = core::array::from_fn(|i| {
        let here = if i == 0 { AB::Expr::ONE - not_first.clone() } else { row.limb[i - 1].into() };
        here * row.change + m[i]
    });
    let loaded = row.is_load_byte * (row.sign * F::from_u32(0xff00) + row.top) + row.is_load_half * halfword;
    let new_data = core::array::from_fn(|i| {
        let loaded = if i == 0 { loaded.clone() } else { row.sign * F::from_u32(0xffff) };
        loaded + is_store.clone() * d[i]
    });
    address::access(e, row.cpu.clock, (word, &row.memory, new_word), (&row.data, new_data), &is_real);
}

/// One-hot flags of the limbs; the first one's is one less the sum, which is returned.
fn limb_flags<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemorySub<AB::Var>) -> AB::Expr {
    e.booleans("limb is boolean", row.limb);
    let [l1, l2, l3] = row.limb;
    let not_first = l1 + l2 + l3;
    e.boolean("at most one limb", not_first.clone());
    not_first
}

/// Splits the limb accessed and limb 0 of the data register into bytes; returns the limb on rows of halfwords.
fn split<AB: Builder>(e: &mut Emitter<'_, AB>, row: &MemorySub<AB::Var>, is_real: &AB::Expr) -> AB::Expr {
    let byte = constant::<AB>(1 << 8);
    e.flag(["sign is boolean", "sign on signed rows only"], row.sign, row.is_signed);
    // Without its sign bit the byte of a signed row lies below 2^7, which makes the bit the sign.
    let sign_bit = F::from_u32(1 << 7);
    e.range(byte.clone() - row.is_signed * sign_bit, row.top - row.sign * sign_bit, is_real.clone());
    e.range(byte.clone(), row.other, is_real.clone());

    let m = row.memory.old;
    let chosen = (1..4).fold(m[0].into(), |chosen: AB::Expr, i| chosen + row.limb[i - 1] * (m[i] - m[0]));
    let lower = row.other * F::from_u32(1 << 8) + row.top;
    e.equal("bytes of the limb", chosen, lower + row.upper * (row.top - row.other) * F::from_u32(255));

    e.range(byte.clone(), row.low_byte, is_real.clone());
    e.range(byte, (row.data.old[0] - row.low_byte) * F::from_u32(1 << 8).inverse(), is_real.clone());
    row.top * F::from_u32(1 << 8) + row.other
}

/// The number of the operation.
fn operation_number<AB: Builder>(row: &MemorySub<AB::Var>) -> AB::Expr {
    // The numbers of the signed loads are those of the unsigned ones less a constant.
    let unsigned = row.is_load_byte * number(Op::Lbu) + row.is_load_half * number(Op::Lhu);
    let loads = unsigned - row.is_signed * (number(Op::Lbu) - number(Op::Lb));
    loads + row.is_sb * number(Op::Sb) + row.is_sh * number(Op::Sh)
}

#[cfg(test)]
mod tests {
    use spec_interp::Op;

    use super::*;
    use crate::address::samples;
    use crate::check::samples::{Sample, ops};
    use crate::kind::Kind;

    /// What is wrong with a row changed by `forge`.
    fn wrong(op: Op, address: u64, word: u64, forge: impl Fn(&mut MemorySub<F>)) -> Vec<String> {
        samples::wrong(Kind::MemorySub, Sample::access(op, address, 0, 0x1234, word), |row: &mut MemorySub<F>| {
            forge(row);
            // Whatever a forger does to the bytes, it will not betray itself here.
            let halfword = row.top * F::from_u32(256) + row.other;
            row.change = row.is_sb * (row.low_byte - row.top) * (F::ONE + row.upper * F::from_u32(255))
                + row.is_sh * (row.data.old[0] - halfword);
        })
    }

    const WORD: u64 = 0x8182_8384_8586_8788;

    #[test]
    fn the_other_byte_is_caught() {
        for op in [Op::Lb, Op::Lbu, Op::Sb] {
            for offset in 0..8 {
                let address = 0xa000_0000 + offset;
                let swap = |row: &mut MemorySub<F>| {
                    (row.top, row.other, row.upper) = (row.other, row.top, F::ONE - row.upper);
                };
                assert!(wrong(op, address, WORD, |_| ()).is_empty());
                assert_eq!(wrong(op, address, WORD, swap), ["program"]);
                // The index that hides it is no integer.
                let step = F::from_u32(8).inverse() * F::from_i64(if offset % 2 == 0 { -1 } else { 1 });
                assert_eq!(
                    wrong(op, address, WORD, |row| {
                        swap(row);
                        row.memory.index += step
                    }),
                    ["range"]
                );
            }
        }
    }

    #[test]
    fn bytes_that_only_sum_up_are_caught() {
        for op in ops(Kind::MemorySub) {
            // One byte less a step, and the other more a carry: the limb stays.
            let (upper, lower) = (F::ONE, F::from_u32(256));
            let is_half = !matches!(op, Op::Lb | Op::Lbu | Op::Sb);
            let (top, other) = if is_half { (upper, lower) } else { (lower, upper) };
            assert_eq!(
                wrong(op, 0xa000_0000, WORD, |row| {
                    row.top -= top;
                    row.other += other
                }),
                ["range"]
            );
            assert_eq!(wrong(op, 0xa000_0000, WORD, |row| row.low_byte += F::ONE), ["range"]);
        }
    }

    #[test]
    fn a_sign_of_ones_own_is_caught() {
        for (op, word) in [(Op::Lb, 0x80), (Op::Lb, 0x7f), (Op::Lh, 0x8000), (Op::Lh, 0x7fff)] {
            assert_eq!(wrong(op, 0xa000_0000, word, |row| row.sign = F::ONE - row.sign), ["range"]);
        }
        for op in [Op::Lbu, Op::Lhu, Op::Sb, Op::Sh] {
            assert_eq!(wrong(op, 0xa000_0000, WORD, |row| row.sign = F::ONE), ["sign on signed rows only"]);
        }
    }

    #[test]
    fn an_operation_of_another_number_is_caught() {
        // The numbers are sums of flags, so that a signed `sb` would be `lhu`.
        let is_sb = |row: &mut MemorySub<F>| {
            (row.is_load_half, row.is_sb, row.is_signed) = (F::ZERO, F::ONE, F::ONE);
            (row.upper, row.top, row.other) = (F::ZERO, row.other, row.top);
        };
        assert_eq!(wrong(Op::Lhu, 0xa000_0000, 0x0102, is_sb), ["is_signed on loads only"]);
        let is_half = |row: &mut MemorySub<F>| {
            (row.is_load_byte, row.is_load_half, row.is_signed) = (F::ZERO, F::ONE, F::TWO);
            (row.upper, row.top, row.other) = (F::ONE, row.other, row.top);
        };
        assert!(wrong(Op::Lbu, 0xa000_0000, 0x0102, is_half).contains(&"is_signed is boolean".to_owned()));
    }

    #[test]
    fn a_place_between_places_is_caught() {
        // Bytes 1 and 2 as the bytes of limb 1, swapped.
        let crossing = |row: &mut MemorySub<F>| {
            (row.limb, row.upper) = ([F::ONE, F::ZERO, F::ZERO], F::ZERO);
            (row.top, row.other) = (bytes(WORD)[2], bytes(WORD)[3]);
        };
        assert_eq!(wrong(Op::Lhu, 0xa000_0001, WORD, crossing), ["halfwords end in their upper byte"]);
        // Byte 2 out of limb 0, for which 511 = 511 top - 254 other.
        let beyond = |row: &mut MemorySub<F>| {
            (row.limb, row.upper, row.top, row.other) = ([F::ZERO; 3], F::TWO, F::ONE, F::ZERO);
        };
        assert_eq!(wrong(Op::Lbu, 0xa000_0002, 511, beyond), ["upper is boolean"]);
        // Byte 6 out of limbs 1 and 2 less limb 0.
        let both = |row: &mut MemorySub<F>| {
            (row.limb, row.top, row.other) = ([F::ONE, F::ONE, F::ZERO], F::from_u32(4), F::ZERO);
        };
        assert_eq!(wrong(Op::Lbu, 0xa000_0006, 0x0003_0002_0001, both), ["at most one limb"]);
        // Byte 4 as twice limb 1 less limb 0.
        let twice = |row: &mut MemorySub<F>| {
            (row.limb, row.top, row.other) = ([F::TWO, F::ZERO, F::ZERO], F::from_u32(3), F::ZERO);
        };
        assert_eq!(wrong(Op::Lbu, 0xa000_0004, 0x0009_0002_0001, twice), ["limb is boolean", "at most one limb"]);
    }
}
