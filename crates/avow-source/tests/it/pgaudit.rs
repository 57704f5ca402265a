//! PostgreSQL with pgaudit: the figures of `expected/pgaudit.json`, computed
//! from the log without Avow, and what a log shows about its completeness.

use std::collections::{BTreeMap, BTreeSet};

use avow_event::{Action, Event, Outcome, PlaceTable};
use avow_source::{Kind, Stats};
use serde_json::{Value, json};

use crate::evidence;

fn read(text: &str) -> (Vec<Event>, Stats) {
    let (places, key) = (PlaceTable::built_in(), evidence::key());
    let mut events = Vec::new();
    let name = "log".as_ref();
    let mut stream = text.as_bytes();
    let stats =
        avow_source::read_stream(name, None, &mut stream, &places, &key, &mut |event, _| {
            events.push(event);
        });
    (events, stats.unwrap())
}

fn tally<'e>(events: &[&'e Event], key: impl Fn(&'e Event) -> String) -> Value {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for event in events {
        *counts.entry(key(event)).or_default() += 1;
    }
    json!(counts)
}

fn part(event: &Event, at: usize) -> String {
    let name = event.name.as_deref().unwrap();
    name.split(':').nth(at).unwrap().replace('_', " ")
}

#[test]
fn both_formats_give_the_expected_figures() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let file = folder.join("expected/pgaudit.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for log in ["postgresql.csv.gz", "postgresql.json.gz"] {
        let path = folder.join("postgres-pgaudit").join(log);
        let (events, stats) = evidence::read_as(Some(Kind::PgAudit), &[path]);
        assert_eq!(stats.malformed, 0, "{log}");
        let is_audit = |e: &&Event| {
            let name = e.name.as_deref().unwrap_or_default();
            name.starts_with("SESSION:") || name.starts_with("OBJECT:")
        };
        let audit: Vec<&Event> = events.iter().filter(is_audit).collect();
        let is = |key: &str, found: Value| assert_eq!(found, expected[key], "{log}: {key}");
        is("log_records", json!(stats.records));
        is("audit_records", json!(audit.len()));
        let denied = events.iter().filter(|e| e.code.as_deref() == Some("42501"));
        is("permission_denied_42501", json!(denied.count()));
        is("by_type", tally(&audit, |e| part(e, 0)));
        is("by_class", tally(&audit, |e| part(e, 1)));
        is("by_command", tally(&audit, |e| part(e, 2)));
        let sessions: BTreeSet<_> = audit.iter().map(|e| &e.session).collect();
        is("distinct_sessions", json!(sessions.len()));
        let out = audit.iter().filter(|e| e.action == Action::Disclose);
        is("copies_out", json!(out.count()));
        let mut schemas: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for event in &audit {
            let case = schemas
                .entry(event.case_id.as_deref().unwrap())
                .or_default();
            case.extend(event.region.as_deref());
        }
        let both = schemas
            .values()
            .filter(|of| of.contains("eu") && of.contains("cn"));
        is("statements_touching_both_eu_and_cn", json!(both.count()));
        by_user(&audit, &expected);
    }
}

/// Names do not leave a record: those that are expected get pseudonyms here.
fn by_user(audit: &[&Event], expected: &Value) {
    let key = evidence::key();
    let is = |of: &str, found: &Value| {
        let users = expected[of].as_object().unwrap();
        assert_eq!(found.as_object().unwrap().len(), users.len(), "{of}");
        for (user, count) in users {
            assert_eq!(found[key.pseudonym("actor", user)], *count, "{of}: {user}");
        }
    };
    let actor = |e: &Event| e.actor.clone().unwrap();
    is("by_user", &tally(audit, actor));
    for schema in ["eu", "cn"] {
        let person = key.pseudonym("object", &format!("vault/{schema}.person"));
        let is_read =
            |e: &&&Event| e.object.as_deref() == Some(person.as_str()) && part(e, 1) == "READ";
        let reads: Vec<&Event> = audit.iter().filter(is_read).copied().collect();
        is(
            &format!("reads_of_{schema}_person_by_user"),
            &tally(&reads, actor),
        );
    }
}

/// A row of `csvlog`.
fn row(session: &str, number: u64, second: u64, message: &str) -> String {
    let message = message.replace('"', "\"\"");
    format!(
        "2026-03-08 00:00:{second:02}.000 UTC,\"ana\",\"shop\",4726,\"[local]\",{session},{number},\
         \"SET\",2026-03-08 00:00:00 UTC,3/2,724,LOG,00000,\"{message}\",,,,,,,,,\"psql\",\
         \"client backend\",,0\n"
    )
}

fn select(session: &str, number: u64, second: u64) -> String {
    let message = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,eu.person,\
                   \"SELECT * FROM eu.person WHERE mail = 'ana@example.com'\",<none>,3";
    row(session, number, second, message)
}

fn gaps(events: &[Event]) -> Vec<(String, Option<String>)> {
    let gaps = events.iter().filter(|event| event.action == Action::Gap);
    gaps.map(|e| (e.time.to_string(), e.due.map(|due| due.to_string())))
        .collect()
}

fn second(second: u64) -> String {
    format!("2026-03-08T00:00:{second:02}.000000Z")
}

#[test]
fn nothing_of_a_statement_leaves_a_record() {
    let (events, _) = read(&select("6b03f901.1", 1, 10));
    let leaf = String::from_utf8(events[0].to_leaf()).unwrap();
    assert_eq!(events[0].quantity, Some(3));
    assert_eq!(events[0].region.as_deref(), Some("eu"));
    for text in ["ana", "example.com", "FROM", "person"] {
        assert!(!leaf.contains(text), "{text} in {leaf}");
    }
}

#[test]
fn a_line_that_is_missing_in_a_session_is_a_gap() {
    let text = [
        select("6b03f901.1", 1, 10),
        select("6b03f901.2", 1, 11),
        select("6b03f901.1", 2, 12),
        select("6b03f901.1", 4, 14),
        select("6b03f901.2", 2, 15),
    ];
    let (events, _) = read(&text.concat());
    assert_eq!(gaps(&events), [(second(12), Some(second(14)))]);
}

#[test]
fn while_recording_is_switched_off_for_all_it_is_a_gap() {
    let off = "parameter \"pgaudit.log\" changed to \"none\"";
    let on = "parameter \"pgaudit.log\" changed to \"read, write\"";
    let text = [
        select("6b03f901.1", 1, 10),
        row("6b03f901.0", 1, 11, off),
        row(
            "6b03f901.2",
            1,
            12,
            "connection authorized: user=ana database=shop",
        ),
        row("6b03f901.0", 2, 13, on),
        select("6b03f901.1", 2, 14),
    ];
    let (events, _) = read(&text.concat());
    assert_eq!(
        gaps(&events),
        [
            (second(11), None),
            (second(12), None),
            (second(11), Some(second(13)))
        ]
    );
    let names: Vec<_> = events.iter().filter_map(|e| e.name.as_deref()).collect();
    assert_eq!(
        names
            .iter()
            .filter(|name| **name == "SETTING:pgaudit.log")
            .count(),
        2
    );
}

#[test]
fn a_session_that_switches_its_recording_off_is_a_gap_until_it_ends() {
    let set = "AUDIT: SESSION,2,1,MISC,SET,,,SET pgaudit.log = 'none',<none>,0";
    let end = "disconnection: session time: 0:00:00.1 user=ana database=shop host=[local]";
    let text = [
        row("6b03f901.1", 1, 10, set),
        select("6b03f901.2", 1, 11),
        row("6b03f901.1", 2, 12, end),
        select("6b03f901.2", 2, 13),
    ];
    let (events, stats) = read(&text.concat());
    assert_eq!(stats.malformed, 0);
    assert_eq!(
        gaps(&events),
        [
            (second(10), None),
            (second(11), None),
            (second(10), Some(second(12)))
        ]
    );
}

#[test]
fn a_refusal_is_denied_and_a_failed_sign_in_too() {
    let refused = row("6b03f901.1", 1, 10, "permission denied for table person")
        .replace("LOG,00000", "ERROR,42501");
    let unknown = row(
        "6b03f901.2",
        1,
        11,
        "password authentication failed for user \"ana\"",
    )
    .replace("LOG,00000", "FATAL,28P01");
    let (events, _) = read(&format!("{refused}{unknown}"));
    let found: Vec<_> = events
        .iter()
        .map(|e| (e.action, e.outcome, e.code.as_deref()))
        .collect();
    let denied = Some(Outcome::Denied);
    assert_eq!(
        found,
        [
            (Action::Access, denied, Some("42501")),
            (Action::Login, denied, Some("28P01"))
        ]
    );
}

#[test]
fn a_time_that_is_not_in_utc_is_refused_with_what_to_set() {
    let text = select("6b03f901.1", 1, 10).replacen(" UTC,", " CET,", 1);
    let (events, stats) = read(&format!("{}{text}", select("6b03f901.2", 1, 9)));
    assert_eq!((events.len(), stats.malformed), (1, 1));
    assert!(stats.malformed_first[0].reason.contains("log_timezone"));
}
