//! What a row must satisfy, as polynomials in its cells.

use std::collections::{BTreeMap, BTreeSet};

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use super::{Cell, Symbolic};
use crate::F;
use crate::bus::{BYTE, RANGE};

/// A polynomial by its monomials, which are sorted lists of cells.
pub(super) type Polynomial = BTreeMap<Vec<usize>, F>;

/// What a row must satisfy, of polynomials or of their numbers.
#[derive(Clone, Debug)]
pub(super) enum Claim<P> {
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
    pub(super) fn parts(&self) -> Vec<&P> {
        match self {
            Self::Zero(x) => vec![x],
            Self::Range { count, bound, value } => vec![count, bound, value],
            Self::And { x, y, z } => vec![x, y, z],
        }
    }

    pub(super) fn map<Q>(&self, mut f: impl FnMut(&P) -> Q) -> Claim<Q> {
        match self {
            Self::Zero(x) => Claim::Zero(f(x)),
            Self::Range { count, bound, value } => Claim::Range { count: f(count), bound: f(bound), value: f(value) },
            Self::And { x, y, z } => Claim::And { x: f(x), y: f(y), z: f(z) },
        }
    }
}

/// The claims of a builder, with the values of fixed cells put in; and the cells that it mentions.
pub(super) fn claims_of(
    builder: &Symbolic,
    bits: u32,
    known: &[Cell],
    mentioned: &mut BTreeSet<usize>,
) -> Vec<Claim<Polynomial>> {
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
            assert_eq!(count, constant(1), "on every row");
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
pub(super) fn degree(polynomial: &Polynomial, cell: usize) -> usize {
    let powers = polynomial.keys().map(|cells| cells.iter().filter(|&&other| other == cell).count());
    powers.max().unwrap_or(0)
}

/// Whether the coefficient of a cell, in which the polynomial is linear, is a constant; none if it is not linear.
pub(super) fn has_constant_slope(polynomial: &Polynomial, cell: usize) -> Option<bool> {
    (degree(polynomial, cell) == 1)
        .then(|| polynomial.keys().filter(|cells| cells.contains(&cell)).all(|cells| cells.len() == 1))
}

/// The roots of a polynomial in one cell, if it has as many small ones as its degree.
pub(super) fn roots(polynomial: &Polynomial, cell: usize) -> Option<Vec<F>> {
    let value = |x: F| polynomial.iter().map(|(cells, &c)| c * x.exp_u64(cells.len() as u64)).sum::<F>();
    let is_own = polynomial.keys().flatten().all(|&other| other == cell);
    let roots: Vec<_> = (-4..=4).map(F::from_i32).filter(|&x| value(x) == F::ZERO).collect();
    (is_own && roots.len() == degree(polynomial, cell)).then_some(roots)
}

/// How many candidates a claim leaves for its last unknown cell, after whether they may be unbounded for some inputs.
pub(super) fn candidates(claim: &Claim<Polynomial>, cell: usize) -> Option<(bool, usize)> {
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
