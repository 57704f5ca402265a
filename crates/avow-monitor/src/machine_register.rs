//! The register of a recurring duty that is kept on the log: who is on it, and
//! who was when the promise began. `docs/spec/pledge.md`, "Semantics",
//! section 3.5.

use std::collections::BTreeMap;

use crate::machine_fact::{Fact, Part, Position};
use crate::machine_openers::Openers;
use crate::machine_pair::Pair;

/// Whether a key is on the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    No,
    /// Since the event that counts then.
    Since(i64),
    Maybe,
}

/// The entries of a key before the promise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The last that is sure.
    pub(crate) sure: Option<Position>,
    /// The last.
    pub(crate) last: Position,
}

/// What is remembered until the promise begins.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    from: i64,
    base: i64,
    pub(crate) entries: BTreeMap<u64, Entry>,
    /// The last entry of which the key is unknown.
    pub(crate) no_key: Option<Position>,
}

#[derive(Debug, Clone)]
pub(crate) struct Register {
    pub(crate) openers: Openers,
    /// `None` once the promise has begun, or if it begins no period.
    pub(crate) before: Option<Before>,
}

/// Who has a period from the beginning of the promise.
pub(crate) struct Opening {
    pub(crate) from: i64,
    /// When the first period ends.
    pub(crate) base: i64,
    /// The keys, and the leaf that names each.
    pub(crate) keys: Vec<(u64, u64, Registered)>,
    /// The leaf of an entry of which the key is unknown.
    pub(crate) no_key: Option<u64>,
}

impl Register {
    /// A register of a promise since `from`, whose first period ends at `base`;
    /// `None` if it begins none then.
    pub(crate) fn new(from: i64, base: Option<i64>) -> Self {
        Self {
            openers: Openers::default(),
            before: base.map(|base| Before {
                from,
                base,
                entries: BTreeMap::new(),
                no_key: None,
            }),
        }
    }

    pub(crate) fn learn(&mut self, fact: &Fact) {
        self.openers.learn(fact, Part::When, Part::Second);
        let Some(before) = &mut self.before else {
            return;
        };
        let position = fact.position();
        match (fact.values.get(Part::When), fact.key) {
            (Some(false), _) => {}
            (_, None) => before.no_key = Some(position),
            (entered, Some(key)) => {
                let entry = before.entries.entry(key).or_insert(Entry {
                    sure: None,
                    last: position,
                });
                entry.last = position;
                if entered == Some(true) {
                    entry.sure = Some(position);
                }
            }
        }
    }

    /// Whether the key is on it, by what was learned before `time`.
    pub(crate) fn look(&self, key: u64, time: i64) -> Registered {
        let found = self.openers.look((key, 0), time, None, &Pair::default());
        match found.opener {
            Some((eff, _)) if found.opener > found.closer => {
                if found.maybe_closer >= found.opener {
                    Registered::Maybe
                } else {
                    Registered::Since(eff)
                }
            }
            _ if found.maybe_opener > found.closer => Registered::Maybe,
            _ => Registered::No,
        }
    }

    /// Who is on it when the promise begins, once everything before `time` was
    /// learned, and `time` is not before that.
    pub(crate) fn open(&mut self, time: i64) -> Option<Opening> {
        let before = self.before.take_if(|before| time >= before.from)?;
        let keys = before.entries.iter().map(|(key, entry)| {
            let (_, leaf) = entry.sure.unwrap_or(entry.last);
            (*key, leaf, self.look(*key, before.from))
        });
        Some(Opening {
            from: before.from,
            base: before.base,
            keys: keys.collect(),
            no_key: before.no_key.map(|(_, leaf)| leaf),
        })
    }
}
