//! Files that are read, whole and within a limit.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use spec_interp::map::{MAX_INPUT, MAX_OUTPUT};
use spec_interp::{Program, Symbols, arch_of_elf};

use crate::diagnosis::lacking;
use crate::failure::Failure;

/// The longest ELF: what fills program and RAM, and as much again for what is not loaded.
const MAX_ELF: u64 = 1 << 31;
/// The longest proof: the longest output, and more than any argument takes.
const MAX_PROOF: u64 = MAX_OUTPUT + (64 << 20);

/// Whether a file that is read is standard input: `-`, or its name.
pub fn is_standard_input(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].into_iter().any(|name| path == Path::new(name))
}

/// Whether a file that is written is standard output: `-`, or its name.
pub fn is_standard_output(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].into_iter().any(|name| path == Path::new(name))
}

/// Checks that no file that is read would be replaced by a result.
pub fn spare(read: &[&Path], written: &[&Path]) -> Result<(), Failure> {
    let file = |path: &&Path| fs::canonicalize(path).ok().filter(|path| path.is_file());
    let read: Vec<PathBuf> = read.iter().filter_map(file).collect();
    match written.iter().find(|path| file(path).is_some_and(|path| read.contains(&path))) {
        Some(path) => Err(Failure::Overwritten { path: path.to_path_buf() }),
        None => Ok(()),
    }
}

/// Reads a file of at most `limit` bytes.
fn read(what: &'static str, path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::Read { what, path: path.to_owned(), source };
    let too_long = |len| Failure::TooLong { what, path: path.to_owned(), len, limit };
    if is_standard_input(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
        return if bytes.len() as u64 > limit { Err(too_long(None)) } else { Ok(bytes) };
    }
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_file() && metadata.len() > limit {
        return Err(too_long(Some(metadata.len())));
    }
    // A pipe or device has no length to ask for.
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(too_long(None));
    }
    Ok(bytes)
}

/// Reads an ELF.
pub fn program(path: &Path) -> Result<Program, Failure> {
    program_to_run(path).map(|loaded| loaded.program)
}

/// What an ELF holds.
#[derive(Debug)]
pub struct Loaded {
    /// The program.
    pub program: Program,
    /// The names that it has for addresses.
    pub names: Symbols,
    /// What is to be said of it before it runs.
    pub warning: Option<String>,
}

/// Reads an ELF with what it says of itself.
pub fn program_to_run(path: &Path) -> Result<Loaded, Failure> {
    let file = read("program", path, MAX_ELF)?;
    let program = Program::from_elf(&file).map_err(|source| Failure::Elf { path: path.to_owned(), source })?;
    let warning = arch_of_elf(&file).and_then(lacking);
    Ok(Loaded { program, names: Symbols::of_elf(&file), warning })
}

/// Reads an input; none is empty.
pub fn input(path: Option<&Path>) -> Result<Vec<u8>, Failure> {
    path.map_or(Ok(Vec::new()), |path| read("input", path, MAX_INPUT))
}

/// Reads an output to compare with.
pub fn expected_output(path: &Path) -> Result<Vec<u8>, Failure> {
    read("output", path, MAX_OUTPUT)
}

/// Reads what should be a proof.
pub fn proof(path: &Path) -> Result<Vec<u8>, Failure> {
    read("proof", path, MAX_PROOF).map_err(|failure| match failure {
        Failure::TooLong { path, limit, .. } => Failure::RejectedLength { path, limit },
        failure => failure,
    })
}
