//! Which records were seen before. No two different ids are taken for one:
//! they are kept whole or as their SHA-256.
//!
//! Memory grows with the number of distinct ids: about 50 bytes for each id
//! that is a UUID, as those of CloudTrail are.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

/// An id, kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    Uuid(u128),
    /// SHA-256 of an id of any other form and length.
    Other([u8; 32]),
}

impl Id {
    pub(crate) fn new(text: &str) -> Self {
        match uuid(text) {
            Some(uuid) => Self::Uuid(uuid),
            None => Self::Other(Sha256::digest(text).into()),
        }
    }
}

/// What a record says, as the first 128 bits of its SHA-256: to find another
/// record that says the same takes 2^128 tries, and the whole digest would
/// double what a record needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content(u128);

impl Content {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes).into_iter().take(16);
        Self(digest.fold(0, |value, byte| value << 8 | u128::from(byte)))
    }
}

/// What is known about an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identified {
    New,
    /// The same id with content that it had before.
    Repeated,
    /// The same id with content that it did not have before.
    Conflicting,
}

/// The ids of records, and what was read under them.
#[derive(Default)]
pub(crate) struct SeenIds {
    uuids: HashMap<u128, Content>,
    others: HashMap<[u8; 32], Content>,
    /// Each further content of an id: SHA-256 of both.
    further: HashSet<[u8; 32]>,
}

impl SeenIds {
    /// Takes note of a record with this id and content.
    pub(crate) fn note(&mut self, id: Id, content: Content) -> Identified {
        let before = match id {
            Id::Uuid(uuid) => before(self.uuids.entry(uuid), content),
            Id::Other(digest) => before(self.others.entry(digest), content),
        };
        match before {
            None => Identified::New,
            Some(before) if before == content => Identified::Repeated,
            Some(_) => self.note_further(id, content),
        }
    }

    fn note_further(&mut self, id: Id, Content(content): Content) -> Identified {
        let both = Sha256::new().chain_update(content.to_be_bytes());
        // The two kinds of ids have different lengths.
        let both = match id {
            Id::Uuid(uuid) => both.chain_update(uuid.to_be_bytes()),
            Id::Other(digest) => both.chain_update(digest),
        };
        if self.further.insert(both.finalize().into()) {
            Identified::Conflicting
        } else {
            Identified::Repeated
        }
    }
}

/// The content that came first, if this is not it.
fn before<K>(entry: Entry<'_, K, Content>, content: Content) -> Option<Content> {
    match entry {
        Entry::Occupied(known) => Some(*known.get()),
        Entry::Vacant(vacant) => {
            vacant.insert(content);
            None
        }
    }
}

/// The 128 bits of a lower-case UUID in its usual form. Other spellings stay
/// strings: `A…` and `a…` are different ids until somebody says otherwise.
fn uuid(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let mut value = 0_u128;
    for (index, byte) in text.bytes().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u128::from(digit);
    }
    Some(value)
}

/// What is known about a number of a source.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Numbered {
    New,
    /// The same number with the same content.
    Repeated,
    /// The same number with other content.
    Contradicted,
}

/// The numbers that sources gave to their own events.
#[derive(Default)]
pub(crate) struct SeenNumbers {
    sources: HashMap<Box<str>, HashMap<u64, [u8; 32]>>,
}

impl SeenNumbers {
    /// Takes note of the event with number `seq` of `source`.
    pub(crate) fn note(&mut self, source: &str, seq: u64, content: &[u8]) -> Numbered {
        if !self.sources.contains_key(source) {
            self.sources.insert(source.into(), HashMap::new());
        }
        let digest: [u8; 32] = Sha256::digest(content).into();
        match self
            .sources
            .get_mut(source)
            .and_then(|numbers| numbers.insert(seq, digest))
        {
            None => Numbered::New,
            Some(before) if before == digest => Numbered::Repeated,
            Some(before) => {
                // The first one stands.
                if let Some(numbers) = self.sources.get_mut(source) {
                    numbers.insert(seq, before);
                }
                Numbered::Contradicted
            }
        }
    }
}
