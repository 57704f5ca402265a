//! `only_after` with `where` or `within`: was there a permission that fits, and
//! not too old? `docs/spec/pledge.md`, "Semantics", section 3.3.
//!
//! Without the two, `machine_before` judges the same, faster.

use crate::machine::Tally;
use crate::machine_fact::{Fact, Facts, Part, Position, Trigger};
use crate::machine_gaps::GapIndex;
use crate::machine_openers::Openers;
use crate::machine_pair::Pair;
use crate::report::Reason;

#[derive(Debug, Clone)]
pub(crate) struct Permits {
    pub(crate) facts: Facts,
    pub(crate) openers: Openers,
    pub(crate) within: Option<i64>,
    pub(crate) has_until: bool,
    /// Whether a gap makes a verdict unknown.
    pub(crate) gap_unknown: bool,
}

impl Permits {
    /// Judges what can be judged with the clock at `now`.
    pub(crate) fn run(&mut self, now: i64, pair: &Pair, gaps: &GapIndex, tally: &mut Tally) {
        while let Some(fact) = self.facts.pop(now) {
            if fact.trigger == Trigger::Yes {
                let (reason, other) = self.judge(&fact, pair, gaps);
                let other = other.map(|(_, leaf)| leaf);
                tally.note(reason, fact.position(), other, None);
            }
            self.openers.learn(&fact, Part::First, Part::Second);
        }
    }

    /// Adds what has happened by `now` and waits to be judged.
    pub(crate) fn peek(&self, now: i64, tally: &mut Tally) {
        for fact in self.facts.happened(now) {
            if fact.trigger == Trigger::Yes {
                tally.note(Reason::Waiting, fact.position(), None, None);
            }
        }
    }

    fn judge(&self, fact: &Fact, pair: &Pair, gaps: &GapIndex) -> (Reason, Option<Position>) {
        let time = fact.eff;
        let key = fact.key.unwrap_or_default();
        let found = self.openers.look((key, fact.this), time, self.within, pair);
        // Whether a gap lies between `after` and the trigger, and ends at
        // `ends_from` or later.
        let in_gap = |after: Option<Position>, ends_from: i64| {
            let after = after.map_or(i64::MIN, |(eff, _)| eff);
            let ends_from = ends_from.max(after.saturating_add(1));
            let judged = (time.saturating_add(self.facts.hold), fact.leaf);
            self.gap_unknown && after < time && gaps.has(time.saturating_sub(1), ends_from, judged)
        };
        if found.opener > found.closer {
            return if found.maybe_closer >= found.opener {
                (Reason::MaybePermitted, found.maybe_closer)
            } else if self.has_until && in_gap(found.opener, i64::MIN) {
                (Reason::Gap, found.opener)
            } else {
                (Reason::Permitted, found.opener)
            };
        }
        let good_from = self.within.map_or(i64::MIN, |w| time.saturating_sub(w));
        if found.maybe_opener > found.closer {
            (Reason::MaybePermitted, found.maybe_opener)
        } else if in_gap(found.closer, good_from) {
            (Reason::Gap, found.closer)
        } else if found.expired > found.closer {
            (Reason::Expired, found.expired)
        } else if found.closer.is_some() {
            (Reason::PermissionEnded, found.closer)
        } else {
            (Reason::NotPermitted, None)
        }
    }
}
