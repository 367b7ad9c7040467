//! Weights of a sum's terms as products of two short lists, which fit a core's cache where all products would not.

use p3_field::PrimeCharacteristicRing;
use p3_multilinear_util::poly::Poly;
use rayon::prelude::*;
use verifier::config::Challenge;

use super::packs::{Arithmetic, PackedChallenge, WIDTH};

/// Logarithm of the packs that a thread takes at a time.
const LOG_TAKEN: usize = 6;

/// The weights `eq` of the values of the variables behind the first, as products: of the first of these variables, and of the
/// last, of which there are as many as a thread takes values at a time.
pub(super) struct SplitEq<A> {
    pub(super) outer: Vec<Challenge>,
    pub(super) inner: Vec<A>,
}

impl SplitEq<Challenge> {
    pub(super) fn new(point: &[Challenge]) -> Self {
        let (outer, inner) = point.split_at(point.len().saturating_sub(LOG_TAKEN));
        let [outer, inner] = [outer, inner].map(|point| Poly::new_from_point(point, Challenge::ONE).into_evals());
        Self { outer, inner }
    }
}

impl SplitEq<PackedChallenge> {
    /// For as many variables as packs have, or more.
    pub(super) fn packed(point: &[Challenge]) -> Self {
        let (outer, inner) = point.split_at(point.len().saturating_sub(LOG_TAKEN + WIDTH.ilog2() as usize));
        let outer = Poly::new_from_point(outer, Challenge::ONE).into_evals();
        Self { outer, inner: Poly::new_packed_from_point(inner, Challenge::ONE).into_evals() }
    }
}

impl<A: Arithmetic> SplitEq<A> {
    pub(super) fn len(&self) -> usize {
        self.outer.len() * self.inner.len()
    }

    /// Adds up over the next variable: the weights of those behind it.
    pub(super) fn sum_first(&mut self) {
        fn halve<A: Arithmetic>(weights: &mut Vec<A>) {
            let half = weights.len() / 2;
            let (low, high) = weights.split_at_mut(half);
            low.iter_mut().zip(high).for_each(|(low, &mut high)| *low += high);
            weights.truncate(half);
        }
        if self.outer.len() > 1 { halve(&mut self.outer) } else { halve(&mut self.inner) }
    }

    /// The sum of pairs of values, each pair times its weight; of the values with one outer weight.
    #[inline(always)]
    pub(super) fn sum(&self, mut values: impl FnMut(usize) -> [A; 2]) -> [A; 2] {
        let (pairs, rest) = self.inner.as_chunks::<2>();
        let mut sums = [A::ZERO; 2];
        for (i, &[w, v]) in pairs.iter().enumerate() {
            let (a, b) = (values(2 * i), values(2 * i + 1));
            sums[0] += A::cross(w, a[0], v, b[0]);
            sums[1] += A::cross(w, a[1], v, b[1]);
        }
        for &weight in rest {
            let values = values(self.inner.len() - 1);
            sums[0] += weight * values[0];
            sums[1] += weight * values[1];
        }
        sums
    }

    /// The sum of pairs of values for each outer weight, times it.
    pub(super) fn sum_all(&self, values: impl Fn(usize) -> [A; 2] + Sync) -> [A; 2] {
        let piece = |(outer, &weight): (usize, &Challenge)| {
            let first = outer * self.inner.len();
            self.sum(|i| values(first + i)).map(|sum| sum * weight)
        };
        self.outer.par_iter().enumerate().map(piece).reduce(|| [A::ZERO; 2], add)
    }
}

/// Adds two sums.
pub(super) fn add<A: Arithmetic>(a: [A; 2], b: [A; 2]) -> [A; 2] {
    [a[0] + b[0], a[1] + b[1]]
}
