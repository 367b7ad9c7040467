//! References: signatures that another model of the machine left, to compare with.

use std::fs;
use std::path::{Path, PathBuf};

use crate::signature::{Signature, SignatureError, WORD, with_suffix};

/// Names of references behind the name of the program, in the order in which they are looked for.
const SUFFIXES: [&str; 2] = [".reference_output", ".signature"];
/// The most bytes of a line that a message shows.
const SHOWN: usize = 32;

/// The reference of a program below a directory, if there is one: named like the program or, if that ends in `.elf`,
/// like the rest.
pub(crate) fn find(directory: &Path, program: &Path) -> Option<PathBuf> {
    let short = program.extension().is_some_and(|extension| extension == "elf").then(|| program.with_extension(""));
    let names = [Some(program.to_owned()), short].into_iter().flatten();
    let mut paths = names.flat_map(|name| SUFFIXES.map(|suffix| directory.join(with_suffix(&name, suffix))));
    paths.find(|path| path.exists())
}

/// Compares a signature with its reference, line by line, and says whether there is one. White space at the ends of
/// lines and of the whole does not count.
pub(crate) fn compare(directory: &Path, program: &Path, signature: &Signature) -> Result<bool, SignatureError> {
    let Some(path) = find(directory, program) else { return Ok(false) };
    let reference = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(SignatureError::Read { path, source }),
    };
    let (mut found, mut expected) = (lines(&signature.text), lines(&reference));
    for index in 0.. {
        let (found, expected) = (found.next(), expected.next());
        if found != expected {
            let address = signature.base.map(|base| base + WORD * index);
            let (line, found, expected) = (index as usize + 1, shown(found), shown(expected));
            return Err(SignatureError::Difference { path, line, address, found, expected });
        }
        if found.is_none() {
            break;
        }
    }
    Ok(true)
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.trim_ascii_end().split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end)
}

fn shown(line: Option<&[u8]>) -> String {
    match line {
        None | Some([]) => "nothing".to_owned(),
        Some(line) if line.len() > SHOWN => format!("{}...", String::from_utf8_lossy(&line[..SHOWN])),
        Some(line) => String::from_utf8_lossy(line).into_owned(),
    }
}
