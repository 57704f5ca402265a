//! How fast events are written to leaves and read back, beside the rate at
//! which the same leaves can be hashed at all (the limit of a full audit).

use std::hint::black_box;
use std::time::{Duration, Instant};

use avow_event::{Action, Event, Field, Micros, Value};

/// Leaves in memory, 7 MB: more than the inner caches hold.
const LEAVES: usize = 20_000;
/// Each figure is the best of so many short passes, so that other work on the
/// machine disturbs few of them.
const PASSES: usize = 40;

/// Measures and prints.
pub(crate) fn run() {
    let events = sample();
    let leaves: Vec<Vec<u8>> = events.iter().map(Event::to_leaf).collect();
    let bytes: usize = leaves.iter().map(Vec::len).sum();
    println!(
        "event: {LEAVES} leaves, {} bytes on average",
        bytes / LEAVES
    );
    report("hash (SHA-256)", bytes, || {
        for leaf in &leaves {
            black_box(avow_tlog::leaf_hash(black_box(leaf)));
        }
    });
    report("read", bytes, || {
        for leaf in &leaves {
            black_box(Event::from_leaf(black_box(leaf)).is_ok());
        }
    });
    report("visit", bytes, || {
        for leaf in &leaves {
            black_box(visit(black_box(leaf)));
        }
    });
    report("hash and read", bytes, || {
        for leaf in &leaves {
            black_box(avow_tlog::leaf_hash(black_box(leaf)));
            black_box(Event::from_leaf(black_box(leaf)).is_ok());
        }
    });
    report("hash and visit", bytes, || {
        for leaf in &leaves {
            black_box(avow_tlog::leaf_hash(black_box(leaf)));
            black_box(visit(black_box(leaf)));
        }
    });
    report("write", bytes, || {
        for event in &events {
            black_box(black_box(event).to_leaf());
        }
    });
}

/// Looks at every field without keeping any.
fn visit(leaf: &[u8]) -> bool {
    Event::visit_leaf(leaf, |field, value| {
        black_box((field, value));
    })
    .is_ok()
}

fn report(what: &str, bytes: usize, pass: impl Fn()) {
    let mut best = Duration::MAX;
    for _ in 0..PASSES {
        let start = Instant::now();
        pass();
        best = best.min(start.elapsed());
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are printed")]
    let (leaves, bytes) = (LEAVES as f64, bytes as f64);
    println!(
        "  {what:16} {:6.2} M leaves/s  {:7.0} MB/s",
        leaves / best.as_secs_f64() / 1e6,
        bytes / best.as_secs_f64() / 1e6
    );
}

/// Events as the CloudTrail connector makes them: sixteen fields.
fn sample() -> Vec<Event> {
    const START: i64 = 1_772_928_000_000_000;
    (0..LEAVES)
        .filter_map(|n| {
            let number = u64::try_from(n).ok()?;
            let time = Micros::new(START + i64::try_from(n).ok()? * 1_000_003)?;
            let mut event = Event::new("cloudtrail-eu", number, time, Action::Store);
            let subject = format!("p_{:022}", number * 7_919 % 50_000);
            let actor = format!("p_{:022}", number % 97);
            for (field, value) in [
                (Field::Logged, Value::Time(time.saturating_add(900_000))),
                (Field::Outcome, Value::Text("success")),
                (Field::Subject, Value::Text(&subject)),
                (Field::SubjectCountry, Value::Text("CN")),
                (Field::Actor, Value::Text(&actor)),
                (Field::Category, Value::Text("sensitive")),
                (Field::Place, Value::Text("IE")),
                (Field::Write, Value::Boolean(true)),
                (Field::System, Value::Text("dynamodb")),
                (Field::Name, Value::Text("PutItem")),
                (Field::Region, Value::Text("eu-west-1")),
                (Field::Bytes, Value::Integer(number * 31)),
            ] {
                event.set(field, value).ok()?;
            }
            Some(event)
        })
        .collect()
}
