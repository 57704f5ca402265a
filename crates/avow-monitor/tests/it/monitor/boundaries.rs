//! Where a verdict turns: on a microsecond, on the order of two events of the
//! same time, on the moment at which something became known.
//!
//! One line an event: time in microseconds after the pledge's `from`, source,
//! action, and what differs from the usual.

use std::ops::ControlFlow;

use avow_event::{Action, Event, Field, PlaceTable};
use avow_monitor::{
    Commitment, CommitmentReport, Deadline, Duration, Monitor, Pattern, Reason, Silence,
    SourceDeclaration, Verdict, sql,
};

use super::random_log::{commitment, instant, is, pattern, pledge};

/// `delay` 10 µs, no heartbeat, unless `heartbeat` is given.
fn source(name: &str, heartbeat: Option<i64>) -> SourceDeclaration {
    SourceDeclaration {
        name: pattern(name),
        heartbeat,
        delay: 10,
    }
}

fn within(silence: Silence) -> Commitment {
    Commitment {
        silence,
        ..commitment(
            "answer",
            Pattern::Within {
                when: is(Field::Action, "request"),
                then: is(Field::Action, "erase"),
                unless: Some(is(Field::Action, "hold")),
                already: None,
                deadline: Deadline::After(Duration::of_micros(100)),
                same: vec![Field::Subject],
                condition: None,
                for_each: None,
                pause: None,
            },
        )
    }
}

fn before() -> Commitment {
    commitment(
        "permission",
        Pattern::Before {
            when: is(Field::Action, "use"),
            only_after: is(Field::Action, "consent"),
            until: Some(is(Field::Action, "withdraw")),
            same: vec![Field::Subject],
            condition: None,
            within: None,
        },
    )
}

/// Reads `TIME SOURCE ACTION [logged=TIME] [due=TIME] [seq=N] [subject=…]`.
fn events(text: &str) -> Vec<Event> {
    let mut next = std::collections::BTreeMap::new();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let time: i64 = words.next().unwrap().parse().unwrap();
            let source = words.next().unwrap().to_owned();
            let action = Action::from_name(words.next().unwrap()).unwrap();
            let number = next.entry(source.clone()).or_insert(1_u64);
            let mut event = Event::new(&source, *number, instant(time), action);
            event.subject = Some("p_1".to_owned());
            for word in words {
                let (name, value) = word.split_once('=').unwrap();
                match name {
                    "logged" => event.logged = Some(instant(value.parse().unwrap())),
                    "due" => event.due = Some(instant(value.parse().unwrap())),
                    "seq" => event.seq = value.parse().unwrap(),
                    "subject" => event.subject = (value != "-").then(|| value.to_owned()),
                    _ => unreachable!("{name}"),
                }
            }
            *number = event.seq + 1;
            event
        })
        .collect()
}

fn report(commitment: Commitment, sources: Vec<SourceDeclaration>, log: &str) -> CommitmentReport {
    let pledge = pledge(vec![commitment], sources);
    let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(&events(log)) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(monitor.leaves(), [0; 32]);
    report.commitments.into_iter().next().unwrap()
}

/// The instances as `LEAF:reason`, and the commitment's verdict.
fn check(commitment: Commitment, sources: Vec<SourceDeclaration>, log: &str, expected: &str) {
    let report = report(commitment, sources, log);
    let mut instances = report.instances.clone();
    instances.sort_by_key(|instance| instance.leaf);
    let mut found: Vec<String> = instances
        .iter()
        .map(|i| match i.other {
            Some(other) => format!("{}:{}({other})", i.leaf, i.reason.as_str()),
            None => format!("{}:{}", i.leaf, i.reason.as_str()),
        })
        .collect();
    found.push(report.verdict.as_str().to_owned());
    assert_eq!(found.join(" "), expected, "{log}");
}

fn check_within(log: &str, expected: &str) {
    check(
        within(Silence::Unknown),
        vec![source("a", None)],
        log,
        expected,
    );
}

fn check_before(log: &str, expected: &str) {
    check(before(), vec![source("a", None)], log, expected);
}

#[test]
fn a_duty_may_be_done_at_its_deadline_and_not_a_microsecond_later() {
    check_within("0 a request\n100 a erase", "0:done(1) kept");
    check_within("0 a request\n101 a erase\n111 a use", "0:not_done breached");
    check_within("0 a request\n100 a hold", "0:lifted(1) kept");
}

#[test]
fn a_duty_is_pending_until_the_delay_after_its_deadline_has_passed() {
    check_within("0 a request\n110 a use", "0:waiting pending");
    check_within("0 a request\n111 a use", "0:not_done breached");
    // Evidence of the deadline that arrives within the delay.
    check_within(
        "0 a request\n110 a use\n100 a erase logged=110",
        "0:done(2) kept",
    );
}

#[test]
fn late_evidence_counts_when_it_arrives() {
    // At the clock of 110 an event of 99 is late by a microsecond.
    check_within(
        "0 a request\n110 a use\n99 a erase logged=110\n111 a use",
        "0:not_done breached",
    );
    // Late, but it arrived before the deadline.
    check_within(
        "0 a request\n90 a use\n50 a erase logged=90",
        "0:done(2) kept",
    );
}

#[test]
fn what_was_done_before_the_trigger_does_not_count() {
    check_within("0 a erase\n0 a request\n111 a use", "1:not_done breached");
    check_within("0 a request\n0 a erase", "0:done(1) kept");
}

#[test]
fn permission_has_to_come_strictly_before_its_use() {
    check_before("5 a consent\n5 a use\n15 a store", "1:permitted(0) kept");
    check_before(
        "5 a use\n5 a consent\n15 a store",
        "0:not_permitted breached",
    );
    check_before(
        "1 a consent\n5 a withdraw\n5 a use\n15 a store",
        "2:permission_ended(1) breached",
    );
}

#[test]
fn a_use_is_judged_when_no_earlier_evidence_can_arrive_in_time() {
    check_before("5 a use\n14 a store", "0:waiting pending");
    check_before("5 a use\n15 a store", "0:not_permitted breached");
    check_before(
        "5 a use\n14 a store\n4 a consent logged=14\n15 a store",
        "0:permitted(2) kept",
    );
    // The same consent a microsecond later is late and counts from 15.
    check_before(
        "5 a use\n15 a store\n4 a consent logged=15",
        "0:not_permitted breached",
    );
}

#[test]
fn a_late_use_is_unknown_and_not_kept() {
    check_before(
        "0 a consent\n20 a store\n9 a use logged=20\n40 a store",
        "2:late unknown",
    );
    check_before(
        "0 a consent\n20 a store\n10 a use logged=20\n40 a store",
        "2:permitted(0) kept",
    );
}

#[test]
fn an_event_dated_ahead_of_the_clock_has_not_happened_yet() {
    check_before("0 a consent\n50 a use logged=1\n49 a store", "unknown");
    check_before(
        "0 a consent\n50 a use logged=1\n60 a store",
        "1:permitted(0) kept",
    );
}

#[test]
fn a_consent_of_nobody_leaves_everybodys_use_open() {
    check_before(
        "0 a consent subject=-\n5 a use\n15 a store",
        "1:maybe_permitted(0) unknown",
    );
    check_before(
        "0 a consent\n5 a use subject=-\n15 a store",
        "1:no_key unknown",
    );
}

#[test]
fn silence_before_a_use_hides_a_consent_that_may_have_been_given() {
    let sources = || vec![source("a", Some(50)), source("b", Some(50))];
    // `b` is silent from 0 to 100: longer than 50.
    let log = "0 b store\n40 a store\n80 a store\n100 b store\n105 a use\n120 a store\n125 b store";
    check(before(), sources(), log, "4:gap unknown");
    // Silent for exactly as long as it may be.
    let log = "0 b store\n40 a store\n50 b store\n80 a store\n100 b store\n105 a use\n120 a store\n125 b store";
    check(before(), sources(), log, "5:not_permitted breached");
}

#[test]
fn a_gap_that_becomes_known_after_the_verdict_does_not_change_it() {
    let sources = || vec![source("a", None)];
    let log = "0 a store\n5 a use\n15 a store";
    check(before(), sources(), log, "1:not_permitted breached");
    let log = "0 a store\n5 a use\n15 a store\n16 a gap due=16";
    check(before(), sources(), log, "1:not_permitted breached");
    // The same report before the use is judged. It is about 1 to 4.
    let log = "0 a store\n5 a use\n1 a gap due=4 logged=11\n15 a store";
    check(before(), sources(), log, "1:gap unknown");
}

#[test]
fn a_missing_number_leaves_a_duty_open_and_a_breach_where_silence_is_one() {
    let log = "0 a request\n50 a store seq=3\n111 a store";
    let sources = || vec![source("a", Some(200))];
    check(within(Silence::Unknown), sources(), log, "0:gap unknown");
    check(
        within(Silence::Breach),
        sources(),
        log,
        "0:not_done breached",
    );
}

#[test]
fn a_declared_source_that_never_spoke_makes_the_verdict_unknown() {
    let log = "0 a request\n100 a erase";
    let sources = vec![source("a", None), source("b", None)];
    check(within(Silence::Unknown), sources, log, "0:done(1) unknown");
}

#[test]
fn nothing_to_judge_is_kept_only_where_completeness_is_shown() {
    let log = "0 a store\n40 a heartbeat\n80 a heartbeat";
    let shown = report(before(), vec![source("a", Some(50))], log);
    assert_eq!((shown.verdict, shown.vacuous), (Verdict::Kept, true));
    let not_shown = report(before(), vec![source("a", None)], log);
    assert_eq!(
        (not_shown.verdict, not_shown.vacuous),
        (Verdict::Unknown, true)
    );
}

#[test]
fn a_number_used_twice_is_a_gap() {
    let log = "0 a store\n5 a store seq=1\n30 a store";
    let found = report(before(), vec![source("a", Some(50))], log);
    assert_eq!(found.coverage[0].gap_count, 1);
    assert_eq!(found.verdict, Verdict::Unknown);
}

#[test]
fn what_happened_before_the_pledge_permits_but_is_no_instance() {
    check_before(
        "-20 a use\n-10 a consent\n5 a use\n15 a store",
        "2:permitted(1) kept",
    );
}

#[test]
fn an_end_of_permission_that_arrives_late_leaves_open_what_was_done_before_it() {
    check_before(
        "0 a consent\n50 a use\n55 a store\n49 a withdraw logged=55\n60 a store",
        "1:permission_ended(3) breached",
    );
    check_before(
        "0 a consent\n50 a use\n61 a store\n49 a withdraw logged=61",
        "1:permitted(0) 3:late_end unknown",
    );
    // Whose permission it ended is not said.
    check_before(
        "0 a consent\n50 a use\n61 a store\n49 a withdraw logged=61 subject=-",
        "1:permitted(0) 3:late_end unknown",
    );
    // The same at the clock at which it is still in time.
    check_before(
        "0 a consent\n50 a use\n60 a store\n50 a withdraw logged=60",
        "1:permitted(0) kept",
    );
}

#[test]
fn a_late_end_of_permission_concerns_the_pledge_if_it_arrived_under_it() {
    let sources = || vec![source("a", None)];
    let found = report(
        before(),
        sources(),
        "-20 a consent\n5 a store\n-6 a withdraw logged=5",
    );
    let reasons: Vec<Reason> = found.instances.iter().map(|i| i.reason).collect();
    assert_eq!(reasons, [Reason::LateEnd]);
    assert_eq!(found.verdict, Verdict::Unknown);
    // No promise was unknown before it was made.
    assert_eq!(found.since, instant(0));
    let found = report(
        before(),
        sources(),
        "-60 a consent\n-5 a store\n-20 a withdraw logged=-5\n5 a store",
    );
    assert_eq!(found.counts.total(), 0);
}

#[test]
fn an_event_dated_ahead_of_the_clock_is_a_gap_until_the_clock_reaches_it() {
    check_before(
        "0 a consent\n5 a use\n900 a use logged=5\n15 a store",
        "1:permitted(0) unknown",
    );
    check_before(
        "0 a consent\n5 a use\n890 a use logged=5\n15 a store\n900 a store",
        "1:permitted(0) 2:permitted(0) kept",
    );
    // By no more than the delay: clocks may differ by so much.
    check_before(
        "0 a consent\n5 a use\n15 a store\n25 a use logged=15",
        "1:permitted(0) kept",
    );
    check_before(
        "0 a consent\n5 a use\n15 a store\n26 a use logged=15",
        "1:permitted(0) unknown",
    );
}

#[test]
fn a_source_that_spoke_only_ahead_of_the_clock_is_listed() {
    let found = report(
        before(),
        vec![source("a", None), source("b", None)],
        "0 a consent\n5 a use\n900 b store logged=6\n900 x store logged=7\n15 a store",
    );
    assert_eq!(found.verdict, Verdict::Unknown);
    let rows: Vec<String> = found
        .coverage
        .iter()
        .map(|row| {
            let gaps = row.gaps.iter().map(|gap| {
                let from = gap.from.get() - instant(0).get();
                format!(" {}@{from}", gap.kind.as_str())
            });
            format!("{} {}{}", row.source, row.events, gaps.collect::<String>())
        })
        .collect();
    assert_eq!(rows, ["a 3", "b 0 missing@0 ahead@6", "x 0 ahead@7"]);
}

#[test]
fn evidence_from_before_the_promise_does_not_keep_it() {
    let sources = || vec![source("a", Some(50)), source("b", Some(50))];
    let of_a = || Commitment {
        sources: vec![pattern("a")],
        ..before()
    };
    for log in ["-20 a store", "-20 a store\n5 b store"] {
        let found = report(of_a(), sources(), log);
        assert_eq!(found.verdict, Verdict::Unknown, "{log}");
        assert!(!found.completeness_shown, "{log}");
    }
    let found = report(of_a(), sources(), "-20 a store\n0 a store");
    assert_eq!(found.verdict, Verdict::Kept);
}

#[test]
fn what_was_done_before_a_duty_arose_does_not_surely_do_it() {
    let log = "0 a store\n20 a request\n30 a store\n19 a erase logged=30";
    check_within(log, "1:waiting pending");
    check_within(&format!("{log}\n131 a store"), "1:maybe_done(3) unknown");
    check_within(&format!("{log}\n40 a hold"), "1:lifted(4) kept");
    check_within(
        "0 a store\n20 a request\n31 a store\n20 a erase logged=31",
        "1:done(3) kept",
    );
    // It does the duty that it comes after, and not the one before which it
    // came.
    let log = "3 a request\n20 a request\n40 a store\n5 a erase logged=40";
    check_within(log, "0:done(3) 1:waiting pending");
    check_within(
        &format!("{log}\n60 a erase\n131 a store"),
        "0:done(3) 1:done(4) kept",
    );
}

#[test]
fn gap_rows_stop_where_the_caller_stops() {
    let commitments = (0..50).map(|_| before()).collect();
    let pledge = pledge(commitments, vec![source("a", None)]);
    let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
    let log: String = (0..100).map(|n| format!("{n} a gap due={n}\n")).collect();
    for (leaf, event) in (0..).zip(&events(&log)) {
        monitor.push(leaf, event);
    }
    let all = sql::gap_rows(&mut monitor);
    // Those reported, and that the source had to be heard first.
    assert_eq!(all.lines().count(), 50 * 101);
    let mut first = String::new();
    let end = sql::write_gap_rows(&mut monitor, &mut |row| {
        first.push_str(row);
        if first.len() < 1_000 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    assert_eq!(end, ControlFlow::Break(()));
    assert!(all.starts_with(&first) && first.ends_with("}\n"));
    assert!(first.len() < 1_500, "{}", first.len());
}

#[test]
fn a_number_missing_since_the_consent_hides_its_end_also_before_the_pledge() {
    check_before(
        "-30 a consent\n-10 a store seq=3\n5 a use\n40 a store",
        "2:gap(0) unknown",
    );
    // It does not make a promise unknown that does not rest on that time.
    check_before(
        "-30 a store\n-10 a consent seq=3\n5 a use\n40 a store",
        "2:permitted(1) kept",
    );
}
