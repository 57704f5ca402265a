//! Random events and well-typed predicates, small enough in their values that
//! comparisons come out both ways and often unknown.

use avow_event::{Action, Event, Field, FieldKind, Micros, PlaceTable, Value};
use avow_monitor::{Comparison, Literal, Operand, PairCondition, Predicate, Side};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const TEXTS: &[&str] = &["", "a", "ab", "abc", "b", "it's", "é", "中文", "B"];
const PLACES: &[&str] = &["CN", "DE", "FR", "US", "UNKNOWN"];
const ACTIONS: &[&str] = &["store", "consent", "withdraw", "transfer"];
const OUTCOMES: &[&str] = &["success", "failure", "denied"];
const CATEGORIES: &[&str] = &["personal", "sensitive", "other"];
/// 2026-01-01T00:00:00Z.
const TIME_START: i64 = 1_767_225_600_000_000;

/// A small table, so that what is said about groups does not change with the
/// table that a release ships.
pub(crate) fn places() -> PlaceTable {
    PlaceTable::parse("version\t2026-01-01\ngroup\tEU\tDE,FR\n").unwrap()
}

fn names(kind: FieldKind) -> &'static [&'static str] {
    match kind {
        FieldKind::Place => PLACES,
        FieldKind::Action => ACTIONS,
        FieldKind::Outcome => OUTCOMES,
        FieldKind::Category => CATEGORIES,
        _ => TEXTS,
    }
}

fn instant(step: i64) -> Micros {
    Micros::new(TIME_START + step * 500_000).unwrap()
}

/// An event whose optional fields are present half of the time.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let cells = vec((any::<bool>(), 0_usize..60), Field::ALL.len());
    (cells, 0_i64..6).prop_map(|(cells, time)| {
        let mut event = Event::new("vault-1", 1, instant(time), Action::Store);
        for (field, (present, choice)) in Field::ALL.iter().zip(cells) {
            if !present || matches!(field, Field::Source | Field::Time) {
                continue;
            }
            let texts = names(field.kind());
            let small = choice % 4;
            let value = match field.kind() {
                FieldKind::Integer => Value::Integer(small as u64),
                FieldKind::Boolean => Value::Boolean(small >= 2),
                FieldKind::Time => Value::Time(instant(small as i64)),
                _ => Value::Text(texts[choice % texts.len()]),
            };
            event.set(*field, value).unwrap();
        }
        event
    })
}

fn fields_of(test: impl Fn(FieldKind) -> bool) -> Vec<Field> {
    let mut fields = Field::ALL.to_vec();
    fields.retain(|field| test(field.kind()));
    fields
}

fn field_where(test: impl Fn(FieldKind) -> bool) -> impl Strategy<Value = Field> {
    select(fields_of(test))
}

fn literal(kind: FieldKind) -> BoxedStrategy<Literal> {
    match kind {
        FieldKind::Integer => (-2_i64..6).prop_map(Literal::Integer).boxed(),
        FieldKind::Boolean => any::<bool>().prop_map(Literal::Boolean).boxed(),
        FieldKind::Time => (0_i64..5).prop_map(|s| Literal::Time(instant(s))).boxed(),
        // `UNKNOWN` cannot be written in a pledge.
        kind => select(names(kind))
            .prop_filter("a pledge has no such literal", |text| *text != "UNKNOWN")
            .prop_map(|text| Literal::Text(text.to_owned()))
            .boxed(),
    }
}

fn comparison(kind: FieldKind) -> impl Strategy<Value = Comparison> {
    const ALL: &[Comparison] = &[
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ];
    let ordered = matches!(kind, FieldKind::Text | FieldKind::Integer | FieldKind::Time);
    select(if ordered { ALL } else { &ALL[..2] })
}

/// A field or literal of the kind, or an integer field with something added.
fn operand(kind: FieldKind) -> BoxedStrategy<Operand> {
    let field = field_where(move |k| k == kind).prop_map(Operand::Field);
    let literal = literal(kind).prop_map(Operand::Literal);
    if kind == FieldKind::Integer {
        let sum = (
            field_where(move |k| k == kind),
            prop_oneof![-3_i64..0, 1_i64..4],
        )
            .prop_map(|(field, added)| Operand::Sum(field, added));
        prop_oneof![field, literal, sum].boxed()
    } else {
        prop_oneof![field, literal].boxed()
    }
}

fn is_literal(operand: &Operand) -> bool {
    matches!(operand, Operand::Literal(_))
}

fn simple() -> impl Strategy<Value = Predicate> {
    let compare = field_where(|_| true).prop_flat_map(|field| {
        let kind = field.kind();
        (operand(kind), comparison(kind), operand(kind)).prop_filter_map(
            "two literals",
            |(left, comparison, right)| {
                (!is_literal(&left) || !is_literal(&right))
                    .then_some(Predicate::Compare(left, comparison, right))
            },
        )
    });
    let within = field_where(|kind| kind != FieldKind::Boolean).prop_flat_map(|field| {
        (vec(literal(field.kind()), 1..4), any::<bool>()).prop_map(move |(values, negated)| {
            Predicate::In {
                field,
                values,
                negated,
            }
        })
    });
    let between =
        select(vec![FieldKind::Text, FieldKind::Integer, FieldKind::Time]).prop_flat_map(|kind| {
            let value =
                prop_oneof![operand(kind).prop_filter("a literal", |value| !is_literal(value))];
            (value, operand(kind), operand(kind), any::<bool>()).prop_map(
                |(value, low, high, negated)| Predicate::Between {
                    value,
                    low,
                    high,
                    negated,
                },
            )
        });
    let prefix = (
        field_where(|kind| kind == FieldKind::Text),
        select(vec!["a", "ab", "it'", "中", "B"]),
        any::<bool>(),
    )
        .prop_map(|(field, prefix, negated)| Predicate::HasPrefix {
            field,
            prefix: prefix.to_owned(),
            negated,
        });
    prop_oneof![
        1 => any::<bool>().prop_map(Predicate::Constant),
        2 => field_where(|kind| kind == FieldKind::Boolean).prop_map(Predicate::Holds),
        8 => compare,
        3 => within,
        3 => between,
        2 => (field_where(|_| true), any::<bool>())
            .prop_map(|(field, negated)| Predicate::IsNull { field, negated }),
        2 => prefix,
    ]
}

/// A predicate that `Pledge::parse` could have read, in the form in which it
/// would have read it: `AND` in `AND` and `OR` in `OR` are one list.
pub(crate) fn predicate() -> impl Strategy<Value = Predicate> {
    simple().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| Predicate::And(flat(parts, true))),
            vec(inner.clone(), 2..4).prop_map(|parts| Predicate::Or(flat(parts, false))),
            inner.prop_map(|part| Predicate::Not(Box::new(part))),
        ]
    })
}

fn flat(parts: Vec<Predicate>, all: bool) -> Vec<Predicate> {
    parts
        .into_iter()
        .flat_map(|part| match part {
            Predicate::And(inner) if all => inner,
            Predicate::Or(inner) if !all => inner,
            part => vec![part],
        })
        .collect()
}

/// A comparison of a field of one event with one of the other.
fn cross() -> impl Strategy<Value = PairCondition> {
    field_where(|_| true).prop_flat_map(|field| {
        let kind = field.kind();
        let plus = if kind == FieldKind::Integer {
            -3_i64..4
        } else {
            0..1
        };
        (field_where(move |k| k == kind), comparison(kind), plus).prop_map(
            move |(that, comparison, plus)| PairCondition::Cross {
                this: field,
                comparison,
                that,
                plus,
            },
        )
    })
}

/// A condition on two events in the form in which `PairCondition::parse` would
/// have read it.
pub(crate) fn pair_condition() -> impl Strategy<Value = PairCondition> {
    let one = (any::<bool>(), simple()).prop_map(|(this, test)| match (this, &test) {
        // A constant is written without an event.
        (true, _) | (_, Predicate::Constant(_)) => PairCondition::One(Side::This, test),
        _ => PairCondition::One(Side::That, test),
    });
    let tree = prop_oneof![2 => cross(), 1 => one].prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(|parts| pair_list(parts, true)),
            vec(inner.clone(), 2..4).prop_map(|parts| pair_list(parts, false)),
            inner.prop_map(|part| PairCondition::Not(Box::new(part))),
        ]
    });
    (tree, cross(), any::<bool>()).prop_map(|(tree, cross, all)| pair_list(vec![tree, cross], all))
}

fn pair_list(parts: Vec<PairCondition>, all: bool) -> PairCondition {
    let parts = parts
        .into_iter()
        .flat_map(|part| match part {
            PairCondition::And(inner) if all => inner,
            PairCondition::Or(inner) if !all => inner,
            part => vec![part],
        })
        .collect();
    if all {
        PairCondition::And(parts)
    } else {
        PairCondition::Or(parts)
    }
}
