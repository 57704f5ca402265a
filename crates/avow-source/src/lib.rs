//! Evidence in, events out: reads the audit records of other systems and
//! hands out [`avow_event::Event`]s.
//!
//! Files are read as streams: records are handed out one at a time, memory
//! does not grow with the size of a file (only with the number of distinct
//! record ids, to recognise duplicates). No clock and no randomness: the same
//! inputs, place table and pseudonym key give the same events.
//!
//! What a kind of evidence is read as is in `docs/reference/sources/`. Putting
//! events on a log is left to `avow-log`, judging them to `avow-monitor`.

mod actiontrail;
mod azure;
mod cloudtrail;
mod connector;
mod csv;
mod duplicate;
mod error;
mod evidence;
mod frame;
mod gcp;
mod input;
mod kubernetes;
mod lenient;
mod monpoly;
mod numbering;
mod own;
mod pgaudit;
mod plain;
mod pseudonyms;
mod reading;
mod stats;
mod terraform;
mod waiting;
mod window;

pub use error::SourceError;
pub use evidence::{Evidence, read, read_monpoly, read_stream};
pub use frame::RECORD_BYTES_MAX;
pub use input::{Input, Kind};
pub use monpoly::{Mapping, MappingError};
pub use numbering::Numbering;
pub use stats::{Malformed, REASONS_KEPT, Skipped, Stats};
