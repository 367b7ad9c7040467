//! Skip files: what is known of the cases of a suite that do not simply pass, each with the reason.
//!
//! A line has three parts: what is known, the name of a case, and why.
//!
//! ```text
//! # the first part is an engine, or * for all: the case is not run there
//! prove coremark           it takes more instructions than a segment has
//! *     rv64ui-p-other     needs a device
//! # or it is a fault: the case is run, and passes iff it ends in one
//! fault rv64ui-p-fence_i   it modifies its code, which is read-only
//! fault:StoreReadOnly rv64uc-p-rvc   the same, and no other kind of fault will do
//! ```
//!
//! Kinds of fault are the names in [`spec_interp::Cause`]. Empty lines and lines that start with `#` say nothing. A
//! line that skips a case counts before one that expects a fault of it.

use spec_interp::Cause;
use thiserror::Error;

use crate::check::{Check, CheckError};

/// What a line says of its case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// Not run on this engine; on any engine if none.
    Skipped(Option<Check>),
    /// Ends in a fault of this kind; of any if none.
    Faults(Option<String>),
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    number: usize,
    known: Known,
    case: String,
    reason: String,
}

/// A fault that a case must end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedFault<'a> {
    /// Its kind, the name of a [`Cause`]; any if none.
    pub kind: Option<&'a str>,
    /// Why it must.
    pub reason: &'a str,
}

impl ExpectedFault<'_> {
    /// Whether a fault is of the kind expected.
    #[must_use]
    pub fn admits(&self, cause: &Cause) -> bool {
        // Derived `Debug` begins with the name of the variant.
        let text = format!("{cause:?}");
        let name = text.split([' ', '(']).next().unwrap_or_default();
        self.kind.is_none_or(|kind| kind == name)
    }
}

/// A skip file as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skips(Vec<Line>);

/// A skip file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SkipError {
    /// A line without its three parts.
    #[error("line {line}: not an engine, `*` or `fault`, then the name of a case, then a reason")]
    Form {
        /// Its number.
        line: usize,
    },
    /// No such engine.
    #[error("line {line}: {source}")]
    Engine {
        /// The line's number.
        line: usize,
        /// The name.
        source: CheckError,
    },
    /// No such case: it was renamed or removed, or never there.
    #[error("line {line}: the suite has no case `{case}`; correct the name or remove the line")]
    NoCase {
        /// The line's number.
        line: usize,
        /// The name.
        case: String,
    },
}

impl Skips {
    /// Reads a skip file.
    ///
    /// # Errors
    /// [`SkipError`] on the first line of another form.
    pub fn parse(text: &str) -> Result<Self, SkipError> {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        lines.map(|(number, text)| parse_line(number, text)).collect::<Result<_, _>>().map(Self)
    }

    /// Why a case is not run on an engine; none if it is.
    #[must_use]
    pub fn reason(&self, case: &str, engine: Check) -> Option<&str> {
        self.0.iter().filter(|line| line.case == case).find_map(|line| match &line.known {
            Known::Skipped(only) if only.is_none_or(|only| only == engine) => Some(line.reason.as_str()),
            _ => None,
        })
    }

    /// The fault that a case must end in; none if it must exit.
    #[must_use]
    pub fn fault(&self, case: &str) -> Option<ExpectedFault<'_>> {
        self.0.iter().filter(|line| line.case == case).find_map(|line| match &line.known {
            Known::Faults(kind) => Some(ExpectedFault { kind: kind.as_deref(), reason: &line.reason }),
            Known::Skipped(_) => None,
        })
    }

    /// Checks that every line names a case, so that a file does not outlive what it speaks of.
    ///
    /// # Errors
    /// [`SkipError::NoCase`] on the first one that does not.
    pub fn check<'a>(&self, cases: impl Iterator<Item = &'a str> + Clone) -> Result<(), SkipError> {
        let unknown = self.0.iter().find(|line| !cases.clone().any(|case| case == line.case));
        unknown.map_or(Ok(()), |line| Err(SkipError::NoCase { line: line.number, case: line.case.clone() }))
    }
}

fn parse_line(number: usize, text: &str) -> Result<Line, SkipError> {
    let form = || SkipError::Form { line: number };
    let (known, rest) = text.split_once(char::is_whitespace).ok_or_else(form)?;
    let (case, reason) = rest.trim_start().split_once(char::is_whitespace).ok_or_else(form)?;
    let known = match (known, known.strip_prefix("fault:")) {
        ("*", _) => Known::Skipped(None),
        ("fault", _) => Known::Faults(None),
        (_, Some(kind)) => Known::Faults(Some(kind.to_owned())),
        (engine, None) => {
            Known::Skipped(Some(engine.parse().map_err(|source| SkipError::Engine { line: number, source })?))
        }
    };
    Ok(Line { number, known, case: case.to_owned(), reason: reason.trim_start().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_which_case_on_which_engine_and_why() {
        let skips = Skips::parse("# not yet\n\nprove a  it cannot\n* b\tnobody can\n").expect("well formed");
        assert_eq!(skips.reason("a", Check::Prove), Some("it cannot"));
        assert_eq!(skips.reason("a", Check::Spec), None);
        assert_eq!(skips.reason("b", Check::Spec), Some("nobody can"));
        assert_eq!(skips.reason("c", Check::Spec), None);
        assert_eq!(skips.fault("a"), None);
        assert_eq!(skips.check(["a", "b"].into_iter()), Ok(()));
    }

    #[test]
    fn lines_say_which_fault_and_why() {
        let skips = Skips::parse("fault a it must\nfault:StoreReadOnly b so must it").expect("well formed");
        assert_eq!(skips.reason("a", Check::Spec), None);
        assert_eq!(skips.fault("a"), Some(ExpectedFault { kind: None, reason: "it must" }));
        assert_eq!(skips.fault("c"), None);
        let admits = |case, cause| skips.fault(case).is_some_and(|fault| fault.admits(&cause));
        assert!(admits("a", Cause::Breakpoint));
        assert!(admits("b", Cause::StoreReadOnly { addr: 8 }));
        assert!(!admits("b", Cause::StoreAccess { addr: 8 }));
        assert!(!admits("b", Cause::Breakpoint));
    }

    #[test]
    fn every_error_has_its_line() {
        assert_eq!(Skips::parse("\nprove a"), Err(SkipError::Form { line: 2 }));
        assert_eq!(Skips::parse("prove"), Err(SkipError::Form { line: 1 }));
        assert_eq!(Skips::parse("fault a"), Err(SkipError::Form { line: 1 }));
        assert!(matches!(Skips::parse("fast a why"), Err(SkipError::Engine { line: 1, .. })));
        let skips = Skips::parse("* gone why").expect("well formed");
        assert_eq!(skips.check(["a"].into_iter()), Err(SkipError::NoCase { line: 1, case: "gone".into() }));
        let skips = Skips::parse("fault gone why").expect("well formed");
        assert_eq!(skips.check(["a"].into_iter()), Err(SkipError::NoCase { line: 1, case: "gone".into() }));
    }
}
