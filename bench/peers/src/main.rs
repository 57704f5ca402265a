//! The monitor beside other engines: the same events, one run, one machine.
//!
//! `cargo run --release [EVENTS]…` in this folder; without a number, a million.
//! Every engine runs in a process of its own, so that its memory is its own.
//! Two of them are not crates and are named by the environment; without it
//! they are passed over:
//!
//! - `AVOW_PYTHON`: a Python with the package `duckdb`,
//! - `AVOW_MONPOLY`: the program `monpoly` (it has VeriMon inside).
//!
//! What the figures mean stands in `docs/reference/numbers.md`.

mod engines;
mod files;
#[expect(dead_code, reason = "the rest is for the bench of the monitor alone")]
#[path = "../../src/monitor_data.rs"]
mod monitor_data;

use std::process::{Command, ExitCode};
use std::time::Duration;

use avow_event::{Event, PlaceTable};
use avow_monitor::{Monitor, Pledge};
use monitor_data::{BEFORE, NEVER, Stream, WITHIN, pledge_text};
use rustix::time::{ClockId, clock_gettime};

/// The rules that everything is measured on.
pub(crate) const RULES: [(&str, &str); 3] =
    [("never", NEVER), ("before", BEFORE), ("within", WITHIN)];

/// Evaluates one condition on one event at a time; slower than the others, so
/// that fewer events do.
const SINGLE_EVENTS: u64 = 200_000;

/// What an engine has found, how long it has computed, and the most memory it
/// has had.
pub(crate) struct Outcome {
    pub(crate) breaches: u64,
    pub(crate) time: Duration,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, engine, rule, events] = arguments.as_slice()
        && flag == "--alone"
    {
        return alone(engine, rule, events.parse().unwrap_or(0));
    }
    let sizes: Vec<u64> = arguments.iter().filter_map(|n| n.parse().ok()).collect();
    for events in if sizes.is_empty() {
        vec![1_000_000]
    } else {
        sizes
    } {
        println!(
            "{events} events of 180 days about {} people",
            subjects(events)
        );
        for (rule, _) in RULES {
            in_process_of_its_own("avow", rule, events);
        }
        if let Err(error) = files::run(events) {
            println!("  files: {error}");
        }
    }
    for engine in engines::ALL {
        in_process_of_its_own(engine, "never", SINGLE_EVENTS);
    }
    ExitCode::SUCCESS
}

/// A tenth of the events.
pub(crate) fn subjects(events: u64) -> u64 {
    (events / 10).max(1)
}

fn in_process_of_its_own(engine: &str, rule: &str, events: u64) {
    let program = std::env::current_exe().unwrap_or_default();
    let events = events.to_string();
    let done = Command::new(program)
        .args(["--alone", engine, rule, &events])
        .status();
    if !done.is_ok_and(|status| status.success()) {
        println!("  {engine}, {rule}: failed");
    }
}

fn alone(engine: &str, rule: &str, events: u64) -> ExitCode {
    let outcome = match engine {
        "avow" => avow(rule, events),
        _ => engines::run(engine, events),
    };
    match outcome {
        Ok(outcome) => {
            let memory = memory_peak();
            show(engine, rule, events, &outcome, memory);
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("  {engine}: {error}");
            ExitCode::FAILURE
        }
    }
}

pub(crate) fn show(engine: &str, rule: &str, events: u64, outcome: &Outcome, memory: u64) {
    let rate = events as f64 / outcome.time.as_secs_f64() / 1e6;
    println!(
        "  {rule}: {engine}: {rate:.3} M events/s, {} breaches in {events} events, at most {} MB",
        outcome.breaches,
        memory / 1024
    );
}

/// The pledge with one of the rules.
pub(crate) fn pledge(rule: &str) -> Result<Pledge, String> {
    let rule = RULES.iter().find(|(name, _)| *name == rule);
    let (_, rule) = rule.ok_or("no such rule")?;
    let text = pledge_text([*rule]);
    Pledge::parse(&text, &PlaceTable::built_in()).map_err(|mistakes| format!("{mistakes:?}"))
}

/// The whole way from events to the report.
fn avow(rule: &str, events: u64) -> Result<Outcome, String> {
    let pledge = pledge(rule)?;
    let made = making(events, |_| ());
    let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
    let mut leaf = 0;
    let took = making(events, |event| {
        monitor.push(leaf, event);
        leaf += 1;
    });
    let start = cpu_time();
    let report = monitor.report(events, [0; 32]);
    Ok(Outcome {
        breaches: report.commitments.iter().map(|c| c.counts.breached).sum(),
        time: (took + cpu_time() - start).saturating_sub(made),
    })
}

/// How long it takes to make the events and do something with each.
pub(crate) fn making(events: u64, mut with: impl FnMut(&Event)) -> Duration {
    let mut stream = Stream::new(events, subjects(events));
    let mut event = Stream::blank();
    let start = cpu_time();
    for _ in 0..events {
        stream.write_any(&mut event);
        with(std::hint::black_box(&event));
    }
    cpu_time() - start
}

/// What this thread has computed.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

/// In KiB.
fn memory_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
