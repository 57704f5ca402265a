//! What is an instance, in the order of the verdict document; 3.1 and 3.2, and
//! the three cases that come first in the others.

use avow_event::{Field, Micros};
use avow_monitor::{Instance, Pattern, Predicate, Reason, Register, eval_event};

use super::keys::{key, may};
use super::tree::Tree;

/// What an instance has come to. Times may be beyond what an event can have.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) reason: Reason,
    pub(super) other: Option<usize>,
    pub(super) deadline: Option<i64>,
    pub(super) each: Option<u64>,
}

impl Found {
    pub(super) fn because(reason: Reason) -> Self {
        Self {
            reason,
            other: None,
            deadline: None,
            each: None,
        }
    }

    pub(super) fn naming(reason: Reason, other: usize) -> Self {
        let other = Some(other);
        Self {
            other,
            ..Self::because(reason)
        }
    }

    pub(super) fn due(self, deadline: i64) -> Self {
        let deadline = Some(deadline);
        Self { deadline, ..self }
    }
}

impl Tree<'_> {
    pub(super) fn instances(self) -> Vec<Instance> {
        let mut all = self.beginnings();
        for n in self.evidence() {
            let time = self.time(n);
            let mut found = Vec::new();
            if (self.from()..self.to()).contains(&time) {
                found = self.triggered(n);
            }
            if found.is_empty() {
                found.extend(self.late_end(n));
            }
            let event = self.event(n);
            all.extend(found.into_iter().map(|f| shown(event.time, n, f)));
        }
        all.sort_by_key(|instance| (instance.time, instance.leaf, instance.each));
        all
    }

    /// The instances of the trigger `n`, if it is one.
    fn triggered(self, n: usize) -> Vec<Found> {
        match &self.commitment.pattern {
            Pattern::Never { when, never } => self.plain(n, when.as_ref(), never, false),
            Pattern::Always { when, always } => self.plain(n, when.as_ref(), always, true),
            Pattern::Before { .. } => self.permitted(n),
            Pattern::Within { .. } => self.followed(n),
            Pattern::Every { .. } => self.again(n),
            Pattern::AtMost { .. } => self.counted(n),
            Pattern::Lasts { .. } => self.lasting(n),
        }
    }

    fn plain(
        self,
        n: usize,
        when: Option<&Predicate>,
        condition: &Predicate,
        promised: bool,
    ) -> Vec<Found> {
        let event = self.event(n);
        let when = when.map_or(Some(true), |when| eval_event(when, event));
        let as_promised = eval_event(condition, event).map(|value| value == promised);
        let reason = match (when, as_promised) {
            (Some(false), _) | (None, Some(true)) => return Vec::new(),
            (Some(true), Some(true)) => Reason::Holds,
            (Some(true), Some(false)) => Reason::Fails,
            (Some(true) | None, _) => Reason::Undetermined,
        };
        vec![Found::because(reason)]
    }

    /// The first three cases of 3.3, where `value` is that of the trigger.
    pub(super) fn three_cases(
        self,
        n: usize,
        value: Option<bool>,
        same: &[Field],
    ) -> Option<Reason> {
        if self.late(n) {
            Some(Reason::Late)
        } else if value.is_none() {
            Some(Reason::Undetermined)
        } else if key(same, self.event(n)).is_none() {
            Some(Reason::NoKey)
        } else {
            None
        }
    }

    /// An end that arrives late.
    fn late_end(self, n: usize) -> Option<Found> {
        // What ends something, and whether it may concern what arose before
        // the commitment's `to` when it is itself behind it.
        let (ends, beyond) = match &self.commitment.pattern {
            Pattern::Before { until, .. } => (vec![until.as_ref()], false),
            Pattern::Within {
                for_each: Some(for_each),
                ..
            } => (vec![Some(&for_each.predicate)], false),
            Pattern::Within {
                pause: Some(pause), ..
            } => (vec![Some(&pause.resumed_by)], true),
            Pattern::Every {
                register: Register::Entries { when, until },
                ..
            } => (vec![Some(when), until.as_ref()], false),
            Pattern::Lasts { ends, .. } => (vec![Some(ends)], true),
            _ => return None,
        };
        let mut ends = ends.into_iter().flatten();
        let is_end = ends.any(|end| may(eval_event(end, self.event(n))));
        let in_time = self.eff(n) >= self.from() && (beyond || self.time(n) < self.to());
        (self.late(n) && is_end && in_time).then(|| Found::because(Reason::LateEnd))
    }
}

pub(super) fn shown(time: Micros, leaf: usize, found: Found) -> Instance {
    let first = Micros::MIN;
    let instant = |micros: i64| first.saturating_add(micros.saturating_sub(first.get()));
    Instance {
        time,
        leaf: leaf as u64,
        each: found.each,
        reason: found.reason,
        other: found.other.map(|leaf| leaf as u64),
        deadline: found.deadline.map(instant),
    }
}
