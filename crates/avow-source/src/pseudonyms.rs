//! Pseudonyms with a memory: an audit log names few actors many times, and a
//! keyed hash costs as much as reading the rest of the record.

use std::collections::HashMap;

use avow_event::{PseudonymKey, is_pseudonym};

/// Remembered pseudonyms; forgotten all at once when full. More actors than an
/// account has; 10 MB at the usual 150 bytes each, 140 MB at the longest.
const REMEMBERED_MAX: usize = 65_536;

/// Longer identifiers are not remembered: an ARN has at most 2,048 characters.
const IDENTIFIER_BYTES_MAX: usize = 2_048;

pub(crate) struct Pseudonyms<'k> {
    key: &'k PseudonymKey,
    remembered: HashMap<String, String>,
}

impl<'k> Pseudonyms<'k> {
    pub(crate) fn new(key: &'k PseudonymKey) -> Self {
        Self {
            key,
            remembered: HashMap::new(),
        }
    }

    /// The pseudonym of an identifier that comes rarely more than once.
    pub(crate) fn once(&self, kind: &str, identifier: &str) -> String {
        self.key.pseudonym(kind, identifier)
    }

    /// The pseudonym of an actor, remembered.
    pub(crate) fn actor(&mut self, identifier: &str) -> String {
        if let Some(known) = self.remembered.get(identifier) {
            return known.clone();
        }
        let pseudonym = self.key.pseudonym("actor", identifier);
        if identifier.len() > IDENTIFIER_BYTES_MAX {
            return pseudonym;
        }
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        self.remembered
            .insert(identifier.to_owned(), pseudonym.clone());
        pseudonym
    }

    /// The value itself if it is a pseudonym already, else its pseudonym.
    pub(crate) fn unless_one(&self, kind: &str, value: &str) -> String {
        if is_pseudonym(value) {
            value.to_owned()
        } else {
            self.once(kind, value)
        }
    }
}
