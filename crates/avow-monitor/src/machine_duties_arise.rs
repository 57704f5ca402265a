//! How duties arise: from a trigger, for each of several things, for whoever is
//! on a register. `docs/spec/pledge.md`, "Semantics", sections 3.4, 3.5 and
//! 3.7.

use crate::machine::Tally;
use crate::machine_duties::{Bench, Duties, Duty, DutyName, before};
use crate::machine_fact::{Fact, Trigger};
use crate::machine_register::Registered;
use crate::report::Reason;

impl Duties {
    /// Begins a period for every key on the register, once the promise has
    /// begun and everything before it was taken.
    pub(crate) fn open_register(&mut self, time: i64, tally: &mut Tally) {
        let Some(opening) = self.register.as_mut().and_then(|r| r.open(time)) else {
            return;
        };
        let (from, base) = (opening.from, opening.base);
        for (key, leaf, registered) in opening.keys {
            let name = DutyName {
                leaf,
                ..DutyName::first(key, 0, from)
            };
            match registered {
                Registered::No => {}
                Registered::Maybe => {
                    self.note(tally, name, Reason::Undetermined, None, base);
                }
                Registered::Since(opened) => {
                    let mut duty = Duty::new(before(from), base, from);
                    duty.gaps_to = duty.gaps_to.min(opened.saturating_add(1));
                    self.insert(name, duty);
                }
            }
        }
        if let Some(leaf) = opening.no_key {
            let name = DutyName {
                leaf,
                ..DutyName::first(0, 0, from)
            };
            self.note(tally, name, Reason::NoKey, None, base);
        }
    }

    pub(crate) fn arise(&mut self, fact: &Fact, bench: Bench<'_>, tally: &mut Tally) {
        if fact.trigger == Trigger::No {
            return;
        }
        let (key, full) = (fact.key.unwrap_or_default(), fact.full.unwrap_or_default());
        let name = DutyName {
            leaf: fact.leaf,
            ..DutyName::first(full, fact.this, fact.eff)
        };
        let mut duty = Duty::new(fact.position(), fact.base, fact.eff);
        if fact.trigger == Trigger::IfRegistered {
            let registered = self.register.as_ref();
            match registered.map_or(Registered::No, |r| r.look(key, fact.eff)) {
                Registered::No => return,
                Registered::Since(opened) => {
                    duty.gaps_to = duty.gaps_to.min(opened.saturating_add(1));
                }
                Registered::Maybe => {
                    return self.note(tally, name, Reason::Undetermined, None, duty.base);
                }
            }
        }
        if let Some(already) = &self.already {
            let (sure, maybe) = already.before(key);
            if let Some((_, leaf)) = sure {
                return self.note(tally, name, Reason::Already, Some(leaf), duty.base);
            }
            duty.already = maybe;
            duty.gaps_to = i64::MIN;
        }
        if let Some(holds) = &self.holds {
            duty.stopped = holds.begin(key, duty.base, fact.eff);
            duty.gaps_to = duty.gaps_to.min(duty.stopped.gaps_to());
            if duty.stopped.is_held() {
                duty.deadline = None;
            }
        }
        if self.for_each.is_some() {
            self.arise_for_each(fact, key, duty, bench, tally);
        } else {
            self.insert(name, duty);
        }
    }

    /// One duty for each different thing, and one more instance if there may
    /// be one more thing.
    fn arise_for_each(
        &mut self,
        fact: &Fact,
        key: u64,
        duty: Duty,
        bench: Bench<'_>,
        tally: &mut Tally,
    ) {
        let Some(past) = &self.for_each else {
            return;
        };
        let trigger = DutyName {
            leaf: fact.leaf,
            ..DutyName::first(key, fact.this, fact.eff)
        };
        let judged = (fact.eff.saturating_add(self.facts.hold), fact.leaf);
        let begins_by = fact.eff.saturating_sub(1);
        if let Some((_, leaf)) = past.maybe(key) {
            self.note(tally, trigger, Reason::MaybeEach, Some(leaf), duty.base);
        } else if self.gap_unknown && bench.gaps.has(begins_by, i64::MIN, judged) {
            self.note(tally, trigger, Reason::Gap, None, duty.base);
        }
        for (full, leaf) in past.things(key) {
            let name = DutyName {
                key: full,
                each: Some(leaf),
                ..trigger
            };
            self.insert(name, duty);
        }
    }
}
