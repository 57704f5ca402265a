//! What came before a duty and decides whether it arises, and how often.
//! `docs/spec/pledge.md`, "Semantics", section 3.4, `already` and `for_each`.

use std::collections::BTreeMap;

use crate::machine_fact::{Fact, Part, Position};
use crate::machine_key::CodeMap;

/// The first event with `already` of each key, and the first that might be one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Already {
    pub(crate) sure: CodeMap<Position>,
    pub(crate) maybe: CodeMap<Position>,
    pub(crate) any: Option<Position>,
}

impl Already {
    pub(crate) fn learn(&mut self, fact: &Fact) {
        let position = fact.position();
        match (fact.values.get(Part::Already), fact.key) {
            (Some(false), _) => {}
            (_, None) => {
                self.any.get_or_insert(position);
            }
            (Some(true), Some(key)) => {
                self.sure.entry(key).or_insert(position);
            }
            (None, Some(key)) => {
                self.maybe.entry(key).or_insert(position);
            }
        }
    }

    /// What left nothing to do for the key, and what might have.
    pub(crate) fn before(&self, key: u64) -> (Option<Position>, Option<Position>) {
        let maybe = self.maybe.get(&key).copied();
        (
            self.sure.get(&key).copied(),
            maybe.into_iter().chain(self.any).min(),
        )
    }
}

/// The different things with `for_each` of each key, and the first event that
/// might be one more.
#[derive(Debug, Clone, Default)]
pub(crate) struct ForEachPast {
    /// The leaf of the first event, by the values of `same`, and of `same` and
    /// `each`.
    pub(crate) things: BTreeMap<(u64, u64), u64>,
    pub(crate) maybe: CodeMap<Position>,
    pub(crate) any: Option<Position>,
}

impl ForEachPast {
    pub(crate) fn learn(&mut self, fact: &Fact) {
        let position = fact.position();
        match (fact.values.get(Part::ForEach), fact.key, fact.full) {
            (Some(false), ..) => {}
            (_, None, _) => {
                self.any.get_or_insert(position);
            }
            (Some(true), Some(key), Some(full)) => {
                self.things.entry((key, full)).or_insert(fact.leaf);
            }
            (_, Some(key), _) => {
                self.maybe.entry(key).or_insert(position);
            }
        }
    }

    /// The things of a key, each with the leaf that names it.
    pub(crate) fn things(&self, key: u64) -> Vec<(u64, u64)> {
        let of_key = self.things.range((key, 0)..=(key, u64::MAX));
        of_key.map(|((_, full), leaf)| (*full, *leaf)).collect()
    }

    /// The first event that might be one more.
    pub(crate) fn maybe(&self, key: u64) -> Option<Position> {
        let maybe = self.maybe.get(&key).copied();
        maybe.into_iter().chain(self.any).min()
    }
}
