//! What a program brings into memory.

use alloc::vec::Vec;

/// A contiguous piece of the first memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadSegment {
    /// First address.
    pub base: u64,
    /// The bytes from there on.
    pub bytes: Vec<u8>,
    /// Bytes in memory; those behind `bytes` are zero.
    pub size: u64,
    /// Whether control may reach it.
    pub executable: bool,
    /// Whether it lies in RAM.
    pub writable: bool,
}

impl LoadSegment {
    /// The first address behind it.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.base + self.size
    }

    /// The byte at an address; zero outside.
    pub(crate) fn byte(&self, addr: u64) -> u8 {
        let offset = addr.checked_sub(self.base);
        offset.and_then(|offset| self.bytes.get(usize::try_from(offset).ok()?)).copied().unwrap_or(0)
    }

    /// The four bytes at an address; zero where the segment ends earlier.
    pub(crate) fn half_words(&self, addr: u64) -> u32 {
        u32::from_le_bytes(core::array::from_fn(|i| self.byte(addr.wrapping_add(i as u64))))
    }
}
