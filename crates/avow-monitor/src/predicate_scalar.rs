//! The plain reading of a predicate: one event, one rule at a time, in the
//! order in which the specification states them.
//!
//! The verifier uses it, and it is the twin against which the vectorised
//! evaluation is tested. Keep it slow and obvious.

use std::cmp::Ordering;

use avow_event::{Event, Field, FieldKind, Value};

use crate::{Comparison, Literal, Operand, Predicate};

/// A value of one kind; values of different kinds do not compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar<'a> {
    Text(&'a str),
    Integer(i64),
    Boolean(bool),
    Time(i64),
}

/// Whether the predicate holds for the event; `None` is unknown.
pub fn eval_event(predicate: &Predicate, event: &Event) -> Option<bool> {
    match predicate {
        Predicate::Constant(value) => Some(*value),
        Predicate::Holds(field) => match known(event, *field) {
            Some(Scalar::Boolean(value)) => Some(value),
            _ => None,
        },
        Predicate::Compare(left, comparison, right) => compare(event, left, *comparison, right),
        Predicate::In {
            field,
            values,
            negated,
        } => {
            let value = known(event, *field)?;
            if matches!(value, Scalar::Boolean(_)) {
                return None;
            }
            let found = values.iter().any(|literal| value == of_literal(literal));
            Some(found != *negated)
        }
        Predicate::Between {
            value,
            low,
            high,
            negated,
        } => {
            let from_low = compare(event, value, Comparison::GreaterOrEqual, low);
            let to_high = compare(event, value, Comparison::LessOrEqual, high);
            let inside = both(from_low, to_high)?;
            Some(inside != *negated)
        }
        Predicate::IsNull { field, negated } => Some(known(event, *field).is_none() != *negated),
        Predicate::HasPrefix {
            field,
            prefix,
            negated,
        } => match known(event, *field)? {
            Scalar::Text(text) => Some(text.starts_with(prefix.as_str()) != *negated),
            _ => None,
        },
        Predicate::And(parts) => all(parts.iter().map(|part| eval_event(part, event))),
        Predicate::Or(parts) => any(parts.iter().map(|part| eval_event(part, event))),
        Predicate::Not(part) => eval_event(part, event).map(|value| !value),
    }
}

/// False if one is false; else unknown if one is unknown.
pub(crate) fn all(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    values.fold(Some(true), both)
}

/// True if one is true; else unknown if one is unknown.
pub(crate) fn any(values: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(values.map(|value| value.map(|value| !value))).map(|none| !none)
}

fn both(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// The value of a field. A place `UNKNOWN` is not known.
fn known(event: &Event, field: Field) -> Option<Scalar<'_>> {
    match event.get(field)? {
        Value::Text("UNKNOWN") if field.kind() == FieldKind::Place => None,
        Value::Text(text) => Some(Scalar::Text(text)),
        Value::Integer(n) => i64::try_from(n).ok().map(Scalar::Integer),
        Value::Boolean(value) => Some(Scalar::Boolean(value)),
        Value::Time(time) => Some(Scalar::Time(time.get())),
    }
}

fn of_literal(literal: &Literal) -> Scalar<'_> {
    match literal {
        Literal::Text(text) => Scalar::Text(text),
        Literal::Integer(n) => Scalar::Integer(*n),
        Literal::Boolean(value) => Scalar::Boolean(*value),
        Literal::Time(time) => Scalar::Time(time.get()),
    }
}

fn operand<'a>(event: &'a Event, operand: &'a Operand) -> Option<Scalar<'a>> {
    match operand {
        Operand::Field(field) => known(event, *field),
        Operand::Literal(literal) => Some(of_literal(literal)),
        Operand::Sum(field, added) => match known(event, *field)? {
            Scalar::Integer(n) => Some(Scalar::Integer(n.saturating_add(*added))),
            _ => None,
        },
    }
}

fn compare(event: &Event, left: &Operand, comparison: Comparison, right: &Operand) -> Option<bool> {
    compare_values(operand(event, left)?, comparison, operand(event, right)?)
}

/// How a field of one event compares with a field of another and `plus`.
pub(crate) fn compare_fields(
    left: (&Event, Field),
    comparison: Comparison,
    right: (&Event, Field),
    plus: i64,
) -> Option<bool> {
    let right = match known(right.0, right.1)? {
        Scalar::Integer(n) => Scalar::Integer(n.saturating_add(plus)),
        value => value,
    };
    compare_values(known(left.0, left.1)?, comparison, right)
}

fn compare_values(left: Scalar<'_>, comparison: Comparison, right: Scalar<'_>) -> Option<bool> {
    let order = match (left, right) {
        (Scalar::Text(a), Scalar::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Scalar::Integer(a), Scalar::Integer(b)) | (Scalar::Time(a), Scalar::Time(b)) => a.cmp(&b),
        (Scalar::Boolean(a), Scalar::Boolean(b)) => match comparison {
            Comparison::Equal | Comparison::NotEqual => a.cmp(&b),
            _ => return None,
        },
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
