//! Suites: our own cases, and what running any suite has in common.

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;
use riscv_tests::boundary::boundary_cases;
use riscv_tests::{Case, cases};
use thiserror::Error;

use crate::check::{Check, Passed, run_case};
use crate::failure::CaseFailure;
use crate::skip::{SkipError, Skips};
use crate::summary::{JudgedCase, Summary, Verdict};

/// A suite that cannot be run at all.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// A directory or skip file cannot be read.
    #[error("cannot read {}: {source}; name one that exists and that you may read", .path.display())]
    Read {
        /// The directory or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory of signatures cannot be made.
    #[error("cannot make the directory {}: {source}; name one that you may write to", .path.display())]
    Write {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory holds no executable.
    #[error("{} holds no ELF file; name the directory that the programs were built into", .path.display())]
    Empty {
        /// The directory.
        path: PathBuf,
    },
    /// No program has a reference, so that nothing would be compared.
    #[error(
        "{} holds no reference for any of {programs} programs; the reference of below/a.elf is \
         below/a.reference_output or below/a.signature",
        .path.display()
    )]
    NoReference {
        /// The directory of references.
        path: PathBuf,
        /// How many programs there are.
        programs: usize,
    },
    /// Signatures would be written over the references.
    #[error("the signatures would be written over the references in {}; name two directories", .path.display())]
    SameDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// The skip file is wrong.
    #[error("{}: {source}", .path.display())]
    Skip {
        /// The skip file.
        path: PathBuf,
        /// What is wrong.
        source: SkipError,
    },
    /// The threads cannot be started.
    #[error("cannot start {jobs} threads: {source}")]
    Threads {
        /// How many.
        jobs: usize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Every case of `riscv-tests`.
#[must_use]
pub fn own_cases() -> Vec<Case> {
    [cases(), boundary_cases()].into_iter().flatten().collect()
}

/// What is skipped of [`own_cases`].
///
/// # Errors
/// None, as long as the committed file is well formed.
pub fn own_skips() -> Result<Skips, SkipError> {
    Skips::parse(include_str!("../riscv-tests.skip"))
}

/// Runs cases on an engine, `jobs` at a time. How each must end stands in the case; of the skips, only which are not
/// run counts.
///
/// # Errors
/// [`SuiteError`] if the skips name a case that is not there, or on a lack of threads. A failing case is no error.
pub fn run_cases(cases: &[Case], engine: Check, jobs: usize, skips: &Skips) -> Result<Summary, SuiteError> {
    let names = cases.iter().map(|case| case.name.as_str());
    skips.check(names).map_err(|source| SuiteError::Skip { path: "skips".into(), source })?;
    run_all(cases, jobs, |case| {
        let skip = skips.reason(&case.name, engine);
        JudgedCase { name: case.name.clone(), verdict: verdict(skip, || run_case(case, engine)) }
    })
}

pub(crate) fn verdict(skip: Option<&str>, run: impl FnOnce() -> Result<Passed, CaseFailure>) -> Verdict {
    match skip {
        Some(reason) => Verdict::Skipped { reason: reason.to_owned() },
        None => run().map_or_else(Verdict::Failed, Verdict::Passed),
    }
}

/// Runs items on threads of their own; the prover's work stays within them.
pub(crate) fn run_all<T: Sync>(
    items: &[T],
    jobs: usize,
    run: impl Fn(&T) -> JudgedCase + Sync,
) -> Result<Summary, SuiteError> {
    let jobs = jobs.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|source| SuiteError::Threads { jobs, source })?;
    let outcomes = pool.install(|| items.par_iter().with_max_len(1).map(&run).collect());
    Ok(Summary { outcomes })
}
