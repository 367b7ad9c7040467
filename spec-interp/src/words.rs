//! Accesses of every width and alignment to a memory of aligned little-endian doublewords.
//!
//! Misaligned accesses work (Zicclsm). One that crosses a doubleword touches two, in the order of addresses, and
//! touches neither if one of them may not be.

use alloc::vec::Vec;
use core::ops::Range;

use thiserror::Error;

use crate::fault::Cause;
use crate::map::{
    HEADER_SIZE, INPUT_BASE, MAX_OUTPUT, OUTPUT_BASE, OUTPUT_SIZE, PROGRAM_BASE, PROGRAM_SIZE, RAM_BASE, RAM_SIZE,
};

/// One doubleword that an instruction read or wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Its address, a multiple of 8.
    pub addr: u64,
    /// Its contents before.
    pub old: u64,
    /// Its contents after; equal to `old` if it was read.
    pub new: u64,
    /// Whether it was written.
    pub write: bool,
}

/// The doublewords of one access: one, or two with the second at the next address.
pub type Accesses = [Option<Access>; 2];

/// An output region that does not hold an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// The length exceeds the region less the header.
    #[error("the output's length word at {OUTPUT_BASE:#x} says {len} bytes; the region holds at most {MAX_OUTPUT}")]
    TooLong {
        /// The length word.
        len: u64,
    },
    /// There is something in the header behind the length, where the output does not start yet.
    #[error(
        "byte {addr:#x} is not zero, yet it lies in front of the output, which starts at {start:#x}; write it there"
    )]
    NonzeroHeader {
        /// The first such byte.
        addr: u64,
        /// The first address of the output.
        start: u64,
    },
    /// There is something behind the output, which no verifier could see.
    #[error("byte {addr:#x} is not zero, yet the output ends at {end:#x}; write the length after the bytes")]
    NonzeroTail {
        /// The first such byte.
        addr: u64,
        /// The first address behind the output.
        end: u64,
    },
}

/// A memory of doublewords behind the map, from which the accesses follow that instructions make.
pub trait Words {
    /// The doubleword at a multiple of 8; `None` where loads may not go.
    fn word(&self, addr: u64) -> Option<u64>;

    /// The doubleword at a multiple of 8, to be written; `None` where stores may not go.
    fn word_mut(&mut self, addr: u64) -> Option<&mut u64>;

    /// No doubleword of the output from this address on was ever written.
    fn output_end(&self) -> u64;

    /// Reads `width` bytes (1, 2, 4 or 8) at any address, zero-extended, and reports the doublewords read.
    ///
    /// # Errors
    ///
    /// [`Cause::LoadAccess`] with the effective address.
    #[inline]
    fn load(&self, addr: u64, width: u64, accesses: &mut Accesses) -> Result<u64, Cause> {
        let (base, shift) = (addr & !7, (addr & 7) * 8);
        let read = |addr_word: u64| {
            let old = self.word(addr_word).ok_or(Cause::LoadAccess { addr })?;
            Ok(Access { addr: addr_word, old, new: old, write: false })
        };
        let low = read(base)?;
        accesses[0] = Some(low);
        let mut value = low.old >> shift;
        if shift + width * 8 > 64 {
            let high = read(base.wrapping_add(8))?;
            accesses[1] = Some(high);
            value |= high.old << (64 - shift);
        }
        Ok(value & width_mask(width))
    }

    /// Writes the low `width` bytes (1, 2, 4 or 8) of `value` at any address and reports the doublewords changed.
    ///
    /// # Errors
    ///
    /// [`Cause::StoreReadOnly`] or [`Cause::StoreAccess`] with the effective address; nothing is written then.
    #[inline]
    fn store(&mut self, addr: u64, width: u64, value: u64, accesses: &mut Accesses) -> Result<(), Cause> {
        let (base, shift) = (addr & !7, (addr & 7) * 8);
        let (mask, value) = (width_mask(width), value & width_mask(width));
        let crosses = shift + width * 8 > 64;
        if crosses && is_writable(base) && !is_writable(base.wrapping_add(8)) {
            return Err(store_fault(self, addr, base.wrapping_add(8)));
        }
        accesses[0] = Some(merge(self, addr, base, mask << shift, value << shift)?);
        if crosses {
            let above = 64 - shift;
            accesses[1] = Some(merge(self, addr, base.wrapping_add(8), mask >> above, value >> above)?);
        }
        Ok(())
    }

    /// Replaces `width` bytes (4 or 8) at a naturally aligned address by what `new` makes of them, zero-extended, and
    /// returns the old ones so. The doubleword counts as written, whatever `new` leaves of it.
    ///
    /// # Errors
    ///
    /// [`Cause::MisalignedAtomic`], [`Cause::StoreReadOnly`] or [`Cause::StoreAccess`]; nothing is written then.
    fn update(
        &mut self,
        addr: u64,
        width: u64,
        new: impl FnOnce(u64) -> u64,
        accesses: &mut Accesses,
    ) -> Result<u64, Cause> {
        if !addr.is_multiple_of(width) {
            return Err(Cause::MisalignedAtomic { addr });
        }
        let (base, shift, mask) = (addr & !7, (addr & 7) * 8, width_mask(width));
        let Some(old) = self.word(base).filter(|_| is_writable(base)) else {
            return Err(store_fault(self, addr, base));
        };
        let old = old >> shift & mask;
        accesses[0] = Some(merge(self, addr, base, mask << shift, (new(old) & mask) << shift)?);
        Ok(old)
    }

    /// Calls `sink` with the bytes of `[addr, addr + len)` up to the first that cannot be read, in pieces of at most a few
    /// kilobytes; their number.
    fn read_bytes(&self, addr: u64, len: u64, mut sink: impl FnMut(&[u8])) -> u64 {
        let Some(region) = READABLE.into_iter().find(|region| region.contains(&addr)) else { return 0 };
        let end = addr.saturating_add(len).min(region.end);
        let mut piece = Vec::with_capacity(PIECE);
        for at in (addr & !7..end).step_by(8) {
            let word = self.word(at).unwrap_or(0).to_le_bytes();
            piece.extend(&word[addr.saturating_sub(at) as usize..(end - at).min(8) as usize]);
            if piece.len() > PIECE - 8 {
                sink(&piece);
                piece.clear();
            }
        }
        if !piece.is_empty() {
            sink(&piece);
        }
        end - addr
    }

    /// What the program wrote as its output: the bytes behind the header.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the length does not fit the region, or a byte in front of the output or behind it is not
    /// zero.
    fn output(&self) -> Result<Vec<u8>, OutputError> {
        let word = |addr| self.word(addr).unwrap_or(0);
        let len = word(OUTPUT_BASE);
        if len > MAX_OUTPUT {
            return Err(OutputError::TooLong { len });
        }
        let start = OUTPUT_BASE + HEADER_SIZE;
        let end = start + len;
        let written = self.output_end().max(end.next_multiple_of(8));
        let bytes: Vec<u8> = (OUTPUT_BASE..written).step_by(8).flat_map(|addr| word(addr).to_le_bytes()).collect();
        let nonzero = |from: u64, to: u64| (from..to).find(|addr| bytes[(addr - OUTPUT_BASE) as usize] != 0);
        if let Some(addr) = nonzero(OUTPUT_BASE + 8, start) {
            return Err(OutputError::NonzeroHeader { addr, start });
        }
        if let Some(addr) = nonzero(end, OUTPUT_BASE + bytes.len() as u64) {
            return Err(OutputError::NonzeroTail { addr, end });
        }
        Ok(bytes[(start - OUTPUT_BASE) as usize..(end - OUTPUT_BASE) as usize].to_vec())
    }
}

/// Replaces the bits of `mask` in one doubleword, on behalf of a store to `addr`.
#[inline]
fn merge<M: Words + ?Sized>(memory: &mut M, addr: u64, base: u64, mask: u64, value: u64) -> Result<Access, Cause> {
    let Some(word) = memory.word_mut(base) else {
        return Err(store_fault(memory, addr, base));
    };
    let old = *word;
    *word = old & !mask | value;
    Ok(Access { addr: base, old, new: *word, write: true })
}

/// Why the doubleword at `base` cannot be written by a store to `addr`.
#[cold]
fn store_fault<M: Words + ?Sized>(memory: &M, addr: u64, base: u64) -> Cause {
    match memory.word(base) {
        Some(_) => Cause::StoreReadOnly { addr },
        None => Cause::StoreAccess { addr },
    }
}

/// Whether the map lets stores go to an address.
fn is_writable(addr: u64) -> bool {
    index_in(addr, RAM_BASE, RAM_SIZE).is_some() || index_in(addr, OUTPUT_BASE, OUTPUT_SIZE).is_some()
}

/// The index of the word at `addr` in the region at `base`, if it lies there.
#[inline]
pub(crate) const fn index_in(addr: u64, base: u64, size: u64) -> Option<usize> {
    let offset = addr.wrapping_sub(base);
    if offset < size { Some((offset / 8) as usize) } else { None }
}

/// The most bytes handed to a sink at once.
const PIECE: usize = 4096;

/// Where loads may go.
const READABLE: [Range<u64>; 3] =
    [INPUT_BASE..PROGRAM_BASE + PROGRAM_SIZE, RAM_BASE..RAM_BASE + RAM_SIZE, OUTPUT_BASE..OUTPUT_BASE + OUTPUT_SIZE];

/// The low `width` bytes of a word.
#[inline]
const fn width_mask(width: u64) -> u64 {
    u64::MAX >> (64 - 8 * width)
}
