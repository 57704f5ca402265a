//! `docs/spec/event.md` against the code: fields, vocabularies, limits.

use std::fmt::Write as _;
use std::process::Command;

use avow_event::{Action, Category, Field, FieldKind, Outcome};

use crate::shared;

/// The part of `docs/spec/event.md` between the two comments of that name.
fn part(name: &str) -> String {
    let text = std::fs::read_to_string(shared::document("spec/event.md")).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    rest.split_once(&format!("<!-- end of {name} -->"))
        .unwrap()
        .0
        .to_owned()
}

/// The cells of a table's rows, without head and rule.
fn rows(name: &str) -> Vec<Vec<String>> {
    part(name)
        .lines()
        .skip(2)
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect()
}

fn kind(field: Field) -> &'static str {
    match field.kind() {
        FieldKind::Text => "text",
        FieldKind::Place => "place",
        FieldKind::Action => "action",
        FieldKind::Outcome => "outcome",
        FieldKind::Category => "category",
        FieldKind::Integer => "integer",
        FieldKind::Boolean => "boolean",
        FieldKind::Time => "time",
    }
}

#[test]
fn the_document_lists_every_field_with_its_kind() {
    let documented: Vec<[String; 3]> = rows("fields")
        .into_iter()
        .map(|row| {
            assert_eq!(row.len(), 7, "{row:?}");
            assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
            [row[0].clone(), row[1].clone(), row[2].clone()]
        })
        .collect();
    let expected: Vec<[String; 3]> =
        std::iter::once(["`v`".into(), "integer".into(), "yes".into()])
            .chain(Field::ALL.iter().map(|&field| {
                let required = if field.is_required() { "yes" } else { "no" };
                [
                    format!("`{}`", field.as_str()),
                    kind(field).into(),
                    required.into(),
                ]
            }))
            .collect();
    assert_eq!(documented, expected);
}

#[test]
fn the_document_lists_every_value_of_the_vocabularies() {
    let names =
        |name: &str| -> Vec<String> { rows(name).into_iter().map(|row| row[0].clone()).collect() };
    let quoted = |name: &str| format!("`{name}`");
    assert_eq!(
        names("actions"),
        Action::ALL
            .iter()
            .map(|a| quoted(a.as_str()))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        names("outcomes"),
        Outcome::ALL
            .iter()
            .map(|a| quoted(a.as_str()))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        names("categories"),
        Category::ALL
            .iter()
            .map(|a| quoted(a.as_str()))
            .collect::<Vec<_>>()
    );
}

#[test]
fn the_document_states_the_limits() {
    let stated: Vec<Vec<String>> = rows("limits")
        .into_iter()
        .map(|row| row[..2].to_vec())
        .collect();
    let expected = [
        ("LEAF_BYTES_MAX", avow_event::LEAF_BYTES_MAX as u64),
        ("STRING_BYTES_MAX", avow_event::STRING_BYTES_MAX as u64),
        ("INTEGER_MAX", avow_event::INTEGER_MAX),
        ("SEALED_FIELDS_MAX", avow_event::SEALED_FIELDS_MAX as u64),
        (
            "SEALED_VALUE_BYTES_MAX",
            avow_event::SEALED_VALUE_BYTES_MAX as u64,
        ),
    ];
    let expected: Vec<Vec<String>> = expected
        .iter()
        .map(|(name, value)| vec![format!("`{name}`"), value.to_string()])
        .collect();
    assert_eq!(stated, expected);
}

#[test]
fn the_error_that_the_document_quotes_is_the_one_that_is_given() {
    let error = avow_event::Event::from_leaf(br#"{"action":"store","seq":01}"#).unwrap_err();
    let text = std::fs::read_to_string(shared::document("spec/event.md")).unwrap();
    assert!(text.contains(&format!("``{error}``")), "{error}");
}

/// PostgreSQL 18, appendix C: the words that are reserved and cannot name a
/// column, with those that DuckDB 1.4 adds.
const RESERVED: &str = "all analyse analyze and any array as asc asymmetric authorization binary \
    both case cast check collate collation column concurrently constraint create cross \
    current_catalog current_date current_role current_schema current_time current_timestamp \
    current_user default deferrable desc describe distinct do else end except false fetch for \
    foreign freeze from full glob grant group having ilike in initially inner intersect into is \
    isnull join lambda lateral leading left like limit localtime localtimestamp natural not \
    notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing \
    primary qualify references returning right select session_user show similar some summarize \
    symmetric system_user table tablesample then to trailing true union unique unpivot user using \
    variadic verbose when where window with";

#[test]
fn no_field_is_named_by_a_reserved_word_of_sql() {
    let reserved: Vec<&str> = RESERVED.split_whitespace().collect();
    for field in Field::ALL {
        assert!(!reserved.contains(&field.as_str()), "{}", field.as_str());
    }
}

/// The parsers themselves: every name unquoted, as a column and in a predicate.
#[test]
fn sqlite_and_duckdb_take_every_name_unquoted() {
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        println!("not run: AVOW_PYTHON is not set");
        return;
    };
    let mut columns = String::from("v INTEGER");
    let mut predicates = String::from("v = 1");
    for field in Field::ALL {
        write!(columns, ", {} VARCHAR", field.as_str()).unwrap();
        write!(predicates, " AND {0} <> '' AND {0} IS NULL", field.as_str()).unwrap();
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/sql_names.py");
    let select = format!("SELECT * FROM events WHERE {predicates}");
    let table = format!("CREATE TABLE events ({columns})");
    let output = Command::new(python)
        .args([script, &table, &select])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
