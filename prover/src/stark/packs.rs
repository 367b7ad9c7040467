//! Packed elements: one for each of several neighbouring rows.

use air::F;
use p3_field::{ExtensionField, Field, PackedFieldExtension, PackedValue, PrimeCharacteristicRing};
use p3_multi_stark::packed_ext::PackedExt;
use rayon::prelude::*;
use verifier::config::Challenge;

/// A pack of field elements.
pub(super) type Packed = <F as Field>::Packing;
/// A pack of challenges.
pub(super) type PackedChallenge = <Challenge as ExtensionField<F>>::ExtensionPacking;
/// A pack of challenges as the cells of rows are packs of field elements.
pub(super) type Element = PackedExt<F, PackedChallenge>;
/// Elements of a pack.
pub(super) const WIDTH: usize = Packed::WIDTH;

/// Packs that a thread takes at a time.
const TAKEN: usize = 128;

/// The sum of the lanes.
pub(super) fn lanes(pack: PackedChallenge) -> Challenge {
    <PackedChallenge as PackedFieldExtension<F, Challenge>>::to_ext_iter([pack]).sum()
}

/// Sums over `0..len`, of which each thread takes a piece at a time.
pub(super) fn sum_over<const N: usize, A: PrimeCharacteristicRing + Copy + Send>(
    len: usize,
    of_piece: impl Fn(core::ops::Range<usize>) -> [A; N] + Sync,
) -> [A; N] {
    let pieces = (0..len.div_ceil(TAKEN)).into_par_iter();
    pieces.map(|piece| of_piece(piece * TAKEN..len.min((piece + 1) * TAKEN))).reduce(
        || [A::ZERO; N],
        |mut sum, more| {
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            sum
        },
    )
}

/// The values of a multilinear polynomial with its first variable set.
pub(super) fn fold<A: PrimeCharacteristicRing + Copy + Send + Sync>(values: &mut Vec<A>, challenge: A) {
    let half = values.len() / 2;
    let (low, high) = values.split_at_mut(half);
    low.par_chunks_mut(TAKEN).zip(high.par_chunks(TAKEN)).for_each(|(low, high)| {
        low.iter_mut().zip(high).for_each(|(low, &high)| *low += challenge * (high - *low));
    });
    values.truncate(half);
}

/// Weights of the rows at a point: `eq`, of which `sum_first` takes the first variable off.
pub(super) fn sum_first<A: PrimeCharacteristicRing + Copy + Send + Sync>(weights: &mut Vec<A>) {
    let half = weights.len() / 2;
    let (low, high) = weights.split_at_mut(half);
    low.par_chunks_mut(TAKEN).zip(high.par_chunks(TAKEN)).for_each(|(low, high)| {
        low.iter_mut().zip(high).for_each(|(low, &high)| *low += high);
    });
    weights.truncate(half);
}

/// Packs as single elements.
pub(super) fn unpacked(packs: &[PackedChallenge]) -> Vec<Challenge> {
    <PackedChallenge as PackedFieldExtension<F, Challenge>>::to_ext_iter(packs.iter().copied()).collect()
}
