//! An example that does not end as it says: what was meant, what was found,
//! and what the rule makes of each event.

use avow_event::{Action, Event, Field, Value};
use avow_monitor::{Commitment, Example, ExampleFailure, Instance, Verdict, eval_event, explain};
use serde_json::{Map, Value as Json, json};

use crate::failure::Result;
use crate::finding::both;
use crate::language::Language;
use crate::messages as say;
use crate::screen::{Screen, Tint};
use crate::verdict_page::{item, mark, short, tinted};
use crate::wrap::tame;

/// Instances that are explained; the first ones show what is wrong.
const EXPLAINED_MAX: usize = 20;

/// A failed example with what is known about its events.
pub(crate) struct Story<'a> {
    commitment: &'a Commitment,
    failure: &'a ExampleFailure,
    /// In the order of time, as the monitor saw them.
    events: Vec<&'a Event>,
}

impl<'a> Story<'a> {
    /// The story of a failure.
    pub(crate) fn of(
        commitment: &'a Commitment,
        example: &'a Example,
        failure: &'a ExampleFailure,
    ) -> Self {
        let mut events: Vec<&Event> = example.events.iter().map(|e| &e.event).collect();
        events.sort_by_key(|event| event.time);
        Self {
            commitment,
            failure,
            events,
        }
    }

    /// Prints it as a difference.
    pub(crate) fn print(&self, screen: &Screen) -> Result<()> {
        let number = (self.failure.index + 1).to_string();
        let count = self.commitment.examples.len().to_string();
        let values = [
            ("id", self.commitment.id.as_str()),
            ("number", number.as_str()),
            ("count", count.as_str()),
        ];
        let head = screen.fill(say::STORY_WRONG, &values);
        tinted(Tint::Bold, "✘ ", &head, screen)?;
        let meant = match self.failure.kept {
            true => say::KEPT,
            false => say::BREACHED,
        };
        tinted(Tint::Red, "  - ", screen.text(meant), screen)?;
        tinted(Tint::Green, "  + ", &self.found(screen), screen)?;
        for (leaf, event) in self.events.iter().enumerate() {
            let lead = format!("    {leaf:>3} ");
            item(&lead, &told(event), screen)?;
            let part = self.part_in_words(event, screen);
            tinted(Tint::Dim, "        → ", &part, screen)?;
        }
        for instance in self.failure.instances.iter().take(EXPLAINED_MAX) {
            let (symbol, _, tint) = mark(instance.verdict());
            let said = both(|tongue, _| self.sentence(instance, tongue));
            let said = match screen.language {
                Language::English => said.en,
                Language::Chinese => said.zh,
            };
            tinted(tint, &format!("    {symbol} "), &tame(&said), screen)?;
        }
        let more = self.failure.instances.len().saturating_sub(EXPLAINED_MAX);
        if more > 0 {
            let more = screen.fill(say::STORY_MORE, &[("count", &more.to_string())]);
            item("      ", &more, screen)?;
        }
        Ok(())
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Json {
        let counts = &self.failure.counts;
        let events: Vec<Json> = self
            .events
            .iter()
            .enumerate()
            .map(|(leaf, event)| {
                json!({
                    "leaf": leaf,
                    "event": told(event),
                    "evidence": self.is_evidence(event),
                    "conditions": self.conditions(event),
                })
            })
            .collect();
        let instances: Vec<Json> = self
            .failure
            .instances
            .iter()
            .map(|instance| {
                let said = both(|tongue, _| self.sentence(instance, tongue));
                json!({
                    "leaf": instance.leaf,
                    "verdict": instance.verdict().as_str(),
                    "reason": instance.reason.as_str(),
                    "en": said.en,
                    "zh": said.zh,
                })
            })
            .collect();
        json!({
            "number": self.failure.index + 1,
            "meant": if self.failure.kept { "kept" } else { "breached" },
            "passes": false,
            "counts": {
                "kept": counts.kept,
                "breached": counts.breached,
                "pending": counts.pending,
                "unknown": counts.unknown,
            },
            "events": events,
            "instances": instances,
        })
    }

    /// How many instances came to what.
    fn found(&self, screen: &Screen) -> String {
        let counts = Verdict::ALL.iter().filter_map(|verdict| {
            let count = self.failure.counts.of(*verdict);
            let (_, word, _) = mark(*verdict);
            (count > 0).then(|| format!("{} {count}", screen.text(word)))
        });
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() {
            screen.text(say::STORY_NONE).to_owned()
        } else {
            counts.join(screen.text(say::COMMA))
        }
    }

    fn is_evidence(&self, event: &Event) -> bool {
        let sources = &self.commitment.sources;
        let in_scope = sources.is_empty() || sources.iter().any(|s| s.matches(&event.source));
        in_scope && !matches!(event.action, Action::Heartbeat | Action::Gap)
    }

    /// What the rule's conditions are for the event; false ones are left out.
    fn conditions(&self, event: &Event) -> Map<String, Json> {
        let conditions = self.commitment.pattern.conditions().into_iter();
        let values = conditions.map(|(key, predicate)| (key, eval_event(predicate, event)));
        values
            .filter(|(_, value)| *value != Some(false))
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect()
    }

    fn part_in_words(&self, event: &Event, screen: &Screen) -> String {
        if !self.is_evidence(event) {
            return screen.text(say::STORY_NOT_SEEN).to_owned();
        }
        let conditions = self.commitment.pattern.conditions().into_iter();
        let parts: Vec<String> = conditions
            .filter_map(|(key, predicate)| match eval_event(predicate, event) {
                Some(true) => Some(key.to_owned()),
                Some(false) => None,
                None => Some(screen.fill(say::STORY_UNKNOWN, &[("key", key)])),
            })
            .collect();
        if parts.is_empty() {
            screen.text(say::STORY_PLAYS_NO_PART).to_owned()
        } else {
            parts.join(screen.text(say::COMMA))
        }
    }

    fn sentence(&self, instance: &Instance, tongue: avow_monitor::Language) -> String {
        let lookup = |leaf: u64| {
            let event = usize::try_from(leaf)
                .ok()
                .and_then(|at| self.events.get(at));
            event.map(|event| (*event).clone())
        };
        explain::sentence(self.commitment, instance, &lookup, tongue)
    }
}

/// An event as its example writes it.
fn told(event: &Event) -> String {
    let mut told = format!("{} `{}`", short(event.time), event.action.as_str());
    for field in Field::ALL.iter().filter(|field| !field.is_required()) {
        if *field == Field::Logged && event.logged == Some(event.time) {
            continue;
        }
        let value = match event.get(*field) {
            None => continue,
            Some(Value::Text(text)) => text.to_owned(),
            Some(Value::Integer(n)) => n.to_string(),
            Some(Value::Boolean(value)) => value.to_string(),
            Some(Value::Time(time)) => short(time),
        };
        told.push_str(&format!(" {}={}", field.as_str(), tame(&value)));
    }
    told
}
