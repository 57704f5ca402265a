//! Which records were seen before. No two different ids are taken for one:
//! they are kept whole or as their SHA-256.
//!
//! Memory grows with the number of distinct ids: about 30 bytes for each id
//! that is a UUID, as those of CloudTrail are.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

/// The ids of foreign records.
#[derive(Default)]
pub(crate) struct SeenIds {
    uuids: HashSet<u128>,
    /// SHA-256 of ids of any other form and length.
    others: HashSet<[u8; 32]>,
}

impl SeenIds {
    /// Whether this id is new; it is not new a second time.
    pub(crate) fn is_new(&mut self, id: &str) -> bool {
        match uuid(id) {
            Some(uuid) => self.uuids.insert(uuid),
            None => self.others.insert(Sha256::digest(id).into()),
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
