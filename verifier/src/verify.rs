//! Verifying: no panic, no unsafe, a typed error for everything that can be wrong.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use air::F;
use air::kind::{Kind, TABLES};
use air::layout::HALTED_PC;
use air::tables::segment::{PUBLIC_VALUES, PublicValues};
use air::tree::{OUTPUT, output_digest, root_from};
use p3_field::PrimeCharacteristicRing;
use p3_multi_stark::{VerificationError, VerifierInstance, VerifierInstances};
use spec_interp::map::MAX_OUTPUT;
use thiserror::Error;

use crate::challenger::Challenger;
use crate::config::{Config, parameters};
use crate::digest::ProgramDigest;
use crate::key::{VERSION, VerifyingKey};
use crate::outlined::Outlined;
use crate::program;
use crate::proof::{DecodeError, Proof};
use crate::scheme::OpeningError;
use crate::shape::{Heights, class_of};

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
    /// The work that was to be done behind the commitment to the tables.
    Nonce,
}

impl fmt::Display for Unsound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.part {
            Part::Shape => "something in it has another length than the tables call for",
            Part::Opening => "values that it opens are not those that it committed to",
            Part::Constraints => "the opened values do not satisfy the constraints of the tables",
            Part::Lookups => "what the tables say to each other does not balance",
            Part::Nonce => "the proof of work behind its commitment is none",
        })
    }
}

impl From<VerificationError<OpeningError>> for Unsound {
    fn from(error: VerificationError<OpeningError>) -> Self {
        let part = match &error {
            VerificationError::Lookup(_) => Part::Lookups,
            VerificationError::Zerocheck(_) => Part::Constraints,
            VerificationError::Opening(error) => error.part(),
            _ => Part::Shape,
        };
        Self { part, detail: format!("{error:?}") }
    }
}

impl From<OpeningError> for Unsound {
    fn from(error: OpeningError) -> Self {
        Self { part: error.part(), detail: format!("{error:?}") }
    }
}

impl OpeningError {
    const fn part(&self) -> Part {
        match self {
            Self::Nonce => Part::Nonce,
            Self::Kind => Part::Shape,
            Self::Whir(_) => Part::Opening,
        }
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
    replay(proof)?;
    Ok(())
}

/// Verifies the argument of a proof, whatever its claim, and returns the transcript as it ends.
///
/// # Errors
/// [`VerifyError::Shape`] and [`VerifyError::Argument`].
pub fn replay(proof: &Proof) -> Result<Challenger, VerifyError> {
    replay_in(proof, Challenger::new)
}

/// Verifies the argument of a proof in a transcript with a given head.
///
/// # Errors
/// As [`replay`].
#[doc(hidden)]
pub fn replay_in(proof: &Proof, transcript: fn(&[F]) -> Challenger) -> Result<Challenger, VerifyError> {
    let public = public_values(proof)?;
    let log_program = usize::from(proof.key.log_program);
    let heights = proof.heights().ok_or(VerifyError::Shape("not one height for each table"))?;
    let class = class_of(&heights, log_program)
        .ok_or(VerifyError::Shape("the tables have heights that no segment of this program has"))?;
    let shape = |error: &dyn fmt::Debug| Unsound { part: Part::Shape, detail: format!("{error:?}") };

    let config = Config::new(class, proof.key.columns).map_err(|error| VerifyError::Argument(shape(&error)))?;
    let tables: Vec<Outlined> =
        TABLES.into_iter().zip(heights).map(|(kind, height)| Outlined::new(kind, height.into())).collect();
    let references: Vec<&Outlined> = tables.iter().collect();
    let (_, key) = p3_multi_stark::setup(&config, &references, &mut Challenger::new(&[]))
        .map_err(|error| VerifyError::Argument(shape(&error)))?;
    let instances = tables.iter().zip(heights).map(|(table, height)| {
        let public = if table.kind() == Kind::Segment { public.as_slice() } else { &[] };
        VerifierInstance::new(table, &key, height.into(), public)
    });

    let mut challenger = transcript(&transcript_head(&proof.key, &heights, &public));
    let instances = VerifierInstances::new(instances.collect());
    let result = p3_multi_stark::verify(&config, instances, &proof.argument.stark, 0, &mut challenger);
    // Where it is found to be wrong, the library cannot be told; and all that follows is wrong with it.
    if challenger.nonce_failed() {
        return Err(VerifyError::Argument(OpeningError::Nonce.into()));
    }
    result.map_err(|error| VerifyError::Argument(error.into()))?;
    let claim = challenger.take_claim().ok_or_else(|| VerifyError::Argument(OpeningError::Kind.into()))?;
    program::verify(&proof.key.columns, &claim, &proof.argument.program, &mut challenger)
        .map_err(|error| VerifyError::Argument(error.into()))?;
    Ok(challenger)
}

/// What the transcript absorbs before anything else, and what all else that is not in the proof follows from: version,
/// parameters, program, tables with their heights, and public values.
pub fn transcript_head(key: &VerifyingKey, heights: &Heights, public: &[F; PUBLIC_VALUES]) -> Vec<F> {
    let mut head = vec![F::from_u16(VERSION)];
    head.extend(parameters());
    head.extend(key.digest().0);
    head.extend(
        TABLES.into_iter().zip(heights).map(|(kind, &height)| F::from_u16((kind as u16) << 8 | u16::from(height))),
    );
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

#[cfg(test)]
mod tests {
    use air::layout::DIGEST;

    use super::*;

    fn head(change: impl Fn(&mut VerifyingKey, &mut Heights, &mut [F; PUBLIC_VALUES])) -> Vec<F> {
        let digest = [F::ONE; DIGEST];
        let mut key =
            VerifyingKey { entry: 1, log_program: 5, columns: digest, lower_half: digest, upper_half: digest };
        let (mut heights, mut public) = ([5; TABLES.len()], [F::ZERO; PUBLIC_VALUES]);
        change(&mut key, &mut heights, &mut public);
        transcript_head(&key, &heights, &public)
    }

    /// What follows is made for one head, whatever else binds the parts of it: each of them changes it, in its own way.
    #[test]
    fn every_part_is_in_the_head_of_the_transcript() {
        let mut heads = vec![head(|_, _, _| ())];
        heads.push(head(|key, _, _| key.entry += 1));
        heads.push(head(|key, _, _| key.log_program += 1));
        for i in 0..DIGEST {
            heads.push(head(|key, _, _| key.columns[i] += F::ONE));
            heads.push(head(|key, _, _| key.lower_half[i] += F::ONE));
            heads.push(head(|key, _, _| key.upper_half[i] += F::ONE));
        }
        (0..TABLES.len()).for_each(|i| heads.push(head(|_, heights, _| heights[i] += 1)));
        (0..PUBLIC_VALUES).for_each(|i| heads.push(head(|_, _, public| public[i] += F::ONE)));
        for (i, head) in heads.iter().enumerate() {
            assert_eq!(head.len(), heads[0].len());
            assert!(!heads[..i].contains(head), "change {i} is not in the head");
        }
        // Version and parameters, which nobody can change here.
        assert_eq!(heads[0][0], F::from_u16(VERSION));
        assert_eq!(heads[0][1..12], parameters());
        assert_eq!(heads[0].len(), 12 + DIGEST + TABLES.len() + PUBLIC_VALUES);
    }
}
