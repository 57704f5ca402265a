//! The parts of one proof, found by name, and ticked off as they are used.
//!
//! INVARIANT: `verify` ends with [`Parts::finish`], so a part that no check has
//! asked for is an error; nothing rides along.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::container::Part;
use crate::error::ProofError;

/// The parts of a proof.
pub(crate) struct Parts<'a> {
    parts: BTreeMap<&'a str, (&'a [u8], Cell<bool>)>,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(parts: Vec<Part<'a>>) -> Self {
        let parts = parts
            .into_iter()
            .map(|part| (part.name, (part.bytes, Cell::new(false))))
            .collect();
        Self { parts }
    }

    /// The bytes of a part that has to be there; ticks it off.
    pub(crate) fn get(&self, name: &str) -> Result<&'a [u8], ProofError> {
        let (bytes, used) = self.parts.get(name).ok_or_else(|| missing(name))?;
        used.set(true);
        Ok(bytes)
    }

    /// Whether a part is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parts.contains_key(name)
    }

    /// All parts in the order of the container: `README.txt` happens to sort
    /// first, since capitals come before small letters.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Part<'a>> {
        self.parts
            .iter()
            .map(|(name, (bytes, _))| Part { name, bytes })
    }

    /// Every part was asked for.
    pub(crate) fn finish(&self) -> Result<(), ProofError> {
        match self.parts.iter().find(|(_, (_, used))| !used.get()) {
            None => Ok(()),
            Some((name, _)) => Err(ProofError::PartUnknown {
                name: (*name).to_owned(),
            }),
        }
    }
}

pub(crate) fn missing(name: &str) -> ProofError {
    ProofError::PartMissing {
        name: name.to_owned(),
    }
}
