//! Predicates in MFOTL. The logic there has two values and ours three, so each
//! predicate has two formulas, without free variables: that it is true, and
//! that it is false. It is unknown where neither holds. A field that is not
//! known has no predicate at the event's time point.

use std::collections::BTreeSet;

use avow_event::Field;

use crate::mfotl_formula::{Formula, constant, known, value};
use crate::{Comparison, Literal, Operand, Predicate, SourcePattern};

/// That the predicate is true of the event.
pub(crate) fn is_true(predicate: &Predicate) -> Formula {
    decided(predicate, true)
}

/// That it is false.
pub(crate) fn is_false(predicate: &Predicate) -> Formula {
    decided(predicate, false)
}

/// That it is true or unknown.
pub(crate) fn is_possible(predicate: &Predicate) -> Formula {
    if predicate.fields().iter().all(|field| field.is_required()) {
        return is_true(predicate);
    }
    is_false(predicate).not()
}

fn decided(predicate: &Predicate, holds: bool) -> Formula {
    match predicate {
        Predicate::Constant(constant) => Formula::of(*constant == holds),
        Predicate::Holds(field) => value(*field, if holds { "1" } else { "0" }),
        Predicate::Compare(left, comparison, right) => {
            compared(left, of(*comparison, holds), right)
        }
        Predicate::In {
            field,
            values,
            negated,
        } => is_one_of(*field, values, holds != *negated),
        Predicate::Between {
            value: tested,
            low,
            high,
            negated,
        } => {
            let holds = holds != *negated;
            let not_below = compared(tested, of(Comparison::GreaterOrEqual, holds), low);
            let not_above = compared(tested, of(Comparison::LessOrEqual, holds), high);
            if holds {
                Formula::all([not_below, not_above])
            } else {
                Formula::any([not_below, not_above])
            }
        }
        Predicate::IsNull { field, negated } => {
            if holds == *negated {
                known(*field)
            } else {
                known(*field).not()
            }
        }
        Predicate::HasPrefix {
            field,
            prefix,
            negated,
        } => has_prefix(*field, prefix, holds != *negated),
        Predicate::And(parts) if holds => Formula::all(parts.iter().map(is_true)),
        Predicate::And(parts) => Formula::any(parts.iter().map(is_false)),
        Predicate::Or(parts) if holds => Formula::any(parts.iter().map(is_true)),
        Predicate::Or(parts) => Formula::all(parts.iter().map(is_false)),
        Predicate::Not(part) => decided(part, !holds),
    }
}

/// The comparison itself, or its contrary.
pub(crate) fn of(comparison: Comparison, holds: bool) -> Comparison {
    if holds {
        return comparison;
    }
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
    }
}

/// `left comparison right`, of terms.
pub(crate) fn comparison(left: &str, comparison: Comparison, right: &str) -> Formula {
    match comparison {
        Comparison::NotEqual => Formula::Text(format!("({left} = {right})")).not(),
        _ => Formula::Text(format!("({left} {comparison} {right})")),
    }
}

fn compared(left: &Operand, sign: Comparison, right: &Operand) -> Formula {
    // The usual case reads as a predicate.
    if let (Operand::Field(field), Comparison::Equal, Operand::Literal(literal)) =
        (left, sign, right)
    {
        return value(*field, &term(literal));
    }
    let mut variables = Vec::new();
    let mut parts = Vec::new();
    let mut side = |operand: &Operand, name: &str| match operand {
        Operand::Literal(literal) => term(literal),
        Operand::Field(field) | Operand::Sum(field, _) => {
            variables.push(name.to_owned());
            parts.push(value(*field, name));
            match operand {
                Operand::Sum(_, added) => plus(name, *added),
                _ => name.to_owned(),
            }
        }
    };
    let (left, right) = (side(left, "x"), side(right, "y"));
    parts.push(comparison(&left, sign, &right));
    Formula::exists(&variables, Formula::all(parts))
}

/// A variable with a constant added.
pub(crate) fn plus(variable: &str, added: i64) -> String {
    match added {
        0 => variable.to_owned(),
        1.. => format!("({variable} + {added})"),
        _ => format!("({variable} - {})", added.unsigned_abs()),
    }
}

fn term(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => constant(text),
        Literal::Integer(n) => n.to_string(),
        Literal::Boolean(b) => i64::from(*b).to_string(),
        Literal::Time(time) => time.get().to_string(),
    }
}

fn is_one_of(field: Field, values: &[Literal], holds: bool) -> Formula {
    if holds {
        return Formula::any(values.iter().map(|one| value(field, &term(one))));
    }
    let differ = values
        .iter()
        .map(|one| comparison("x", Comparison::NotEqual, &term(one)));
    let parts = std::iter::once(value(field, "x")).chain(differ);
    Formula::exists(&["x".to_owned()], Formula::all(parts))
}

/// By the order of texts, which is that of their bytes, and that is the order
/// of their characters. MonPoly has regular expressions, VeriMon has not.
fn has_prefix(field: Field, prefix: &str, holds: bool) -> Formula {
    let tested = |sign, bound: &str| comparison("x", sign, &constant(bound));
    let low = tested(of(Comparison::GreaterOrEqual, holds), prefix);
    let high = after(prefix).map(|after| tested(of(Comparison::Less, holds), &after));
    let with_value = |test| {
        let body = Formula::all([value(field, "x"), test]);
        Formula::exists(&["x".to_owned()], body)
    };
    if holds {
        with_value(Formula::all([low].into_iter().chain(high)))
    } else {
        Formula::any([Some(low), high].into_iter().flatten().map(with_value))
    }
}

/// The first text after all that begin with `prefix`, among the texts without
/// quotation marks and backslashes; `None` if there is none after them.
fn after(prefix: &str) -> Option<String> {
    let mut before = prefix.to_owned();
    while let Some(last) = before.pop() {
        let mut code = u32::from(last) + 1;
        while code <= u32::from(char::MAX) {
            match char::from_u32(code) {
                // No exported text has them, so that the next one bounds, too.
                Some('"' | '\\') | None => code += 1,
                Some(next) => {
                    before.push(next);
                    return Some(before);
                }
            }
        }
    }
    None
}

/// That the event is of one of these sources; every source if there are none.
pub(crate) fn of_source(patterns: &[SourcePattern]) -> Formula {
    if patterns.is_empty() {
        return known_source();
    }
    Formula::any(patterns.iter().map(|pattern| {
        match (pattern.any_suffix, pattern.prefix.is_empty()) {
            (false, _) => value(Field::Source, &constant(&pattern.prefix)),
            (true, true) => known_source(),
            (true, false) => has_prefix(Field::Source, &pattern.prefix, true),
        }
    }))
}

/// That there is an event at the time point at all.
fn known_source() -> Formula {
    Formula::exists(&["x".to_owned()], value(Field::Source, "x"))
}

/// Whether no event can meet both, seen from their actions.
pub(crate) fn exclude_each_other(left: &Predicate, right: &Predicate) -> bool {
    match (actions(left), actions(right)) {
        (Some(left), Some(right)) => left.is_disjoint(&right),
        _ => false,
    }
}

/// The actions without which the predicate is false.
fn actions(predicate: &Predicate) -> Option<BTreeSet<&str>> {
    match predicate {
        Predicate::Compare(
            Operand::Field(Field::Action),
            Comparison::Equal,
            Operand::Literal(Literal::Text(action)),
        ) => Some(BTreeSet::from([action.as_str()])),
        Predicate::In {
            field: Field::Action,
            values,
            negated: false,
        } => values
            .iter()
            .map(|value| match value {
                Literal::Text(action) => Some(action.as_str()),
                _ => None,
            })
            .collect(),
        Predicate::And(parts) => parts.iter().find_map(actions),
        Predicate::Or(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(actions).collect();
            Some(all?.into_iter().flatten().collect())
        }
        _ => None,
    }
}
