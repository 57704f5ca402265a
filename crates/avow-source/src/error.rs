//! Why evidence cannot be read at all. What is wrong with single records is
//! counted in [`crate::Stats`] instead.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::MappingError;

/// Why reading evidence stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceError {
    /// Correct the input: there is no such file or folder.
    Missing {
        /// The path that was given.
        path: PathBuf,
    },
    /// Correct the input: the folder holds nothing that is read as evidence.
    NoEvidence {
        /// The folder that was given, or nothing when no input was.
        path: Option<PathBuf>,
    },
    /// Correct the input: `KIND:PATH` with a kind that does not exist.
    NoSuchKind {
        /// What stood before the colon.
        kind: String,
    },
    /// Correct the input: folders lie deeper in each other than is followed.
    TooDeep {
        /// The first folder that is too deep.
        path: PathBuf,
    },
    /// Correct the input: the mapping of a log in MonPoly's format is wrong.
    Mapping {
        /// The mapping's file.
        path: PathBuf,
        /// The mistake.
        error: MappingError,
    },
    /// Correct the input: such a log is read with a mapping, and there is none.
    NoMapping {
        /// Where it was looked for.
        mapping: PathBuf,
    },
    /// Retry, or repair the disk or the permissions: a file cannot be read.
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "no such file or folder: `{}`", path.display()),
            Self::NoEvidence { path: Some(path) } => {
                write!(f, "no evidence files in `{}`", path.display())
            }
            Self::NoEvidence { path: None } => f.write_str("no evidence given"),
            Self::NoSuchKind { kind } => write!(
                f,
                "no evidence of kind `{kind}`; the kinds are {}",
                crate::Kind::names()
            ),
            Self::TooDeep { path } => write!(
                f,
                "folders are nested deeper than {} at `{}`",
                crate::input::FOLDER_DEPTH_MAX,
                path.display()
            ),
            Self::Mapping { path, error } => {
                let colon = if error.line == 0 { ": " } else { ":" };
                write!(f, "{}{colon}{error}", path.display())
            }
            Self::NoMapping { mapping } => write!(
                f,
                "there is no mapping `{}`; name one with `monpoly:LOG,MAPPING.toml`",
                mapping.display()
            ),
            Self::Read { path, error } => write!(f, "read `{}`: {error}", path.display()),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { error, .. } => Some(error),
            _ => None,
        }
    }
}
