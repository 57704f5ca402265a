//! A shown instance is checked against the leaves it names.

use std::collections::BTreeSet;

use avow_event::{Event, Micros, PlaceTable};
use avow_monitor::{Commitment, Instance, Mismatch, Monitor, Pattern, Pledge, Reason, check_shown};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::random_case::Case;
use super::random_log::case;

/// Checks all that the monitor shows, and that nothing else would do; returns
/// the reasons.
fn check(pledge: &Pledge, events: &[Event]) -> Result<BTreeSet<Reason>, TestCaseError> {
    let mut monitor = Monitor::new(pledge, &PlaceTable::built_in());
    for (leaf, event) in (0..).zip(events) {
        monitor.push(leaf, event);
    }
    let report = monitor.report(events.len() as u64, [0; 32]);
    let as_of = report.as_of.unwrap_or(Micros::MIN);
    let lookup = |leaf: u64| -> Option<Event> { events.get(leaf as usize).cloned() };
    let mut reasons = BTreeSet::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        let check =
            |instance: &Instance| check_shown(pledge, as_of, &commitment.id, instance, &lookup);
        for instance in &found.instances {
            reasons.insert(instance.reason);
            let shown = check(instance);
            prop_assert!(shown.is_ok(), "{:?} {:?}", instance, shown);
            let delay = delay(pledge, &events[instance.leaf as usize].source);
            for changed in changed(commitment, instance, as_of, delay) {
                prop_assert!(check(&changed).is_err(), "{:?} for {:?}", changed, instance);
            }
            let gone = Instance {
                leaf: events.len() as u64,
                ..*instance
            };
            prop_assert_eq!(check(&gone), Err(Mismatch::NoLeaf(gone.leaf)));
        }
    }
    Ok(reasons)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_monitor_shows_fits_its_leaves_and_what_was_changed_does_not(
        Case { pledge, events, .. } in case(40),
    ) {
        check(&pledge, &events)?;
    }
}

#[test]
fn every_reason_is_shown_and_checked() {
    let mut runner = TestRunner::deterministic();
    let mut reasons = BTreeSet::new();
    for _ in 0..1_500 {
        let Case { pledge, events, .. } = case(40).new_tree(&mut runner).unwrap().current();
        reasons.extend(check(&pledge, &events).unwrap());
    }
    assert_eq!(reasons, Reason::ALL.into_iter().collect());
}

/// The delay of a source.
fn delay(pledge: &Pledge, source: &str) -> i64 {
    let mut declared = pledge.sources.iter();
    let declared = declared.find(|declared| declared.name.matches(source));
    declared.map_or(0, |declared| declared.delay)
}

/// Changes that contradict the leaves, whatever they are.
fn changed(
    commitment: &Commitment,
    instance: &Instance,
    as_of: Micros,
    delay: i64,
) -> Vec<Instance> {
    let other = Instance {
        other: match instance.other {
            Some(_) => None,
            None => Some(instance.leaf),
        },
        ..*instance
    };
    let mut all = vec![
        Instance {
            time: instance.time.saturating_add(1),
            ..*instance
        },
        Instance {
            deadline: Some(Micros::MIN),
            ..*instance
        },
        Instance {
            each: Some(u64::MAX),
            ..*instance
        },
        Instance {
            reason: other_reason(instance.reason),
            ..*instance
        },
    ];
    // A gap may be shown with or without what came before it.
    if instance.reason != Reason::Gap {
        all.push(other);
    }
    let with_reasons = |reasons: &'static [Reason]| {
        reasons.iter().map(|reason| Instance {
            reason: *reason,
            other: None,
            ..*instance
        })
    };
    all.extend(with_reasons(by_the_clock(
        &commitment.pattern,
        instance.reason,
    )));
    let is_plain = matches!(instance.reason, Reason::Holds | Reason::Fails);
    if !is_plain && as_of.get() - instance.time.get() <= delay {
        all.extend(with_reasons(&[Reason::Late, Reason::LateEnd]));
    }
    all
}

/// One that the leaves which are named for this one cannot show.
fn other_reason(reason: Reason) -> Reason {
    match reason {
        Reason::Holds => Reason::Fails,
        Reason::Fails | Reason::Undetermined => Reason::Holds,
        Reason::NotDone | Reason::Late => Reason::Done,
        Reason::LateEnd => Reason::Late,
        Reason::NotPermitted => Reason::Permitted,
        Reason::Waiting | Reason::Gap => Reason::NoKey,
        Reason::Expired => Reason::PermissionEnded,
        Reason::Permitted | Reason::PermissionEnded | Reason::MaybePermitted => {
            Reason::NotPermitted
        }
        Reason::MaybeEach => Reason::Waiting,
        Reason::Done
        | Reason::Lifted
        | Reason::Already
        | Reason::NoKey
        | Reason::NoDeadline
        | Reason::MaybeHeld
        | Reason::MaybeDone => Reason::NotDone,
        Reason::TooMany | Reason::MaybeTooMany => Reason::WithinLimit,
        Reason::WithinLimit => Reason::TooMany,
        Reason::Ended | Reason::MaybeEnded => Reason::Lasted,
        Reason::Lasted => Reason::Ended,
    }
}

/// Those that the tree's clock does not allow: it is judged, or is not.
fn by_the_clock(pattern: &Pattern, reason: Reason) -> &'static [Reason] {
    // While a key is held, a duty waits beyond any time.
    if matches!(pattern, Pattern::Within { pause: Some(_), .. }) {
        return &[];
    }
    match (reason, pattern) {
        (Reason::Waiting, Pattern::Within { .. } | Pattern::Every { .. }) => {
            &[Reason::NotDone, Reason::Gap]
        }
        (Reason::Waiting, Pattern::Lasts { .. }) => &[Reason::Lasted, Reason::Gap],
        (Reason::Waiting, Pattern::AtMost { .. }) => &[Reason::WithinLimit, Reason::Gap],
        (Reason::Waiting, _) => &[Reason::NotPermitted, Reason::Gap],
        (
            Reason::NotDone
            | Reason::NotPermitted
            | Reason::Gap
            | Reason::Lasted
            | Reason::WithinLimit,
            _,
        ) => &[Reason::Waiting],
        _ => &[],
    }
}
