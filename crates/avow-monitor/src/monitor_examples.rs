//! The stories in a pledge, each run as a little log of its own.
//!
//! In a story every deadline has passed and no evidence is missing: its end
//! shows what the rule means. `docs/spec/pledge.md`, "Semantics", section 6.

use std::fmt;

use avow_event::{Action, Event, Micros, PlaceTable};

use crate::{
    Commitment, Counts, Example, Instance, Monitor, Pattern, Pledge, Silence, SourceDeclaration,
    Verdict,
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
            let ends_as_it_says = if example.kept {
                counts.kept > 0 && counts.kept == counts.total()
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
    let story = Pledge {
        // A story may be set before the promise was made.
        from: Micros::MIN,
        sources: without_heartbeats(&pledge.sources),
        commitments: vec![Commitment {
            // No gap makes an instance unknown.
            silence: Silence::Breach,
            examples: Vec::new(),
            ..commitment.clone()
        }],
        ..pledge.clone()
    };
    let mut events: Vec<&Event> = example.events.iter().map(|e| &e.event).collect();
    events.sort_by_key(|event| event.time);
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

/// A heartbeat after everything: all deadlines and delays have passed.
fn end_of_story(story: &Pledge, commitment: &Commitment, events: &[&Event]) -> Event {
    let last = events.iter().map(|event| event.time).max();
    let within = match &commitment.pattern {
        Pattern::Within {
            deadline:
                crate::Deadline::After(crate::Duration {
                    months: 0,
                    micros: within,
                }),
            ..
        } => *within,
        Pattern::Never { .. } | Pattern::Always { .. } | Pattern::Before { .. } => 0,
        _ => unimplemented!("rules of the full language"),
    };
    let delay = story.sources.iter().map(|s| s.delay).max().unwrap_or(0);
    let wait = within.saturating_add(delay).saturating_add(1);
    let time = last.unwrap_or(Micros::MIN).saturating_add(wait);
    Event::new(END_OF_STORY, 1, time, Action::Heartbeat)
}
