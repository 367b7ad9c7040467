//! Directories of executables, such as prebuilt suites.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fast_aot::Runner;
use riscv_tests::Expectation;
use spec_interp::{Fault, Outcome, Program};

use crate::check::{Check, Passed, Subject, judge, prove};
use crate::failure::CaseFailure;
use crate::reference;
use crate::signature::{Signature, SignatureConsole, SignatureError};
use crate::skip::{ExpectedFault, Skips};
use crate::suite::{SuiteError, run_all, verdict};
use crate::summary::{JudgedCase, Summary};

/// The skip file of a directory, unless another one is named.
pub const SKIP_FILE: &str = "skip.txt";
/// Instructions granted to a program unless said otherwise.
pub const LIMIT: u64 = 100_000_000;

/// How to run a directory.
#[derive(Clone, Debug)]
pub struct Options {
    /// On what.
    pub engine: Check,
    /// How many programs at a time.
    pub jobs: usize,
    /// Instructions after which a program has failed to end.
    pub limit: u64,
    /// The skip file; if none, the directory's [`SKIP_FILE`] where there is one.
    pub skip: Option<PathBuf>,
    /// The directory to write signatures to, which is made; if none, none are written.
    pub signature: Option<PathBuf>,
    /// The directory of signatures to compare with; if none, none are compared.
    pub reference: Option<PathBuf>,
}

impl Default for Options {
    /// The interpreter, one program at a time, within [`LIMIT`] instructions, without signatures.
    fn default() -> Self {
        Self { engine: Check::Spec, jobs: 1, limit: LIMIT, skip: None, signature: None, reference: None }
    }
}

/// Called as each program has come to its end, in no order, with the number of programs in all.
pub type Watch<'a> = dyn Fn(&JudgedCase, usize) + Sync + 'a;

/// A file of a suite.
#[derive(Debug)]
struct File {
    /// Below the directory, as skip files and outcomes name it.
    name: String,
    /// The same as a path, which need not be text.
    relative: PathBuf,
    path: PathBuf,
}

/// Runs every executable below a directory: files that begin like an ELF or are called `*.elf`. A program passes iff it
/// exits with 0, or faults where the [skip file](crate::skip) expects that, and its signature is the reference's where
/// there is one.
///
/// A signature is written of every program that was run, however it ended: a file of an earlier run would be mistaken
/// for this one's.
///
/// # Errors
/// [`SuiteError`] if a directory or the skip file cannot be used. A failing program, and one that is none, is no error
/// but a failed case.
pub fn run_directory(directory: &Path, options: &Options, watch: &Watch<'_>) -> Result<Summary, SuiteError> {
    let mut paths = Vec::new();
    find(directory, &mut Vec::new(), &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(SuiteError::Empty { path: directory.to_owned() });
    }
    let files: Vec<File> = paths.into_iter().map(|path| File::new(directory, path)).collect();
    let skips = read_skips(directory, options, &files)?;
    prepare(options, &files)?;
    run_all(&files, options.jobs, |file| {
        let skip = skips.reason(&file.name, options.engine);
        let verdict = verdict(skip, || run_file(file, options, skips.fault(&file.name)));
        let outcome = JudgedCase { name: file.name.clone(), verdict };
        watch(&outcome, files.len());
        outcome
    })
}

impl File {
    fn new(directory: &Path, path: PathBuf) -> Self {
        let relative = path.strip_prefix(directory).unwrap_or(&path).to_owned();
        Self { name: relative.to_string_lossy().into_owned(), relative, path }
    }
}

fn read_skips(directory: &Path, options: &Options, files: &[File]) -> Result<Skips, SuiteError> {
    let path = options.skip.clone().unwrap_or_else(|| directory.join(SKIP_FILE));
    let skips = match fs::read_to_string(&path) {
        Ok(text) => Skips::parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound && options.skip.is_none() => Ok(Skips::default()),
        Err(source) => return Err(SuiteError::Read { path, source }),
    };
    let names = files.iter().map(|file| file.name.as_str());
    let skips = skips.and_then(|skips| skips.check(names).map(|()| skips));
    skips.map_err(|source| SuiteError::Skip { path, source })
}

/// Finds out before anything runs whether the directories of signatures can be used.
fn prepare(options: &Options, files: &[File]) -> Result<(), SuiteError> {
    if let Some(path) = &options.reference {
        fs::read_dir(path).map_err(|source| SuiteError::Read { path: path.clone(), source })?;
        if !files.iter().any(|file| reference::find(path, &file.relative).is_some()) {
            return Err(SuiteError::NoReference { path: path.clone(), programs: files.len() });
        }
    }
    if let Some(path) = &options.signature {
        fs::create_dir_all(path).map_err(|source| SuiteError::Write { path: path.clone(), source })?;
        let same = |reference: &PathBuf| fs::canonicalize(path).ok() == fs::canonicalize(reference).ok();
        if options.reference.as_ref().is_some_and(same) {
            return Err(SuiteError::SameDirectory { path: path.clone() });
        }
    }
    Ok(())
}

/// The interpreter goes before the prover: it ends within the limit and leaves the signature.
fn run_file(file: &File, options: &Options, fault: Option<ExpectedFault<'_>>) -> Result<Passed, CaseFailure> {
    let bytes = fs::read(&file.path)?;
    let program = Program::from_elf(&bytes)?;
    let first = match options.engine {
        Check::Aot => fast_aot::Engine::Aot,
        Check::Spec | Check::Prove => fast_aot::Engine::Spec,
    };
    let mut machine = Runner::new(program.clone(), &[], first)?;
    let mut console = SignatureConsole::default();
    let end = machine.run(options.limit, &mut |fd, bytes| console.write(fd, bytes));
    let wanted = options.signature.is_some() || options.reference.is_some();
    let signature = wanted.then(|| sign(file, &bytes, &machine, console, options));

    // A wrong end says more than what the signature lacks because of it.
    let expect = expectation(fault, &end)?;
    judge(expect, end, options.limit)?;
    let signature = signature.transpose()?;
    let mut passed = Passed { instructions: machine.checkpoint().retired, ..Passed::default() };
    if let (Some(directory), Some(signature)) = (&options.reference, &signature) {
        passed.compared = reference::compare(directory, &file.relative, signature)?;
    }
    if options.engine == Check::Prove {
        passed.tables = prove(Subject { program, input: &[], expect, output: None })?.tables;
    }
    Ok(passed)
}

/// The signature, written if asked for.
fn sign(
    file: &File,
    elf: &[u8],
    machine: &Runner,
    console: SignatureConsole,
    options: &Options,
) -> Result<Signature, SignatureError> {
    let signature = Signature::of(elf, machine, console)?;
    if let Some(directory) = &options.signature {
        signature.write(directory, &file.relative)?;
    }
    Ok(signature)
}

/// How a program must end, where any fault of the kind expected is the right one.
fn expectation(expected: Option<ExpectedFault<'_>>, end: &Result<Outcome, Fault>) -> Result<Expectation, CaseFailure> {
    let Some(expected) = expected else { return Ok(Expectation::Exit(0)) };
    let reason = expected.reason.to_owned();
    match end {
        Err(fault) if expected.admits(&fault.cause) => Ok(Expectation::Fault { pc: fault.pc, cause: fault.cause }),
        Err(fault) => {
            let kind = expected.kind.unwrap_or_default().to_owned();
            Err(CaseFailure::OtherFault { fault: fault.clone(), kind, reason })
        }
        Ok(Outcome::Exited(found)) => Err(CaseFailure::NoFault { found: *found, reason }),
        // Judged as such, whatever is expected.
        Ok(Outcome::LimitReached) => Ok(Expectation::Exit(0)),
    }
}

/// Collects the executables below a directory. Links are followed, but not back to a directory that leads there.
fn find(directory: &Path, above: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| SuiteError::Read { path, source }
    };
    let real = fs::canonicalize(directory).map_err(unreadable(directory))?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(directory).map_err(unreadable(directory))? {
        let path = entry.map_err(unreadable(directory))?.path();
        if path.is_dir() {
            find(&path, above, files)?;
        } else if path.extension().is_some_and(|extension| extension == "elf") || begins_like_elf(&path) {
            files.push(path);
        }
    }
    above.pop();
    Ok(())
}

fn begins_like_elf(path: &Path) -> bool {
    let mut head = [0; 4];
    // Opening a pipe would wait for its writer.
    let read = path.is_file() && {
        fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head)).is_ok()
    };
    read && head == *b"\x7fELF"
}
