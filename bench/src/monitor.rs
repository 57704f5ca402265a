//! How fast events become verdicts, pattern by pattern, beside the rate at
//! which the same columns can be read from memory at all.
//!
//! `columns` is what every monitor pays first: interning the texts. `verdicts`
//! is the whole way from an event to a counted instance, and `rules` what that
//! takes beyond the columns: clock, coverage, predicates, machines.

use std::hint::black_box;
use std::time::{Duration, Instant};

use avow_event::{Action, Event, Field, Micros, Place, PlaceTable};
use avow_monitor::{Columns, CompiledPredicate, Dictionary, Monitor, Pledge, TruthColumn};

/// Events in memory.
const EVENTS: u64 = 200_000;
/// People whom they are about.
const SUBJECTS: u64 = 20_000;
/// Rows of a batch, as the monitor's own.
const ROWS: usize = avow_monitor::BATCH_ROWS;
/// Each figure is the best of so many passes.
const PASSES: usize = 5;
/// Memory that is read to find the bandwidth: more than the caches hold.
const READ_WORDS: usize = 16 << 20;
/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000_000;
/// Between two events: 200,000 of them are 23 days.
const STEP: i64 = 10_000_000;

const HEAD: &str = r#"
[pledge]
title = "bench"
by = "bench"
to = "bench"
from = 2026-01-01
[[source]]
name = "vault-*"
heartbeat = "PT1H"
"#;

const EXAMPLES: &str = r#"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "US" }]
"#;

const RULES: [(&str, &str); 4] = [
    (
        "never",
        r#"never = "action = 'store' AND subject_country = 'CN' AND place <> 'CN'""#,
    ),
    (
        "always",
        r#"when = "action = 'store'"
always = "encrypted OR place = 'CN'""#,
    ),
    (
        "before, until",
        r#"when = "action = 'use'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]"#,
    ),
    (
        "within",
        r#"when = "action = 'request'"
then = "action = 'erase'"
within = "P7D"
same = ["subject"]"#,
    ),
];

/// Measures and prints.
pub(crate) fn run() {
    let events = sample();
    println!("monitor: {EVENTS} events about {SUBJECTS} people");
    let words = vec![1_u64; READ_WORDS];
    let time = best(|| {
        black_box(words.iter().fold(0_u64, |sum, word| sum ^ word));
    });
    let bytes = (READ_WORDS * 8) as f64;
    println!(
        "  read memory: {:.1} GB/s",
        bytes / time.as_secs_f64() / 1e9
    );
    for (name, rule) in RULES {
        let text = format!("{HEAD}[[commitment]]\nid = \"c\"\nsays = \"c\"\n{rule}\n{EXAMPLES}");
        match Pledge::parse(&text, &PlaceTable::built_in()) {
            Ok(pledge) => measure(name, &pledge, &events),
            Err(mistakes) => println!("  {name}: not measured: {mistakes:?}"),
        }
    }
    predicate(&events);
}

fn measure(name: &str, pledge: &Pledge, events: &[Event]) {
    let mut fields = pledge.fields();
    // What the monitor reads of every event, whatever the pledge.
    fields.extend([
        Field::Source,
        Field::Seq,
        Field::Time,
        Field::Logged,
        Field::Action,
        Field::Due,
    ]);
    let columns = best(|| {
        let mut dictionary = Dictionary::new();
        let mut columns = Columns::new(&fields);
        for (leaf, event) in (0..).zip(events) {
            columns.push(leaf, event, &mut dictionary);
            if columns.rows() == ROWS {
                black_box(&columns);
                columns.clear();
            }
        }
    });
    report(&format!("{name}: columns"), columns);
    for rows in [ROWS, 64] {
        let time = best(|| {
            let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), rows);
            for (leaf, event) in (0..).zip(events) {
                monitor.push(leaf, event);
            }
            black_box(monitor.report(EVENTS, [0; 32]));
        });
        report(&format!("{name}: verdicts, {rows} a batch"), time);
        let rules = rules(pledge, events, rows);
        report(&format!("{name}: rules, {rows} a batch"), rules);
    }
}

/// The time of the pushes that complete a batch: that of its columns is left
/// out, but for one row. Each batch counts with the best of the passes.
fn rules(pledge: &Pledge, events: &[Event], rows: usize) -> Duration {
    let mut batches = vec![Duration::MAX; events.len() / rows];
    for _ in 0..PASSES {
        let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), rows);
        let mut pushed = (0..).zip(events);
        for batch in &mut batches {
            for (leaf, event) in pushed.by_ref().take(rows - 1) {
                monitor.push(leaf, event);
            }
            if let Some((leaf, event)) = pushed.next() {
                let start = Instant::now();
                monitor.push(leaf, event);
                *batch = start.elapsed().min(*batch);
            }
        }
    }
    batches.iter().sum()
}

/// One predicate over columns that are there already.
fn predicate(events: &[Event]) {
    let text = format!(
        "{HEAD}[[commitment]]\nid = \"c\"\nsays = \"c\"\n{}\n{EXAMPLES}",
        RULES.first().map_or("", |(_, rule)| rule)
    );
    let Ok(pledge) = Pledge::parse(&text, &PlaceTable::built_in()) else {
        return;
    };
    let Some(avow_monitor::Pattern::Never { never, .. }) =
        pledge.commitments.first().map(|c| &c.pattern)
    else {
        return;
    };
    let mut dictionary = Dictionary::new();
    let mut compiled = CompiledPredicate::compile(never, &mut dictionary);
    let mut columns = Columns::new(compiled.fields());
    for (leaf, event) in (0..).zip(events.iter().take(ROWS)) {
        columns.push(leaf, event, &mut dictionary);
    }
    let mut truth = TruthColumn::new();
    let rounds = EVENTS as usize / ROWS;
    let time = best(|| {
        for _ in 0..rounds {
            compiled.eval(black_box(&columns), &dictionary, &mut truth);
            black_box(&truth);
        }
    });
    let rate = (rounds * ROWS) as f64 / time.as_secs_f64() / 1e6;
    println!("  predicate of never, over columns: {rate:.0} M events/s");
}

fn sample() -> Vec<Event> {
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        // Numerical Recipes' multiplier; the low bits are poor.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let place = |code: &str| Place::parse(code);
    (0..EVENTS)
        .map(|n| {
            let at = i64::try_from(n).map_or(START, |n| START + n * STEP);
            let action = match random(20) {
                0 => Action::Consent,
                1 => Action::Withdraw,
                2 => Action::Request,
                3 => Action::Erase,
                4..=9 => Action::Use,
                _ => Action::Store,
            };
            let time = Micros::new(at).unwrap_or(Micros::MIN);
            let mut event = Event::new("vault-1", n + 1, time, action);
            event.subject = Some(format!("p_{:022}", random(SUBJECTS)));
            event.subject_country = place(if random(3) == 0 { "DE" } else { "CN" });
            event.place = place(if random(1_000) == 0 { "US" } else { "CN" });
            event.encrypted = Some(random(100) > 0);
            event
        })
        .collect()
}

fn best(mut pass: impl FnMut()) -> Duration {
    let times = (0..PASSES).map(|_| {
        let start = Instant::now();
        pass();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn report(name: &str, time: Duration) {
    let rate = EVENTS as f64 / time.as_secs_f64() / 1e6;
    println!("  {name}: {rate:.1} M events/s");
}
