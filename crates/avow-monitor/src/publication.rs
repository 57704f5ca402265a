//! The publication of a pledge, as an event on a log. `docs/spec/pledge.md`,
//! "Semantics", section 7.
//!
//! It tells about the pledge and not about what was promised: no commitment
//! takes it as evidence, and it does not move the log's clock.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Micros};

/// The source whose events tell about pledges.
pub const PUBLISHER: &str = "avow";

/// What the event is called.
const NAME: &str = "pledge";

/// What stands before a digest.
const ALGORITHM: &str = "sha256:";

/// Where a log tells that a pledge was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The leaf.
    pub leaf: u64,
    /// When it was logged; its own time if it does not say so.
    pub time: Micros,
}

/// The first publication of each pledge, by digest.
pub(crate) type Publications = BTreeMap<[u8; 32], Published>;

/// The event that publishes the pledge with this digest.
pub fn publication(digest: &[u8; 32], seq: u64, time: Micros) -> Event {
    let mut event = Event::new(PUBLISHER, seq, time, Action::Publish);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    event.name = Some(NAME.to_owned());
    event.object = Some(format!("{ALGORITHM}{digits}"));
    event
}

/// The digest of the pledge that the event publishes; none for other events.
pub fn published_digest(event: &Event) -> Option<[u8; 32]> {
    if event.action != Action::Publish
        || event.source != PUBLISHER
        || event.name.as_deref() != Some(NAME)
    {
        return None;
    }
    let digits = event.object.as_deref()?.strip_prefix(ALGORITHM)?;
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let mut digest = [0; 32];
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(digest)
}

/// Whether a leaf's bytes may be those of a publication: of a leaf, canonical as
/// it is, `action` is the first member.
pub(crate) fn may_be(leaf: &[u8]) -> bool {
    leaf.starts_with(br#"{"action":"publish","#)
}

/// When a publication was logged.
pub(crate) fn logged(event: &Event) -> Micros {
    event.logged.unwrap_or(event.time)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_is_an_event_of_exactly_that_form() {
        let digest = [0xa7; 32];
        let event = publication(&digest, 1, Micros::MIN);
        assert_eq!(published_digest(&event), Some(digest));
        assert!(may_be(&event.to_leaf()));
        let changed = |change: &dyn Fn(&mut Event)| {
            let mut other = event.clone();
            change(&mut other);
            published_digest(&other)
        };
        let object = |text: &str| {
            let text = text.to_owned();
            changed(&move |event| event.object = Some(text.clone()))
        };
        assert_eq!(changed(&|event| event.source = "vault".to_owned()), None);
        assert_eq!(changed(&|event| event.action = Action::Inform), None);
        assert_eq!(changed(&|event| event.name = None), None);
        assert_eq!(changed(&|event| event.object = None), None);
        assert_eq!(object(&"a7".repeat(32)), None);
        assert_eq!(object(&format!("sha256:{}", "a7".repeat(31))), None);
        assert_eq!(object(&format!("sha256:{}", "A7".repeat(32))), None);
        assert_eq!(object(&format!("sha256:{}", "a7".repeat(32))), Some(digest));
    }
}
