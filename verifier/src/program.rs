//! The commitment to the columns of a program, in its key, and the opening of them that a proof ends with.

use alloc::vec;
use alloc::vec::Vec;

use air::F;
use air::columns::Columns;
use air::tables::program::Fixed;
use air::tree::Digest;
use p3_commit::MultilinearPcs;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_multilinear_util::point::Point;
use p3_sumcheck::layout::{Layout, Table};
use p3_sumcheck::{OpeningBatch, OpeningProtocol, PrescribedPointPcs, TableShape, TableSpec};
use p3_symmetric::MerkleCap;
use p3_whir::{PcsProof, WhirConfigError, WhirProof};

use crate::challenger::Challenger;
use crate::config::{Challenge, FOLDING, Mmcs, Stack, Whir, log_program_blowup};
use crate::scheme::{Claim, CommitmentError, OpeningError, WhirData};

/// Columns of a program.
pub const WIDTH: usize = <Fixed<F> as Columns<F>>::WIDTH;
/// Logarithm of the columns that a stack of them has room for.
const LOG_WIDTH: usize = WIDTH.next_power_of_two().ilog2() as usize;

/// The opening of a program's columns at a point.
pub type ProgramOpening = WhirProof<F, Challenge, Mmcs>;

/// WHIR over the columns of a program of 2^`log_height` rows.
///
/// # Errors
/// [`WhirConfigError`] if there are no parameters for a stack of this size.
pub fn whir(log_height: usize) -> Result<Whir, WhirConfigError> {
    let log_cells = log_height + LOG_WIDTH;
    crate::config::whir(log_cells, log_program_blowup(log_cells))
}

/// All columns, at one point.
pub fn protocol(log_height: usize) -> OpeningProtocol {
    let columns = OpeningBatch::new((0..WIDTH).collect(), Vec::new());
    OpeningProtocol::new(vec![TableSpec::new(TableShape::new(log_height, WIDTH), vec![columns])])
}

/// Commits to the columns of a program.
///
/// # Errors
/// [`CommitmentError`] if there are no parameters for a program of this size.
pub fn commit(columns: &RowMajorMatrix<F>) -> Result<(Digest, WhirData), CommitmentError> {
    let whir = whir(columns.height().ilog2() as usize).map_err(CommitmentError::Whir)?;
    let stack = Stack::new_witness(vec![Table::new(columns.transpose())], FOLDING);
    let (cap, data) = whir.commit(stack, &mut Challenger::new(&[])).map_err(CommitmentError::Whir)?;
    let [root] = *cap.roots() else { return Err(CommitmentError::Kind) };
    Ok((root, data))
}

/// Shows a claim of a program's columns.
///
/// # Errors
/// [`CommitmentError`] if there are no parameters for a program of this size.
pub fn open(data: WhirData, claim: &Claim, challenger: &mut Challenger) -> Result<ProgramOpening, CommitmentError> {
    let log_height = claim.point.len();
    let whir = whir(log_height).map_err(CommitmentError::Whir)?;
    let point = Point::new(claim.point.clone());
    let opening = whir.open_at(data, &protocol(log_height), &[point], challenger).map_err(CommitmentError::Whir)?;
    Ok(opening.whir)
}

/// Verifies a claim of a program's columns.
///
/// # Errors
/// [`OpeningError`] unless the opening shows it.
pub fn verify(
    root: &Digest,
    claim: &Claim,
    opening: &ProgramOpening,
    challenger: &mut Challenger,
) -> Result<(), OpeningError> {
    let log_height = claim.point.len();
    let whir = whir(log_height).map_err(|_| OpeningError::Kind)?;
    let opening = PcsProof { whir: opening.clone(), evals: vec![OpeningBatch::new(claim.values.to_vec(), Vec::new())] };
    let (cap, point) = (MerkleCap::new(vec![*root]), Point::new(claim.point.clone()));
    whir.verify_at(&cap, &opening, &protocol(log_height), &[point], challenger).map_err(OpeningError::Whir)?;
    Ok(())
}
