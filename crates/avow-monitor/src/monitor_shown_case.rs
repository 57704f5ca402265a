//! One instance, the few leaves that it names, and what can be asked of them.
//! `docs/spec/verdict.md`, "Checking". Which reason needs what is left to the
//! rules.

use avow_event::{Event, Field, FieldKind, Micros, Place, Value};

use crate::monitor_shown::{Mismatch, Shown, is_of_register};
use crate::predicate_pair::eval_pair;
use crate::{Commitment, Instance, PairCondition, Pledge, Predicate, Reason, eval_event};

/// Whose duty or permission it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key<'a> {
    /// That of the trigger.
    OfTrigger,
    /// That of a member of a register that does not change.
    Member(&'a str),
    /// There is only one.
    None,
}

/// How the key of another event stands to that of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Same,
    Unknown,
    Other,
}

/// A predicate, and a condition on both events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Test<'a> {
    pub(crate) predicate: &'a Predicate,
    pub(crate) condition: Option<&'a PairCondition>,
}

impl<'a> Test<'a> {
    pub(crate) fn of(predicate: &'a Predicate) -> Self {
        Self {
            predicate,
            condition: None,
        }
    }
}

pub(crate) struct Case<'a> {
    pub(crate) pledge: &'a Pledge,
    pub(crate) commitment: &'a Commitment,
    pub(crate) as_of: Micros,
    pub(crate) instance: &'a Instance,
    pub(crate) trigger: &'a Event,
    pub(crate) other: Option<&'a Event>,
    /// For which of several things the duty is.
    pub(crate) each: Option<&'a Event>,
    /// The greatest delay of a source in scope.
    pub(crate) hold: i64,
    pub(crate) key: Key<'a>,
}

type Checked<T = ()> = Result<T, Mismatch>;

impl Case<'_> {
    /// The trigger's time is the leaf's, and in the promise.
    pub(crate) fn check_times(&self) -> Checked {
        let (from, time) = (self.commitment.from, self.instance.time);
        let own = self.trigger.time;
        let is_time = match self.key {
            Key::OfTrigger => time == own || is_of_register(self),
            // The leaf takes the clock to the beginning.
            Key::Member(_) | Key::None => {
                time == from && own.min(self.trigger.logged.unwrap_or(own)) >= from
            }
        };
        if !is_time {
            return Err(Mismatch::Time);
        }
        // What ended before the promise may have arrived under it.
        let since = match self.instance.reason {
            Reason::LateEnd => self.as_of,
            _ => time,
        };
        if since < from {
            return Err(Mismatch::BeforePledge);
        }
        let is_bounded = self.instance.reason != Reason::LateEnd;
        if is_bounded && self.commitment.to.is_some_and(|to| time >= to) {
            return Err(Mismatch::AfterPledge);
        }
        let named = [self.other, self.each].into_iter().flatten();
        let mut times = named.map(|event| event.time).chain([time]);
        if times.any(|time| time > self.as_of) {
            return Err(Mismatch::AfterTree);
        }
        Ok(())
    }

    pub(crate) fn plain(
        &self,
        when: Option<&Predicate>,
        condition: &Predicate,
        promised: bool,
    ) -> Checked<Shown> {
        let when = when.map_or(Some(true), |when| eval_event(when, self.trigger));
        let as_promised = eval_event(condition, self.trigger).map(|value| value == promised);
        let found = match (when, as_promised) {
            (Some(false), _) | (None, Some(true)) => return Err(Mismatch::Trigger),
            (Some(true), Some(true)) => Reason::Holds,
            (Some(true), Some(false)) => Reason::Fails,
            (Some(true) | None, _) => Reason::Undetermined,
        };
        match self.instance.reason {
            Reason::Holds | Reason::Fails | Reason::Undetermined => {}
            other => return Err(Mismatch::ReasonOfOtherPattern(other)),
        }
        if found != self.instance.reason {
            return Err(Mismatch::Trigger);
        }
        self.no_other()?;
        self.deadline_is(None)?;
        Ok(Shown::default())
    }

    /// The reasons that lie in the trigger itself, by the value of what makes
    /// it one. For the others, that it is one and its key is known.
    pub(crate) fn trigger_alone(&self, starts: Option<bool>) -> Checked<Option<Shown>> {
        let same = self.commitment.pattern.same();
        let has_key = values(same, self.trigger).is_some();
        let (fits, is_alone) = match self.instance.reason {
            Reason::Late => (starts != Some(false), true),
            Reason::Undetermined => (starts.is_none(), true),
            Reason::NoKey => (starts == Some(true) && !has_key, true),
            Reason::NoDeadline => (starts == Some(true) && has_key, true),
            _ => (starts == Some(true) && has_key, false),
        };
        if !fits {
            return Err(Mismatch::Trigger);
        }
        if is_alone {
            self.no_other()?;
            self.no_each()?;
        }
        if self.instance.reason == Reason::Late {
            self.is_late(self.trigger)?;
        }
        Ok(is_alone.then_some(Shown {
            rests_on_clock: true,
            rests_on_absence: false,
        }))
    }

    /// The leaf ends something, or may, and arrived late; by itself it is no
    /// instance.
    pub(crate) fn late_end(
        &self,
        ends: &[(Option<&Predicate>, bool)],
        is_trigger: bool,
    ) -> Checked<Shown> {
        let to = self.commitment.to;
        let may_end = ends.iter().any(|(predicate, bounded)| {
            let in_force = !bounded || to.is_none_or(|to| self.trigger.time < to);
            in_force && predicate.is_some_and(|p| eval_event(p, self.trigger) != Some(false))
        });
        let in_period =
            self.trigger.time >= self.commitment.from && to.is_none_or(|to| self.trigger.time < to);
        if !may_end || (in_period && is_trigger) {
            return Err(Mismatch::Trigger);
        }
        self.no_other()?;
        self.no_each()?;
        self.deadline_is(None)?;
        self.is_late(self.trigger)?;
        Ok(Shown {
            rests_on_clock: true,
            rests_on_absence: false,
        })
    }

    pub(crate) fn deadline_is(&self, deadline: Option<Micros>) -> Checked {
        ensure(self.instance.deadline == deadline, Mismatch::Deadline)
    }

    /// The instance waits exactly as long as the tree's clock makes it.
    pub(crate) fn is_judged(&self, is_judged: bool) -> Checked {
        let waits = self.instance.reason == Reason::Waiting;
        ensure(is_judged != waits, Mismatch::Clock)
    }

    /// The clock has reached the time, and the greatest delay after it.
    pub(crate) fn is_past(&self, time: Micros) -> bool {
        self.as_of.get() >= time.get().saturating_add(self.hold)
    }

    /// The leaf may have arrived later than its source's delay: the clock at it
    /// is not past that of the tree.
    pub(crate) fn is_late(&self, event: &Event) -> Checked {
        let age = self.as_of.get().saturating_sub(event.time.get());
        ensure(age > self.delay(event), Mismatch::Clock)
    }

    /// The delay of an event's source.
    pub(crate) fn delay(&self, event: &Event) -> i64 {
        let mut declared = self.pledge.sources.iter();
        let declared = declared.find(|declared| declared.name.matches(&event.source));
        declared.map_or(0, |declared| declared.delay)
    }

    pub(crate) fn no_other(&self) -> Checked {
        ensure(self.other.is_none(), Mismatch::OtherLeaf)
    }

    pub(crate) fn no_each(&self) -> Checked {
        ensure(self.instance.each.is_none(), Mismatch::Each)
    }

    pub(crate) fn other(&self) -> Checked<(&Event, u64)> {
        self.other
            .zip(self.instance.other)
            .ok_or(Mismatch::OtherLeaf)
    }

    /// How the key of an event stands to that of the instance; with `each` of
    /// the thing that the duty is for.
    pub(crate) fn fit(&self, event: &Event, each: &[Field]) -> Fit {
        let same = self.commitment.pattern.same();
        let Some(found) = values(same, event).zip(values(each, event)) else {
            return Fit::Unknown;
        };
        let own = match self.key {
            Key::OfTrigger => values(same, self.trigger),
            Key::Member(member) => Some(vec![Value::Text(member)]),
            Key::None => Some(Vec::new()),
        };
        let thing = match self.each {
            Some(event) => values(each, event),
            None => Some(Vec::new()).filter(|_| each.is_empty()),
        };
        if Some(found.0) == own && Some(found.1) == thing {
            Fit::Same
        } else {
            Fit::Other
        }
    }

    /// The value of a test for another event.
    pub(crate) fn value(&self, test: Test<'_>, event: &Event) -> Option<bool> {
        let value = eval_event(test.predicate, event);
        let pair = test.condition.map_or(Some(true), |condition| {
            eval_pair(condition, self.trigger, event)
        });
        match (value, pair) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }

    /// The other leaf surely meets the test, with the same key.
    pub(crate) fn other_is(&self, test: Option<Test<'_>>, each: &[Field]) -> Checked {
        let (other, _) = self.other()?;
        let value = test.map_or(Some(false), |test| self.value(test, other));
        ensure(value == Some(true), Mismatch::Other)?;
        ensure(self.fit(other, each) == Fit::Same, Mismatch::Key)
    }

    /// The other leaf might meet one of the tests, or do so with the same key.
    pub(crate) fn other_may_be(&self, tests: &[Option<Test<'_>>], each: &[Field]) -> Checked {
        let (other, _) = self.other()?;
        let fit = self.fit(other, each);
        let may_be = tests.iter().flatten().any(|test| {
            let value = self.value(*test, other);
            value.is_none() || (value == Some(true) && fit == Fit::Unknown)
        });
        ensure(may_be, Mismatch::Other)?;
        ensure(fit != Fit::Other, Mismatch::Key)
    }

    /// An event counts at its own time or, if it was late, after it. So one
    /// that counts before the trigger has an earlier time.
    pub(crate) fn other_before(&self) -> Checked {
        let (other, leaf) = self.other()?;
        let is_before = (other.time, leaf) < (self.instance.time, self.instance.leaf);
        ensure(is_before, Mismatch::Order)
    }

    /// What answers a duty happened after it arose by its own word.
    pub(crate) fn other_not_early(&self) -> Checked {
        let (other, _) = self.other()?;
        ensure(other.time >= self.instance.time, Mismatch::Order)
    }

    /// One that counts by an instant has no later time, and is not the trigger.
    /// Whether it counts after the trigger only the clock tells if its own time
    /// is earlier.
    pub(crate) fn other_by(&self, last: Micros) -> Checked {
        let (other, leaf) = self.other()?;
        // The leaf of a beginning is not its trigger.
        let is_trigger = leaf == self.instance.leaf && matches!(self.key, Key::OfTrigger);
        let in_time = other.time <= last;
        ensure(in_time && !is_trigger, Mismatch::Order)
    }
}

pub(crate) fn ensure(holds: bool, mismatch: Mismatch) -> Checked {
    if holds { Ok(()) } else { Err(mismatch) }
}

/// The values of the fields, unless one is unknown.
pub(crate) fn values<'a>(fields: &[Field], event: &'a Event) -> Option<Vec<Value<'a>>> {
    fields
        .iter()
        .map(|field| {
            let unknown = Value::Text(Place::UNKNOWN.as_str());
            let is_place = field.kind() == FieldKind::Place;
            event.get(*field).filter(|v| !(is_place && *v == unknown))
        })
        .collect()
}
