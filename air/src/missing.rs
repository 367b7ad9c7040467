//! What is left out of a table while it is stated, by number: for tests that see who notices.

use alloc::vec::Vec;
#[cfg(all(debug_assertions, feature = "fill"))]
use std::sync::Arc;
#[cfg(all(debug_assertions, feature = "fill"))]
use std::sync::RwLock;
#[cfg(all(debug_assertions, feature = "fill"))]
use std::sync::atomic::{AtomicBool, Ordering};

use crate::kind::Kind;

/// The numbers of what is left out of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    pub(crate) constraints: Vec<usize>,
    pub(crate) interaction: Option<usize>,
}

/// Leaves nothing out.
#[cfg(feature = "fill")]
pub static NOTHING: Deletion = Deletion { constraints: Vec::new(), interaction: None };

impl Deletion {
    /// The numbers of the constraints that are left out.
    #[cfg(feature = "fill")]
    pub fn constraints(&self) -> &[usize] {
        &self.constraints
    }

    /// The number of the interaction that is left out.
    #[cfg(feature = "fill")]
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
#[cfg(all(debug_assertions, feature = "fill"))]
static LEFT_OUT: RwLock<Option<(Kind, Arc<Deletion>)>> = RwLock::new(None);
/// Whether it leaves something out, which is asked for every row.
#[cfg(all(debug_assertions, feature = "fill"))]
static LEAVES_OUT: AtomicBool = AtomicBool::new(false);

/// Leaves parts of a table out of everything that this process evaluates, proves and verifies from now on, in place of what
/// it left out before; `None` leaves nothing out. For tests that have a process of their own.
#[cfg(all(debug_assertions, feature = "fill"))]
pub fn leave_out(deletion: Option<(Kind, Deletion)>) {
    let deletion = deletion.map(|(kind, deletion)| (kind, Arc::new(deletion)));
    LEAVES_OUT.store(deletion.is_some(), Ordering::SeqCst);
    *LEFT_OUT.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = deletion;
}

/// What is missing of a table while it is stated; without debug assertions never anything.
#[derive(Clone, Debug, Default)]
pub struct Missing {
    #[cfg(all(debug_assertions, feature = "fill"))]
    deletion: Option<Arc<Deletion>>,
    /// Constraints and interactions stated so far.
    #[cfg(all(debug_assertions, feature = "fill"))]
    stated: [usize; 2],
}

impl Missing {
    /// Nothing.
    #[inline(always)]
    pub const fn nothing() -> Self {
        Self {
            #[cfg(all(debug_assertions, feature = "fill"))]
            deletion: None,
            #[cfg(all(debug_assertions, feature = "fill"))]
            stated: [0; 2],
        }
    }

    /// What [`leave_out`] was told of a table.
    #[inline(always)]
    pub fn of(kind: Kind) -> Self {
        #[cfg(all(debug_assertions, feature = "fill"))]
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

    #[cfg(all(debug_assertions, feature = "fill"))]
    #[inline(always)]
    fn next(&mut self, what: usize, drops: impl Fn(&Deletion, usize) -> bool) -> bool {
        let Some(deletion) = &self.deletion else { return false };
        self.stated[what] += 1;
        drops(deletion, self.stated[what] - 1)
    }

    #[cfg(not(all(debug_assertions, feature = "fill")))]
    #[inline(always)]
    fn next(&mut self, _: usize, _: impl Fn(&Deletion, usize) -> bool) -> bool {
        false
    }
}
