//! The proof system's types and parameters: `p3-multi-stark`'s protocol over KoalaBear, with Poseidon2 and WHIR.
//!
//! The main columns of all tables are stacked into one multilinear polynomial and committed once; look-ups are a sum of
//! fractions by GKR; one sumcheck joins them with the constraints; WHIR opens what both ask for.

use alloc::vec;
use alloc::vec::Vec;

use air::F;
use air::layout::DIGEST;
use air::tree::Digest;
use p3_dft::Radix2DFTSmallBatch;
use p3_field::extension::QuinticTrinomialExtensionField;
use p3_field::{PrimeCharacteristicRing, TwoAdicField};
use p3_multi_stark::config::MultiStarkConfig;
use p3_sumcheck::layout::{SuffixProver, Table};
use p3_symmetric::PaddingFreeSponge;
use p3_whir::{FoldingFactor, ProtocolParameters, SecurityAssumption, WhirConfig, WhirConfigError, WhirProver};

use crate::challenger::Challenger;
use crate::merkle::Merkle;
use crate::permutation::Permutation;
use crate::scheme::{Kept, Scheme};
use crate::shape::Class;

/// State elements of the permutation.
pub const WIDTH: usize = 24;
/// Elements absorbed at once: all but a digest's worth, so that collisions cost 2^139.
pub const RATE: usize = WIDTH - DIGEST;

/// The hash of rows and of the key.
pub type Sponge = PaddingFreeSponge<Permutation, WIDTH, RATE, DIGEST>;
/// Merkle trees: binary, of one root.
pub type Mmcs = Merkle;
/// Challenges: KoalaBear's quintic extension, 154 bits.
pub type Challenge = QuinticTrinomialExtensionField<F>;
/// How a stack is laid out and opened: a table's columns lie one behind the other.
pub type Stack = SuffixProver<F, Challenge>;
/// The polynomial commitment scheme.
pub type Whir = WhirProver<Challenge, F, Radix2DFTSmallBatch<F>, Mmcs, Challenger, Stack>;

/// WHIR's parameters for a stack.
pub type WhirParameters = WhirConfig<Challenge, F, Challenger>;

/// Bits of work to find a collision of nine-element digests: half of 9 log2 p = 278.8.
pub const COLLISION_BITS: usize = 139;
/// Variables folded first; no table is lower.
pub const FOLDING: usize = 6;
/// The most variables folded at a time from then on: rows of the extension are five times as long.
const LATER_FOLDING: usize = 4;
/// Variables of the polynomial that is sent at last; the library's threshold.
const LAST_VARIABLES: usize = 6;
/// Bits that each error term of WHIR reaches: so that all of them and the others together leave more than 128.
pub const WHIR_BITS: usize = 136;
/// The most bits that are ground at one place of WHIR.
pub const WHIR_GRINDING: usize = 16;
/// Bits ground between the commitment to the tables and the challenges of the look-ups.
pub const LOOKUP_GRINDING: usize = 12;
/// Logarithm of the expansion of the stack when it is committed; each round's is twice the one's before.
pub const LOG_BLOWUP: usize = 1;
/// The same of a small program's columns, whose commitment is made once: fewer queries for more to hash.
pub const LOG_PROGRAM_BLOWUP: usize = 3;
/// Logarithm of the longest codeword that a program's columns become for that; those of large programs expand less, so that
/// their keys do not take minutes.
const LOG_PROGRAM_CODEWORD: usize = 24;

/// The parameters as the transcript absorbs them.
pub fn parameters() -> [F; 11] {
    let numbers = [
        WIDTH,
        DIGEST,
        FOLDING,
        LATER_FOLDING,
        LAST_VARIABLES,
        WHIR_BITS,
        WHIR_GRINDING,
        LOOKUP_GRINDING,
        LOG_BLOWUP,
        LOG_PROGRAM_BLOWUP,
        LOG_PROGRAM_CODEWORD,
    ];
    numbers.map(F::from_usize)
}

/// Logarithm of the expansion of a program's columns, a stack of 2^`log_cells` cells.
pub fn log_program_blowup(log_cells: usize) -> usize {
    LOG_PROGRAM_CODEWORD.saturating_sub(log_cells).clamp(LOG_BLOWUP, LOG_PROGRAM_BLOWUP)
}

/// The variables of a stack of 2^`log_cells` cells that are folded in each round: in as few rounds as there can be, which fold
/// as equally as they can, since half a row less is more than a path longer by one.
fn folds(log_cells: usize) -> Vec<usize> {
    let mut folds = vec![FOLDING];
    let mut left = log_cells.saturating_sub(FOLDING + LAST_VARIABLES);
    while left > 0 {
        let fold = left.div_ceil(left.div_ceil(LATER_FOLDING));
        folds.push(fold);
        left -= fold;
    }
    folds
}

/// WHIR's parameters for a stack of 2^`log_cells` cells, committed with an expansion of at least 2, under unique decoding.
///
/// # Errors
/// [`WhirConfigError`] if there are none for a stack of this size.
pub fn whir_config(log_cells: usize, log_blowup: usize) -> Result<WhirParameters, WhirConfigError> {
    // The folded codeword's length is a power of two of which the field has a root of unity.
    let log_blowup = log_blowup.min((F::TWO_ADICITY + FOLDING).saturating_sub(log_cells));
    let folds = folds(log_cells);
    let parameters = ProtocolParameters {
        starting_log_inv_rate: log_blowup,
        round_log_inv_rates: (1..folds.len()).map(|round| log_blowup + round).collect(),
        folding_factor: FoldingFactor::PerRound(folds),
        soundness_type: SecurityAssumption::UniqueDecoding,
        security_level: WHIR_BITS,
        pow_bits: WHIR_GRINDING,
    };
    WhirConfig::new(log_cells, parameters)
}

/// WHIR over a stack of 2^`log_cells` cells.
///
/// # Errors
/// [`WhirConfigError`] if there are no parameters for a stack of this size.
pub fn whir(log_cells: usize, log_blowup: usize) -> Result<Whir, WhirConfigError> {
    Ok(Whir::new(whir_config(log_cells, log_blowup)?, Radix2DFTSmallBatch::default(), mmcs()))
}

/// Merkle trees.
pub fn mmcs() -> Mmcs {
    Mmcs::new(sponge(), Permutation::default())
}

/// The hash of rows and of the key.
pub fn sponge() -> Sponge {
    Sponge::new(Permutation::default())
}

/// The configuration of the library's STARK for a class of size and a program.
#[derive(Debug)]
pub struct Config {
    main: Scheme,
    fixed: Scheme,
}

impl Config {
    /// The configuration for segments of a class, of a program by the commitment to its columns.
    ///
    /// # Errors
    /// [`WhirConfigError`] if there are no parameters for stacks of this size.
    pub fn new(class: Class, program: Digest) -> Result<Self, WhirConfigError> {
        Ok(Self { main: Scheme::Main(whir(class.log_cells(), LOG_BLOWUP)?), fixed: Scheme::Fixed(program) })
    }
}

impl MultiStarkConfig for Config {
    type Val = F;
    type Challenge = Challenge;
    type Challenger = Challenger;
    type Pcs = Scheme;

    fn pcs(&self) -> &Scheme {
        &self.main
    }

    fn preprocessed_pcs(&self) -> &Scheme {
        &self.fixed
    }

    fn collision_resistance_bits(&self) -> Option<usize> {
        Some(COLLISION_BITS)
    }

    fn min_num_variables(&self) -> usize {
        FOLDING
    }

    fn build_witness(&self, tables: Vec<Table<F>>) -> Vec<Table<F>> {
        tables
    }

    fn committed_table<'a>(&self, kept: &'a Kept, index: usize) -> &'a Table<F> {
        kept.table(index)
    }
}

#[cfg(test)]
mod tests {
    use p3_commit::{BatchOpeningRef, Mmcs as _};
    use p3_matrix::Dimensions;
    use p3_matrix::dense::RowMajorMatrix;
    use p3_symmetric::MerkleCap;

    use super::*;

    /// Releases of the library before this one took a cap with more roots than there are for one.
    #[test]
    fn a_commitment_is_one_root() {
        let mmcs = mmcs();
        let cells = (0..64 * 4).map(F::from_u32).collect();
        let (cap, kept) = mmcs.commit_matrix(RowMajorMatrix::new(cells, 4));
        let opening = mmcs.open_batch(3, &kept);
        let verify = |roots: Vec<Digest>| {
            let dimensions = [Dimensions { width: 4, height: 64 }];
            let opening = BatchOpeningRef::new(&opening.opened_values, &opening.opening_proof);
            mmcs.verify_batch(&MerkleCap::new(roots), &dimensions, 3, opening)
        };
        let [root] = *cap.roots() else { panic!("one root") };
        assert!(verify(vec![root]).is_ok());
        for roots in [vec![root, root], vec![root, [F::ONE; DIGEST]], vec![root; 4]] {
            assert!(verify(roots.clone()).is_err(), "{roots:?}");
        }
    }

    /// And read the common beginning of slices of which one is shorter.
    #[test]
    #[should_panic(expected = "equal length")]
    fn slices_of_different_lengths_are_not_added() {
        p3_field::add_scaled_slice_in_place(&mut [F::ONE; 3], &[F::ONE; 2], F::ONE);
    }

    #[test]
    #[should_panic(expected = "out of bounds")]
    fn a_row_behind_the_last_is_not_read() {
        let mut matrix = RowMajorMatrix::new(vec![F::ONE; 6], 2);
        let _ = matrix.row_mut(3);
    }

    #[test]
    fn rounds_of_every_class() {
        let expected: [&[usize]; Class::ALL.len()] = [
            &[6, 4, 4],
            &[6, 3, 3, 3],
            &[6, 4, 3, 3],
            &[6, 4, 4, 3],
            &[6, 4, 4, 4],
            &[6, 4, 3, 3, 3],
            &[6, 4, 4, 3, 3],
            &[6, 4, 4, 4, 3],
        ];
        assert_eq!(Class::ALL.map(|class| folds(class.log_cells())), expected);
        // What the last round leaves is sent, and never more of it.
        for log_cells in 9..=27 {
            let left = log_cells - folds(log_cells).iter().sum::<usize>();
            assert_eq!(left, LAST_VARIABLES.min(log_cells - FOLDING), "{log_cells}");
        }
    }

    /// Every class and every program has parameters, and the queries are those that the documents name.
    #[test]
    fn parameters_of_every_stack() {
        let queries = |log_cells, log_blowup| -> Vec<usize> {
            let config = whir_config(log_cells, log_blowup).expect("parameters");
            let rounds = config.round_parameters().iter().map(|round| round.num_queries);
            rounds.chain([config.terminal().num_queries]).collect()
        };
        for class in Class::ALL {
            let expected = [290, 177, 145, 132, 126, 123];
            let found = queries(class.log_cells(), LOG_BLOWUP);
            assert_eq!(found, expected[..found.len()], "{class:?}");
        }
        let of_program = |log_height| queries(log_height + 3, log_program_blowup(log_height + 3));
        assert_eq!(of_program(14), [145, 132, 126]);
        assert_eq!(of_program(18), [145, 132, 126, 123]);
        assert_eq!(of_program(19), [177, 145, 132, 126]);
        assert_eq!(of_program(20), [290, 177, 145, 132]);
        for log_height in FOLDING..=crate::shape::MAX_LOG_PROGRAM {
            assert!(!of_program(log_height).is_empty());
        }
    }
}
