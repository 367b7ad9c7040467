//! The columns of the lookup argument: a fraction for each column of lookups, and their running sum.

use air::F;
use air::emit::Emitter;
use p3_air::RowWindow;
use p3_field::{
    BasedVectorSpace, PackedFieldExtension, PackedValue, PrimeCharacteristicRing, batch_multiplicative_inverse,
};
use p3_lookup::Lookup;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use verifier::config::Challenge;

use super::Instance;
use super::fold::{Fold, Fraction, Packed, PackedChallenge, Rows, Slots};

/// Base-field columns of a column of challenges.
const DIMENSION: usize = <Challenge as BasedVectorSpace<F>>::DIMENSION;
/// Rows whose denominators are inverted together.
const BATCH: usize = 512;

/// The argument's matrix over the base field, the running sum first, and the sum over all rows.
pub(super) fn sums(
    instance: &Instance<'_>,
    lookups: &[Lookup<F>],
    challenges: &[Challenge],
) -> (RowMajorMatrix<F>, Challenge) {
    let slots = Slots::new(instance.table, lookups, challenges);
    let (height, width) = (instance.trace.height(), DIMENSION * (lookups.len() + 1));
    let mut cells = vec![F::ZERO; height * width];
    let mut totals = vec![Challenge::ZERO; height];
    let batches = cells.par_chunks_mut(BATCH * width).zip(totals.par_chunks_mut(BATCH)).enumerate();
    batches.for_each(|(batch, (cells, totals))| fill_batch(instance, &slots, batch * BATCH, width, cells, totals));

    let mut sum = Challenge::ZERO;
    for (row, total) in cells.chunks_exact_mut(width).zip(totals) {
        row[..DIMENSION].copy_from_slice(sum.as_basis_coefficients_slice());
        sum += total;
    }
    (RowMajorMatrix::new(cells, width), sum)
}

/// Fills the fractions of a batch of rows, and the total of each row.
fn fill_batch(
    instance: &Instance<'_>,
    slots: &Slots,
    first: usize,
    width: usize,
    cells: &mut [F],
    totals: &mut [Challenge],
) {
    let mut fractions = fractions(instance, slots, first, totals.len());
    invert(&mut fractions);
    let columns = width / DIMENSION - 1;
    let packs = cells.chunks_exact_mut(width * Packed::WIDTH).zip(totals.chunks_exact_mut(Packed::WIDTH));
    for ((cells, totals), fractions) in packs.zip(fractions.chunks_exact(slots.columns.len())) {
        let mut sums = vec![PackedChallenge::ZERO; columns];
        for (&column, &(count, inverse)) in slots.columns.iter().zip(fractions) {
            sums[column] += inverse * count;
        }
        for (column, sum) in sums.iter().enumerate() {
            let coefficients: &[Packed] = sum.as_basis_coefficients_slice();
            for (d, coefficient) in coefficients.iter().enumerate() {
                for (row, &cell) in cells.chunks_exact_mut(width).zip(coefficient.as_slice()) {
                    row[DIMENSION * (column + 1) + d] = cell;
                }
            }
        }
        let sum: PackedChallenge = sums.into_iter().sum();
        for (lane, total) in totals.iter_mut().enumerate() {
            *total = sum.extract(lane);
        }
    }
}

/// The fractions of `rows` rows from `first` on, pack by pack.
fn fractions(instance: &Instance<'_>, slots: &Slots, first: usize, rows: usize) -> Vec<Fraction> {
    let mut fractions = Vec::with_capacity(rows / Packed::WIDTH * slots.columns.len());
    let mut constraints = Vec::new();
    for start in (first..first + rows).step_by(Packed::WIDTH) {
        let main: Vec<Packed> = instance.trace.vertically_packed_row(start).collect();
        let fixed: Vec<Packed> =
            instance.table.fixed().map_or_else(Vec::new, |fixed| fixed.vertically_packed_row(start).collect());
        let mut fold = Fold::<false> {
            // No interaction looks at another row, nor at a selector.
            rows: Rows {
                main: RowWindow::from_two_rows(&main, &main),
                fixed: RowWindow::from_two_rows(&fixed, &fixed),
                public: instance.public,
                is_first: Packed::ZERO,
                is_last: Packed::ZERO,
                is_transition: Packed::ZERO,
            },
            slots,
            constraints: &mut constraints,
            fractions: &mut fractions,
            interactions: 0,
        };
        instance.table.kind().eval(&mut Emitter::new(&mut fold));
    }
    fractions
}

/// Replaces each denominator by its inverse: products of all before, one inversion, and back (Montgomery).
fn invert(fractions: &mut [Fraction]) {
    let mut product = PackedChallenge::ONE;
    let mut before = Vec::with_capacity(fractions.len());
    for (_, denominator) in fractions.iter() {
        before.push(product);
        product *= *denominator;
    }
    let lanes: Vec<Challenge> = (0..Packed::WIDTH).map(|lane| product.extract(lane)).collect();
    let mut inverse = PackedChallenge::from_ext_slice(&batch_multiplicative_inverse(&lanes));
    for ((_, denominator), before) in fractions.iter_mut().zip(before).rev() {
        let rest = inverse * *denominator;
        *denominator = inverse * before;
        inverse = rest;
    }
}
