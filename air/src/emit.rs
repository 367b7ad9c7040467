//! What a table says: named constraints and tuples on buses, over any of the library's builders.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::F;
use crate::bus::{self, Bus};
use crate::missing::Missing;

/// The builders that tables are written against: constraints and interactions over KoalaBear, nothing else.
pub trait Builder: InteractionBuilder<F = F> {}

impl<AB: InteractionBuilder<F = F>> Builder for AB {}

/// Passes a table's constraints and interactions to a builder and, when asked, records their names in order.
#[derive(Debug)]
pub struct Emitter<'a, AB> {
    builder: &'a mut AB,
    names: Option<&'a mut Names>,
    missing: Missing,
}

/// The names of a table's constraints and the buses of its interactions, in the order in which it states them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// One name per constraint.
    pub constraints: Vec<String>,
    /// One bus per interaction.
    pub interactions: Vec<Bus>,
    /// What each interaction does on its bus.
    pub roles: Vec<Role>,
}

/// What an interaction does on its bus, which says what its counts may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Gives a tuple, once or not at all.
    Give,
    /// Takes a tuple, once or not at all.
    Take,
    /// Asks for a tuple, once or not at all.
    Ask,
    /// Answers as often as is asked.
    Answer,
}

// Kept out of the way of those who need no names and ask for every table's look-ups row by row.
impl Names {
    #[cold]
    fn constraint(&mut self, name: &str) {
        self.constraints.push(name.to_owned());
    }

    #[cold]
    fn interaction(&mut self, bus: Bus, role: Role) {
        self.interactions.push(bus);
        self.roles.push(role);
    }
}

impl<'a, AB: Builder> Emitter<'a, AB> {
    /// An emitter for proving and verifying, which need no names.
    pub fn new(builder: &'a mut AB) -> Self {
        Self { builder, names: None, missing: Missing::default() }
    }

    /// An emitter that also records names.
    pub fn recording(builder: &'a mut AB, names: &'a mut Names) -> Self {
        Self { builder, names: Some(names), missing: Missing::default() }
    }

    /// Leaves out what a test has chosen, if it has.
    #[inline(always)]
    pub fn leave_out(&mut self, missing: Missing) {
        self.missing = missing;
    }

    /// The builder, for its windows, selectors and public values.
    pub const fn builder(&self) -> &AB {
        self.builder
    }

    /// Constrains `x = 0` on every row.
    #[inline(always)]
    pub fn zero(&mut self, name: &str, x: impl Into<AB::Expr>) {
        if let Some(names) = &mut self.names {
            names.constraint(name);
        }
        let x = x.into();
        // Not the constant, which the proof system takes for no constraint of any degree.
        self.builder.assert_zero(if self.missing.constraint() { x.clone() - x } else { x });
    }

    /// Constrains `x = y` on every row.
    #[inline(always)]
    pub fn equal(&mut self, name: &str, x: impl Into<AB::Expr>, y: impl Into<AB::Expr>) {
        self.zero(name, x.into() - y.into());
    }

    /// Constrains `x` to 0 or 1 on every row.
    #[inline(always)]
    pub fn boolean(&mut self, name: &str, x: impl Into<AB::Expr>) {
        self.zero(name, x.into().bool_check());
    }

    /// Constrains cells to 0 or 1 on every row.
    #[inline(always)]
    pub fn booleans(&mut self, name: &str, cells: impl IntoIterator<Item = AB::Var>) {
        for cell in cells {
            self.boolean(name, cell);
        }
    }

    /// Constrains a flag to 0 or 1, and to 0 on rows where `condition` (0 or 1) is 0.
    #[inline(always)]
    pub fn flag(&mut self, [boolean, only]: [&str; 2], flag: AB::Var, condition: impl Into<AB::Expr>) {
        self.boolean(boolean, flag);
        self.zero_when(only, flag, AB::Expr::ONE - condition.into());
    }

    /// Constrains the flag of the rows in use to 0 or 1; returns it.
    #[inline(always)]
    pub fn in_use(&mut self, is_real: AB::Var) -> AB::Expr {
        self.boolean("is_real is boolean", is_real);
        is_real.into()
    }

    /// Constrains `x = 0` on rows where `condition` is not zero.
    #[inline(always)]
    pub fn zero_when(&mut self, name: &str, condition: impl Into<AB::Expr>, x: impl Into<AB::Expr>) {
        self.zero(name, condition.into() * x.into());
    }

    /// Gives a tuple `count` times; `count` is 0 or 1 by other constraints.
    #[inline(always)]
    pub fn give<const N: usize>(&mut self, bus: Bus, tuple: [AB::Expr; N], count: impl Into<AB::Expr>) {
        self.interact(bus, Role::Give, tuple, Count::bounded(count.into(), 1));
    }

    /// Takes a tuple `count` times; `count` is 0 or 1 by other constraints.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self, bus: Bus, tuple: [AB::Expr; N], count: impl Into<AB::Expr>) {
        self.interact(bus, Role::Take, tuple, Count::bounded(-count.into(), 1));
    }

    /// Looks a tuple up `count` times; `count` is 0 or 1 by other constraints.
    #[inline(always)]
    pub fn look_up<const N: usize>(&mut self, bus: Bus, tuple: [AB::Expr; N], count: impl Into<AB::Expr>) {
        self.interact(bus, Role::Ask, tuple, Count::bounded(count.into(), 1));
    }

    /// Answers `multiplicity` look-ups of a tuple; the multiplicity is free, the tuple must not be.
    #[inline]
    pub fn answer<const N: usize>(&mut self, bus: Bus, tuple: [AB::Expr; N], multiplicity: impl Into<AB::Expr>) {
        self.interact(bus, Role::Answer, tuple, Count::provided(-multiplicity.into()));
    }

    /// Checks `0 <= value < bound` on `count` (0 or 1) rows; the bound is a power of two up to 2^16.
    #[inline(always)]
    pub fn range(&mut self, bound: impl Into<AB::Expr>, value: impl Into<AB::Expr>, count: impl Into<AB::Expr>) {
        self.look_up(bus::RANGE, [bound.into(), value.into()], count);
    }

    #[inline(always)]
    fn interact<const N: usize>(&mut self, bus: Bus, role: Role, tuple: [AB::Expr; N], count: Count<AB::Expr>) {
        debug_assert_eq!(N, bus.width, "tuple width on bus {}", bus.name);
        if let Some(names) = &mut self.names {
            names.interaction(bus, role);
        }
        let count = if self.missing.interaction() { Count::bounded(AB::Expr::ZERO, 1) } else { count };
        self.builder.push_interaction(bus.name, tuple, count);
    }
}

/// A small constant as an expression.
#[inline]
pub fn constant<AB: Builder>(value: u32) -> AB::Expr {
    AB::Expr::from_u32(value)
}

/// A word of four limbs, by its lowest ones; those above are zero.
#[inline]
pub fn padded<E: PrimeCharacteristicRing, const N: usize>(limbs: [E; N]) -> [E; 4] {
    core::array::from_fn(|i| limbs.get(i).cloned().unwrap_or(E::ZERO))
}

/// The sum of cells.
#[inline]
pub fn sum<AB: Builder>(cells: &[AB::Var]) -> AB::Expr {
    cells.iter().map(|&cell| cell.into()).sum()
}
