//! The messages of a sumcheck over sums that are weighted by `eq`.

use p3_field::{Field, PrimeCharacteristicRing};
use p3_sumcheck::generic_degree::RoundPolyInterpolator;
use verifier::config::Challenge;

/// What a round sends, and what it leaves, of a sum weighted by `eq(tau, x)`: a polynomial `q` of which the first variable
/// is left, at 0, 2, 3, ...; the factor of the variables that are set; the coordinate of `tau` of this one.
pub(super) struct Round<'a> {
    pub(super) interpolator: &'a RoundPolyInterpolator<Challenge>,
    /// `q` at 0 and from 2 on.
    pub(super) values: &'a [Challenge],
    /// `q(0) + q(1)`.
    sum: Challenge,
}

impl<'a> Round<'a> {
    /// Where `claim = (1 - tau) q(0) + tau q(1)`.
    pub(super) fn new(
        interpolator: &'a RoundPolyInterpolator<Challenge>,
        values: &'a [Challenge],
        claim: Challenge,
        tau: Challenge,
    ) -> Self {
        let at_one = (claim - (Challenge::ONE - tau) * values[0]) * tau.inverse();
        Self { interpolator, values, sum: values[0] + at_one }
    }

    /// The message: with its weights, whose degree is one higher.
    pub(super) fn weighted(&self, prefix: Challenge, tau: Challenge) -> Vec<Challenge> {
        let degree = self.values.len() + 1;
        let last = self.interpolator.eval(self.values, self.sum, Challenge::from_usize(degree));
        let nodes = (0..=degree).filter(|&node| node != 1).map(Challenge::from_usize);
        nodes.zip(self.values.iter().copied().chain([last])).map(|(node, q)| prefix * eq(tau, node) * q).collect()
    }

    /// `q` at the challenge: the claim of the next round.
    pub(super) fn claim(&self, challenge: Challenge) -> Challenge {
        self.interpolator.eval(self.values, self.sum, challenge)
    }

    /// `q` at 0 and from 2 on, as many as are wanted.
    pub(super) fn extended(&self, len: usize) -> Vec<Challenge> {
        self.interpolator.extend_evals(self.values, self.sum, len)
    }
}

/// `eq` of one coordinate.
pub(super) fn eq(a: Challenge, b: Challenge) -> Challenge {
    (Challenge::ONE - a) * (Challenge::ONE - b) + a * b
}
