//! `at_most`: were there more than so many within any time of a length?
//! `docs/spec/pledge.md`, "Semantics", section 3.6.
//!
//! Of each key the last `at_most + 1` are remembered: with these alone it can
//! be one too many.

use std::collections::VecDeque;

use crate::machine::Tally;
use crate::machine_fact::{Fact, Facts, Part, Position, Trigger};
use crate::machine_gaps::GapIndex;
use crate::machine_key::CodeMap;
use crate::report::Reason;

/// The last ones, oldest first, no more than can matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ring(pub(crate) VecDeque<Position>);

impl Ring {
    fn push(&mut self, position: Position, most: usize) {
        if self.0.len() > most {
            self.0.pop_front();
        }
        self.0.push_back(position);
    }

    /// How many count at `time`, of a window of that length.
    fn count(&self, time: i64, within: i64) -> usize {
        let old = self
            .0
            .partition_point(|(eff, _)| eff.saturating_add(within) <= time);
        self.0.len() - old
    }

    fn last(&self, time: i64, within: i64) -> Option<Position> {
        let last = self.0.back().copied();
        last.filter(|(eff, _)| eff.saturating_add(within) > time)
    }
}

/// What is remembered of a key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent {
    pub(crate) sure: Ring,
    pub(crate) maybe: Ring,
}

#[derive(Debug, Clone)]
pub(crate) struct AtMost {
    pub(crate) facts: Facts,
    at_most: usize,
    pub(crate) within: i64,
    gap_unknown: bool,
    pub(crate) keys: CodeMap<Recent>,
    pub(crate) any: Ring,
    /// How many keys there may be before those that no longer count go.
    sweep_at: usize,
}

/// How many keys are kept before the first look for old ones: a look costs less
/// than what led to it.
const SWEEP_MIN: usize = 1_024;

impl AtMost {
    pub(crate) fn new(hold: i64, at_most: u64, within: i64, gap_unknown: bool) -> Self {
        Self {
            facts: Facts::new(hold),
            at_most: usize::try_from(at_most).unwrap_or(usize::MAX),
            within,
            gap_unknown,
            keys: CodeMap::default(),
            any: Ring::default(),
            sweep_at: SWEEP_MIN,
        }
    }

    /// Judges what can be judged with the clock at `now`.
    pub(crate) fn run(&mut self, now: i64, gaps: &GapIndex, tally: &mut Tally) {
        while let Some(fact) = self.facts.pop(now) {
            self.learn(&fact);
            if fact.trigger == Trigger::Yes {
                let (reason, other) = self.judge(&fact, gaps);
                tally.note(reason, fact.position(), other, None);
            }
        }
        if self.keys.len() >= self.sweep_at {
            // What is still to be judged comes after this.
            let judged = now.saturating_sub(self.facts.hold);
            let within = self.within;
            self.keys.retain(|_, recent| {
                let last = recent.sure.0.back().max(recent.maybe.0.back());
                last.is_some_and(|(eff, _)| eff.saturating_add(within) > judged)
            });
            self.sweep_at = SWEEP_MIN.max(self.keys.len().saturating_mul(2));
        }
    }

    /// Takes what was saved of a machine of the same rule.
    pub(crate) fn take_saved(&mut self, keys: CodeMap<Recent>, any: Ring) {
        self.sweep_at = SWEEP_MIN.max(keys.len().saturating_mul(2));
        (self.keys, self.any) = (keys, any);
    }

    /// Adds what has happened by `now` and waits to be judged.
    pub(crate) fn peek(&self, now: i64, tally: &mut Tally) {
        for fact in self.facts.happened(now) {
            if fact.trigger == Trigger::Yes {
                tally.note(Reason::Waiting, fact.position(), None, None);
            }
        }
    }

    fn learn(&mut self, fact: &Fact) {
        if !fact.values.may_be(Part::When) {
            return;
        }
        let most = self.at_most;
        let Some(key) = fact.key else {
            self.any.push(fact.position(), most);
            return;
        };
        let recent = self.keys.entry(key).or_default();
        let ring = if fact.values.is_true(Part::When) && !fact.late {
            &mut recent.sure
        } else {
            &mut recent.maybe
        };
        ring.push(fact.position(), most);
    }

    fn judge(&self, fact: &Fact, gaps: &GapIndex) -> (Reason, Option<u64>) {
        let (time, within) = (fact.eff, self.within);
        let leaf = |position: Option<Position>| position.map(|(_, leaf)| leaf);
        let Some(recent) = fact.key.and_then(|key| self.keys.get(&key)) else {
            return (Reason::WithinLimit, None);
        };
        let sure = recent.sure.count(time, within);
        if sure > self.at_most {
            // The ring holds `at_most + 1`, and all of them count.
            return (Reason::TooMany, leaf(recent.sure.0.front().copied()));
        }
        let maybe = recent.maybe.count(time, within) + self.any.count(time, within);
        if sure + maybe > self.at_most {
            let last = recent.maybe.last(time, within);
            let last = last.max(self.any.last(time, within));
            return (Reason::MaybeTooMany, leaf(last));
        }
        let judged = (time.saturating_add(self.facts.hold), fact.leaf);
        let ends_from = time.saturating_sub(within).saturating_add(1);
        if self.gap_unknown && gaps.has(time.saturating_sub(1), ends_from, judged) {
            return (Reason::Gap, None);
        }
        (Reason::WithinLimit, None)
    }
}
