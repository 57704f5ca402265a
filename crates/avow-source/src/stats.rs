//! What was read, in numbers. Nothing is dropped without being counted here.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

/// How many malformed records and skipped files are kept with their reason:
/// a screenful. All are counted.
pub const REASONS_KEPT: usize = 20;

/// What was read.
///
/// `records = events + skipped + malformed_records`, where the last is the
/// part of `malformed` that was a record at all (a cut gzip file is malformed
/// and no record); `events = unique_events + duplicates`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Files read.
    pub files: u64,
    /// Files that lay in a folder and were not read.
    pub files_skipped: u64,
    /// Bytes read from files, before decompression.
    pub bytes: u64,
    /// Records found, whatever became of them.
    pub records: u64,
    /// Records that are events, duplicates included.
    pub events: u64,
    /// Records that are events and were not seen before, by id and content.
    pub unique_events: u64,
    /// Records that are events seen before: the same id and the same content.
    pub duplicates: u64,
    /// Unique events whose id another event with other content has. Both are
    /// handed out: nothing tells which of them is true.
    pub conflicting: u64,
    /// Broken records, and files that end too early.
    pub malformed: u64,
    /// Records that are whole, but of no kind that is read.
    pub skipped: u64,
    /// Unique events without a readable time of their own: they have the latest
    /// time of all records before them, or the first one after them.
    pub untimed: u64,
    /// Events handed out: `unique_events`, and one more for each further
    /// region that one call copies to.
    pub handed_out: u64,
    /// The first [`REASONS_KEPT`] malformed records.
    pub malformed_first: Vec<Malformed>,
    /// The first [`REASONS_KEPT`] files that were not read.
    pub files_skipped_first: Vec<Skipped>,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Malformed {
    /// The file.
    #[serde(serialize_with = "lossy")]
    pub file: PathBuf,
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// The number of the record in the file, from 1.
    pub record: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The file.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// Why not.
    pub reason: &'static str,
}

impl Stats {
    pub(crate) fn add_malformed(&mut self, malformed: impl FnOnce() -> Malformed) {
        self.malformed += 1;
        if self.malformed_first.len() < REASONS_KEPT {
            self.malformed_first.push(malformed());
        }
    }

    /// The figures as one JSON object on one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A path as text. What is not UTF-8 in it becomes U+FFFD: a name that is not
/// exact says more than none.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}
