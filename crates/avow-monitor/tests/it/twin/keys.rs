//! Which events belong together: `k(n)`, and how two of them compare.

use avow_event::{Event, Field, FieldKind, Value};

use super::tree::Tree;

pub(super) type Key = Vec<String>;

/// How the key of another event compares with that of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kin {
    /// k(m) = k(n).
    Same,
    /// k(m) = N.
    Unknown,
    Other,
}

/// The values of the fields, unless one is unknown.
pub(super) fn key(fields: &[Field], event: &Event) -> Option<Key> {
    let text = |field: &Field| match event.get(*field) {
        None => None,
        Some(Value::Text("UNKNOWN")) if field.kind() == FieldKind::Place => None,
        Some(value) => Some(spelled(value)),
    };
    fields.iter().map(text).collect()
}

pub(super) fn spelled(value: Value<'_>) -> String {
    format!("{value:?}")
}

/// Whether a value is true or unknown.
pub(super) fn may(value: Option<bool>) -> bool {
    value != Some(false)
}

impl Tree<'_> {
    pub(super) fn kin(self, fields: &[Field], of: &Key, m: usize) -> Kin {
        match key(fields, self.event(m)) {
            None => Kin::Unknown,
            Some(key) if key == *of => Kin::Same,
            Some(_) => Kin::Other,
        }
    }
}
