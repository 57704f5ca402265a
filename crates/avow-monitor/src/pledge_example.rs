//! Reads the examples of a commitment: stories whose end is known.
//!
//! What an event of an example leaves out is filled in: its source, its
//! number, and a time one minute after the event before it.

use std::collections::BTreeMap;
use std::ops::Range;

use avow_event::{Action, Category, Event, Field, FieldKind, Micros, Outcome, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pledge::tables;
use crate::pledge_keys::{EXAMPLE_EVENTS_MAX, EXAMPLES_MAX};
use crate::pledge_spelling::nearest;
use crate::pledge_table::{Reader, Section};
use crate::{Diagnostic, Example, ExampleEvent, SourceDeclaration, SourcePattern};

/// From one event of an example to the next.
const STEP_MICROS: i64 = 60_000_000;

/// What examples need to know of the pledge.
pub(crate) struct ExampleContext<'a> {
    pub(crate) from: Micros,
    pub(crate) sources: &'a [SourceDeclaration],
}

pub(crate) fn read_examples(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    sources: &[SourcePattern],
    context: &ExampleContext<'_>,
) -> Vec<Example> {
    let source = default_source(sources, context);
    let mut examples = Vec::new();
    let mut said = (false, false);
    let found = tables(
        reader,
        section,
        "example",
        "commitment.example",
        EXAMPLES_MAX,
    );
    for (table, span) in found {
        let example = Section {
            table,
            span,
            name: "an example".to_owned(),
        };
        said.0 |= example.get("kept").is_some();
        said.1 |= example.get("breached").is_some();
        examples.extend(read_example(reader, &example, &source, context.from));
    }
    for (there, key) in [(said.0, "kept"), (said.1, "breached")] {
        if !there && !reader.has_slip(section, "example") {
            reader.error(
                Diagnostic::new(
                    section.span.clone(),
                    format!("{} has no example that is {key}", section.name),
                    format!("no `{key}` example"),
                )
                .help(format!(
                    "add `[[commitment.example]]` with `{key} = [{{ action = \"…\", … }}]`"
                )),
            );
        }
    }
    examples
}

/// The first source that the commitment is about, `*` replaced by `1`.
fn default_source(sources: &[SourcePattern], context: &ExampleContext<'_>) -> String {
    let pattern = sources
        .first()
        .or_else(|| context.sources.first().map(|declaration| &declaration.name));
    match pattern {
        Some(pattern) if pattern.any_suffix => format!("{}1", pattern.prefix),
        Some(pattern) => pattern.prefix.clone(),
        // Without a declared source the pledge is refused anyway.
        None => "1".to_owned(),
    }
}

fn read_example(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    source: &str,
    from: Micros,
) -> Option<Example> {
    reader.check_keys(section, &["kept", "breached"]);
    let (key, value) = match (section.get("kept"), section.get("breached")) {
        (Some(value), None) => ("kept", value),
        (None, Some(value)) => ("breached", value),
        _ => {
            reader.error(
                Diagnostic::new(
                    section.span.clone(),
                    "an example is either `kept` or `breached`",
                    "not one of the two",
                )
                .help("write `kept = [ … ]` or `breached = [ … ]`"),
            );
            return None;
        }
    };
    let takes = "an array of events: `[{ action = \"store\", place = \"CN\" }]`";
    let Some(array) = value.get_ref().as_array() else {
        reader.wrong_type(key, value, takes);
        return None;
    };
    if array.is_empty() || array.len() > EXAMPLE_EVENTS_MAX {
        let message = format!("an example has 1 to {EXAMPLE_EVENTS_MAX} events");
        let label = format!("{} events", array.len());
        let help = format!(
            "write at least one event that the rule is about: `{key} = [{{ action = \"…\" }}]`"
        );
        reader.error(Diagnostic::new(value.span(), message, label).help(help));
        return None;
    }
    let mut story = Story {
        source,
        time: from,
        seq: BTreeMap::new(),
    };
    let mut events = Vec::new();
    for item in array.iter() {
        let DeValue::Table(table) = item.get_ref() else {
            reader.wrong_type(key, item, takes);
            continue;
        };
        let event = story.event(reader, table, item.span());
        events.extend(event.map(|event| ExampleEvent { event }));
    }
    Some(Example {
        kept: key == "kept",
        events,
    })
}

/// What the next event takes from those before it.
struct Story<'a> {
    source: &'a str,
    time: Micros,
    /// The next number of each source.
    seq: BTreeMap<String, u64>,
}

impl Story<'_> {
    fn event(
        &mut self,
        reader: &mut Reader<'_>,
        table: &DeTable<'_>,
        span: Range<usize>,
    ) -> Option<Event> {
        let section = Section {
            table,
            span,
            name: "an event".to_owned(),
        };
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
        reader.check_keys(&section, &names);
        if section.get("action").is_none() {
            reader.missing(
                &section,
                "action",
                "write what happened: `action = \"store\"`",
            );
        }
        let mut event = Event::new(self.source, 1, self.time, Action::Heartbeat);
        for (key, value) in section.entries() {
            if let Some(field) = Field::from_name(key.value) {
                set(reader, &mut event, field, value);
            }
        }
        if section.get("seq").is_none() {
            event.seq = self.seq.get(&event.source).copied().unwrap_or(1);
        }
        event.logged = Some(event.logged.unwrap_or(event.time));
        self.seq
            .insert(event.source.clone(), event.seq.saturating_add(1));
        self.time = event.time.saturating_add(STEP_MICROS);
        Some(event)
    }
}

fn set(reader: &mut Reader<'_>, event: &mut Event, field: Field, value: &Spanned<DeValue<'_>>) {
    let is_time = field.kind() == FieldKind::Time;
    let set = match value.get_ref() {
        DeValue::String(text) => event.set(field, Value::Text(text)),
        DeValue::Boolean(b) => event.set(field, Value::Boolean(*b)),
        DeValue::Integer(n) => match u64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => event.set(field, Value::Integer(n)),
            // What is not an integer of an event is not a value of a field.
            Err(_) => event.set(field, Value::Integer(u64::MAX)),
        },
        DeValue::Datetime(_) if is_time => match reader.instant_of(field.as_str(), value) {
            Some(instant) => event.set(field, Value::Time(instant)),
            None => return,
        },
        _ => {
            let takes = "text, an integer, a truth value or a time";
            reader.wrong_type(field.as_str(), value, takes);
            return;
        }
    };
    if let Err(error) = set {
        let diagnostic = Diagnostic::new(value.span(), error.to_string(), "not a value of it");
        let near = value
            .get_ref()
            .as_str()
            .and_then(|text| near_name(field.kind(), text));
        reader.error(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(value_help(field)),
        });
    }
}

/// What a value of the field looks like in TOML.
fn value_help(field: Field) -> String {
    let name = field.as_str();
    match field.kind() {
        FieldKind::Place => format!("write the code of the place: `{name} = \"CN\"`"),
        FieldKind::Action => "the actions are listed in docs/spec/event.md".to_owned(),
        FieldKind::Outcome => {
            format!("write `{name} = \"success\"`, `\"failure\"` or `\"denied\"`")
        }
        FieldKind::Category => format!("write for example `{name} = \"personal\"`"),
        FieldKind::Integer => format!("write a whole number without quotes: `{name} = 5`"),
        FieldKind::Boolean => format!("write it without quotes: `{name} = true`"),
        FieldKind::Time => {
            format!("write `{name} = 2026-03-08`, or a date and time with its offset")
        }
        FieldKind::Text => format!(
            "write a text of at most {} bytes without control characters",
            avow_event::STRING_BYTES_MAX
        ),
    }
}

fn near_name(kind: FieldKind, text: &str) -> Option<&'static str> {
    match kind {
        FieldKind::Action => nearest(text, Action::ALL.iter().map(|name| name.as_str())),
        FieldKind::Outcome => nearest(text, Outcome::ALL.iter().map(|name| name.as_str())),
        FieldKind::Category => nearest(text, Category::ALL.iter().map(|name| name.as_str())),
        _ => None,
    }
}
