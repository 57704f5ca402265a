//! The integration tests of avow-tlog, one binary.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "tests"
)]

mod foreign_logs;
mod merkle_properties;
mod merkle_vectors;
mod notes;
mod offline_proofs;
mod oracles;
mod policies;
mod shared;
mod signatures;
mod tiles;
