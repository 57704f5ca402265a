//! Why a command could not be carried out, and with which status it ends.

use std::fmt::Display;

use crate::language::Said;
use crate::messages as say;

/// What the reader can do about a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Correct the command line, the pledge or the evidence.
    Input,
    /// Free or repair what files are kept on, then try again.
    Storage,
    /// Report it: Avow contradicts itself.
    Bug,
}

impl Kind {
    /// The name in JSON output.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Storage => "storage",
            Self::Bug => "bug",
        }
    }
}

/// Why a command could not be carried out. All of them end with status 2: no
/// verdict was reached.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) message: Said,
    /// Boxed, because every result has room for a failure.
    pub(crate) hint: Option<Box<Said>>,
    /// Drawn beneath the message: source lines with carets.
    pub(crate) picture: Option<String>,
}

/// Shorthand for results of this crate.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    fn new(kind: Kind, message: impl Into<Said>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            picture: None,
        }
    }

    /// The user has to change something.
    pub(crate) fn input(message: impl Into<Said>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Files cannot be read or written.
    pub(crate) fn storage(message: impl Into<Said>) -> Self {
        Self::new(Kind::Storage, message)
    }

    /// Avow contradicts itself. What it says is for those who mend it, and is
    /// English.
    pub(crate) fn bug(what: impl Display) -> Self {
        Self::new(Kind::Bug, say::BUG.with(&[("what", &what)])).hint(say::HINT_BUG)
    }

    /// The same failure, with what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<Said>) -> Self {
        self.hint = Some(Box::new(hint.into()));
        self
    }

    /// The same failure, with a drawing beneath.
    #[must_use]
    pub(crate) fn picture(mut self, picture: String) -> Self {
        self.picture = Some(picture);
        self
    }
}

/// How a command ended that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Done; or every promise kept so far.
    Fine,
    /// A promise is breached.
    Breached,
    /// Nothing is breached, and something is unknown.
    Unknown,
    /// Nothing is breached or unknown; some records were not read as they stand.
    Doubt,
    /// What was looked at is wrong, and that is the answer.
    Wrong,
}

/// The status of a command that was not carried out.
pub(crate) const STATUS_FAILURE: u8 = 2;

impl Ending {
    /// The exit status.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Breached => 1,
            Self::Wrong => STATUS_FAILURE,
            Self::Unknown | Self::Doubt => 3,
        }
    }
}
