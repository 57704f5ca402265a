//! The log once more, leaf by leaf: to the verdict document and to the rows of
//! the tables in the proof.

use std::ops::ControlFlow;

use avow_event::PlaceTable;
use avow_monitor::{Monitor, Pledge, published_digest, sql};
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
            // No query is about the publication of a pledge.
            if published_digest(&event).is_none() {
                rows.extend_from_slice(&sql::event_row(index, &event));
                rows.push(b'\n');
            }
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

    /// The gaps as rows, one a line, up to the first that goes beyond
    /// `limit` bytes. There is a row for each gap and commitment, so a small
    /// log could fill the memory of whoever checks it.
    pub(crate) fn gap_rows(&mut self, limit: usize) -> String {
        let mut rows = String::new();
        let _ = sql::write_gap_rows(&mut self.monitor, &mut |row| {
            rows.push_str(row);
            if rows.len() > limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use avow_event::{Action, Event, Micros};

    use super::*;

    #[test]
    fn no_more_rows_are_made_than_there_is_room_for() {
        let places = PlaceTable::built_in();
        let promise = "never = \"action = 'store'\"
            [[commitment.example]]
            kept = [{ action = 'transfer' }]
            [[commitment.example]]
            breached = [{ action = 'store' }]
        ";
        let text = format!(
            "[pledge]\ntitle = 't'\nby = 'b'\nto = 't'\nfrom = 2026-01-01
            [[source]]\nname = 's'
            [[commitment]]\nid = 'one'\nsays = 's'\n{promise}
            [[commitment]]\nid = 'two'\nsays = 's'\n{promise}"
        );
        let pledge = Pledge::parse(&text, &places).unwrap();
        let mut replay = Replay::with_rows(&pledge, &places);
        let start = Micros::parse("2026-02-01T00:00:00Z").unwrap();
        // Every other number is missing.
        for index in 0..10u32 {
            let time = start.saturating_add(i64::from(index) * 1_000_000);
            let event = Event::new("s", u64::from(2 * index), time, Action::Heartbeat);
            replay.push(u64::from(index), &event.to_leaf()).unwrap();
        }
        let all = replay.gap_rows(usize::MAX);
        let lines = all.lines().count();
        assert!(lines > 10 && lines.is_multiple_of(2), "{all}");
        assert_eq!(replay.gap_rows(all.len()), all);
        assert_eq!(replay.gap_rows(0).lines().count(), 1);
        assert!(all.starts_with(&replay.gap_rows(all.len() / 2)));
    }
}
