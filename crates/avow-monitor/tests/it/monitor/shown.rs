//! A shown instance is checked against the leaves it names.

use avow_event::{Event, Micros, PlaceTable};
use avow_monitor::{Instance, Mismatch, Monitor, Pledge, Reason, check_shown};
use proptest::prelude::*;

use super::random_log::{log, random_pledge};

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_the_monitor_shows_fits_its_leaves_and_what_was_changed_does_not(
        pledge in random_pledge(),
        events in log(),
    ) {
        let mut monitor = Monitor::new(&pledge, &PlaceTable::built_in());
        for (leaf, event) in (0..).zip(&events) {
            monitor.push(leaf, event);
        }
        let report = monitor.report(events.len() as u64, [0; 32]);
        let as_of = report.as_of.unwrap_or(Micros::MIN);
        let lookup = |leaf: u64| -> Option<Event> { events.get(leaf as usize).cloned() };
        for commitment in &report.commitments {
            let check = |instance: &Instance| {
                check_shown(&pledge, as_of, &commitment.id, instance, &lookup)
            };
            for instance in &commitment.instances {
                let shown = check(instance);
                prop_assert!(shown.is_ok(), "{:?} {:?}", instance, shown);
                let delay = delay(&pledge, &events[instance.leaf as usize].source);
                for changed in changed(instance, as_of, delay) {
                    prop_assert!(check(&changed).is_err(), "{:?}", changed);
                }
                let gone = Instance { leaf: events.len() as u64, ..*instance };
                prop_assert_eq!(check(&gone), Err(Mismatch::NoLeaf(gone.leaf)));
            }
        }
    }
}

/// The delay of a source.
fn delay(pledge: &Pledge, source: &str) -> i64 {
    let mut declared = pledge.sources.iter();
    let declared = declared.find(|declared| declared.name.matches(source));
    declared.map_or(0, |declared| declared.delay)
}

/// Changes that contradict the leaves, whatever they are.
fn changed(instance: &Instance, as_of: Micros, delay: i64) -> Vec<Instance> {
    let time = Instance {
        time: instance.time.saturating_add(1),
        ..*instance
    };
    let deadline = Instance {
        deadline: Some(instance.time.saturating_add(-1)),
        ..*instance
    };
    let each = Instance {
        each: Some(0),
        ..*instance
    };
    let other = Instance {
        other: match instance.other {
            Some(_) => None,
            None => Some(instance.leaf),
        },
        ..*instance
    };
    let reason = match instance.reason {
        Reason::Holds => Reason::Fails,
        Reason::Fails | Reason::Undetermined => Reason::Holds,
        Reason::Permitted => Reason::NotPermitted,
        Reason::Done | Reason::Lifted => Reason::NotDone,
        Reason::NotDone | Reason::Late => Reason::Done,
        Reason::LateEnd => Reason::Late,
        Reason::NotPermitted => Reason::Permitted,
        Reason::Waiting => Reason::NoKey,
        Reason::NoKey => Reason::NotDone,
        Reason::PermissionEnded | Reason::MaybePermitted => Reason::NotPermitted,
        Reason::MaybeDone => Reason::NotDone,
        Reason::Gap => Reason::Undetermined,
        other => unreachable!("no rule here has the reason {other:?}"),
    };
    let reason = Instance {
        reason,
        ..*instance
    };
    let mut all = vec![time, deadline, each, reason];
    // By the tree's clock it is judged, or is not.
    let reasons: &[Reason] = match (instance.reason, instance.deadline) {
        (Reason::Waiting, Some(_)) => &[Reason::NotDone, Reason::Gap],
        (Reason::Waiting, None) => &[Reason::NotPermitted, Reason::Gap],
        (Reason::NotDone | Reason::NotPermitted | Reason::Gap, _) => &[Reason::Waiting],
        _ => &[],
    };
    let is_plain = matches!(instance.reason, Reason::Holds | Reason::Fails);
    if !is_plain && as_of.get() - instance.time.get() <= delay {
        let reasons = [Reason::Late, Reason::LateEnd];
        all.extend(reasons.map(|reason| Instance {
            reason,
            other: None,
            ..*instance
        }));
    }
    all.extend(reasons.iter().map(|reason| Instance {
        reason: *reason,
        other: None,
        ..*instance
    }));
    // A gap may be shown with or without what came before it.
    if instance.reason != Reason::Gap {
        all.push(other);
    }
    all
}
