//! Filling a table: a row for each item, in parallel.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use crate::F;
use crate::columns::Columns;
use crate::layout::height;

/// A matrix with a row per item, padded with zero rows to the table's height.
pub(crate) fn matrix<I: Sync, C: Columns<F>>(pieces: &[&[I]], fill: impl Fn(&I) -> C + Sync) -> RowMajorMatrix<F> {
    let used: usize = pieces.iter().map(|items| items.len()).sum();
    let mut cells = vec![F::ZERO; height(used) * C::WIDTH];
    let mut rest = cells.as_mut_slice();
    let mut parts = Vec::with_capacity(pieces.len());
    for &items in pieces {
        parts.push((rest.split_off_mut(..items.len() * C::WIDTH).unwrap_or(&mut []), items));
    }
    parts.into_par_iter().for_each(|(cells, items)| {
        cells.par_chunks_mut(C::WIDTH).zip(items).for_each(|(row, item)| fill(item).write(row));
    });
    RowMajorMatrix::new(cells, C::WIDTH)
}
