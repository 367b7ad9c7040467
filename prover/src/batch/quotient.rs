//! Quotients: a table's constraints, combined at random, over the polynomial that vanishes on its rows.

use air::F;
use air::emit::Emitter;
use p3_air::RowWindow;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::symbolic::get_constraint_layout;
use p3_commit::{LagrangeSelectors, PolynomialSpace, UnivariateStarkPcs};
use p3_field::{Algebra, BasedVectorSpace, PackedFieldExtension, PackedValue, PrimeCharacteristicRing};
use p3_lookup::Lookup;
use p3_lookup::logup::LogUpGadget;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use verifier::config::{Challenge, Challenger, Committed, Pcs};
use verifier::shape::quotient_chunks_of;

use super::fold::{Fold, Fraction, Packed, PackedChallenge, Rows, Slots};
use super::{Domain, Error, Instance, reads_next};

/// Base-field columns of a column of challenges.
const DIMENSION: usize = <Challenge as BasedVectorSpace<F>>::DIMENSION;

/// What has been committed to before the quotients.
pub(super) struct Sources<'a> {
    pub(super) main: &'a Committed,
    pub(super) permutation: &'a Committed,
    pub(super) fixed: &'a Committed,
}

/// What the quotient of one table depends on beside its rows.
pub(super) struct Argument<'a> {
    pub(super) lookups: &'a [Lookup<F>],
    pub(super) challenges: &'a [Challenge],
    pub(super) terminal: Challenge,
    pub(super) domain: Domain,
    /// The table's place in the commitments to rows and to lookups.
    pub(super) index: usize,
    /// The table's place in the commitment to fixed columns.
    pub(super) fixed_index: Option<usize>,
}

/// The chunks of a table's quotient, extended for commitment.
pub(super) fn chunks(
    pcs: &Pcs,
    instance: &Instance<'_>,
    argument: &Argument<'_>,
    committed: &Sources<'_>,
    alpha: Challenge,
) -> Result<Vec<RowMajorMatrix<F>>, Error> {
    let count = quotient_chunks_of(instance.table, argument.lookups);
    let domain = argument.domain.create_disjoint_domain(instance.trace.height() * count);
    let on_domain = |data, index| {
        <Pcs as UnivariateStarkPcs<Challenge, Challenger>>::get_evaluations_on_domain(pcs, data, index, domain)
    };
    let main = on_domain(committed.main, argument.index);
    let permutation = on_domain(committed.permutation, argument.index);
    let fixed = argument.fixed_index.map(|index| on_domain(committed.fixed, index));
    let matrices = Matrices { main, permutation, fixed, step: count };
    let values = values(instance, argument, &matrices, domain, alpha);

    let flat = RowMajorMatrix::new_col(values).flatten_to_base();
    let parts = domain.split_domains(count).into_iter().zip(domain.split_evals(count, flat));
    <Pcs as UnivariateStarkPcs<Challenge, Challenger>>::get_quotient_ldes(pcs, parts, count)
}

/// The committed matrices on the domain of the quotient, and how far apart successive rows are there.
struct Matrices<M> {
    main: M,
    permutation: M,
    fixed: Option<M>,
    step: usize,
}

/// The random combination of a table's constraints: first its own, then those of its lookups.
struct Combination {
    base: Vec<Vec<F>>,
    extension: Vec<Challenge>,
}

/// The quotient on its domain.
fn values<M: Matrix<F> + Sync>(
    instance: &Instance<'_>,
    argument: &Argument<'_>,
    matrices: &Matrices<M>,
    domain: Domain,
    alpha: Challenge,
) -> Vec<Challenge> {
    let slots = Slots::new(instance.table, argument.lookups, argument.challenges);
    let layout = AirLayout::from_air::<F>(instance.table);
    let layout =
        get_constraint_layout::<F, Challenge, _, _>(instance.table, layout, argument.lookups, &LogUpGadget::new());
    let (base, extension) = layout.decompose_alpha(alpha);
    let combination = Combination { base, extension };
    let selectors = argument.domain.selectors_on_coset(domain);
    let mut values = vec![Challenge::ZERO; domain.size()];
    let packs = values.par_chunks_mut(Packed::WIDTH).enumerate();
    packs.for_each_init(Buffers::default, |buffers, (pack, values)| {
        let pack = Pack { start: pack * Packed::WIDTH, instance, argument, matrices, slots: &slots };
        let quotient = pack.quotient(&selectors, &combination, buffers);
        for (lane, value) in values.iter_mut().enumerate() {
            *value = quotient.extract(lane);
        }
    });
    values
}

/// Memory that packs use one after another.
#[derive(Default)]
struct Buffers {
    main: Vec<Packed>,
    fixed: Vec<Packed>,
    permutation: Vec<PackedChallenge>,
    constraints: Vec<Packed>,
    fractions: Vec<Fraction>,
    extension: Vec<PackedChallenge>,
}

/// A pack of successive points of the domain.
struct Pack<'a, M> {
    start: usize,
    instance: &'a Instance<'a>,
    argument: &'a Argument<'a>,
    matrices: &'a Matrices<M>,
    slots: &'a Slots,
}

impl<M: Matrix<F>> Pack<'_, M> {
    fn quotient(
        &self,
        selectors: &LagrangeSelectors<Vec<F>>,
        combination: &Combination,
        buffers: &mut Buffers,
    ) -> PackedChallenge {
        self.load(buffers);
        let at = |values: &[F]| *Packed::from_slice(&values[self.start..self.start + Packed::WIDTH]);
        let [is_first, is_last, is_transition] =
            [&selectors.is_first_row, &selectors.is_last_row, &selectors.is_transition].map(|values| at(values));
        buffers.constraints.clear();
        buffers.fractions.clear();
        let width = self.instance.trace.width();
        let next = if reads_next(self.instance.table) { &buffers.main[width..] } else { &buffers.main[..width] };
        let mut fold = Fold::<true> {
            rows: Rows {
                main: RowWindow::from_two_rows(&buffers.main[..width], next),
                fixed: RowWindow::from_two_rows(&buffers.fixed, &buffers.fixed),
                public: self.instance.public,
                is_first,
                is_last,
                is_transition,
            },
            slots: self.slots,
            constraints: &mut buffers.constraints,
            fractions: &mut buffers.fractions,
            interactions: 0,
        };
        self.instance.table.kind().eval(&mut Emitter::new(&mut fold));

        self.lookup_constraints(buffers, is_first, is_last, is_transition);
        let own = PackedChallenge::from_basis_coefficients_fn(|d| {
            Packed::batched_linear_combination(&buffers.constraints, &combination.base[d])
        });
        let lookups = PackedChallenge::batched_linear_combination(&buffers.extension, &combination.extension);
        (own + lookups) * at(&selectors.inv_vanishing)
    }

    /// Reads the rows of the pack and, where they are looked at, their successors.
    fn load(&self, buffers: &mut Buffers) {
        let Matrices { main, permutation, fixed, step } = self.matrices;
        buffers.main.clear();
        buffers.main.extend(main.vertically_packed_row::<Packed>(self.start));
        if reads_next(self.instance.table) {
            buffers.main.extend(main.vertically_packed_row::<Packed>(self.start + step));
        }
        buffers.fixed.clear();
        buffers.fixed.extend(fixed.iter().flat_map(|fixed| fixed.vertically_packed_row::<Packed>(self.start)));
        let mut here = permutation.vertically_packed_row::<Packed>(self.start);
        // Of the successor only the running sum is looked at.
        let mut next = permutation.vertically_packed_row::<Packed>(self.start + step);
        let join = |cells: &mut dyn Iterator<Item = Packed>| {
            let cells: [Packed; DIMENSION] = core::array::from_fn(|_| cells.next().unwrap_or(Packed::ZERO));
            PackedChallenge::from_basis_coefficients_fn(|d| cells[d])
        };
        buffers.permutation.clear();
        for _ in 0..=self.argument.lookups.len() {
            buffers.permutation.push(join(&mut here));
        }
        buffers.permutation.push(join(&mut next));
    }

    /// The constraints of the lookups in the verifier's order: each column is its fractions' sum, and the first
    /// column adds all of them up to the terminal.
    fn lookup_constraints(&self, buffers: &mut Buffers, is_first: Packed, is_last: Packed, is_transition: Packed) {
        let columns = self.argument.lookups.len();
        let (sum, sums, next) =
            (buffers.permutation[0], &buffers.permutation[1..=columns], buffers.permutation[columns + 1]);
        let mut joined = vec![(PackedChallenge::ZERO, PackedChallenge::ONE); columns];
        for (&column, &(count, denominator)) in self.slots.columns.iter().zip(&buffers.fractions) {
            let (numerator, product) = joined[column];
            joined[column] = (numerator * denominator + product * count, product * denominator);
        }
        buffers.extension.clear();
        let pins = joined.into_iter().zip(sums).map(|((numerator, denominator), &sum)| denominator * sum - numerator);
        buffers.extension.extend(pins);
        let row: PackedChallenge = sums.iter().copied().sum();
        let terminal = PackedChallenge::from(self.argument.terminal);
        buffers.extension.push(sum * is_first);
        buffers.extension.push((next - sum - row) * is_transition);
        buffers.extension.push((terminal - sum - row) * is_last);
    }
}
