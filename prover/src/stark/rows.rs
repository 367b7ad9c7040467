//! What tables say of packs of rows: their fractions, and all that they say combined into one sum.

use core::marker::PhantomData;

use air::F;
use air::bus::Bus;
use air::cells::{Listener, Value};
use p3_field::{Algebra, BasedVectorSpace, PackedValue, PrimeCharacteristicRing};
use p3_lookup::Count;
use verifier::config::Challenge;

use super::packs::{Arithmetic, DEGREE, Element, Packed, PackedChallenge, WIDTH};

/// Factors of a sum of products, coefficient by coefficient: sums of many products are reduced less often than each of them.
pub(super) struct Factors([Vec<F>; DEGREE]);

impl Factors {
    /// Of elements of the base field.
    pub(super) fn of_base(factors: &[Challenge]) -> Self {
        Self(core::array::from_fn(|k| factors.iter().map(|factor| factor.as_basis_coefficients_slice()[k]).collect()))
    }

    /// Of the coefficients of challenges.
    pub(super) fn of_challenges(factors: &[Challenge]) -> Self {
        let rows: Vec<_> = factors.iter().map(|&factor| PackedChallenge::factor(factor)).collect();
        Self(core::array::from_fn(|k| rows.iter().flat_map(|row| row[k]).collect()))
    }

    /// The sum of products with as many elements as there are, or the first of them.
    #[inline]
    pub(super) fn sum(&self, elements: &[Packed]) -> PackedChallenge {
        PackedChallenge::from_basis_coefficients_fn(|k| {
            Packed::batched_linear_combination(elements, &self.0[k][..elements.len()])
        })
    }
}

/// Writes the fractions of a pack of rows, each into its block.
pub(super) struct Fractions<'a, 'b> {
    /// Of each interaction numerators and denominators of some rows.
    pub(super) blocks: &'a mut [(&'b mut [F], &'b mut [PackedChallenge])],
    /// Of each interaction what its tuple is subtracted from.
    pub(super) bases: &'a [PackedChallenge],
    /// Powers of the challenge that combines a tuple.
    pub(super) powers: &'a Factors,
    /// A tuple's elements.
    pub(super) tuple: &'a mut Vec<Packed>,
    /// Which pack of the blocks.
    pub(super) pack: usize,
    /// Interactions so far.
    pub(super) heard: usize,
}

impl Listener<Packed> for Fractions<'_, '_> {
    #[inline(always)]
    fn constraint(&mut self, _: Packed) {}

    #[inline(always)]
    fn interaction(&mut self, _: &str, tuple: impl Iterator<Item = Packed>, count: Count<Packed>) {
        self.tuple.clear();
        self.tuple.extend(tuple);
        let (numerators, denominators) = &mut self.blocks[self.heard];
        numerators[self.pack * WIDTH..][..WIDTH].copy_from_slice(count.into_parts().0.as_slice());
        denominators[self.pack] = self.bases[self.heard] - self.powers.sum(self.tuple);
        self.heard += 1;
    }
}

/// What cells are.
pub(super) trait Cells {
    /// The elements of a pack of rows.
    type Cell: Value;

    /// Which of two kinds.
    const NUMBER: usize;

    /// The packs that an element consists of.
    fn packs(cell: &Self::Cell) -> &[Packed];
}

/// Those of a trace.
pub(super) struct OfTrace;
/// Those of a trace with variables set.
pub(super) struct Folded;

impl Cells for OfTrace {
    type Cell = Packed;
    const NUMBER: usize = 0;

    #[inline(always)]
    fn packs(cell: &Packed) -> &[Packed] {
        core::slice::from_ref(cell)
    }
}

impl Cells for Folded {
    type Cell = Element;
    const NUMBER: usize = 1;

    #[inline(always)]
    fn packs(cell: &Element) -> &[Packed] {
        cell.0.as_basis_coefficients_slice()
    }
}

/// Hears what a pack of rows says, but for linear forms: constraints, which can be left out where they are known to hold,
/// and the elements of interactions that are of a higher degree. The elements of an interaction are its count and its tuple.
pub(super) struct Heard<'a, C, const CONSTRAINTS: bool> {
    constraints: &'a mut Vec<Packed>,
    others: &'a mut Vec<Packed>,
    /// Which elements these are.
    indices: &'a [usize],
    elements: usize,
    next: usize,
    cells: PhantomData<C>,
}

impl<'a, C, const CONSTRAINTS: bool> Heard<'a, C, CONSTRAINTS> {
    pub(super) fn new(constraints: &'a mut Vec<Packed>, others: &'a mut Vec<Packed>, indices: &'a [usize]) -> Self {
        constraints.clear();
        others.clear();
        Self { constraints, others, indices, elements: 0, next: 0, cells: PhantomData }
    }
}

impl<C: Cells, const CONSTRAINTS: bool> Listener<C::Cell> for Heard<'_, C, CONSTRAINTS> {
    #[inline(always)]
    fn constraint(&mut self, value: C::Cell) {
        if CONSTRAINTS {
            self.constraints.extend_from_slice(C::packs(&value));
        }
    }

    #[inline(always)]
    fn interaction(&mut self, _: &str, tuple: impl Iterator<Item = C::Cell>, count: Count<C::Cell>) {
        for element in [count.into_parts().0].into_iter().chain(tuple) {
            if self.indices.get(self.next) == Some(&self.elements) {
                self.others.extend_from_slice(C::packs(&element));
                self.next += 1;
            }
            self.elements += 1;
        }
    }
}

/// The linear forms among the elements of interactions, each times its factor.
pub(super) struct Linear<'a> {
    /// Of all elements; zero of those that are no linear forms.
    factors: &'a [Challenge],
    elements: usize,
    pub(super) sum: PackedChallenge,
}

impl<'a> Linear<'a> {
    pub(super) const fn new(factors: &'a [Challenge]) -> Self {
        Self { factors, elements: 0, sum: PackedChallenge::ZERO }
    }
}

impl Listener<Packed> for Linear<'_> {
    fn constraint(&mut self, _: Packed) {}

    fn interaction(&mut self, _: &str, tuple: impl Iterator<Item = Packed>, count: Count<Packed>) {
        for element in [count.into_parts().0].into_iter().chain(tuple) {
            self.sum += PackedChallenge::from(self.factors[self.elements]) * element;
            self.elements += 1;
        }
    }
}

/// Numbers of buses, in the order in which tables first speak on them.
#[derive(Default)]
pub(super) struct Buses(Vec<Bus>);

impl Buses {
    pub(super) fn number(&mut self, bus: Bus) -> usize {
        self.0.iter().position(|other| *other == bus).unwrap_or_else(|| {
            self.0.push(bus);
            self.0.len() - 1
        })
    }
}
