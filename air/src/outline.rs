//! What the shape of a proof takes of a table's expressions: how many there are, their degrees, their buses. It is counted
//! by stating the table over degrees in place of expressions, which is as quick as evaluating a row.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use p3_field::{Algebra, PrimeCharacteristicRing};
use p3_lookup::Count;
use spin::Once;

use crate::F;
use crate::cells::{CellBuilder, Listener};
use crate::emit::{Builder, Emitter};
use crate::kind::Kind;
use crate::tables::segment::PUBLIC_VALUES;

/// The outline of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Degree of each constraint.
    pub constraints: Vec<Degree>,
    /// Its interactions, in order.
    pub interactions: Vec<Interaction>,
}

/// The outline of an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// The bus.
    pub bus: String,
    /// Degree of each element of the tuple.
    pub tuple: Vec<Degree>,
    /// Degree of the count.
    pub count: Degree,
    /// The most that the count is in a row, 0 of answers.
    pub weight: u32,
}

impl Kind {
    /// The outline of the table.
    pub fn outline(self) -> &'static Outline {
        static OUTLINES: [Once<Outline>; Kind::ALL.len()] = [const { Once::new() }; Kind::ALL.len()];
        OUTLINES[self as usize].call_once(|| {
            let (rows, ends, public) = ([CELLS.as_slice(); 2], [Degree(1); 2], [F::ZERO; PUBLIC_VALUES]);
            let mut builder = CellBuilder::new(rows, &CELLS, &public, ends, Outline::default());
            self.eval(&mut Emitter::new(&mut builder));
            builder.listener
        })
    }

    /// Number of interactions of a row.
    pub fn interactions(self) -> usize {
        self.outline().interactions.len()
    }
}

impl Outline {
    /// States constraints and interactions of this outline, whatever they say: for whoever looks at their outline alone.
    pub fn state<AB: Builder>(&self, builder: &mut AB) {
        let cell: AB::Expr = p3_air::WindowAccess::current(&builder.main(), 0).expect("a table has a column").into();
        let of = |degree: Degree| cell.exp_u64(u64::from(degree.0));
        self.constraints.iter().for_each(|&degree| builder.assert_zero(of(degree)));
        for Interaction { bus, tuple, count, weight } in &self.interactions {
            let count = match weight {
                0 => Count::provided(of(*count)),
                &weight => Count::bounded(of(*count), weight),
            };
            builder.push_interaction(bus, tuple.iter().map(|&degree| of(degree)), count);
        }
    }
}

/// A degree in the cells of a row, computed with as if it was the polynomial; of a sum the higher one, whatever cancels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Degree(pub u8);

macro_rules! operations {
    ($($Op:ident::$op:ident, $OpAssign:ident::$op_assign:ident: $join:expr;)*) => { $(
        impl $Op for Degree {
            type Output = Self;

            fn $op(self, other: Self) -> Self {
                let join: fn(u8, u8) -> u8 = $join;
                Self(join(self.0, other.0))
            }
        }

        impl $Op<F> for Degree {
            type Output = Self;

            fn $op(self, constant: F) -> Self {
                self.$op(Self::from(constant))
            }
        }

        impl $OpAssign for Degree {
            fn $op_assign(&mut self, other: Self) {
                *self = self.$op(other);
            }
        }

        impl $OpAssign<F> for Degree {
            fn $op_assign(&mut self, constant: F) {
                *self = self.$op(constant);
            }
        }
    )* };
}

operations! {
    Add::add, AddAssign::add_assign: u8::max;
    Sub::sub, SubAssign::sub_assign: u8::max;
    Mul::mul, MulAssign::mul_assign: |x, y| x + y;
}

impl Neg for Degree {
    type Output = Self;

    fn neg(self) -> Self {
        self
    }
}

impl Sum for Degree {
    fn sum<I: Iterator<Item = Self>>(degrees: I) -> Self {
        degrees.fold(Self::ZERO, Add::add)
    }
}

impl Product for Degree {
    fn product<I: Iterator<Item = Self>>(degrees: I) -> Self {
        degrees.fold(Self::ONE, Mul::mul)
    }
}

impl From<F> for Degree {
    fn from(_: F) -> Self {
        Self(0)
    }
}

impl PrimeCharacteristicRing for Degree {
    type PrimeSubfield = F;

    const ZERO: Self = Self(0);
    const ONE: Self = Self(0);
    const TWO: Self = Self(0);
    const NEG_ONE: Self = Self(0);

    fn from_prime_subfield(constant: F) -> Self {
        Self::from(constant)
    }
}

impl Algebra<F> for Degree {}

/// A row of cells, as many as any table has and more.
static CELLS: [Degree; 512] = [Degree(1); 512];

impl Listener<Degree> for Outline {
    fn constraint(&mut self, degree: Degree) {
        self.constraints.push(degree);
    }

    fn interaction(&mut self, bus: &str, tuple: impl Iterator<Item = Degree>, count: Count<Degree>) {
        let (count, weight) = count.into_parts();
        self.interactions.push(Interaction { bus: bus.to_owned(), tuple: tuple.collect(), count, weight });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use p3_air::SymbolicExpression;
    use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
    use p3_lookup::InteractionSymbolicBuilder;

    use super::*;
    use crate::table::{symbolic, symbolic_builder};

    fn outline_of(symbolic: &InteractionSymbolicBuilder<F>) -> Outline {
        let degree = |x: &SymbolicExpression<F>| Degree(x.poly_degree(2, &[]) as u8);
        let interactions = symbolic.global_interactions().iter().map(|interaction| Interaction {
            bus: interaction.bus_name.clone(),
            tuple: interaction.fields.iter().map(degree).collect(),
            count: degree(&interaction.count),
            weight: interaction.count_weight,
        });
        Outline {
            constraints: symbolic.base_constraints().iter().map(degree).collect(),
            interactions: interactions.collect(),
        }
    }

    /// The library would look through the expressions for columns of the next row that no table declares, and which the
    /// verifier's check takes for zero; it sees outlines. None of the next row's fixed columns are read at all.
    #[test]
    fn columns_of_the_next_row_are_declared() {
        for kind in Kind::ALL {
            let symbolic = symbolic(kind);
            let (declared, mut read) = (kind.next_row_columns(), BTreeSet::new());
            let of_interactions = symbolic.global_interactions().iter();
            let elements =
                of_interactions.flat_map(|interaction| interaction.fields.iter().chain([&interaction.count]));
            let constraints = symbolic.base_constraints();
            let mut seen = HashSet::new();
            elements.chain(&constraints).for_each(|expression| next_row(expression, &mut seen, &mut read));
            assert!(read.is_subset(&declared.into_iter().collect()), "{}: {read:?}", kind.name());
        }
    }

    /// The columns of the next row that an expression speaks of.
    fn next_row(
        expression: &SymbolicExpression<F>,
        seen: &mut HashSet<*const SymbolicExpression<F>>,
        read: &mut BTreeSet<usize>,
    ) {
        if !seen.insert(expression) {
            return;
        }
        match expression {
            SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => match variable.entry {
                BaseEntry::Main { offset: 1 } => drop(read.insert(variable.index)),
                BaseEntry::Preprocessed { offset } => assert_eq!(offset, 0),
                _ => {}
            },
            SymbolicExpr::Leaf(_) => {}
            SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
                next_row(x, seen, read);
                next_row(y, seen, read);
            }
            SymbolicExpr::Neg { x, .. } => next_row(x, seen, read),
        }
    }

    /// What is counted is what the library finds in the expressions, and what is stated for it has that outline.
    #[test]
    fn the_outline_is_that_of_the_expressions() {
        for kind in Kind::ALL {
            assert_eq!(*kind.outline(), outline_of(&symbolic(kind)), "{}", kind.name());
            let mut stated = symbolic_builder(kind);
            kind.outline().state(&mut stated);
            assert_eq!(*kind.outline(), outline_of(&stated), "{}", kind.name());
        }
    }
}
