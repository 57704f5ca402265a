//! From a predicate to the steps of its evaluation over columns, in postfix
//! order. A comparison of kinds that do not compare becomes unknown.

use std::cmp::Ordering;

use avow_event::{Field, FieldKind};

use crate::columns::Dictionary;
use crate::eval::{Step, Test, TextTest};
use crate::{Comparison, Literal, Operand, Predicate};

pub(crate) fn emit(predicate: &Predicate, dictionary: &mut Dictionary, steps: &mut Vec<Step>) {
    let negated = match predicate {
        Predicate::Constant(value) => {
            steps.push(Step::Test(Test::Constant(Some(*value))));
            false
        }
        Predicate::Holds(field) => {
            steps.push(Step::Test(holds(*field)));
            false
        }
        Predicate::Compare(left, comparison, right) => {
            emit_comparison(left, *comparison, right, dictionary, steps);
            false
        }
        Predicate::In {
            field,
            values,
            negated,
        } => {
            steps.push(Step::Test(membership(*field, values)));
            *negated
        }
        Predicate::Between {
            value,
            low,
            high,
            negated,
        } => {
            emit_comparison(value, Comparison::GreaterOrEqual, low, dictionary, steps);
            emit_comparison(value, Comparison::LessOrEqual, high, dictionary, steps);
            steps.push(Step::And);
            *negated
        }
        Predicate::IsNull { field, negated } => {
            steps.push(Step::Test(Test::IsNull(*field)));
            *negated
        }
        Predicate::HasPrefix {
            field,
            prefix,
            negated,
        } => {
            steps.push(Step::Test(text_memo(
                *field,
                TextTest::Prefix(prefix.clone()),
            )));
            *negated
        }
        Predicate::And(parts) => {
            emit_all(parts, true, dictionary, steps);
            false
        }
        Predicate::Or(parts) => {
            emit_all(parts, false, dictionary, steps);
            false
        }
        Predicate::Not(part) => {
            emit(part, dictionary, steps);
            true
        }
    };
    if negated {
        steps.push(Step::Not);
    }
}

fn emit_all(parts: &[Predicate], all: bool, dictionary: &mut Dictionary, steps: &mut Vec<Step>) {
    let Some((first, rest)) = parts.split_first() else {
        // All of nothing holds; one of nothing does not.
        steps.push(Step::Test(Test::Constant(Some(all))));
        return;
    };
    emit(first, dictionary, steps);
    for part in rest {
        emit(part, dictionary, steps);
        steps.push(if all { Step::And } else { Step::Or });
    }
}

fn emit_comparison(
    left: &Operand,
    comparison: Comparison,
    right: &Operand,
    dictionary: &mut Dictionary,
    steps: &mut Vec<Step>,
) {
    let ill_typed = |operand: &Operand| matches!(operand, Operand::Sum(field, _) if field.kind() != FieldKind::Integer);
    let (test, negated) = match (left, right) {
        _ if ill_typed(left) || ill_typed(right) => (Test::Constant(None), false),
        (Operand::Literal(literal), other) => {
            literal_test(other, mirrored(comparison), literal, dictionary)
        }
        (other, Operand::Literal(literal)) => literal_test(other, comparison, literal, dictionary),
        (Operand::Field(left), Operand::Field(right)) => pair_test(*left, comparison, *right, 0),
        (Operand::Sum(left, a), Operand::Sum(right, b)) => {
            pair_test(*left, comparison, *right, b.saturating_sub(*a))
        }
        (Operand::Sum(left, a), Operand::Field(right)) => {
            pair_test(*left, comparison, *right, a.saturating_neg())
        }
        (Operand::Field(left), Operand::Sum(right, b)) => pair_test(*left, comparison, *right, *b),
    };
    steps.push(Step::Test(test));
    if negated {
        steps.push(Step::Not);
    }
}

/// Texts, vocabularies and places compare as text; times as integers.
#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Text,
    Integer,
    Boolean,
}

fn class(field: Field) -> Class {
    match field.kind() {
        FieldKind::Integer | FieldKind::Time => Class::Integer,
        FieldKind::Boolean => Class::Boolean,
        _ => Class::Text,
    }
}

/// The comparison with its sides changed over.
fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

fn holds(field: Field) -> Test {
    match class(field) {
        Class::Boolean => Test::Holds(field),
        _ => Test::Constant(None),
    }
}

/// A test, and whether its result is to be negated.
fn literal_test(
    operand: &Operand,
    comparison: Comparison,
    literal: &Literal,
    dictionary: &mut Dictionary,
) -> (Test, bool) {
    let not_equal = comparison == Comparison::NotEqual;
    let (field, added) = match operand {
        Operand::Field(field) => (*field, 0),
        Operand::Sum(field, added) => (*field, *added),
        Operand::Literal(left) => {
            let order = literal_order(left, literal);
            return (Test::Constant(order.map(|o| comparison.accepts(o))), false);
        }
    };
    match (class(field), literal) {
        (Class::Text, Literal::Text(text)) => match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                (Test::TextEqual(field, dictionary.intern(text)), not_equal)
            }
            _ => (
                text_memo(field, TextTest::Compare(comparison, text.clone())),
                false,
            ),
        },
        (Class::Integer, Literal::Integer(n)) if field.kind() == FieldKind::Integer => (
            Test::Integer(field, comparison, n.saturating_sub(added)),
            false,
        ),
        (Class::Integer, Literal::Time(time)) if field.kind() == FieldKind::Time => {
            (Test::Integer(field, comparison, time.get()), false)
        }
        (Class::Boolean, Literal::Boolean(b)) => match comparison {
            Comparison::Equal | Comparison::NotEqual => (Test::Holds(field), *b == not_equal),
            _ => (Test::Constant(None), false),
        },
        _ => (Test::Constant(None), false),
    }
}

fn pair_test(left: Field, comparison: Comparison, right: Field, added: i64) -> (Test, bool) {
    if left.kind() != right.kind() {
        return (Test::Constant(None), false);
    }
    match class(left) {
        Class::Text => (Test::TextPair(left, comparison, right), false),
        Class::Integer => (Test::IntegerPair(left, comparison, right, added), false),
        Class::Boolean => match comparison {
            Comparison::Equal => (Test::BooleanPair(left, right), false),
            Comparison::NotEqual => (Test::BooleanPair(left, right), true),
            _ => (Test::Constant(None), false),
        },
    }
}

fn literal_order(left: &Literal, right: &Literal) -> Option<Ordering> {
    match (left, right) {
        (Literal::Text(a), Literal::Text(b)) => Some(a.cmp(b)),
        (Literal::Integer(a), Literal::Integer(b)) => Some(a.cmp(b)),
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        (Literal::Time(a), Literal::Time(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn membership(field: Field, values: &[Literal]) -> Test {
    match class(field) {
        Class::Text => {
            let mut texts: Vec<String> = values
                .iter()
                .filter_map(|value| match value {
                    Literal::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect();
            texts.sort_unstable();
            text_memo(field, TextTest::In(texts))
        }
        Class::Integer => {
            let mut numbers: Vec<i64> = values
                .iter()
                .filter_map(|value| match value {
                    Literal::Integer(n) => Some(*n),
                    Literal::Time(time) => Some(time.get()),
                    _ => None,
                })
                .collect();
            numbers.sort_unstable();
            Test::IntegerIn(field, numbers)
        }
        Class::Boolean => Test::Constant(None),
    }
}

fn text_memo(field: Field, test: TextTest) -> Test {
    match class(field) {
        Class::Text => Test::TextMemo {
            field,
            test,
            memo: Vec::new(),
        },
        _ => Test::Constant(None),
    }
}
