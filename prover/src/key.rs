//! Keys: what an ELF becomes before any run.

use std::sync::Arc;

use air::F;
use air::execution::Rom;
use air::layout::{DIGEST, pc_index};
use air::table::Table;
use air::tables::{Kind, byte, program, range};
use air::tree::{Digest, Tree};
use air::witness::first_memory;
use p3_commit::UnivariateStarkPcs;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::{CryptographicHasher, MerkleCap};
use serde::{Deserialize, Serialize};
use spec_interp::Program;
use thiserror::Error;

use crate::batch::Committed;
use crate::config::{Blowup, Challenge, Challenger, Commitment, config, sponge};
use crate::digest::ProgramDigest;
use crate::shape::MAX_LOG_HEIGHT;

/// Levels of the memory tree above a GiB.
const GIB: u32 = 22;

/// Counts changes of the tables, the key or the transcript; a proof of one version is not valid in another.
pub const VERSION: u16 = 1;

/// A program that no key can be made for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// More instructions than a table has rows.
    #[error("the program has {instructions} instructions at even addresses; a key holds at most {limit}: build it smaller")]
    ProgramTooLong {
        /// Instructions that decode.
        instructions: usize,
        /// The most that fit.
        limit: usize,
    },
    /// The commitment scheme failed, which no program should cause.
    #[error("cannot commit to the program: {0}")]
    Commitment(String),
}

/// What a verifier knows of a program: the commitment to its instructions and the first memory without the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyingKey {
    /// The parameters of proofs.
    pub blowup: Blowup,
    /// Halfword index of the first instruction.
    pub entry: u32,
    /// Logarithm of the height of the program table.
    pub log_program: u8,
    /// Commitment to the fixed columns.
    pub fixed: [F; DIGEST],
    /// Digest of the third GiB of the first memory: the program's region, the registers, the first half of RAM.
    pub lower_half: Digest,
    /// Digest of the fourth GiB: the second half of RAM, the output.
    pub upper_half: Digest,
}

impl VerifyingKey {
    /// The digest by which the program and the parameters are named.
    pub fn digest(&self) -> ProgramDigest {
        ProgramDigest(sponge().hash_iter(self.elements()))
    }

    /// The key as the transcript absorbs it.
    pub fn elements(&self) -> Vec<F> {
        let head = [F::from_u16(VERSION), F::from_u32(self.entry), F::from_u8(self.log_program)];
        let parameters = self.blowup.parameters().elements();
        let digests = [self.fixed, self.lower_half, self.upper_half];
        head.into_iter().chain(parameters).chain(digests.into_iter().flatten()).collect()
    }

    /// The root of the first memory with an input whose subtree has the given digest.
    pub fn first_root(&self, input: &Digest) -> Digest {
        let nothing = Tree::new([]).node((GIB, 0));
        let lower = air::tree::hash_pair(&nothing, input);
        let upper = air::tree::hash_pair(&self.lower_half, &self.upper_half);
        air::tree::hash_pair(&lower, &upper)
    }

    /// The commitment to the fixed columns.
    pub(crate) fn commitment(&self) -> Commitment {
        MerkleCap::new(vec![self.fixed])
    }
}

/// What a prover knows of a program.
pub struct ProvingKey {
    /// The program.
    pub program: Arc<Program>,
    /// The program lowered.
    pub rom: Rom,
    verifying: VerifyingKey,
    fixed: [Arc<RowMajorMatrix<F>>; 3],
    committed: Committed,
}

impl ProvingKey {
    /// Derives the keys of a program.
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(program: impl Into<Arc<Program>>, blowup: Blowup) -> Result<Self, KeyError> {
        let program = program.into();
        let rom = Rom::new(&program);
        let limit = 1 << MAX_LOG_HEIGHT;
        if rom.rows.len() > limit {
            return Err(KeyError::ProgramTooLong { instructions: rom.rows.len(), limit });
        }
        let fixed = [program::fixed(&rom.rows), range::fixed(), byte::fixed()].map(Arc::new);
        let (commitment, committed) = commit(blowup, &fixed)?;
        let memory = first_memory(&program, &[]);
        let verifying = VerifyingKey {
            blowup,
            entry: pc_index(program.entry),
            log_program: fixed[0].height().ilog2() as u8,
            fixed: commitment,
            lower_half: memory.node((GIB, 2)),
            upper_half: memory.node((GIB, 3)),
        };
        Ok(Self { program, rom, verifying, fixed, committed })
    }

    /// The verifier's part.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// A table of this program.
    pub fn table(&self, kind: Kind) -> Table {
        let [program, range, byte] = &self.fixed;
        match kind {
            Kind::Program => Table::with_fixed(kind, Some(program.clone())),
            Kind::Range => Table::with_fixed(kind, Some(range.clone())),
            Kind::Byte => Table::with_fixed(kind, Some(byte.clone())),
            _ => Table::new(kind),
        }
    }

    /// The committed fixed columns.
    pub(crate) const fn committed(&self) -> &Committed {
        &self.committed
    }
}

/// Commits to the fixed columns in the order of their tables.
fn commit(
    blowup: Blowup,
    fixed: &[Arc<RowMajorMatrix<F>>; 3],
) -> Result<([F; DIGEST], Committed), KeyError> {
    let config = config(&blowup.parameters(), &[]);
    let pcs = p3_batch_stark::StarkGenericConfig::pcs(&config);
    let domain = |height| <_ as p3_commit::Pcs<Challenge, Challenger>>::natural_domain_for_degree(pcs, height);
    let matrices = fixed.iter().map(|matrix| (domain(matrix.height()), matrix.as_ref().clone()));
    let (commitment, data) = UnivariateStarkPcs::<Challenge, Challenger>::commit_preprocessing(pcs, matrices)
        .map_err(|error| KeyError::Commitment(format!("{error:?}")))?;
    let [root] = commitment.roots() else {
        return Err(KeyError::Commitment("the commitment is not one root".to_owned()));
    };
    Ok((*root, data))
}

impl core::fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ProvingKey").field("verifying", &self.verifying).finish_non_exhaustive()
    }
}
