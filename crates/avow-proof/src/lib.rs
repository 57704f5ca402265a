//! Build and check a proof: one file that shows a verdict to a third party.
#![deny(missing_docs)]

pub mod container;
pub mod envelope;
mod error;
pub mod part;
pub mod statement;
mod trust;

pub use container::{PARTS_MAX, PROOF_BYTES_MAX, Part};
pub use error::ProofError;
pub use trust::{LogKey, Trust, policy_text};

/// Bytes.
pub const LOG_BYTES_MAX: usize = 8 << 20;
