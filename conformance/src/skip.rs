//! Skip files: cases that are not run, each with the reason.
//!
//! A line is an engine (or `*` for all), the name of a case, and why: `prove misaligned/ld  the tables lack it`. Empty
//! lines and lines that start with `#` say nothing.

use thiserror::Error;

use crate::engine::Engine;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Skip {
    line: usize,
    /// All engines if none.
    engine: Option<Engine>,
    case: String,
    reason: String,
}

/// A skip file as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skips(Vec<Skip>);

/// A skip file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SkipError {
    /// A line without an engine, a case and a reason.
    #[error("line {line}: not an engine, the name of a case and a reason")]
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
        source: crate::engine::UnknownEngine,
    },
    /// No such case: it was renamed or removed, or never there.
    #[error("line {line}: the suite has no case `{case}`")]
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
        lines.map(|(line, text)| parse_line(line, text)).collect::<Result<_, _>>().map(Self)
    }

    /// Why a case is not run on an engine; none if it is.
    #[must_use]
    pub fn reason(&self, case: &str, engine: Engine) -> Option<&str> {
        let applies = |skip: &&Skip| skip.case == case && skip.engine.is_none_or(|only| only == engine);
        self.0.iter().find(applies).map(|skip| skip.reason.as_str())
    }

    /// Checks that every line names a case, so that a file does not outlive what it speaks of.
    ///
    /// # Errors
    /// [`SkipError::NoCase`] on the first one that does not.
    pub fn check<'a>(&self, cases: impl Iterator<Item = &'a str> + Clone) -> Result<(), SkipError> {
        let unknown = self.0.iter().find(|skip| !cases.clone().any(|case| case == skip.case));
        unknown.map_or(Ok(()), |skip| Err(SkipError::NoCase { line: skip.line, case: skip.case.clone() }))
    }
}

fn parse_line(line: usize, text: &str) -> Result<Skip, SkipError> {
    let form = || SkipError::Form { line };
    let (engine, rest) = text.split_once(char::is_whitespace).ok_or_else(form)?;
    let (case, reason) = rest.trim_start().split_once(char::is_whitespace).ok_or_else(form)?;
    let engine = match engine {
        "*" => None,
        name => Some(name.parse().map_err(|source| SkipError::Engine { line, source })?),
    };
    Ok(Skip { line, engine, case: case.to_owned(), reason: reason.trim_start().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_which_case_on_which_engine_and_why() {
        let skips = Skips::parse("# not yet\n\nprove a  it cannot\n* b\tnobody can\n").expect("well formed");
        assert_eq!(skips.reason("a", Engine::Prove), Some("it cannot"));
        assert_eq!(skips.reason("a", Engine::Spec), None);
        assert_eq!(skips.reason("b", Engine::Spec), Some("nobody can"));
        assert_eq!(skips.reason("c", Engine::Spec), None);
        assert_eq!(skips.check(["a", "b"].into_iter()), Ok(()));
    }

    #[test]
    fn every_error_has_its_line() {
        assert_eq!(Skips::parse("\nprove a"), Err(SkipError::Form { line: 2 }));
        assert_eq!(Skips::parse("prove"), Err(SkipError::Form { line: 1 }));
        assert!(matches!(Skips::parse("fast a why"), Err(SkipError::Engine { line: 1, .. })));
        let skips = Skips::parse("* gone why").expect("well formed");
        assert_eq!(skips.check(["a"].into_iter()), Err(SkipError::NoCase { line: 1, case: "gone".into() }));
    }
}
