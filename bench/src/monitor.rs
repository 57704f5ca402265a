//! How fast events become verdicts, pattern by pattern, beside the rate at
//! which memory can be read at all.
//!
//! *Columns* is what every monitor pays first: interning the texts. *Rules* is
//! what comes after: clock, coverage, predicates, machines. *Verdicts* is the
//! whole way from an event, or from a leaf, to a counted instance.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use avow_event::{Event, PlaceTable};
use avow_monitor::{BATCH_ROWS, Monitor, Pledge};

use crate::monitor_data::{BEFORE, NEVER, Stream, TWENTY, WITHIN, pledge_text};

const EVENTS: u64 = 1_000_000;
const SUBJECTS: u64 = 100_000;
/// Each figure is the best of so many passes.
const PASSES: usize = 3;
/// Memory that is read to find the bandwidth: more than the caches hold.
const READ_WORDS: usize = 16 << 20;

const ALWAYS: &str = r#"when = "action = 'store'"
always = "encrypted OR place = 'CN'""#;

/// Measures and prints.
pub(crate) fn run() {
    println!("monitor: {EVENTS} events of 180 days about {SUBJECTS} people, one core");
    let words = vec![1_u64; READ_WORDS];
    let time = best(|| {
        black_box(words.iter().fold(0_u64, |sum, word| sum ^ word));
    });
    let bytes = (READ_WORDS * 8) as f64;
    println!(
        "  memory: reads {:.1} GB/s",
        bytes / time.as_secs_f64() / 1e9
    );
    for (name, rule) in [
        ("never", NEVER),
        ("always", ALWAYS),
        ("before, until", BEFORE),
        ("within", WITHIN),
    ] {
        each_batch_size(name, &pledge(&[rule]));
    }
    each_batch_size("20 commitments", &pledge(&TWENTY));
    more_of_one_kind();
    for subjects in [100_000, 1_000_000, 10_000_000] {
        live_keys(subjects);
    }
    open_duties();
    for (name, rules) in [
        ("before, until", &[BEFORE][..]),
        ("20 commitments", &TWENTY),
    ] {
        latency(name, &pledge(rules));
    }
}

fn pledge(rules: &[&str]) -> Pledge {
    let text = pledge_text(rules.iter().copied());
    match Pledge::parse(&text, &PlaceTable::built_in()) {
        Ok(pledge) => pledge,
        Err(mistakes) => unreachable!("the bench's own pledge: {mistakes:?}"),
    }
}

fn monitor(pledge: &Pledge, rows: usize) -> Monitor {
    Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), rows)
}

fn each_batch_size(name: &str, pledge: &Pledge) {
    for rows in [BATCH_ROWS, 64] {
        let rules = rules(pledge, rows);
        let verdicts = best(|| {
            let mut monitor = monitor(pledge, rows);
            let mut stream = Stream::new(EVENTS, SUBJECTS);
            let mut event = Stream::blank();
            for leaf in 0..EVENTS {
                stream.write_any(&mut event);
                monitor.push(leaf, &event);
            }
            black_box(monitor.report(EVENTS, [0; 32]));
        });
        println!(
            "  {name}, {rows} a batch: rules {}, verdicts {}",
            rate(EVENTS, rules),
            rate(EVENTS, verdicts.saturating_sub(making()))
        );
    }
}

/// What making the events takes.
fn making() -> Duration {
    best(|| {
        let mut stream = Stream::new(EVENTS, SUBJECTS);
        let mut event = Stream::blank();
        for _ in 0..EVENTS {
            stream.write_any(&mut event);
            black_box(&event);
        }
    })
}

/// The time of the pushes that complete a batch: that of its columns is left
/// out, but for one row. Each batch counts with the best of the passes.
fn rules(pledge: &Pledge, rows: usize) -> Duration {
    let mut batches = vec![Duration::MAX; EVENTS as usize / rows];
    for _ in 0..PASSES {
        let mut monitor = monitor(pledge, rows);
        let mut stream = Stream::new(EVENTS, SUBJECTS);
        fill(&mut monitor, 0, &mut batches, rows, |event| {
            stream.write_any(event);
        });
    }
    batches.iter().sum()
}

/// Pushes whole batches from `leaf` on, and notes the least time of each.
fn fill(
    monitor: &mut Monitor,
    leaf: u64,
    batches: &mut [Duration],
    rows: usize,
    mut write: impl FnMut(&mut Event),
) {
    let mut leaves = leaf..;
    let mut event = Stream::blank();
    for batch in batches {
        for leaf in leaves.by_ref().take(rows - 1) {
            write(&mut event);
            monitor.push(leaf, &event);
        }
        write(&mut event);
        let leaf = leaves.next().unwrap_or_default();
        let start = cpu_time();
        monitor.push(leaf, &event);
        *batch = (cpu_time() - start).min(*batch);
    }
}

/// What one more commitment about single events costs.
fn more_of_one_kind() {
    let rule = |n: usize| {
        let place = ["US", "RU", "IN", "BR"].get(n % 4).copied().unwrap_or("US");
        format!(
            "never = \"action = 'store' AND subject_country = 'CN' AND place <> '{place}' AND bytes > {n}\""
        )
    };
    let rules_of = |count: usize| {
        let rules: Vec<String> = (0..count).map(rule).collect();
        let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
        rules_time(&pledge(&rules))
    };
    let (one, many) = (rules_of(1), rules_of(21));
    let each = many.saturating_sub(one) / 20;
    println!(
        "  one more commitment about single events: {}",
        rate(EVENTS, each)
    );
}

fn rules_time(pledge: &Pledge) -> Duration {
    rules(pledge, BATCH_ROWS)
}

/// Permission with so many people who have given theirs, all of them live.
fn live_keys(subjects: u64) {
    let pledge = pledge(&[BEFORE]);
    let events = subjects + EVENTS;
    let mut stream = Stream::new(events, subjects);
    let mut monitor = monitor(&pledge, BATCH_ROWS);
    let given = subjects.next_multiple_of(BATCH_ROWS as u64);
    let before = memory("VmRSS:");
    let mut batches = vec![Duration::MAX; given as usize / BATCH_ROWS];
    fill(&mut monitor, 0, &mut batches, BATCH_ROWS, |event| {
        stream.write_consent(event);
    });
    let learning: Duration = batches.iter().sum();
    let used = memory("VmRSS:").saturating_sub(before);
    let mut batches = vec![Duration::MAX; EVENTS as usize / BATCH_ROWS];
    let rows = batches.len() as u64 * BATCH_ROWS as u64;
    fill(&mut monitor, given, &mut batches, BATCH_ROWS, |event| {
        stream.write_any(event);
    });
    println!(
        "  before, until, {subjects} live keys: rules {} while they come, {} then; {} bytes a key, names included",
        rate(given, learning),
        rate(rows, batches.iter().sum()),
        used * 1024 / subjects
    );
}

/// What an open duty takes, each with a key of its own; the names are known
/// before.
fn open_duties() {
    const DUTIES: u64 = 8_000_000;
    let pledge = pledge(&[WITHIN]);
    // Too few days for the first to fall due.
    let mut stream = Stream::new(DUTIES * 20, DUTIES);
    let mut monitor = monitor(&pledge, BATCH_ROWS);
    let mut event = Stream::blank();
    let mut leaf = 0;
    let mut all = |monitor: &mut Monitor, action| {
        for _ in 0..DUTIES {
            stream.write_consent(&mut event);
            event.action = action;
            monitor.push(leaf, &event);
            leaf += 1;
        }
        memory("VmRSS:")
    };
    let before = all(&mut monitor, avow_event::Action::Store);
    let after = all(&mut monitor, avow_event::Action::Request);
    let pending: u64 = monitor
        .report(DUTIES * 2, [0; 32])
        .commitments
        .iter()
        .map(|c| c.counts.pending)
        .sum();
    println!(
        "  {pending} open duties: {} bytes each",
        after.saturating_sub(before) * 1024 / pending.max(1)
    );
}

/// How long one event takes to its verdict.
fn latency(name: &str, pledge: &Pledge) {
    let mut monitor = monitor(pledge, 1);
    let mut stream = Stream::new(EVENTS, SUBJECTS);
    let mut event = Stream::blank();
    let mut times: Vec<Duration> = (0..EVENTS / 2)
        .map(|leaf| {
            stream.write_any(&mut event);
            let start = Instant::now();
            monitor.push(leaf, &event);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place).copied().unwrap_or_default().as_nanos()
    };
    println!(
        "  {name}, one event a batch: p50 {} ns, p99 {} ns, p99.9 {} ns",
        at(0.5),
        at(0.99),
        at(0.999)
    );
}

/// A line of what the kernel says about this process, in KiB.
pub(crate) fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|l| l.strip_prefix(line));
    let number = found.and_then(|l| l.split_whitespace().next());
    number.and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// What this thread has computed: other work on the machine does not count,
/// except that it shares the caches.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

fn best(mut pass: impl FnMut()) -> Duration {
    let times = (0..PASSES).map(|_| {
        let start = cpu_time();
        pass();
        cpu_time() - start
    });
    times.min().unwrap_or_default()
}

fn rate(events: u64, time: Duration) -> String {
    let rate = events as f64 / time.as_secs_f64() / 1e6;
    format!("{rate:.1} M events/s")
}
