//! The language: reading, printing, evaluating.

mod evaluation;
pub(crate) mod random;
