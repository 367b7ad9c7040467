//! Proofs and their encoding.
//!
//! A file is eight bytes of magic, two of version (little-endian), then the proof in postcard. The encoding is
//! canonical: decoding rejects anything that encoding would not have written.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use air::kind::Kind;
use air::layout::{CLOCK_STEP, FIRST_CLOCK, MAX_INSTRUCTIONS};
use air::tree::Digest;
use p3_batch_stark::BatchProof;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::Config;
use crate::key::{VERSION, VerifyingKey};

/// The first bytes of a proof file.
pub const MAGIC: [u8; 8] = *b"ZisKprf\n";

/// What a proof claims about a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The exit code.
    pub exit_code: u64,
    /// The public output.
    pub output: Vec<u8>,
}

/// A proof that a program halts with an exit code and an output, on some contents of the input region.
#[derive(Serialize, Deserialize)]
pub struct Proof {
    /// The key of the program; its digest is what a verifier compares.
    pub key: VerifyingKey,
    /// The claim.
    pub statement: Statement,
    /// Instructions executed.
    pub instructions: u32,
    /// Digest of the input region of the first memory, whatever the prover put there.
    pub input: Digest,
    /// Siblings on the way from the output's subtree to the root of the last memory, lowest first.
    pub output_path: Vec<Digest>,
    /// The tables, by number, in the order of [`Kind`]; a divided table is listed once for each part.
    pub tables: Vec<u8>,
    /// The STARK.
    pub stark: BatchProof<Config>,
}

/// Bytes that are no proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The file does not start like a proof.
    #[error("this is not a ZisK proof: it does not start with its magic bytes")]
    Magic,
    /// The proof has another format.
    #[error("the proof has format version {found}; this program reads version {VERSION}: use a matching release")]
    Version {
        /// The version found.
        found: u16,
    },
    /// The file ends too early.
    #[error("the proof is truncated")]
    Truncated,
    /// The file goes on behind the proof.
    #[error("{bytes} bytes follow the proof; it was extended or damaged")]
    Trailing {
        /// Bytes behind it.
        bytes: usize,
    },
    /// The bytes do not decode, or not to what would be encoded so.
    #[error("the proof is damaged: its bytes are none that a proof is written as")]
    Malformed {
        /// What the library that decodes them says, for whoever knows its types.
        detail: String,
    },
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof")
            .field("key", &self.key)
            .field("statement", &self.statement)
            .field("instructions", &self.instructions)
            .field("tables", &self.tables)
            .finish_non_exhaustive()
    }
}

impl Proof {
    /// The proof as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let head = MAGIC.into_iter().chain(VERSION.to_le_bytes()).collect();
        // Writing to memory cannot fail, and every type here has a length that is known.
        postcard::to_extend(self, head).unwrap_or_default()
    }

    /// Reads a proof.
    ///
    /// # Errors
    /// [`DecodeError`] unless the bytes are exactly an encoded proof of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let body = bytes.strip_prefix(&MAGIC).ok_or(DecodeError::Magic)?;
        let (version, body) = body.split_first_chunk().ok_or(DecodeError::Truncated)?;
        let found = u16::from_le_bytes(*version);
        if found != VERSION {
            return Err(DecodeError::Version { found });
        }
        let (proof, rest) = postcard::take_from_bytes::<Self>(body).map_err(|error| match error {
            postcard::Error::DeserializeUnexpectedEnd => DecodeError::Truncated,
            error => DecodeError::Malformed { detail: error.to_string() },
        })?;
        if !rest.is_empty() {
            return Err(DecodeError::Trailing { bytes: rest.len() });
        }
        if proof.encode() != bytes {
            return Err(DecodeError::Malformed { detail: "its encoding is not the canonical one".to_owned() });
        }
        Ok(proof)
    }

    /// The clock behind the last instruction; none if the run is longer than a segment.
    pub fn clock(&self) -> Option<u32> {
        (u64::from(self.instructions) <= MAX_INSTRUCTIONS).then(|| FIRST_CLOCK + CLOCK_STEP * self.instructions)
    }

    /// The tables; none if the list is not one that a segment can have.
    pub fn kinds(&self) -> Option<Vec<Kind>> {
        let kinds: Option<Vec<Kind>> =
            self.tables.iter().map(|&kind| Kind::ALL.get(usize::from(kind)).copied()).collect();
        kinds.filter(|kinds| allowed(kinds))
    }
}

/// Whether a list of tables is sorted, holds what every segment has, and no table more often than it may be divided.
fn allowed(kinds: &[Kind]) -> bool {
    let count = |kind| kinds.iter().filter(|&&other| other == kind).count();
    kinds.is_sorted() && Kind::ALL.into_iter().all(|kind| kind.count().contains(&count(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that every segment has, once.
    const ALWAYS: [Kind; 7] =
        [Kind::Page, Kind::Node, Kind::Poseidon2, Kind::Program, Kind::Range, Kind::Byte, Kind::Segment];

    #[test]
    fn a_segment_has_its_shared_tables_once_and_instruction_tables_as_often_as_they_may_be_divided() {
        assert!(allowed(&ALWAYS));
        for missing in ALWAYS {
            let kinds: Vec<Kind> = ALWAYS.into_iter().filter(|&kind| kind != missing).collect();
            assert!(!allowed(&kinds), "without {}", missing.name());
        }
        for kind in Kind::ALL {
            let with = |times| {
                let mut kinds = ALWAYS.to_vec();
                kinds.extend(core::iter::repeat_n(kind, times));
                kinds.sort_unstable();
                allowed(&kinds)
            };
            for times in 0..6 {
                let already = usize::from(ALWAYS.contains(&kind));
                assert_eq!(with(times), already + times <= *kind.count().end(), "{} {times} times more", kind.name());
            }
        }
        let mut reversed = ALWAYS;
        reversed.reverse();
        assert!(!allowed(&reversed) && !allowed(&[]));
    }
}
