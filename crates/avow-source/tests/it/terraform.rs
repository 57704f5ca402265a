//! Terraform: the figures of `expected/tfstate.*.json`, computed from the
//! states without Avow, and plans as `terraform show -json` prints them.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Place, PlaceTable};
use avow_source::Kind;
use serde_json::{Value, json};

use crate::evidence;

const ALLOWED: [&str; 3] = ["eu-central-1", "eu-west-1", "eu-west-3"];

fn check(set: &str) {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let file = folder.join(format!("expected/tfstate.{set}.json"));
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let set_folder = folder.join(format!("terraform-state-{set}"));
    let (events, stats) = evidence::read_as(Some(Kind::Terraform), &[set_folder]);
    let is = |key: &str, found: Value| assert_eq!(found, expected[key], "{set}: {key}");
    is("managed", json!(events.len()));
    let mut locations: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &events {
        assert_eq!(event.action, Action::Configure);
        *locations
            .entry(event.region.as_deref().unwrap_or("(none)"))
            .or_default() += 1;
    }
    is("by_location", json!(locations));
    let count = |which: &dyn Fn(&&Event) -> bool| json!(events.iter().filter(which).count());
    let is_outside = |e: &&Event| e.region.as_deref().is_some_and(|of| !ALLOWED.contains(&of));
    is("managed_outside_allowed", count(&is_outside));
    is("managed_without_location", count(&|e| e.region.is_none()));
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &events {
        *kinds.entry(event.name.as_deref().unwrap()).or_default() += 1;
    }
    for (kind, count) in expected["top_types"].as_object().unwrap() {
        assert_eq!(json!(kinds[kind.as_str()]), *count, "{set}: {kind}");
    }
    // A state without an instance tells nothing, nor does what is left of a
    // broken one.
    let states = expected["state_files"].as_u64().unwrap();
    assert!(stats.events <= states && stats.events + stats.skipped >= states);
    let broken = expected["not_state_or_invalid"].as_u64().unwrap();
    assert_eq!(stats.malformed > 0, broken > 0, "{set}");
}

#[test]
fn the_states_of_driftctl_give_the_expected_figures() {
    check("driftctl");
}

#[test]
fn the_states_of_inframap_give_the_expected_figures() {
    check("inframap");
}

const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{
  "root_module":{"resources":[{"address":"aws_db_instance.users","mode":"managed",
    "type":"aws_db_instance","name":"users","values":{"password":"hunter2","id":"db-1"}}],
  "child_modules":[{"resources":[{"mode":"managed","type":"google_storage_bucket","name":"b",
    "values":{"location":"asia-south1"}},{"mode":"data","type":"aws_region","values":{}}]}]}},
  "configuration":{"provider_config":{"aws":{"expressions":{"region":{"constant_value":"ap-south-1"}}}}}}"#;

#[test]
fn a_plan_takes_the_region_of_its_provider() {
    let (places, key) = (PlaceTable::built_in(), evidence::key());
    let mut events = Vec::new();
    let timed = r#"{"v":1,"source":"s","seq":1,"time":"2026-03-08T00:00:10Z","action":"use"}"#;
    let text = format!("{timed}{PLAN}");
    let stats = avow_source::read_stream(
        "plan".as_ref(),
        None,
        &mut text.as_bytes(),
        &places,
        &key,
        &mut |event, _| events.push(event),
    )
    .unwrap();
    assert_eq!((stats.events, stats.untimed, events.len()), (2, 1, 3));
    let india = Place::parse("IN");
    assert_eq!((events[1].place, events[2].place), (india, india));
    for event in &events {
        let leaf = String::from_utf8(event.to_leaf()).unwrap();
        assert!(
            !leaf.contains("hunter2") && !leaf.contains("db-1"),
            "{leaf}"
        );
    }
}
