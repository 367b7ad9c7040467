//! One retired instruction with all that its table row needs.

use p3_field::PrimeCharacteristicRing;
use spec_interp::Op;

use crate::F;
use crate::rom::RomRow;

/// A retired instruction: its program row, its values and the times of the previous accesses.
///
/// A row of an instruction table is a pure function of this record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'p> {
    /// The program row.
    pub row: &'p RomRow,
    /// Time of the first access slot.
    pub clock: u32,
    /// Halfword index of the next instruction, or [`crate::layout::HALTED_PC`].
    pub next_pc: u32,
    /// Value of rs1.
    pub rs1: u64,
    /// Value of rs2, or the immediate in its place.
    pub rs2: u64,
    /// Value of rd before; of the stored register for stores.
    pub rd_old: u64,
    /// Value of rd after; equal to `rd_old` for stores.
    pub rd_new: u64,
    /// Time of the previous access of rs1.
    pub rs1_prev: u32,
    /// Time of the previous access of rs2.
    pub rs2_prev: u32,
    /// Time of the previous access of rd, or of the stored register.
    pub rd_prev: u32,
    /// Index of the memory word accessed; 0 if none.
    pub word: u32,
    /// The word before.
    pub mem_old: u64,
    /// The word after.
    pub mem_new: u64,
    /// Time of the previous access of the word.
    pub mem_prev: u32,
    /// Of a misaligned access that crosses into the next word, that of the next word; of `lr` and `sc` that of the
    /// reservation.
    pub second: SecondAccess,
}

impl Event<'_> {
    /// 1 iff the row is of an operation, by the first one that shares its number.
    #[inline]
    pub fn flag(&self, op: Op) -> F {
        F::from_bool(self.row.op() == op)
    }
}

/// An access of a word beside the one that an [`Event`] always has place for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondAccess {
    /// The word before.
    pub old: u64,
    /// The word after.
    pub new: u64,
    /// Time of the previous access.
    pub prev: u32,
}

/// The four 16-bit limbs of a word, least significant first.
pub fn limbs(word: u64) -> [F; 4] {
    core::array::from_fn(|i| F::from_u32((word >> (16 * i)) as u32 & 0xffff))
}

/// The eight bytes of a word, least significant first.
pub fn bytes(word: u64) -> [F; 8] {
    word.to_le_bytes().map(F::from_u8)
}

/// A register passed on to a later time, because its next access is too far away for one gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// Index of the word.
    pub word: u32,
    /// Its value.
    pub value: u64,
    /// Time of the access before.
    pub from: u32,
    /// Time of the access that this is.
    pub to: u32,
}
