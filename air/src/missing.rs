//! What is left out of a table while it is stated, by number: for tests that see who notices.

use alloc::vec::Vec;

#[cfg(all(debug_assertions, feature = "fill"))]
pub use chosen::leave_out;

use crate::kind::Kind;

/// The numbers of what is left out of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    /// Of the constraints.
    pub constraints: Vec<usize>,
    /// Of the interaction.
    pub interaction: Option<usize>,
}

/// Leaves nothing out.
#[cfg(feature = "fill")]
pub static NOTHING: Deletion = Deletion { constraints: Vec::new(), interaction: None };

impl Deletion {
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

/// What the process leaves out of its tables, for tests of the whole prover and verifier.
#[cfg(all(debug_assertions, feature = "fill"))]
mod chosen {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{PoisonError, RwLock};

    use super::{Deletion, Kind};

    static LEFT_OUT: RwLock<Option<(Kind, &'static Deletion)>> = RwLock::new(None);
    /// Whether it leaves something out, which is asked for every row.
    static LEAVES_OUT: AtomicBool = AtomicBool::new(false);

    /// Leaves parts of a table out of everything that this process evaluates, proves and verifies from now on, in place
    /// of what it left out before; `None` leaves nothing out. For tests that have a process of their own.
    pub fn leave_out(deletion: Option<(Kind, Deletion)>) {
        // Leaked, since rows that are being evaluated may hold on to it; tests leave out few things.
        let deletion = deletion.map(|(kind, deletion)| (kind, &*Box::leak(Box::new(deletion))));
        LEAVES_OUT.store(deletion.is_some(), Ordering::SeqCst);
        *LEFT_OUT.write().unwrap_or_else(PoisonError::into_inner) = deletion;
    }

    /// What [`leave_out`] was told of a table.
    #[inline(always)]
    pub fn of(kind: Kind) -> Option<&'static Deletion> {
        if !LEAVES_OUT.load(Ordering::Relaxed) {
            return None;
        }
        let left_out = *LEFT_OUT.read().unwrap_or_else(PoisonError::into_inner);
        left_out.filter(|(other, _)| *other == kind).map(|(_, deletion)| deletion)
    }
}

/// Builds without debug assertions leave nothing out.
#[cfg(not(all(debug_assertions, feature = "fill")))]
mod chosen {
    pub const fn of(_: super::Kind) -> Option<&'static super::Deletion> {
        None
    }
}

/// What is missing of a table while it is stated; without debug assertions never anything.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    deletion: Option<&'static Deletion>,
    /// Constraints and interactions stated so far.
    stated: [usize; 2],
}

impl Missing {
    /// What the process leaves out of a table.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        Self { deletion: chosen::of(kind), stated: [0; 2] }
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

    #[inline(always)]
    fn next(&mut self, what: usize, drops: impl Fn(&Deletion, usize) -> bool) -> bool {
        // Known when the crate is compiled, so that no release looks for what is missing.
        let Some(deletion) = self.deletion.filter(|_| cfg!(debug_assertions)) else { return false };
        self.stated[what] += 1;
        drops(deletion, self.stated[what] - 1)
    }
}
