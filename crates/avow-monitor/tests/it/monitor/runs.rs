//! The monitor takes what a feed in order sends many events at a time. One
//! event that is not in order is noticed wherever it stands among them.

use avow_event::{Action, Event, Field, Micros, PlaceTable};
use avow_monitor::{Monitor, Pattern, Pledge, SourceDeclaration};

use super::random_log::{commitment, instant, is, pattern, pledge};

/// Three words of rows, and a part of one.
const ROWS: usize = 64 * 3 + 20;
/// Between two events.
const STEP: i64 = 10;

/// What is wrong with the event at a place, and the pledge's delay.
type Fault = (&'static str, i64, fn(&mut [Event], usize));

const FAULTS: &[Fault] = &[
    ("an earlier time", 1_000, |events, at| {
        events[at].time = events[at].time.saturating_add(-2 * STEP);
    }),
    ("a time that is late", 5, |events, at| {
        events[at].time = events[at].time.saturating_add(-2 * STEP);
    }),
    ("a time ahead of the logging", 0, |events, at| {
        let time = events[at].time;
        events[at].time = time.saturating_add(STEP / 2);
        events[at].logged = Some(time);
    }),
    ("a time far ahead of the logging", 3, |events, at| {
        let time = events[at].time;
        events[at].time = time.saturating_add(70 * STEP);
        events[at].logged = Some(time);
    }),
    ("a time ahead, not logged", 0, |events, at| {
        events[at].time = events[at].time.saturating_add(STEP);
        events[at].logged = None;
    }),
    ("a time of logging that is not NULL", 0, |events, at| {
        for event in events.iter_mut() {
            event.logged = None;
        }
        events[at].logged = Some(events[at].time);
        events[at].time = events[at].time.saturating_add(4 * STEP);
    }),
    ("another source", 0, |events, at| {
        "b".clone_into(&mut events[at].source)
    }),
    ("a missing number", 1_000, |events, at| {
        for event in &mut events[at..] {
            event.seq += 1;
        }
    }),
    ("a number twice", 0, |events, at| events[at].seq -= 1),
    ("silence before it, told in time", 300, |events, at| {
        for event in &mut events[at..] {
            event.time = event.time.saturating_add(10 * STEP);
            event.logged = Some(event.time);
        }
    }),
    ("a reported gap", 0, |events, at| {
        events[at].action = Action::Gap
    }),
    ("a heartbeat", 0, |events, at| {
        events[at].action = Action::Heartbeat
    }),
];

fn in_order() -> Vec<Event> {
    let event = |n: usize| {
        let time = instant(n as i64 * STEP);
        let mut event = Event::new("a", n as u64 + 1, time, Action::Use);
        event.logged = Some(time);
        event
    };
    (0..ROWS).map(event).collect()
}

fn promised(delay: i64) -> Pledge {
    let when = is(Field::Action, "use");
    let never = is(Field::Action, "heartbeat");
    let before = Pattern::Before {
        when: when.clone(),
        only_after: is(Field::Action, "consent"),
        until: None,
        same: vec![],
        within: None,
        condition: None,
    };
    let rules = vec![
        commitment("before", before),
        commitment("never", Pattern::Never { when: None, never }),
    ];
    let source = |name| SourceDeclaration {
        name: pattern(name),
        heartbeat: Some(5 * STEP),
        delay,
    };
    Pledge {
        from: instant(70 * STEP + 1),
        ..pledge(rules, vec![source("a"), source("b")])
    }
}

fn document(pledge: &Pledge, events: &[Event], batch: usize) -> String {
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), batch);
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let bytes = monitor.report(events.len() as u64, [0; 32]).to_json();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn an_event_that_is_not_as_its_neighbours_is_noticed_wherever_it_stands() {
    let in_order = in_order();
    for (name, delay, spoil) in FAULTS {
        let pledge = promised(*delay);
        let mut seen = 0;
        // Every fifth: the ends of the words among them.
        for at in (1..ROWS).filter(|at| at % 5 == 3 || (at + 1) % 64 < 3) {
            let mut events = in_order.clone();
            spoil(&mut events, at);
            let alone = document(&pledge, &events, 1);
            for end in [ROWS, at.next_multiple_of(64).min(ROWS)] {
                let alone = match end {
                    ROWS => alone.clone(),
                    _ => document(&pledge, &events[..end], 1),
                };
                let together = document(&pledge, &events[..end], 8_192);
                assert_eq!(alone, together, "{name} at {at}, of {end} events");
            }
            seen += usize::from(alone != document(&pledge, &in_order, 1));
        }
        assert!(seen > 0, "{name} shows nowhere");
    }
}

#[test]
fn times_at_the_ends_of_what_can_be_written_are_looked_at_together_too() {
    let pledge = promised(i64::MAX);
    let mut events = in_order();
    for (at, event) in events.iter_mut().enumerate() {
        event.time = if at < 100 { Micros::MIN } else { Micros::MAX };
        event.logged = Some(event.time);
    }
    let alone = document(&pledge, &events, 1);
    assert_eq!(alone, document(&pledge, &events, 8_192));
}
