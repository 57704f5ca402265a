//! What an event does for the duties that are open: answers them, ends what has
//! to last, or leaves it in doubt. `docs/spec/pledge.md`, "Semantics",
//! sections 3.4, 3.5 and 3.7.

use crate::machine::Tally;
use crate::machine_duties::{AnyAnswer, Bench, Duties, Duty, DutyName, Kind, tally_instance};
use crate::machine_fact::{Fact, Part, Position, Trigger};
use crate::machine_pair::{Pair, and};
use crate::report::Reason;

impl Duties {
    /// What an event does for the duties that are open.
    pub(crate) fn answer(&mut self, fact: &Fact, bench: Bench<'_>, tally: &mut Tally) {
        let values = fact.values;
        if !values.may_be(Part::First) && !values.may_be(Part::Second) {
            return;
        }
        let Some(key) = fact.full else {
            self.any.push(AnyAnswer {
                position: fact.position(),
                that: fact.that,
                first: values.get(Part::First),
                second: values.may_be(Part::Second),
            });
            return;
        };
        let mut answered = Vec::new();
        let mut next = Some(DutyName::first(key, 0, i64::MIN));
        while let Some(this) = next.and_then(|from| self.group_from(from)) {
            let first = and(values.get(Part::First), bench.pair.value(this, fact.that));
            let second = values.get(Part::Second);
            let is_sure = first == Some(true) || second == Some(true);
            if is_sure {
                let reason = if first == Some(true) {
                    Reason::Done
                } else {
                    Reason::Lifted
                };
                answered.extend(self.answered(key, this, fact).map(|name| (name, reason)));
            }
            if first != Some(false) || second != Some(false) {
                // Duties that arose after what a late event tells stay in doubt.
                let since = if is_sure {
                    fact.time.saturating_add(1)
                } else {
                    i64::MIN
                };
                self.doubt(key, this, since, fact.position());
            }
            next = this
                .checked_add(1)
                .map(|this| DutyName::first(key, this, i64::MIN));
        }
        for (name, reason) in answered {
            if let Some(duty) = self.remove(&name) {
                self.decide(name, &duty, fact, reason, bench, tally);
            }
        }
    }

    /// The tuple of the next duties of that key.
    fn group_from(&self, from: DutyName) -> Option<u32> {
        let (name, _) = self.open.range(from..).next()?;
        (name.key == from.key).then_some(name.this)
    }

    /// The duties that an event surely answers.
    fn answered<'a>(
        &'a self,
        key: u64,
        this: u32,
        fact: &'a Fact,
    ) -> impl Iterator<Item = DutyName> + 'a {
        let told = DutyName {
            leaf: u64::MAX,
            each: Some(u64::MAX),
            ..DutyName::first(key, this, fact.time)
        };
        self.open
            .range(DutyName::first(key, this, i64::MIN)..=told)
            .filter(|(_, duty)| fact.position() > duty.after)
            .map(|(name, _)| *name)
    }

    /// An event might answer the duties that arose at `since` or later.
    fn doubt(&mut self, key: u64, this: u32, since: i64, position: Position) {
        let last = DutyName {
            leaf: u64::MAX,
            each: Some(u64::MAX),
            ..DutyName::first(key, this, i64::MAX)
        };
        let of_group = DutyName::first(key, this, since)..=last;
        for (_, duty) in self.open.range_mut(of_group).rev() {
            if position <= duty.after {
                continue;
            }
            // Those that arose before a doubted one are doubted.
            if duty.maybe.is_some() {
                break;
            }
            duty.maybe = Some(position);
        }
    }

    /// What an answered duty has come to.
    fn decide(
        &self,
        name: DutyName,
        duty: &Duty,
        fact: &Fact,
        reason: Reason,
        bench: Bench<'_>,
        tally: &mut Tally,
    ) {
        let mut note = |reason, other, deadline| {
            tally_instance(tally, name, reason, other, Some(deadline));
        };
        let by = Some(fact.leaf);
        if self.kind == Kind::Lasts {
            return note(Reason::Ended, by, fact.eff);
        }
        let Some(holds) = self.holds.as_ref().filter(|_| fact.eff > duty.base) else {
            return note(reason, by, duty.base);
        };
        // It is in time only if the key was held.
        let deadline = duty.stopped.deadline(duty.deadline, fact.eff);
        let doubt = holds.doubt(&duty.stopped);
        if let Some((_, leaf)) = doubt.filter(|doubt| *doubt < fact.position()) {
            return note(Reason::MaybeHeld, Some(leaf), deadline);
        }
        let judged = (fact.eff.saturating_add(self.facts.hold), fact.leaf);
        let (begins_by, ends_from) = (fact.eff.saturating_sub(1), duty.stopped.gaps_to());
        if self.gap_unknown && bench.gaps.has(begins_by, ends_from, judged) {
            return note(Reason::Gap, None, deadline);
        }
        note(reason, by, deadline);
    }

    /// Adds what is still pending at `now`, and what waiting events have done.
    pub(crate) fn peek(&self, now: i64, pair: &Pair, tally: &mut Tally) {
        let mut waiting = self.facts.happened(now).peekable();
        if waiting.peek().is_none() {
            for (name, duty) in &self.open {
                self.note(tally, *name, Reason::Waiting, None, duty.base);
            }
            return;
        }
        let mut guess = self.clone();
        guess.facts.waiting.clear();
        for fact in waiting {
            guess.guess(fact, pair, tally);
        }
        for (name, duty) in &guess.open {
            guess.note(tally, *name, Reason::Waiting, None, duty.base);
        }
    }

    /// What an event does that has happened and waits for others before it.
    fn guess(&mut self, fact: &Fact, pair: &Pair, tally: &mut Tally) {
        let mut next = fact.full.map(|key| DutyName::first(key, 0, i64::MIN));
        while let Some((key, this)) = next.and_then(|from| Some((from.key, self.group_from(from)?)))
        {
            let first = and(fact.values.get(Part::First), pair.value(this, fact.that));
            let is_lifted = fact.values.is_true(Part::Second);
            if first == Some(true) || is_lifted {
                let answered: Vec<DutyName> = self.answered(key, this, fact).collect();
                for name in answered {
                    // After the base it depends on a hold that is not sure yet.
                    let in_time = |duty: &&Duty| fact.eff <= duty.base;
                    if self.open.get(&name).filter(in_time).is_none() {
                        continue;
                    }
                    let Some(duty) = self.open.remove(&name) else {
                        continue;
                    };
                    let (reason, deadline) = match self.kind {
                        Kind::Lasts => (Reason::Ended, fact.eff),
                        _ if first == Some(true) => (Reason::Done, duty.base),
                        _ => (Reason::Lifted, duty.base),
                    };
                    tally_instance(tally, name, reason, Some(fact.leaf), Some(deadline));
                }
            }
            next = this
                .checked_add(1)
                .map(|this| DutyName::first(key, this, i64::MIN));
        }
        if fact.trigger != Trigger::Yes {
            return;
        }
        let name = DutyName {
            leaf: fact.leaf,
            ..DutyName::first(fact.full.unwrap_or_default(), fact.this, fact.eff)
        };
        if self.already.is_some() || self.for_each.is_some() {
            self.note(tally, name, Reason::Waiting, None, fact.base);
        } else {
            let duty = Duty::new(fact.position(), fact.base, fact.eff);
            self.open.insert(name, duty);
        }
    }
}
