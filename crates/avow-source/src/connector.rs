//! What every reader of another system's records is: a function from the bytes
//! of one JSON object to events, or to "not mine".
//!
//! A reader decides by members that no other system's records have together.
//! Which object is a record, envelopes, arrays, duplicates and numbers are left
//! to `reading`; a page in `docs/reference/sources/` says what each reads, how
//! it maps, and what it cannot see.

use avow_event::{Event, Field, Micros, Place, PlaceTable, Provider, Value};

use crate::pgaudit::Watch;
use crate::pseudonyms::Pseudonyms;
use crate::{Kind, actiontrail, azure, gcp, kubernetes, pgaudit, terraform};

/// What a reader may look up.
pub(crate) struct Context<'c, 'k> {
    pub(crate) places: &'c PlaceTable,
    pub(crate) pseudonyms: &'c mut Pseudonyms<'k>,
    /// What the operator calls the system that the records are from.
    pub(crate) instance: Option<&'c str>,
    /// What logs of PostgreSQL show about their own completeness.
    pub(crate) watch: &'c mut Watch,
}

impl Context<'_, '_> {
    /// The feed of a system whose records do not say which one it is: the kind,
    /// and what the operator calls it.
    pub(crate) fn feed(&self, kind: &str) -> String {
        match self.instance {
            Some(instance) => format!("{kind}-{instance}"),
            None => kind.to_owned(),
        }
    }

    /// Where the operator says that a feed's system stands.
    pub(crate) fn place_of(&self, feed: &str) -> Place {
        self.places.place(Provider::Own, feed)
    }
}

/// What a record tells.
#[derive(Debug)]
pub(crate) struct Told {
    /// The events, without numbers. The time of the earliest instant there is
    /// stands for that of the record. None at all: the record tells nothing
    /// that is read.
    pub(crate) events: Vec<Event>,
    /// The system's own id of the record, to recognise it again.
    pub(crate) id: Option<String>,
    /// When it happened; `None` if the record does not say.
    pub(crate) time: Option<Micros>,
}

/// `None`: the object is no record of this system. An error says why a record
/// of it cannot be read.
pub(crate) type Answer = Option<Result<Told, String>>;

type Read = fn(&str, &mut Context<'_, '_>) -> Answer;

/// The readers of JSON objects, in the order in which they are asked. Those of
/// CloudTrail and of Avow's own events come before all of them.
pub(crate) const JSON_READERS: [(Kind, Read); 7] = [
    (Kind::Kubernetes, kubernetes::read),
    (Kind::ActionTrail, actiontrail::read),
    (Kind::InnerActionTrail, actiontrail::inner::read),
    (Kind::PgAudit, pgaudit::read),
    (Kind::Gcp, gcp::read),
    (Kind::Azure, azure::read),
    (Kind::Terraform, terraform::read),
];

type ReadRow = fn(&[&str], &mut Context<'_, '_>) -> Answer;

/// The readers of rows of CSV without a header.
pub(crate) const ROW_READERS: [(Kind, ReadRow); 2] = [
    (Kind::Kubernetes, kubernetes::row),
    (Kind::PgAudit, pgaudit::row),
];

/// Sets a text that may leave the record.
pub(crate) fn set(event: &mut Event, field: Field, text: Option<&str>) -> Result<(), String> {
    text.map_or(Ok(()), |text| event.set(field, Value::Text(text)))
        .map_err(|error| error.to_string())
}
