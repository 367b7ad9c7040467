//! The sum of all fractions `count / (alpha + bus - tuple)` is zero, by GKR over a tree of additions.

use core::cmp::Reverse;

use air::F;
use air::bus;
use air::cells::CellBuilder;
use air::emit::Emitter;
use air::table::Table;
use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_multi_stark::fractional_gkr::FractionGkrProof;
use rayon::prelude::*;
use tracing::info_span;
use verifier::challenger::Challenger;
use verifier::config::Challenge;

use super::Instance;
use super::packs::{Packed, PackedChallenge, WIDTH};
use super::round::eq;
use super::rows::{Buses, Factors, Fractions};
use super::sum::{self, Leaves};

/// Packs of rows that a thread evaluates at a time.
const TAKEN: usize = 64;

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
    /// Fractions; a power of two of them is added up.
    used: usize,
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
        Self { places, order, used, log_fractions: used.next_power_of_two().ilog2() as usize }
    }
}

/// Proves that the fractions of all tables add up to zero, and what they are at a point. Leaves memory.
pub(super) fn prove(
    tables: &[&Table],
    log_heights: &[usize],
    instances: &[Instance<'_>],
    challenger: &mut Challenger,
) -> (FractionGkrProof<Challenge>, Link, Vec<PackedChallenge>) {
    let plan = Plan::new(tables, log_heights);
    challenger.seed();
    let (alpha, beta) = (challenger.draw(), challenger.draw());
    let widest = bus::ALL.iter().map(|bus| bus.width).max().unwrap_or(0);
    let powers: Vec<Challenge> = beta.powers().take(widest).collect();
    let of_bus = beta.exp_u64(widest as u64);
    let base = |bus: usize| alpha + of_bus * F::from_usize(bus + 1);

    let mut leaves = info_span!("fractions").in_scope(|| fractions(&plan, instances, &powers, base));
    let (proof, claim) = info_span!("sum").in_scope(|| sum::prove(&mut leaves, challenger));
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
    (proof, link, leaves.denominators)
}

/// The fractions of all rows of all tables; 0/1 fills up.
fn fractions(
    plan: &Plan,
    instances: &[Instance<'_>],
    powers: &[Challenge],
    base: impl Fn(usize) -> Challenge,
) -> Leaves {
    let len = 1 << plan.log_fractions;
    let used = plan.used / WIDTH;
    let mut numerators = F::zero_vec(len);
    let mut denominators = vec![PackedChallenge::ONE; len / WIDTH];
    let powers = Factors::of_base(powers);
    let (mut rest_n, mut rest_d) = (numerators.as_mut_slice(), denominators.as_mut_slice());
    for &table in &plan.order {
        let (instance, buses) = (&instances[table], &plan.places[table].1);
        let height = 1 << instance.log_height;
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
            let mut tuple = Vec::new();
            for pack in 0..taken {
                let row = (piece * taken + pack) * WIDTH;
                let [main, fixed] = &mut cells;
                read(&instance.main, row, main);
                read(&instance.fixed, row, fixed);
                let (blocks, tuple) = (&mut blocks, &mut tuple);
                let hear = Fractions { blocks, bases: &bases, powers: &powers, tuple, pack, heard: 0 };
                // No interaction looks at another row, nor at a selector.
                let ends = [Packed::ZERO; 2];
                let mut rows = CellBuilder::new([main, main], fixed, instance.public, ends, hear);
                instance.kind.eval(&mut Emitter::new(&mut rows));
            }
        });
    }
    Leaves { numerators, denominators, used }
}

/// A pack of rows of some columns.
fn read(columns: &[&[F]], row: usize, cells: &mut Vec<Packed>) {
    cells.clear();
    cells.extend(columns.iter().map(|column| *Packed::from_slice(&column[row..row + WIDTH])));
}
