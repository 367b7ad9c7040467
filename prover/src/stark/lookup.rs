//! The sum of all fractions `count / (alpha + bus - tuple)` is zero, by GKR over a tree of additions.

use core::cmp::Reverse;
use core::ops::Range;

use air::F;
use air::bus;
use air::cells::CellBuilder;
use air::emit::Emitter;
use air::table::Table;
use p3_field::{Algebra, PackedValue, PrimeCharacteristicRing};
use p3_multi_stark::fractional_gkr::{FractionGkrLayerProof, FractionGkrProof, SplitFraction};
use p3_multilinear_util::poly::Poly;
use p3_sumcheck::generic_degree::RoundPolyInterpolator;
use p3_sumcheck::layout::Table as Stacked;
use rayon::prelude::*;
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::config::Challenge;

use super::Instance;
use super::packs::{Packed, PackedChallenge, WIDTH, fold, lanes, sum_first, sum_over, unpacked};
use super::round::{Round, eq};
use super::rows::{Buses, Fractions};

/// Packs of rows that a thread evaluates at a time.
const TAKEN: usize = 64;
/// Variables of layers that are small enough not to be packed.
const SMALL: usize = 10;

/// What the sum leaves for the constraints' sumcheck: a claim of all fractions at a point.
pub(crate) struct Link {
    /// The point.
    pub(crate) point: Vec<Challenge>,
    /// The numerators there, and `theta` times the denominators less 1.
    pub(crate) claim: Challenge,
    /// Of each table and each of its interactions the weight of its block at the point, and what is added to its count.
    pub(crate) blocks: Vec<Vec<(Challenge, Challenge)>>,
    /// `theta` times the powers of the challenge that combines tuples.
    pub(crate) powers: Vec<Challenge>,
}

/// Where the fractions of the tables lie: blocks as high as the table, the highest tables first.
struct Plan {
    /// Of each table the first of its blocks, and the numbers of the buses of its interactions.
    places: Vec<(usize, Vec<usize>)>,
    /// Tables by falling height.
    order: Vec<usize>,
    log_fractions: usize,
}

impl Plan {
    fn new(tables: &[&Table], log_heights: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..tables.len()).collect();
        order.sort_by_key(|&table| Reverse(log_heights[table]));
        let (mut buses, mut used, mut places) = (Buses::default(), 0, vec![(0, Vec::new()); tables.len()]);
        for &table in &order {
            let interactions = tables[table].names().interactions;
            let numbers: Vec<usize> = interactions.into_iter().map(|bus| buses.number(bus)).collect();
            places[table] = (used, numbers);
            used += places[table].1.len() << log_heights[table];
        }
        Self { places, order, log_fractions: used.next_power_of_two().ilog2() as usize }
    }
}

/// Proves that the fractions of all tables add up to zero, and what they are at a point.
pub(super) fn prove(
    tables: &[&Table],
    log_heights: &[usize],
    instances: &[Instance<'_>],
    challenger: &mut Challenger,
) -> (FractionGkrProof<Challenge>, Link) {
    let plan = Plan::new(tables, log_heights);
    challenger.seed();
    let (alpha, beta) = (challenger.draw(), challenger.draw());
    let widest = bus::ALL.iter().map(|bus| bus.width).max().unwrap_or(0);
    let powers: Vec<Challenge> = beta.powers().take(widest).collect();
    let of_bus = beta.exp_u64(widest as u64);
    let base = |bus: usize| alpha + of_bus * F::from_usize(bus + 1);

    let leaves = info_span!("fractions").in_scope(|| fractions(&plan, instances, &powers, base));
    let (proof, claim) = info_span!("sum").in_scope(|| sum(leaves, challenger));
    let theta = challenger.draw();

    let point = claim.point;
    let blocks = plan.places.iter().zip(log_heights).map(|((first, buses), &log_height)| {
        let selectors = &point[..plan.log_fractions - log_height];
        let block = |(i, &bus): (usize, &usize)| {
            let index = (first >> log_height) + i;
            let bits = (0..selectors.len()).rev().map(|bit| Challenge::from_bool(index >> bit & 1 == 1));
            let weight = bits.zip(selectors).map(|(bit, &coordinate)| eq(bit, coordinate)).product();
            (weight, theta * (base(bus) - Challenge::ONE))
        };
        buses.iter().enumerate().map(block).collect()
    });
    let link = Link {
        blocks: blocks.collect(),
        claim: claim.numerator + theta * (claim.denominator - Challenge::ONE),
        powers: powers.iter().map(|&power| theta * power).collect(),
        point,
    };
    (proof, link)
}

/// Numerators, which lie in the base field, and denominators.
struct Leaves {
    numerators: Vec<F>,
    denominators: Vec<PackedChallenge>,
}

/// The fractions of all rows of all tables; 0/1 fills up.
fn fractions(
    plan: &Plan,
    instances: &[Instance<'_>],
    powers: &[Challenge],
    base: impl Fn(usize) -> Challenge,
) -> Leaves {
    let len = 1 << plan.log_fractions;
    let mut numerators = F::zero_vec(len);
    let mut denominators = vec![PackedChallenge::ONE; len / WIDTH];
    let powers: Vec<PackedChallenge> = powers.iter().copied().map(Into::into).collect();
    let (mut rest_n, mut rest_d) = (numerators.as_mut_slice(), denominators.as_mut_slice());
    for &table in &plan.order {
        let (instance, buses) = (&instances[table], &plan.places[table].1);
        let height = 1 << instance.log_height();
        let bases: Vec<PackedChallenge> = buses.iter().map(|&bus| base(bus).into()).collect();
        let (of_table_n, after_n) = rest_n.split_at_mut(height * buses.len());
        let (of_table_d, after_d) = rest_d.split_at_mut(height / WIDTH * buses.len());
        (rest_n, rest_d) = (after_n, after_d);
        // Of each piece of rows its part of every block.
        let taken = TAKEN.min(height / WIDTH);
        let mut pieces: Vec<Vec<(&mut [F], &mut [PackedChallenge])>> =
            (0..height / WIDTH / taken).map(|_| Vec::with_capacity(buses.len())).collect();
        for (n, d) in of_table_n.chunks_exact_mut(height).zip(of_table_d.chunks_exact_mut(height / WIDTH)) {
            let parts = n.chunks_exact_mut(taken * WIDTH).zip(d.chunks_exact_mut(taken));
            pieces.iter_mut().zip(parts).for_each(|(piece, part)| piece.push(part));
        }
        pieces.into_par_iter().enumerate().for_each(|(piece, mut blocks)| {
            let mut cells = [Vec::new(), Vec::new()];
            for pack in 0..taken {
                let row = (piece * taken + pack) * WIDTH;
                let [main, fixed] = &mut cells;
                read(instance.main, row, main);
                if let Some(columns) = instance.fixed {
                    read(columns, row, fixed);
                }
                let hear = Fractions { blocks: &mut blocks, bases: &bases, powers: &powers, pack, heard: 0 };
                // No interaction looks at another row, nor at a selector.
                let ends = [Packed::ZERO; 2];
                let mut rows = CellBuilder::new([main, main], fixed, instance.public, ends, hear);
                instance.kind.eval(&mut Emitter::new(&mut rows));
            }
        });
    }
    Leaves { numerators, denominators }
}

/// A pack of rows of a table.
fn read(table: &Stacked<F>, row: usize, cells: &mut Vec<Packed>) {
    cells.clear();
    cells.extend(table.iter_polys().map(|column| *Packed::from_slice(&column[row..row + WIDTH])));
}

/// A layer of the tree: fractions of which each in the first half is added to one in the second.
struct Layer<A> {
    n: [Vec<A>; 2],
    d: [Vec<A>; 2],
}

enum AnyLayer {
    Packed(Layer<PackedChallenge>),
    Small(Layer<Challenge>),
}

/// The claim that is left of a sum: what the fractions are at a point.
struct Claim {
    point: Vec<Challenge>,
    numerator: Challenge,
    denominator: Challenge,
}

impl<A: PrimeCharacteristicRing + Copy + Send + Sync> Layer<A> {
    /// The layer above.
    fn above(&self) -> Self {
        Self::added([&self.n[0], &self.n[1]], [&self.d[0], &self.d[1]])
    }

    /// Fractions added pair by pair.
    fn added<N: Copy + Send + Sync>(n: [&[N]; 2], d: [&[A]; 2]) -> Self
    where
        A: Algebra<N>,
    {
        let half = d[0].len() / 2;
        let added = |range: Range<usize>| -> (Vec<A>, Vec<A>) {
            let pair = |i: usize| {
                let [(n0, d0), (n1, d1)] = [0, 1].map(|side| (n[side][i], d[side][i]));
                (d1 * n0 + d0 * n1, d0 * d1)
            };
            range.into_par_iter().map(pair).unzip()
        };
        let ((n0, d0), (n1, d1)) = (added(0..half), added(half..2 * half));
        Self { n: [n0, n1], d: [d0, d1] }
    }
}

fn halves<T>(values: &[T]) -> [&[T]; 2] {
    values.split_at(values.len() / 2).into()
}

impl Leaves {
    /// The layer above the leaves.
    fn above(&self) -> Layer<PackedChallenge> {
        Layer::added(halves(Packed::pack_slice(&self.numerators)), halves(&self.denominators))
    }

    /// The second layer above the leaves, without keeping the first, which is half of the memory of all layers.
    fn above_twice(&self) -> Layer<PackedChallenge> {
        let ([n0, n1], [d0, d1]) = (halves(Packed::pack_slice(&self.numerators)), halves(&self.denominators));
        let quarter = d0.len() / 2;
        let first = |i: usize| (d1[i] * n0[i] + d0[i] * n1[i], d0[i] * d1[i]);
        let added = |range: Range<usize>| -> (Vec<PackedChallenge>, Vec<PackedChallenge>) {
            let pair = |i: usize| {
                let ((n0, d0), (n1, d1)) = (first(i), first(i + quarter));
                (n0 * d1 + n1 * d0, d0 * d1)
            };
            range.into_par_iter().map(pair).unzip()
        };
        let ((n0, d0), (n1, d1)) = (added(0..quarter / 2), added(quarter / 2..quarter));
        Layer { n: [n0, n1], d: [d0, d1] }
    }
}

/// The layers above the first two, from below, and the two fractions under the root.
fn tree(leaves: &Leaves) -> (Vec<AnyLayer>, SplitFraction<Challenge>) {
    let (mut layers, mut layer) = (Vec::new(), leaves.above_twice());
    while layer.n[0].len() * WIDTH > 1 << SMALL {
        let above = layer.above();
        layers.push(AnyLayer::Packed(layer));
        layer = above;
    }
    let [n, d] = [&layer.n, &layer.d].map(|halves| halves.each_ref().map(|half| unpacked(half)));
    let mut layer = Layer { n, d };
    while layer.n[0].len() > 1 {
        let above = layer.above();
        layers.push(AnyLayer::Small(layer));
        layer = above;
    }
    let ([n0, n1], [d0, d1]) = (layer.n.map(|n| n[0]), layer.d.map(|d| d[0]));
    (layers, SplitFraction { n0, d0, n1, d1 })
}

/// Proves that fractions add up to zero, and what they are at a point. If they do not, so does not the proof.
fn sum(leaves: Leaves, challenger: &mut Challenger) -> (FractionGkrProof<Challenge>, Claim) {
    let (layers, top) = tree(&leaves);
    let root_denominator = top.d0 * top.d1;
    challenger.seed();
    challenger.absorb(&[root_denominator]);
    // Without a sum there is nothing to combine by it.
    let _ = challenger.draw();
    let mut claim = Claim { point: Vec::new(), numerator: Challenge::ZERO, denominator: Challenge::ZERO };
    claim.close(Vec::new(), &top, challenger);
    let mut proofs = vec![FractionGkrLayerProof { round_polys: Vec::new(), claims: top }];

    let interpolator = RoundPolyInterpolator::new(2);
    let mut descend = |prove: &mut dyn FnMut(&mut Sumcheck<'_>, &mut Challenger) -> SplitFraction<Challenge>| {
        let lambda = challenger.draw();
        let mut sumcheck = Sumcheck {
            interpolator: &interpolator,
            lambda,
            claim: claim.numerator + lambda * claim.denominator,
            prefix: Challenge::ONE,
            tau: &claim.point,
            challenges: Vec::new(),
            messages: Vec::new(),
        };
        let claims = prove(&mut sumcheck, challenger);
        let (challenges, round_polys) = (sumcheck.challenges, sumcheck.messages);
        claim.close(challenges, &claims, challenger);
        proofs.push(FractionGkrLayerProof { round_polys, claims });
    };
    for layer in layers.into_iter().rev() {
        let mut layer = Some(layer);
        descend(&mut |sumcheck, challenger| match layer.take() {
            Some(AnyLayer::Small(layer)) => sumcheck.small(layer, challenger),
            Some(AnyLayer::Packed(layer)) => sumcheck.packed(layer, challenger),
            None => unreachable!("a layer is proved once"),
        });
    }
    descend(&mut |sumcheck, challenger| sumcheck.packed(leaves.above(), challenger));
    descend(&mut |sumcheck, challenger| sumcheck.leaves(&leaves, challenger));
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

/// The sumcheck of a layer: of `n0 d1 + n1 d0 + lambda d0 d1`, weighted by `eq` at the claim's point.
struct Sumcheck<'a> {
    interpolator: &'a RoundPolyInterpolator<Challenge>,
    lambda: Challenge,
    claim: Challenge,
    prefix: Challenge,
    tau: &'a [Challenge],
    challenges: Vec<Challenge>,
    messages: Vec<[Challenge; 3]>,
}

/// A layer as its sumcheck goes on: `n0 + lambda d0`, and the others.
struct State<A> {
    m0: Vec<A>,
    n1: Vec<A>,
    d0: Vec<A>,
    d1: Vec<A>,
    weights: Vec<A>,
}

impl<A: PrimeCharacteristicRing + Copy + Send + Sync> State<A> {
    fn new(layer: Layer<A>, weights: Vec<A>, lambda: A) -> Self {
        let Layer { n: [mut m0, n1], d: [d0, d1] } = layer;
        m0.par_iter_mut().zip(&d0).for_each(|(m0, &d0)| *m0 += lambda * d0);
        Self { m0, n1, d0, d1, weights }
    }

    /// The sum with its first variable at 0 and 2.
    fn round(&self) -> [A; 2] {
        let half = self.weights.len();
        let [(m0, m0_high), (n1, n1_high), (d0, d0_high), (d1, d1_high)] =
            [&self.m0, &self.n1, &self.d0, &self.d1].map(|values| values.split_at(half));
        sum_over(half, |piece| {
            let mut sums = [A::ZERO; 2];
            for i in piece {
                let weight = self.weights[i];
                sums[0] += weight * (d1[i] * m0[i] + d0[i] * n1[i]);
                let at_two = |low: A, high: A| high.double() - low;
                let (m0, n1) = (at_two(m0[i], m0_high[i]), at_two(n1[i], n1_high[i]));
                let (d0, d1) = (at_two(d0[i], d0_high[i]), at_two(d1[i], d1_high[i]));
                sums[1] += weight * (d1 * m0 + d0 * n1);
            }
            sums
        })
    }

    fn fold(&mut self, challenge: A) {
        for values in [&mut self.m0, &mut self.n1, &mut self.d0, &mut self.d1] {
            fold(values, challenge);
        }
        if self.weights.len() > 1 {
            sum_first(&mut self.weights);
        }
    }
}

impl State<PackedChallenge> {
    fn unpacked(self) -> State<Challenge> {
        let [m0, n1, d0, d1, weights] =
            [self.m0, self.n1, self.d0, self.d1, self.weights].map(|values| unpacked(&values));
        State { m0, n1, d0, d1, weights }
    }
}

impl Sumcheck<'_> {
    /// Sends a message and returns the challenge.
    fn turn(&mut self, values: [Challenge; 2], challenger: &mut Challenger) -> Challenge {
        let tau = self.tau[self.challenges.len()];
        let round = Round::new(self.interpolator, &values, self.claim, tau);
        let message = round.weighted(self.prefix, tau);
        let message = [message[0], message[1], message[2]];
        challenger.absorb(&message);
        let challenge = challenger.draw_nonzero();
        self.claim = round.claim(challenge);
        self.prefix *= eq(tau, challenge);
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }

    fn small(&mut self, layer: Layer<Challenge>, challenger: &mut Challenger) -> SplitFraction<Challenge> {
        let weights = Poly::new_from_point(&self.tau[1..], Challenge::ONE).into_evals();
        self.finish(State::new(layer, weights, self.lambda), challenger)
    }

    fn packed(&mut self, layer: Layer<PackedChallenge>, challenger: &mut Challenger) -> SplitFraction<Challenge> {
        let weights = Poly::new_packed_from_point(&self.tau[1..], Challenge::ONE).into_evals();
        self.finish_packed(State::new(layer, weights, self.lambda.into()), challenger)
    }

    /// The first round has numerators of the base field.
    fn leaves(&mut self, leaves: &Leaves, challenger: &mut Challenger) -> SplitFraction<Challenge> {
        let weights: Vec<PackedChallenge> = Poly::new_packed_from_point(&self.tau[1..], Challenge::ONE).into_evals();
        let lambda = PackedChallenge::from(self.lambda);
        let half = weights.len();
        let [at0, at1, at2, at3] = [0, 1, 2, 3].map(|quarter| quarter * half);
        let numerators = Packed::pack_slice(&leaves.numerators);
        let d = &leaves.denominators;
        let values = sum_over(half, |piece| {
            let mut sums = [PackedChallenge::ZERO; 2];
            for i in piece {
                let weight = weights[i];
                let [n0, n0_high, n1, n1_high] = [at0, at1, at2, at3].map(|at| numerators[at + i]);
                let [d0, d0_high, d1, d1_high] = [at0, at1, at2, at3].map(|at| d[at + i]);
                sums[0] += weight * (d1 * (lambda * d0 + n0) + d0 * n1);
                let (n0, n1) = (n0_high.double() - n0, n1_high.double() - n1);
                let (d0, d1) = (d0_high.double() - d0, d1_high.double() - d1);
                sums[1] += weight * (d1 * (lambda * d0 + n0) + d0 * n1);
            }
            sums
        });
        let challenge = PackedChallenge::from(self.turn(values.map(lanes), challenger));
        let folded = |at: usize, at_high: usize| -> Vec<PackedChallenge> {
            let of = |i: usize| challenge * (numerators[at_high + i] - numerators[at + i]) + numerators[at + i];
            (0..half).into_par_iter().map(of).collect()
        };
        let (mut m0, n1) = (folded(at0, at1), folded(at2, at3));
        let folded = |at: usize, at_high: usize| -> Vec<PackedChallenge> {
            let of = |i: usize| challenge * (d[at_high + i] - d[at + i]) + d[at + i];
            (0..half).into_par_iter().map(of).collect()
        };
        let (d0, d1) = (folded(at0, at1), folded(at2, at3));
        m0.par_iter_mut().zip(&d0).for_each(|(m0, &d0)| *m0 += lambda * d0);
        let mut weights = weights;
        sum_first(&mut weights);
        self.finish_packed(State { m0, n1, d0, d1, weights }, challenger)
    }

    fn finish_packed(
        &mut self,
        mut state: State<PackedChallenge>,
        challenger: &mut Challenger,
    ) -> SplitFraction<Challenge> {
        while state.weights.len() > 1 {
            let challenge = self.turn(state.round().map(lanes), challenger);
            state.fold(challenge.into());
        }
        self.finish(state.unpacked(), challenger)
    }

    fn finish(&mut self, mut state: State<Challenge>, challenger: &mut Challenger) -> SplitFraction<Challenge> {
        while self.challenges.len() < self.tau.len() {
            let challenge = self.turn(state.round(), challenger);
            state.fold(challenge);
        }
        let (d0, n1, d1) = (state.d0[0], state.n1[0], state.d1[0]);
        SplitFraction { n0: state.m0[0] - self.lambda * d0, d0, n1, d1 }
    }
}
