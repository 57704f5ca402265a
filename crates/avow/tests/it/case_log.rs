//! The case log of the GDPR: five rules, and the violations that MonPoly,
//! VeriMon and a database find, counted as time points.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use avow_event::{Event, PlaceTable, PseudonymKey};
use avow_monitor::{Monitor, Pledge, Report, Verdict};
use avow_source::Input;

/// Time points with a breach, by the rule of the case study.
const VIOLATIONS: [(&str, usize); 5] = [
    ("lawfulness", 8),
    ("consent", 8),
    ("deletion", 8),
    ("sharing", 6),
    ("information", 699),
];

/// More breached instances than the log has events.
const ALL: usize = 20_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The case log, or `None` where it is not at hand. On the build server it has
/// to be.
fn case_log() -> Option<PathBuf> {
    let log = root().join("../shared/evidence/gdpr-case-log/gdpr.log.gz");
    if log.is_file() {
        return Some(log);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared/evidence");
    println!("not run: no ../shared");
    None
}

fn data(name: &str) -> PathBuf {
    root().join("testdata/gdpr-case-log").join(name)
}

fn pledge() -> Pledge {
    let text = fs::read_to_string(data("pledge.toml")).unwrap();
    Pledge::parse(&text, &PlaceTable::built_in()).unwrap()
}

/// The events in the order of a log: by time, source and number.
fn events(log: &Path, ended: bool) -> Vec<Event> {
    let read = |log: &Path, mapping: &str| {
        let mut named = OsString::from("monpoly:");
        named.push(log);
        named.push(",");
        named.push(data(mapping));
        Input::parse(&named).unwrap()
    };
    let mut inputs = vec![read(log, "days.toml"), read(log, "points.toml")];
    if ended {
        inputs.push(read(&data("end.log"), "days.toml"));
    }
    let mut events = Vec::new();
    let (places, key) = (PlaceTable::built_in(), PseudonymKey::new([7; 32]));
    let mut sink = |event, _| events.push(event);
    let stats = avow_source::read(&inputs, &places, &key, &mut sink).unwrap();
    assert_eq!((stats.malformed, stats.duplicates), (0, 0));
    events.sort_by(|a, b| (a.time, &a.source, a.seq).cmp(&(b.time, &b.source, b.seq)));
    events
}

fn judge(pledge: &Pledge, events: &[Event]) -> (Monitor, Report) {
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    monitor.show_more_breached(ALL);
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(events.len() as u64, [0; 32]);
    (monitor, report)
}

/// The leaves of the triggers of breached instances, by commitment.
type Breached = BTreeMap<String, Vec<u64>>;

fn breached(report: &Report) -> Breached {
    let of = |verdict: Verdict| verdict == Verdict::Breached;
    let all = report.commitments.iter().map(|one| {
        let leaves: Vec<u64> = one
            .instances
            .iter()
            .filter(|instance| of(instance.verdict()))
            .map(|instance| instance.leaf)
            .collect();
        assert_eq!(leaves.len() as u64, one.counts.breached, "{}", one.id);
        (one.id.clone(), leaves)
    });
    all.collect()
}

/// How many time points have a breach, by rule: the mapping puts the number of
/// the time point into `quantity`. The rule about consent is violated where
/// both of its commitments are breached.
fn violations(breached: &Breached, events: &[Event]) -> Vec<(&'static str, usize)> {
    let point = |leaf: &u64| events[usize::try_from(*leaf).unwrap()].quantity.unwrap();
    let rules = VIOLATIONS.iter().map(|(rule, _)| {
        let mut leaves: BTreeSet<u64> = breached[*rule].iter().copied().collect();
        if *rule == "consent" {
            let other: BTreeSet<u64> = breached["grounds"].iter().copied().collect();
            leaves = leaves.intersection(&other).copied().collect();
        }
        let points: BTreeSet<u64> = leaves.iter().map(point).collect();
        (*rule, points.len())
    });
    rules.collect()
}

#[test]
fn the_monitor_finds_the_violations_of_the_case_study() {
    let Some(log) = case_log() else {
        return;
    };
    let (pledge, events) = (pledge(), events(&log, true));
    let (_, report) = judge(&pledge, &events);
    assert_eq!(violations(&breached(&report), &events), VIOLATIONS);
    let of = |id: &str| report.commitments.iter().find(|one| one.id == id).unwrap();
    assert_eq!(of("sharing").counts.breached, 12, "two processors each");
}

#[test]
fn what_waits_when_the_log_ends_is_pending_and_no_violation() {
    let Some(log) = case_log() else {
        return;
    };
    let (pledge, events) = (pledge(), events(&log, false));
    let (_, report) = judge(&pledge, &events);
    let mut expected = VIOLATIONS;
    expected[2].1 = 7;
    expected[3].1 = 5;
    assert_eq!(violations(&breached(&report), &events), expected);
    let pending: Vec<u64> = report
        .commitments
        .iter()
        .map(|one| one.counts.pending)
        .collect();
    assert_eq!(pending, [0, 0, 0, 1, 2, 0]);
}
