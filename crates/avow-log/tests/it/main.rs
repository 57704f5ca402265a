//! The integration tests of avow-log, one binary.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod claim;
mod crash;
mod damage;
mod life;
mod oracle;
mod scratch;
mod sharing;
