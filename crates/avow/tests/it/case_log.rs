//! The case log of the GDPR: five rules, and the violations that MonPoly,
//! VeriMon and a database find, counted as time points.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use avow_event::{Event, PlaceTable, PseudonymKey};
use avow_monitor::{Monitor, Pledge, Report, Verdict, sql};
use avow_source::Input;
use tempfile::TempDir;

use crate::run::avow;

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

/// The log read twice, as evidence is named on the command line; and that time
/// has passed since.
fn evidence(log: &Path) -> [OsString; 3] {
    let read = |log: &Path, mapping: &str| {
        let mut named = OsString::from("monpoly:");
        named.push(log);
        named.push(",");
        named.push(data(mapping));
        named
    };
    let end = read(&data("end.log"), "days.toml");
    [read(log, "days.toml"), read(log, "points.toml"), end]
}

/// The events in the order of a log: by time, source and number.
fn events(log: &Path, ended: bool) -> Vec<Event> {
    let named = evidence(log);
    let named = named.iter().take(if ended { 3 } else { 2 });
    let inputs: Vec<Input> = named.map(|one| Input::parse(one).unwrap()).collect();
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

/// Through `avow mfotl`, by the program that `AVOW_MONPOLY` names.
#[test]
fn monpoly_and_verimon_find_the_same_in_what_is_written_for_them() {
    let Some(log) = case_log() else {
        return;
    };
    let Some(monpoly) = std::env::var_os("AVOW_MONPOLY") else {
        println!("not run: AVOW_MONPOLY does not name the program MonPoly");
        return;
    };
    let scratch = TempDir::new().unwrap();
    let pledge = data("pledge.toml");
    let named = evidence(&log);
    let mut arguments = vec!["mfotl", pledge.to_str().unwrap(), "--out", "peer"];
    arguments.extend(named.iter().map(|one| one.to_str().unwrap()));
    let written = avow(scratch.path(), &arguments).exits(0).out;
    let events = events(&log, true);
    for kernel in [None, Some("-verified")] {
        let mut breached = Breached::new();
        for line in written.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let (_, file) = line.split_once("-formula peer/").unwrap();
            let (id, _) = file.split_once(".mfotl").unwrap();
            let mut command = Command::new(&monpoly);
            command.args(&words[1..]).args(kernel);
            let output = command.current_dir(scratch.path()).output().unwrap();
            assert!(output.status.success(), "{kernel:?}: {line}");
            let said = String::from_utf8(output.stdout).unwrap();
            // The log has a time point for each leaf, in their order.
            let leaves = said.lines().map(|line| {
                let (_, rest) = line.split_once("(time point ").unwrap();
                let (number, _) = rest.split_once(')').unwrap();
                number.parse().unwrap()
            });
            breached.insert(id.to_owned(), leaves.collect());
        }
        assert_eq!(violations(&breached, &events), VIOLATIONS, "{kernel:?}");
    }
}

/// Needs Python with the package `duckdb`, named by `AVOW_PYTHON`; under CI it
/// has to be there.
#[test]
fn duckdb_finds_the_same_by_the_generated_sql() {
    let Some(log) = case_log() else {
        return;
    };
    let Some(python) = std::env::var_os("AVOW_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(!in_ci, "set AVOW_PYTHON to a Python with `duckdb`");
        println!("not run: AVOW_PYTHON names no Python with `duckdb`");
        return;
    };
    let (pledge, events) = (pledge(), events(&log, true));
    let (mut monitor, report) = judge(&pledge, &events);
    let scratch = TempDir::new().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(scratch.path().join(name), text).unwrap();
    let rows: Vec<Vec<u8>> = (0..)
        .zip(&events)
        .map(|(leaf, event)| sql::event_row(leaf, event))
        .collect();
    write("events.ndjson", &rows.join(&b'\n'));
    write("gaps.ndjson", sql::gap_rows(&mut monitor).as_bytes());
    write(
        "load.sql",
        sql::create_duckdb("events.ndjson", "gaps.ndjson").as_bytes(),
    );
    for one in &pledge.commitments {
        write(
            &format!("{}.sql", one.id),
            sql::instances(&pledge, one).as_bytes(),
        );
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/breached.py");
    let done = Command::new(python)
        .arg(script)
        .arg(scratch.path())
        .output()
        .unwrap();
    let failed = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{failed}");
    let mut breached = Breached::new();
    for line in String::from_utf8(done.stdout).unwrap().lines() {
        let (id, leaf) = line.split_once(' ').unwrap();
        let leaves = breached.entry(id.to_owned()).or_default();
        leaves.push(leaf.parse().unwrap());
    }
    assert_eq!(violations(&breached, &events), VIOLATIONS);
    for leaves in breached.values_mut() {
        leaves.sort_unstable();
    }
    assert_eq!(
        breached,
        self::breached(&report),
        "by leaf, not only in number"
    );
}
