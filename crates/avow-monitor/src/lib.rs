//! The pledge language and the temporal monitor: events in, verdicts out.
//!
//! Pure: no files, sockets, clock, randomness or threads. A verdict is a
//! function of the pledge's text, the place table and the leaves, and of
//! nothing else. The semantics are specified in `docs/spec/pledge.md`.

mod ast;
mod columns;
mod eval;
mod predicate;
mod predicate_scalar;

pub use ast::{
    Commitment, Comparison, Example, ExampleEvent, Literal, Operand, Pattern, Pledge, Predicate,
    Silence, SourceDeclaration, SourcePattern, Texts,
};
pub use columns::{Columns, Dictionary, NULL_CODE};
pub use eval::{CompiledPredicate, TruthColumn};
pub use predicate_scalar::eval_event;
