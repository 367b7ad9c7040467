//! The commitment schemes that the library's protocol is given: what it asks of them, and what WHIR does.
//!
//! The tables' main columns are committed by WHIR, with a nonce behind the root ([`Scheme::Main`]). Of the fixed columns
//! ([`Scheme::Fixed`]) a verifier computes those of the machine; those of the program are claimed at a point, and the claim
//! is settled behind the library's protocol, by an opening that proofs of one program could share.
//!
//! A verifier uses all of it. Of the prover's side of the main columns only the library's prover makes use, to which a test
//! compares ours; ours commits and opens itself (`prover/src/stark`).

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use air::F;
use air::layout::DIGEST;
use air::tables::{byte, range};
use air::tree::Digest;
use p3_challenger::GrindingChallenger;
use p3_commit::MultilinearPcs;
use p3_field::PrimeCharacteristicRing;
use p3_multilinear_util::point::Point;
use p3_sumcheck::layout::{Layout, Table};
use p3_sumcheck::{OpeningBatch, OpeningEvals, OpeningProtocol, PrescribedOpeningSecurity, PrescribedPointPcs};
use p3_symmetric::MerkleCap;
use p3_whir::{PcsProof, VerifierError, WhirConfigError, WhirProverData};
use serde::{Deserialize, Serialize};

use crate::challenger::Challenger;
use crate::config::{Challenge, FOLDING, LOOKUP_GRINDING, Mmcs, Stack, Whir};
use crate::program;

/// A commitment: the root of a Merkle tree, and what was ground behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The root.
    pub root: Digest,
    /// Absorbed behind the root, it makes [`LOOKUP_GRINDING`] bits of the next challenge zero; zero itself of fixed columns.
    pub nonce: F,
}

impl Committed {
    /// A commitment without a nonce.
    pub const fn without_nonce(root: Digest) -> Self {
        Self { root, nonce: F::ZERO }
    }
}

/// What an opening of WHIR consists of.
pub type WhirOpening = PcsProof<F, Challenge, Mmcs>;
/// What WHIR keeps of a stack to open it.
pub type WhirData = WhirProverData<F, Challenge, Mmcs, Stack>;

/// An opening.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub enum Opening {
    /// Of the main columns.
    Main(WhirOpening),
    /// Of the fixed ones: the program's, as they are claimed to be at their point.
    Fixed([Challenge; program::WIDTH]),
}

/// What is kept of columns to open them.
#[derive(Clone)]
pub enum Kept {
    /// A committed stack.
    Main(WhirData),
    /// The fixed columns of the tables that have some.
    Fixed(Arc<Vec<Table<F>>>),
}

impl Kept {
    /// The columns of a table.
    ///
    /// # Panics
    /// If there is no such table.
    pub fn table(&self, index: usize) -> &Table<F> {
        match self {
            Self::Main(data) => data.table(index),
            #[expect(clippy::indexing_slicing, reason = "the library asks for tables that it was given")]
            Self::Fixed(tables) => &tables[index],
        }
    }
}

/// What the program's columns are at a point, unless the prover lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The point, the row's highest bit first.
    pub point: Vec<Challenge>,
    /// The columns there.
    pub values: [Challenge; program::WIDTH],
}

/// Why an opening does not hold.
#[derive(Debug)]
pub enum OpeningError {
    /// The nonce behind the commitment is not one.
    Nonce,
    /// It is an opening of other columns, or asks for columns that there are not.
    Kind,
    /// WHIR rejects it.
    Whir(VerifierError),
}

/// Why nothing could be committed or opened.
#[derive(Debug)]
pub enum CommitmentError {
    /// Columns of another kind were given.
    Kind,
    /// WHIR cannot.
    Whir(WhirConfigError),
}

/// A commitment scheme.
#[expect(clippy::large_enum_variant, reason = "there are two in all, and neither is moved")]
pub enum Scheme {
    /// Of the main columns: WHIR, and a nonce.
    Main(Whir),
    /// Of the fixed columns: known by the root of the program's.
    Fixed(Digest),
}

impl Scheme {
    /// The root of the program's columns, of the scheme of the fixed ones.
    pub const fn root(&self) -> Option<Digest> {
        match self {
            Self::Main(_) => None,
            Self::Fixed(root) => Some(*root),
        }
    }
}

impl core::fmt::Debug for Scheme {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Main(_) => f.write_str("Main"),
            Self::Fixed(root) => f.debug_tuple("Fixed").field(root).finish(),
        }
    }
}

fn cap(root: Digest) -> MerkleCap<F, [F; DIGEST]> {
    MerkleCap::new(vec![root])
}

impl MultilinearPcs<Challenge, Challenger> for Scheme {
    type Val = F;
    type Commitment = Committed;
    type ProverData = Kept;
    type Proof = Opening;
    type Error = OpeningError;
    type ProverError = CommitmentError;
    type Witness = Vec<Table<F>>;
    type OpeningProtocol = OpeningProtocol;

    fn num_vars(&self) -> usize {
        match self {
            Self::Main(whir) => whir.num_vars(),
            Self::Fixed(_) => 0,
        }
    }

    fn commit(&self, tables: Vec<Table<F>>, challenger: &mut Challenger) -> Result<(Committed, Kept), CommitmentError> {
        match self {
            Self::Main(whir) => {
                let stack = Stack::new_witness(tables, FOLDING);
                let (cap, data) = whir.commit(stack, challenger).map_err(CommitmentError::Whir)?;
                let [root] = *cap.roots() else { return Err(CommitmentError::Kind) };
                let nonce = challenger.grind(LOOKUP_GRINDING);
                Ok((Committed { root, nonce }, Kept::Main(data)))
            }
            // The program's were committed when its key was made.
            Self::Fixed(root) => Ok((Committed::without_nonce(*root), Kept::Fixed(Arc::new(tables)))),
        }
    }

    fn observe_commitment(&self, committed: &Committed, challenger: &mut Challenger) {
        if let Self::Main(whir) = self {
            whir.observe_commitment(&cap(committed.root), challenger);
            if !challenger.check_witness(LOOKUP_GRINDING, committed.nonce) {
                challenger.fail_nonce();
            }
        }
    }

    fn open(&self, _: Kept, _: OpeningProtocol, _: &mut Challenger) -> Result<Opening, CommitmentError> {
        Err(CommitmentError::Kind)
    }

    fn verify(&self, _: &Committed, _: &Opening, _: &mut Challenger, _: OpeningProtocol) -> Result<(), OpeningError> {
        Err(OpeningError::Kind)
    }
}

impl PrescribedPointPcs<Challenge, Challenger> for Scheme {
    fn prescribed_security(&self, protocol: &OpeningProtocol) -> Option<PrescribedOpeningSecurity> {
        match self {
            Self::Main(whir) => whir.prescribed_security(protocol),
            Self::Fixed(_) => {
                let log_height = protocol.table_shapes().first()?.num_variables();
                program::whir(log_height).ok()?.prescribed_security(&program::protocol(log_height))
            }
        }
    }

    fn open_at(
        &self,
        kept: Kept,
        protocol: &OpeningProtocol,
        points: &[Point<Challenge>],
        challenger: &mut Challenger,
    ) -> Result<Opening, CommitmentError> {
        match (self, kept) {
            (Self::Main(whir), Kept::Main(data)) => {
                whir.open_at(data, protocol, points, challenger).map(Opening::Main).map_err(CommitmentError::Whir)
            }
            (Self::Fixed(_), Kept::Fixed(tables)) => {
                let (Some(table), Some(point)) = (tables.first(), points.first()) else {
                    return Err(CommitmentError::Kind);
                };
                let values: Vec<Challenge> =
                    (0..table.num_polys()).map(|column| table.poly(column).eval_base(point)).collect();
                let values = values.try_into().map_err(|_| CommitmentError::Kind)?;
                leave(challenger, point, values);
                Ok(Opening::Fixed(values))
            }
            _ => Err(CommitmentError::Kind),
        }
    }

    fn verify_at(
        &self,
        committed: &Committed,
        opening: &Opening,
        protocol: &OpeningProtocol,
        points: &[Point<Challenge>],
        challenger: &mut Challenger,
    ) -> Result<Vec<OpeningEvals<Challenge>>, OpeningError> {
        match (self, opening) {
            (Self::Main(whir), Opening::Main(opening)) => {
                whir.verify_at(&cap(committed.root), opening, protocol, points, challenger).map_err(OpeningError::Whir)
            }
            (Self::Fixed(_), Opening::Fixed(values)) => {
                // In the order of the tables.
                let [program, range, byte] = points else { return Err(OpeningError::Kind) };
                leave(challenger, program, *values);
                let columns = |values: &[Challenge]| OpeningBatch::new(values.to_vec(), Vec::new());
                let (range, byte) = (range::fixed_at(range.as_slice()), byte::fixed_at(byte.as_slice()));
                Ok(vec![columns(values), columns(&range), columns(&byte)])
            }
            _ => Err(OpeningError::Kind),
        }
    }
}

/// Absorbs what the program's columns are claimed to be and leaves the claim.
fn leave(challenger: &mut Challenger, point: &Point<Challenge>, values: [Challenge; program::WIDTH]) {
    challenger.absorb(&values);
    challenger.leave(Claim { point: point.as_slice().to_vec(), values });
}
