//! 3.5: `every` … `happens`.

use std::collections::BTreeMap;

use avow_event::Value;
use avow_monitor::{Instance, Pattern, Predicate, Reason, Register, eval_event};

use super::calendar::after;
use super::duty::Duty;
use super::instances::{Found, shown};
use super::keys::{Key, Kin, key, may, spelled};
use super::tree::{Position, Tree};

/// Where a key stands at a trigger.
enum Standing {
    /// On the register, by `O`.
    On(Position),
    Off,
    /// With `O`, if there is one.
    InDoubt(Option<Position>),
}

impl Tree<'_> {
    /// The periods that begin with the commitment.
    pub(super) fn beginnings(self) -> Vec<Instance> {
        let Pattern::Every { register, .. } = &self.commitment.pattern else {
            return Vec::new();
        };
        let keys: Vec<Key> = match register {
            Register::One => vec![Vec::new()],
            Register::Members(members) => {
                let of = |member: &String| vec![spelled(Value::Text(member))];
                members.iter().map(of).collect()
            }
            Register::Entries { when, .. } => return self.entered_before(when),
        };
        let from = self.from();
        let Some(n) = self.reaches(0, from) else {
            return Vec::new();
        };
        let begun = |(at, key): (u64, Key)| {
            let found = self.period(n, (from, -1), key, None)?;
            let each = Some(at);
            Some(shown(self.commitment.from, n, Found { each, ..found }))
        };
        (0..).zip(keys).filter_map(begun).collect()
    }

    /// The periods of the keys that are on the register when the commitment
    /// begins.
    fn entered_before(self, when: &Predicate) -> Vec<Instance> {
        let Pattern::Every { same, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.5");
        };
        let start = (self.from(), -1);
        let (Some(j), Some(end)) = (
            self.reaches(0, self.from() + self.delay()),
            self.period_end(self.from()),
        ) else {
            return Vec::new();
        };
        let tree = self.up_to(j);
        let mut entries = tree.before(start);
        entries.retain(|m| may(eval_event(when, tree.event(*m))));
        // The last entry of each key; and of all without one.
        let last: BTreeMap<Option<Key>, usize> = entries
            .into_iter()
            .map(|m| (key(same, tree.event(m)), m))
            .collect();
        let mut all = Vec::new();
        for (key, last) in last {
            let unknown = |reason| Some((last, Found::because(reason).due(end)));
            let found = match key {
                None => unknown(Reason::NoKey),
                Some(key) => match tree.standing(start, None, &key) {
                    Standing::Off => None,
                    Standing::InDoubt(None) => unknown(Reason::Undetermined),
                    Standing::InDoubt(Some((_, leaf))) => {
                        Some((leaf as usize, Found::because(Reason::Undetermined).due(end)))
                    }
                    Standing::On((since, leaf)) => {
                        let n = leaf as usize;
                        Some(n).zip(self.period(n, start, key, Some(since)))
                    }
                },
            };
            all.extend(found.map(|(n, found)| shown(self.commitment.from, n, found)));
        }
        all
    }

    /// The period from a position on; none if it would end at `to` or later.
    fn period(self, n: usize, at: Position, key: Key, since: Option<i64>) -> Option<Found> {
        let Pattern::Every {
            happens,
            register,
            same,
            ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.5");
        };
        let unless = match register {
            Register::Entries { until, .. } => until.as_ref(),
            _ => None,
        };
        let base = self.period_end(at.0)?;
        Some(self.judge_duty(&Duty {
            n,
            at,
            fields: same.clone(),
            key,
            then: happens,
            condition: None,
            unless,
            already: None,
            pause: None,
            base,
            on_register_since: since,
        }))
    }

    fn period_end(self, t: i64) -> Option<i64> {
        let Pattern::Every { every, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.5");
        };
        Some(after(t, *every)).filter(|end| *end < self.to())
    }

    pub(super) fn again(self, n: usize) -> Vec<Found> {
        let Pattern::Every {
            happens,
            register,
            same,
            ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.5");
        };
        let Some(end) = self.period_end(self.time(n)) else {
            return Vec::new();
        };
        let event = self.event(n);
        let entered = match register {
            Register::Entries { when, .. } => eval_event(when, event),
            _ => Some(false),
        };
        let by_entry = may(entered);
        let value = if by_entry {
            entered
        } else {
            eval_event(happens, event)
        };
        let key = key(same, event);
        let is_member = match (register, &key) {
            (Register::Members(members), Some(key)) => members
                .iter()
                .any(|member| vec![spelled(Value::Text(member))] == *key),
            _ => true,
        };
        if !may(value) || !is_member {
            return Vec::new();
        }
        if let Some(reason) = self.three_cases(n, value, same) {
            return vec![Found::because(reason).due(end)];
        }
        let (key, at) = (key.unwrap(), (self.time(n), n as i64));
        if by_entry || !matches!(register, Register::Entries { .. }) {
            return self.period(n, at, key, None).into_iter().collect();
        }
        let Some(j) = self.reaches(n, self.time(n) + self.delay()) else {
            return Vec::new();
        };
        match self.up_to(j).standing(at, Some(n), &key) {
            Standing::On((since, _)) => {
                let found = self.period(n, at, key, Some(since));
                found.into_iter().collect()
            }
            Standing::Off => Vec::new(),
            Standing::InDoubt(_) => vec![Found::because(Reason::Undetermined).due(end)],
        }
    }

    /// Whether a key is on the register at a position, the event there, if
    /// there is one, included.
    fn standing(self, at: Position, n: Option<usize>, of: &Key) -> Standing {
        let Pattern::Every {
            register: Register::Entries { when, until },
            same,
            ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.5 with a register");
        };
        let mut evidence = self.before(at);
        evidence.extend(n);
        let last = |predicate: Option<&Predicate>, sure: bool| {
            let found = evidence.iter().filter(|m| {
                let value = predicate.map_or(Some(false), |p| eval_event(p, self.event(**m)));
                match self.kin(same, of, **m) {
                    Kin::Same if sure => value == Some(true),
                    Kin::Same => value.is_none(),
                    Kin::Unknown => !sure && may(value),
                    Kin::Other => false,
                }
            });
            found.map(|m| self.position(*m)).max()
        };
        let (o, maybe_o) = (last(Some(when), true), last(Some(when), false));
        let (q, maybe_q) = (last(until.as_ref(), true), last(until.as_ref(), false));
        match o {
            Some(position) if o > q && maybe_q < o => Standing::On(position),
            _ if o <= q && maybe_o <= q => Standing::Off,
            _ => Standing::InDoubt(o),
        }
    }
}
