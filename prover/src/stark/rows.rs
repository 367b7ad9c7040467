//! A table's own code over packs of rows: what it says to the buses, and all that it says combined into one sum.

use core::marker::PhantomData;

use air::F;
use air::bus::Bus;
use p3_air::{AirBuilder, RowWindow};
use p3_field::{Algebra, PackedValue};
use p3_lookup::{Count, InteractionBuilder};

use super::packs::{Element, Packed, PackedChallenge, WIDTH};

/// The cells that a pack of rows reads, of any kind of elements.
#[derive(Clone, Copy)]
pub(super) struct Window<'a, V> {
    pub(super) main: RowWindow<'a, V>,
    pub(super) fixed: RowWindow<'a, V>,
    pub(super) public: &'a [F],
    pub(super) is_first: V,
    pub(super) is_transition: V,
}

/// Hears what a table says.
pub(super) trait Hear<V> {
    /// A constraint.
    fn constraint(&mut self, value: V);

    /// A tuple.
    fn tuple(&mut self, fields: impl Iterator<Item = V>, count: V);
}

/// A builder over a window.
pub(super) struct Rows<'a, V, H> {
    pub(super) window: Window<'a, V>,
    pub(super) hear: H,
}

impl<'a, V: Algebra<F> + Copy + Send + Sync, H: Hear<V>> AirBuilder for Rows<'a, V, H> {
    type F = F;
    type Expr = V;
    type Var = V;
    type PreprocessedWindow = RowWindow<'a, V>;
    type MainWindow = RowWindow<'a, V>;
    type PublicVar = F;
    type PeriodicVar = V;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.window.main
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.window.fixed
    }

    #[inline]
    fn is_first_row(&self) -> V {
        self.window.is_first
    }

    #[inline]
    fn is_last_row(&self) -> V {
        V::ONE - self.window.is_transition
    }

    #[inline]
    fn is_transition(&self) -> V {
        self.window.is_transition
    }

    #[inline(always)]
    fn assert_zero<I: Into<V>>(&mut self, x: I) {
        self.hear.constraint(x.into());
    }

    #[inline]
    fn public_values(&self) -> &[F] {
        self.window.public
    }
}

impl<V: Algebra<F> + Copy + Send + Sync, H: Hear<V>> InteractionBuilder for Rows<'_, V, H> {
    #[inline(always)]
    fn push_interaction<E: Into<V>>(
        &mut self,
        _: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<V>>,
    ) {
        self.hear.tuple(fields.into_iter().map(Into::into), count.into().into_parts().0);
    }

    /// No table has such.
    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<V>, Count<V>)>) {
        unreachable!("no table looks up in itself")
    }
}

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

impl Hear<Packed> for Fractions<'_, '_> {
    #[inline(always)]
    fn constraint(&mut self, _: Packed) {}

    #[inline(always)]
    fn tuple(&mut self, fields: impl Iterator<Item = Packed>, count: Packed) {
        let mut denominator = self.bases[self.heard];
        for (field, &power) in fields.zip(self.powers) {
            denominator -= power * field;
        }
        let (numerators, denominators) = &mut self.blocks[self.heard];
        numerators[self.pack * WIDTH..][..WIDTH].copy_from_slice(count.as_slice());
        denominators[self.pack] = denominator;
        self.heard += 1;
    }
}

/// The factors of what a table says in the sum of all that tables say.
pub(super) struct Factors {
    /// Of the constraints, in order.
    pub(super) constraints: Vec<PackedChallenge>,
    /// Of each interaction's count, and of the elements of its tuple.
    pub(super) interactions: Vec<(PackedChallenge, Vec<PackedChallenge>)>,
    /// What the interactions add, whatever they say.
    pub(super) constant: PackedChallenge,
}

/// What cells are.
pub(super) trait Cells {
    /// The elements of a pack of rows.
    type Cell: Algebra<F> + Copy + Send + Sync;

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

/// Combines what a pack of rows says into one sum. Where constraints are known to hold they can be left out.
pub(super) struct Combine<'a, C, const CONSTRAINTS: bool> {
    factors: &'a Factors,
    constraints: usize,
    interactions: usize,
    sum: PackedChallenge,
    cells: PhantomData<C>,
}

impl<'a, C, const CONSTRAINTS: bool> Combine<'a, C, CONSTRAINTS> {
    pub(super) const fn new(factors: &'a Factors) -> Self {
        let sum = factors.constant;
        Self { factors, constraints: 0, interactions: 0, sum, cells: PhantomData }
    }

    pub(super) const fn sum(&self) -> PackedChallenge {
        self.sum
    }
}

impl<C: Cells, const CONSTRAINTS: bool> Hear<C::Cell> for Combine<'_, C, CONSTRAINTS> {
    #[inline(always)]
    fn constraint(&mut self, value: C::Cell) {
        if CONSTRAINTS {
            self.sum += C::scaled(value, self.factors.constraints[self.constraints]);
        }
        self.constraints += 1;
    }

    #[inline(always)]
    fn tuple(&mut self, fields: impl Iterator<Item = C::Cell>, count: C::Cell) {
        let (of_count, of_fields) = &self.factors.interactions[self.interactions];
        self.sum += C::scaled(count, *of_count);
        for (field, &factor) in fields.zip(of_fields) {
            self.sum += C::scaled(field, factor);
        }
        self.interactions += 1;
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
