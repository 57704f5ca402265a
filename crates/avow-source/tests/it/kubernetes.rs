//! Audit events of Kubernetes: the figures of `expected/k8s.*.json`, computed
//! from the rows without Avow, and the shapes that JSON comes in.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Outcome, PlaceTable};
use avow_source::{Kind, Stats};
use serde_json::{Value, json};

use crate::evidence;

fn read(text: &str) -> (Vec<Event>, Stats) {
    let (places, key) = (PlaceTable::built_in(), evidence::key());
    let mut events = Vec::new();
    let name = "audit".as_ref();
    let mut stream = text.as_bytes();
    let stats =
        avow_source::read_stream(name, None, &mut stream, &places, &key, &mut |event, _| {
            events.push(event);
        });
    (events, stats.unwrap())
}

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata",
  "auditID":"5b5d2e3a-6f25-4c2a-9c68-0c4b0a5f4f11","stage":"ResponseComplete","verb":"create",
  "user":{"username":"ana@example.com"},"sourceIPs":["192.0.2.7"],
  "objectRef":{"resource":"pods","subresource":"exec","namespace":"prod","name":"db-0"},
  "responseStatus":{"code":101},"requestReceivedTimestamp":"2026-03-08T00:00:10.123456Z"}"#;

fn tally(events: &[Event], key: impl Fn(&Event) -> String) -> Value {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for event in events {
        *counts.entry(key(event)).or_default() += 1;
    }
    json!(counts)
}

fn part(event: &Event, at: usize) -> String {
    let name = event.name.as_deref().unwrap();
    name.split(':')
        .nth(at)
        .unwrap_or("ResponseComplete")
        .to_owned()
}

#[test]
fn perfspec_gives_the_expected_figures() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let file = folder.join("expected/k8s.perfspec.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let set = folder.join("kubernetes-audit-perfspec");
    let (events, stats) = evidence::read_as(Some(Kind::Kubernetes), &[set]);
    let is = |key: &str, found: Value| assert_eq!(found, expected[key], "{key}");
    is("events", json!(stats.events));
    is("malformed_rows", json!(stats.malformed));
    is("by_verb", tally(&events, |e| part(e, 0)));
    is("by_stage", tally(&events, |e| part(e, 2)));
    is("by_code", tally(&events, |e| e.code.clone().unwrap()));
    let mut cases: Vec<_> = events
        .iter()
        .map(|e| e.case_id.as_deref().unwrap())
        .collect();
    cases.sort_unstable();
    cases.dedup();
    is("distinct_audit_ids", json!(cases.len()));
    let first = events.iter().map(|e| e.time).min().unwrap();
    let last = events.iter().map(|e| e.time).max().unwrap();
    is("first", json!(first.to_string()));
    is("last", json!(last.to_string()));
    let backwards = events.windows(2).filter(|pair| pair[1].time < pair[0].time);
    is("out_of_order_pairs", json!(backwards.count()));
    // Names do not leave a record: those that are expected get pseudonyms here.
    let users = expected["by_user"].as_object().unwrap();
    let key = evidence::key();
    let found = tally(&events, |e| e.actor.clone().unwrap());
    for (user, count) in users {
        assert_eq!(found[key.pseudonym("actor", user)], *count, "{user}");
    }
}

#[test]
fn an_event_alone_in_a_list_or_without_its_kind_says_the_same() {
    let (alone, _) = read(EVENT);
    let event = &alone[0];
    assert_eq!(event.name.as_deref(), Some("create:pods.exec"));
    assert_eq!((event.action, event.write), (Action::Access, Some(true)));
    assert_eq!(event.outcome, Some(Outcome::Success));
    assert_eq!(event.actor_kind.as_deref(), Some("User"));
    let list =
        format!(r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{EVENT}]}}"#);
    let (listed, stats) = read(&list);
    assert_eq!((listed, stats.records), (alone.clone(), 1));
    let (bare, _) = read(&EVENT.replace(r#""kind":"Event","#, ""));
    assert_eq!(bare, alone);
}

#[test]
fn a_record_is_a_duplicate_by_its_id_and_stage() {
    let started = EVENT.replace("ResponseComplete", "ResponseStarted");
    let (events, stats) = read(&format!("{EVENT}\n{started}\n{EVENT}"));
    assert_eq!((events.len(), stats.duplicates), (2, 1));
    let name = events[1].name.as_deref();
    assert_eq!(name, Some("create:pods.exec:ResponseStarted"));
}

#[test]
fn nothing_personal_leaves_a_record() {
    let (events, _) = read(EVENT);
    let leaf = String::from_utf8(events[0].to_leaf()).unwrap();
    for text in ["ana", "example.com", "192.0.2.7", "db-0", "prod"] {
        assert!(!leaf.contains(text), "{text} in {leaf}");
    }
}

const ROW: &str = "\"{\"\"name\"\":\"\"node\"\"}\",2023-01-27T18:28:08.129781Z,ana,get,secrets,,s1,,\
/api/v1/namespaces/prod/secrets/s1,a1,ResponseComplete,200,,,\n";

#[test]
fn a_row_that_is_cut_is_malformed_and_the_others_are_read() {
    let other = ROW.replace(",a1,", ",a2,");
    let (events, stats) = read(&format!("{ROW}{other}"));
    assert_eq!((events.len(), stats.malformed), (2, 0));
    for cut in [5, 20, 60, other.len() - 20] {
        let (events, stats) = read(&format!("{ROW}{}", &other[..cut]));
        assert_eq!(
            (events.len(), stats.malformed, stats.records),
            (1, 1, 2),
            "{cut}"
        );
    }
    let short = "\"{\"\"name\"\":\"\"node\"\"}\",2023-01-27T18:28:08Z,ana,get\n";
    let (events, stats) = read(&format!("{ROW}{short}{other}"));
    assert_eq!((events.len(), stats.malformed), (2, 1));
}

#[test]
fn a_table_of_another_kind_is_not_taken_for_an_audit_log() {
    let (events, stats) = read("name,age\nana,7\n");
    assert_eq!(events.len(), 0);
    assert!(stats.malformed > 0);
}
