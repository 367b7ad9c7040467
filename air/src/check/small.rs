//! Small worlds: all fillings of a table's arithmetic, with limbs of so few bits that every input can be tried.
//!
//! Of a row some cells are given, and [`World::fillings`] finds all values in the field that constraints and look-ups
//! leave to the others. Nothing is assumed of those: a cell gets its candidates from one claim of which it is the last
//! unknown, be it an equation that is linear in it, a polynomial in it alone with as many roots as its degree, or a
//! look-up of an expression linear in it, which has as many values as the bound says; and every claim is tried as soon as
//! all its cells are known. A cell that nothing bounds is no filling but a panic. Tuples that are given and taken tie rows
//! to each other and are left out.
//!
//! The field stays that of the tables, so that sums of small limbs are far from its order. What holds in a small world
//! holds at full width only where sums do not wrap there either, which the tables' headers argue.

use std::collections::{BTreeMap, BTreeSet};

use p3_air::AirBuilder;
use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression, SymbolicVariable};
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::Matrix;

use crate::F;
use crate::bus::{BYTE, RANGE};
use crate::columns::Columns;
use crate::emit::Emitter;
use crate::tables::byte::AND;
use crate::tables::range;

/// The builder that a world is made with.
pub type Symbolic = InteractionSymbolicBuilder<F>;
/// A cell of a row that a world is made with.
pub type Variable = SymbolicVariable<F>;

/// What is known of a cell before the search.
#[derive(Clone, Copy, Debug, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    Hidden,
    /// Nothing, and if there is a choice it waits until there is none among others: for the speed of the search only.
    Late,
    /// Its value is an input.
    Given,
    /// Its value is the same for all inputs.
    Fixed(F),
}

/// A flag that is set or not for all inputs.
pub fn flag(is_set: bool) -> Cell {
    Cell::Fixed(F::from_bool(is_set))
}

/// The four limbs of a word, of `bits` bits each.
pub fn limbs(bits: u32, word: u32) -> [F; 4] {
    core::array::from_fn(|i| F::from_u32(word >> (bits * i as u32) & ((1 << bits) - 1)))
}

/// Words of four limbs: all up to two bits, of wider ones those with every limb from a few at the ends.
pub fn words(bits: u32) -> Vec<u32> {
    let ends = [0, 1, 1 << (bits - 1), (1 << bits) - 1];
    let sample = |n: u32| (0..4).fold(0, |word, i| word << bits | ends[(n >> (2 * i)) as usize % 4]);
    (0..1 << (4 * bits.min(2))).map(|n| if bits <= 2 { n } else { sample(n) }).collect()
}

/// Every pair of these [`words`].
pub fn pairs(bits: u32) -> Vec<(u32, u32)> {
    let words = words(bits);
    words.iter().flat_map(|&a| words.iter().map(move |&b| (a, b))).collect()
}

/// The lower two limbs of a word, extended to four by their top bit.
pub fn sign_extend(bits: u32, word: u32) -> u32 {
    signed(2 * bits, word).cast_unsigned() & ((1 << (4 * bits)) - 1)
}

/// The lower `bits` bits of a word as a number of two's complement.
pub const fn signed(bits: u32, word: u32) -> i32 {
    (word << (32 - bits)).cast_signed() >> (32 - bits)
}

/// The lower `bits` bits of a word, rotated by at most as many.
pub const fn rotate_left(bits: u32, word: u32, amount: u32) -> u32 {
    word << amount | word >> (bits - amount)
}

/// A polynomial by its monomials, which are sorted lists of cells.
type Polynomial = BTreeMap<Vec<usize>, F>;

/// What a row must satisfy, of polynomials or of their numbers.
#[derive(Clone, Debug)]
enum Claim<P> {
    Zero(P),
    Range {
        count: P,
        bound: P,
        value: P,
    },
    /// `z` is the bitwise and of `x` and `y`, which other claims bound.
    And {
        x: P,
        y: P,
        z: P,
    },
}

impl<P> Claim<P> {
    fn parts(&self) -> Vec<&P> {
        match self {
            Self::Zero(x) => vec![x],
            Self::Range { count, bound, value } => vec![count, bound, value],
            Self::And { x, y, z } => vec![x, y, z],
        }
    }

    fn map<Q>(&self, mut f: impl FnMut(&P) -> Q) -> Claim<Q> {
        match self {
            Self::Zero(x) => Claim::Zero(f(x)),
            Self::Range { count, bound, value } => Claim::Range { count: f(count), bound: f(bound), value: f(value) },
            Self::And { x, y, z } => Claim::And { x: f(x), y: f(y), z: f(z) },
        }
    }
}

/// Where the candidates for a cell come from; `linear` is the place of the expression in [`Step::shares`], with the
/// inverse of the cell's coefficient if it is a constant.
#[derive(Clone, Debug)]
enum Source {
    Roots(Vec<F>),
    Zero { linear: (usize, Option<F>) },
    Range { count: usize, bound: usize, linear: (usize, Option<F>) },
    And { x: usize, y: usize, linear: (usize, Option<F>) },
}

/// A monomial without the powers of some cell: a coefficient and cells known before, [`World::one`] in place of none.
type Term = (F, [usize; 2]);

/// What a cell brings into a polynomial.
#[derive(Debug)]
struct Share {
    polynomial: usize,
    linear: Vec<Term>,
    /// By the cell's power.
    higher: Vec<(u64, Term)>,
}

/// The choice of one cell.
#[derive(Debug)]
struct Step {
    cell: usize,
    shares: Vec<Share>,
    /// The place of the shares in the scratch space.
    offset: usize,
    sources: Vec<Source>,
    /// The claims that the cell is the last of.
    claims: Vec<Claim<usize>>,
}

/// A table's arithmetic for one operation and one width of limbs.
#[derive(Debug)]
pub struct World {
    names: Vec<String>,
    fixed: Vec<(usize, F)>,
    given: Vec<usize>,
    free: Vec<usize>,
    /// Of each polynomial the monomials of given cells.
    start: Vec<Vec<(F, Vec<usize>)>>,
    /// The claims on given cells.
    claims: Vec<Claim<usize>>,
    steps: Vec<Step>,
    scratch: usize,
}

impl World {
    /// A world with limbs of `bits` bits, two bytes each, of what `eval` states of a row with these cells.
    pub fn new<Cells: Columns<Cell>, Row: Columns<Variable>>(
        bits: u32,
        cells: &Cells,
        eval: impl Fn(&mut Emitter<'_, Symbolic>, &Row),
    ) -> Self {
        let mut builder = Symbolic::new(AirLayout { main_width: Row::WIDTH, ..AirLayout::default() });
        let row = Row::from_row(&builder.main().row_slice(0).expect("a row"));
        eval(&mut Emitter::new(&mut builder), &row);

        let mut known = Vec::with_capacity(Cells::WIDTH);
        cells.put(&mut |cell| known.push(cell));
        let mut names = Vec::new();
        Cells::names("", &mut names);
        let place = |is: fn(&Cell) -> bool| (0..known.len()).filter(|&i| is(&known[i])).collect::<Vec<_>>();
        let given = place(|cell| matches!(cell, Cell::Given));
        let mut mentioned = BTreeSet::new();
        let claims = claims_of(&builder, bits, &known, &mut mentioned);
        let used: BTreeSet<_> =
            claims.iter().flat_map(Claim::parts).flat_map(BTreeMap::keys).flatten().copied().collect();
        let is_hidden = |cell: &usize| matches!(known[*cell], Cell::Hidden | Cell::Late);
        let mut world = Self {
            free: mentioned.difference(&used).copied().filter(is_hidden).collect(),
            fixed: known.iter().enumerate().filter_map(|(i, cell)| Some((i, fixed(cell)?))).collect(),
            names,
            given,
            start: Vec::new(),
            claims: Vec::new(),
            steps: Vec::new(),
            scratch: 0,
        };
        let late = place(|cell| matches!(cell, Cell::Late));
        world.plan(&claims, used.into_iter().filter(is_hidden).collect(), &late);
        world
    }

    /// The names of the cells that the arithmetic speaks of, but not for this operation.
    pub fn free(&self) -> Vec<&str> {
        self.free.iter().map(|&cell| self.names[cell].as_str()).collect()
    }

    /// All rows with these given cells, in the order of their columns; cells of which nothing is said are 0.
    pub fn fillings(&self, given: &[F]) -> Vec<Vec<F>> {
        assert_eq!(given.len(), self.given.len());
        let mut search = Search {
            world: self,
            cells: vec![F::ZERO; self.names.len() + 1],
            sums: Vec::new(),
            scratch: vec![[F::ZERO; 2]; self.scratch],
            found: Vec::new(),
        };
        search.cells[self.one()] = F::ONE;
        self.fixed.iter().for_each(|&(cell, value)| search.cells[cell] = value);
        self.given.iter().zip(given).for_each(|(&cell, &value)| search.cells[cell] = value);
        let value = |(coefficient, others): &(F, Vec<usize>)| {
            others.iter().fold(*coefficient, |product, &cell| product * search.cells[cell])
        };
        search.sums = self.start.iter().map(|terms| terms.iter().map(value).sum()).collect();
        if self.claims.iter().all(|claim| search.holds(claim)) {
            search.choose(0);
        }
        search.found
    }

    /// The only row with these given cells.
    ///
    /// # Panics
    /// If there is none, or another, or one that differs in a free cell.
    pub fn only_filling<Row: Columns<F>>(&self, given: &[F]) -> Row {
        assert!(self.free.is_empty(), "free: {:?}", self.free());
        let found = self.fillings(given);
        if found.len() != 1 {
            let name = |row: &Vec<F>| self.names.iter().cloned().zip(row.iter().copied()).collect::<Vec<_>>();
            panic!("{} fillings for {given:?}: {:?}", found.len(), found.iter().map(name).collect::<Vec<_>>());
        }
        Row::from_row(&found[0])
    }

    /// Puts the hidden cells in an order in which a claim bounds each. Cells without a choice come first, others in the
    /// order of their columns.
    fn plan(&mut self, claims: &[Claim<Polynomial>], mut hidden: BTreeSet<usize>, late: &[usize]) {
        let unknown = |claim: &Claim<Polynomial>, hidden: &BTreeSet<usize>| -> BTreeSet<usize> {
            claim
                .parts()
                .into_iter()
                .flat_map(BTreeMap::keys)
                .flatten()
                .filter(|cell| hidden.contains(cell))
                .copied()
                .collect()
        };
        let mut numbered = Vec::new();
        for claim in claims {
            numbered.push(claim.map(|polynomial| {
                let known = polynomial.iter().filter(|(cells, _)| !cells.iter().any(|cell| hidden.contains(cell)));
                self.start.push(known.map(|(cells, &coefficient)| (coefficient, cells.clone())).collect());
                self.start.len() - 1
            }));
        }
        let polynomials: Vec<_> = claims.iter().flat_map(Claim::parts).collect();
        let mut open: Vec<usize> = (0..claims.len()).collect();
        let done = |open: &mut Vec<usize>, hidden: &BTreeSet<usize>| -> Vec<Claim<usize>> {
            let closed = open.extract_if(.., |i| unknown(&claims[*i], hidden).is_empty());
            closed.map(|i| numbered[i].clone()).collect()
        };
        self.claims = done(&mut open, &hidden);
        while !hidden.is_empty() {
            let unknowns: Vec<_> = open.iter().map(|&i| unknown(&claims[i], &hidden)).collect();
            let cost = |&cell: &usize| {
                let own = open.iter().zip(&unknowns).filter(|(_, cells)| cells.len() == 1 && cells.contains(&cell));
                let bounds: Vec<_> = own.filter_map(|(&i, _)| candidates(&claims[i], cell)).collect();
                let is_unsure = bounds.iter().all(|&(is_unsure, _)| is_unsure);
                let is_choice = bounds.iter().map(|&(_, count)| count).min()? > 1;
                Some((is_unsure, is_choice && late.contains(&cell), is_choice, cell))
            };
            let Some((.., cell)) = hidden.iter().filter_map(cost).min() else {
                let names: Vec<_> = hidden.iter().map(|&cell| &self.names[cell]).collect();
                panic!("nothing bounds any of {names:?}");
            };
            let mut own: Vec<_> = open
                .iter()
                .zip(&unknowns)
                .filter(|(_, cells)| cells.len() == 1 && cells.contains(&cell))
                .map(|(&i, _)| i)
                .collect();
            own.sort_by_key(|&i| candidates(&claims[i], cell).map(|(is_unsure, count)| (count, is_unsure)));
            hidden.remove(&cell);
            let share = |(i, polynomial): (usize, &&Polynomial)| self.share(i, polynomial, cell, &hidden);
            let shares: Vec<_> = polynomials.iter().enumerate().filter_map(share).collect();
            let sources = own.iter().filter_map(|&i| self.source(&numbered[i], &shares, &polynomials)).collect();
            let claims = done(&mut open, &hidden);
            let offset = self.scratch;
            self.scratch += shares.len();
            self.steps.push(Step { cell, shares, offset, sources, claims });
        }
    }

    /// The monomials of a polynomial of which a cell is the last that is known.
    fn share(&self, i: usize, polynomial: &Polynomial, cell: usize, hidden: &BTreeSet<usize>) -> Option<Share> {
        let mut share = Share { polynomial: i, linear: Vec::new(), higher: Vec::new() };
        let is_hidden = |other: &usize| hidden.contains(other);
        for (cells, &coefficient) in polynomial.iter().filter(|(cells, _)| !cells.iter().any(is_hidden)) {
            let (own, others): (Vec<_>, Vec<_>) = cells.iter().partition(|&&other| other == cell);
            let other = |i: usize| others.get(i).copied().unwrap_or(self.one());
            match own.len() {
                0 => {}
                1 => share.linear.push((coefficient, [other(0), other(1)])),
                power => share.higher.push((power as u64, (coefficient, [other(0), other(1)]))),
            }
        }
        (!share.linear.is_empty() || !share.higher.is_empty()).then_some(share)
    }

    /// The place of a cell that is always 1, behind those of the row.
    const fn one(&self) -> usize {
        self.names.len()
    }

    /// The source that a claim is for the cell of a step; see [`candidates`].
    fn source(&self, claim: &Claim<usize>, shares: &[Share], polynomials: &[&Polynomial]) -> Option<Source> {
        let place = |polynomial: usize| shares.iter().position(|share| share.polynomial == polynomial);
        let linear = |polynomial: usize| {
            let place = place(polynomial)?;
            let Share { linear, higher, .. } = &shares[place];
            let is_constant = linear.iter().all(|(_, others)| *others == [self.one(); 2]);
            let slope = || linear.iter().map(|(coefficient, _)| *coefficient).sum::<F>().inverse();
            higher.is_empty().then(|| (place, is_constant.then(slope)))
        };
        match *claim {
            Claim::Zero(x) => linear(x).map(|linear| Source::Zero { linear }).or_else(|| {
                let cell = *polynomials[x].keys().flatten().next()?;
                roots(polynomials[x], cell).map(Source::Roots)
            }),
            Claim::Range { count, bound, value } => (place(count).is_none() && place(bound).is_none())
                .then(|| linear(value).map(|linear| Source::Range { count, bound, linear }))?,
            Claim::And { x, y, z } => (place(x).is_none() && place(y).is_none())
                .then(|| linear(z).map(|linear| Source::And { x, y, linear }))?,
        }
    }
}

fn fixed(cell: &Cell) -> Option<F> {
    match cell {
        Cell::Fixed(value) => Some(*value),
        Cell::Hidden | Cell::Late | Cell::Given => None,
    }
}

/// The claims of a builder, with the values of fixed cells put in; and the cells that it mentions.
fn claims_of(builder: &Symbolic, bits: u32, known: &[Cell], mentioned: &mut BTreeSet<usize>) -> Vec<Claim<Polynomial>> {
    let mut polynomial = |expression: &SymbolicExpression<F>| polynomial(expression, known, mentioned);
    let constant = |value: u32| (value != 0).then(|| (vec![], F::from_u32(value))).into_iter().collect::<Polynomial>();
    let constraints = builder.base_constraints();
    let mut claims: Vec<_> = constraints.iter().map(|constraint| Claim::Zero(polynomial(constraint))).collect();
    for interaction in builder.global_interactions() {
        let count = polynomial(&interaction.count);
        let mut fields = interaction.fields.iter().map(&mut polynomial);
        let mut field = || fields.next().expect("a field");
        if interaction.bus_name == RANGE.name {
            let (bound, value) = (field(), field());
            if !count.is_empty() {
                claims.push(Claim::Range { count, bound, value });
            }
        } else if interaction.bus_name == BYTE.name {
            assert_eq!((field(), &count), (constant(AND), &constant(1)), "the bitwise and, on every row");
            let [x, y, z] = [field(), field(), field()];
            for value in [&x, &y] {
                let bound = constant(1 << (bits / 2));
                claims.push(Claim::Range { count: count.clone(), bound, value: value.clone() });
            }
            claims.push(Claim::And { x, y, z });
        }
    }
    claims
}

fn polynomial(expression: &SymbolicExpression<F>, known: &[Cell], mentioned: &mut BTreeSet<usize>) -> Polynomial {
    let mut sum = Polynomial::new();
    let mut add = |terms: Polynomial, factor: F| {
        for (monomial, coefficient) in terms {
            *sum.entry(monomial).or_default() += factor * coefficient;
        }
    };
    match expression {
        SymbolicExpr::Leaf(BaseLeaf::Constant(constant)) => add([(vec![], *constant)].into(), F::ONE),
        SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => {
            assert!(matches!(variable.entry, BaseEntry::Main { offset: 0 }), "arithmetic is of one row");
            mentioned.insert(variable.index);
            match known[variable.index] {
                Cell::Fixed(value) => add([(vec![], value)].into(), F::ONE),
                Cell::Hidden | Cell::Late | Cell::Given => add([(vec![variable.index], F::ONE)].into(), F::ONE),
            }
        }
        SymbolicExpr::Leaf(_) => panic!("arithmetic is the same on all rows"),
        SymbolicExpr::Add { x, y, .. } => {
            add(polynomial(x, known, mentioned), F::ONE);
            add(polynomial(y, known, mentioned), F::ONE);
        }
        SymbolicExpr::Sub { x, y, .. } => {
            add(polynomial(x, known, mentioned), F::ONE);
            add(polynomial(y, known, mentioned), F::NEG_ONE);
        }
        SymbolicExpr::Neg { x, .. } => add(polynomial(x, known, mentioned), F::NEG_ONE),
        SymbolicExpr::Mul { x, y, .. } => {
            let (x, y) = (polynomial(x, known, mentioned), polynomial(y, known, mentioned));
            for ((left, a), (right, b)) in x.iter().flat_map(|x| y.iter().map(move |y| (x, y))) {
                let mut monomial = [left.as_slice(), right].concat();
                monomial.sort_unstable();
                add([(monomial, *a * *b)].into(), F::ONE);
            }
        }
    }
    sum.retain(|_, coefficient| *coefficient != F::ZERO);
    sum
}

/// The degree of a polynomial in a cell.
fn degree(polynomial: &Polynomial, cell: usize) -> usize {
    let powers = polynomial.keys().map(|cells| cells.iter().filter(|&&other| other == cell).count());
    powers.max().unwrap_or(0)
}

/// Whether the coefficient of a cell, in which the polynomial is linear, is a constant; none if it is not linear.
fn has_constant_slope(polynomial: &Polynomial, cell: usize) -> Option<bool> {
    (degree(polynomial, cell) == 1)
        .then(|| polynomial.keys().filter(|cells| cells.contains(&cell)).all(|cells| cells.len() == 1))
}

/// The roots of a polynomial in one cell, if it has as many small ones as its degree.
fn roots(polynomial: &Polynomial, cell: usize) -> Option<Vec<F>> {
    let value = |x: F| polynomial.iter().map(|(cells, &c)| c * x.exp_u64(cells.len() as u64)).sum::<F>();
    let is_own = polynomial.keys().flatten().all(|&other| other == cell);
    let roots: Vec<_> = (-4..=4).map(F::from_i32).filter(|&x| value(x) == F::ZERO).collect();
    (is_own && roots.len() == degree(polynomial, cell)).then_some(roots)
}

/// How many candidates a claim leaves for its last unknown cell, after whether they may be unbounded for some inputs.
fn candidates(claim: &Claim<Polynomial>, cell: usize) -> Option<(bool, usize)> {
    match claim {
        Claim::Zero(x) => match has_constant_slope(x, cell) {
            Some(is_constant) => {
                // Where the cell's factor is 0 such an equation is false.
                let rest: Vec<_> = x.keys().filter(|cells| !cells.contains(&cell)).collect();
                let is_false_without = rest.len() == 1 && rest[0].is_empty();
                Some((!is_constant && !is_false_without, 1))
            }
            None => Some((false, roots(x, cell)?.len())),
        },
        Claim::Range { count, bound, value } => {
            if degree(count, cell) + degree(bound, cell) > 0 {
                return None;
            }
            let is_sure = has_constant_slope(value, cell)? && count.keys().all(Vec::is_empty);
            let bound =
                bound.iter().map(|(cells, bound)| if cells.is_empty() { bound.as_canonical_u32() } else { 1 << 16 });
            Some((!is_sure, bound.max()? as usize))
        }
        Claim::And { x, y, z } => {
            let is_last = degree(x, cell) + degree(y, cell) == 0;
            is_last.then_some((!has_constant_slope(z, cell)?, 1))
        }
    }
}

/// Candidates for a cell.
enum Candidates<'w> {
    List(&'w [F]),
    /// The first, the difference to the next, and how many.
    Progression(F, F, u32),
}

struct Search<'w> {
    world: &'w World,
    cells: Vec<F>,
    /// Of each polynomial the sum of the monomials whose cells are known.
    sums: Vec<F>,
    /// For each share of each step: the sum before, and the factor of the cell.
    scratch: Vec<[F; 2]>,
    found: Vec<Vec<F>>,
}

impl<'w> Search<'w> {
    fn value(&self, &(coefficient, [a, b]): &Term) -> F {
        coefficient * self.cells[a] * self.cells[b]
    }

    fn holds(&self, claim: &Claim<usize>) -> bool {
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
    fn choose(&mut self, step: usize) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns;
    use crate::emit::constant;

    columns! {
        /// A number in two digits.
        struct Digits {
            is_used,
            number,
            low,
            high,
        }
    }

    fn world(is_used: bool, low: u32, high: Option<u32>) -> World {
        let cells = Digits { is_used: flag(is_used), number: Cell::Given, ..Digits::default() };
        World::new(2, &cells, |e, row: &Digits<_>| {
            e.range(constant::<Symbolic>(low), row.low, constant::<Symbolic>(1));
            if let Some(high) = high {
                e.range(constant::<Symbolic>(high), row.high, row.is_used);
            }
            e.zero_when("number", row.is_used, row.low + row.high * F::from_u32(4) - row.number);
        })
    }

    fn digits(world: &World, number: F) -> Vec<[F; 2]> {
        let rows = world.fillings(&[number]).into_iter().map(|row| Digits::from_row(&row));
        rows.map(|row| [row.low, row.high]).collect()
    }

    #[test]
    fn all_fillings_are_found() {
        let pair = |low, high| [low, high].map(F::from_u32);
        assert_eq!(digits(&world(true, 4, Some(4)), F::from_u32(7)), [pair(3, 1)]);
        assert!(digits(&world(true, 4, Some(4)), F::from_u32(16)).is_empty());
        assert_eq!(digits(&world(true, 8, Some(4)), F::from_u32(7)), [pair(3, 1), pair(7, 0)]);
        // Without its look-up the upper digit is whatever fits.
        let quarter = F::from_u32(4).inverse();
        let any = (0..4).map(|low| [F::from_u32(low), (F::ONE - F::from_u32(low)) * quarter]).collect::<Vec<_>>();
        assert_eq!(digits(&world(true, 4, None), F::ONE), any);
    }

    #[test]
    fn what_nothing_is_said_of_is_free() {
        assert_eq!(world(true, 4, Some(4)).free(), [""; 0]);
        assert_eq!(world(false, 4, Some(4)).free(), ["high"]);
    }

    #[test]
    #[should_panic(expected = "2 fillings")]
    fn a_second_filling_is_no_only_one() {
        let _: Digits<F> = world(true, 8, Some(4)).only_filling(&[F::from_u32(7)]);
    }

    #[test]
    #[should_panic(expected = "nothing bounds any of [\"low\", \"high\"]")]
    fn what_nothing_bounds_is_no_filling() {
        let cells = Digits { number: Cell::Given, ..Digits::default() };
        World::new(2, &cells, |e, row: &Digits<_>| e.equal("number", row.number, row.low + row.high));
    }
}
