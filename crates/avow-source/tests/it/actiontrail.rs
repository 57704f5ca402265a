//! Every figure of `expected/actiontrail.*.json`, by plain queries over the
//! events. The figures were computed from the records, without Avow.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Outcome, Place};
use avow_source::Kind;
use serde_json::{Value, json};

use crate::evidence;

const ALLOWED: [&str; 2] = ["cn-hangzhou", "cn-shanghai"];

fn is_outside(region: Option<&str>) -> bool {
    region.is_none_or(|region| !ALLOWED.contains(&region))
}

fn count(events: &[Event], which: impl Fn(&&Event) -> bool) -> Value {
    json!(events.iter().filter(which).count())
}

#[test]
fn made_up_multiregion_gives_the_expected_figures() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let file = folder.join("expected/actiontrail.made-up-multiregion.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let set = folder.join("made-up-multiregion");
    let paths = [set.join("actiontrail.ndjson")];
    let (calls, stats) = evidence::read_as(Some(Kind::ActionTrail), &paths);
    let paths = [set.join("inner-actiontrail.ndjson")];
    let (staff, _) = evidence::read_as(Some(Kind::InnerActionTrail), &paths);
    let mut regions: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &calls {
        *regions.entry(event.region.as_deref().unwrap()).or_default() += 1;
    }
    let is_ok = |e: &&Event| e.outcome == Some(Outcome::Success);
    let write_outside = |e: &&Event| e.write == Some(true) && is_outside(e.region.as_deref());
    let moved_outside = |e: &&Event| {
        e.action == Action::Copy && e.to_region.is_some() && is_outside(e.to_region.as_deref())
    };
    let found = json!({
        "events": stats.events,
        "per_region": regions,
        "writes": count(&calls, |e| e.write == Some(true)),
        "writes_outside": count(&calls, write_outside),
        "writes_outside_succeeded": count(&calls, |e| write_outside(e) && is_ok(e)),
        "transfers_outside": count(&calls, moved_outside),
        "transfers_outside_succeeded": count(&calls, |e| moved_outside(e) && is_ok(e)),
        "console_signins_without_mfa":
            count(&calls, |e| e.action == Action::Login && e.mfa == Some(false) && is_ok(e)),
        "provider_staff_operations": staff.len(),
        "provider_staff_outside_country":
            count(&staff, |e| e.actor_place != Some(Place::parse("CN").unwrap())),
        "provider_staff_without_reason": count(&staff, |e| e.case_id.is_none()),
    });
    assert_eq!(found, expected);
}

#[test]
fn without_being_told_the_kind_every_record_is_known() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let (events, stats) = evidence::read(&[folder.join("made-up-multiregion")]);
    assert_eq!((stats.skipped, stats.malformed), (0, 0));
    let of = |feed: &str| events.iter().filter(|e| e.source.starts_with(feed)).count();
    assert_eq!(
        (
            of("cloudtrail-"),
            of("actiontrail-"),
            of("inner-actiontrail-")
        ),
        (3_000, 600, 40)
    );
}
