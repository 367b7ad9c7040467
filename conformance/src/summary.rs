//! What came of a suite.

use core::fmt;

use crate::check::Passed;
use crate::failure::CaseFailure;

/// What came of one case.
#[derive(Debug)]
pub enum Verdict {
    /// It ended as it must.
    Passed(Passed),
    /// It did not.
    Failed(CaseFailure),
    /// It was not run.
    Skipped {
        /// Why, from the skip file.
        reason: String,
    },
}

/// A case and what came of it.
#[derive(Debug)]
pub struct JudgedCase {
    /// The case: its name, or the file below the directory.
    pub name: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a suite, case by case in the order of the suite.
///
/// As text: a line for every case that failed or was skipped, then the closing line `N passed, M failed, K skipped`.
#[derive(Debug, Default)]
pub struct Summary {
    /// The cases.
    pub outcomes: Vec<JudgedCase>,
}

impl Summary {
    fn count(&self, of: impl Fn(&Verdict) -> bool) -> usize {
        self.outcomes.iter().filter(|outcome| of(&outcome.verdict)).count()
    }

    /// Cases that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Passed(_)))
    }

    /// Cases that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// Cases that were not run.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Skipped { .. }))
    }

    /// The closing line, without an end of line.
    #[must_use]
    pub fn closing_line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed(), self.failed(), self.skipped())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for JudgedCase { name, verdict } in &self.outcomes {
            match verdict {
                Verdict::Passed(_) => {}
                Verdict::Failed(failure) => writeln!(f, "failed   {name}: {failure}")?,
                Verdict::Skipped { reason } => writeln!(f, "skipped  {name}: {reason}")?,
            }
        }
        f.write_str(&self.closing_line())
    }
}
