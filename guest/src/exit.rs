//! Exit codes, and what a `main` in Rust may return.

use core::fmt::Display;

/// The exit code of a program that did what it was meant to do; the only one that a verifier accepts unasked.
pub const SUCCESS: u64 = 0;
/// The exit code of a `main` that returned an error.
pub const FAILURE: u64 = 1;
/// The exit code of a panic, the same as in programs with the standard library.
pub const PANICKED: u64 = 101;
/// The exit code of `abort()` of the C interface: 128 and the number of SIGABRT, which shells show for it.
pub const ABORTED: u64 = 134;

/// What `main` may return: nothing, an exit code, or a result of these whose error is shown on the console.
pub trait Termination {
    /// The program's exit code, 0 for success.
    fn exit_code(self) -> u64;
}

impl Termination for () {
    fn exit_code(self) -> u64 {
        SUCCESS
    }
}

impl Termination for u64 {
    fn exit_code(self) -> u64 {
        self
    }
}

impl<T: Termination, E: Display> Termination for Result<T, E> {
    fn exit_code(self) -> u64 {
        match self {
            Ok(value) => value.exit_code(),
            Err(error) => {
                crate::eprintln!("error: {error}");
                FAILURE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_without_error_says_its_code() {
        assert_eq!(().exit_code(), 0);
        assert_eq!(u64::MAX.exit_code(), u64::MAX);
        assert_eq!(Ok::<u64, &str>(7).exit_code(), 7);
        assert_eq!(Ok::<(), &str>(()).exit_code(), 0);
    }
}
