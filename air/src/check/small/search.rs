//! Depth first through the cells of a world, in the order in which a claim bounds each.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::claims::Claim;
use super::{Source, Step, Term, World};
use crate::F;
use crate::tables::range;

/// Candidates for a cell.
enum Candidates<'w> {
    List(&'w [F]),
    /// The first, the difference to the next, and how many.
    Progression(F, F, u32),
}

/// A walk through the values that a world leaves to its cells.
pub(super) struct Search<'w> {
    pub(super) world: &'w World,
    pub(super) cells: Vec<F>,
    /// Of each polynomial the sum of the monomials whose cells are known.
    pub(super) sums: Vec<F>,
    /// For each share of each step: the sum before, and the factor of the cell.
    pub(super) scratch: Vec<[F; 2]>,
    pub(super) found: Vec<Vec<F>>,
}

impl<'w> Search<'w> {
    fn value(&self, &(coefficient, [a, b]): &Term) -> F {
        coefficient * self.cells[a] * self.cells[b]
    }

    pub(super) fn holds(&self, claim: &Claim<usize>) -> bool {
        let sum = |&i: &usize| self.sums[i];
        match claim {
            Claim::Zero(x) => sum(x) == F::ZERO,
            Claim::Range { count, bound, value } => {
                let row = |bound: F, value: F| range::row_of(bound.as_canonical_u32(), value.as_canonical_u32());
                sum(count) == F::ZERO || row(sum(bound), sum(value)).is_some()
            }
            Claim::And { x, y, z } => self.and(*x, *y) == sum(z),
        }
    }

    fn and(&self, x: usize, y: usize) -> F {
        F::from_u32(self.sums[x].as_canonical_u32() & self.sums[y].as_canonical_u32())
    }

    /// Tries all candidates for the cell of a step.
    pub(super) fn choose(&mut self, step: usize) {
        let Some(step_of) = self.world.steps.get(step) else {
            self.found.push(self.cells[..self.world.one()].to_vec());
            return;
        };
        for (i, share) in step_of.shares.iter().enumerate() {
            let factor = share.linear.iter().map(|term| self.value(term)).sum();
            self.scratch[step_of.offset + i] = [self.sums[share.polynomial], factor];
        }
        match self.candidates(step_of) {
            Candidates::List(list) => list.iter().for_each(|&value| self.try_value(step, step_of, value)),
            Candidates::Progression(first, difference, count) => {
                let mut value = first;
                for _ in 0..count {
                    self.try_value(step, step_of, value);
                    value += difference;
                }
            }
        }
        for (i, share) in step_of.shares.iter().enumerate() {
            self.sums[share.polynomial] = self.scratch[step_of.offset + i][0];
        }
    }

    fn try_value(&mut self, step: usize, step_of: &'w Step, value: F) {
        self.cells[step_of.cell] = value;
        for (i, share) in step_of.shares.iter().enumerate() {
            let [before, factor] = self.scratch[step_of.offset + i];
            let higher = share.higher.iter().map(|(power, term)| self.value(term) * value.exp_u64(*power)).sum::<F>();
            self.sums[share.polynomial] = before + factor * value + higher;
        }
        if step_of.claims.iter().all(|claim| self.holds(claim)) {
            self.choose(step + 1);
        }
    }

    /// The candidates by the first source that bounds the cell for the cells known so far.
    fn candidates(&self, step: &'w Step) -> Candidates<'w> {
        // `expression = value` solved for the cell, and what the cell grows by with `value`.
        let solve = |(place, inverse): (usize, Option<F>), value: F| {
            let [before, factor] = self.scratch[step.offset + place];
            let inverse = inverse.or_else(|| factor.try_inverse());
            inverse.map(|inverse| ((value - before) * inverse, inverse))
        };
        for source in &step.sources {
            let found = match source {
                Source::Roots(roots) => return Candidates::List(roots),
                Source::Zero { linear } => {
                    let is_false = self.scratch[step.offset + linear.0][0] != F::ZERO;
                    solve(*linear, F::ZERO).map(|solved| (solved, 1)).or(is_false.then_some(((F::ZERO, F::ZERO), 0)))
                }
                Source::Range { count, bound, linear } if self.sums[*count] != F::ZERO => {
                    let bound = self.sums[*bound].as_canonical_u32();
                    let values = range::row_of(bound, 0).map_or(0, |_| bound);
                    solve(*linear, F::ZERO).map(|solved| (solved, values))
                }
                Source::Range { .. } => None,
                Source::And { x, y, linear } => solve(*linear, self.and(*x, *y)).map(|solved| (solved, 1)),
            };
            if let Some(((first, difference), count)) = found {
                return Candidates::Progression(first, difference, count);
            }
        }
        panic!("nothing bounds {} in {:?}", self.world.names[step.cell], self.cells);
    }
}
