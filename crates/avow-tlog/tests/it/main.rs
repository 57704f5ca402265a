//! The integration tests of avow-tlog, one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "tests"
)]

mod foreign_logs;
mod merkle_properties;
mod merkle_vectors;
mod shared;
