//! The engines, by name.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// What runs a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The translator, where the machine at hand can run what it makes ([`Engine::serving`]).
    #[default]
    Aot,
    /// The reference interpreter.
    Spec,
}

/// Not the name of an engine that there is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no engine `{0}`; the engines are aot and spec")]
pub struct EngineError(String);

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Aot, Self::Spec];

    /// The name on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aot => "aot",
            Self::Spec => "spec",
        }
    }

    /// The engine that serves when this one is asked for: the interpreter, where this machine cannot run the other.
    #[must_use]
    pub fn serving(self) -> Self {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if self == Self::Aot && crate::native::is_supported() {
            return Self::Aot;
        }
        Self::Spec
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Engine {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        Self::ALL.into_iter().find(|engine| engine.name() == text).ok_or_else(|| EngineError(text.to_owned()))
    }
}
