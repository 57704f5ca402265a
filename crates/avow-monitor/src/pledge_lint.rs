//! What is suspicious about a pledge that is well formed: it says less than
//! its author believes, or shows less than its reader needs.
//!
//! Warnings refuse nothing. What is wrong is told by `Pledge::parse`, and
//! examples that do not end as they say by `run_examples`.

use std::ops::Range;

use avow_event::{Action, Event, Field};
use toml::de::{DeTable, DeValue};

use crate::pledge_table::Section;
use crate::predicate_reach::reach;
use crate::{
    Commitment, Diagnostic, Example, Operand, Pattern, Pledge, Predicate, Register, eval_event,
    eval_pair,
};

/// What is suspicious about the pledge whose text this is, in document order.
pub fn warnings(text: &str, pledge: &Pledge) -> Vec<Diagnostic> {
    let Ok(document) = DeTable::parse(text) else {
        return Vec::new();
    };
    let sections = |key: &str| sections(document.get_ref(), key);
    let mut found = Vec::new();
    for (declaration, section) in pledge.sources.iter().zip(sections("source")) {
        let about: Vec<String> = pledge
            .commitments
            .iter()
            .filter(|c| {
                c.sources.is_empty() || c.sources.iter().any(|s| s.overlaps(&declaration.name))
            })
            .map(|c| format!("`{}`", c.id))
            .collect();
        let name = &declaration.name;
        if about.is_empty() {
            let message = format!("no commitment is about `{name}`");
            found.push(
                Diagnostic::new(section.span, message, "not used")
                    .help("name it in the `sources` of a commitment, or leave it out"),
            );
        } else if declaration.heartbeat.is_none() {
            let message = format!("nobody notices when `{name}` falls silent");
            found.push(
                Diagnostic::new(section.span, message, "no `heartbeat`").help(format!(
                    "without the longest time that it says nothing, for example `heartbeat = \"PT5M\"`, the evidence for {} can never be shown complete",
                    about.join(", ")
                )),
            );
        }
    }
    let sections = sections("commitment");
    for (index, (commitment, section)) in pledge.commitments.iter().zip(&sections).enumerate() {
        let before = pledge.commitments.get(..index).unwrap_or_default();
        alike(before, commitment, section, &mut found);
        texts(pledge, commitment, section, &mut found);
        constants(commitment, section, &mut found);
        pseudonyms(commitment, section, &mut found);
        examples(commitment, section, &mut found);
    }
    found.sort_by_key(|warning| warning.span.start);
    found.into_iter().map(Diagnostic::warning).collect()
}

/// The tables of `[[key]]`, in document order.
fn sections<'a>(document: &'a DeTable<'a>, key: &str) -> Vec<Section<'a>> {
    let found = document.iter().find(|(name, _)| name.get_ref() == key);
    let array = found.and_then(|(_, value)| value.get_ref().as_array());
    let items = array.into_iter().flat_map(|array| array.iter());
    items
        .filter_map(|item| match item.get_ref() {
            DeValue::Table(table) => Some(Section {
                table,
                span: item.span(),
                name: String::new(),
            }),
            _ => None,
        })
        .collect()
}

/// Where the value of a key stands.
fn value_span(section: &Section<'_>, key: &str) -> Range<usize> {
    section
        .get(key)
        .map_or_else(|| section.span.clone(), toml::Spanned::span)
}

/// Two commitments that mean the same.
fn alike(
    before: &[Commitment],
    commitment: &Commitment,
    section: &Section<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let same = before.iter().find(|other| {
        other.pattern == commitment.pattern
            && other.sources == commitment.sources
            && other.silence == commitment.silence
            && (other.from, other.to) == (commitment.from, commitment.to)
    });
    if let Some(other) = same {
        let message = format!("`{}` means the same as `{}`", commitment.id, other.id);
        found.push(
            Diagnostic::new(value_span(section, "id"), message, "the second")
                .help("leave one of them out, or say in its rule what is different"),
        );
    }
}

/// Texts that others of the pledge have.
fn texts(
    pledge: &Pledge,
    commitment: &Commitment,
    section: &Section<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let named = pledge
        .commitments
        .iter()
        .any(|other| other.article.is_some());
    if commitment.article.is_none() && named {
        let message = format!("`{}` names no article, as others do", commitment.id);
        found.push(
            Diagnostic::new(section.span.clone(), message, "no `article`")
                .help("write the article that it serves: `article = \"…\"`"),
        );
    }
    let in_chinese = pledge
        .commitments
        .iter()
        .any(|other| other.says.en != other.says.zh);
    if in_chinese && commitment.says.en == commitment.says.zh {
        let message = format!("`{}` is said in one language, others in two", commitment.id);
        found.push(
            Diagnostic::new(value_span(section, "says"), message, "one language")
                .help("write `{ en = \"…\", zh = \"…\" }`"),
        );
    }
}

/// Predicates that are the same for every event.
fn constants(commitment: &Commitment, section: &Section<'_>, found: &mut Vec<Diagnostic>) {
    for (key, predicate) in commitment.pattern.conditions() {
        let Some(reach) = reach(predicate) else {
            continue;
        };
        let (message, label, help) = if !reach.is_true {
            (
                format!("`{key}` is true for no event"),
                "never true",
                "look at what excludes what; heartbeats and gaps are no evidence, and no rule sees them",
            )
        } else if !reach.is_false && !reach.is_unknown {
            (
                format!("`{key}` is true for every event"),
                "always true",
                "say which events are meant, or leave it out where it may be left out",
            )
        } else {
            continue;
        };
        found.push(Diagnostic::new(value_span(section, key), message, label).help(help));
    }
}

/// A text that is compared with a pseudonym.
fn pseudonyms(commitment: &Commitment, section: &Section<'_>, found: &mut Vec<Diagnostic>) {
    const HELP: &str = "two pseudonyms of one field can be compared; say what a thing is in `name`, `system`, `purpose` or `actor_kind`";
    let mut told = |key: &str, field: Field| {
        let message = format!(
            "`{}` holds a pseudonym on a log, so this text is true in stories only",
            field.as_str()
        );
        found.push(
            Diagnostic::new(value_span(section, key), message, "compares a pseudonym").help(HELP),
        );
    };
    for (key, predicate) in commitment.pattern.conditions() {
        if let Some(field) = named_pseudonym(predicate) {
            told(key, field);
        }
    }
    if let Pattern::Every {
        register: Register::Members(_),
        same,
        ..
    } = &commitment.pattern
        && let Some(field) = same.iter().find(|field| Field::PSEUDONYMS.contains(field))
    {
        told("members", *field);
    }
}

/// A field with pseudonyms that is compared with a text.
fn named_pseudonym(predicate: &Predicate) -> Option<Field> {
    let known = |field: &Field| Field::PSEUDONYMS.contains(field).then_some(*field);
    let is_literal = |operand: &&Operand| matches!(operand, Operand::Literal(_));
    let of = |operands: &[&Operand]| {
        let named = operands.iter().any(is_literal);
        let mut fields = operands.iter().filter_map(|operand| operand.field());
        fields.find(|field| named && Field::PSEUDONYMS.contains(field))
    };
    match predicate {
        Predicate::Constant(_) | Predicate::Holds(_) | Predicate::IsNull { .. } => None,
        Predicate::In { field, .. } | Predicate::HasPrefix { field, .. } => known(field),
        Predicate::Compare(left, _, right) => of(&[left, right]),
        Predicate::Between {
            value, low, high, ..
        } => of(&[value, low, high]),
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().find_map(named_pseudonym),
        Predicate::Not(part) => named_pseudonym(part),
    }
}

/// What the examples do not show.
fn examples(commitment: &Commitment, section: &Section<'_>, found: &mut Vec<Diagnostic>) {
    for (key, predicate) in commitment.pattern.conditions() {
        let shown = events(commitment).any(|event| eval_event(predicate, event) == Some(true));
        if !shown && reach(predicate).is_none_or(|reach| reach.is_true) {
            let message = format!("no example shows `{key}`");
            found.push(
                Diagnostic::new(value_span(section, key), message, "true in no example")
                    .help("add an example with such an event, so that a reader sees what it does"),
            );
        }
    }
    if let Some((key, condition)) = commitment.pattern.pair() {
        let conditions = commitment.pattern.conditions();
        let of = |name: &str| conditions.iter().find(|(key, _)| *key == name);
        let excludes = |example: &Example, when: &Predicate, other: &Predicate| {
            let with = |predicate: &Predicate| {
                let events = example.events.iter().map(|e| &e.event);
                let events = events.filter(|e| eval_event(predicate, e) == Some(true));
                events.collect::<Vec<_>>()
            };
            let those = with(other);
            with(when).iter().any(|this| {
                let mut those = those.iter();
                those.any(|that| eval_pair(condition, this, that) == Some(false))
            })
        };
        let shown = match (of("when"), of(key)) {
            (Some((_, when)), Some((_, other))) => {
                commitment.examples.iter().any(|e| excludes(e, when, other))
            }
            _ => true,
        };
        if !shown {
            let message = "no example shows what `where` excludes";
            found.push(
                Diagnostic::new(value_span(section, "where"), message, "false in no example")
                    .help(format!(
                        "add an example with an event that has `{key}`, and for which `where` is false"
                    )),
            );
        }
    }
    if let Some(event) = outside(commitment) {
        let message = format!(
            "an example has an event of `{}`, which `{}` is not about",
            event.source, commitment.id
        );
        found.push(
            Diagnostic::new(value_span(section, "sources"), message, "not among these")
                .help("the event counts for nothing; leave out its `source`, or name it here"),
        );
    }
}

/// The evidence of the examples.
fn events(commitment: &Commitment) -> impl Iterator<Item = &Event> {
    let examples = commitment.examples.iter();
    let events = examples.flat_map(|example| example.events.iter().map(|e| &e.event));
    events.filter(|event| !matches!(event.action, Action::Heartbeat | Action::Gap))
}

/// An event of an example that the commitment does not see.
fn outside(commitment: &Commitment) -> Option<&Event> {
    if commitment.sources.is_empty() {
        return None;
    }
    events(commitment).find(|event| {
        let mut sources = commitment.sources.iter();
        !sources.any(|source| source.matches(&event.source))
    })
}
