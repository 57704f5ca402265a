//! 3.7: `when` … `lasts` … `ends`.

use avow_monitor::{Pattern, Reason, Silence, eval_event};

use super::calendar::after;
use super::instances::Found;
use super::keys::{Key, Kin, key, may};
use super::pair::both;
use super::tree::Tree;

impl Tree<'_> {
    pub(super) fn lasting(self, n: usize) -> Vec<Found> {
        let Pattern::Lasts {
            when, lasts, same, ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.7");
        };
        let value = eval_event(when, self.event(n));
        if value == Some(false) {
            return Vec::new();
        }
        let end = after(self.time(n), *lasts);
        if let Some(reason) = self.three_cases(n, value, same) {
            return vec![Found::because(reason).due(end)];
        }
        let key = key(same, self.event(n)).unwrap();
        for m in self.before_the_end(n, end) {
            let in_order = self.time(m) >= self.time(n);
            let is_kin = self.kin(same, &key, m) == Kin::Same;
            if self.ends(n, m) == Some(true) && is_kin && in_order {
                return vec![Found::naming(Reason::Ended, m).due(self.eff(m))];
            }
        }
        let found = match self.reaches(n, end + self.delay()) {
            None => Found::because(Reason::Waiting),
            Some(j) => self.up_to(j).judge_lasting(n, &key, end),
        };
        vec![found.due(end)]
    }

    fn ends(self, n: usize, m: usize) -> Option<bool> {
        let Pattern::Lasts {
            ends, condition, ..
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.7");
        };
        let value = eval_event(ends, self.event(m));
        both(value, self.condition(condition.as_ref(), Some(n), m))
    }

    /// The window.
    fn before_the_end(self, n: usize, end: i64) -> Vec<usize> {
        let mut window = self.behind((self.time(n), n as i64));
        window.retain(|m| self.eff(*m) < end);
        window
    }

    fn judge_lasting(self, n: usize, of: &Key, end: i64) -> Found {
        let Pattern::Lasts { same, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.7");
        };
        let mut maybe = self.before_the_end(n, end);
        maybe.retain(|m| may(self.ends(n, *m)) && self.kin(same, of, *m) != Kin::Other);
        let with_key = maybe.iter().find(|m| self.kin(same, of, **m) == Kin::Same);
        let in_gap = self.commitment.silence == Silence::Unknown
            && self
                .gaps()
                .iter()
                .any(|gap| gap.from < end && gap.to >= self.time(n));
        if let Some(m) = with_key.or(maybe.first()) {
            Found::naming(Reason::MaybeEnded, *m)
        } else if in_gap {
            Found::because(Reason::Gap)
        } else {
            Found::because(Reason::Lasted)
        }
    }
}
