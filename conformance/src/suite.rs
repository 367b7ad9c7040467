//! Suites: our own cases, and directories of executables.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use riscv_tests::boundary::boundary_cases;
use riscv_tests::{Case, Expectation, cases, cases_misaligned};
use spec_interp::Program;
use thiserror::Error;

use crate::engine::{Engine, Failure, Passed, Subject, run, run_case};
use crate::skip::{SkipError, Skips};
use crate::summary::{Outcome, Summary, Verdict};

/// The skip file of a directory.
pub const SKIP_FILE: &str = "skip.txt";

/// A suite that cannot be run at all.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// A directory or skip file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The directory or file.
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
    [cases(), cases_misaligned(), boundary_cases()].into_iter().flatten().collect()
}

/// What is skipped of [`own_cases`].
///
/// # Errors
/// None, as long as the committed file is well formed.
pub fn own_skips() -> Result<Skips, SkipError> {
    Skips::parse(include_str!("../riscv-tests.skip"))
}

/// Runs cases on an engine, `jobs` at a time.
///
/// # Errors
/// [`SuiteError`] if the skips name a case that is not there, or on a lack of threads. A failing case is no error.
pub fn run_cases(cases: &[Case], engine: Engine, jobs: usize, skips: &Skips) -> Result<Summary, SuiteError> {
    let names = cases.iter().map(|case| case.name.as_str());
    skips.check(names).map_err(|source| SuiteError::Skip { path: "skips".into(), source })?;
    run_all(cases, jobs, |case| {
        let skip = skips.reason(&case.name, engine);
        Outcome { name: case.name.clone(), verdict: verdict(skip, || run_case(case, engine)) }
    })
}

/// Runs every executable below a directory on an engine, `jobs` at a time: files that begin like an ELF or are called
/// `*.elf`. A program passes iff it exits with 0. The directory's [`SKIP_FILE`] names what is left out.
///
/// # Errors
/// [`SuiteError`] if the directory or its skip file cannot be used. A failing program, and one that is none, is no
/// error but a failed case.
pub fn run_directory(directory: &Path, engine: Engine, jobs: usize) -> Result<Summary, SuiteError> {
    let mut files = Vec::new();
    find(directory, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(SuiteError::Empty { path: directory.to_owned() });
    }
    let name = |path: &Path| path.strip_prefix(directory).unwrap_or(path).to_string_lossy().into_owned();
    let files: Vec<_> = files.into_iter().map(|path| (name(&path), path)).collect();

    let path = directory.join(SKIP_FILE);
    let skips = match fs::read_to_string(&path) {
        Ok(text) => Skips::parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Skips::default()),
        Err(source) => return Err(SuiteError::Read { path, source }),
    };
    let names = files.iter().map(|(name, _)| name.as_str());
    let skips = skips.and_then(|skips| skips.check(names).map(|()| skips));
    let skips = skips.map_err(|source| SuiteError::Skip { path, source })?;
    run_all(&files, jobs, |(name, path)| {
        let skip = skips.reason(name, engine);
        Outcome { name: name.clone(), verdict: verdict(skip, || run_file(path, engine)) }
    })
}

fn run_file(path: &Path, engine: Engine) -> Result<Passed, Failure> {
    let program = Program::from_elf(&fs::read(path)?)?;
    run(Subject { program, input: &[], expect: Expectation::Exit(0), output: None }, engine)
}

fn verdict(skip: Option<&str>, run: impl FnOnce() -> Result<Passed, Failure>) -> Verdict {
    match skip {
        Some(reason) => Verdict::Skipped { reason: reason.to_owned() },
        None => run().map_or_else(Verdict::Failed, Verdict::Passed),
    }
}

/// Runs items on threads of their own; the prover's work stays within them.
fn run_all<T: Sync>(items: &[T], jobs: usize, run: impl Fn(&T) -> Outcome + Sync) -> Result<Summary, SuiteError> {
    let jobs = jobs.max(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|source| SuiteError::Threads { jobs, source })?;
    let outcomes = pool.install(|| items.par_iter().with_max_len(1).map(&run).collect());
    Ok(Summary { outcomes })
}

/// Collects the executables below a directory.
fn find(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| SuiteError::Read { path, source }
    };
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "elf") || begins_like_elf(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn begins_like_elf(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    read.is_ok() && head == *b"\x7fELF"
}
