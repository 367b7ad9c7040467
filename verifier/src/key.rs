//! Keys: what an ELF becomes before any run.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use air::F;
use air::layout::pc_index;
use air::rom::Rom;
use air::tables::program::fixed;
use air::tree::{Digest, Tree, program_memory};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::CryptographicHasher;
use serde::{Deserialize, Serialize};
use spec_interp::Program;
use thiserror::Error;

use crate::config::sponge;
use crate::digest::ProgramDigest;
use crate::program;
use crate::scheme::WhirData;
use crate::shape::MAX_LOG_PROGRAM;

/// Levels of the memory tree above a GiB.
const GIB: u32 = 22;

/// Counts changes of the tables, the key or the transcript, and releases of the library, whose seeds the transcript leaves
/// out; a proof of one version is not valid in another.
pub const VERSION: u16 = 7;

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
    /// Halfword index of the first instruction.
    pub entry: u32,
    /// Logarithm of the height of the program table.
    pub log_program: u8,
    /// Commitment to the program's columns.
    pub columns: Digest,
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
    pub fn new(program: &Program) -> Result<Self, KeyError> {
        let columns = ProgramColumns::new(&Rom::new(program))?;
        Ok(Self::of(pc_index(program.entry), &program_memory(program), &columns))
    }

    /// The key of a program whose columns are committed and whose memory, without an input, is hashed.
    pub fn of(entry: u32, memory: &Tree, columns: &ProgramColumns) -> Self {
        let log_program = columns.columns.height().ilog2() as u8;
        let [lower_half, upper_half] = [memory.node((GIB, 2)), memory.node((GIB, 3))];
        Self { entry, log_program, columns: columns.root, lower_half, upper_half }
    }

    /// The digest by which the program is named.
    pub fn digest(&self) -> ProgramDigest {
        ProgramDigest(sponge().hash_iter(self.elements()))
    }

    fn elements(&self) -> Vec<F> {
        let head = [F::from_u16(VERSION), F::from_u32(self.entry), F::from_u8(self.log_program)];
        let digests = [self.columns, self.lower_half, self.upper_half];
        head.into_iter().chain(digests.into_iter().flatten()).collect()
    }

    /// The root of the first memory with an input whose subtree has the given digest.
    pub fn first_root(&self, input: &Digest) -> Digest {
        let nothing = Tree::new([]).node((GIB, 0));
        let lower = air::tree::hash_pair(&nothing, input);
        let upper = air::tree::hash_pair(&self.lower_half, &self.upper_half);
        air::tree::hash_pair(&lower, &upper)
    }
}

/// The columns of a program, and what they are opened by.
pub struct ProgramColumns {
    /// The columns.
    pub columns: Arc<RowMajorMatrix<F>>,
    /// What the commitment scheme keeps to open them.
    pub data: WhirData,
    root: Digest,
}

impl ProgramColumns {
    /// Commits to the columns of a program.
    ///
    /// # Errors
    /// [`KeyError`] if the program is longer than a table.
    pub fn new(rom: &Rom) -> Result<Self, KeyError> {
        let limit = 1 << MAX_LOG_PROGRAM;
        if rom.rows.len() > limit {
            return Err(KeyError::ProgramTooLong { instructions: rom.rows.len(), limit });
        }
        let columns = Arc::new(fixed(&rom.rows));
        let (root, data) = program::commit(&columns).map_err(|error| KeyError::Commitment(format!("{error:?}")))?;
        Ok(Self { columns, data, root })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use air::layout::DIGEST;
    use air::tree::{first_memory, input_digest};
    use spec_interp::Input;
    use spec_interp::map::PROGRAM_BASE;

    use super::*;

    fn program(ram: &[u8]) -> Program {
        // addi a7, zero, 93; ecall
        Program::from_code(PROGRAM_BASE, &[0x93, 0x08, 0xd0, 0x05, 0x73, 0, 0, 0], ram).expect("it loads")
    }

    fn key(ram: &[u8]) -> VerifyingKey {
        VerifyingKey::new(&program(ram)).expect("a small program")
    }

    /// The verifier rebuilds the root from the halves and the input's digest; it is that of the whole memory.
    #[test]
    fn the_first_root_is_that_of_the_first_memory() {
        let ram = [7; 1000];
        let key = key(&ram);
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
        let honest = key(&[1]);
        let changed = |change: &dyn Fn(&mut VerifyingKey)| {
            let mut key = honest.clone();
            change(&mut key);
            key.digest()
        };
        let mut digests = vec![honest.digest()];
        digests.push(changed(&|key| key.entry += 1));
        digests.push(changed(&|key| key.log_program += 1));
        for i in 0..DIGEST {
            digests.push(changed(&|key| key.columns[i] += F::ONE));
            digests.push(changed(&|key| key.lower_half[i] += F::ONE));
            digests.push(changed(&|key| key.upper_half[i] += F::ONE));
        }
        for (i, digest) in digests.iter().enumerate() {
            assert!(!digests[..i].contains(digest), "change {i} is not in the digest");
        }
    }

    #[test]
    fn a_program_longer_than_a_table_is_refused() {
        let limit = 1 << MAX_LOG_PROGRAM;
        // c.nop and c.nop are also one instruction of neither: each halfword is one of its own.
        let code = [1, 0].repeat(limit + 1);
        let program = Program::from_code(PROGRAM_BASE, &code, &[]).expect("it loads");
        let error = VerifyingKey::new(&program).err();
        assert_eq!(error, Some(KeyError::ProgramTooLong { instructions: limit + 1, limit }));
    }
}
