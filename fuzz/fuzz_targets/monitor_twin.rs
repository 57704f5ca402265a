//! Four bytes choose a random pledge and log, the others change the log and
//! the lengths of time in the pledge; the monitor and its slow twin, which
//! reads the semantics page aloud, agree on every prefix.
//!
//! The random cases and the twin are those of the tests of avow-monitor.
#![no_main]
#![allow(
    dead_code,
    unused_imports,
    reason = "the tests use more of these files"
)]

#[path = "../../crates/avow-monitor/tests/it/language/random.rs"]
mod random;
#[path = "../../crates/avow-monitor/tests/it/monitor/random_case.rs"]
mod random_case;
#[path = "../../crates/avow-monitor/tests/it/monitor/random_log.rs"]
mod random_log;
#[path = "../../crates/avow-monitor/tests/it/monitor/random_rule.rs"]
mod random_rule;
#[path = "../../crates/avow-monitor/tests/it/twin/mod.rs"]
mod twin;

mod language {
    pub(crate) use crate::random;
}

use avow_event::{Action, Field, Micros, PlaceTable, Value};
use avow_monitor::{Deadline, Monitor, Pattern};
use libfuzzer_sys::fuzz_target;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use random_case::Case;
use random_log::case;
use twin::Twin;

/// The twin takes the third power of it.
const LEAVES_MAX: usize = 24;

fn chosen(seed: [u8; 4]) -> Option<Case> {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed.repeat(8));
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let tree = case(LEAVES_MAX).new_tree(&mut runner).ok()?;
    Some(tree.current())
}

impl Case {
    /// `what` is done to the event or commitment `at`, by as much as `value`.
    fn change(&mut self, what: u8, at: u8, value: u8) {
        const ACTIONS: [Action; 9] = [
            Action::Use,
            Action::Consent,
            Action::Withdraw,
            Action::Request,
            Action::Erase,
            Action::Hold,
            Action::Release,
            Action::Heartbeat,
            Action::Gap,
        ];
        let steps = i64::from(value as i8) * self.grid.1;
        let moved = |time: Micros| time.saturating_add(steps);
        if what % 12 == 0 {
            let at = usize::from(at) % self.pledge.commitments.len().max(1);
            self.change_commitment(at, steps);
            return;
        }
        let count = self.events.len();
        let Some(event) = self.events.get_mut(usize::from(at) % count.max(1)) else {
            return;
        };
        let text = |names: &[&'static str]| names[usize::from(value) % names.len()];
        let set = match what % 12 {
            1 => Some((Field::Time, Value::Time(moved(event.time)))),
            2 => Some((Field::Logged, Value::Time(moved(event.time)))),
            3 => Some((Field::Due, Value::Time(moved(event.time)))),
            4 => Some((Field::Subject, Value::Text(text(&["s1", "s2", "s3"])))),
            5 => Some((Field::Purpose, Value::Text(text(&["p", "q"])))),
            6 => Some((Field::Place, Value::Text(text(&["CN", "US", "UNKNOWN"])))),
            7 => Some((Field::System, Value::Text(text(&["x", "y"])))),
            8 => Some((Field::Source, Value::Text(text(&["a-1", "a-2", "b", "c"])))),
            9 => Some((Field::Seq, Value::Integer(u64::from(value % 32)))),
            10 => {
                event.action = ACTIONS[usize::from(value) % ACTIONS.len()];
                None
            }
            _ => {
                let at = usize::from(at) % count;
                self.events.swap(at, usize::from(value) % count);
                return;
            }
        };
        if let Some((field, value)) = set {
            event.set(field, value).expect("the field takes it");
        }
    }

    fn change_commitment(&mut self, at: usize, steps: i64) {
        let Some(commitment) = self.pledge.commitments.get_mut(at) else {
            return;
        };
        let length = steps.abs() + 1;
        match &mut commitment.pattern {
            Pattern::Before { within, .. } => *within = Some(length),
            Pattern::Within {
                deadline: Deadline::After(after),
                ..
            } => after.micros = length,
            Pattern::Every { every, .. } => every.micros = length,
            Pattern::AtMost { within, .. } => *within = length,
            Pattern::Lasts { lasts, .. } => lasts.micros = length,
            _ => commitment.to = Some(commitment.from.saturating_add(length)),
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((seed, changes)) = bytes.split_first_chunk::<4>() else {
        return;
    };
    let Some(mut case) = chosen(*seed) else {
        return;
    };
    for change in changes.chunks_exact(3) {
        case.change(change[0], change[1], change[2]);
    }
    let Case { pledge, events, .. } = &case;
    let mut monitor = Monitor::with_batch_rows(pledge, &PlaceTable::built_in(), 5);
    for leaves in 0..=events.len() {
        let report = monitor.report(leaves as u64, [0; 32]);
        for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
            let events = &events[..leaves];
            let expected = Twin { pledge, events }.report(commitment);
            assert_eq!(*found, expected, "after {leaves} leaves of\n{case:?}");
        }
        if let Some(event) = events.get(leaves) {
            monitor.push(leaves as u64, event);
        }
    }
});
