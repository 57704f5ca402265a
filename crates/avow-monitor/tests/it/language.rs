//! The language: reading, printing, evaluating.

mod evaluation;
mod pledges;
mod predicates;
pub(crate) mod random;
