//! Predicates as text: reading, printing, SQL.

use avow_monitor::Predicate;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use sqlparser::dialect::{Dialect, DuckDbDialect, GenericDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use super::random;

fn parse(text: &str) -> Predicate {
    Predicate::parse(text, &random::places())
        .unwrap_or_else(|error| panic!("{}", error.render("predicate", text)))
}

/// The canonical form, and the SQL.
fn check(text: &str, expected: Expect) {
    let predicate = parse(text);
    expected.assert_eq(&format!("{predicate}\n{}", predicate.to_sql()));
}

/// What is said about a wrong predicate.
fn check_wrong(text: &str, expected: Expect) {
    match Predicate::parse(text, &random::places()) {
        Ok(predicate) => panic!("`{text}` is read as `{predicate}`"),
        Err(error) => expected.assert_eq(&error.render("predicate", text)),
    }
}

fn dialects() -> [Box<dyn Dialect>; 3] {
    [
        Box::new(GenericDialect {}),
        Box::new(SQLiteDialect {}),
        Box::new(DuckDbDialect {}),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_predicate_reads_back_as_itself(predicate in random::predicate()) {
        let text = predicate.to_string();
        prop_assert_eq!(Predicate::parse(&text, &random::places()), Ok(predicate), "{}", text);
    }

    #[test]
    fn the_sql_of_a_predicate_is_sql(predicate in random::predicate()) {
        let query = format!("SELECT time_us FROM events AS e WHERE {}", predicate.to_sql_of("e"));
        for dialect in dialects() {
            let parsed = Parser::parse_sql(&*dialect, &query);
            prop_assert!(parsed.is_ok(), "{}\n{:?}", query, parsed);
        }
    }

    /// Another reader of SQL groups the words as this one does: printed with
    /// all its parentheses, its tree reads back as the same predicate.
    #[test]
    fn a_predicate_means_to_sql_what_it_means_here(predicate in random::predicate()) {
        let text = predicate.to_string();
        let expression = Parser::new(&GenericDialect {}).try_with_sql(&text).unwrap().parse_expr();
        let nested = nest(expression.unwrap()).to_string();
        let read = Predicate::parse(&nested, &random::places());
        prop_assert_eq!(read, Ok(predicate), "{} as {}", text, nested);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,60}") {
        if let Err(error) = Predicate::parse(&text, &random::places()) {
            prop_assert!(text.get(error.span).is_some());
        }
    }

    #[test]
    fn no_jumble_of_words_makes_the_reader_panic(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..12)
    ) {
        let text = words.join(" ");
        match Predicate::parse(&text, &random::places()) {
            Ok(predicate) => prop_assert_eq!(parse(&predicate.to_string()), predicate),
            Err(error) => prop_assert!(text.get(error.span).is_some()),
        }
    }
}

const WORDS: &[&str] = &[
    "AND",
    "or",
    "NOT",
    "(",
    ")",
    "=",
    "<>",
    "<=",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "LIKE",
    "TRUE",
    "'CN'",
    "'store'",
    "'a%'",
    "place",
    "action",
    "quantity",
    "write",
    "time",
    "name",
    "EU",
    "7",
    "-",
    "+",
    ",",
    "'2026-01-01T00:00:00Z'",
];

/// Puts parentheses around both sides of every `AND` and `OR`.
fn nest(expression: sqlparser::ast::Expr) -> sqlparser::ast::Expr {
    use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
    let nested = |e: Box<Expr>| Box::new(Expr::Nested(Box::new(nest(*e))));
    match expression {
        Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            right,
        } => Expr::BinaryOp {
            left: nested(left),
            op,
            right: nested(right),
        },
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr: nested(expr),
        },
        Expr::Nested(inner) => nest(*inner),
        other => other,
    }
}

#[test]
fn keywords_have_no_case_and_groups_are_spelled_out() {
    check(
        "action = 'store' and not place In EU",
        expect![[r#"
        action = 'store' AND NOT (place IN ('DE', 'FR'))
        (action = 'store') AND (NOT (place IN ('DE', 'FR')))"#]],
    );
}

#[test]
fn a_prefix_is_compared_with_its_case_in_every_database() {
    check(
        "name LIKE 'Créate%'",
        expect![[r#"
        name LIKE 'Créate%'
        SUBSTR(name, 1, 6) = 'Créate'"#]],
    );
    check(
        "name NOT LIKE 'it''s%'",
        expect![[r#"
        name NOT LIKE 'it''s%'
        SUBSTR(name, 1, 4) <> 'it''s'"#]],
    );
}

#[test]
fn times_become_integers_in_sql_only() {
    check(
        "due < time AND logged >= '2026-03-08T08:00:00+08:00'",
        expect![[r#"
            due < time AND logged >= '2026-03-08T00:00:00.000000Z'
            (due_us < time_us) AND (logged_us >= 1772928000000000)"#]],
    );
}

#[test]
fn integers_add_up() {
    check(
        "quantity + 5 - 7 < bytes AND 3 < quantity",
        expect![[r#"
        quantity - 2 < bytes AND 3 < quantity
        ((quantity - 2) < bytes) AND (3 < quantity)"#]],
    );
    check(
        "quantity BETWEEN -1 AND bytes + 1",
        expect![[r#"
        quantity BETWEEN -1 AND bytes + 1
        quantity BETWEEN -1 AND (bytes + 1)"#]],
    );
}

#[test]
fn truth_values_stand_alone_or_are_compared() {
    check(
        "mfa OR NOT encrypted OR write = FALSE OR FALSE",
        expect![[r#"
            mfa OR NOT (encrypted) OR write = FALSE OR FALSE
            (mfa) OR (NOT (encrypted)) OR (write = FALSE) OR (1 = 0)"#]],
    );
}

#[test]
fn what_is_not_in_the_language_is_answered_with_what_is() {
    for (text, expected) in [
        (
            "place != 'CN'",
            expect![[r#"
            error: `!=` is not SQL
             --> predicate:1:7
              |
            1 | place != 'CN'
              |       ^^ here
              = help: write `<>`
        "#]],
        ),
        (
            "place <> CN",
            expect![[r#"
            error: there is no field `CN`
             --> predicate:1:10
              |
            1 | place <> CN
              |          ^^ no such field
              = help: text stands in single quotes: `'CN'`
        "#]],
        ),
        (
            "place <> \"CN\"",
            expect![[r#"
                error: `"` does not belong in a predicate
                 --> predicate:1:10
                  |
                1 | place <> "CN"
                  |          ^ not part of the language
                  = help: text stands in single quotes: `'CN'`
            "#]],
        ),
        (
            "place <> ‘CN’",
            expect![[r#"
            error: `‘` does not belong in a predicate
             --> predicate:1:10
              |
            1 | place <> ‘CN’
              |          ^ not part of the language
              = help: write the straight quote `'`; a word processor has changed it
        "#]],
        ),
        (
            "place = NULL",
            expect![[r#"
            error: nothing is equal to NULL, and nothing differs from it
             --> predicate:1:7
              |
            1 | place = NULL
              |       ^^^^^^ always unknown
              = help: write `place IS NULL`
        "#]],
        ),
        (
            "place = 'UNKNOWN'",
            expect![[r#"
            error: a place that is not known is NULL, and equal to nothing
             --> predicate:1:9
              |
            1 | place = 'UNKNOWN'
              |         ^^^^^^^^^ never equal
              = help: write `place IS NULL` or `place IS NOT NULL`
        "#]],
        ),
        (
            "place = 'EU'",
            expect![[r#"
            error: `EU` is a group of places, not a place
             --> predicate:1:9
              |
            1 | place = 'EU'
              |         ^^^^ a group
              = help: write `place IN EU` or `place NOT IN EU`
        "#]],
        ),
        (
            "place = EU",
            expect![[r#"
            error: `EU` is a group of places
             --> predicate:1:9
              |
            1 | place = EU
              |         ^^ a group
              = help: write `place IN EU` or `place NOT IN EU`
        "#]],
        ),
        (
            "place = 'UK'",
            expect![[r#"
            error: no place has the code `UK`
             --> predicate:1:9
              |
            1 | place = 'UK'
              |         ^^^^ not a place
              = help: the code of the United Kingdom is `'GB'`
        "#]],
        ),
        (
            "place = 'cn'",
            expect![[r#"
            error: no place has the code `cn`
             --> predicate:1:9
              |
            1 | place = 'cn'
              |         ^^^^ not a place
              = help: write it in capitals: `'CN'`
        "#]],
        ),
        (
            "place < 'CN'",
            expect![[r#"
            error: the values of `place` have no order
             --> predicate:1:7
              |
            1 | place < 'CN'
              |       ^ not for this field
              = help: use `=`, `<>` or `IN`
        "#]],
        ),
        (
            "place = region",
            expect![[r#"
            error: `place` and `region` do not compare
             --> predicate:1:9
              |
            1 | place = region
              |         ^^^^^^ takes text in single quotes
              = help: `place` takes a place: two capitals in single quotes, for example `'CN'`
        "#]],
        ),
        (
            "place IN (CN, US)",
            expect![[r#"
            error: there is no field `CN`
             --> predicate:1:11
              |
            1 | place IN (CN, US)
              |           ^^ no such field
              = help: text stands in single quotes: `'CN'`
        "#]],
        ),
        (
            "place IN EEA",
            expect![[r#"
            error: there is no group of places `EEA`
             --> predicate:1:10
              |
            1 | place IN EEA
              |          ^^^ no such group
              = help: the groups of the place table are EU; values stand in parentheses: `IN ('…', '…')`
        "#]],
        ),
        (
            "name IN EU",
            expect![[r#"
            error: `name` is not a place, and `EU` is a group of places
             --> predicate:1:9
              |
            1 | name IN EU
              |         ^^ a group of places
        "#]],
        ),
        (
            "plase = 'CN'",
            expect![[r#"
            error: there is no field `plase`
             --> predicate:1:1
              |
            1 | plase = 'CN'
              | ^^^^^ no such field
              = help: did you mean `place`?
        "#]],
        ),
        (
            "place",
            expect![[r#"
            error: `place` has to be compared with something
             --> predicate:1:1
              |
            1 | place
              | ^^^^^ no comparison
              = help: write `place = …` with a place: two capitals in single quotes, for example `'CN'`, or `place IS NOT NULL`
        "#]],
        ),
        (
            "place 'CN'",
            expect![[r#"
            error: `place` has to be compared with something
             --> predicate:1:7
              |
            1 | place 'CN'
              |       ^^^^ no comparison
              = help: write `place = …` with a place: two capitals in single quotes, for example `'CN'`, or `place IS NOT NULL`
        "#]],
        ),
        (
            "action = 'stored'",
            expect![[r#"
            error: `action` has no value `stored`
             --> predicate:1:10
              |
            1 | action = 'stored'
              |          ^^^^^^^^ no such value
              = help: did you mean `'store'`?
        "#]],
        ),
        (
            "outcome = 'ok'",
            expect![[r#"
            error: `outcome` has no value `ok`
             --> predicate:1:11
              |
            1 | outcome = 'ok'
              |           ^^^^ no such value
              = help: the values are success, failure, denied
        "#]],
        ),
        (
            "LOWER(name) = 'x'",
            expect![[r#"
                error: there are no functions, so no `LOWER`
                 --> predicate:1:1
                  |
                1 | LOWER(name) = 'x'
                  | ^^^^^ a function
                  = help: texts are compared as they are, with their case: write each spelling, `IN ('…', '…')`
            "#]],
        ),
        (
            "quantity * 2 > 3",
            expect![[r#"
            error: `*` does not belong in a predicate
             --> predicate:1:10
              |
            1 | quantity * 2 > 3
              |          ^ not part of the language
              = help: integers can be added and subtracted, nothing else
        "#]],
        ),
        (
            "quantity > 1.5",
            expect![[r#"
            error: `1.5` is not an integer
             --> predicate:1:12
              |
            1 | quantity > 1.5
              |            ^^^ not an integer
              = help: write digits only; text stands in single quotes
        "#]],
        ),
        (
            "quantity > '5'",
            expect![[r#"
                error: `quantity` takes an integer
                 --> predicate:1:12
                  |
                1 | quantity > '5'
                  |            ^^^ this is text
                  = help: write digits without quotes: `quantity > 5`
            "#]],
        ),
        (
            "time > '2026-01-01'",
            expect![[r#"
            error: `2026-01-01` is not a time
             --> predicate:1:8
              |
            1 | time > '2026-01-01'
              |        ^^^^^^^^^^^^ not a time
              = help: write date, time and offset as in RFC 3339: `'2026-03-08T00:00:00Z'`
        "#]],
        ),
        (
            "time + 5 > logged",
            expect![[r#"
            error: `time` is not an integer
             --> predicate:1:6
              |
            1 | time + 5 > logged
              |      ^ only for integers
              = help: state the time allowed with `within`
        "#]],
        ),
        (
            "1 < quantity < 5",
            expect![[r#"
            error: a comparison has two sides
             --> predicate:1:14
              |
            1 | 1 < quantity < 5
              |              ^ a third side
              = help: join two comparisons with `AND`, or write `BETWEEN … AND …`
        "#]],
        ),
        (
            "1 = 1",
            expect![[r#"
            error: this compares two values and no field
             --> predicate:1:1
              |
            1 | 1 = 1
              | ^^^^^ the same for every event
              = help: write a field on one side, or `TRUE` or `FALSE`
        "#]],
        ),
        (
            "write > FALSE",
            expect![[r#"
            error: the values of `write` have no order
             --> predicate:1:7
              |
            1 | write > FALSE
              |       ^ not for this field
              = help: use `=`, `<>` or `IN`
        "#]],
        ),
        (
            "write IS TRUE",
            expect![[r#"
            error: expected `NULL` here
             --> predicate:1:10
              |
            1 | write IS TRUE
              |          ^^^^ not expected
              = help: write `write = TRUE`, `write = FALSE` or `write IS NULL`
        "#]],
        ),
        (
            "name LIKE 'a_c%'",
            expect![[r#"
            error: `LIKE` compares the beginning of a text
             --> predicate:1:11
              |
            1 | name LIKE 'a_c%'
              |           ^^^^^^ not a beginning and `%`
              = help: `_` means any character there; end the text before it: `LIKE 'Create%'`
        "#]],
        ),
        (
            "name LIKE '%x'",
            expect![[r#"
            error: `LIKE` compares the beginning of a text
             --> predicate:1:11
              |
            1 | name LIKE '%x'
              |           ^^^^ not a beginning and `%`
              = help: to compare the whole text write `name = '…'`; for a beginning end with `%`: `LIKE 'Create%'`
        "#]],
        ),
        (
            "name LIKE 'abc'",
            expect![[r#"
            error: `LIKE` compares the beginning of a text
             --> predicate:1:11
              |
            1 | name LIKE 'abc'
              |           ^^^^^ not a beginning and `%`
              = help: to compare the whole text write `name = '…'`; for a beginning end with `%`: `LIKE 'Create%'`
        "#]],
        ),
        (
            "place LIKE 'C%'",
            expect![[r#"
            error: `place` is not free text
             --> predicate:1:1
              |
            1 | place LIKE 'C%'
              | ^^^^^ takes a place: two capitals in single quotes, for example `'CN'`
              = help: use `=` or `IN`
        "#]],
        ),
        (
            "name = 'a\\b'",
            expect![[r#"
            error: a backslash means different things to different databases
             --> predicate:1:8
              |
            1 | name = 'a\b'
              |        ^^^^^ has a backslash
              = help: compare another field, or use `LIKE` with what stands before the backslash
        "#]],
        ),
        (
            "name = 'a",
            expect![[r#"
            error: this text has no end
             --> predicate:1:8
              |
            1 | name = 'a
              |        ^ opens here
              = help: close it with `'`; a quote inside is written twice: `'it''s'`
        "#]],
        ),
        (
            "(name = 'a'",
            expect![[r#"
            error: this parenthesis is not closed
             --> predicate:1:1
              |
            1 | (name = 'a'
              | ^ opens here
        "#]],
        ),
        (
            "name = 'a')",
            expect![[r#"
            error: the predicate should end here, or go on with `AND` or `OR`
             --> predicate:1:11
              |
            1 | name = 'a')
              |           ^ not expected
        "#]],
        ),
        (
            "(quantity + 1) > 2",
            expect![[r#"
            error: this has to be compared with something
             --> predicate:1:2
              |
            1 | (quantity + 1) > 2
              |  ^^^^^^^^^^^^ no comparison
              = help: write a field, a comparison and a value: `place = 'CN'`
        "#]],
        ),
        (
            "name = 'a' AND place = 'CN' OR mfa",
            expect![[r#"
            error: `AND` and `OR` next to each other can be read in two ways
             --> predicate:1:29
              |
            1 | name = 'a' AND place = 'CN' OR mfa
              |                             ^^ follows `AND`
              = help: write `(name = 'a' AND place = 'CN') OR …`, or put the parentheses where the promise has them
        "#]],
        ),
        (
            "name = 'a' AND",
            expect![[r#"
            error: the predicate ends too early
             --> predicate:1:15
              |
            1 | name = 'a' AND
              |               ^ nothing follows
              = help: write a condition, for example `place = 'CN'`
        "#]],
        ),
        (
            "",
            expect![[r#"
                error: the predicate is empty
                 --> predicate:1:1
                  |
                1 |
                  | ^ nothing follows
                  = help: write a condition, for example `place = 'CN'`
            "#]],
        ),
        (
            "name = 'a' -- remark",
            expect![[r#"
            error: a predicate has no comments
             --> predicate:1:12
              |
            1 | name = 'a' -- remark
              |            ^^ here
              = help: put the comment on a line of its own, after `#`
        "#]],
        ),
        (
            "mfa && write",
            expect![[r#"
            error: `&&` is not SQL
             --> predicate:1:5
              |
            1 | mfa && write
              |     ^^ here
              = help: write `AND`
        "#]],
        ),
        (
            "place ＝ 'CN'",
            expect![[r#"
            error: `＝` does not belong in a predicate
             --> predicate:1:7
              |
            1 | place ＝ 'CN'
              |       ^^ not part of the language
              = help: write the ASCII sign `=`
        "#]],
        ),
        (
            "name = 'a'; DROP TABLE events",
            expect![[r#"
            error: `;` does not belong in a predicate
             --> predicate:1:11
              |
            1 | name = 'a'; DROP TABLE events
              |           ^ not part of the language
              = help: a predicate is one condition, without a semicolon
        "#]],
        ),
        (
            "e.place = 'CN'",
            expect![[r#"
                error: `.` does not belong in a predicate
                 --> predicate:1:2
                  |
                1 | e.place = 'CN'
                  |  ^ not part of the language
                  = help: every predicate is about one event: write the field's name alone; what compares two events goes into `where`
            "#]],
        ),
        (
            "quantity = 9007199254740992",
            expect![[r#"
            error: an integer is at most 9007199254740991
             --> predicate:1:12
              |
            1 | quantity = 9007199254740992
              |            ^^^^^^^^^^^^^^^^ too great
        "#]],
        ),
    ] {
        check_wrong(text, expected);
    }
}

#[test]
fn limits_hold_at_their_borders() {
    let places = random::places();
    let deep = |n: usize| format!("{}mfa{}", "(".repeat(n), ")".repeat(n));
    assert!(Predicate::parse(&deep(31), &places).is_ok());
    assert!(Predicate::parse(&deep(32), &places).is_err());
    assert!(Predicate::parse(&deep(4_000), &places).is_err());
    assert!(Predicate::parse(&format!("{}mfa", "NOT ".repeat(2_000)), &places).is_err());
    let long = |n: usize| vec!["mfa"; n].join(" AND ");
    assert!(Predicate::parse(&long(256), &places).is_ok());
    assert!(Predicate::parse(&long(257), &places).is_err());
    let many = |n: usize| format!("quantity IN ({})", vec!["1"; n].join(","));
    assert!(Predicate::parse(&many(256), &places).is_ok());
    assert!(Predicate::parse(&many(257), &places).is_err());
    let bytes = |n: usize| format!("{}mfa", " ".repeat(n - 3));
    assert!(Predicate::parse(&bytes(8_192), &places).is_ok());
    assert!(Predicate::parse(&bytes(8_193), &places).is_err());
    let name = |n: usize| format!("name = '{}'", "x".repeat(n));
    assert!(Predicate::parse(&name(480), &places).is_ok());
    assert!(Predicate::parse(&name(481), &places).is_err());
}
