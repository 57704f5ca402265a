//! Conditions on two events: reading, printing, evaluating.

use avow_event::{Action, Event, Field, Micros, Value};
use avow_monitor::{Comparison, Literal, Operand, PairCondition, Predicate, Side};
use avow_monitor::{eval_event, eval_pair};
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::random;

fn parse(text: &str) -> PairCondition {
    PairCondition::parse(text, &random::places())
        .unwrap_or_else(|error| panic!("{}", error.render("where", text)))
}

/// What is said about a wrong condition.
fn check_wrong(text: &str, expected: Expect) {
    match PairCondition::parse(text, &random::places()) {
        Ok(condition) => panic!("`{text}` is read as `{condition}`"),
        Err(error) => expected.assert_eq(&error.render("where", text)),
    }
}

/// The same by other means: truth as 0, 1 (unknown) and 2, and the other
/// event's value put in as a literal.
fn slowly(condition: &PairCondition, this: &Event, that: &Event) -> u8 {
    let number = |value: Option<bool>| value.map_or(1, |value| u8::from(value) * 2);
    match condition {
        PairCondition::One(Side::This, predicate) => number(eval_event(predicate, this)),
        PairCondition::One(Side::That, predicate) => number(eval_event(predicate, that)),
        PairCondition::Cross {
            this: field,
            comparison,
            that: other,
            plus,
        } => {
            let literal = match that.get(*other) {
                None | Some(Value::Text("UNKNOWN")) => return 1,
                Some(Value::Text(text)) => Literal::Text(text.to_owned()),
                Some(Value::Integer(n)) => Literal::Integer(i64::try_from(n).unwrap() + plus),
                Some(Value::Boolean(value)) => Literal::Boolean(value),
                Some(Value::Time(time)) => Literal::Time(time),
            };
            let (left, right) = (Operand::Field(*field), Operand::Literal(literal));
            number(eval_event(
                &Predicate::Compare(left, *comparison, right),
                this,
            ))
        }
        PairCondition::And(parts) => {
            let values = parts.iter().map(|part| slowly(part, this, that));
            values.min().unwrap()
        }
        PairCondition::Or(parts) => {
            let values = parts.iter().map(|part| slowly(part, this, that));
            values.max().unwrap()
        }
        PairCondition::Not(part) => 2 - slowly(part, this, that),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_condition_reads_back_as_itself(condition in random::pair_condition()) {
        let text = condition.to_string();
        let read = PairCondition::parse(&text, &random::places());
        prop_assert_eq!(read, Ok(condition), "{}", text);
    }

    #[test]
    fn a_condition_means_what_its_parts_mean(
        condition in random::pair_condition(),
        this in random::event(),
        that in random::event(),
    ) {
        let value = eval_pair(&condition, &this, &that);
        let number = value.map_or(1, |value| u8::from(value) * 2);
        prop_assert_eq!(number, slowly(&condition, &this, &that), "{}", condition);
    }

    /// What is read backwards means the same.
    #[test]
    fn the_side_of_the_sign_does_not_matter(
        this in random::event(),
        that in random::event(),
        sign in prop::sample::select(vec![("<", ">"), ("<=", ">="), (">", "<"), (">=", "<="), ("=", "="), ("<>", "<>")]),
    ) {
        let (there, back) = sign;
        for field in ["quantity", "object", "due"] {
            let left = parse(&format!("this.{field} {there} that.{field}"));
            let right = parse(&format!("that.{field} {back} this.{field}"));
            prop_assert_eq!(&left, &right);
            let known = this.get(Field::from_name(field).unwrap()).is_some()
                && that.get(Field::from_name(field).unwrap()).is_some();
            prop_assert_eq!(eval_pair(&left, &this, &that).is_some(), known);
        }
    }
}

#[test]
fn a_condition_is_written_with_this_on_the_left() {
    for (text, canonical) in [
        ("that.actor <> this.actor", "this.actor <> that.actor"),
        (
            "that.bytes <= this.bytes + 100",
            "this.bytes >= that.bytes - 100",
        ),
        (
            "this.quantity + 1 - 3 < that.bytes + 5",
            "this.quantity < that.bytes + 7",
        ),
        (
            "that.bytes not between this.bytes and 9",
            "NOT (this.bytes <= that.bytes AND that.bytes <= 9)",
        ),
        (
            "this.actor = that.actor AND that.bytes BETWEEN 1 AND 9",
            "this.actor = that.actor AND that.bytes BETWEEN 1 AND 9",
        ),
        (
            "this.actor = that.actor AND NOT (that.mfa OR this.place IN EU)",
            "this.actor = that.actor AND NOT (that.mfa OR this.place IN ('DE', 'FR'))",
        ),
        (
            "this.actor = that.actor AND (TRUE OR this.place = this.to_place)",
            "this.actor = that.actor AND (TRUE OR this.place = this.to_place)",
        ),
        (
            "this.due >= that.time OR that.name LIKE 'a%' OR that.due IS NULL",
            "this.due >= that.time OR that.name LIKE 'a%' OR that.due IS NULL",
        ),
    ] {
        assert_eq!(parse(text).to_string(), canonical);
        assert_eq!(parse(canonical), parse(text));
    }
}

#[test]
fn the_constant_is_added_to_the_event_that_it_stands_with() {
    let event = |bytes: u64| {
        let mut event = Event::new("vault-1", 1, Micros::MIN, Action::Store);
        event.bytes = Some(bytes);
        event
    };
    for (text, this, that, value) in [
        ("that.bytes <= this.bytes + 100", 5, 105, true),
        ("that.bytes <= this.bytes + 100", 5, 106, false),
        ("this.bytes + 1 = that.bytes", 5, 6, true),
        ("this.bytes + 1 = that.bytes", 6, 5, false),
        ("this.bytes = that.bytes - 1", 5, 6, true),
        ("this.bytes - 10 >= that.bytes + 10", 30, 10, true),
        ("this.bytes - 10 >= that.bytes + 10", 29, 10, false),
    ] {
        let found = eval_pair(&parse(text), &event(this), &event(that));
        assert_eq!(found, Some(value), "{text} of {this} and {that}");
    }
    let unknown = Event::new("vault-1", 1, Micros::MIN, Action::Store);
    let condition = parse("this.bytes = that.bytes");
    assert_eq!(eval_pair(&condition, &event(1), &unknown), None);
    assert_eq!(eval_pair(&condition, &unknown, &unknown), None);
}

#[test]
fn the_fields_of_each_event_are_told_apart() {
    let condition = parse("(this.actor <> that.object AND that.mfa) OR NOT this.bytes > 5");
    let this = [Field::Actor, Field::Bytes];
    assert_eq!(condition.fields_of(Side::This), this);
    assert_eq!(condition.fields_of(Side::That), [Field::Object, Field::Mfa]);
    assert!(matches!(
        parse("this.place <> that.place"),
        PairCondition::Cross {
            comparison: Comparison::NotEqual,
            ..
        }
    ));
}

#[test]
fn what_is_no_condition_on_two_events_is_answered_with_one() {
    for (text, expected) in [
        (
            "actor <> that.actor",
            expect![[r#"
            error: of which event is this `actor`?
             --> where:1:1
              |
            1 | actor <> that.actor
              | ^^^^^ of this or of that?
              = help: write `this.actor` for the event with `when`, `that.actor` for the other one
        "#]],
        ),
        (
            "other.actor <> this.actor",
            expect![[r#"
            error: there is no event `other`
             --> where:1:1
              |
            1 | other.actor <> this.actor
              | ^^^^^ neither `this` nor `that`
              = help: `this` is the event with `when`, `that` the other one: `that.actor <> this.actor`
        "#]],
        ),
        (
            "This.actor <> that.actor",
            expect![[r#"
            error: there is no event `This`
             --> where:1:1
              |
            1 | This.actor <> that.actor
              | ^^^^ neither `this` nor `that`
              = help: `this` is the event with `when`, `that` the other one: `that.actor <> this.actor`
        "#]],
        ),
        (
            "this <> that",
            expect![[r#"
            error: `this` is an event, and only its fields compare
             --> where:1:1
              |
            1 | this <> that
              | ^^^^ no field
              = help: write `this.actor`
        "#]],
        ),
        (
            "this.actor <> 'a'",
            expect![[r#"
            error: nothing here compares one event with the other
             --> where:1:1
              |
            1 | this.actor <> 'a'
              | ^^^^^^^^^^^^^^^^^ about one event only
              = help: compare a field of both: `that.actor <> this.actor`; a condition on one event belongs into its own predicate, without `this.` and `that.`
        "#]],
        ),
        (
            "this.actor <> this.object",
            expect![[r#"
            error: nothing here compares one event with the other
             --> where:1:1
              |
            1 | this.actor <> this.object
              | ^^^^^^^^^^^^^^^^^^^^^^^^^ about one event only
              = help: compare a field of both: `that.actor <> this.actor`; a condition on one event belongs into its own predicate, without `this.` and `that.`
        "#]],
        ),
        (
            "this.actor <> that.bytes",
            expect![[r#"
            error: `actor` and `bytes` do not compare
             --> where:1:15
              |
            1 | this.actor <> that.bytes
              |               ^^^^^^^^^^ takes an integer
              = help: `actor` takes text in single quotes
        "#]],
        ),
        (
            "this.actor <> that.",
            expect![[r#"
            error: expected a field after `that.`
             --> where:1:20
              |
            1 | this.actor <> that.
              |                    ^ not expected
              = help: write its name, for example `that.actor`
        "#]],
        ),
        (
            "this.actr <> that.actor",
            expect![[r#"
            error: there is no field `actr`
             --> where:1:6
              |
            1 | this.actr <> that.actor
              |      ^^^^ no such field
              = help: did you mean `actor`?
        "#]],
        ),
        (
            "this.place < that.place",
            expect![[r#"
            error: the values of `place` have no order
             --> where:1:12
              |
            1 | this.place < that.place
              |            ^ not for this field
              = help: use `=`, `<>` or `IN`
        "#]],
        ),
        (
            "this.time <= that.time + 5",
            expect![[r#"
            error: `time` is not an integer
             --> where:1:24
              |
            1 | this.time <= that.time + 5
              |                        ^ only for integers
              = help: state the time allowed with `within`
        "#]],
        ),
        (
            "this.mfa = that.mfa AND that.mfa OR this.write",
            expect![[r#"
                error: `AND` and `OR` next to each other can be read in two ways
                 --> where:1:34
                  |
                1 | this.mfa = that.mfa AND that.mfa OR this.write
                  |                                  ^^ follows `AND`
                  = help: write `(this.mfa = that.mfa AND that.mfa) OR …`, or put the parentheses where the promise has them
            "#]],
        ),
        (
            "this.actor = that.actor AND this.bytes = 5 + that.bytes",
            expect![[r#"
                error: only an integer field can stand before `+` and `-`
                 --> where:1:44
                  |
                1 | this.actor = that.actor AND this.bytes = 5 + that.bytes
                  |                                            ^ not after a value
                  = help: write the field first: `quantity + 1`
            "#]],
        ),
        (
            "this.actor IN (that.actor)",
            expect![[r#"
            error: `IN` takes values, not fields
             --> where:1:16
              |
            1 | this.actor IN (that.actor)
              |                ^^^^^^^^^^ a field
              = help: text stands in single quotes; compare fields with `=`
        "#]],
        ),
        (
            "lower(this.actor) = that.actor",
            expect![[r#"
                error: there are no functions, so no `lower`
                 --> where:1:1
                  |
                1 | lower(this.actor) = that.actor
                  | ^^^^^ a function
                  = help: texts are compared as they are, with their case: write each spelling, `IN ('…', '…')`
            "#]],
        ),
        (
            "this.bytes + 9007199254740991 = that.bytes - 9007199254740991",
            expect![[r#"
                error: an integer is at most 9007199254740991
                 --> where:1:33
                  |
                1 | this.bytes + 9007199254740991 = that.bytes - 9007199254740991
                  |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ too great a sum
            "#]],
        ),
        (
            "",
            expect![[r#"
            error: the predicate is empty
             --> where:1:1
              |
            1 |
              | ^ nothing follows
              = help: write a condition, for example `place = 'CN'`
        "#]],
        ),
    ] {
        check_wrong(text, expected);
    }
}
