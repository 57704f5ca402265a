//! The twin by itself: the random cases give every reason that a rule can
//! have, and what it has judged stays.

use std::collections::{BTreeMap, BTreeSet};

use avow_event::Micros;
use avow_monitor::{Duration, GapKind, Instance, Pattern, Reason, Register, Verdict, eval_pair};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::random_case::Case;
use super::random_log::{DAY, case};
use crate::language::random::{event, pair_condition};
use crate::twin::Twin;

/// How many random cases are looked at for reasons.
const CASES: usize = 2_500;

/// How often each reason of each rule has to occur in them.
const OFTEN: usize = 3;

/// What the page says that each rule can come to.
const REASONS: [(&str, &[Reason], &[Reason]); 13] = {
    use Reason::*;
    let shared = &[Undetermined, Late, NoKey, Gap, Waiting];
    let of_one = &[Undetermined, Late, Gap, Waiting];
    [
        ("never, always", &[], &[Holds, Fails, Undetermined]),
        (
            "only_after",
            shared,
            &[
                Permitted,
                NotPermitted,
                PermissionEnded,
                MaybePermitted,
                LateEnd,
            ],
        ),
        (
            "only_after within",
            shared,
            &[
                Permitted,
                NotPermitted,
                PermissionEnded,
                MaybePermitted,
                LateEnd,
                Expired,
            ],
        ),
        (
            "then",
            shared,
            &[NoDeadline, Done, Lifted, NotDone, MaybeDone],
        ),
        (
            "then already",
            shared,
            &[NoDeadline, Done, Lifted, NotDone, MaybeDone, Already],
        ),
        (
            "then paused",
            shared,
            &[
                NoDeadline, Done, Lifted, NotDone, MaybeDone, MaybeHeld, LateEnd,
            ],
        ),
        (
            "then already paused",
            shared,
            &[
                NoDeadline, Done, Lifted, NotDone, MaybeDone, Already, MaybeHeld, LateEnd,
            ],
        ),
        (
            "then for_each",
            shared,
            &[
                NoDeadline, Done, Lifted, NotDone, MaybeDone, MaybeEach, LateEnd,
            ],
        ),
        ("every for one", of_one, &[Done, NotDone, MaybeDone]),
        ("every member", shared, &[Done, NotDone, MaybeDone]),
        (
            "every entry",
            shared,
            &[Done, Lifted, NotDone, MaybeDone, LateEnd],
        ),
        ("at_most", shared, &[WithinLimit, TooMany, MaybeTooMany]),
        ("lasts", shared, &[Lasted, Ended, MaybeEnded, LateEnd]),
    ]
};

fn name(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Never { .. } | Pattern::Always { .. } => "never, always",
        Pattern::Before { within: None, .. } => "only_after",
        Pattern::Before { .. } => "only_after within",
        Pattern::Within {
            for_each: Some(_), ..
        } => "then for_each",
        Pattern::Within { already, pause, .. } => match (already, pause) {
            (None, None) => "then",
            (Some(_), None) => "then already",
            (None, Some(_)) => "then paused",
            (Some(_), Some(_)) => "then already paused",
        },
        Pattern::Every { register, .. } => match register {
            Register::One => "every for one",
            Register::Members(_) => "every member",
            Register::Entries { .. } => "every entry",
        },
        Pattern::AtMost { .. } => "at_most",
        Pattern::Lasts { .. } => "lasts",
    }
}

#[test]
fn random_cases_give_every_reason_of_every_rule_and_no_other() {
    let mut runner = TestRunner::deterministic();
    let mut counts: BTreeMap<(&str, Reason), usize> = BTreeMap::new();
    let mut verdicts = BTreeSet::new();
    let mut gaps = BTreeSet::new();
    for _ in 0..CASES {
        let Case { pledge, events, .. } = case(40).new_tree(&mut runner).unwrap().current();
        let twin = Twin {
            pledge: &pledge,
            events: &events,
        };
        for commitment in &pledge.commitments {
            let rule = name(&commitment.pattern);
            for instance in twin.instances(commitment) {
                *counts.entry((rule, instance.reason)).or_default() += 1;
            }
            let report = twin.report(commitment);
            verdicts.insert((report.verdict, report.vacuous));
            let rows = report.coverage.iter();
            gaps.extend(rows.flat_map(|row| &row.gaps).map(|gap| gap.kind));
        }
    }
    for ((rule, reason), count) in &counts {
        println!("{rule:20} {:20} {count}", reason.as_str());
    }
    let mut expected = BTreeSet::new();
    for (rule, shared, own) in REASONS {
        expected.extend(shared.iter().chain(own).map(|reason| (rule, *reason)));
    }
    assert_eq!(counts.keys().copied().collect::<BTreeSet<_>>(), expected);
    let rare: Vec<_> = counts.iter().filter(|(_, count)| **count < OFTEN).collect();
    assert!(rare.is_empty(), "too rare to be a test: {rare:?}");
    assert_eq!(gaps, GapKind::ALL.into_iter().collect());
    for verdict in Verdict::ALL {
        assert!(verdicts.contains(&(verdict, false)), "{verdict:?}");
    }
    assert!(
        verdicts.contains(&(Verdict::Kept, true)),
        "nothing to judge"
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3 * ProptestConfig::default().cases,
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_was_judged_stays(case in case(40)) {
        let Case { pledge, events, .. } = case;
        for commitment in &pledge.commitments {
            let mut before: Vec<Instance> = Vec::new();
            for leaves in 1..=events.len() {
                let twin = Twin { pledge: &pledge, events: &events[..leaves] };
                let now = twin.instances(commitment);
                let name = |i: &Instance| (i.time, i.leaf, i.each);
                let names: BTreeSet<_> = now.iter().map(name).collect();
                prop_assert_eq!(names.len(), now.len(), "two of one name in {:?}", now);
                for old in before.iter().filter(|old| old.verdict() != Verdict::Pending) {
                    let new = now.iter().find(|new| name(new) == name(old));
                    let verdict = new.map(Instance::verdict);
                    prop_assert_eq!(verdict, Some(old.verdict()), "{:?}, then {:?}", old, new);
                }
                before = now;
            }
        }
    }

    /// The twin counts days and months one by one.
    #[test]
    fn a_length_of_months_ends_where_the_twin_says(
        day in prop_oneof![-800_000..3_000_000_i64, 19_000..22_000_i64],
        time in prop_oneof![Just(0), Just(DAY - 1), 0..DAY],
        months in prop_oneof![0..30_u32, 0..2_400_u32],
        days in prop_oneof![Just(0_i64), 0..40_i64, 0..73_200_i64],
    ) {
        let start = Micros::MIN.saturating_add(day * DAY + time - Micros::MIN.get());
        let length = Duration { months, micros: days * DAY };
        let end = crate::twin::after(start.get(), length);
        prop_assert_eq!(length.after(start).get(), end, "{:?} after {:?}", length, start);
    }

    #[test]
    fn a_condition_on_two_events_has_the_value_that_the_twin_says(
        condition in pair_condition(),
        this in event(),
        that in event(),
    ) {
        let value = eval_pair(&condition, &this, &that);
        prop_assert_eq!(value, crate::twin::eval_pair(&condition, &this, &that), "{}", condition);
    }
}
