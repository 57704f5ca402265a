//! A promise and a log told in a few lines, and what the promise comes to: by
//! the monitor, in batches of different sizes, and by its twin.

use avow_event::{Action, Event, Field, FieldKind, Micros, PlaceTable, Value};
use avow_monitor::{Instance, Monitor, Pledge};

use super::random_log::START;
use crate::twin::Twin;

/// The keys of one commitment in a pledge from 2026 on, which every source may
/// tell by 10 microseconds late.
fn promise(keys: &str) -> Pledge {
    let text = format!(
        r#"
        [pledge]
        title = "A promise"
        by = "somebody"
        to = "everybody"
        from = 2026-01-01

        [[source]]
        name = "*"
        delay = "PT0.000010S"

        [[commitment]]
        id = "promise"
        says = "What is promised."
        {keys}

        [[commitment.example]]
        kept = [{{ action = "use" }}]
        [[commitment.example]]
        breached = [{{ action = "use" }}]
        "#
    );
    Pledge::parse(&text, &PlaceTable::built_in()).unwrap_or_else(|mistakes| {
        let told = mistakes.iter().map(|m| m.render("promise.toml", &text));
        unreachable!("{}", told.collect::<String>())
    })
}

/// Microseconds after the beginning of 2026, or an instant of RFC 3339.
fn instant(text: &str) -> Micros {
    match text.parse::<i64>() {
        Ok(micros) => Micros::new(START + micros).unwrap(),
        Err(_) => Micros::parse(text).unwrap(),
    }
}

/// Lines `TIME ACTION [FIELD=VALUE]…`. The source is `a`, its numbers have no
/// gap; the subject is `p`; `FIELD=-` leaves the field out.
fn log(text: &str) -> Vec<Event> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut events: Vec<Event> = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let time = instant(words.next().unwrap());
        let action = Action::from_name(words.next().unwrap()).unwrap();
        let mut event = Event::new("a", 1, time, action);
        event.subject = Some("p".to_owned());
        let mut numbered = false;
        for word in words {
            let (name, value) = word.split_once('=').unwrap();
            let field = Field::from_name(name).unwrap();
            numbered |= field == Field::Seq;
            if value == "-" {
                event.subject = None;
                continue;
            }
            let value = match field.kind() {
                FieldKind::Integer => Value::Integer(value.parse().unwrap()),
                FieldKind::Boolean => Value::Boolean(value == "true"),
                FieldKind::Time => Value::Time(instant(value)),
                _ => Value::Text(value),
            };
            event.set(field, value).unwrap();
        }
        if !numbered {
            let before = events.iter().filter(|other| other.source == event.source);
            event.seq = before.map(|other| other.seq).max().unwrap_or(0) + 1;
        }
        events.push(event);
    }
    events
}

/// `LEAF[/EACH]:REASON[(OTHER)][@DEADLINE]`.
fn said(instance: &Instance, far: bool) -> String {
    let each = instance
        .each
        .map_or(String::new(), |each| format!("/{each}"));
    let other = instance.other.map_or(String::new(), |o| format!("({o})"));
    let deadline = instance.deadline.map_or(String::new(), |deadline| {
        if far {
            let text = deadline.to_string();
            format!("@{}", text.trim_end_matches(".000000Z"))
        } else {
            format!("@{}", deadline.get() - START)
        }
    });
    let reason = instance.reason.as_str();
    format!("{}{each}:{reason}{other}{deadline}", instance.leaf)
}

/// What the promise comes to: its instances by leaf, and its verdict. Times
/// are told as they stand in the log.
pub(crate) fn check(keys: &str, told: &str, expected: &str) {
    let pledge = promise(keys);
    let events = log(told);
    let commitment = &pledge.commitments[0];
    let twin = Twin {
        pledge: &pledge,
        events: &events,
    };
    let expected_of_twin = twin.report(commitment);
    for batch in [1, 2, 8_192] {
        let mut monitor = Monitor::with_batch_rows(&pledge, &PlaceTable::built_in(), batch);
        for (leaf, event) in (0..).zip(&events) {
            monitor.push(leaf, event);
        }
        let report = monitor.report(monitor.leaves(), [0; 32]);
        assert_eq!(
            report.commitments,
            std::slice::from_ref(&expected_of_twin),
            "{told}"
        );
    }
    let mut instances = expected_of_twin.instances;
    instances.sort_by_key(|i| (i.leaf, i.time, i.each));
    let far = told.contains('Z');
    let mut found: Vec<String> = instances.iter().map(|i| said(i, far)).collect();
    found.push(expected_of_twin.verdict.as_str().to_owned());
    assert_eq!(found.join(" "), expected, "{keys}\n{told}");
}
