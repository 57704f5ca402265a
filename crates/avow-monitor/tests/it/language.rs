//! The language: reading, printing, evaluating.

#![expect(
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops at the first surprise"
)]

mod evaluation;
mod pairs;
mod pledges;
mod predicates;
pub(crate) mod random;
