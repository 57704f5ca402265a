//! Thousands of keys and answers: what the monitor forgets on the way does not
//! show. What is expected is counted here in the plainest way.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Field, PlaceTable};
use avow_monitor::{
    CommitmentReport, Counts, Deadline, Duration, Monitor, Pattern, Silence, SourceDeclaration,
};

use super::random_log::{commitment, instant, is, pattern, pledge};

fn event(number: usize, action: Action, subject: Option<String>) -> Event {
    let time = instant(number as i64);
    let mut event = Event::new("a", number as u64 + 1, time, action);
    event.subject = subject;
    event
}

/// What the rule comes to, the same in batches of one and of thousands.
fn report(rule: Pattern, events: &[Event]) -> CommitmentReport {
    let source = SourceDeclaration {
        name: pattern("a"),
        heartbeat: None,
        delay: 0,
    };
    let mut of_rule = commitment("crowd", rule);
    of_rule.silence = Silence::Breach;
    let pledge = pledge(vec![of_rule], vec![source]);
    let mut reports = [1, 8_192].into_iter().map(|batch| {
        let mut monitor = Monitor::with_batch_rows(&pledge, &PlaceTable::built_in(), batch);
        for (leaf, event) in (0..).zip(events) {
            monitor.push(leaf, event);
        }
        monitor.report(monitor.leaves(), [0; 32]).commitments
    });
    let (one, many) = (reports.next().unwrap(), reports.next().unwrap());
    assert_eq!(one, many);
    one.into_iter().next().unwrap()
}

#[test]
fn a_limit_holds_for_thousands_of_keys_that_come_and_go() {
    const WITHIN: usize = 1_000;
    let mut events = Vec::new();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    let mut subjects = Vec::new();
    let (mut kept, mut breached) = (0, 0);
    for number in 0..9_000 {
        // Every third comes again after some hundred or thousand others.
        let back = [10, 500, 999, 1_000, 1_500, 3_000][number / 3 % 6];
        let again = number.checked_sub(back).filter(|_| number % 3 == 0);
        let subject = again.map_or(number, |before| subjects[before]);
        subjects.push(subject);
        let before = last.insert(subject, number);
        match before.filter(|before| number - before < WITHIN) {
            Some(_) => breached += 1,
            None => kept += 1,
        }
        events.push(event(number, Action::Login, Some(format!("s{subject}"))));
    }
    let report = report(
        Pattern::AtMost {
            happens: is(Field::Action, "login"),
            at_most: 1,
            within: WITHIN as i64,
            same: vec![Field::Subject],
        },
        &events,
    );
    let expected = Counts {
        kept,
        breached,
        ..Counts::default()
    };
    assert!(kept > 6_000 && breached > 1_000, "{expected:?}");
    assert_eq!(report.counts, expected);
}

#[test]
fn the_first_of_thousands_of_answers_that_may_be_anybodys_is_named() {
    const LENGTH: usize = 2_500;
    let mut events = Vec::new();
    // A request now and then, each followed by hundreds of answers of nobody.
    let mut expected = Vec::new();
    for number in 0..9_000 {
        if number % 600 == 0 {
            events.push(event(number, Action::Request, Some(format!("s{number}"))));
            if number + LENGTH < 8_999 {
                expected.push((number as u64, Some(number as u64 + 1)));
            }
        } else {
            events.push(event(number, Action::Erase, None));
        }
    }
    let report = report(
        Pattern::Within {
            when: is(Field::Action, "request"),
            then: is(Field::Action, "erase"),
            unless: None,
            // So that it is no duty of the simplest kind.
            already: Some(is(Field::Action, "anonymise")),
            deadline: Deadline::After(Duration::of_micros(LENGTH as i64)),
            same: vec![Field::Subject],
            condition: None,
            for_each: None,
            pause: None,
        },
        &events,
    );
    let shown = report.instances.iter();
    let judged = shown.filter(|instance| instance.other.is_some());
    let named: Vec<_> = judged.map(|i| (i.leaf, i.other)).collect();
    assert_eq!(named, expected);
    assert_eq!(report.counts.unknown, expected.len() as u64);
}
