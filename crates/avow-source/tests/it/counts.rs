//! Every figure of `expected/cloudtrail.*.json`, by plain queries over the
//! events. The figures were computed from the records, without Avow.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Outcome, Place};
use avow_source::Kind;
use serde_json::{Value, json};

use crate::evidence;

const SETS: [&str; 8] = [
    "aws-cloudtrail-invictus",
    "aws-cloudtrail-opensearch",
    "aws-cloudtrail-otrf",
    "aws-cloudtrail-stratus",
    "aws-cloudtrail-traildiscover",
    "aws-eventbridge-custodian",
    "made-up-multiregion",
    "panther-labelled",
];

const ALLOWED: [&str; 2] = ["eu-central-1", "eu-west-1"];
const STORES: [&str; 3] = ["s3", "rds", "dynamodb"];
const SHARING: [&str; 9] = [
    "ModifySnapshotAttribute",
    "ModifyImageAttribute",
    "ModifyDBSnapshotAttribute",
    "ModifyDBClusterSnapshotAttribute",
    "PutBucketPolicy",
    "PutBucketAcl",
    "PutObjectAcl",
    "AddPermission20150331v2",
    "AddPermission",
];
const TAMPERING: [&str; 10] = [
    "StopLogging",
    "DeleteTrail",
    "UpdateTrail",
    "PutEventSelectors",
    "DeleteFlowLogs",
    "DeleteLogGroup",
    "DeleteLogStream",
    "DeleteResolverQueryLogConfig",
    "DeleteBucketEncryption",
    "PutBucketLifecycle",
];

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

fn is_outside(event: &Event) -> bool {
    !ALLOWED.contains(&text(&event.region))
}

fn is_failed(event: &Event) -> bool {
    matches!(event.outcome, Some(Outcome::Failure | Outcome::Denied))
}

/// A sign-in says twice how it ended; `docs/reference/sources/cloudtrail.md`
/// has the table. Two records here have an error and `ConsoleLogin: Success`.
fn is_signed_in(event: &Event) -> bool {
    matches!(event.outcome, Some(Outcome::Success | Outcome::Failure))
}

fn is_store_write(event: &Event) -> bool {
    event.write == Some(true) && STORES.contains(&text(&event.system))
}

fn count(events: &[Event], which: impl Fn(&Event) -> bool) -> Value {
    json!(events.iter().filter(|event| which(event)).count())
}

fn tally(events: &[Event], key: impl Fn(&Event) -> Option<String>) -> Value {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for key in events.iter().filter_map(key) {
        *counts.entry(key).or_default() += 1;
    }
    json!(counts)
}

fn name_if(event: &Event, which: bool) -> Option<String> {
    which.then(|| text(&event.name).to_owned())
}

/// The twelve most frequent; the expected files cut the list there.
fn top(tallied: &Value, expected: &Value) -> Value {
    let mut counts: Vec<(String, u64)> =
        serde_json::from_value::<BTreeMap<String, u64>>(tallied.clone())
            .unwrap()
            .into_iter()
            .collect();
    let least = expected
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .min();
    // Where two are equally frequent at the cut, either may be listed.
    counts.retain(|(name, n)| Some(*n) > least || expected.get(name).is_some());
    json!(counts.into_iter().collect::<BTreeMap<_, _>>())
}

/// Calls, the region of the call, the other region.
fn cross_region_copies(events: &[Event]) -> Value {
    let mut copies: Vec<[&str; 3]> = events
        .iter()
        .filter(|e| e.action == Action::Copy && e.from_region != e.to_region)
        .map(|e| {
            let here = text(&e.region);
            let (from, to) = (text(&e.from_region), text(&e.to_region));
            [text(&e.name), here, if from == here { to } else { from }]
        })
        .collect();
    copies.sort_unstable();
    json!(copies)
}

fn store_writes_by_call(event: &Event) -> Option<String> {
    (is_store_write(event) && is_outside(event)).then(|| {
        format!(
            "{}.amazonaws.com {} {}",
            text(&event.system),
            text(&event.name),
            event.region.as_deref().unwrap_or("None"),
        )
    })
}

fn sign_in(event: &Event) -> Option<String> {
    (event.action == Action::Login).then(|| {
        let mfa = match event.mfa {
            Some(true) => "Yes",
            Some(false) => "No",
            None => "None",
        };
        let result = if is_signed_in(event) {
            "Success"
        } else {
            "Failure"
        };
        let kind = event.actor_kind.as_deref().unwrap_or("None");
        format!("{kind} mfa={mfa} result={result}")
    })
}

fn check(set: &str) {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let file = folder.join(format!("expected/cloudtrail.{set}.json"));
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (events, stats) = evidence::read_as(Some(Kind::CloudTrail), &[folder.join(set)]);
    let is = |key: &str, found: Value| assert_eq!(found, expected[key], "{set}: {key}");

    is("files", json!(stats.files));
    is("records_skipped_not_cloudtrail", json!(stats.skipped));
    is("events", json!(stats.events));
    is("unique_events", json!(stats.unique_events));
    is("unique_events", json!(events.len()));
    assert_eq!(stats.malformed, 0, "{set}: {:?}", stats.malformed_first);
    assert_eq!(stats.records, stats.events + stats.skipped);
    assert_eq!(stats.events, stats.unique_events + stats.duplicates);

    is(
        "events_per_region",
        tally(&events, |e| {
            Some(e.region.clone().unwrap_or("(none)".to_owned()))
        }),
    );
    is(
        "unknown_region",
        count(&events, |e| e.place == Some(Place::UNKNOWN)),
    );
    is("events_outside", count(&events, is_outside));
    is("write_events", count(&events, |e| e.write == Some(true)));
    is("failed_events", count(&events, is_failed));
    is("store_writes", count(&events, is_store_write));
    is(
        "store_writes_outside",
        count(&events, |e| is_store_write(e) && is_outside(e)),
    );
    is(
        "store_writes_outside_succeeded",
        count(&events, |e| {
            is_store_write(e) && is_outside(e) && !is_failed(e)
        }),
    );
    is(
        "store_writes_outside_by_call",
        tally(&events, store_writes_by_call),
    );
    is(
        "copy_calls",
        tally(&events, |e| name_if(e, e.action == Action::Copy)),
    );
    is("cross_region_copies", cross_region_copies(&events));
    is(
        "console_logins_success_without_mfa",
        count(&events, |e| {
            e.action == Action::Login && e.mfa == Some(false) && is_signed_in(e)
        }),
    );
    is("console_logins", tally(&events, sign_in));
    is(
        "root_events",
        count(&events, |e| e.actor_kind.as_deref() == Some("Root")),
    );
    is(
        "sharing_calls",
        tally(&events, |e| name_if(e, SHARING.contains(&text(&e.name)))),
    );
    is(
        "log_tampering_calls",
        tally(&events, |e| name_if(e, TAMPERING.contains(&text(&e.name)))),
    );
    let systems = tally(&events, |e| {
        Some(format!("{}.amazonaws.com", text(&e.system)))
    });
    is(
        "top_event_sources",
        top(&systems, &expected["top_event_sources"]),
    );
    // A name counts once for each service that has it.
    let names = tally(&events, |e| {
        Some(format!("{} {}", text(&e.system), text(&e.name)))
    });
    is(
        "distinct_event_names",
        json!(names.as_object().unwrap().len()),
    );
    times_are_as_expected(set, &expected, &events);
}

fn times_are_as_expected(set: &str, expected: &Value, events: &[Event]) {
    let found = |time: Option<avow_event::Micros>| {
        let time = time.unwrap().to_string();
        json!(time.replace(".000000Z", "Z"))
    };
    let first = found(events.iter().map(|e| e.time).min());
    let last = found(events.iter().map(|e| e.time).max());
    // These records have no `eventTime`; the shipper's `@timestamp` stands in.
    if set == "aws-cloudtrail-otrf" {
        assert_eq!(expected["first_event_time"], Value::Null);
        assert_eq!(first, "2020-09-14T00:44:20Z");
        assert_eq!(last, "2020-09-14T01:13:20Z");
        return;
    }
    assert_eq!(
        first, expected["first_event_time"],
        "{set}: first_event_time"
    );
    // One record says `redacted`, which is the greatest text and no time.
    if expected["last_event_time"] != "redacted" {
        assert_eq!(last, expected["last_event_time"], "{set}: last_event_time");
    }
}

macro_rules! sets {
    ($($test:ident = $index:literal;)*) => {
        $(#[test]
        fn $test() {
            check(SETS[$index]);
        })*
    };
}

sets! {
    invictus_gives_the_expected_figures = 0;
    opensearch_gives_the_expected_figures = 1;
    otrf_gives_the_expected_figures = 2;
    stratus_gives_the_expected_figures = 3;
    traildiscover_gives_the_expected_figures = 4;
    custodian_gives_the_expected_figures = 5;
    made_up_multiregion_gives_the_expected_figures = 6;
    panther_gives_the_expected_figures = 7;
}
