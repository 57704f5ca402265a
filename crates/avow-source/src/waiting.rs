//! Records without a time of their own that were read before any record with
//! one. They wait for the first time that is read; none is made up for them.

use std::path::PathBuf;

use avow_event::{Event, Micros};

use crate::duplicate::{Content, Id};

/// The leaves of waiting records together. A file whose first hundred thousand
/// records have no time is no audit log; more would only fill the memory.
const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The events of one record, not yet numbered.
pub(crate) struct Prepared {
    pub(crate) events: Vec<Event>,
    pub(crate) id: Option<Id>,
    pub(crate) content: Content,
    /// When it happened, as the record says.
    pub(crate) stated: Option<Micros>,
}

/// Where a record was read.
#[derive(Clone, Default)]
pub(crate) struct Position {
    pub(crate) file: PathBuf,
    pub(crate) line: u64,
    pub(crate) record: u64,
}

/// The records that wait, in reading order.
#[derive(Default)]
pub(crate) struct Waiting {
    records: Vec<(Prepared, Position)>,
    bytes: usize,
}

impl Waiting {
    /// Lets a record wait whose leaves have so many bytes; `false` if there is
    /// no room for it.
    pub(crate) fn add(&mut self, prepared: Prepared, bytes: usize, position: &Position) -> bool {
        let total = self.bytes.saturating_add(bytes);
        if total > WAITING_BYTES_MAX {
            return false;
        }
        self.bytes = total;
        self.records.push((prepared, position.clone()));
        true
    }

    /// Takes all of them out.
    pub(crate) fn take(&mut self) -> Vec<(Prepared, Position)> {
        self.bytes = 0;
        std::mem::take(&mut self.records)
    }
}
