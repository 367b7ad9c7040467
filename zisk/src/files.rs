//! Files: read whole within a limit; written aside, synced and renamed, so that none is ever half-written.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use spec_interp::map::{MAX_INPUT, MAX_OUTPUT};
use spec_interp::{Program, Symbols, arch_of_elf};
use tempfile::NamedTempFile;

use crate::diagnosis::lacking;
use crate::failure::Failure;

/// The longest ELF: what fills program and RAM, and as much again for what is not loaded.
const MAX_ELF: u64 = 1 << 31;
/// The longest proof: the longest output, and more than any argument takes.
const MAX_PROOF: u64 = MAX_OUTPUT + (64 << 20);

/// Whether a path is `-`, which stands for standard input and output.
fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a file of at most `limit` bytes.
fn read(what: &'static str, path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::Read { what, path: path.to_owned(), source };
    let too_long = |len| Failure::TooLong { what, path: path.to_owned(), len, limit };
    if is_standard(path) {
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

/// A file to be written when its contents exist.
#[derive(Clone, Debug)]
pub struct Target {
    what: &'static str,
    named: PathBuf,
    /// The same without symbolic links, so that renaming replaces the file and not a link to it.
    path: PathBuf,
}

impl Target {
    /// Checks now that the file can be written later, so that no work is lost; creates nothing.
    pub fn new(what: &'static str, named: &Path) -> Result<Self, Failure> {
        let target = Self::unchecked(what, named);
        target.check().map_err(|source| Failure::Write { what, path: named.to_owned(), source })?;
        Ok(target)
    }

    fn unchecked(what: &'static str, named: &Path) -> Self {
        let path = fs::canonicalize(named).unwrap_or_else(|_| named.to_owned());
        Self { what, named: named.to_owned(), path }
    }

    /// Whether it is standard output, which then carries nothing else.
    pub fn is_standard(&self) -> bool {
        is_standard(&self.named)
    }

    fn check(&self) -> io::Result<()> {
        if self.is_standard() {
            return Ok(());
        }
        if self.path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if self.is_replaceable() {
            self.aside().map(drop)
        } else {
            File::options().write(true).open(&self.path).map(drop)
        }
    }

    /// Whether two targets are one file.
    pub fn distinct(&self, other: &Self) -> Result<(), Failure> {
        let place = |target: &Self| {
            fs::canonicalize(target.directory()).ok().map(|at| at.join(target.path.file_name().unwrap_or_default()))
        };
        if self.is_replaceable() && place(self) == place(other) {
            return Err(Failure::SameTarget { path: self.named.clone() });
        }
        Ok(())
    }

    /// Writes the file, all of it or nothing, and gives its name. What cannot be written there, because the disk is full
    /// say, goes to a file that whoever sits at the terminal names, or else to the directory for temporary files.
    pub fn write(&self, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let mut target = self.clone();
        loop {
            let Err(source) = target.replace(bytes) else { return Ok(target.named) };
            let Some(path) = target.ask_for_another(&source) else {
                return Err(Failure::Unwritten { what: self.what, path: target.named, source, kept: keep(bytes).ok() });
            };
            target = Self::unchecked(self.what, &path);
        }
    }

    /// The name of another file; none without a terminal, or without an answer.
    fn ask_for_another(&self, error: &io::Error) -> Option<PathBuf> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        eprint!(
            "zisk: cannot write the {} to {}: {error}\nzisk: another file, or nothing to give up: ",
            self.what,
            self.named.display(),
        );
        let mut name = String::new();
        io::stdin().read_line(&mut name).ok()?;
        Some(name.trim()).filter(|name| !name.is_empty()).map(PathBuf::from)
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        if self.is_standard() {
            let mut to = io::stdout().lock();
            return to.write_all(bytes).and_then(|()| to.flush());
        }
        if !self.is_replaceable() {
            return File::options().write(true).open(&self.path)?.write_all(bytes);
        }
        let mut aside = self.aside()?;
        // The file's own errors, not those that name it as the library does.
        aside.as_file_mut().write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(&self.path)?;
        // The new name outlives a crash only once its directory is synced; not every file system can.
        let _ = File::open(self.directory()).and_then(|directory| directory.sync_all());
        Ok(())
    }

    /// A device or a pipe is written to; replacing `/dev/null` by a file would be a bad surprise.
    fn is_replaceable(&self) -> bool {
        fs::metadata(&self.path).map_or(true, |metadata| metadata.is_file())
    }

    fn directory(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn aside(&self) -> io::Result<NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".zisk-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(self.directory()).map_err(plain)
    }
}

/// Writes a file of a name that nothing has to the directory for temporary files.
fn keep(bytes: &[u8]) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix("zisk-").suffix(".bin").tempfile()?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file.keep()?.1)
}

/// The usual errors in the system's words: the library adds the name of the file aside, which nobody asked for.
fn plain(error: io::Error) -> io::Error {
    match error.kind() {
        kind @ io::ErrorKind::NotFound => io::Error::new(kind, "its directory does not exist"),
        kind @ (io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => kind.into(),
        _ => error,
    }
}
