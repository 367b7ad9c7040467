//! Something left out of a table, to see who notices.

use crate::check::sheet::sheet;
use crate::kind::Kind;
#[cfg(debug_assertions)]
use crate::missing;

pub use crate::missing::{Deletion, NOTHING};

/// A part of a table that can be left out: all constraints of one name, or one interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The constraints of this name.
    Constraint(String),
    /// The interaction of this number, in the order in which the table states them.
    Interaction(usize),
    /// Nothing, so that the table is whole.
    Nothing,
}

impl Part {
    /// Every part of a table: constraints by name, then interactions, in the order in which the table states them.
    pub fn all(kind: Kind) -> Vec<Self> {
        let mut names: Vec<&str> = Vec::new();
        for stated in &sheet(kind).constraints {
            if !names.contains(&stated.name.as_str()) {
                names.push(&stated.name);
            }
        }
        let interactions = (0..sheet(kind).interactions.len()).map(Self::Interaction);
        names.into_iter().map(|name| Self::Constraint(name.to_owned())).chain(interactions).collect()
    }

    /// A short name: `c:carry`, `i:3 range`.
    pub fn label(&self, kind: Kind) -> String {
        match self {
            Self::Constraint(name) => format!("c:{name}"),
            Self::Interaction(number) => format!("i:{number} {}", sheet(kind).interactions[*number].bus.name),
            Self::Nothing => "nothing".to_owned(),
        }
    }
}

impl Deletion {
    /// Leaves a part of a table out.
    pub fn of(kind: Kind, part: &Part) -> Self {
        match part {
            Part::Constraint(name) => {
                let stated = sheet(kind).constraints.iter().enumerate();
                let constraints = stated.filter(|(_, stated)| stated.name == *name).map(|(i, _)| i).collect();
                Self { constraints, interaction: None }
            }
            Part::Interaction(number) => Self { constraints: Vec::new(), interaction: Some(*number) },
            Part::Nothing => NOTHING.clone(),
        }
    }
}

/// Leaves a part of a table out of everything that this process evaluates, proves and verifies from now on, in place of
/// what it left out before; `None` leaves nothing out. For tests that have a process of their own.
#[cfg(debug_assertions)]
pub fn leave_out(part: Option<(Kind, &Part)>) {
    missing::leave_out(part.map(|(kind, part)| (kind, Deletion::of(kind, part))));
}
