//! What a table states, once for all: names, buses, roles, and which columns each constraint and interaction speaks of.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use p3_field::PrimeCharacteristicRing;

use crate::F;
use crate::bus::{Bus, PROGRAM};
use crate::check::formula::{Cell, Context, Formula};
use crate::check::{names, symbolic};
use crate::emit::Role;
use crate::kind::Kind;

/// A constraint of a table.
#[derive(Clone, Debug)]
pub struct Stated {
    /// Its name; several constraints may share one.
    pub name: String,
    /// What must be 0.
    pub formula: Formula,
}

/// An interaction of a table.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// Its bus.
    pub bus: Bus,
    /// What it does there.
    pub role: Role,
    /// The elements of the tuple.
    pub tuple: Vec<Formula>,
    /// The count.
    pub count: Formula,
}

impl Spoken {
    /// The cells that its tuple speaks of.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.tuple.iter().flat_map(Formula::cells)
    }

    /// The columns that say how often it is said and, where it asks for the program's row, of which operation.
    pub fn naming(&self) -> impl Iterator<Item = usize> {
        let operation = (self.bus == PROGRAM && self.role == Role::Ask).then(|| &self.tuple[2]);
        let cells = [&self.count].into_iter().chain(operation).flat_map(Formula::cells);
        cells.map(|cell| cell.column)
    }
}

/// A table's constraints and interactions in the order in which it states them.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The constraints.
    pub constraints: Vec<Stated>,
    /// The interactions.
    pub interactions: Vec<Spoken>,
    /// Whether a row speaks of the next one.
    pub reads_next: bool,
    /// Columns that a constraint of their own keeps to 0 and 1.
    pub booleans: Vec<usize>,
    /// Those of them by which a row says that it is one, and as what: how often it speaks, and the number of its operation.
    pub flags: Vec<usize>,
}

static SHEETS: [OnceLock<Sheet>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];

/// The sheet of a table.
pub fn sheet(kind: Kind) -> &'static Sheet {
    SHEETS[kind as usize].get_or_init(|| Sheet::new(kind))
}

impl Sheet {
    fn new(kind: Kind) -> Self {
        let (names, stated) = (names(kind), symbolic(kind));
        let constraints = names.constraints.into_iter().zip(stated.base_constraints());
        let constraints = constraints.map(|(name, expression)| Stated { name, formula: Formula::new(&expression) });
        let roles = names.interactions.into_iter().zip(names.roles);
        let interactions = stated.global_interactions().iter().zip(roles).map(|(interaction, (bus, role))| Spoken {
            bus,
            role,
            tuple: interaction.fields.iter().map(Formula::new).collect(),
            count: Formula::new(&interaction.count),
        });
        let (constraints, interactions): (Vec<Stated>, Vec<_>) = (constraints.collect(), interactions.collect());
        let reads_next = constraints.iter().any(|stated| stated.formula.cells().iter().any(|cell| cell.offset > 0));
        let is_boolean = |formula: &Formula| {
            let [cell @ Cell { offset: 0, column }] = formula.cells() else { return None };
            let [c0, c1, c2, c3] = formula.in_cell(*cell, &Context::alone(&[]));
            (c0 == F::ZERO && c3 == F::ZERO && c1 + c2 == F::ZERO && c2 != F::ZERO).then_some(*column)
        };
        let booleans: Vec<usize> = constraints.iter().filter_map(|stated| is_boolean(&stated.formula)).collect();
        let flags = interactions.iter().flat_map(Spoken::naming).filter(|column| booleans.contains(column));
        let flags = flags.collect::<BTreeSet<_>>().into_iter().collect();
        Self { constraints, interactions, reads_next, booleans, flags }
    }
}
