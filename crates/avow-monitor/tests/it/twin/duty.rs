//! 3.4 for one duty of one key, which 3.5 shares: when it is judged, and what
//! it comes to.

use avow_event::Field;
use avow_monitor::{PairCondition, Pause, Predicate, Reason, Silence, eval_event};

use super::instances::Found;
use super::keys::{Key, Kin, may};
use super::pair::both;
use super::tree::{Position, Tree};

#[derive(Clone)]
pub(super) struct Duty<'a> {
    /// The leaf from which on it can be judged.
    pub(super) n: usize,
    /// (t, n); (from, -1) for a beginning.
    pub(super) at: Position,
    /// `same` and, if there is one duty for each, `each`.
    pub(super) fields: Vec<Field>,
    pub(super) key: Key,
    pub(super) then: &'a Predicate,
    pub(super) condition: Option<&'a PairCondition>,
    pub(super) unless: Option<&'a Predicate>,
    pub(super) already: Option<&'a Predicate>,
    pub(super) pause: Option<&'a Pause>,
    /// The deadline but for pauses.
    pub(super) base: i64,
    /// For a period that `happens` began: the time of `O`.
    pub(super) on_register_since: Option<i64>,
}

impl Tree<'_> {
    pub(super) fn judge_duty(self, duty: &Duty<'_>) -> Found {
        let waiting = Found::because(Reason::Waiting).due(duty.base);
        if duty.already.is_some() {
            let Some(j) = self.reaches(duty.n, duty.at.0 + self.delay()) else {
                return waiting;
            };
            if let Some(a) = self.up_to(j).already(duty, true) {
                return Found::naming(Reason::Already, a).due(duty.base);
            }
        }
        let window = self.window(duty);
        let mut answers = window.into_iter().filter_map(|m| {
            let reason = self.answer(duty, m)?;
            Some(Found::naming(reason, m))
        });
        if let Some(answer) = answers.next() {
            let m = answer.other.unwrap();
            let eff = self.eff(m);
            if eff <= duty.base {
                return answer.due(duty.base);
            }
            return match self.reaches(m, eff + self.delay()) {
                Some(j) => self.up_to(j).judge_hold(duty, answer),
                None => waiting,
            };
        }
        let judged = |j: &usize| {
            let (tree, clock) = (self.up_to(*j), self.leaves[*j].clock);
            let passed = |deadline: i64| clock > deadline + self.delay();
            clock >= duty.at.0 + self.delay() && tree.deadline(duty).is_some_and(passed)
        };
        match (duty.n..self.leaves.len()).find(judged) {
            Some(j) => self.up_to(j).judge_unanswered(duty),
            None => waiting,
        }
    }

    /// The evidence in the window, in its order.
    fn window(self, duty: &Duty<'_>) -> Vec<usize> {
        let deadline = self.deadline(duty).unwrap_or(i64::MAX);
        let mut window = self.behind(duty.at);
        window.retain(|m| self.eff(*m) <= deadline);
        window
    }

    fn then(self, duty: &Duty<'_>, m: usize) -> Option<bool> {
        let then = eval_event(duty.then, self.event(m));
        let trigger = usize::try_from(duty.at.1).ok();
        both(then, self.condition(duty.condition, trigger, m))
    }

    fn unless(self, duty: &Duty<'_>, m: usize) -> Option<bool> {
        let value = |unless| eval_event(unless, self.event(m));
        duty.unless.map_or(Some(false), value)
    }

    /// Done or lifted.
    fn answer(self, duty: &Duty<'_>, m: usize) -> Option<Reason> {
        let is_kin = self.kin(&duty.fields, &duty.key, m) == Kin::Same;
        if !is_kin || self.time(m) < duty.at.0 {
            None
        } else if self.then(duty, m) == Some(true) {
            Some(Reason::Done)
        } else if self.unless(duty, m) == Some(true) {
            Some(Reason::Lifted)
        } else {
            None
        }
    }

    /// The table, on the leaves up to `j`.
    fn judge_unanswered(self, duty: &Duty<'_>) -> Found {
        let deadline = self.deadline(duty).unwrap();
        let is_maybe = |m: &usize| may(self.then(duty, *m)) || may(self.unless(duty, *m));
        let mut maybe = self.window(duty);
        maybe.retain(|m| is_maybe(m) && self.kin(&duty.fields, &duty.key, *m) != Kin::Other);
        let with_key = maybe
            .iter()
            .find(|m| self.kin(&duty.fields, &duty.key, **m) == Kin::Same);
        let named = with_key.or(maybe.first()).copied();
        let found = if let Some(m) = named.or_else(|| self.already(duty, false)) {
            Found::naming(Reason::MaybeDone, m)
        } else if let Some(m) = self.first_doubt(duty, (deadline, i64::MAX)) {
            Found::naming(Reason::MaybeHeld, m)
        } else if self.may_hide_an_answer(duty, deadline) {
            Found::because(Reason::Gap)
        } else {
            Found::because(Reason::NotDone)
        };
        found.due(deadline)
    }

    fn may_hide_an_answer(self, duty: &Duty<'_>, deadline: i64) -> bool {
        let (t, _) = duty.at;
        let mut since = duty.on_register_since.unwrap_or(i64::MAX);
        if duty.pause.is_some() {
            since = self.sure_of_hold(duty).map_or(i64::MIN, |(time, _)| time);
        }
        self.commitment.silence == Silence::Unknown
            && self.gaps().iter().any(|gap| {
                let in_reach = gap.to >= t || gap.to > since || duty.already.is_some();
                gap.from <= deadline && in_reach
            })
    }

    /// `A` (sure) or `A?`.
    fn already(self, duty: &Duty<'_>, sure: bool) -> Option<usize> {
        let already = duty.already?;
        self.before(duty.at).into_iter().find(|m| {
            let value = eval_event(already, self.event(*m));
            match self.kin(&duty.fields, &duty.key, *m) {
                Kin::Same if sure => value == Some(true),
                Kin::Same => value.is_none(),
                Kin::Unknown => !sure && may(value),
                Kin::Other => false,
            }
        })
    }
}
