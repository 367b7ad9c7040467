//! Commits to the stack: a codeword, the root of a tree over its rows, and a nonce behind it.

use air::F;
use p3_challenger::GrindingChallenger;
use p3_dft::Radix2DFTSmallBatch;
use p3_matrix::dense::DenseMatrix;
use p3_sumcheck::commit::commit_borrowed_base;
use p3_sumcheck::layout::observe_commitment;
use verifier::challenger::Challenger;
use verifier::config::{FOLDING, LOOKUP_GRINDING, Mmcs, WhirParameters, mmcs};
use verifier::scheme::{CommitmentError, Committed};

use super::stack::Stack;

/// The codeword's rows and the tree over them.
pub(super) type Tree = <Mmcs as p3_commit::Mmcs<F>>::ProverData<DenseMatrix<F>>;

/// Commits to a stack.
pub(super) fn commit(
    parameters: &WhirParameters,
    stack: &Stack,
    challenger: &mut Challenger,
) -> Result<(Committed, Tree), CommitmentError> {
    let encoder = Radix2DFTSmallBatch::<F>::default();
    let (cap, tree) = commit_borrowed_base(&encoder, &mmcs(), FOLDING, parameters.starting_log_inv_rate, stack.cells());
    let [root] = *cap.roots() else { return Err(CommitmentError::Kind) };
    observe_commitment::<F, _, _>(challenger, cap);
    let nonce = challenger.grind(LOOKUP_GRINDING);
    Ok((Committed { root, nonce }, tree))
}
