//! Expressions as lists of steps, evaluated over polynomials in one cell.

use std::collections::{BTreeSet, HashMap};

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::PrimeCharacteristicRing;

use crate::F;

/// A column of a row, or of the one that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// 0 for the row itself, 1 for the next one.
    pub offset: usize,
    /// The column.
    pub column: usize,
}

/// What an expression may speak of beside its own cells.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The row and the next one.
    pub rows: [&'a [F]; 2],
    /// The row's fixed cells.
    pub fixed: &'a [F],
    /// The public values.
    pub public: &'a [F],
    /// Whether the row is the first one, and whether it is the last one.
    pub ends: [bool; 2],
}

impl<'a> Context<'a> {
    /// A row that stands for itself, neither first nor last.
    pub const fn alone(cells: &'a [F]) -> Self {
        Self { rows: [cells; 2], fixed: &[], public: &[], ends: [false; 2] }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Cell(Cell),
    Fixed(usize),
    Public(usize),
    First,
    Last,
    Transition,
    Constant(F),
    Add(usize, usize),
    Sub(usize, usize),
    Neg(usize),
    Mul(usize, usize),
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Formula {
    steps: Vec<Step>,
    cells: Vec<Cell>,
}

/// A polynomial of degree 3 at most by its coefficients, the constant first.
pub type Cubic = [F; 4];

impl Formula {
    /// The formula of an expression.
    pub fn new(expression: &SymbolicExpression<F>) -> Self {
        let mut steps = Vec::new();
        append(expression, &mut steps, &mut HashMap::new());
        let cells = steps.iter().filter_map(|step| if let Step::Cell(cell) = step { Some(*cell) } else { None });
        let cells = cells.collect::<BTreeSet<_>>().into_iter().collect();
        Self { steps, cells }
    }

    /// The committed cells that it speaks of.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The formula as a polynomial in one cell, the others being as they are.
    ///
    /// # Panics
    /// If it has a higher degree than 3.
    pub fn in_cell(&self, cell: Cell, context: &Context<'_>) -> Cubic {
        self.try_in_cell(cell, context).expect("a polynomial of degree 3 at most")
    }

    /// [`Self::in_cell`] if it has no higher degree than 3.
    pub fn try_in_cell(&self, cell: Cell, context: &Context<'_>) -> Option<Cubic> {
        let constant = |value: F| [value, F::ZERO, F::ZERO, F::ZERO];
        let mut values: Vec<Cubic> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            values.push(match *step {
                Step::Cell(other) if other == cell => [F::ZERO, F::ONE, F::ZERO, F::ZERO],
                Step::Cell(other) => constant(context.rows[other.offset][other.column]),
                Step::Fixed(column) => constant(context.fixed[column]),
                Step::Public(index) => constant(context.public[index]),
                Step::First => constant(F::from_bool(context.ends[0])),
                Step::Last => constant(F::from_bool(context.ends[1])),
                Step::Transition => constant(F::from_bool(!context.ends[1])),
                Step::Constant(value) => constant(value),
                Step::Add(x, y) => core::array::from_fn(|i| values[x][i] + values[y][i]),
                Step::Sub(x, y) => core::array::from_fn(|i| values[x][i] - values[y][i]),
                Step::Neg(x) => values[x].map(|value| -value),
                Step::Mul(x, y) => product(&values[x], &values[y])?,
            });
        }
        Some(values.last().copied().unwrap_or_default())
    }
}

/// None if its degree is above 3.
fn product(x: &Cubic, y: &Cubic) -> Option<Cubic> {
    let mut product = [F::ZERO; 4];
    for i in (0..4).filter(|&i| x[i] != F::ZERO) {
        for j in (0..4).filter(|&j| y[j] != F::ZERO) {
            *product.get_mut(i + j)? += x[i] * y[j];
        }
    }
    Some(product)
}

/// Appends the steps of an expression, each shared part once, and returns the number of the last one.
///
/// Expressions share what they have in common: a permutation is a tree of astronomical size, and a small graph.
fn append(
    expression: &SymbolicExpression<F>,
    steps: &mut Vec<Step>,
    known: &mut HashMap<*const SymbolicExpression<F>, usize>,
) -> usize {
    let place = core::ptr::from_ref(expression);
    if let Some(&number) = known.get(&place) {
        return number;
    }
    let mut of = |x: &SymbolicExpression<F>, steps: &mut Vec<Step>| append(x, steps, known);
    let step = match expression {
        SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => match variable.entry {
            BaseEntry::Main { offset } => Step::Cell(Cell { offset, column: variable.index }),
            BaseEntry::Preprocessed { .. } => Step::Fixed(variable.index),
            BaseEntry::Public => Step::Public(variable.index),
            BaseEntry::Periodic => unreachable!("no table has periodic columns"),
        },
        SymbolicExpr::Leaf(BaseLeaf::IsFirstRow) => Step::First,
        SymbolicExpr::Leaf(BaseLeaf::IsLastRow) => Step::Last,
        SymbolicExpr::Leaf(BaseLeaf::IsTransition) => Step::Transition,
        SymbolicExpr::Leaf(BaseLeaf::Constant(value)) => Step::Constant(*value),
        SymbolicExpr::Add { x, y, .. } => Step::Add(of(x, steps), of(y, steps)),
        SymbolicExpr::Sub { x, y, .. } => Step::Sub(of(x, steps), of(y, steps)),
        SymbolicExpr::Neg { x, .. } => Step::Neg(of(x, steps)),
        SymbolicExpr::Mul { x, y, .. } => Step::Mul(of(x, steps), of(y, steps)),
    };
    steps.push(step);
    known.insert(place, steps.len() - 1);
    steps.len() - 1
}
