//! What a proof promises: one bit is enough to refuse it, each way to fail has
//! its own name, and programs that we did not write agree.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod build;
mod container;
mod envelope;
mod failure;
mod judge;
mod oracle;
mod program;
mod scene;
mod sweep;
