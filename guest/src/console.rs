//! Text for the person who runs the program. It costs instructions but is no part of the statement.

use crate::system;
use core::fmt::{self, Write};

/// Collects pieces of text, so that what is formatted at once is shown at once, by one system call.
struct Buffered<Show: FnMut(&[u8])> {
    show: Show,
    text: [u8; 256],
    len: usize,
}

impl<Show: FnMut(&[u8])> Buffered<Show> {
    fn new(show: Show) -> Self {
        Self { show, text: [0; 256], len: 0 }
    }

    fn flush(&mut self) {
        if self.len > 0 {
            (self.show)(&self.text[..self.len]);
            self.len = 0;
        }
    }
}

impl<Show: FnMut(&[u8])> Write for Buffered<Show> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece.len() > self.text.len() - self.len {
            self.flush();
        }
        if piece.len() > self.text.len() {
            (self.show)(piece.as_bytes());
        } else {
            self.text[self.len..self.len + piece.len()].copy_from_slice(piece.as_bytes());
            self.len += piece.len();
        }
        Ok(())
    }
}

/// Shows formatted text on console `fd`, 1 or 2: what the macros expand to.
#[doc(hidden)]
pub fn print(fd: usize, text: fmt::Arguments) {
    let mut console = Buffered::new(|bytes| system::write(fd, bytes));
    // The console cannot fail. A value whose own formatting fails is shown as far as it came.
    let _ = console.write_fmt(text);
    console.flush();
}

/// Shows formatted text on console 1.
#[macro_export]
macro_rules! print {
    ($($text:tt)*) => { $crate::print(1, ::core::format_args!($($text)*)) };
}

/// Shows formatted text and a line end on console 1.
#[macro_export]
macro_rules! println {
    ($($text:tt)*) => { $crate::print(1, ::core::format_args!("{}\n", ::core::format_args!($($text)*))) };
}

/// Shows formatted text on console 2.
#[macro_export]
macro_rules! eprint {
    ($($text:tt)*) => { $crate::print(2, ::core::format_args!($($text)*)) };
}

/// Shows formatted text and a line end on console 2.
#[macro_export]
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::print(2, ::core::format_args!("{}\n", ::core::format_args!($($text)*))) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{string::String, vec::Vec};

    /// The blocks in which pieces of text are shown.
    fn shown(pieces: &[String]) -> Vec<Vec<u8>> {
        let mut blocks = Vec::new();
        let mut console = Buffered::new(|bytes: &[u8]| blocks.push(bytes.to_vec()));
        for piece in pieces {
            console.write_str(piece).unwrap();
        }
        console.flush();
        blocks
    }

    #[test]
    fn short_pieces_are_one_block_and_nothing_is_none() {
        assert_eq!(shown(&["a".into(), "".into(), "bc\n".into()]), [b"abc\n"]);
        assert!(shown(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn no_text_is_lost(pieces in prop::collection::vec(".{0,300}", 0..20)) {
            let blocks = shown(&pieces);
            prop_assert_eq!(blocks.concat(), pieces.concat().into_bytes());
            prop_assert!(blocks.iter().all(|block| !block.is_empty()));
        }
    }
}
