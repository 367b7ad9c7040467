//! Proofs and their encoding.
//!
//! A file is eight bytes of magic, two of version (little-endian), then the claim and the argument in postcard. The
//! encoding is canonical: decoding rejects anything that encoding would not have written.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use air::layout::{CLOCK_STEP, FIRST_CLOCK, MAX_INSTRUCTIONS};
use air::tree::Digest;
use p3_multi_stark::MultiStarkProof;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::Config;
use crate::key::{VERSION, VerifyingKey};
use crate::program::ProgramOpening;
use crate::shape::Heights;

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
    /// The heights of the tables, as logarithms, in the order of [`TABLES`](air::kind::TABLES).
    pub heights: Vec<u8>,
    /// The argument.
    pub argument: Argument,
}

/// What shows the claim.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Argument {
    /// That the tables satisfy their constraints and that their buses balance.
    pub stark: MultiStarkProof<Config>,
    /// That the program's columns are what that takes them to be.
    pub program: ProgramOpening,
}

/// Bytes of the longest argument: what is decoded takes many times the memory that it is written in.
const MAX_ARGUMENT: usize = 4 << 20;

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
    /// The argument is longer than any.
    #[error("the proof's argument has {bytes} bytes, more than any has: it was extended or damaged")]
    TooLong {
        /// Its bytes.
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
            .field("heights", &self.heights)
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
        // The fields one behind the other, as they are encoded.
        let ((key, statement, instructions, input, output_path, heights), rest) = take(body)?;
        if rest.len() > MAX_ARGUMENT {
            return Err(DecodeError::TooLong { bytes: rest.len() });
        }
        let (argument, rest) = take(rest)?;
        if !rest.is_empty() {
            return Err(DecodeError::Trailing { bytes: rest.len() });
        }
        let proof = Self { key, statement, instructions, input, output_path, heights, argument };
        if proof.encode() != bytes {
            return Err(DecodeError::Malformed { detail: "its encoding is not the canonical one".to_owned() });
        }
        Ok(proof)
    }

    /// The clock behind the last instruction; none if the run is longer than a segment.
    pub fn clock(&self) -> Option<u32> {
        (u64::from(self.instructions) <= MAX_INSTRUCTIONS).then(|| FIRST_CLOCK + CLOCK_STEP * self.instructions)
    }

    /// The heights of the tables; none if they are not one for each.
    pub fn heights(&self) -> Option<Heights> {
        self.heights.as_slice().try_into().ok()
    }
}

fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), DecodeError> {
    postcard::take_from_bytes(bytes).map_err(|error| match error {
        postcard::Error::DeserializeUnexpectedEnd => DecodeError::Truncated,
        error => DecodeError::Malformed { detail: error.to_string() },
    })
}
