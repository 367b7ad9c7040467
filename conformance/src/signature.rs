//! Signatures: what a program of the architectural tests leaves behind for comparison with a reference model.
//!
//! The memory from the symbol `begin_signature` up to `end_signature`, as text: a line for each 32-bit word at
//! ascending addresses, of eight lower-case hexadecimal digits. A program without these symbols has as its signature
//! what it writes to standard output by `ecall` 64, byte for byte.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use fast_aot::Runner;
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::symbols::{DamagedSymbols, values};

/// The first symbol and the one behind the last word.
const SYMBOLS: [&str; 2] = ["begin_signature", "end_signature"];
/// The most bytes of a signature, of memory or of output: the architectural tests leave a few kilobytes.
const MAX_LEN: u64 = 16 << 20;
/// Bytes of a word.
pub(crate) const WORD: u64 = 4;

/// A signature that cannot be had, kept or accepted.
#[derive(Debug, Error)]
pub enum SignatureError {
    /// The file's symbols cannot be read.
    #[error(transparent)]
    Symbols(#[from] DamagedSymbols),
    /// One symbol without the other.
    #[error("the file defines {defined} without {missing}; define both or none")]
    Half {
        /// The symbol that it has.
        defined: &'static str,
        /// The symbol that it lacks.
        missing: &'static str,
    },
    /// The symbols do not enclose words.
    #[error("the signature from {begin:#x} to {end:#x} does not consist of aligned 32-bit words; align both symbols")]
    Shape {
        /// The value of `begin_signature`.
        begin: u64,
        /// The value of `end_signature`.
        end: u64,
    },
    /// Part of it is not memory.
    #[error("the signature from {begin:#x} to {end:#x} is not readable memory; place it into the data of the program")]
    Unreadable {
        /// The value of `begin_signature`.
        begin: u64,
        /// The value of `end_signature`.
        end: u64,
    },
    /// It is too long to be one.
    #[error("the signature has more than {MAX_LEN} bytes, which no architectural test leaves; shorten it")]
    TooLong,
    /// It cannot be written.
    #[error("cannot write the signature to {}: {source}; name a directory that you may write to", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A reference is there and cannot be read.
    #[error("cannot read the reference {}: {source}; make it readable or remove it", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not the reference's.
    #[error(
        "not the signature of {}: line {line}{} is {found} but must be {expected}",
        .path.display(),
        .address.map_or(String::new(), |address| format!(", the word at {address:#x},"))
    )]
    Difference {
        /// The reference.
        path: PathBuf,
        /// The first line that differs, from 1.
        line: usize,
        /// The address of its word, if the signature is of memory.
        address: Option<u64>,
        /// What the program left there, in words if nothing.
        found: String,
        /// What the reference has there, in words if nothing.
        expected: String,
    },
}

/// Keeps what a program writes to standard output, as far as it may be a signature.
#[derive(Debug, Default)]
pub(crate) struct SignatureConsole {
    bytes: Vec<u8>,
    too_long: bool,
}

impl SignatureConsole {
    /// Takes what a program prints to a stream.
    pub(crate) fn write(&mut self, fd: u64, bytes: &[u8]) {
        if fd == 1 {
            self.too_long |= (self.bytes.len() + bytes.len()) as u64 > MAX_LEN;
            if !self.too_long {
                self.bytes.extend(bytes);
            }
        }
    }
}

/// A signature as it is written.
#[derive(Debug)]
pub(crate) struct Signature {
    pub(crate) text: Vec<u8>,
    /// The address of the first word, if it is of memory.
    pub(crate) base: Option<u64>,
}

impl Signature {
    /// The signature of a program that has run, from its file.
    pub(crate) fn of(file: &[u8], machine: &Runner, console: SignatureConsole) -> Result<Self, SignatureError> {
        let [first, last] = SYMBOLS;
        match values(file, SYMBOLS)? {
            [Some(begin), Some(end)] => Self::of_memory(machine, begin, end),
            [Some(_), None] => Err(SignatureError::Half { defined: first, missing: last }),
            [None, Some(_)] => Err(SignatureError::Half { defined: last, missing: first }),
            [None, None] if console.too_long => Err(SignatureError::TooLong),
            [None, None] => Ok(Self { text: console.bytes, base: None }),
        }
    }

    fn of_memory(machine: &Runner, begin: u64, end: u64) -> Result<Self, SignatureError> {
        let shape = SignatureError::Shape { begin, end };
        let Some(len) = end.checked_sub(begin) else { return Err(shape) };
        if !begin.is_multiple_of(WORD) || !len.is_multiple_of(WORD) {
            return Err(shape);
        }
        if len > MAX_LEN {
            return Err(SignatureError::TooLong);
        }
        let mut text = String::new();
        for address in (begin..end).step_by(WORD as usize) {
            let double = machine.word(address & !7).ok_or(SignatureError::Unreadable { begin, end })?;
            let word = (double >> (address % 8 * 8)) as u32;
            text += &format!("{word:08x}\n");
        }
        Ok(Self { text: text.into_bytes(), base: Some(begin) })
    }

    /// Writes it below a directory under the program's name: aside first, so that none is ever half-written.
    pub(crate) fn write(&self, directory: &Path, program: &Path) -> Result<(), SignatureError> {
        let path = directory.join(with_suffix(program, ".signature"));
        self.write_to(&path).map_err(|source| SignatureError::Write { path, source })
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".zisk-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut aside: NamedTempFile = builder.tempfile_in(directory)?;
        aside.write_all(&self.text)?;
        aside.persist(path)?;
        Ok(())
    }
}

/// A path with something behind its name; what is a suffix already stays.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
