//! The stories in a pledge, each run as a little log of its own.
//!
//! In a story every deadline has passed and no evidence is missing: its end
//! shows what the rule means. `docs/spec/pledge.md`, "Semantics", section 6.

use std::fmt;

use avow_event::{Action, Event, Micros, PlaceTable, Value};

use crate::coverage::hold;
use crate::{
    Commitment, Counts, Deadline, Example, Instance, Monitor, Pattern, Pledge, Silence,
    SourceDeclaration, Verdict,
};

/// A source of the heartbeat that ends a story; no pattern of a pledge has a
/// space in it.
const END_OF_STORY: &str = "end of story";

/// An example that does not end as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The commitment.
    pub id: String,
    /// Which of its examples, from 0.
    pub index: usize,
    /// Whether it is meant to be kept; else breached.
    pub kept: bool,
    /// What its instances have come to.
    pub counts: Counts,
    /// Those that are shown; the leaf is the event's position in the example,
    /// in the order of time.
    pub instances: Vec<Instance>,
}

impl fmt::Display for ExampleFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meant = if self.kept { "kept" } else { "breached" };
        write!(
            f,
            "example {} of `{}` is meant to be {meant}, ",
            self.index + 1,
            self.id
        )?;
        let all = Verdict::ALL.iter();
        let found: Vec<String> = all
            .filter(|verdict| self.counts.of(**verdict) > 0)
            .map(|verdict| format!("{} {}", self.counts.of(*verdict), verdict.as_str()))
            .collect();
        if found.is_empty() {
            f.write_str("but no event in it makes an instance: `when` is never true")
        } else {
            write!(f, "but its instances are {}", found.join(", "))
        }
    }
}

/// Runs every example. A kept one has to end with at least one kept instance
/// and no other; a breached one with at least one breached instance.
pub fn run_examples(pledge: &Pledge) -> Vec<ExampleFailure> {
    let mut failures = Vec::new();
    for commitment in &pledge.commitments {
        for (index, example) in commitment.examples.iter().enumerate() {
            let (counts, instances) = run(pledge, commitment, example);
            // The last period of what recurs is always running.
            let recurs = matches!(commitment.pattern, Pattern::Every { .. });
            let running = if recurs { counts.pending } else { 0 };
            let ends_as_it_says = if example.kept {
                counts.kept > 0 && counts.kept + running == counts.total()
            } else {
                counts.breached > 0
            };
            if !ends_as_it_says {
                failures.push(ExampleFailure {
                    id: commitment.id.clone(),
                    index,
                    kept: example.kept,
                    counts,
                    instances,
                });
            }
        }
    }
    failures
}

fn run(pledge: &Pledge, commitment: &Commitment, example: &Example) -> (Counts, Vec<Instance>) {
    let mut events: Vec<&Event> = example.events.iter().map(|e| &e.event).collect();
    events.sort_by_key(|event| event.time);
    // A story may be set before the promise was made. What recurs begins with it.
    let from = match commitment.pattern {
        Pattern::Every { .. } => events.first().map_or(Micros::MIN, |event| event.time),
        _ => Micros::MIN,
    };
    let story = Pledge {
        from,
        sources: without_heartbeats(&pledge.sources),
        commitments: vec![Commitment {
            // No gap makes an instance unknown.
            silence: Silence::Breach,
            from,
            to: None,
            examples: Vec::new(),
            ..commitment.clone()
        }],
        ..pledge.clone()
    };
    // The place table's name stands in the report only.
    let mut monitor = Monitor::with_batch_rows(&story, &PlaceTable::built_in(), events.len() + 1);
    for (leaf, event) in (0..).zip(&events) {
        monitor.push(leaf, event);
    }
    let end = end_of_story(&story, commitment, &events);
    monitor.push(events.len() as u64, &end);
    let report = monitor.report(monitor.leaves(), [0; 32]);
    let found = report.commitments.into_iter().next();
    found.map_or_else(Default::default, |c| (c.counts, c.instances))
}

fn without_heartbeats(sources: &[SourceDeclaration]) -> Vec<SourceDeclaration> {
    let silent = |source: &SourceDeclaration| SourceDeclaration {
        heartbeat: None,
        ..source.clone()
    };
    sources.iter().map(silent).collect()
}

/// A heartbeat after everything: all deadlines and delays have passed. Of what
/// recurs the last period never ends; there it comes after the delays.
fn end_of_story(story: &Pledge, commitment: &Commitment, events: &[&Event]) -> Event {
    let times = || events.iter().map(|event| event.time);
    let last = times().max().unwrap_or(Micros::MIN);
    let first = times().min().unwrap_or(last);
    let (deadline, held) = match &commitment.pattern {
        Pattern::Within {
            deadline, pause, ..
        } => {
            let deadline = match deadline {
                Deadline::After(within) => within.after(last),
                Deadline::At(field) => events
                    .iter()
                    .filter_map(|event| match event.get(*field) {
                        Some(Value::Time(time)) => Some(time),
                        _ => None,
                    })
                    .fold(last, Micros::max),
            };
            let story_length = last.get().saturating_sub(first.get());
            (deadline, pause.as_ref().map_or(0, |_| story_length))
        }
        Pattern::Lasts { lasts, .. } => (lasts.after(last), 0),
        Pattern::Never { .. }
        | Pattern::Always { .. }
        | Pattern::Before { .. }
        | Pattern::Every { .. }
        | Pattern::AtMost { .. } => (last, 0),
    };
    let delay = hold(&commitment.sources, &story.sources);
    let moment = i64::from(!matches!(commitment.pattern, Pattern::Every { .. }));
    let wait = held.saturating_add(delay).saturating_add(moment);
    let time = deadline.max(last).saturating_add(wait);
    Event::new(END_OF_STORY, 1, time, Action::Heartbeat)
}
