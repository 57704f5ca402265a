//! Events in our own schema, bare and in CloudEvents envelopes.

use std::path::Path;

use avow_event::{Event, PlaceTable, is_pseudonym};
use avow_source::{Kind, Stats};

use crate::evidence::key;

fn read(text: &str) -> (Vec<Event>, Stats) {
    let mut events = Vec::new();
    let stats = avow_source::read_stream(
        Path::new("test"),
        Some(Kind::Events),
        &mut text.as_bytes(),
        &PlaceTable::built_in(),
        &key(),
        &mut |event, _| events.push(event),
    )
    .unwrap();
    (events, stats)
}

fn leaf(text: &str) -> String {
    let (events, stats) = read(text);
    assert_eq!(events.len(), 1, "{:?}", stats.malformed_first);
    String::from_utf8(events[0].to_leaf()).unwrap()
}

fn reason(text: &str) -> String {
    let (events, stats) = read(text);
    assert_eq!((events.len(), stats.malformed), (0, 1), "{text}");
    stats.malformed_first[0].reason.clone()
}

const LEAF: &str = r#"{"action":"store","place":"CN","seq":7,"source":"vault-cn","time":"2026-03-08T00:00:10.000000Z","v":1,"write":true}"#;

#[test]
fn a_canonical_leaf_is_read_as_it_is() {
    assert_eq!(leaf(LEAF), LEAF);
}

#[test]
fn members_in_any_order_with_any_space_and_any_offset_give_the_same_leaf() {
    for text in [
        r#" { "write" : true , "time":"2026-03-08T08:00:10+08:00","source":"vault-cn",
             "seq":7,"place":"CN","action":"store" } "#,
        r#"{"v":1,"write":true,"time":"2026-03-08T00:00:10Z","source":"vault-cn","seq":7,"place":"CN","action":"store"}"#,
        r#"{"write":true,"t\u0069me":"2026-03-08T00:00:10.000Z","source":"v\u0061ult-cn","seq":7,"place":"CN","action":"store"}"#,
    ] {
        assert_eq!(leaf(text), LEAF);
    }
}

#[test]
fn a_cloudevents_envelope_gives_source_and_time_to_its_data() {
    for data in [
        r#"{"action":"store","place":"CN","seq":7,"write":true}"#,
        r#"{"action":"store","place":"CN","seq":7,"write":true,"v":1,"source":"vault-cn","time":"2026-03-08T00:00:10Z"}"#,
    ] {
        let text = format!(
            r#"{{"specversion":"1.0","id":"a","source":"vault-cn","type":"org.example.store","time":"2026-03-08T00:00:10Z","datacontenttype":"application/json","myextension":5,"data":{data}}}"#
        );
        assert_eq!(leaf(&text), LEAF);
    }
}

#[test]
fn what_the_data_says_of_itself_wins_over_its_envelope() {
    let text = r#"{"specversion":"1.0","id":"a","source":"/bus","time":"2020-01-01T00:00:00Z","data":{"action":"store","place":"CN","seq":7,"write":true,"source":"vault-cn","time":"2026-03-08T00:00:10Z"}}"#;
    assert_eq!(leaf(text), LEAF);
}

#[test]
fn a_broken_envelope_is_malformed() {
    for (text, expected) in [
        (
            r#"{"specversion":"0.3","id":"a","source":"b","data":{}}"#,
            "a CloudEvents envelope has `specversion` `1.0`",
        ),
        (
            r#"{"specversion":"1.0","source":"b","data":{}}"#,
            "a CloudEvents envelope has an `id` and a `source`, both text",
        ),
        (
            r#"{"specversion":"1.0","id":5,"source":"b","data":{}}"#,
            "a CloudEvents envelope has an `id` and a `source`, both text",
        ),
        (
            r#"{"specversion":"1.0","id":"a","source":"b"}"#,
            "a CloudEvents envelope without `data` holds no event",
        ),
        (
            r#"{"specversion":"1.0","id":"a","source":"b","data":{"action":"store","seq":1}}"#,
            "`time` is missing",
        ),
        (
            r#"{"specversion":"1.0","id":"a","source":"b","data":"eA=="}"#,
            "the fields of an event are the members of an object",
        ),
    ] {
        assert_eq!(reason(text), expected);
    }
}

#[test]
fn what_is_wrong_with_an_event_is_named() {
    let with = |member: &str| LEAF.replace("\"place\":\"CN\"", member);
    for (text, expected) in [
        (
            with(r#""colour":"red""#),
            "`colour` is no field of an event",
        ),
        (
            with(r#""place":5"#),
            "`place` takes an ISO 3166-1 alpha-2 code in capitals, or `UNKNOWN`",
        ),
        (
            with(r#""place":"cn""#),
            "`place` takes an ISO 3166-1 alpha-2 code in capitals, or `UNKNOWN`",
        ),
        (
            with(r#""place":null"#),
            "`place` takes text, or is left out",
        ),
        (with(r#""mfa":"yes""#), "`mfa` takes `true` or `false`"),
        (
            with(r#""bytes":-1"#),
            "`bytes` takes an integer, or is left out",
        ),
        (
            with(r#""bytes":1.5"#),
            "`bytes` takes an integer, or is left out",
        ),
        (
            with(r#""bytes":9007199254740992"#),
            "`bytes` takes an integer from 0 to 9007199254740991",
        ),
        (
            with(r#""due":"tomorrow""#),
            "`due` takes an RFC 3339 time, for example `2026-03-08T00:00:10.000000Z`",
        ),
        (with(r#""action":"store""#), "`action` is given twice"),
        (
            with(r#""purpose":["a"]"#),
            "`purpose` takes text, or is left out",
        ),
        (
            LEAF.replace("\"v\":1", "\"v\":2"),
            "`v`: this release reads version 1",
        ),
        (
            LEAF.replace("\"store\"", "\"stored\""),
            "`action` takes an action of docs/spec/event.md, for example `store`",
        ),
        (LEAF.replace("\"seq\":7,", ""), "`seq` is missing"),
        (
            LEAF.replace("\"source\":\"vault-cn\",", ""),
            "`source` is missing",
        ),
        (
            LEAF.replace("vault-cn", ""),
            "`source` takes a name that is not empty",
        ),
    ] {
        assert_eq!(reason(&text), expected, "{text}");
    }
}

#[test]
fn no_reason_repeats_what_may_be_a_name() {
    let name = "jane@example.com";
    for member in [
        format!(r#""due":"{name}""#),
        format!(r#""{name}":1"#),
        format!(r#""place":"{name}""#),
        format!(r#""outcome":"{name}""#),
        format!(r#""mfa":"{name}""#),
        format!(r#""purpose":{{"{name}":1}}"#),
        r#""491701234567":1"#.to_owned(),
    ] {
        let found = reason(&LEAF.replace("\"place\":\"CN\"", &member));
        assert!(!found.contains(name) && !found.contains("4917"), "{found}");
    }
    let found = reason(&LEAF.replace("2026-03-08T00:00:10.000000Z", name));
    assert!(!found.contains(name), "{found}");
    let envelope =
        r#"{"specversion":"1.0","id":"a","source":"b","time":"jane@example.com","data":{}}"#;
    assert!(!reason(envelope).contains(name));
}

#[test]
fn names_of_people_and_things_become_pseudonyms_and_pseudonyms_stay() {
    let given = key().pseudonym("subject", "ana@example.org");
    let text = LEAF.replace(
        "\"place\":\"CN\"",
        &format!(
            r#""subject":"{given}","actor":"bo@example.org","object":"record 5","case_id":"case 6","grant_id":"grant 7""#
        ),
    );
    let (events, _) = read(&text);
    let event = &events[0];
    assert_eq!(event.subject.as_ref(), Some(&given));
    for (field, kind, value) in [
        (&event.actor, "actor", "bo@example.org"),
        (&event.object, "object", "record 5"),
        (&event.case_id, "case_id", "case 6"),
        (&event.grant_id, "grant_id", "grant 7"),
    ] {
        let found = field.as_deref().unwrap();
        assert!(is_pseudonym(found));
        assert_eq!(found, key().pseudonym(kind, value));
    }
}

#[test]
fn the_same_number_with_the_same_content_is_a_duplicate() {
    let (events, stats) = read(&format!("{LEAF}\n{LEAF}\n"));
    assert_eq!((events.len(), stats.events, stats.duplicates), (1, 2, 1));
}

#[test]
fn the_same_number_with_other_content_is_malformed_and_the_first_one_stands() {
    let other = LEAF.replace("CN", "DE");
    let (events, stats) = read(&format!("{LEAF}\n{other}\n{LEAF}\n{other}\n"));
    assert_eq!(events.len(), 1);
    assert_eq!((stats.duplicates, stats.malformed), (1, 2));
    assert_eq!(
        stats.malformed_first[0].reason,
        "number 7 of `vault-cn` was read before with other content"
    );
}

#[test]
fn an_envelope_delivered_twice_is_a_duplicate() {
    let envelope = |id: &str, seq: u32| {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"bus","time":"2026-03-08T00:00:10Z","data":{{"action":"store","seq":{seq}}}}}"#
        )
    };
    let text = [envelope("a", 1), envelope("a", 1), envelope("b", 2)].join("\n");
    let (events, stats) = read(&text);
    assert_eq!((events.len(), stats.duplicates, stats.malformed), (2, 1, 0));
}

#[test]
fn a_second_envelope_with_the_same_id_is_read_if_it_says_something_else() {
    let envelope = |seq: u32, place: &str| {
        format!(
            r#"{{"specversion":"1.0","id":"a","source":"bus","time":"2026-03-08T00:00:10Z","data":{{"action":"store","seq":{seq},"place":"{place}"}}}}"#
        )
    };
    let text = [envelope(1, "DE"), envelope(2, "CN"), envelope(2, "CN")].join("\n");
    let (events, stats) = read(&text);
    assert_eq!(events.len(), 2);
    assert_eq!((stats.duplicates, stats.conflicting), (1, 1));
    // Another number does not excuse the reuse of one.
    let text = [envelope(1, "DE"), envelope(1, "CN")].join("\n");
    let (events, stats) = read(&text);
    assert_eq!((events.len(), stats.malformed), (1, 1));
}

#[test]
fn what_is_no_object_is_malformed() {
    for text in ["5", "[5]", "[[]]", "null", "\"x\""] {
        reason(text);
    }
}
