//! One commitment with a rule of the general machines, over batches: from the
//! truth of its predicates to the events that its machine has to see, and the
//! instances that an event makes by itself. `docs/spec/pledge.md`,
//! "Semantics", section 3.

use std::collections::BTreeMap;

use avow_event::Field;

use crate::columns::{Columns, Dictionary, bit};
use crate::machine::{Tally, instant};
use crate::machine_at_most::AtMost;
use crate::machine_duties::{Bench, Duties, Kind};
use crate::machine_fact::{Fact, Part, Position, Trigger, Values};
use crate::machine_gaps::GapIndex;
use crate::machine_key::{CodeMap, Keys};
use crate::machine_pair::Pair;
use crate::machine_permits::Permits;
use crate::monitor_condition::Condition;
use crate::monitor_frame::Frame;
use crate::monitor_general_rule::{Due, Plan};
use crate::monitor_rule::rows_of;
use crate::report::{Instance, Reason};

#[derive(Debug, Clone)]
pub(crate) enum GeneralMachine {
    Permits(Permits),
    Duties(Box<Duties>),
    AtMost(AtMost),
}

/// A rule at work.
#[derive(Debug, Clone)]
pub(crate) struct General {
    /// The condition of each [`Part`], as far as the rule has it.
    conditions: [Option<Condition>; Part::ALL.len()],
    pub(crate) keys: Keys,
    /// With the fields of `each`, if there are any.
    pub(crate) full_keys: Option<Keys>,
    pub(crate) pair: Pair,
    from: i64,
    to: Option<i64>,
    due: Due,
    /// The numbers of the members of a register that does not change, by key.
    members: Option<CodeMap<u64>>,
    /// Whether a recurring duty with them has not begun.
    pub(crate) begins: bool,
    /// What may be a late end, and whether only if it is from before `to`.
    ends: Vec<(Part, bool)>,
    /// Instances that need no evidence, dated ahead of the clock.
    pub(crate) ahead: BTreeMap<Position, Instance>,
    pub(crate) machine: GeneralMachine,
}

/// A batch, and where the clock stands after it.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) columns: &'a Columns,
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) frame: &'a Frame,
    pub(crate) scope_words: &'a [u64],
    pub(crate) now: i64,
}

impl General {
    pub(crate) fn new(plan: Plan<'_>, dictionary: &mut Dictionary) -> Self {
        let conditions = plan
            .conditions
            .map(|predicate| predicate.map(|predicate| Condition::new(predicate, dictionary)));
        let mut keys = Keys::new(plan.same);
        let members = plan.members.map(|members| {
            let codes = members.iter().map(|text| dictionary.intern(text));
            let keys = codes.filter_map(|code| keys.of_codes(&[code]));
            keys.zip(0..).collect()
        });
        Self {
            conditions,
            full_keys: (!plan.each.is_empty()).then(|| Keys::new(&[plan.same, plan.each].concat())),
            keys,
            pair: Pair::new(plan.condition, dictionary),
            from: plan.from,
            to: plan.to,
            due: plan.due,
            begins: plan.begins,
            members,
            ends: plan.ends,
            ahead: BTreeMap::new(),
            machine: plan.machine,
        }
    }

    /// Takes a batch; what can be judged is left to [`General::judge`].
    pub(crate) fn take(&mut self, batch: Batch<'_>, tally: &mut Tally) {
        self.begin(batch);
        for condition in self.conditions.iter_mut().flatten() {
            condition.eval(batch.columns, batch.dictionary);
        }
        self.pair.eval(batch.columns, batch.dictionary);
        for (at, scope) in batch.scope_words.iter().enumerate() {
            let conditions = self.conditions.iter().flatten();
            let words = conditions.map(|condition| condition.word(at));
            let picked = words.fold(0, |all, (is_true, is_null)| all | is_true | is_null);
            for row in rows_of(picked & scope, at) {
                self.take_row(batch, row, tally);
            }
        }
        while let Some(first) = self.ahead.first_entry() {
            if first.key().0 > batch.now {
                break;
            }
            tally.count(first.remove());
        }
    }

    /// Judges what can be judged with the clock at `now`.
    pub(crate) fn judge(&mut self, now: i64, gaps: &GapIndex, tally: &mut Tally) {
        let pair = &self.pair;
        match &mut self.machine {
            GeneralMachine::Permits(machine) => machine.run(now, pair, gaps, tally),
            GeneralMachine::Duties(machine) => machine.run(now, Bench { pair, gaps }, tally),
            GeneralMachine::AtMost(machine) => machine.run(now, gaps, tally),
        }
    }

    /// Adds what has happened by `now` and is still open.
    pub(crate) fn peek(&self, now: i64, tally: &mut Tally) {
        match &self.machine {
            GeneralMachine::Permits(machine) => machine.peek(now, tally),
            GeneralMachine::Duties(machine) => machine.peek(now, &self.pair, tally),
            GeneralMachine::AtMost(machine) => machine.peek(now, tally),
        }
    }

    /// Begins the duties that begin with the promise, at the first leaf with
    /// the clock there.
    fn begin(&mut self, batch: Batch<'_>) {
        if !self.begins || batch.now < self.from {
            return;
        }
        self.begins = false;
        let (times, _) = batch.columns.integers(Field::Time);
        let (logged, no_logged) = batch.columns.integers(Field::Logged);
        let claims = times
            .iter()
            .zip(logged)
            .enumerate()
            .map(|(row, (time, logged))| {
                if bit(no_logged, row) {
                    *time
                } else {
                    *time.min(logged)
                }
            });
        // The clock was not there before, and is now.
        let leaf = batch.columns.leaf().iter().zip(claims);
        let mut leaf = leaf.filter(|(_, claim)| *claim >= self.from);
        let Some((leaf, _)) = leaf.next() else {
            return;
        };
        let Some(base) = self
            .base(batch.columns, 0, self.from)
            .filter(|base| self.is_in_force(*base))
        else {
            return;
        };
        let GeneralMachine::Duties(duties) = &mut self.machine else {
            return;
        };
        match &self.members {
            None => duties.begin((self.from, *leaf), 0, 0, base),
            Some(members) => {
                for (key, number) in members {
                    duties.begin((self.from, *leaf), *key, *number, base);
                }
            }
        }
    }

    /// Whether a period that ends then is one: the promise may end before.
    fn is_in_force(&self, base: i64) -> bool {
        !self.is_every() || self.to.is_none_or(|to| base < to)
    }

    fn is_every(&self) -> bool {
        matches!(&self.machine, GeneralMachine::Duties(d) if d.kind == Kind::Every)
    }

    /// The last instant of the duty of a trigger, if it has one.
    fn base(&self, columns: &Columns, row: usize, time: i64) -> Option<i64> {
        match self.due {
            Due::None => None,
            Due::After(duration) => Some(duration.after(instant(time)).get()),
            Due::Before(duration) => Some(duration.after(instant(time)).get().saturating_sub(1)),
            Due::At(field) => {
                let (values, is_null) = columns.integers(field);
                values.get(row).copied().filter(|_| !bit(is_null, row))
            }
        }
    }

    fn take_row(&mut self, batch: Batch<'_>, row: usize, tally: &mut Tally) {
        let (columns, frame) = (batch.columns, batch.frame);
        let mut values = Values::default();
        for (part, condition) in Part::ALL.into_iter().zip(&self.conditions) {
            let value = condition.as_ref().map_or(Some(false), |c| c.get(row));
            values.set(part, value);
        }
        let key = self.keys.get(columns, row);
        let full = match &mut self.full_keys {
            Some(keys) => keys.get(columns, row),
            None => key,
        };
        let (times, _) = columns.integers(Field::Time);
        let time = times.get(row).copied().unwrap_or(0);
        let leaf = columns.leaf().get(row).copied().unwrap_or(0);
        let late = bit(&frame.late, row);
        let (this, that) = self.pair.tuples(columns, batch.dictionary, row);
        let base = self.base(columns, row, time);
        let mut fact = Fact {
            eff: frame.eff.get(row).copied().unwrap_or(time),
            leaf,
            time,
            late,
            key,
            full,
            this,
            that,
            values,
            trigger: Trigger::No,
            base: base.unwrap_or(time),
        };
        match self.trigger(&fact, base) {
            Ok(trigger) => {
                fact.trigger = trigger;
                if trigger == Trigger::No && self.is_late_end(&fact) {
                    tally.note(Reason::LateEnd, (time, leaf), None, None);
                }
            }
            Err(reason) => {
                let instance = Instance {
                    time: instant(time),
                    leaf,
                    each: None,
                    reason,
                    other: None,
                    deadline: base.map(|base| instant(base.saturating_add(self.due.shown_after()))),
                };
                if late || !bit(&frame.ahead, row) {
                    tally.count(instance);
                } else {
                    self.ahead.insert((time, leaf), instance);
                }
            }
        }
        match &mut self.machine {
            GeneralMachine::Permits(machine) => machine.facts.push(fact),
            GeneralMachine::Duties(machine) => machine.facts.push(fact),
            GeneralMachine::AtMost(machine) => machine.facts.push(fact),
        }
    }

    /// Whether the event is a trigger; or the reason why its instance is
    /// unknown, whatever the evidence.
    fn trigger(&self, fact: &Fact, base: Option<i64>) -> Result<Trigger, Reason> {
        let in_period = fact.time >= self.from && self.to.is_none_or(|to| fact.time < to);
        if !in_period || !base.is_none_or(|base| self.is_in_force(base)) {
            return Ok(Trigger::No);
        }
        let when = fact.values.get(Part::When);
        let recurs = self.is_every() && when == Some(false);
        let (starts, trigger) = if recurs {
            let on_log = matches!(&self.machine, GeneralMachine::Duties(d) if d.register.is_some());
            let trigger = if on_log {
                Trigger::IfRegistered
            } else {
                Trigger::Yes
            };
            (fact.values.get(Part::First), trigger)
        } else {
            (when, Trigger::Yes)
        };
        let is_stranger = |key: u64| self.members.as_ref().is_some_and(|m| !m.contains_key(&key));
        if starts == Some(false) || fact.key.is_some_and(is_stranger) {
            return Ok(Trigger::No);
        }
        if fact.late {
            Err(Reason::Late)
        } else if starts.is_none() {
            Err(Reason::Undetermined)
        } else if fact.key.is_none() {
            Err(Reason::NoKey)
        } else if base.is_none() && matches!(self.due, Due::At(_)) {
            Err(Reason::NoDeadline)
        } else {
            Ok(trigger)
        }
    }

    fn is_late_end(&self, fact: &Fact) -> bool {
        fact.late
            && fact.eff >= self.from
            && self.ends.iter().any(|(part, bounded)| {
                let in_force = !bounded || self.to.is_none_or(|to| fact.time < to);
                in_force && fact.values.may_be(*part)
            })
    }
}
