//! The event's promises: one event has one byte form, and nothing else reads.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod document;
mod leaf;
mod place;
mod pseudonym;
mod seal;
mod shared;
mod time;
