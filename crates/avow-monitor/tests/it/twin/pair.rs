//! Conditions on two events, and `AND` of two values.

use std::cmp::Ordering;

use avow_event::{Event, Field, FieldKind, Value};
use avow_monitor::{Comparison, PairCondition, Side, eval_event};

use super::tree::Tree;

pub(super) fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    if a == Some(false) || b == Some(false) {
        Some(false)
    } else if a.is_none() || b.is_none() {
        None
    } else {
        Some(true)
    }
}

/// The value of a condition for `this`, the trigger, and `that`.
pub(crate) fn eval_pair(condition: &PairCondition, this: &Event, that: &Event) -> Option<bool> {
    let inner = |part: &PairCondition| eval_pair(part, this, that);
    match condition {
        PairCondition::One(Side::This, predicate) => eval_event(predicate, this),
        PairCondition::One(Side::That, predicate) => eval_event(predicate, that),
        PairCondition::Not(part) => inner(part).map(|value| !value),
        PairCondition::And(parts) => parts.iter().map(inner).fold(Some(true), both),
        // a OR b is NOT (NOT a AND NOT b).
        PairCondition::Or(parts) => parts
            .iter()
            .map(|part| inner(part).map(|value| !value))
            .fold(Some(true), both)
            .map(|value| !value),
        PairCondition::Cross {
            this: left,
            comparison,
            that: right,
            plus,
        } => {
            let order = match (known(this, *left)?, known(that, *right)?) {
                (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
                (Value::Integer(a), Value::Integer(b)) => {
                    i128::from(a).cmp(&(i128::from(b) + i128::from(*plus)))
                }
                (Value::Boolean(a), Value::Boolean(b)) => a.cmp(&b),
                (Value::Time(a), Value::Time(b)) => a.cmp(&b),
                _ => return None,
            };
            Some(match comparison {
                Comparison::Equal => order == Ordering::Equal,
                Comparison::NotEqual => order != Ordering::Equal,
                Comparison::Less => order == Ordering::Less,
                Comparison::LessOrEqual => order != Ordering::Greater,
                Comparison::Greater => order == Ordering::Greater,
                Comparison::GreaterOrEqual => order != Ordering::Less,
            })
        }
    }
}

fn known(event: &Event, field: Field) -> Option<Value<'_>> {
    match event.get(field)? {
        Value::Text("UNKNOWN") if field.kind() == FieldKind::Place => None,
        value => Some(value),
    }
}

impl Tree<'_> {
    /// `where`, for the trigger `n` and `m`; true if there is none.
    pub(super) fn condition(
        self,
        condition: Option<&PairCondition>,
        n: Option<usize>,
        m: usize,
    ) -> Option<bool> {
        match (condition, n) {
            (Some(condition), Some(n)) => eval_pair(condition, self.event(n), self.event(m)),
            _ => Some(true),
        }
    }
}
