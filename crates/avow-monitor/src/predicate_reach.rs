//! Which of its three values a predicate can have at all: for a warning about
//! one that is the same for every event.
//!
//! A field matters only by how it compares with the values that the predicate
//! names. So it is enough to try those, their neighbours and something else,
//! in all combinations. Where these are too many, nothing is claimed.

use std::collections::BTreeSet;

use avow_event::{Action, Category, Event, Field, FieldKind, Micros, Outcome, Value};

use crate::{Literal, Operand, Predicate, eval_event};

/// The most events that are tried: a few milliseconds.
const TRIED_MAX: usize = 20_000;
/// The most values of a field that are tried, well below their number.
const VALUES_MAX: usize = 200;
/// With more integers, or more constants added, their sums are too many.
const INTEGERS_MAX: usize = 20;
const ADDED_MAX: usize = 4;
/// With more comparisons between fields than this, a chain of them could need
/// values that are not tried.
const CROSSINGS_MAX: usize = 2;

/// The values that a predicate can have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) is_true: bool,
    pub(crate) is_false: bool,
    pub(crate) is_unknown: bool,
}

/// What the predicate can be for an event that counts as evidence; `None` if
/// there is too much to try.
pub(crate) fn reach(predicate: &Predicate) -> Option<Reach> {
    let mut named = Named::default();
    named.gather(predicate);
    if named.crossings > CROSSINGS_MAX
        || named.integers.len() > INTEGERS_MAX
        || named.added.len() > ADDED_MAX
    {
        return None;
    }
    let fields = predicate.fields();
    let values: Vec<Vec<Option<Tried>>> = fields.iter().map(|field| named.values(*field)).collect();
    let mut tried: usize = 1;
    for values in &values {
        if values.len() > VALUES_MAX {
            return None;
        }
        tried = tried.checked_mul(values.len())?;
    }
    if tried > TRIED_MAX {
        return None;
    }
    let mut reach = Reach::default();
    for number in 0..tried {
        let mut event = Event::new("1", 1, Micros::MIN, Action::Store);
        let mut rest = number;
        for (field, values) in fields.iter().zip(&values) {
            let value = values.get(rest % values.len().max(1))?;
            rest /= values.len().max(1);
            // A value that no event has is not tried.
            if let Some(value) = value {
                let _ = event.set(*field, value.get());
            }
        }
        match eval_event(predicate, &event) {
            Some(true) => reach.is_true = true,
            Some(false) => reach.is_false = true,
            None => reach.is_unknown = true,
        }
    }
    Some(reach)
}

/// A value to try.
#[derive(Debug, Clone)]
enum Tried {
    Text(String),
    Integer(u64),
    Boolean(bool),
    Time(Micros),
}

impl Tried {
    fn get(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Integer(n) => Value::Integer(*n),
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Time(time) => Value::Time(*time),
        }
    }
}

/// The values that a predicate names, whatever field they are compared with.
#[derive(Default)]
struct Named {
    texts: BTreeSet<String>,
    integers: BTreeSet<i64>,
    added: BTreeSet<i64>,
    times: BTreeSet<i64>,
    crossings: usize,
}

impl Named {
    fn gather(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Constant(_) | Predicate::Holds(_) | Predicate::IsNull { .. } => {}
            Predicate::Compare(left, _, right) => self.compared(&[left, right]),
            Predicate::In { values, .. } => values.iter().for_each(|value| self.literal(value)),
            Predicate::Between {
                value, low, high, ..
            } => self.compared(&[value, low, high]),
            Predicate::HasPrefix { prefix, .. } => {
                self.texts.insert(prefix.clone());
            }
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().for_each(|part| self.gather(part));
            }
            Predicate::Not(part) => self.gather(part),
        }
    }

    fn compared(&mut self, operands: &[&Operand]) {
        let fields = operands.iter().filter(|operand| operand.field().is_some());
        self.crossings += fields.count().saturating_sub(1);
        for operand in operands {
            match operand {
                Operand::Field(_) => {}
                Operand::Sum(_, added) => {
                    self.added.insert(*added);
                }
                Operand::Literal(literal) => self.literal(literal),
            }
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Text(text) => {
                self.texts.insert(text.clone());
            }
            Literal::Integer(n) => {
                self.integers.insert(*n);
            }
            Literal::Time(time) => {
                self.times.insert(time.get());
            }
            Literal::Boolean(_) => {}
        }
    }

    /// What to try for a field, not known included where it need not be there.
    fn values(&self, field: Field) -> Vec<Option<Tried>> {
        let names = |all: Vec<&str>| all.into_iter().map(|n| Tried::Text(n.to_owned())).collect();
        let values: Vec<Tried> = match field.kind() {
            FieldKind::Text => self.near_texts(),
            FieldKind::Place => {
                let others = ["QX", "QY", "QZ"].map(str::to_owned);
                let places = self.texts.iter().filter(|text| text.len() == 2);
                places.cloned().chain(others).map(Tried::Text).collect()
            }
            // Heartbeats and gaps are no evidence: no rule sees them.
            FieldKind::Action => {
                let evidence = Action::ALL
                    .iter()
                    .filter(|action| !matches!(action, Action::Heartbeat | Action::Gap));
                names(evidence.map(|action| action.as_str()).collect())
            }
            FieldKind::Outcome => names(Outcome::ALL.iter().map(|name| name.as_str()).collect()),
            FieldKind::Category => names(Category::ALL.iter().map(|name| name.as_str()).collect()),
            FieldKind::Integer => self.near_integers(),
            FieldKind::Boolean => vec![Tried::Boolean(false), Tried::Boolean(true)],
            FieldKind::Time => self.near_times(),
        };
        let mut event = Event::new("1", 1, Micros::MIN, Action::Store);
        let mut values: Vec<Option<Tried>> = values
            .into_iter()
            .filter(|value| event.set(field, value.get()).is_ok())
            .map(Some)
            .collect();
        if !field.is_required() {
            values.push(None);
        }
        values
    }

    /// Each text, one right behind it, one far behind, and others.
    fn near_texts(&self) -> Vec<Tried> {
        let mut texts: BTreeSet<String> = ["!", "m", "\u{9FA5}"].map(str::to_owned).into();
        for text in &self.texts {
            texts.extend([text.clone(), format!("{text} "), format!("{text}~")]);
        }
        texts.into_iter().map(Tried::Text).collect()
    }

    fn near_integers(&self) -> Vec<Tried> {
        let mut base: BTreeSet<i64> = self.integers.clone();
        base.insert(0);
        // Twice, for a chain of two comparisons between fields.
        for _ in 0..CROSSINGS_MAX {
            let added = self.added.iter().chain(&[0]);
            let added: Vec<i64> = added.copied().collect();
            let around = |n: &i64| {
                let sums = added
                    .iter()
                    .flat_map(move |c| [n.saturating_add(*c), n.saturating_sub(*c)]);
                sums.collect::<Vec<_>>()
            };
            base = base.iter().flat_map(around).collect();
            base = base
                .iter()
                .flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)])
                .collect();
        }
        let natural = base.into_iter().filter_map(|n| u64::try_from(n).ok());
        natural.map(Tried::Integer).collect()
    }

    fn near_times(&self) -> Vec<Tried> {
        let mut times = self.times.clone();
        times.extend([0, 1, 2]);
        let around = times.iter().flat_map(|time| [time - 1, *time, time + 1]);
        let times: BTreeSet<i64> = around.collect();
        times
            .into_iter()
            .filter_map(Micros::new)
            .map(Tried::Time)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use avow_event::PlaceTable;

    use super::*;

    fn of(text: &str) -> String {
        let places = PlaceTable::built_in();
        let predicate = Predicate::parse(text, &places).unwrap();
        let Some(reach) = reach(&predicate) else {
            return "?".to_owned();
        };
        let letters = [
            (reach.is_true, 'T'),
            (reach.is_false, 'F'),
            (reach.is_unknown, 'N'),
        ];
        letters
            .iter()
            .filter(|(there, _)| *there)
            .map(|(_, letter)| letter)
            .collect()
    }

    #[test]
    fn what_a_predicate_can_be_is_found() {
        for (text, expected) in [
            ("TRUE", "T"),
            ("action = 'store'", "TF"),
            ("action = 'store' AND action = 'copy'", "F"),
            ("action = 'heartbeat'", "F"),
            ("action <> 'store' OR action <> 'copy'", "T"),
            ("place = 'CN'", "TFN"),
            ("place = 'CN' AND place = 'US'", "FN"),
            ("place <> 'CN' OR place <> 'US'", "TN"),
            ("place IS NULL OR place IS NOT NULL", "T"),
            ("name = 'a' AND name LIKE 'ab%'", "FN"),
            ("name > 'a' AND name < 'b'", "TFN"),
            ("name LIKE 'Create%' AND name <> 'Create'", "TFN"),
            ("quantity > 5 AND quantity < 6", "FN"),
            ("quantity > 5 AND quantity < 7", "TFN"),
            ("quantity < 0", "FN"),
            ("bytes + 5 < quantity AND quantity + 5 < 12", "TFN"),
            ("bytes + 5 < quantity AND quantity + 5 < 11", "FN"),
            ("mfa AND NOT mfa", "FN"),
            ("actor = subject", "TFN"),
            ("actor = subject AND subject <> actor", "FN"),
            (
                "due > '2026-01-01T00:00:00Z' AND due < '2026-01-01T00:00:00.000001Z'",
                "FN",
            ),
            ("from_place <> to_place AND to_place = place", "TFN"),
            ("outcome IN ('success', 'failure', 'denied')", "TN"),
            ("place IN EU AND place = 'CN'", "FN"),
            (
                "actor = subject AND subject = object AND object <> actor",
                "?",
            ),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
