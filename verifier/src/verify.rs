//! Verifying: no panic, no unsafe, a typed error for everything that can be wrong.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use air::F;
use air::kind::Kind;
use air::layout::HALTED_PC;
use air::table::Table;
use air::tables::segment::{PUBLIC_VALUES, PublicValues};
use air::tree::{OUTPUT, output_digest, root_from};
use p3_batch_stark::{BatchVerificationError, VerificationError, verify_batch};
use p3_field::PrimeCharacteristicRing;
use spec_interp::map::MAX_OUTPUT;
use thiserror::Error;

use crate::config::config;
use crate::digest::ProgramDigest;
use crate::key::VerifyingKey;
use crate::proof::{DecodeError, Proof};
use crate::shape::{MAX_LOG_HEIGHT, MIN_LOG_HEIGHT, common_data, fixed_log_height};

/// An exit code, as the number below zero too that a program in C may have returned.
#[must_use]
pub fn exit_code(code: u64) -> String {
    if code >> 63 == 0 { code.to_string() } else { format!("{code} ({})", code.cast_signed()) }
}

/// Why a proof is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The bytes are no proof.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The proof is of another program, or of other parameters.
    #[error("the proof is of program {found}, not of {expected}")]
    Program {
        /// The program asked for.
        expected: String,
        /// The program of the proof.
        found: String,
    },
    /// The program ended with another exit code.
    #[error("the program exited with code {}, not {}", exit_code(*found), exit_code(*expected))]
    ExitCode {
        /// The code asked for.
        expected: u64,
        /// The code of the proof.
        found: u64,
    },
    /// The program gave another output.
    #[error(
        "the proof is of another output, of {found} bytes where {expected} are given; byte {at} is the first that differs"
    )]
    Output {
        /// Bytes asked for.
        expected: usize,
        /// Bytes of the proof.
        found: usize,
        /// The first byte that differs, counted from 0; the shorter length if one is the beginning of the other.
        at: usize,
    },
    /// Part of the proof has a shape that no key allows.
    #[error("the proof is not well formed: {0}")]
    Shape(&'static str),
    /// The argument does not hold.
    #[error("the proof does not hold: {0}")]
    Argument(Unsound),
}

/// A part of the argument that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsound {
    /// The part.
    pub part: Part,
    /// What the library that checks it says, for whoever knows its types.
    pub detail: String,
}

/// The parts of the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Numbers and lengths of what the proof holds.
    Shape,
    /// What binds opened values to the commitments: Merkle paths, folding, proofs of work.
    Opening,
    /// The constraints of the tables.
    Constraints,
    /// The look-ups that tie tables together.
    Lookups,
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.part {
            Part::Shape => "something in it has another length than the tables call for",
            Part::Opening => "values that it opens are not those that it committed to",
            Part::Constraints => "the opened values do not satisfy the constraints of the tables",
            Part::Lookups => "what the tables say to each other does not balance",
        })
    }
}

impl<E: fmt::Debug> From<BatchVerificationError<E>> for Unsound {
    fn from(error: BatchVerificationError<E>) -> Self {
        let part = match &error {
            BatchVerificationError::Verification(
                VerificationError::InvalidProofShape(_) | VerificationError::PeriodicColumn(_),
            )
            | BatchVerificationError::Transcript(_) => Part::Shape,
            BatchVerificationError::Verification(VerificationError::OodEvaluationMismatch { .. }) => Part::Constraints,
            BatchVerificationError::Verification(_) => Part::Opening,
            BatchVerificationError::Lookup(_) => Part::Lookups,
        };
        Self { part, detail: format!("{error:?}") }
    }
}

/// What a verifier requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation<'a> {
    /// The program.
    pub program: ProgramDigest,
    /// The exit code.
    pub exit_code: u64,
    /// The output, unless any is accepted.
    pub output: Option<&'a [u8]>,
}

/// Verifies an encoded proof and returns what it proves.
///
/// # Errors
/// [`VerifyError`] unless the proof holds and proves what is expected.
pub fn verify(bytes: &[u8], expected: &Expectation<'_>) -> Result<Proof, VerifyError> {
    let proof = Proof::decode(bytes)?;
    verify_decoded(&proof, expected)?;
    Ok(proof)
}

/// Verifies a decoded proof.
///
/// # Errors
/// As [`verify`].
pub fn verify_decoded(proof: &Proof, expected: &Expectation<'_>) -> Result<(), VerifyError> {
    let found = proof.key.digest();
    if found != expected.program {
        return Err(VerifyError::Program { expected: expected.program.to_string(), found: found.to_string() });
    }
    let statement = &proof.statement;
    if statement.exit_code != expected.exit_code {
        return Err(VerifyError::ExitCode { expected: expected.exit_code, found: statement.exit_code });
    }
    if let Some(output) = expected.output.filter(|output| *output != statement.output) {
        let (expected, found) = (output.len(), statement.output.len());
        let differs = output.iter().zip(&statement.output).position(|(expected, found)| expected != found);
        return Err(VerifyError::Output { expected, found, at: differs.unwrap_or(expected.min(found)) });
    }
    check_stark(proof)
}

fn check_stark(proof: &Proof) -> Result<(), VerifyError> {
    let public = public_values(proof)?;
    let kinds = proof.kinds().ok_or(VerifyError::Shape("the list of tables is not one that a segment can have"))?;
    let heights = &proof.stark.degree_bits;
    check_heights(&proof.key, &kinds, heights)?;

    // A verifier knows fixed columns by their commitment alone.
    let tables: Vec<Table> = kinds.iter().map(|&kind| Table::with_fixed(kind, None)).collect();
    let publics: Vec<Vec<F>> =
        kinds.iter().map(|kind| if *kind == Kind::Segment { public.to_vec() } else { Vec::new() }).collect();
    let common = common_data(&tables, heights, proof.key.commitment());
    let config = config(&proof.key.blowup.parameters(), &transcript_head(&proof.key, &kinds, &public));
    verify_batch(&config, &tables, &proof.stark, &publics, &common).map_err(|error| VerifyError::Argument(error.into()))
}

/// What the transcript absorbs before anything else: key, parameters, tables and public values.
pub fn transcript_head(key: &VerifyingKey, tables: &[Kind], public: &[F]) -> Vec<F> {
    let mut head = key.elements();
    head.push(F::from_usize(tables.len()));
    head.extend(tables.iter().map(|&kind| F::from_u8(kind as u8)));
    head.extend(public);
    head
}

/// The public values that the statement, the key and the digests of input and output determine.
fn public_values(proof: &Proof) -> Result<[F; PUBLIC_VALUES], VerifyError> {
    // Larger by the modulus it would be the same element, and the key would have two forms.
    if proof.key.entry >= HALTED_PC {
        return Err(VerifyError::Shape("the entry lies outside the program"));
    }
    let clock = proof.clock().ok_or(VerifyError::Shape("more instructions than a segment has"))?;
    let (level, _) = OUTPUT;
    if proof.output_path.len() != (air::layout::TREE_DEPTH - level) as usize {
        return Err(VerifyError::Shape("the path of the output has another length"));
    }
    if proof.statement.output.len() as u64 > MAX_OUTPUT {
        return Err(VerifyError::Shape("the output is longer than its region"));
    }
    let first = proof.key.first_root(&proof.input);
    let last = root_from(output_digest(&proof.statement.output), OUTPUT, &proof.output_path);
    Ok(PublicValues::of_run(proof.key.entry, clock, proof.statement.exit_code, &first, &last).cells())
}

/// Heights are the prover's choice between bounds, but for tables whose rows the key or the machine fixes.
fn check_heights(key: &VerifyingKey, kinds: &[Kind], heights: &[usize]) -> Result<(), VerifyError> {
    if heights.len() != kinds.len() {
        return Err(VerifyError::Shape("not one height for each table"));
    }
    let allowed = |(&kind, &height): (&Kind, &usize)| {
        let bounds = MIN_LOG_HEIGHT..=MAX_LOG_HEIGHT;
        fixed_log_height(kind, usize::from(key.log_program)).map_or(bounds.contains(&height), |fixed| fixed == height)
    };
    if !kinds.iter().zip(heights).all(allowed) {
        return Err(VerifyError::Shape("a table has a height that the key does not allow"));
    }
    Ok(())
}
