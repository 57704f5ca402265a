//! 3.3: `when` … `only_after` [… `until`] [… `within`] [… `where`].

use avow_monitor::{PairCondition, Pattern, Predicate, Reason, Silence, eval_event};

use super::instances::Found;
use super::keys::{Kin, key, may};
use super::pair::both;
use super::tree::{Position, Tree};

impl Tree<'_> {
    pub(super) fn permitted(self, n: usize) -> Vec<Found> {
        let Pattern::Before { when, same, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.3");
        };
        let value = eval_event(when, self.event(n));
        if value == Some(false) {
            return Vec::new();
        }
        if let Some(reason) = self.three_cases(n, value, same) {
            return vec![Found::because(reason)];
        }
        let found = match self.reaches(n, self.time(n) + self.delay()) {
            None => Found::because(Reason::Waiting),
            Some(j) => self.up_to(j).judge_permission(n),
        };
        vec![found]
    }

    fn judge_permission(self, n: usize) -> Found {
        let Pattern::Before {
            only_after,
            until,
            condition,
            within,
            ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.3");
        };
        let t = self.time(n);
        let good = |m: usize| within.is_none_or(|within| self.eff(m) + within >= t);
        let openers = self.openers(n, only_after, condition.as_ref());
        let closers = until.as_ref().map(|until| self.openers(n, until, None));
        let last = |events: &[(usize, bool)], sure: bool, test: &dyn Fn(usize) -> bool| {
            let found = events.iter().filter(|(m, s)| *s == sure && test(*m));
            found.map(|(m, _)| self.position(*m)).max()
        };
        let any = |_| true;
        let o = last(&openers, true, &good);
        let maybe_o = last(&openers, false, &good);
        let expired = last(&openers, true, &|m| !good(m));
        let closers = closers.unwrap_or_default();
        let q = last(&closers, true, &any);
        let maybe_q = last(&closers, false, &any);
        let naming = |reason, position: Option<Position>| Found {
            other: position.map(|(_, leaf)| leaf as usize),
            ..Found::because(reason)
        };
        // `None`, nothing, is before everything.
        if o > q {
            if maybe_q >= o {
                naming(Reason::MaybePermitted, maybe_q)
            } else if until.is_some() && self.in_gap_after(o, t, i64::MIN) {
                naming(Reason::Gap, o)
            } else {
                naming(Reason::Permitted, o)
            }
        } else if maybe_o > q {
            naming(Reason::MaybePermitted, maybe_o)
        } else if self.in_gap_after(q, t, within.map_or(i64::MIN, |within| t - within)) {
            naming(Reason::Gap, q)
        } else if expired > q {
            naming(Reason::Expired, expired)
        } else if q.is_some() {
            naming(Reason::PermissionEnded, q)
        } else {
            Found::because(Reason::NotPermitted)
        }
    }

    /// The evidence before the trigger that surely (true) or maybe (false) has
    /// the predicate and its key.
    fn openers(
        self,
        n: usize,
        predicate: &Predicate,
        condition: Option<&PairCondition>,
    ) -> Vec<(usize, bool)> {
        let Pattern::Before { same, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.3");
        };
        let key = key(same, self.event(n)).unwrap();
        let before = self.before((self.time(n), n as i64));
        let sure = |m: usize| {
            let value = both(
                eval_event(predicate, self.event(m)),
                self.condition(condition, Some(n), m),
            );
            match self.kin(same, &key, m) {
                Kin::Same if may(value) => Some((m, value == Some(true))),
                Kin::Unknown if may(value) => Some((m, false)),
                _ => None,
            }
        };
        before.into_iter().filter_map(sure).collect()
    }

    /// In a gap after `x` and before `t`, that ends at `end` or later.
    fn in_gap_after(self, x: Option<Position>, t: i64, end: i64) -> bool {
        let x = x.map_or(i64::MIN, |(time, _)| time);
        self.commitment.silence == Silence::Unknown
            && x < t
            && self
                .gaps()
                .iter()
                .any(|gap| gap.from < t && gap.to > x && gap.to >= end)
    }
}
