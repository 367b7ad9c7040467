//! The constraints of all tables hold on all rows, and the fractions are what the sum of look-ups takes them to be: one
//! sumcheck over the rows of the highest table, which lower tables join when as many variables are left as they have.

use core::mem::take;
use std::borrow::Cow;

use air::F;
use air::cells::CellBuilder;
use air::emit::Emitter;
use p3_field::{PackedFieldExtension, PackedValue, PrimeCharacteristicRing};
use p3_multilinear_util::poly::Poly;
use p3_sumcheck::generic_degree::{GenericDegreeProof, RoundPolyInterpolator};
use rayon::prelude::*;
use verifier::challenger::Challenger;
use verifier::config::Challenge;

use super::lookup::Link;
use super::open::Values;
use super::packs::{Arithmetic, Element, Packed, PackedChallenge, WIDTH, fold, lanes, sum_first, sum_over, unpacked};
use super::round::{Round, eq};
use super::rows::{Cells, Factors, Folded, Heard, Linear, OfTrace};
use super::{Instance, Setup};

/// The highest degree that a table's constraints and tuples may have.
const MAX_DEGREE: usize = 9;

/// Proves the constraints and the link; returns the point at which columns are to be opened, and what those of each table
/// are there. Folded columns lie in the memory that is given, which grows if need be.
pub(super) fn prove(
    setup: &Setup,
    instances: &[Instance<'_>],
    link: &Link,
    mut memory: Vec<PackedChallenge>,
    challenger: &mut Challenger,
) -> (GenericDegreeProof<F, Challenge>, Vec<Challenge>, Vec<Values>) {
    let log_height = instances.iter().map(|instance| instance.log_height).max().unwrap_or(0).max(link.point.len());
    let max_degree = setup.forms.iter().map(|forms| forms.degree).max().unwrap_or(0);
    challenger.seed();
    let (alpha, beta, eta) = (challenger.draw(), challenger.draw(), challenger.draw());
    let free = (link.point.len()..log_height).map(|_| challenger.draw_nonzero());
    let tau: Vec<Challenge> = free.collect::<Vec<_>>().into_iter().chain(link.point.iter().copied()).collect();
    let betas: Vec<Challenge> = beta.powers().take(instances.len()).collect();
    let mut waiting: Vec<(usize, &Instance<'_>)> = instances.iter().enumerate().collect();
    waiting.sort_by_key(|(_, instance)| instance.log_height);

    let claimed_sum = eta * link.claim;
    challenger.seed();
    challenger.absorb(&[claimed_sum]);
    let mut proof = GenericDegreeProof { claimed_sum, round_polys: Vec::new(), pow_witnesses: Vec::new() };
    let mut point = Vec::new();
    let interpolators: Vec<_> = (0..=max_degree).map(RoundPolyInterpolator::<Challenge>::new).collect();
    memory.resize(instances.iter().map(Instance::folded_packs).sum(), PackedChallenge::ZERO);
    let mut memory = memory.as_mut_slice();
    // Of the rows of the highest table that has joined.
    let mut weights = Weights::Single(Vec::new());
    // Tables that have joined, with their claims; what those that have not are worth, and the factor of all.
    let (mut joined, mut pending, mut prefix) = (Vec::<(Joined<'_>, Challenge)>::new(), claimed_sum, Challenge::ONE);
    for (round, &tau_here) in tau.iter().enumerate() {
        let joins = |(_, instance): &(usize, &Instance<'_>)| instance.log_height == log_height - round;
        if joined.is_empty() && waiting.last().is_some_and(joins) {
            weights = Weights::new(&tau[round + 1..]);
        }
        let mut values: Vec<_> = joined.iter().map(|(table, claim)| (table.round(&weights), *claim)).collect();
        while let Some((index, instance)) = waiting.pop_if(|table| joins(table)) {
            let table = Joined::new(setup, instance, index, [alpha, betas[index], eta], link);
            let (at_one, of_table) = table.first_round(&weights);
            let claim = (Challenge::ONE - tau_here) * of_table[0] + tau_here * at_one;
            pending -= claim;
            values.push((of_table, claim));
            joined.push((table, claim));
        }
        let rounds: Vec<Round<'_>> = values
            .iter()
            .map(|(values, claim)| Round::new(&interpolators[values.len()], values, *claim, tau_here))
            .collect();
        let mut all = vec![pending; max_degree];
        for of_table in &rounds {
            all.iter_mut().zip(of_table.extended(max_degree)).for_each(|(all, value)| *all += value);
        }
        let claim = joined.iter().map(|(_, claim)| *claim).sum::<Challenge>() + pending;
        let message = Round::new(&interpolators[max_degree], &all, claim, tau_here).weighted(prefix, tau_here);
        challenger.absorb(&message);
        let challenge = challenger.draw();
        for ((table, claim), round) in joined.iter_mut().zip(&rounds) {
            *claim = round.claim(challenge);
            table.fold(challenge, &mut memory);
        }
        prefix *= eq(tau_here, challenge);
        weights.sum_first();
        proof.round_polys.push(message);
        point.push(challenge);
    }
    let mut values: Vec<(usize, Values)> = joined.into_iter().map(|(table, _)| table.values()).collect();
    values.sort_by_key(|&(index, _)| index);
    (proof, point, values.into_iter().map(|(_, values)| values).collect())
}

/// Weights of rows, in packs as long as there is more than one.
enum Weights {
    Packed(Vec<PackedChallenge>),
    Single(Vec<Challenge>),
}

impl Weights {
    fn new(point: &[Challenge]) -> Self {
        if point.len() < WIDTH.ilog2() as usize {
            return Self::Single(Poly::new_from_point(point, Challenge::ONE).into_evals());
        }
        Self::Packed(Poly::new_packed_from_point(point, Challenge::ONE).into_evals())
    }

    fn sum_first(&mut self) {
        match self {
            Self::Packed(packs) if packs.len() > 1 => sum_first(packs),
            Self::Packed(packs) => {
                *self = Self::Single(unpacked(packs));
                self.sum_first();
            }
            Self::Single(single) if single.len() > 1 => sum_first(single),
            Self::Single(_) => {}
        }
    }

    /// Of each pair of rows; of fewer than a pack the rest is zero.
    fn packs(&self) -> Cow<'_, [PackedChallenge]> {
        match self {
            Self::Packed(packs) => Cow::Borrowed(packs),
            Self::Single(single) => Cow::Owned(vec![pack(single)]),
        }
    }
}

/// Up to a pack of elements, and zeros.
fn pack(single: &[Challenge]) -> PackedChallenge {
    PackedChallenge::from_ext_fn(|lane| single.get(lane).copied().unwrap_or_default())
}

/// A table that takes part.
struct Joined<'a> {
    index: usize,
    instance: &'a Instance<'a>,
    weights: OfTable,
    degree: usize,
    cells: Columns<'a>,
    /// Of columns that are read of the next row, and the selectors, which only tables have that read some.
    beside: Vec<Vec<F>>,
}

/// The factors of what a table says in the sum of all that tables say, linear forms apart.
struct OfTable {
    /// Of the constraints as they are said of rows of the trace, and of rows with variables set.
    constraints: [Factors; 2],
    /// Of the elements of interactions that are no linear forms, in the same way.
    others: [Factors; 2],
    /// Which elements these are.
    indices: Vec<usize>,
}

/// What a pack of rows says.
#[derive(Default)]
struct Said {
    constraints: Vec<Packed>,
    others: Vec<Packed>,
}

/// The cells of a table, column by column: main, fixed, and those beside. And as one column more all that interactions say in
/// linear forms: a linear form of the cells itself, so it is known wherever it is known in two places.
enum Columns<'a> {
    /// As they are in the trace.
    Rows(Vec<PackedChallenge>),
    Packed(Vec<&'a mut [PackedChallenge]>),
    Single(Vec<Vec<Challenge>>),
}

impl<'a> Joined<'a> {
    fn new(
        setup: &Setup,
        instance: &'a Instance<'a>,
        index: usize,
        [alpha, beta, eta]: [Challenge; 3],
        link: &Link,
    ) -> Self {
        let forms = &setup.forms[index];
        // By Horner's rule the first constraint meets the highest power.
        let mut constraints: Vec<Challenge> =
            alpha.powers().take(forms.constraints).map(|power| beta * power).collect();
        constraints.reverse();
        // Of the elements of all interactions, one behind the other.
        let (mut linear, mut others, mut indices) = (Vec::new(), Vec::new(), Vec::new());
        for (&(weight, _), is_linear) in link.blocks[index].iter().zip(&forms.linear) {
            let of_tuple = link.powers.iter().map(|&power| -eta * weight * power);
            for (factor, &is_linear) in [eta * weight].into_iter().chain(of_tuple).zip(is_linear) {
                if !is_linear {
                    indices.push(linear.len());
                    others.push(factor);
                }
                linear.push(if is_linear { factor } else { Challenge::ZERO });
            }
        }
        let constant: Challenge = link.blocks[index].iter().map(|&(weight, added)| eta * weight * added).sum();
        let both = |factors: &[Challenge]| [Factors::of_base(factors), Factors::of_challenges(factors)];
        let weights = OfTable { constraints: both(&constraints), others: both(&others), indices };

        let next = instance.kind.next_row_columns();
        let height = 1 << instance.log_height;
        let mut beside: Vec<Vec<F>> = next
            .iter()
            .map(|&column| {
                let values = instance.main[column];
                values[1..].iter().chain(values.last()).copied().collect()
            })
            .collect();
        if !next.is_empty() {
            let selector = |is: &dyn Fn(usize) -> bool| (0..height).map(|row| F::from_bool(is(row))).collect();
            beside.push(selector(&|row| row == 0));
            beside.push(selector(&|row| row + 1 == height));
        }
        let linear = linear_forms(instance, &linear, constant);
        Self { index, instance, weights, degree: forms.degree, cells: Columns::Rows(linear), beside }
    }

    /// Every column, as it is in the trace.
    fn columns(&self) -> Vec<&[F]> {
        let Instance { main, fixed, .. } = self.instance;
        main.iter().chain(fixed).copied().chain(self.beside.iter().map(Vec::as_slice)).collect()
    }

    /// The sum with its first variable at 1, and at 0, and from 2 up to the table's degree. At rows themselves constraints are
    /// taken to hold.
    fn first_round(&self, weights: &Weights) -> (Challenge, Vec<Challenge>) {
        let columns = self.columns();
        let weights = weights.packs();
        let half = columns[0].len() / 2;
        let read = |row: usize, low: &mut Vec<Packed>, step: &mut Vec<Packed>| {
            low.clear();
            step.clear();
            for column in &columns {
                let at = *Packed::from_slice(&column[row..row + WIDTH]);
                low.push(at);
                step.push(*Packed::from_slice(&column[row + half..row + half + WIDTH]) - at);
            }
        };
        let has_others = !self.weights.indices.is_empty();
        let sums = sum_over::<{ MAX_DEGREE + 1 }, _>(half / WIDTH, |piece| {
            let (mut at, mut step, mut said) = (Vec::new(), Vec::new(), Said::default());
            let mut sums = [PackedChallenge::ZERO; MAX_DEGREE + 1];
            for pack in piece {
                read(pack * WIDTH, &mut at, &mut step);
                for (node, sum) in sums.iter_mut().enumerate().take(self.degree + 1) {
                    match node {
                        0 | 1 if has_others => *sum += weights[pack] * self.evaluate::<OfTrace, false>(&at, &mut said),
                        0 | 1 => {}
                        _ => *sum += weights[pack] * self.evaluate::<OfTrace, true>(&at, &mut said),
                    }
                    at.iter_mut().zip(&step).for_each(|(at, &step)| *at += step);
                }
            }
            sums
        });
        let Columns::Rows(linear) = &self.cells else { unreachable!("a table joins once") };
        let (low, high) = linear.split_at(linear.len() / 2);
        let [at_zero, at_one, rest @ ..] =
            with_linear(sums.map(lanes), &weights, core::array::from_fn(|node| node), |pack| (low[pack], high[pack]));
        (at_one, [&[at_zero], &rest[..self.degree - 1]].concat())
    }

    /// The sum with its first variable at 0, and from 2 up to the table's degree.
    fn round(&self, weights: &Weights) -> Vec<Challenge> {
        let weights = weights.packs();
        let sums = match &self.cells {
            Columns::Packed(columns) => {
                let half = columns[0].len() / 2;
                self.nodes(half, &weights, |pack, column| (columns[column][pack], columns[column][pack + half]))
            }
            Columns::Single(columns) => {
                let half = columns[0].len() / 2;
                self.nodes(1, &weights, |_, column| {
                    let (low, high) = columns[column].split_at(half);
                    (pack(low), pack(high))
                })
            }
            Columns::Rows(_) => unreachable!("a table has joined"),
        };
        let [at_zero, rest @ ..] = sums;
        [&[at_zero], &rest[..self.degree - 1]].concat()
    }

    fn nodes(
        &self,
        packs: usize,
        weights: &[PackedChallenge],
        pair: impl Fn(usize, usize) -> (PackedChallenge, PackedChallenge) + Sync,
    ) -> [Challenge; MAX_DEGREE] {
        let width = self.columns().len();
        let sums = sum_over(packs, |piece| {
            let (mut at, mut step, mut said) = (Vec::new(), Vec::new(), Said::default());
            let mut sums = [PackedChallenge::ZERO; MAX_DEGREE];
            for pack in piece {
                at.clear();
                step.clear();
                for column in 0..width {
                    let (low, high) = pair(pack, column);
                    at.push(Element::new(low));
                    step.push(Element::new(high - low));
                }
                for (node, sum) in sums.iter_mut().enumerate().take(self.degree) {
                    *sum += weights[pack] * self.evaluate::<Folded, true>(&at, &mut said);
                    let times = if node == 0 { 2 } else { 1 };
                    for _ in 0..times {
                        at.iter_mut().zip(&step).for_each(|(at, &step)| *at += step);
                    }
                }
            }
            sums
        });
        let nodes = core::array::from_fn(|i| if i == 0 { 0 } else { i + 1 });
        with_linear(sums.map(lanes), &weights[..packs], nodes, |pack| pair(pack, width))
    }

    /// What the table says of a pack of rows, combined.
    fn evaluate<C: Cells, const CONSTRAINTS: bool>(&self, cells: &[C::Cell], said: &mut Said) -> PackedChallenge {
        let (main, rest) = cells.split_at(self.instance.kind.width());
        let (fixed, beside) = rest.split_at(self.instance.kind.fixed_width());
        // All but the columns that are declared as read stand for nothing.
        let mut next = Vec::new();
        let mut ends = [C::Cell::ZERO; 2];
        if let [of_next @ .., first, last] = beside {
            next.extend_from_slice(main);
            for (column, &cell) in self.instance.kind.next_row_columns().into_iter().zip(of_next) {
                next[column] = cell;
            }
            ends = [*first, *last];
        }
        let window = [main, if next.is_empty() { main } else { &next }];
        let hear = Heard::<C, CONSTRAINTS>::new(&mut said.constraints, &mut said.others, &self.weights.indices);
        let mut rows = CellBuilder::new(window, fixed, self.instance.public, ends, hear);
        self.instance.kind.eval(&mut Emitter::new(&mut rows));
        let of_cells = |factors: &[Factors; 2], said: &[Packed]| factors[C::NUMBER].sum(said);
        let OfTable { constraints, others, .. } = &self.weights;
        of_cells(constraints, &said.constraints) + of_cells(others, &said.others)
    }

    /// The number of the table, and its columns where all variables are set.
    fn values(self) -> (usize, Values) {
        let Columns::Single(columns) = self.cells else { unreachable!("all variables are set") };
        let (main, rest) = columns.split_at(self.instance.kind.width());
        let beside = &rest[self.instance.kind.fixed_width()..];
        let next = self.instance.kind.next_row_columns().into_iter().zip(beside);
        let values = Values {
            here: main.iter().map(|column| column[0]).collect(),
            next: next.map(|(column, of_next)| (column, of_next[0])).collect(),
        };
        (self.index, values)
    }

    /// Sets the first variable.
    fn fold(&mut self, challenge: Challenge, memory: &mut &'a mut [PackedChallenge]) {
        let (packed, factor) = (PackedChallenge::from(challenge), PackedChallenge::factor(challenge));
        match &mut self.cells {
            Columns::Rows(linear) => {
                let linear = take(linear);
                let columns = self.columns();
                let packs = columns[0].len() / 2 / WIDTH;
                let mut of_table = memory.split_off_mut(..packs * (columns.len() + 1)).unwrap_or_default();
                let mut next = || of_table.split_off_mut(..packs).unwrap_or_default();
                let mut folded: Vec<&mut [PackedChallenge]> = (0..=columns.len()).map(|_| next()).collect();
                columns.par_iter().zip(&mut folded).for_each(|(column, folded)| {
                    let (low, high) = Packed::pack_slice(column).split_at(packs);
                    let pairs = low.iter().zip(high);
                    folded.iter_mut().zip(pairs).for_each(|(to, (&low, &high))| *to = packed * (high - low) + low);
                });
                if let Some(of_linear) = folded.last_mut() {
                    let (low, high) = linear.split_at(packs);
                    let pairs = low.iter().zip(high);
                    of_linear.iter_mut().zip(pairs).for_each(|(to, (low, &high))| *to = low.towards(high, &factor));
                }
                self.cells = Columns::Packed(folded);
                self.beside = self.beside.iter().map(|_| Vec::new()).collect();
            }
            Columns::Packed(columns) => columns.par_iter_mut().for_each(|column| *column = fold(take(column), &factor)),
            Columns::Single(columns) => columns.iter_mut().for_each(|column| {
                let half = fold(column, &challenge).len();
                column.truncate(half);
            }),
        }
        if let Columns::Packed(columns) = &mut self.cells
            && columns[0].len() == 1
        {
            self.cells = Columns::Single(take(columns).iter().map(|column| unpacked(column)).collect());
        }
    }
}

/// Of each row of a table all that its interactions say in linear forms, each times its factor, and a constant.
fn linear_forms(instance: &Instance<'_>, factors: &[Challenge], constant: Challenge) -> Vec<PackedChallenge> {
    let width = instance.main.len() + instance.fixed.len();
    // Its coefficients are what it says of rows that are zero but for one cell, less what it says of a row of zeros.
    let says = (0..=width / WIDTH).flat_map(|pack| {
        let of_cell = |cell: usize| Packed::from_fn(|lane| F::from_bool(pack * WIDTH + lane == cell));
        let cells: Vec<Packed> = (0..width).map(of_cell).collect();
        let (main, fixed) = cells.split_at(instance.main.len());
        let mut rows = CellBuilder::new([main; 2], fixed, instance.public, [Packed::ZERO; 2], Linear::new(factors));
        instance.kind.eval(&mut Emitter::new(&mut rows));
        <PackedChallenge as PackedFieldExtension<F, Challenge>>::to_ext_iter([rows.listener.sum])
    });
    let says: Vec<Challenge> = says.collect();
    let of_zeros = says[width];
    let coefficients: Vec<Challenge> = says[..width].iter().map(|&says| says - of_zeros).collect();
    let coefficients = Factors::of_base(&coefficients);
    let constant = PackedChallenge::from(constant + of_zeros);
    let columns: Vec<&[Packed]> =
        instance.main.iter().chain(&instance.fixed).map(|column| Packed::pack_slice(column)).collect();
    let of_pack = |cells: &mut Vec<Packed>, pack: usize| {
        cells.clear();
        cells.extend(columns.iter().map(|column| column[pack]));
        constant + coefficients.sum(cells)
    };
    (0..columns[0].len()).into_par_iter().map_init(Vec::new, of_pack).collect()
}

/// Adds to sums at some places what linear forms add up to there: a line through what they do at 0 and 1.
fn with_linear<const N: usize>(
    mut sums: [Challenge; N],
    weights: &[PackedChallenge],
    nodes: [usize; N],
    pair: impl Fn(usize) -> (PackedChallenge, PackedChallenge) + Sync,
) -> [Challenge; N] {
    let [at_zero, at_one] = sum_over(weights.len(), |piece| {
        let mut sums = [PackedChallenge::ZERO; 2];
        for pack in piece {
            let (low, high) = pair(pack);
            sums[0] += weights[pack] * low;
            sums[1] += weights[pack] * high;
        }
        sums
    })
    .map(lanes);
    for (sum, node) in sums.iter_mut().zip(nodes) {
        *sum += at_zero + (at_one - at_zero) * F::from_usize(node);
    }
    sums
}
