//! The event: one thing that happened, in one flat schema, with one canonical
//! byte form.
//!
//! Pure: no files, sockets, clock, randomness or threads. Time, keys and salts
//! arrive as arguments. Reading the logs of other systems is left to
//! `avow-source`; putting leaves on a log to `avow-log`.
//!
//! The format is specified in `docs/spec/event.md`.
#![deny(missing_docs)]

mod error;
mod event;
mod json;
mod leaf;
mod merkle;
mod place;
mod pseudonym;
mod sd_jwt;
mod seal;
mod time;
mod vocabulary;

pub use error::EventError;
pub use event::{Event, Field, FieldKind, INTEGER_MAX, LEAF_BYTES_MAX, STRING_BYTES_MAX, Value};
pub use place::{Place, PlaceTable, PlaceTableError, Provider};
pub use pseudonym::{PseudonymKey, is_pseudonym};
pub use sd_jwt::Presentation;
pub use seal::{
    Disclosure, FieldProof, SEALED_FIELDS_MAX, SEALED_VALUE_BYTES_MAX, SealedFields,
    disclosure_digest,
};
pub use time::Micros;
pub use vocabulary::{Action, Category, Outcome};
