//! The one error of this crate: a few kinds that say what to do, and a message that says what happened.
//!
//! It leaves to the caller to add which file or which peer the bytes came from.

use std::fmt;

/// What the reader of an [`Error`] can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not of the format: correct the input, or fetch it again.
    Malformed,
    /// A limit of this implementation is exceeded: send less, or split it.
    TooLarge,
    /// An argument lies outside the tree or the range: correct the call.
    OutOfRange,
    /// No trusted key signed: configure the signer's verifier key, or refuse the note.
    NotSigned,
    /// A trusted key's signature does not verify: the note was altered or forged; keep it as evidence.
    BadSignature,
    /// A hash does not lead to the signed root: the data was altered; keep it as evidence.
    BadProof,
    /// Too few witnesses cosigned: ask the log for a checkpoint with more cosignatures.
    NoQuorum,
    /// The bytes could not be fetched: retry, or repair the storage.
    Unavailable,
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
    /// An error of a kind with a message; also for callbacks that read storage for this crate.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Malformed, message)
    }

    pub(crate) fn out_of_range(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::OutOfRange, message)
    }

    pub(crate) fn bad_proof(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadProof, message)
    }

    /// What can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The same error, its message led by what was being done (`read checkpoint`).
    #[must_use]
    pub fn during(self, context: &str) -> Self {
        Self {
            kind: self.kind,
            message: format!("{context}: {}", self.message),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
