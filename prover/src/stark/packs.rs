//! Packed elements: one for each of several neighbouring rows.

use air::F;
use p3_field::{
    Algebra, BasedVectorSpace, ExtensionField, Field, PackedFieldExtension, PackedValue, PrimeCharacteristicRing,
};
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

/// Coefficients of a challenge.
pub(super) const DEGREE: usize = <Challenge as BasedVectorSpace<F>>::DIMENSION;

/// A challenge or a pack of challenges, with what the inner loops do most.
pub(super) trait Arithmetic: PrimeCharacteristicRing + Algebra<Challenge> + Copy + Send + Sync {
    /// A challenge, prepared to be multiplied by.
    type Factor: Sync;

    /// Prepares a challenge.
    fn factor(challenge: Challenge) -> Self::Factor;

    /// The product with a prepared challenge.
    fn times(self, factor: &Self::Factor) -> Self;

    /// `a b + c d`.
    fn cross(a: Self, b: Self, c: Self, d: Self) -> Self;

    /// The value at a challenge of the linear polynomial that is this at 0 and another at 1.
    #[inline(always)]
    fn towards(self, other: Self, factor: &Self::Factor) -> Self {
        self + (other - self).times(factor)
    }
}

impl Arithmetic for Challenge {
    type Factor = Self;

    fn factor(challenge: Self) -> Self {
        challenge
    }

    fn times(self, factor: &Self) -> Self {
        self * *factor
    }

    fn cross(a: Self, b: Self, c: Self, d: Self) -> Self {
        a * b + c * d
    }
}

/// Products are taken as sums of many, of which each is reduced once: the library's own product of two packs reduces
/// twice as often, and is a call.
impl Arithmetic for p3_field::extension::PackedQuinticTrinomialExtensionField<F, Packed> {
    /// Of each coefficient of the product the factors of those of the other.
    type Factor = [[F; DEGREE]; DEGREE];

    fn factor(challenge: Challenge) -> Self::Factor {
        let columns: [Challenge; DEGREE] = core::array::from_fn(|i| {
            let power = Challenge::from_basis_coefficients_fn(|j| F::from_bool(i == j));
            challenge * power
        });
        core::array::from_fn(|k| columns.map(|column| column.as_basis_coefficients_slice()[k]))
    }

    #[inline(always)]
    fn times(self, factor: &Self::Factor) -> Self {
        let coefficients = coefficients(&self);
        Self::from_basis_coefficients_fn(|k| Packed::mixed_dot_product(coefficients, &factor[k]))
    }

    #[inline(always)]
    fn cross(a: Self, b: Self, c: Self, d: Self) -> Self {
        let [[a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]] = [*coefficients(&a), *coefficients(&b)];
        let [[c0, c1, c2, c3, c4], [d0, d1, d2, d3, d4]] = [*coefficients(&c), *coefficients(&d)];
        // Of x^0 to x^8.
        let e0 = Packed::dot_product(&[a0, c0], &[b0, d0]);
        let e1 = Packed::dot_product(&[a0, a1, c0, c1], &[b1, b0, d1, d0]);
        let e2 = Packed::dot_product(&[a0, a1, a2, c0, c1, c2], &[b2, b1, b0, d2, d1, d0]);
        let e3 = Packed::dot_product(&[a0, a1, a2, a3, c0, c1, c2, c3], &[b3, b2, b1, b0, d3, d2, d1, d0]);
        let e4 =
            Packed::dot_product(&[a0, a1, a2, a3, a4, c0, c1, c2, c3, c4], &[b4, b3, b2, b1, b0, d4, d3, d2, d1, d0]);
        let e5 = Packed::dot_product(&[a1, a2, a3, a4, c1, c2, c3, c4], &[b4, b3, b2, b1, d4, d3, d2, d1]);
        let e6 = Packed::dot_product(&[a2, a3, a4, c2, c3, c4], &[b4, b3, b2, d4, d3, d2]);
        let e7 = Packed::dot_product(&[a3, a4, c3, c4], &[b4, b3, d4, d3]);
        let e8 = Packed::dot_product(&[a4, c4], &[b4, d4]);
        // x^5 = 1 - x^2.
        let e5 = e5 - e8;
        let product = [e0 + e5, e1 + e6, e2 - e5 + e7, e3 - e6 + e8, e4 - e7];
        Self::from_basis_coefficients_fn(|k| product[k])
    }
}

#[inline(always)]
fn coefficients(pack: &PackedChallenge) -> &[Packed; DEGREE] {
    let Some(coefficients) = pack.as_basis_coefficients_slice().first_chunk() else {
        unreachable!("a challenge has that many");
    };
    coefficients
}

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

/// The values of a multilinear polynomial with its first variable set, in the first half of the memory.
pub(super) fn fold<'a, A: Arithmetic>(values: &'a mut [A], challenge: &A::Factor) -> &'a mut [A] {
    let (low, high) = values.split_at_mut(values.len() / 2);
    low.par_chunks_mut(TAKEN).zip(high.par_chunks(TAKEN)).for_each(|(low, high)| {
        low.iter_mut().zip(high).for_each(|(low, &high)| *low = low.towards(high, challenge));
    });
    low
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_library() {
        let mut seed = 1_u32;
        let mut element = |_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // The largest elements too.
            if seed >> 30 == 0 { -F::ONE } else { F::from_u32(seed >> 1) }
        };
        let mut next = || {
            let coefficients: [Packed; DEGREE] = core::array::from_fn(|_| Packed::from_fn(&mut element));
            PackedChallenge::from_basis_coefficients_fn(|i| coefficients[i])
        };
        for _ in 0..200 {
            let [a, b, c, d] = core::array::from_fn(|_| next());
            assert_eq!(PackedChallenge::cross(a, b, c, d), a * b + c * d);
            let challenge = lanes(b);
            let factor = PackedChallenge::factor(challenge);
            assert_eq!(a.times(&factor), a * PackedChallenge::from(challenge));
            assert_eq!(a.towards(c, &factor), a + PackedChallenge::from(challenge) * (c - a));
        }
    }
}
