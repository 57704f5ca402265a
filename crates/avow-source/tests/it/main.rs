//! Claims about what `avow-source` reads, over real and made-up evidence.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod actiontrail;
mod clouds;
mod counts;
mod evidence;
mod kubernetes;
mod mapping;
mod monpoly;
mod own;
mod pgaudit;
mod reading;
mod sql;
mod terraform;
