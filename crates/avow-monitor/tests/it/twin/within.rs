//! 3.4: `when` … `then` [… `unless`] by a deadline; and `for_each`.

use std::collections::BTreeMap;

use avow_event::Value;
use avow_monitor::{Deadline, ForEach, Pattern, Reason, Silence, eval_event};

use super::calendar::after;
use super::duty::Duty;
use super::instances::Found;
use super::keys::{Key, Kin, key, may};
use super::tree::Tree;

impl Tree<'_> {
    pub(super) fn followed(self, n: usize) -> Vec<Found> {
        let Pattern::Within {
            when,
            then,
            unless,
            already,
            deadline,
            same,
            condition,
            for_each,
            pause,
        } = &self.commitment.pattern
        else {
            unreachable!("a reading of 3.4");
        };
        let event = self.event(n);
        let value = eval_event(when, event);
        if value == Some(false) {
            return Vec::new();
        }
        let deadline = match deadline {
            Deadline::After(length) => Some(after(self.time(n), *length)),
            Deadline::At(field) => match event.get(*field) {
                Some(Value::Time(time)) => Some(time.get()),
                _ => None,
            },
        };
        if let Some(reason) = self.three_cases(n, value, same) {
            let first = Found::because(reason);
            return vec![Found { deadline, ..first }];
        }
        let Some(base) = deadline else {
            return vec![Found::because(Reason::NoDeadline)];
        };
        let duty = Duty {
            n,
            at: (self.time(n), n as i64),
            fields: same.clone(),
            key: key(same, event).unwrap(),
            then,
            condition: condition.as_ref(),
            unless: unless.as_ref(),
            already: already.as_ref(),
            pause: pause.as_ref(),
            base,
            on_register_since: None,
        };
        match for_each {
            None => vec![self.judge_duty(&duty)],
            Some(for_each) => self.judge_each(&duty, for_each),
        }
    }

    fn judge_each(self, duty: &Duty<'_>, for_each: &ForEach) -> Vec<Found> {
        let (t, _) = duty.at;
        let Some(j) = self.reaches(duty.n, t + self.delay()) else {
            return vec![Found::because(Reason::Waiting).due(duty.base)];
        };
        let tree = self.up_to(j);
        let mut duties: BTreeMap<Key, usize> = BTreeMap::new();
        let mut maybe = None;
        for m in tree.before(duty.at) {
            let value = eval_event(&for_each.predicate, tree.event(m));
            let kin = tree.kin(&duty.fields, &duty.key, m);
            if kin == Kin::Other || !may(value) {
                continue;
            }
            let values = key(&for_each.each, tree.event(m));
            match (value, kin, values) {
                (Some(true), Kin::Same, Some(values)) => {
                    duties.entry(values).or_insert(m);
                }
                _ => maybe = maybe.or(Some(m)),
            }
        }
        let mut found: Vec<Found> = duties
            .into_iter()
            .map(|(values, m)| {
                let of_one = Duty {
                    fields: [&duty.fields[..], &for_each.each[..]].concat(),
                    key: [&duty.key[..], &values[..]].concat(),
                    ..duty.clone()
                };
                let each = Some(m as u64);
                Found {
                    each,
                    ..self.judge_duty(&of_one)
                }
            })
            .collect();
        let in_gap = self.commitment.silence == Silence::Unknown
            && tree.gaps().iter().any(|gap| gap.from < t);
        if let Some(m) = maybe {
            found.push(Found::naming(Reason::MaybeEach, m).due(duty.base));
        } else if in_gap {
            found.push(Found::because(Reason::Gap).due(duty.base));
        }
        found
    }
}
