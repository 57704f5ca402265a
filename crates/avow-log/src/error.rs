//! The one error of this crate: a few kinds that say what to do, and a message that says what happened.

use std::fmt;
use std::path::Path;

/// What the reader of an [`Error`] can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Correct the call: a leaf is too long, an index beyond the log, a folder not empty.
    Input,
    /// Retry later: the queue is full, or another process has the log open.
    Busy,
    /// Reading or writing failed: repair the disk, then open the log again.
    Storage,
    /// The log stopped after a failed write and takes nothing more: open it again.
    Stopped,
    /// Stored bytes are not what was written: restore them from a mirror or an export.
    Corrupt,
    /// The store of the signed head has another head than expected: somebody else signs for this log.
    Conflict,
    /// A signature, key or proof is wrong: see the message.
    Unverified,
}

/// An error with its kind, and a message in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind with a message; also for stores of heads outside this crate.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, message)
    }

    pub(crate) fn io(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            ErrorKind::Storage,
            format!("{doing} `{}`: {error}", path.display()),
        )
    }

    /// What can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<avow_tlog::Error> for Error {
    fn from(error: avow_tlog::Error) -> Self {
        let kind = match error.kind() {
            avow_tlog::ErrorKind::TooLarge | avow_tlog::ErrorKind::OutOfRange => ErrorKind::Input,
            avow_tlog::ErrorKind::Malformed => ErrorKind::Corrupt,
            avow_tlog::ErrorKind::Unavailable => ErrorKind::Storage,
            _ => ErrorKind::Unverified,
        };
        Self::new(kind, error.to_string())
    }
}
