//! What a table's file says at its head, as text for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Bytes of the documentation that a source file begins with.
pub(super) const fn length(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut at = 0;
    while at + 2 < bytes.len() && bytes[at] == b'/' && bytes[at + 1] == b'/' && bytes[at + 2] == b'!' {
        while bytes[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    at
}

/// The documentation alone, so that the rest of the file is not in the binary.
pub(super) const fn head<const LENGTH: usize>(source: &str) -> [u8; LENGTH] {
    *source.as_bytes().first_chunk().expect("the head is a part of the source")
}

/// The documentation without its marks, its headings in italics.
pub(super) fn text(head: &[u8]) -> String {
    let lines = String::from_utf8_lossy(head);
    let line = |line: &str| {
        let line = line.trim_start_matches("//!").trim_start();
        line.strip_prefix("# ").map_or_else(|| line.to_owned(), |heading| format!("*{heading}*"))
    };
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_where_code_begins() {
        const SOURCE: &str = "//! One.\n//!\n//! # Assumes\n//! Two.\n\n//! three";
        static HEAD: [u8; length(SOURCE)] = head(SOURCE);
        assert_eq!(text(&HEAD), "One.\n\n*Assumes*\nTwo.");
        assert_eq!(length("use x;"), 0);
    }
}
