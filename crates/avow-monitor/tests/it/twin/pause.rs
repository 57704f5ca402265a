//! 3.4, `paused_by` and `resumed_by`: the deadline of a clock that stands
//! still while its key is held.

use avow_monitor::{Reason, Silence, eval_event};

use super::duty::Duty;
use super::instances::Found;
use super::keys::{Kin, may};
use super::tree::{Position, Tree};

impl Tree<'_> {
    /// The values of `paused_by` and `resumed_by`.
    fn hold_of(self, duty: &Duty<'_>, m: usize) -> (Option<bool>, Option<bool>) {
        let no = Some(false);
        duty.pause.map_or((no, no), |pause| {
            let event = self.event(m);
            let paused = eval_event(&pause.paused_by, event);
            (paused, eval_event(&pause.resumed_by, event))
        })
    }

    /// When the key begins (true) or ceases to be held, or goes on as it was.
    fn switches(self, duty: &Duty<'_>) -> Vec<(i64, bool)> {
        let switch = |m: usize| match self.hold_of(duty, m) {
            (_, Some(true)) => Some((self.eff(m), false)),
            (Some(true), _) => Some((self.eff(m), true)),
            _ => None,
        };
        let mut evidence = self.evidence();
        evidence.retain(|m| self.kin(&duty.fields, &duty.key, *m) == Kin::Same);
        evidence.into_iter().filter_map(switch).collect()
    }

    /// The stretches from `start` on: from when, to when, and whether the key
    /// is held.
    fn stretches(self, duty: &Duty<'_>, start: i64) -> Vec<(i64, i64, bool)> {
        let mut stretches = Vec::new();
        let (mut from, mut held) = (start, false);
        for (time, then_held) in self.switches(duty) {
            if time > start {
                stretches.push((from, time, held));
                from = time;
            }
            held = then_held;
        }
        stretches.push((from, i64::MAX, held));
        stretches
    }

    /// The greatest y with active(t, y) <= base - t; none while it is held for
    /// good.
    pub(super) fn deadline(self, duty: &Duty<'_>) -> Option<i64> {
        let (t, _) = duty.at;
        let mut left = duty.base - t;
        if left < 0 {
            return Some(duty.base);
        }
        for (from, to, held) in self.stretches(duty, t) {
            if !held {
                // The last stretch has no end.
                if to == i64::MAX || to - from > left {
                    return Some(from + left);
                }
                left -= to - from;
            }
        }
        None
    }

    /// How long the key is held between `t` and `end`.
    fn held_until(self, duty: &Duty<'_>, end: i64) -> i64 {
        let held = |(from, to, held): (i64, i64, bool)| {
            if held { (to.min(end) - from).max(0) } else { 0 }
        };
        let stretches = self.stretches(duty, duty.at.0);
        stretches.into_iter().map(held).sum()
    }

    /// `H`.
    pub(super) fn sure_of_hold(self, duty: &Duty<'_>) -> Option<Position> {
        let mut before = self.before(duty.at);
        before.retain(|m| {
            self.kin(&duty.fields, &duty.key, *m) == Kin::Same
                && matches!(
                    self.hold_of(duty, *m),
                    (_, Some(true)) | (Some(true), Some(false))
                )
        });
        before.last().map(|m| self.position(*m))
    }

    /// The first doubt about the hold that is before a position.
    pub(super) fn first_doubt(self, duty: &Duty<'_>, end: Position) -> Option<usize> {
        duty.pause?;
        let sure = self.sure_of_hold(duty);
        self.evidence().into_iter().find(|m| {
            let (paused, resumed) = self.hold_of(duty, *m);
            let is_doubt = match self.kin(&duty.fields, &duty.key, *m) {
                Kin::Same => {
                    paused.is_none() || resumed.is_none() || self.late(*m) && resumed == Some(true)
                }
                Kin::Unknown => may(paused) || may(resumed),
                Kin::Other => false,
            };
            is_doubt && Some(self.position(*m)) > sure && self.position(*m) < end
        })
    }

    /// What an answer after `base` comes to, on the leaves up to `j`.
    pub(super) fn judge_hold(self, duty: &Duty<'_>, answer: Found) -> Found {
        let m = answer.other.unwrap();
        let eff = self.eff(m);
        let since = self.sure_of_hold(duty).map_or(i64::MIN, |(time, _)| time);
        let in_gap = self.commitment.silence == Silence::Unknown
            && self
                .gaps()
                .iter()
                .any(|gap| gap.from < eff && gap.to > since);
        let found = if let Some(doubt) = self.first_doubt(duty, self.position(m)) {
            Found::naming(Reason::MaybeHeld, doubt)
        } else if in_gap {
            Found::because(Reason::Gap)
        } else {
            answer
        };
        found.due(duty.base + self.held_until(duty, eff))
    }
}
