//! Duties: what has to be answered by its deadline, what has to happen again
//! and again, what has to last. `docs/spec/pledge.md`, "Semantics", sections
//! 3.4, 3.5 and 3.7.
//!
//! Everything is taken in the order of evidence: when a duty is judged, every
//! event that can bear on it was taken. For what lasts, an answer is a breach.
//! Duties of a fixed length without more are judged by `machine_within`,
//! faster. How a duty arises is in `machine_duties_arise`, and what an event
//! does for it in `machine_duties_answer`; how long a hold lasts in
//! `machine_hold`, and what came before a duty in `machine_past`.

use std::collections::{BTreeMap, BTreeSet};

use crate::machine::{Tally, instant};
use crate::machine_fact::{Fact, Facts, Position};
use crate::machine_gaps::GapIndex;
use crate::machine_hold::{Holds, Stopped};
use crate::machine_pair::{Pair, and};
use crate::machine_past::{Already, ForEachPast};
use crate::machine_register::Register;
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
    pub(crate) fn first(key: u64, this: u32, time: i64) -> Self {
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
    pub(crate) gap_unknown: bool,
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

    pub(crate) fn insert(&mut self, name: DutyName, duty: Duty) {
        if let Some(deadline) = duty.deadline {
            self.due.insert((judged_after(name.time, deadline), name));
        }
        self.open.insert(name, duty);
    }

    pub(crate) fn remove(&mut self, name: &DutyName) -> Option<Duty> {
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

    pub(crate) fn note(
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
}

impl Duty {
    pub(crate) fn new(after: Position, base: i64, time: i64) -> Self {
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

pub(crate) fn tally_instance(
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
