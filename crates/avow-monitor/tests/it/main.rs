//! The promises of the pledge language and of the monitor.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod language;
mod library;
mod mfotl;
mod monitor;
mod twin;
