//! Why a case fails.

use prover::ProveError;
use riscv_tests::Expectation;
use spec_interp::{ElfError, Fault, InputError, OutputError};
use thiserror::Error;
use verifier::{KeyError, VerifyError};

use crate::signature::SignatureError;

/// Why a case failed.
#[derive(Debug, Error)]
pub enum CaseFailure {
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] std::io::Error),
    /// The file is no program for this machine.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// The input does not fit.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It exited otherwise than it must.
    #[error("exit code {} instead of {}{}", code(*.found), words(.expected), checks(*.found))]
    Exit {
        /// How it must end.
        expected: Expectation,
        /// Its exit code.
        found: u64,
    },
    /// It faulted otherwise than it must.
    #[error("{fault}, instead of {}", words(.expected))]
    Fault {
        /// How it must end.
        expected: Expectation,
        /// Its fault.
        fault: Fault,
    },
    /// It exited, but a line of the skip file expects a fault.
    #[error("exit code {} instead of the fault that the skip file expects ({reason})", code(*.found))]
    NoFault {
        /// Its exit code.
        found: u64,
        /// Why a fault is expected.
        reason: String,
    },
    /// It faulted, but a line of the skip file expects another kind of fault.
    #[error("{fault}, instead of a fault of kind {kind}, which the skip file expects ({reason})")]
    OtherFault {
        /// Its fault.
        fault: Fault,
        /// The kind expected.
        kind: String,
        /// Why.
        reason: String,
    },
    /// It did not end.
    #[error("no end within {limit} instructions; raise the limit if it needs more")]
    Limit {
        /// The instructions granted.
        limit: u64,
    },
    /// It left something that is no output.
    #[error(transparent)]
    NoOutput(#[from] OutputError),
    /// It gave another output.
    #[error("another output: {found} bytes that are not the {expected} expected")]
    Output {
        /// Bytes expected.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// Its signature cannot be had, or is not the reference's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// No key can be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It ran but was not proved.
    #[error("not proved: {0}")]
    Prove(ProveError),
    /// The proof is not accepted.
    #[error("not accepted: {0}")]
    Verify(#[from] VerifyError),
}

/// What is expected, in words that follow "instead of".
fn words(expected: &Expectation) -> String {
    match expected {
        Expectation::Exit(expected) => format!("exit code {}", code(*expected)),
        Expectation::Fault { pc, cause } => format!("the fault `{cause}` at {pc:#x}"),
    }
}

/// A number, in hexadecimal too where that says more.
fn code(code: u64) -> String {
    if code < 10 { code.to_string() } else { format!("{code} ({code:#x})") }
}

/// The largest exit code that is taken for the number of a check.
const MOST_CHECKS: u64 = 1 << 16;

/// What an exit code says about the check that failed. The official riscv-tests exit with twice its number plus one.
fn checks(code: u64) -> String {
    match code {
        0 | MOST_CHECKS.. => String::new(),
        3.. if code % 2 == 1 => {
            format!("; check {code} failed, or check {} of a program of riscv-tests", code / 2)
        }
        _ => format!("; check {code} failed, if the program numbers them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_explained() {
        let text = |found, expected| CaseFailure::Exit { expected: Expectation::Exit(expected), found }.to_string();
        assert_eq!(text(0, 1), "exit code 0 instead of exit code 1");
        assert_eq!(text(4, 0), "exit code 4 instead of exit code 0; check 4 failed, if the program numbers them");
        let of_riscv_tests = "; check 11 failed, or check 5 of a program of riscv-tests";
        assert_eq!(text(11, 0), format!("exit code 11 (0xb) instead of exit code 0{of_riscv_tests}"));
        assert_eq!(text(u64::MAX, 0), format!("exit code {} ({:#x}) instead of exit code 0", u64::MAX, u64::MAX));
    }
}
