//! Loads that reserve and stores that need it: `lr.w sc.w lr.d sc.d`.
//!
//! The reservation is a word beside the registers, register [`RESERVATION`]: zero, or an address plus 2^32 times a
//! width in bytes. Nothing but these rows changes it.
//!
//! # Assumes
//! Registers and memory words are four 16-bit limbs. The immediate of the program row is zero; rs2 of `lr` is x0 there.
//!
//! # Constrains
//! At the address of [`address`], which is rs1, a multiple of 8, or of 4 for W forms: `lr` copies the doubleword, or its
//! lower or upper half sign-extended, to rd, leaves memory as it was, and the reservation becomes (limb 0 and limb 1 of
//! rs1, the width, 0), whatever it was. `sc` fails iff the reservation is not that of its own address and width. It
//! writes 1 to rd and nothing to memory if it fails, and else 0 to rd, and rs2, or the lower half of rs2 to the half
//! addressed; the reservation becomes zero either way. Also an `sc` that fails has a writable address.
//!
//! # Degree
//! 3.

#[cfg(test)]
mod tests;

use crate::bus::MEMORY;
use crate::layout::{REGISTER_GAP, REGISTERS_WORD, RESERVATION, SLOT_MEMORY};
use crate::prelude::*;

/// Bytes that W forms and D forms reserve.
const WIDTHS: [u32; 2] = [4, 8];

columns! {
    /// What is reserved, against what an `sc` needs; limb 3 is always zero.
    pub struct Reserved {
        /// Limbs 0 and 1 of an address, and a width; or three zeros.
        old: [3],
        /// Time of the previous access.
        prev,
        /// Iff the row is `sc` and the reservation differs from the one needed in this limb and in none above it. `sc`
        /// fails iff a marker is set.
        marker: [3],
        /// One over the difference of the marked limb; 0 if none is marked.
        inverse,
    }
}

columns! {
    /// A row of the table.
    pub struct Reservation {
        /// Iff the row is `lr.w`.
        is_lr_w,
        /// Iff the row is `sc.w`.
        is_sc_w,
        /// Iff the row is `lr.d`.
        is_lr_d,
        /// Iff the row is `sc.d`.
        is_sc_d,
        /// Iff the row is a W form and accesses the upper half of a doubleword.
        high,
        /// Control.
        cpu: Cpu,
        /// The register of the address.
        rs1: Base,
        /// The register that `sc` stores.
        rs2: Read,
        /// The destination.
        rd: Write,
        /// The doubleword accessed.
        memory: Memory,
        /// Its contents after.
        new: [4],
        /// Limbs 0 and 1 of the doubleword, or of the half of it that a W form accesses.
        loaded: [2],
        /// Bit 31 of the word loaded iff the row is `lr.w`, else 0.
        sign,
        /// The reservation before.
        reserved: Reserved,
    }
}

impl Reserved<F> {
    /// The cells of an event. `needed` is the reservation that an `sc` needs, none for an `lr`.
    fn fill(event: &Event, needed: Option<u64>) -> Self {
        let differs = needed.map_or(0, |needed| needed ^ event.second.old);
        let marked = differs.checked_ilog2().map(|bit| (bit / 16) as usize);
        let apart = |limb: usize| limbs(event.second.old)[limb] - limbs(needed.unwrap_or(0))[limb];
        let [low, high, width, _] = limbs(event.second.old);
        Self {
            old: [low, high, width],
            prev: F::from_u32(event.second.prev),
            marker: core::array::from_fn(|i| F::from_bool(marked == Some(i))),
            inverse: marked.map_or(F::ZERO, |limb| apart(limb).inverse()),
        }
    }
}

impl Reservation<F> {
    /// The row of an event.
    pub fn fill(event: &Event) -> Self {
        let flag = |op| event.row.op() == op;
        let (is_word, is_sc) = (flag(Op::LrW) || flag(Op::ScW), flag(Op::ScW) || flag(Op::ScD));
        let high = is_word && event.rs1 & 4 != 0;
        let needed = spec_interp::reservation(event.rs1, WIDTHS[usize::from(!is_word)].into());
        let [low_limb, high_limb, ..] = limbs(event.mem_old >> if high { 32 } else { 0 });
        Self {
            is_lr_w: F::from_bool(flag(Op::LrW)),
            is_sc_w: F::from_bool(flag(Op::ScW)),
            is_lr_d: F::from_bool(flag(Op::LrD)),
            is_sc_d: F::from_bool(flag(Op::ScD)),
            high: F::from_bool(high),
            cpu: Cpu::fill(event),
            rs1: Base::fill(event, 0),
            rs2: Read::rs2(event),
            rd: Write::rd(event),
            memory: Memory::fill(event),
            new: limbs(event.mem_new),
            loaded: [low_limb, high_limb],
            sign: F::from_bool(flag(Op::LrW) && event.rd_new >> 63 == 1),
            reserved: Reserved::fill(event, is_sc.then_some(needed)),
        }
    }
}

/// The operations by number; those of one number differ in what the program row says.
pub const OPS: &[&[Op]] = &[&[Op::LrW], &[Op::ScW], &[Op::LrD], &[Op::ScD]];

/// States the constraints and interactions of a row.
pub fn eval<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Reservation<AB::Var>) {
    let flags = [row.is_lr_w, row.is_sc_w, row.is_lr_d, row.is_sc_d];
    let (is_real, operation) = e.one_operation(Kind::Reservation, &flags);
    let is_sc: AB::Expr = row.is_sc_w + row.is_sc_d;
    e.flag(["high is boolean", "high on W forms only"], row.high, row.is_lr_w + row.is_sc_w);

    let (imm, word) = address::locate(e, &row.rs1, &row.memory, row.high * F::from_u32(4), &is_sc, &is_real);
    address::instruction(e, &row.cpu, (operation, imm), (&row.rs1, row.rs2.reg.into(), &row.rd), &is_real);
    e.read_rs2(row.cpu.clock, &row.rs2, &is_real);

    let fails = fails(e, row, &is_sc);
    store(e, row, &(is_sc - fails.clone()));
    let rd = load(e, row, fails);

    let (time, prev) = (row.cpu.clock + F::from_u32(SLOT_MEMORY), row.reserved.prev);
    e.range(constant::<AB>(REGISTER_GAP), time.clone() - prev - AB::Expr::ONE, is_real.clone());
    let reservation = constant::<AB>(REGISTERS_WORD + RESERVATION);
    let [low, high, width] = row.reserved.old.map(Into::into);
    e.take(
        MEMORY,
        [reservation.clone(), prev.into(), low, high, width, AB::Expr::ZERO, AB::Expr::ONE],
        is_real.clone(),
    );
    let new_word = row.new.map(Into::into);
    address::access(e, row.cpu.clock, (word, &row.memory, new_word), (&row.rd, rd), &is_real);
    let [low, high] = row.rs1.value.map(|limb| (row.is_lr_w + row.is_lr_d) * limb);
    let width = width_of::<AB>(row.is_lr_w, row.is_lr_d);
    e.give(MEMORY, [reservation, time, low, high, width, AB::Expr::ZERO, AB::Expr::ONE], is_real);
}

/// The width in bytes on rows of two flags.
fn width_of<AB: Builder>(is_word: impl Into<AB::Expr>, is_double: impl Into<AB::Expr>) -> AB::Expr {
    let [word, double] = WIDTHS.map(F::from_u32);
    is_word.into() * word + is_double.into() * double
}

/// Whether the row is `sc` and what is reserved is not what it needs: the limbs above the marked one are equal, and the
/// marked ones are not, since their difference has an inverse; without a marker all are equal.
///
/// Two markers would want an inverse of 0. On `lr` a marked difference, which has an inverse, would have to be 0.
fn fails<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Reservation<AB::Var>, is_sc: &AB::Expr) -> AB::Expr {
    let Reserved { old, marker, inverse, .. } = row.reserved;
    let [low, high] = row.rs1.value.map(Into::into);
    let needed = [low, high, width_of::<AB>(row.is_sc_w, row.is_sc_d)];
    let mut seen = AB::Expr::ZERO;
    let mut distance = AB::Expr::ZERO;
    for (i, needed) in needed.into_iter().enumerate().rev() {
        let apart = old[i] - needed;
        e.boolean("marker is boolean", marker[i]);
        seen += marker[i].into();
        e.zero_when("limbs above the marker are equal", is_sc.clone() - seen.clone(), apart.clone());
        distance += marker[i] * apart;
    }
    e.equal("marked limbs differ", inverse * distance, seen.clone());
    e.zero_when("no inverse without a marker", AB::Expr::ONE - seen.clone(), inverse);
    seen
}

/// Constrains the doubleword after the instruction: rs2, or its lower half in the half addressed, iff `stores`, which
/// is 0 or 1.
fn store<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Reservation<AB::Var>, stores: &AB::Expr) {
    let (m, b) = (row.memory.old, row.rs2.value);
    for i in 0..4 {
        let change = if i < 2 {
            (AB::Expr::ONE - row.high) * (b[i] - m[i])
        } else {
            row.is_sc_d * (b[i] - m[i]) + row.high * (b[i - 2] - m[i])
        };
        e.equal("what sc stores", row.new[i], stores.clone() * change + m[i]);
    }
}

/// Constrains what is loaded, and returns what rd becomes: that, or of `sc` whether it fails.
fn load<AB: Builder>(e: &mut Emitter<'_, AB>, row: &Reservation<AB::Var>, fails: AB::Expr) -> [AB::Expr; 4] {
    let m = row.memory.old;
    for i in 0..2 {
        e.equal("half that is loaded", row.loaded[i], row.high * (m[i + 2] - m[i]) + m[i]);
    }
    e.flag(["sign is boolean", "sign on lr.w only"], row.sign, row.is_lr_w);
    // Without its sign bit the upper limb of a word lies below 2^15, which makes the bit the sign.
    let sign_bit = row.sign * F::from_u32(1 << 15);
    e.range(constant::<AB>(1 << 15), row.loaded[1] - sign_bit, row.is_lr_w);

    let is_lr = row.is_lr_w + row.is_lr_d;
    let upper = |i: usize| row.is_lr_d * m[i] + row.sign * F::from_u32(0xffff);
    [is_lr.clone() * row.loaded[0] + fails, is_lr * row.loaded[1], upper(2), upper(3)]
}
