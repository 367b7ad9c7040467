//! The proof system's types and parameters.

use air::F;
use air::layout::DIGEST;
use p3_challenger::{CanObserve, DuplexChallenger};
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::extension::QuinticTrinomialExtensionField;
use p3_field::{Field, PrimeCharacteristicRing};
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_koala_bear::{Poseidon2KoalaBear, default_koalabear_poseidon2_24};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;
use serde::{Deserialize, Serialize};

/// State elements of the permutation.
const WIDTH: usize = 24;
/// Elements absorbed at once: all but a digest's worth, so that collisions cost 2^139.
const RATE: usize = WIDTH - DIGEST;

type Permutation = Poseidon2KoalaBear<WIDTH>;
/// The hash of rows and of the key.
pub type Sponge = PaddingFreeSponge<Permutation, WIDTH, RATE, DIGEST>;
type Compression = TruncatedPermutation<Permutation, 2, DIGEST, WIDTH>;
type Packing = <F as Field>::Packing;
type Mmcs = MerkleTreeMmcs<Packing, Packing, Sponge, Compression, 2, DIGEST>;
/// Challenges: KoalaBear's quintic extension, 154 bits.
pub type Challenge = QuinticTrinomialExtensionField<F>;
type ChallengeMmcs = ExtensionMmcs<F, Challenge, Mmcs>;
/// The transcript.
pub type Challenger = DuplexChallenger<F, Permutation, WIDTH, RATE>;
/// The polynomial commitment scheme.
pub type Pcs = TwoAdicFriPcs<F, Radix2DitParallel<F>, Mmcs, ChallengeMmcs>;
/// The configuration of the library's STARK.
pub type Config = StarkConfig<Pcs, Challenge, Challenger>;
/// What the commitment scheme keeps of a commitment.
pub type Committed = <Pcs as p3_commit::Pcs<Challenge, Challenger>>::ProverData;
/// A commitment to matrices.
pub type Commitment = p3_batch_stark::config::Commitment<Config>;

/// The trade between the prover's time and the proof's length; every choice has the same security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Blowup {
    /// Codewords of twice the trace: fastest.
    #[default]
    Two,
    /// Codewords of four times the trace: about half the proof.
    Four,
}

/// The parameters of FRI and of grinding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Logarithm of the blowup.
    pub log_blowup: usize,
    /// Queries.
    pub queries: usize,
    /// Logarithm of the length of the last polynomial.
    pub log_final_poly_len: usize,
    /// Logarithm of the largest folding arity.
    pub max_log_arity: usize,
    /// Bits ground before the challenge that batches openings.
    pub batch_grinding: usize,
    /// Bits ground before each folding challenge.
    pub commit_grinding: usize,
    /// Bits ground before the queries.
    pub query_grinding: usize,
    /// Bits ground before the challenges of the lookups.
    pub lookup_grinding: usize,
    /// Bits ground before the out-of-domain point.
    pub ood_grinding: usize,
}

impl Blowup {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Two, Self::Four];

    /// The parameters of a choice. A test asserts that they reach 128 proven bits at the largest segment.
    pub const fn parameters(self) -> Parameters {
        // Each site is ground just enough for its own term of the report.
        let common = Parameters {
            log_blowup: 1,
            queries: 261,
            log_final_poly_len: 4,
            max_log_arity: 3,
            batch_grinding: 11,
            commit_grinding: 2,
            query_grinding: 20,
            lookup_grinding: 12,
            ood_grinding: 0,
        };
        match self {
            Self::Two => common,
            Self::Four => Parameters {
                log_blowup: 2,
                queries: 131,
                batch_grinding: 22,
                commit_grinding: 12,
                ood_grinding: 2,
                ..common
            },
        }
    }
}

impl Parameters {
    /// The parameters as the transcript absorbs them.
    pub fn elements(&self) -> [F; 9] {
        [
            self.log_blowup,
            self.queries,
            self.log_final_poly_len,
            self.max_log_arity,
            self.batch_grinding,
            self.commit_grinding,
            self.query_grinding,
            self.lookup_grinding,
            self.ood_grinding,
        ]
        .map(F::from_usize)
    }

    /// FRI's own parameters.
    pub fn fri<M>(&self, mmcs: M) -> FriParameters<M> {
        FriParameters {
            log_blowup: self.log_blowup,
            log_final_poly_len: self.log_final_poly_len,
            max_log_arity: self.max_log_arity,
            num_queries: self.queries,
            batch_proof_of_work_bits: self.batch_grinding,
            commit_proof_of_work_bits: self.commit_grinding,
            query_proof_of_work_bits: self.query_grinding,
            mmcs,
        }
    }
}

/// The hash of rows and of the key.
pub fn sponge() -> Sponge {
    Sponge::new(default_koalabear_poseidon2_24())
}

/// The configuration whose transcript has absorbed `statement` before anything else.
pub fn config(parameters: &Parameters, statement: &[F]) -> Config {
    let permutation = default_koalabear_poseidon2_24();
    let mmcs = Mmcs::new(sponge(), Compression::new(permutation.clone()), 0);
    let fri = parameters.fri(ChallengeMmcs::new(mmcs.clone()));
    let mut challenger = Challenger::new(permutation);
    challenger.observe_slice(statement);
    StarkConfig::new(Pcs::new(Radix2DitParallel::default(), mmcs, fri), challenger)
        .with_lookup_proof_of_work_bits(parameters.lookup_grinding)
        .with_ood_proof_of_work_bits(parameters.ood_grinding)
}
