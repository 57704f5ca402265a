//! Build and check a proof: one file that shows a verdict to a third party.
//!
//! A proof is a ZIP file of one canonical form. It holds the pledge, the place
//! table, the signed checkpoint of a log, the leaves that the verdicts name with
//! their proofs of inclusion, a signed statement about all of that, and, if the
//! log is small, the whole log. [`build`] makes it, [`verify`] checks it. The
//! format is specified in `docs/spec/proof.md`.
//!
//! Pure: no files, sockets, clock, randomness or threads; the program
//! `avow-verify` reads the files. What a verdict is and how it comes about is
//! left to `avow-monitor`; signatures and trees to `avow-tlog`.
#![deny(missing_docs)]

mod build;
pub mod container;
mod coverage;
mod derived;
pub mod envelope;
mod error;
mod json;
mod judge;
mod leaves;
mod log_files;
pub mod messages;
mod open;
pub mod part;
mod parts;
mod readme;
mod replay;
pub mod statement;
mod summary;
mod trust;
mod verify;
mod wrap;

pub use avow_monitor::Language;
pub use build::{GAP_BYTES_MAX, Inputs, LOG_BYTES_MAX, ReadLeaves, ReadPath, Sign, build};
pub use container::{PARTS_MAX, PROOF_BYTES_MAX, Part};
pub use error::ProofError;
pub use json::{error_json, verified_json};
pub use summary::{Known, NotProved, Promise, Shown, Summary};
pub use trust::{LogKey, Trust, algorithm_name, fingerprint, policy_text};
pub use verify::{Verified, Witness, verify, verify_full};
pub use wrap::{columns, printable, wrap};
