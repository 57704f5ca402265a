//! The log once more, leaf by leaf: to the verdict document and to the rows of
//! the tables in the proof.

use avow_event::PlaceTable;
use avow_monitor::{Monitor, Pledge, sql};
use avow_tlog::Checkpoint;

use crate::build::LOG_BYTES_MAX;
use crate::error::ProofError;
use crate::leaves;

/// A log being replayed.
pub(crate) struct Replay {
    monitor: Monitor,
    rows: Option<Vec<u8>>,
    /// Bytes of the leaves whose rows were kept.
    bytes: usize,
}

impl Replay {
    pub(crate) fn new(pledge: &Pledge, places: &PlaceTable) -> Self {
        Self {
            monitor: Monitor::new(pledge, places),
            rows: None,
            bytes: 0,
        }
    }

    /// The same, and it keeps the events as rows: for a log small enough.
    pub(crate) fn with_rows(pledge: &Pledge, places: &PlaceTable) -> Self {
        Self {
            rows: Some(Vec::new()),
            ..Self::new(pledge, places)
        }
    }

    /// Takes the next leaf; leaves come in order from 0.
    ///
    /// # Errors
    /// It is no event, or the rows are kept of more leaves than go into a proof.
    pub(crate) fn push(&mut self, index: u64, leaf: &[u8]) -> Result<(), ProofError> {
        let event = leaves::event(index, leaf)?;
        if let Some(rows) = &mut self.rows {
            self.bytes = self.bytes.saturating_add(leaf.len());
            if self.bytes > LOG_BYTES_MAX {
                return Err(ProofError::LogTooLarge);
            }
            rows.extend_from_slice(&sql::event_row(index, &event));
            rows.push(b'\n');
        }
        self.monitor.push(index, &event);
        Ok(())
    }

    /// The verdict document on all leaves of the tree.
    pub(crate) fn verdict(&mut self, head: &Checkpoint) -> Vec<u8> {
        let report = self.monitor.report(head.size(), *head.root().as_bytes());
        report.to_json()
    }

    /// The events as rows, one a line; none if they were not kept.
    pub(crate) fn event_rows(&mut self) -> Vec<u8> {
        self.rows.take().unwrap_or_default()
    }

    /// The gaps as rows, one a line.
    pub(crate) fn gap_rows(&mut self) -> String {
        sql::gap_rows(&mut self.monitor)
    }
}
