//! Files that are written: aside, synced and renamed, so that none is ever half-written.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::files::is_standard_output;

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
        let resolved = || {
            // A link that leads to nothing yet.
            let linked = |to| named.parent().map_or_else(|| PathBuf::from(&to), |at| at.join(&to));
            fs::canonicalize(named).unwrap_or_else(|_| fs::read_link(named).map_or_else(|_| named.to_owned(), linked))
        };
        // What is no file, such as a pipe without a name, is only there by the name that it was given.
        let is_other = fs::metadata(named).is_ok_and(|metadata| !metadata.is_file());
        let path = if is_other { named.to_owned() } else { resolved() };
        Self { what, named: named.to_owned(), path }
    }

    /// Whether it is standard output, which then carries nothing else.
    pub fn is_standard(&self) -> bool {
        is_standard_output(&self.named)
    }

    fn check(&self) -> io::Result<()> {
        if self.is_standard() {
            return Ok(());
        }
        if self.path.is_dir() || self.named.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !self.path.exists() && fs::symlink_metadata(&self.path).is_ok() {
            return Err(io::Error::other("a link that leads to nothing but links"));
        }
        if is_pipe(&self.path) {
            // To open it is to be its writer, and to close it is the end of what its reader gets.
            return Ok(());
        }
        if self.path.exists() {
            File::options().write(true).open(&self.path)?;
        }
        if self.is_replaceable() { self.aside().map(drop) } else { Ok(()) }
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
                let kept = keep(bytes).ok();
                return Err(Failure::Unwritten { what: self.what, path: target.named, source, kept });
            };
            target = Self::unchecked(self.what, &path);
        }
    }

    /// The name of another file, which must be new; none without a terminal, or without an answer.
    fn ask_for_another(&self, error: &io::Error) -> Option<PathBuf> {
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            return None;
        }
        eprintln!("zisk: cannot write the {} to {}: {error}", self.what, self.named.display());
        loop {
            eprint!("zisk: another file, or nothing to give up: ");
            let mut name = String::new();
            io::stdin().read_line(&mut name).ok()?;
            let path = Some(name.trim()).filter(|name| !name.is_empty()).map(PathBuf::from)?;
            if !is_standard_output(&path) && fs::symlink_metadata(&path).is_err() {
                return Some(path);
            }
            eprintln!("zisk: that is there already");
        }
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
        // Before anything is in it. All errors are the file's own, not those that name it as the library does.
        if let Ok(replaced) = fs::metadata(&self.path) {
            aside.as_file().set_permissions(who_may(replaced.permissions()))?;
        }
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

/// The rights to read, write and execute alone: whose rights it would run with is not for new contents to keep.
fn who_may(permissions: fs::Permissions) -> fs::Permissions {
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::PermissionsExt;
        fs::Permissions::from_mode(permissions.mode() & 0o777)
    };
    permissions
}

/// Whether it is a pipe with a name.
fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path).is_ok_and(|metadata| std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type()));
    #[cfg(not(unix))]
    return false;
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
