//! What a run is given: a file, or the bare contents of the input region.

use alloc::vec::Vec;

use thiserror::Error;

use crate::map::{INPUT_SIZE, MAX_INPUT};

/// What the input region holds at the start of a run.
///
/// A prover chooses the whole region, and no file gives all that it may choose: a length that the region cannot hold,
/// or bytes behind the length. The machine runs on any contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A file: its length in eight bytes, little endian, eight zeros, then its bytes, then zeros.
    File(&'a [u8]),
    /// The region's bytes from [`INPUT_BASE`](crate::map::INPUT_BASE) on, then zeros.
    Region(&'a [u8]),
}

/// An input that the machine cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InputError {
    /// A file longer than the input region less its header.
    #[error("the input has {len} bytes; the input region holds at most {MAX_INPUT}")]
    TooLong {
        /// Its length in bytes.
        len: u64,
    },
    /// Contents longer than the input region.
    #[error("the contents of the input region have {len} bytes; the region has {INPUT_SIZE}")]
    BeyondRegion {
        /// Their length in bytes.
        len: u64,
    },
}

impl<'a> Input<'a> {
    /// The bytes as they were given.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        match self {
            Self::File(bytes) | Self::Region(bytes) => bytes,
        }
    }

    /// The same input, if the region holds it.
    ///
    /// # Errors
    ///
    /// [`InputError`] if it does not.
    pub const fn fitting(self) -> Result<Self, InputError> {
        let len = self.bytes().len() as u64;
        match self {
            Self::File(_) if len > MAX_INPUT => Err(InputError::TooLong { len }),
            Self::Region(_) if len > INPUT_SIZE => Err(InputError::BeyondRegion { len }),
            _ => Ok(self),
        }
    }

    /// The region's doublewords up to the last one that was given; those behind are zero.
    pub fn words(self) -> impl Iterator<Item = u64> + 'a {
        let header = match self {
            Self::File(bytes) => Some([bytes.len() as u64, 0]),
            Self::Region(_) => None,
        };
        header.into_iter().flatten().chain(self.bytes().chunks(8).map(word_of))
    }

    /// The region's doubleword at an index.
    #[must_use]
    pub fn word(self, index: usize) -> u64 {
        let at = match (self, index) {
            (Self::File(bytes), 0) => return bytes.len() as u64,
            (Self::File(_), 1) => return 0,
            (Self::File(_), _) => index - 2,
            (Self::Region(_), _) => index,
        };
        let bytes = self.bytes();
        word_of(&bytes[bytes.len().min(8 * at)..bytes.len().min(8 * at + 8)])
    }
}

/// Bytes without further word are those of a file.
impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(file: &'a [u8]) -> Self {
        Self::File(file)
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(file: &'a Vec<u8>) -> Self {
        Self::File(file)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    fn from(file: &'a [u8; N]) -> Self {
        Self::File(file)
    }
}

/// Up to eight bytes, little endian, zero-padded.
fn word_of(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_word_alone_is_the_one_in_its_place() {
        let bytes: Vec<u8> = (1..=21).collect();
        for len in 0..=bytes.len() {
            for input in [Input::File(&bytes[..len]), Input::Region(&bytes[..len])] {
                let words: Vec<u64> = input.words().chain([0, 0]).collect();
                let single: Vec<u64> = (0..words.len()).map(|index| input.word(index)).collect();
                assert_eq!(words, single, "{input:?}");
            }
        }
        assert_eq!(Input::Region(&bytes).word(usize::MAX / 16), 0);
    }

    #[test]
    fn a_file_is_a_region_that_starts_with_its_length() {
        let file = b"0123456789";
        let region = [&10_u64.to_le_bytes()[..], &[0; 8], file].concat();
        assert!(Input::File(file).words().eq(Input::Region(&region).words()));
        assert_eq!(Input::from(file), Input::File(file));
    }

    #[test]
    fn the_region_bounds_both() {
        // Zero pages, never touched.
        let mut bytes = vec![0; INPUT_SIZE as usize + 1];
        let (region, file) = (INPUT_SIZE as usize, MAX_INPUT as usize);
        assert!(Input::Region(&bytes[..region]).fitting().is_ok() && Input::File(&bytes[..file]).fitting().is_ok());
        assert_eq!(Input::Region(&bytes).fitting(), Err(InputError::BeyondRegion { len: INPUT_SIZE + 1 }));
        assert_eq!(Input::File(&bytes[..=file]).fitting(), Err(InputError::TooLong { len: MAX_INPUT + 1 }));
        bytes[region - 1] = 9;
        assert_eq!(Input::Region(&bytes[..region]).word(region / 8 - 1), 9 << 56);
    }
}
