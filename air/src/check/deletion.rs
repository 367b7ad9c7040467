//! Something left out of a table, to see who notices.

use crate::check::sheet::sheet;
use crate::tables::Kind;

/// A part of a table that can be left out: all constraints of one name, or one interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The constraints of this name.
    Constraint(String),
    /// The interaction of this number, in the order in which the table states them.
    Interaction(usize),
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
        }
    }
}

/// The numbers of what is left out of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    constraints: Vec<usize>,
    interaction: Option<usize>,
}

/// Leaves nothing out.
pub static NOTHING: Deletion = Deletion { constraints: Vec::new(), interaction: None };

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
        }
    }

    /// The numbers of the constraints that are left out.
    pub fn constraints(&self) -> &[usize] {
        &self.constraints
    }

    /// The number of the interaction that is left out.
    pub const fn interaction(&self) -> Option<usize> {
        self.interaction
    }

    /// Whether the constraint of this number is left out.
    #[inline]
    pub fn drops_constraint(&self, number: usize) -> bool {
        self.constraints.contains(&number)
    }

    /// Whether the interaction of this number is left out.
    #[inline]
    pub fn drops_interaction(&self, number: usize) -> bool {
        self.interaction == Some(number)
    }
}
