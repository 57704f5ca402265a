//! Why a command could not be carried out, and with which status it ends.

use std::fmt;

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
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Drawn beneath the message: source lines with carets.
    pub(crate) picture: Option<String>,
}

/// Shorthand for results of this crate.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            picture: None,
        }
    }

    /// The user has to change something.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// Files cannot be read or written.
    pub(crate) fn storage(message: impl Into<String>) -> Self {
        Self::new(Kind::Storage, message)
    }

    /// Avow contradicts itself.
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self::new(Kind::Bug, message)
    }

    /// The same failure, with what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure, with a drawing beneath.
    #[must_use]
    pub(crate) fn picture(mut self, picture: String) -> Self {
        self.picture = Some(picture);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
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
}

/// The status of a command that was not carried out.
pub(crate) const STATUS_FAILURE: u8 = 2;

impl Ending {
    /// The exit status.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Breached => 1,
            Self::Unknown => 3,
        }
    }
}
