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

mod claims;
mod search;

use std::collections::{BTreeMap, BTreeSet};

use p3_air::AirBuilder;
use p3_air::symbolic::{AirLayout, SymbolicVariable};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::Matrix;

use self::claims::{Claim, Polynomial, candidates, claims_of, roots};
use self::search::Search;
use crate::F;
use crate::columns::Columns;
use crate::emit::Emitter;

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
