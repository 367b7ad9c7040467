//! Something left out of a table, to see who notices.

#[cfg(debug_assertions)]
use std::sync::Arc;
#[cfg(debug_assertions)]
use std::sync::RwLock;
#[cfg(debug_assertions)]
use std::sync::atomic::{AtomicBool, Ordering};

use crate::check::sheet::sheet;
use crate::tables::Kind;

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
            Part::Nothing => NOTHING.clone(),
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

/// What the process leaves out of its tables, for tests of the whole prover and verifier. Builds without debug assertions
/// have no such thing.
#[cfg(debug_assertions)]
static LEFT_OUT: RwLock<Option<(Kind, Arc<Deletion>)>> = RwLock::new(None);
/// Whether it leaves something out, which is asked for every row.
#[cfg(debug_assertions)]
static LEAVES_OUT: AtomicBool = AtomicBool::new(false);

/// Leaves a part of a table out of everything that this process evaluates, proves and verifies from now on, in place of
/// what it left out before; `None` leaves nothing out. For tests that have a process of their own.
#[cfg(debug_assertions)]
pub fn leave_out(part: Option<(Kind, &Part)>) {
    let deletion = part.map(|(kind, part)| (kind, Arc::new(Deletion::of(kind, part))));
    LEAVES_OUT.store(deletion.is_some(), Ordering::SeqCst);
    *LEFT_OUT.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = deletion;
}

/// What is missing of a table while it is stated; without debug assertions never anything.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    #[cfg(debug_assertions)]
    deletion: Option<Arc<Deletion>>,
    /// Constraints and interactions stated so far.
    #[cfg(debug_assertions)]
    stated: [usize; 2],
}

impl Missing {
    /// Nothing.
    #[inline(always)]
    pub const fn nothing() -> Self {
        Self {
            #[cfg(debug_assertions)]
            deletion: None,
            #[cfg(debug_assertions)]
            stated: [0; 2],
        }
    }

    /// What [`leave_out`] was told of a table.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        #[cfg(debug_assertions)]
        if LEAVES_OUT.load(Ordering::Relaxed)
            && let Some((other, deletion)) = &*LEFT_OUT.read().unwrap_or_else(|poisoned| poisoned.into_inner())
            && *other == kind
        {
            return Self { deletion: Some(deletion.clone()), stated: [0; 2] };
        }
        let _ = kind;
        Self::nothing()
    }

    /// Whether the next constraint is missing.
    #[inline(always)]
    pub fn constraint(&mut self) -> bool {
        self.next(0, Deletion::drops_constraint)
    }

    /// Whether the next interaction is missing.
    #[inline(always)]
    pub fn interaction(&mut self) -> bool {
        self.next(1, Deletion::drops_interaction)
    }

    #[cfg(debug_assertions)]
    #[inline(always)]
    fn next(&mut self, what: usize, drops: impl Fn(&Deletion, usize) -> bool) -> bool {
        let Some(deletion) = &self.deletion else { return false };
        self.stated[what] += 1;
        drops(deletion, self.stated[what] - 1)
    }

    #[cfg(not(debug_assertions))]
    #[inline(always)]
    fn next(&mut self, _: usize, _: impl Fn(&Deletion, usize) -> bool) -> bool {
        false
    }
}
