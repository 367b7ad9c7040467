//! What tables say of packs of rows: their fractions, and all that they say combined into one sum.

use core::marker::PhantomData;

use air::F;
use air::bus::Bus;
use air::cells::{Listener, Value};
use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_lookup::Count;
use verifier::config::Challenge;

use super::packs::{Element, Packed, PackedChallenge, WIDTH};

/// Writes the fractions of a pack of rows, each into its block.
pub(super) struct Fractions<'a, 'b> {
    /// Of each interaction numerators and denominators of some rows.
    pub(super) blocks: &'a mut [(&'b mut [F], &'b mut [PackedChallenge])],
    /// Of each interaction what its tuple is subtracted from.
    pub(super) bases: &'a [PackedChallenge],
    /// Powers of the challenge that combines a tuple.
    pub(super) powers: &'a [PackedChallenge],
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
        let mut denominator = self.bases[self.heard];
        for (field, &power) in tuple.zip(self.powers) {
            denominator -= power * field;
        }
        let (numerators, denominators) = &mut self.blocks[self.heard];
        numerators[self.pack * WIDTH..][..WIDTH].copy_from_slice(count.into_parts().0.as_slice());
        denominators[self.pack] = denominator;
        self.heard += 1;
    }
}

/// The factors of what a table says in the sum of all that tables say, what its interactions say in linear forms apart.
pub(super) struct Factors {
    /// Of the constraints, in order.
    pub(super) constraints: Vec<PackedChallenge>,
    /// Of the elements of interactions that are no linear forms of the cells: which they are, and the factor. The elements
    /// of an interaction are its count and its tuple.
    pub(super) others: Vec<(usize, PackedChallenge)>,
}

/// What cells are.
pub(super) trait Cells {
    /// The elements of a pack of rows.
    type Cell: Value;

    /// A cell times a factor.
    fn scaled(cell: Self::Cell, factor: PackedChallenge) -> PackedChallenge;
}

/// Those of a trace.
pub(super) struct OfTrace;
/// Those of a trace with variables set.
pub(super) struct Folded;

impl Cells for OfTrace {
    type Cell = Packed;

    #[inline(always)]
    fn scaled(cell: Packed, factor: PackedChallenge) -> PackedChallenge {
        factor * cell
    }
}

impl Cells for Folded {
    type Cell = Element;

    #[inline(always)]
    fn scaled(cell: Element, factor: PackedChallenge) -> PackedChallenge {
        factor * cell.0
    }
}

/// Combines what a pack of rows says into one sum, linear forms apart. Where constraints are known to hold they can be left
/// out.
pub(super) struct Combine<'a, C, const CONSTRAINTS: bool> {
    factors: &'a Factors,
    constraints: usize,
    /// Elements of interactions so far, and those among them that are no linear forms.
    elements: usize,
    others: usize,
    sum: PackedChallenge,
    cells: PhantomData<C>,
}

impl<'a, C, const CONSTRAINTS: bool> Combine<'a, C, CONSTRAINTS> {
    pub(super) const fn new(factors: &'a Factors) -> Self {
        let sum = PackedChallenge::ZERO;
        Self { factors, constraints: 0, elements: 0, others: 0, sum, cells: PhantomData }
    }

    pub(super) const fn sum(&self) -> PackedChallenge {
        self.sum
    }
}

impl<C: Cells, const CONSTRAINTS: bool> Listener<C::Cell> for Combine<'_, C, CONSTRAINTS> {
    #[inline(always)]
    fn constraint(&mut self, value: C::Cell) {
        if CONSTRAINTS {
            self.sum += C::scaled(value, self.factors.constraints[self.constraints]);
        }
        self.constraints += 1;
    }

    #[inline(always)]
    fn interaction(&mut self, _: &str, tuple: impl Iterator<Item = C::Cell>, count: Count<C::Cell>) {
        for element in [count.into_parts().0].into_iter().chain(tuple) {
            if let Some(&(index, factor)) = self.factors.others.get(self.others)
                && index == self.elements
            {
                self.sum += C::scaled(element, factor);
                self.others += 1;
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
