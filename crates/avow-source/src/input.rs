//! What the user names as evidence, and the files that it stands for.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Skipped, SourceError};

/// Folders nested deeper than this are refused: Linux paths end at 4,096
/// bytes, real deliveries (`AWSLogs/ACCOUNT/CloudTrail/REGION/Y/M/D`) at ten
/// levels.
pub(crate) const FOLDER_DEPTH_MAX: usize = 64;

/// How the records of an input are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Records of AWS CloudTrail; anything else is counted as skipped.
    CloudTrail,
    /// Records of Alibaba Cloud ActionTrail.
    ActionTrail,
    /// Operations of Alibaba Cloud's own staff.
    InnerActionTrail,
    /// Audit events of Kubernetes, as JSON or flattened to CSV.
    Kubernetes,
    /// Audit logs of Google Cloud.
    Gcp,
    /// Activity logs of Azure, and logs of Entra ID.
    Azure,
    /// Terraform state, or what `terraform show -json` prints.
    Terraform,
    /// Lines of PostgreSQL's log with pgaudit, as `csvlog` or `jsonlog`.
    PgAudit,
    /// Events in Avow's own schema; anything else is counted as malformed.
    Events,
    /// A log in MonPoly's format, read with a mapping; never detected.
    MonPoly,
}

impl Kind {
    /// Every kind, by its name in `KIND:PATH`.
    pub const ALL: [(&'static str, Self); 10] = [
        ("actiontrail", Self::ActionTrail),
        ("azure", Self::Azure),
        ("cloudtrail", Self::CloudTrail),
        ("events", Self::Events),
        ("gcp", Self::Gcp),
        ("inner-actiontrail", Self::InnerActionTrail),
        ("kubernetes", Self::Kubernetes),
        ("monpoly", Self::MonPoly),
        ("pgaudit", Self::PgAudit),
        ("terraform", Self::Terraform),
    ];

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|(of, _)| *of == name).map(|(_, kind)| *kind)
    }

    /// The names of all kinds, for a message.
    pub fn names() -> String {
        let names: Vec<String> = Self::ALL
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        names.join(", ")
    }
}

/// One piece of evidence: a file or a folder, with its kind where it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The file or folder.
    pub path: PathBuf,
    /// How to read it; detected record by record when `None`.
    pub kind: Option<Kind>,
    /// What the operator calls the system that the records are from, where
    /// they do not say it themselves: letters, digits and `-`.
    pub instance: Option<String>,
    /// The mapping of a log in MonPoly's format; without it, the file beside
    /// the log with the ending `.toml`.
    pub mapping: Option<PathBuf>,
}

impl Input {
    /// Reads `PATH`, `KIND:PATH`, `KIND@NAME:PATH` or `monpoly:LOG,MAPPING`. A
    /// path that exists wins over a kind, and over a log with a mapping.
    ///
    /// # Errors
    /// The word before the colon is not a kind, and there is no such path.
    pub fn parse(text: &OsStr) -> Result<Self, SourceError> {
        let whole = Self {
            path: PathBuf::from(text),
            kind: None,
            instance: None,
            mapping: None,
        };
        let Some((kind, path)) = text.to_str().and_then(|text| text.split_once(':')) else {
            return Ok(whole);
        };
        if whole.path.exists() {
            return Ok(whole);
        }
        let (kind, instance) = match kind.split_once('@') {
            Some((kind, instance)) if is_word(instance) => (kind, Some(instance.to_owned())),
            _ => (kind, None),
        };
        match Kind::from_name(kind) {
            Some(kind) => Ok(Self {
                instance,
                ..Self::of_kind(kind, path)
            }),
            None if is_word(kind) => Err(SourceError::NoSuchKind {
                kind: kind.to_owned(),
            }),
            None => Ok(whole),
        }
    }

    fn of_kind(kind: Kind, path: &str) -> Self {
        let (path, mapping) = match path.rsplit_once(',') {
            Some((log, mapping)) if kind == Kind::MonPoly && !Path::new(path).exists() => {
                (log, Some(PathBuf::from(mapping)))
            }
            _ => (path, None),
        };
        Self {
            path: PathBuf::from(path),
            kind: Some(kind),
            instance: None,
            mapping,
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EvidenceFile {
    pub(crate) path: PathBuf,
    pub(crate) kind: Option<Kind>,
    pub(crate) instance: Option<String>,
    pub(crate) mapping: Option<PathBuf>,
    pub(crate) bytes: u64,
}

impl EvidenceFile {
    /// The mapping of a log: the one that is named, or the one beside it.
    pub(crate) fn mapping(&self) -> PathBuf {
        self.mapping.clone().unwrap_or_else(|| {
            let log = match self.path.extension() {
                Some(extension) if extension == "gz" => self.path.with_extension(""),
                _ => self.path.clone(),
            };
            log.with_extension("toml")
        })
    }
}

/// Appends the files that `input` stands for, in byte order of their paths.
pub(crate) fn find_files(
    input: &Input,
    files: &mut Vec<EvidenceFile>,
    skipped: &mut Vec<Skipped>,
) -> Result<(), SourceError> {
    let metadata = fs::metadata(&input.path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            SourceError::Missing {
                path: input.path.clone(),
            }
        } else {
            SourceError::Read {
                path: input.path.clone(),
                error,
            }
        }
    })?;
    if !metadata.is_dir() {
        files.push(EvidenceFile {
            path: input.path.clone(),
            kind: input.kind,
            instance: input.instance.clone(),
            mapping: input.mapping.clone(),
            bytes: metadata.len(),
        });
        return Ok(());
    }
    let mut found = Vec::new();
    walk(&input.path, input, 0, &mut found, skipped)?;
    if found.is_empty() {
        return Err(SourceError::NoEvidence {
            path: Some(input.path.clone()),
        });
    }
    found.sort_by(|a, b| path_bytes(&a.path).cmp(path_bytes(&b.path)));
    files.append(&mut found);
    Ok(())
}

fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn walk(
    folder: &Path,
    input: &Input,
    depth: usize,
    files: &mut Vec<EvidenceFile>,
    skipped: &mut Vec<Skipped>,
) -> Result<(), SourceError> {
    let failed = |error| SourceError::Read {
        path: folder.to_owned(),
        error,
    };
    if depth > FOLDER_DEPTH_MAX {
        return Err(SourceError::TooDeep {
            path: folder.to_owned(),
        });
    }
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let linked = entry.file_type().map_err(failed)?.is_symlink();
        let metadata = fs::metadata(&path);
        let reason = match &metadata {
            _ if entry.file_name().as_encoded_bytes().starts_with(b".") => Some("hidden"),
            Ok(metadata) if metadata.is_dir() && linked => Some("link to a folder"),
            Ok(metadata) if metadata.is_dir() => {
                walk(&path, input, depth + 1, files, skipped)?;
                continue;
            }
            Ok(metadata) if !metadata.is_file() => Some("not a file"),
            // A link that leads nowhere is evidence that is missing.
            _ => not_evidence(&path, input.kind),
        };
        match (reason, metadata) {
            (Some(reason), _) => skipped.push(Skipped { path, reason }),
            (None, Ok(metadata)) => files.push(EvidenceFile {
                path,
                kind: input.kind,
                instance: input.instance.clone(),
                mapping: input.mapping.clone(),
                bytes: metadata.len(),
            }),
            (None, Err(error)) => return Err(SourceError::Read { path, error }),
        }
    }
    Ok(())
}

/// Why a file that lies in a folder is no evidence, judged by its name alone.
/// A file that the user names directly is always read.
fn not_evidence(path: &Path, kind: Option<Kind>) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_uppercase();
    let stem = name.split('.').next().unwrap_or_default();
    if matches!(stem, "LICENSE" | "LICENCE" | "COPYING" | "NOTICE") {
        return Some("licence");
    }
    if matches!(stem, "README" | "CHANGELOG" | "MANIFEST") {
        return Some("description");
    }
    let name = name.strip_suffix(".GZ").unwrap_or(&name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension)?;
    // A table may be anything; only who names the kind says that it is a log.
    if extension == "CSV" {
        return kind
            .is_none()
            .then_some("a table, and its kind is not named");
    }
    matches!(
        extension,
        "TSV" | "MD" | "TOML" | "YAML" | "YML" | "TXT" | "AVOW"
    )
    .then_some("not JSON by its name")
}
