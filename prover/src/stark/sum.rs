//! A sum of fractions by GKR: a tree of additions, each layer's claim shown by a sumcheck over the layer below it.
//!
//! The two lowest layers are most of the work and of the memory. The first above the leaves is never kept: it is added up
//! again where it is read. The leaves' sumcheck goes on in the leaves' own memory.

use air::F;
use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_multi_stark::fractional_gkr::{FractionGkrLayerProof, FractionGkrProof, SplitFraction};
use p3_sumcheck::generic_degree::RoundPolyInterpolator;
use rayon::prelude::*;
use verifier::challenger::Challenger;
use verifier::config::Challenge;

use super::packs::{Arithmetic, Packed, PackedChallenge, WIDTH, lanes, unpacked};
use super::round::{Round, eq};
use super::split_eq::{SplitEq, add};

/// Variables of layers that are small enough not to be packed.
const SMALL: usize = 10;

/// Fractions: numerators, which lie in the base field, and denominators.
pub(super) struct Leaves {
    pub(super) numerators: Vec<F>,
    pub(super) denominators: Vec<PackedChallenge>,
    /// Packs behind which all fractions are 0/1.
    pub(super) used: usize,
}

/// The claim that is left of a sum: what the fractions are at a point.
pub(super) struct Claim {
    pub(super) point: Vec<Challenge>,
    pub(super) numerator: Challenge,
    pub(super) denominator: Challenge,
}

/// A layer of the tree: fractions of which each in the first half is added to one in the second.
struct Layer<A> {
    n: Vec<A>,
    d: Vec<A>,
}

enum AnyLayer {
    Packed(Layer<PackedChallenge>),
    Small(Layer<Challenge>),
}

impl<A: Arithmetic> Layer<A> {
    /// The layer above.
    fn above(&self) -> Self {
        let half = self.n.len() / 2;
        let ([n0, n1], [d0, d1]) = ([0, half].map(|at| &self.n[at..]), [0, half].map(|at| &self.d[at..]));
        let sum = |i: usize| (A::cross(d1[i], n0[i], d0[i], n1[i]), d0[i] * d1[i]);
        let (n, d) = (0..half).into_par_iter().map(sum).unzip();
        Self { n, d }
    }

    fn is_root(&self) -> bool {
        self.n.len() == 2
    }
}

impl Leaves {
    fn fraction(&self, i: usize) -> (Packed, PackedChallenge) {
        (Packed::pack_slice(&self.numerators)[i], self.denominators[i])
    }

    /// A fraction of the layer above.
    fn above(&self, i: usize) -> (PackedChallenge, PackedChallenge) {
        let (other, (n0, d0)) = (i + self.denominators.len() / 2, self.fraction(i));
        if other >= self.used {
            return (n0.into(), d0);
        }
        let (n1, d1) = self.fraction(other);
        (d1 * n0 + d0 * n1, d0 * d1)
    }

    /// The second layer above.
    fn above_twice(&self) -> Layer<PackedChallenge> {
        let quarter = self.denominators.len() / 4;
        let sum = |i: usize| {
            let ((n0, d0), (n1, d1)) = (self.above(i), self.above(i + quarter));
            (PackedChallenge::cross(d1, n0, d0, n1), d0 * d1)
        };
        let (n, d) = (0..quarter).into_par_iter().map(sum).unzip();
        Layer { n, d }
    }
}

/// The second layer above the leaves, those above it from below, and the two fractions under the root.
fn tree(leaves: &Leaves) -> (Layer<PackedChallenge>, Vec<AnyLayer>, SplitFraction<Challenge>) {
    let lowest = leaves.above_twice();
    let (mut layers, mut layer) = (Vec::new(), lowest.above());
    while layer.n.len() * WIDTH > 1 << SMALL {
        let above = layer.above();
        layers.push(AnyLayer::Packed(layer));
        layer = above;
    }
    let mut layer = Layer { n: unpacked(&layer.n), d: unpacked(&layer.d) };
    while !layer.is_root() {
        let above = layer.above();
        layers.push(AnyLayer::Small(layer));
        layer = above;
    }
    (lowest, layers, SplitFraction { n0: layer.n[0], d0: layer.d[0], n1: layer.n[1], d1: layer.d[1] })
}

/// Proves that fractions add up to zero, and what they are at a point. If they do not, so does not the proof. The leaves are
/// memory afterwards.
pub(super) fn prove(leaves: &mut Leaves, challenger: &mut Challenger) -> (FractionGkrProof<Challenge>, Claim) {
    let (mut lowest, layers, top) = tree(leaves);
    let root_denominator = top.d0 * top.d1;
    challenger.seed();
    challenger.absorb(&[root_denominator]);
    // Without a sum there is nothing to combine by it.
    let _ = challenger.draw();
    let mut claim = Claim { point: Vec::new(), numerator: Challenge::ZERO, denominator: Challenge::ZERO };
    claim.close(Vec::new(), &top, challenger);
    let mut proofs = vec![FractionGkrLayerProof { round_polys: Vec::new(), claims: top }];

    let interpolator = RoundPolyInterpolator::new(2);
    let mut descend = |prove: &mut dyn FnMut(&mut Sumcheck<'_>) -> SplitFraction<Challenge>| {
        let lambda = challenger.draw();
        let mut sumcheck = Sumcheck {
            interpolator: &interpolator,
            challenger,
            lambda,
            claim: claim.numerator + lambda * claim.denominator,
            prefix: Challenge::ONE,
            tau: &claim.point,
            challenges: Vec::new(),
            messages: Vec::new(),
        };
        let claims = prove(&mut sumcheck);
        let (challenges, round_polys) = (sumcheck.challenges, sumcheck.messages);
        claim.close(challenges, &claims, challenger);
        proofs.push(FractionGkrLayerProof { round_polys, claims });
    };
    for layer in layers.into_iter().rev() {
        match layer {
            AnyLayer::Small(mut layer) => descend(&mut |sumcheck| sumcheck.small(&mut layer)),
            AnyLayer::Packed(mut layer) => descend(&mut |sumcheck| sumcheck.packed(&mut layer)),
        }
    }
    descend(&mut |sumcheck| sumcheck.packed(&mut lowest));
    descend(&mut |sumcheck| sumcheck.above_leaves(leaves, &mut lowest));
    drop(lowest);
    descend(&mut |sumcheck| sumcheck.leaves(leaves));
    (FractionGkrProof { root_denominator, layers: proofs }, claim)
}

impl Claim {
    fn close(&mut self, challenges: Vec<Challenge>, claims: &SplitFraction<Challenge>, challenger: &mut Challenger) {
        challenger.absorb(&[claims.n0, claims.d0, claims.n1, claims.d1]);
        let branch = challenger.draw_nonzero();
        self.point = [vec![branch], challenges].concat();
        self.numerator = claims.n0 + branch * (claims.n1 - claims.n0);
        self.denominator = claims.d0 + branch * (claims.d1 - claims.d0);
    }
}

/// Values of a layer for one place: numerators and denominators of the two fractions that are added.
#[derive(Clone, Copy)]
struct Pair<A> {
    /// The first numerator and `lambda` times its denominator.
    m0: A,
    n1: A,
    d0: A,
    d1: A,
}

impl<A: Arithmetic> Pair<A> {
    /// What the sumcheck adds up, where the variable is 0 and where it is 2.
    #[inline(always)]
    fn terms(low: Self, high: Self) -> [A; 2] {
        let at_two = |low: A, high: A| high.double() - low;
        let cross = |Self { m0, n1, d0, d1 }| A::cross(d1, m0, d0, n1);
        let two = Self {
            m0: at_two(low.m0, high.m0),
            n1: at_two(low.n1, high.n1),
            d0: at_two(low.d0, high.d0),
            d1: at_two(low.d1, high.d1),
        };
        [cross(low), cross(two)]
    }
}

/// A layer as its sumcheck goes on.
struct State<'a, A> {
    m0: &'a mut [A],
    n1: &'a mut [A],
    d0: &'a mut [A],
    d1: &'a mut [A],
}

/// The four quarters of some values, the first two to be written, cut into pieces.
fn quarters<A: Arithmetic>(
    values: &mut [A],
    piece: usize,
) -> impl IndexedParallelIterator<Item = [(&mut [A], &[A]); 2]> {
    let (low, high) = values.split_at_mut(values.len() / 2);
    let quarter = low.len() / 2;
    let (first, second) = low.split_at_mut(quarter);
    let (third, fourth) = high.split_at(quarter);
    let first = first.par_chunks_mut(piece).zip(third.par_chunks(piece));
    let second = second.par_chunks_mut(piece).zip(fourth.par_chunks(piece));
    first.zip(second).map(|(first, second)| [first, second])
}

impl<'a, A: Arithmetic> State<'a, A> {
    fn of(layer: &'a mut Layer<A>, lambda: A::Factor) -> Self {
        let (n0, n1) = layer.n.split_at_mut(layer.d.len() / 2);
        let (d0, d1) = layer.d.split_at_mut(n0.len());
        n0.par_iter_mut().zip(&*d0).for_each(|(n0, &d0)| *n0 += d0.times(&lambda));
        Self { m0: n0, n1, d0, d1 }
    }

    fn len(&self) -> usize {
        self.m0.len()
    }

    fn at(&self, i: usize) -> Pair<A> {
        Pair { m0: self.m0[i], n1: self.n1[i], d0: self.d0[i], d1: self.d1[i] }
    }

    /// The sum with its first variable at 0 and 2.
    fn round(&self, weights: &SplitEq<A>) -> [A; 2] {
        let half = weights.len();
        weights.sum_all(|i| Pair::terms(self.at(i), self.at(i + half)))
    }

    fn arrays(self) -> [&'a mut [A]; 4] {
        [self.m0, self.n1, self.d0, self.d1]
    }

    /// Sets the first variable, and adds up over the next one at 0 and 2.
    fn fold_round(self, challenge: Challenge, weights: &SplitEq<A>) -> (Self, [A; 2]) {
        let factor = A::factor(challenge);
        let piece = weights.inner.len();
        let [m0, n1, d0, d1] = self.arrays();
        let sums = {
            let [m0, n1, d0, d1] = [&mut *m0, &mut *n1, &mut *d0, &mut *d1].map(|values| quarters(values, piece));
            let pieces = (m0, n1, d0, d1).into_par_iter().zip(&weights.outer);
            let sum = |((mut m0, mut n1, mut d0, mut d1), &weight): ((_, _, _, _), _)| {
                let sums = weights.sum(|i| {
                    let mut fold = |side: usize| {
                        let fold = |values: &mut [(&mut [A], &[A]); 2]| {
                            let (low, high) = &mut values[side];
                            low[i] = low[i].towards(high[i], &factor);
                            low[i]
                        };
                        Pair { m0: fold(&mut m0), n1: fold(&mut n1), d0: fold(&mut d0), d1: fold(&mut d1) }
                    };
                    let low = fold(0);
                    Pair::terms(low, fold(1))
                });
                sums.map(|sum| sum * weight)
            };
            pieces.map(sum).reduce(|| [A::ZERO; 2], add)
        };
        let half = m0.len() / 2;
        let [m0, n1, d0, d1] = [m0, n1, d0, d1].map(|values| &mut values[..half]);
        (Self { m0, n1, d0, d1 }, sums)
    }

    /// Sets the last variable that is left, of packs or single values.
    fn fold_last(self, challenge: Challenge) -> Pair<A> {
        let factor = A::factor(challenge);
        let [m0, n1, d0, d1] = self.arrays().map(|values| values[0].towards(values[1], &factor));
        Pair { m0, n1, d0, d1 }
    }
}

/// The sumcheck of a layer: of `n0 d1 + n1 d0 + lambda d0 d1`, weighted by `eq` at the claim's point.
struct Sumcheck<'a> {
    interpolator: &'a RoundPolyInterpolator<Challenge>,
    challenger: &'a mut Challenger,
    lambda: Challenge,
    claim: Challenge,
    prefix: Challenge,
    tau: &'a [Challenge],
    challenges: Vec<Challenge>,
    messages: Vec<[Challenge; 3]>,
}

impl Sumcheck<'_> {
    /// Sends a message and returns the challenge.
    fn turn(&mut self, values: [Challenge; 2]) -> Challenge {
        let tau = self.tau[self.challenges.len()];
        let round = Round::new(self.interpolator, &values, self.claim, tau);
        let message = round.weighted(self.prefix, tau);
        let message = [message[0], message[1], message[2]];
        self.challenger.absorb(&message);
        let challenge = self.challenger.draw_nonzero();
        self.claim = round.claim(challenge);
        self.prefix *= eq(tau, challenge);
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }

    /// The point behind the variable of the next message.
    fn behind(&self) -> &[Challenge] {
        &self.tau[self.challenges.len() + 1..]
    }

    fn small(&mut self, layer: &mut Layer<Challenge>) -> SplitFraction<Challenge> {
        self.finish(State::of(layer, self.lambda))
    }

    fn packed(&mut self, layer: &mut Layer<PackedChallenge>) -> SplitFraction<Challenge> {
        let weights = SplitEq::packed(self.behind());
        let state = State::of(layer, PackedChallenge::factor(self.lambda));
        let values = state.round(&weights);
        self.finish_packed(state, weights, values)
    }

    /// Of the layer above the leaves. What is left of it after the first round lies in the memory of the layer above it.
    fn above_leaves(&mut self, leaves: &Leaves, memory: &mut Layer<PackedChallenge>) -> SplitFraction<Challenge> {
        let mut weights = SplitEq::packed(self.behind());
        let (half, lambda) = (weights.len(), PackedChallenge::factor(self.lambda));
        let at = |i: usize| {
            let ((n0, d0), (n1, d1)) = (leaves.above(i), leaves.above(i + 2 * half));
            Pair { m0: n0 + d0.times(&lambda), n1, d0, d1 }
        };
        let values = weights.sum_all(|i| Pair::terms(at(i), at(i + half)));
        let factor = PackedChallenge::factor(self.turn(values.map(lanes)));
        let fold = |i: usize| {
            let (low, high) = (at(i), at(i + half));
            let [m0, n1] = [(low.m0, high.m0), (low.n1, high.n1)].map(|(low, high)| low.towards(high, &factor));
            let [d0, d1] = [(low.d0, high.d0), (low.d1, high.d1)].map(|(low, high)| low.towards(high, &factor));
            [m0, n1, d0, d1]
        };
        let ((m0, n1), (d0, d1)) = (memory.n.split_at_mut(half), memory.d.split_at_mut(half));
        let places = (&mut *m0, &mut *n1, &mut *d0, &mut *d1).into_par_iter().enumerate();
        places.for_each(|(i, (m0, n1, d0, d1))| [*m0, *n1, *d0, *d1] = fold(i));
        let state = State { m0, n1, d0, d1 };
        weights.sum_first();
        let values = state.round(&weights);
        self.finish_packed(state, weights, values)
    }

    /// Of the leaves, whose numerators lie in the base field in the first round. Their denominators' memory holds what is
    /// left of them: the first half what the first fractions of the additions are, the second half the others.
    fn leaves(&mut self, leaves: &mut Leaves) -> SplitFraction<Challenge> {
        let mut weights = SplitEq::packed(self.behind());
        let (half, used) = (weights.len(), leaves.used);
        let lambda = PackedChallenge::factor(self.lambda);
        let values = weights.sum_all(|i| {
            let [(n0, d0), (n0_high, d0_high), (n1, d1), (n1_high, d1_high)] =
                [0, 1, 2, 3].map(|quarter| leaves.fraction(quarter * half + i));
            let (n0_two, d0_two) = (n0_high.double() - n0, d0_high.double() - d0);
            let [m0, m0_two] = [(n0, d0), (n0_two, d0_two)].map(|(n0, d0)| d0.times(&lambda) + n0);
            if 2 * half + i >= used {
                return [m0, m0_two];
            }
            let (n1_two, d1_two) = (n1_high.double() - n1, d1_high.double() - d1);
            [d1 * m0 + d0 * n1, d1_two * m0_two + d0_two * n1_two]
        });
        let challenge = self.turn(values.map(lanes));
        let (factor, packed) = (PackedChallenge::factor(challenge), PackedChallenge::from(challenge));
        let numerators = Packed::pack_slice(&leaves.numerators);
        let numerators = numerators.split_at(2 * half);
        let (first, second) = leaves.denominators.split_at_mut(2 * half);
        let fold = |values: &mut [PackedChallenge], numerators: &[Packed], lambda: Option<&_>| {
            let (low, high) = values.split_at_mut(half);
            let (n_low, n_high) = numerators.split_at(half);
            let places = low.par_iter_mut().zip(high).zip(n_low.par_iter().zip(n_high));
            places.for_each(|((low, high), (&n_low, &n_high))| {
                let d = low.towards(*high, &factor);
                let n = packed * (n_high - n_low) + n_low;
                *high = lambda.map_or(n, |lambda| n + d.times(lambda));
                *low = d;
            });
        };
        fold(first, numerators.0, Some(&lambda));
        fold(second, numerators.1, None);
        let ((d0, m0), (d1, n1)) = (first.split_at_mut(half), second.split_at_mut(half));
        let state = State { m0, n1, d0, d1 };
        weights.sum_first();
        let values = state.round(&weights);
        self.finish_packed(state, weights, values)
    }

    /// Goes on from the values of a message till all variables are set, but for those within packs. `total` adds up a
    /// pack's lanes.
    fn play<A: Arithmetic>(
        &mut self,
        mut state: State<'_, A>,
        mut weights: SplitEq<A>,
        mut values: [A; 2],
        total: impl Fn(A) -> Challenge,
    ) -> Pair<A> {
        while state.len() > 2 {
            let challenge = self.turn(values.map(&total));
            weights.sum_first();
            (state, values) = state.fold_round(challenge, &weights);
        }
        let challenge = self.turn(values.map(&total));
        state.fold_last(challenge)
    }

    /// Goes on from the values of a message, packed.
    fn finish_packed(
        &mut self,
        state: State<'_, PackedChallenge>,
        weights: SplitEq<PackedChallenge>,
        values: [PackedChallenge; 2],
    ) -> SplitFraction<Challenge> {
        let Pair { m0, n1, d0, d1 } = self.play(state, weights, values, lanes);
        let [mut m0, mut n1, mut d0, mut d1] = [m0, n1, d0, d1].map(|pack| unpacked(&[pack]));
        let state = State { m0: &mut m0, n1: &mut n1, d0: &mut d0, d1: &mut d1 };
        // Where packs have one lane there is nothing left.
        if state.len() == 1 { self.end(state.at(0)) } else { self.finish(state) }
    }

    /// Plays all variables of single values.
    fn finish(&mut self, state: State<'_, Challenge>) -> SplitFraction<Challenge> {
        let weights = SplitEq::new(self.behind());
        let values = state.round(&weights);
        let last = self.play(state, weights, values, |value| value);
        self.end(last)
    }

    fn end(&self, Pair { m0, n1, d0, d1 }: Pair<Challenge>) -> SplitFraction<Challenge> {
        SplitFraction { n0: m0 - self.lambda * d0, d0, n1, d1 }
    }
}
