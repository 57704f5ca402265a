//! 3.6: `at_most` … `happens`.

use avow_monitor::{Pattern, Reason, Silence, eval_event};

use super::instances::Found;
use super::keys::{Kin, key, may};
use super::tree::Tree;

impl Tree<'_> {
    pub(super) fn counted(self, n: usize) -> Vec<Found> {
        let Pattern::AtMost { happens, same, .. } = &self.commitment.pattern else {
            unreachable!("a reading of 3.6");
        };
        let value = eval_event(happens, self.event(n));
        if value == Some(false) {
            return Vec::new();
        }
        if let Some(reason) = self.three_cases(n, value, same) {
            return vec![Found::because(reason)];
        }
        let found = match self.reaches(n, self.time(n) + self.delay()) {
            None => Found::because(Reason::Waiting),
            Some(j) => self.up_to(j).count(n),
        };
        vec![found]
    }

    fn count(self, n: usize) -> Found {
        let Pattern::AtMost {
            happens,
            at_most,
            within,
            same,
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.6");
        };
        let (t, most) = (self.time(n), usize::try_from(*at_most).unwrap());
        let key = key(same, self.event(n)).unwrap();
        let mut evidence = self.evidence();
        evidence.retain(|m| self.position(*m) <= (t, n as i64) && self.eff(*m) + within > t);
        let (mut sure, mut maybe) = (Vec::new(), Vec::new());
        for m in evidence {
            let value = eval_event(happens, self.event(m));
            match self.kin(same, &key, m) {
                Kin::Same if value == Some(true) && !self.late(m) => sure.push(m),
                Kin::Same | Kin::Unknown if may(value) => maybe.push(m),
                _ => {}
            }
        }
        let in_gap = self.commitment.silence == Silence::Unknown
            && self
                .gaps()
                .iter()
                .any(|gap| gap.from < t && gap.to + within > t);
        if sure.len() > most {
            Found::naming(Reason::TooMany, sure[sure.len() - (most + 1)])
        } else if sure.len() + maybe.len() > most {
            Found::naming(Reason::MaybeTooMany, *maybe.last().unwrap())
        } else if in_gap {
            Found::because(Reason::Gap)
        } else {
            Found::because(Reason::WithinLimit)
        }
    }
}
