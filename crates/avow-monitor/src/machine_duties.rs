//! Duties: what has to be answered by its deadline, what has to happen again
//! and again, what has to last. `docs/spec/pledge.md`, "Semantics", sections
//! 3.4, 3.5 and 3.7.
//!
//! Everything is taken in the order of evidence: when a duty is judged, every
//! event that can bear on it was taken. For what lasts, an answer is a breach.
//! Duties of a fixed length without more are judged by `machine_within`,
//! faster. How long a hold lasts is in `machine_hold`, and what came before a
//! duty in `machine_past`.

use std::collections::{BTreeMap, BTreeSet};

use crate::machine::{Tally, instant};
use crate::machine_fact::{Fact, Facts, Part, Position, Trigger};
use crate::machine_gaps::GapIndex;
use crate::machine_hold::{Holds, Stopped};
use crate::machine_pair::{Pair, and};
use crate::machine_past::{Already, ForEachPast};
use crate::machine_register::{Register, Registered};
use crate::report::{Instance, Reason};

/// Names a duty. Those with one key, and one tuple for `where`, stand together,
/// in the order in which they arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DutyName {
    /// The values of `same`, and of `each`.
    pub(crate) key: u64,
    pub(crate) this: u32,
    pub(crate) time: i64,
    pub(crate) leaf: u64,
    pub(crate) each: Option<u64>,
}

impl DutyName {
    fn first(key: u64, this: u32, time: i64) -> Self {
        Self {
            key,
            this,
            time,
            leaf: 0,
            each: None,
        }
    }
}

/// A duty that has arisen and is not judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Duty {
    /// Evidence after this counts.
    pub(crate) after: Position,
    /// The last instant, before any hold.
    pub(crate) base: i64,
    /// The last instant as things stand; `None` while the key is held.
    pub(crate) deadline: Option<i64>,
    /// Which gaps may hide an answer: those that end then or later.
    pub(crate) gaps_to: i64,
    /// The first event of the key that might have answered it.
    pub(crate) maybe: Option<Position>,
    /// What might have left nothing to do.
    pub(crate) already: Option<Position>,
    pub(crate) stopped: Stopped,
}

/// What might answer a duty of any key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnyAnswer {
    pub(crate) position: Position,
    pub(crate) that: u32,
    pub(crate) first: Option<bool>,
    pub(crate) second: bool,
}

/// What the duties are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Within,
    Every,
    Lasts,
}

#[derive(Debug, Clone)]
pub(crate) struct Duties {
    pub(crate) kind: Kind,
    pub(crate) facts: Facts,
    gap_unknown: bool,
    pub(crate) open: BTreeMap<DutyName, Duty>,
    /// When each is judged: once the clock is `hold` beyond this.
    due: BTreeSet<(i64, DutyName)>,
    /// In order; none from before the oldest duty.
    pub(crate) any: Vec<AnyAnswer>,
    /// How many of those there may be before old ones go.
    sweep_at: usize,
    pub(crate) already: Option<Already>,
    pub(crate) for_each: Option<ForEachPast>,
    pub(crate) holds: Option<Holds>,
    /// Who is on the register.
    pub(crate) register: Option<Register>,
}

/// How many answers of no key are kept before the first look for old ones: a
/// look costs less than what led to it.
const SWEEP_MIN: usize = 1_024;

/// With what a machine judges.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) pair: &'a Pair,
    pub(crate) gaps: &'a GapIndex,
}

impl Duties {
    pub(crate) fn new(kind: Kind, hold: i64, gap_unknown: bool) -> Self {
        Self {
            kind,
            facts: Facts::new(hold),
            gap_unknown,
            open: BTreeMap::new(),
            due: BTreeSet::new(),
            any: Vec::new(),
            sweep_at: SWEEP_MIN,
            already: None,
            for_each: None,
            holds: None,
            register: None,
        }
    }

    /// A duty that begins with the commitment, at `from`, when the clock was
    /// first there at `leaf`.
    pub(crate) fn begin(&mut self, (from, leaf): Position, key: u64, number: u64, base: i64) {
        let name = DutyName {
            each: Some(number),
            leaf,
            ..DutyName::first(key, 0, from)
        };
        self.insert(name, Duty::new(before(from), base, from));
    }

    /// Does what can be done with the clock at `now`.
    pub(crate) fn run(&mut self, now: i64, bench: Bench<'_>, tally: &mut Tally) {
        while let Some(fact) = self.facts.pop(now) {
            self.open_register(fact.eff, tally);
            self.judge_before(fact.eff, bench, tally);
            self.take(&fact, bench, tally);
        }
        let taken = now.saturating_sub(self.facts.hold);
        self.open_register(taken, tally);
        self.judge_before(taken, bench, tally);
        self.sweep();
    }

    /// Begins a period for every key on the register, once the promise has
    /// begun and everything before it was taken.
    fn open_register(&mut self, time: i64, tally: &mut Tally) {
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

    fn take(&mut self, fact: &Fact, bench: Bench<'_>, tally: &mut Tally) {
        self.answer(fact, bench, tally);
        if let Some(register) = &mut self.register {
            register.learn(fact);
        }
        self.arise(fact, bench, tally);
        if let Some(already) = &mut self.already {
            already.learn(fact);
        }
        if let Some(for_each) = &mut self.for_each {
            for_each.learn(fact);
        }
        if let Some(holds) = &mut self.holds
            && let Some(change) = holds.learn(fact)
        {
            let of_key = of_key(fact.key.unwrap_or_default());
            for (name, duty) in self.open.range_mut(of_key) {
                let before = duty.deadline;
                change.apply(duty);
                if duty.deadline != before {
                    let last = |deadline| (judged_after(name.time, deadline), *name);
                    before.map(|before| self.due.remove(&last(before)));
                    duty.deadline.map(|now| self.due.insert(last(now)));
                }
            }
        }
    }

    /// What an event does for the duties that are open.
    fn answer(&mut self, fact: &Fact, bench: Bench<'_>, tally: &mut Tally) {
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

    fn arise(&mut self, fact: &Fact, bench: Bench<'_>, tally: &mut Tally) {
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

    /// Judges the duties whose last instant is before `time`, with everything
    /// before it taken.
    fn judge_before(&mut self, time: i64, bench: Bench<'_>, tally: &mut Tally) {
        while let Some((last, name)) = self.due.first().copied() {
            if last >= time {
                break;
            }
            self.due.pop_first();
            let Some(duty) = self.open.remove(&name) else {
                continue;
            };
            let deadline = duty.deadline.unwrap_or(last);
            let (reason, other) = self.judge(name, &duty, (deadline, last), bench);
            self.note(tally, name, reason, other, deadline);
        }
    }

    /// The table of section 3.4, or of 3.7.
    fn judge(
        &self,
        name: DutyName,
        duty: &Duty,
        (deadline, last): (i64, i64),
        bench: Bench<'_>,
    ) -> (Reason, Option<u64>) {
        let lasts = self.kind == Kind::Lasts;
        let in_window = |position: &Position| position.0 <= deadline;
        let maybe = duty.maybe.filter(in_window);
        let maybe = maybe.or_else(|| self.any_answer(name, duty, deadline, bench.pair));
        if let Some((_, leaf)) = maybe.or(duty.already) {
            let reason = if lasts {
                Reason::MaybeEnded
            } else {
                Reason::MaybeDone
            };
            return (reason, Some(leaf));
        }
        let doubt = self.holds.as_ref().and_then(|h| h.doubt(&duty.stopped));
        if let Some((_, leaf)) = doubt.filter(in_window) {
            return (Reason::MaybeHeld, Some(leaf));
        }
        let horizon = last.saturating_add(self.facts.hold).saturating_add(1);
        let judged = (horizon, name.leaf);
        if self.gap_unknown && bench.gaps.has(deadline, duty.gaps_to, judged) {
            return (Reason::Gap, None);
        }
        let reason = if lasts {
            Reason::Lasted
        } else {
            Reason::NotDone
        };
        (reason, None)
    }

    /// The first event of no key in the window that might answer the duty.
    fn any_answer(
        &self,
        name: DutyName,
        duty: &Duty,
        deadline: i64,
        pair: &Pair,
    ) -> Option<Position> {
        let after = self.any.partition_point(|any| any.position <= duty.after);
        let in_window = self.any.iter().skip(after);
        let mut in_window = in_window.take_while(|any| any.position.0 <= deadline);
        let might = |any: &&AnyAnswer| {
            any.second || and(any.first, pair.value(name.this, any.that)) != Some(false)
        };
        in_window.find(might).map(|any| any.position)
    }

    /// Takes the duties and answers of a saved state.
    pub(crate) fn take_saved(&mut self, open: Vec<(DutyName, Duty)>, any: Vec<AnyAnswer>) {
        self.open.clear();
        self.due.clear();
        for (name, duty) in open {
            self.insert(name, duty);
        }
        self.sweep_at = SWEEP_MIN.max(any.len().saturating_mul(2));
        self.any = any;
    }

    fn insert(&mut self, name: DutyName, duty: Duty) {
        if let Some(deadline) = duty.deadline {
            self.due.insert((judged_after(name.time, deadline), name));
        }
        self.open.insert(name, duty);
    }

    fn remove(&mut self, name: &DutyName) -> Option<Duty> {
        let duty = self.open.remove(name)?;
        if let Some(deadline) = duty.deadline {
            self.due.remove(&(judged_after(name.time, deadline), *name));
        }
        Some(duty)
    }

    /// Forgets answers of no key that came before every duty.
    fn sweep(&mut self) {
        if self.open.is_empty() {
            self.any.clear();
        } else if self.any.len() >= self.sweep_at {
            let oldest = self.open.values().map(|duty| duty.after).min();
            self.any.retain(|any| Some(any.position) > oldest);
            self.sweep_at = SWEEP_MIN.max(self.any.len().saturating_mul(2));
        }
    }

    fn note(
        &self,
        tally: &mut Tally,
        name: DutyName,
        reason: Reason,
        other: Option<u64>,
        deadline: i64,
    ) {
        // What has to last may end a moment after the last instant of its window.
        let deadline = match self.kind {
            Kind::Lasts => deadline.saturating_add(1),
            Kind::Within | Kind::Every => deadline,
        };
        tally_instance(tally, name, reason, other, Some(deadline));
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

impl Duty {
    fn new(after: Position, base: i64, time: i64) -> Self {
        Self {
            after,
            base,
            deadline: Some(base),
            gaps_to: time,
            maybe: None,
            already: None,
            stopped: Stopped::default(),
        }
    }
}

/// The place before every event that counts at `time`.
pub(crate) fn before(time: i64) -> Position {
    (time.saturating_sub(1), u64::MAX)
}

/// A duty is judged once the clock has passed its deadline and, if that is
/// earlier, reached the trigger, and the delay after it.
fn judged_after(time: i64, deadline: i64) -> i64 {
    deadline.max(time.saturating_sub(1))
}

/// The duties of a key, whatever their tuples.
fn of_key(key: u64) -> std::ops::RangeInclusive<DutyName> {
    let last = DutyName {
        leaf: u64::MAX,
        each: Some(u64::MAX),
        ..DutyName::first(key, u32::MAX, i64::MAX)
    };
    DutyName::first(key, 0, i64::MIN)..=last
}

fn tally_instance(
    tally: &mut Tally,
    name: DutyName,
    reason: Reason,
    other: Option<u64>,
    deadline: Option<i64>,
) {
    tally.count(Instance {
        time: instant(name.time),
        leaf: name.leaf,
        each: name.each,
        reason,
        other,
        deadline: deadline.map(instant),
    });
}
