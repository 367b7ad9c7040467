//! Keys: what an ELF becomes before any run.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use air::F;
use air::layout::{DIGEST, pc_index};
use air::rom::Rom;
use air::tables::{byte, program, range};
use air::tree::{Digest, Tree, program_memory};
use p3_commit::UnivariateStarkPcs;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::{CryptographicHasher, MerkleCap};
use serde::{Deserialize, Serialize};
use spec_interp::Program;
use thiserror::Error;

use crate::config::{Blowup, Challenge, Challenger, Commitment, Committed, config, sponge};
use crate::digest::ProgramDigest;
use crate::shape::MAX_LOG_HEIGHT;

/// Levels of the memory tree above a GiB.
const GIB: u32 = 22;

/// Counts changes of the tables, the key or the transcript; a proof of one version is not valid in another.
pub const VERSION: u16 = 4;

/// A program that no key can be made for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// More instructions than a table has rows.
    #[error(
        "the program has {instructions} instructions at even addresses; a key holds at most {limit}: build it smaller"
    )]
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
    /// The key of a program.
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(program: &Program, blowup: Blowup) -> Result<Self, KeyError> {
        let fixed = FixedColumns::new(&Rom::new(program), blowup)?;
        Ok(Self::of(pc_index(program.entry), &program_memory(program), &fixed, blowup))
    }

    /// The key of a program whose columns are committed and whose memory, without an input, is hashed.
    pub fn of(entry: u32, memory: &Tree, fixed: &FixedColumns, blowup: Blowup) -> Self {
        let log_program = fixed.program.height().ilog2() as u8;
        let [lower_half, upper_half] = [memory.node((GIB, 2)), memory.node((GIB, 3))];
        Self { blowup, entry, log_program, fixed: fixed.commitment, lower_half, upper_half }
    }

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
    pub fn commitment(&self) -> Commitment {
        MerkleCap::new(vec![self.fixed])
    }
}

/// The fixed columns of the tables that have some, and what they are opened by.
pub struct FixedColumns {
    /// Those of the program.
    pub program: Arc<RowMajorMatrix<F>>,
    /// Those of ranges.
    pub range: Arc<RowMajorMatrix<F>>,
    /// Those of bytes.
    pub byte: Arc<RowMajorMatrix<F>>,
    /// What the commitment scheme keeps to open them.
    pub committed: Committed,
    commitment: [F; DIGEST],
}

impl FixedColumns {
    /// Commits to the columns of a program and of the machine.
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(rom: &Rom, blowup: Blowup) -> Result<Self, KeyError> {
        let limit = 1 << MAX_LOG_HEIGHT;
        if rom.rows.len() > limit {
            return Err(KeyError::ProgramTooLong { instructions: rom.rows.len(), limit });
        }
        let [program, range, byte] = [program::fixed(&rom.rows), range::fixed(), byte::fixed()].map(Arc::new);
        let (commitment, committed) = commit(blowup, &[&program, &range, &byte])?;
        Ok(Self { program, range, byte, committed, commitment })
    }
}

/// Commits to fixed columns, given in the order of their tables.
fn commit(blowup: Blowup, fixed: &[&RowMajorMatrix<F>]) -> Result<([F; DIGEST], Committed), KeyError> {
    let config = config(&blowup.parameters(), &[]);
    let pcs = p3_batch_stark::StarkGenericConfig::pcs(&config);
    let domain = |height| <_ as p3_commit::Pcs<Challenge, Challenger>>::natural_domain_for_degree(pcs, height);
    let matrices = fixed.iter().map(|matrix| (domain(matrix.height()), (*matrix).clone()));
    let (commitment, data) = UnivariateStarkPcs::<Challenge, Challenger>::commit_preprocessing(pcs, matrices)
        .map_err(|error| KeyError::Commitment(format!("{error:?}")))?;
    let [root] = commitment.roots() else {
        return Err(KeyError::Commitment("the commitment is not one root".to_owned()));
    };
    Ok((*root, data))
}

#[cfg(test)]
mod tests {
    use air::tree::{first_memory, input_digest};
    use spec_interp::Input;
    use spec_interp::map::PROGRAM_BASE;

    use super::*;

    fn program(ram: &[u8]) -> Program {
        // addi a7, zero, 93; ecall
        Program::from_code(PROGRAM_BASE, &[0x93, 0x08, 0xd0, 0x05, 0x73, 0, 0, 0], ram).expect("it loads")
    }

    fn key(ram: &[u8], blowup: Blowup) -> VerifyingKey {
        VerifyingKey::new(&program(ram), blowup).expect("a small program")
    }

    /// The verifier rebuilds the root from the halves and the input's digest; it is that of the whole memory.
    #[test]
    fn the_first_root_is_that_of_the_first_memory() {
        let ram = [7; 1000];
        let key = key(&ram, Blowup::Two);
        for input in [&[] as &[u8], &[0], &[1; 247], &[2; 248], &[3; 249], &[4; 5000]] {
            let root = key.first_root(&input_digest(input));
            assert_eq!(root, first_memory(&program(&ram), input).root(), "{} bytes", input.len());
        }
        for region in [&[] as &[u8], &[255; 8], &[5; 256], &[6; 257], &[7; 5001]] {
            let input = Input::Region(region);
            let root = key.first_root(&input_digest(input));
            assert_eq!(root, first_memory(&program(&ram), input).root(), "{} bytes", region.len());
        }
    }

    #[test]
    fn every_part_of_a_key_is_in_its_digest() {
        let honest = key(&[1], Blowup::Two);
        let changed = |change: &dyn Fn(&mut VerifyingKey)| {
            let mut key = honest.clone();
            change(&mut key);
            key.digest()
        };
        let mut digests = vec![honest.digest()];
        digests.push(changed(&|key| key.blowup = Blowup::Four));
        digests.push(changed(&|key| key.entry += 1));
        digests.push(changed(&|key| key.log_program += 1));
        for i in 0..DIGEST {
            digests.push(changed(&|key| key.fixed[i] += F::ONE));
            digests.push(changed(&|key| key.lower_half[i] += F::ONE));
            digests.push(changed(&|key| key.upper_half[i] += F::ONE));
        }
        for (i, digest) in digests.iter().enumerate() {
            assert!(!digests[..i].contains(digest), "change {i} is not in the digest");
        }
    }

    #[test]
    fn a_program_longer_than_a_table_is_refused() {
        let limit = 1 << MAX_LOG_HEIGHT;
        // c.nop and c.nop are also one instruction of neither: each halfword is one of its own.
        let code = [1, 0].repeat(limit + 1);
        let program = Program::from_code(PROGRAM_BASE, &code, &[]).expect("it loads");
        let error = VerifyingKey::new(&program, Blowup::Two).err();
        assert_eq!(error, Some(KeyError::ProgramTooLong { instructions: limit + 1, limit }));
    }
}
