//! Evaluating a table on a pack of rows: its constraints, and the fractions of its lookups.

use air::F;
use air::table::Table;
use p3_air::{AirBuilder, RowWindow};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, Kind, Lookup};

use verifier::config::{Challenge, Config};

/// A pack of field elements, one for each of several rows.
pub(super) type Packed = <F as Field>::Packing;
/// A pack of challenges.
pub(super) type PackedChallenge = p3_batch_stark::PackedChallenge<Config>;

/// A fraction of the lookup argument: its numerator and its denominator.
pub(super) type Fraction = (Packed, PackedChallenge);

/// The challenges of a table's lookups, and which column each interaction is summed in.
pub(super) struct Slots {
    /// The column of each interaction, in the order in which the table states them.
    pub(super) columns: Vec<usize>,
    /// For each interaction, the challenge from which its tuple is subtracted.
    bases: Vec<PackedChallenge>,
    /// Powers of the challenge that combines a tuple.
    powers: Vec<PackedChallenge>,
}

impl Slots {
    /// The slots of a table. The library folds the interactions of a bus into columns in the order of the bus.
    pub(super) fn new(table: &Table, lookups: &[Lookup<F>], challenges: &[Challenge]) -> Self {
        let columns_of = |bus: &str| {
            let of_bus = move |lookup: &&Lookup<F>| matches!(&lookup.kind, Kind::Global(name) if name == bus);
            let columns = lookups.iter().filter(of_bus);
            columns.flat_map(|lookup| core::iter::repeat_n(lookup.column, lookup.elements.len())).collect::<Vec<_>>()
        };
        let mut by_bus: Vec<_> = air::bus::ALL.iter().map(|bus| columns_of(bus.name).into_iter()).collect();
        let column = |bus: &air::bus::Bus| {
            let place = air::bus::ALL.iter().position(|other| other == bus);
            place.and_then(|place| by_bus[place].next()).unwrap_or_default()
        };
        let columns: Vec<usize> = table.names().interactions.iter().map(column).collect();
        let widest = air::bus::ALL.iter().map(|bus| bus.width).max().unwrap_or(0);
        let combine = challenges.get(1).copied().unwrap_or_default();
        let pack = |challenge: Challenge| PackedChallenge::from(challenge);
        Self {
            bases: columns.iter().map(|column| pack(challenges[2 * column])).collect(),
            powers: combine.powers().take(widest).map(pack).collect(),
            columns,
        }
    }
}

/// The rows and selectors that a pack is evaluated on.
pub(super) struct Rows<'a> {
    pub(super) main: RowWindow<'a, Packed>,
    pub(super) fixed: RowWindow<'a, Packed>,
    pub(super) public: &'a [F],
    pub(super) is_first: Packed,
    pub(super) is_last: Packed,
    pub(super) is_transition: Packed,
}

/// Collects what a table says of a pack of rows. Without `CONSTRAINTS` it collects fractions only.
pub(super) struct Fold<'a, const CONSTRAINTS: bool> {
    pub(super) rows: Rows<'a>,
    pub(super) slots: &'a Slots,
    pub(super) constraints: &'a mut Vec<Packed>,
    pub(super) fractions: &'a mut Vec<Fraction>,
    /// Interactions stated so far.
    pub(super) interactions: usize,
}

impl<'a, const CONSTRAINTS: bool> AirBuilder for Fold<'a, CONSTRAINTS> {
    type F = F;
    type Expr = Packed;
    type Var = Packed;
    type PreprocessedWindow = RowWindow<'a, Packed>;
    type MainWindow = RowWindow<'a, Packed>;
    type PublicVar = F;
    type PeriodicVar = Packed;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.rows.main
    }

    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.rows.fixed
    }

    #[inline]
    fn is_first_row(&self) -> Packed {
        self.rows.is_first
    }

    #[inline]
    fn is_last_row(&self) -> Packed {
        self.rows.is_last
    }

    #[inline]
    fn is_transition(&self) -> Packed {
        self.rows.is_transition
    }

    #[inline(always)]
    fn assert_zero<I: Into<Packed>>(&mut self, x: I) {
        if CONSTRAINTS {
            self.constraints.push(x.into());
        }
    }

    #[inline]
    fn public_values(&self) -> &[F] {
        self.rows.public
    }
}

impl<const CONSTRAINTS: bool> InteractionBuilder for Fold<'_, CONSTRAINTS> {
    #[inline(always)]
    fn push_interaction<E: Into<Packed>>(
        &mut self,
        _: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Packed>>,
    ) {
        // The tuple as a polynomial whose last element is the constant term: the first one meets the highest power.
        let mut denominator = self.slots.bases[self.interactions];
        let fields = fields.into_iter();
        let width = fields.size_hint().0;
        for (field, &power) in fields.zip(self.slots.powers[..width].iter().rev()) {
            denominator -= power * field.into();
        }
        self.fractions.push((count.into().into_parts().0, denominator));
        self.interactions += 1;
    }

    fn push_local_interaction(&mut self, _: impl IntoIterator<Item = (Vec<Packed>, Count<Packed>)>) {}
}
