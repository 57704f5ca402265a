//! Reads a pledge: the document, its sources and its commitments.
//!
//! The keys are specified in `docs/spec/pledge.md`, "The document". Reading
//! goes on after a mistake, so that all of them are told at once. What is
//! left out never makes a promise weaker: a key without a safe default has to
//! be written. The examples are only read here; running them is left to the
//! monitor.

use std::collections::BTreeSet;
use std::ops::Range;

use avow_event::{Field, Micros, PlaceTable};
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use crate::pledge_example::{ExampleContext, read_examples};
use crate::pledge_keys::{
    COMMITMENT, EXAMPLE, ID_BYTES_MAX, Key, PLEDGE, SOURCE, TABLES_MAX, TOP_KEYS, names, rule_keys,
};
use crate::pledge_pattern::read_pattern;
use crate::pledge_table::{Found, Reader, Section};
use crate::predicate_types::shorten;
use crate::{Commitment, Diagnostic, Pledge, Silence, SourceDeclaration, SourcePattern};

/// The longest document: a thousand times the length of the design's example.
pub const PLEDGE_BYTES_MAX: usize = 1 << 20;

impl Pledge {
    /// Reads a pledge.
    ///
    /// # Errors
    /// Every mistake that was found, in document order, at least one.
    ///
    /// ```
    /// use avow_event::PlaceTable;
    /// use avow_monitor::Pledge;
    /// let errors = Pledge::parse("[pledg]", &PlaceTable::built_in()).unwrap_err();
    /// let help: Vec<&str> = errors.iter().filter_map(|e| e.help.as_deref()).collect();
    /// assert!(help.contains(&"did you mean `pledge`?"));
    /// ```
    pub fn parse(text: &str, places: &PlaceTable) -> Result<Self, Vec<Diagnostic>> {
        if text.len() > PLEDGE_BYTES_MAX {
            let message = format!("a pledge has at most {PLEDGE_BYTES_MAX} bytes");
            return Err(vec![Diagnostic::new(0..0, message, "too long")]);
        }
        let document = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            vec![
                Diagnostic::new(span, format!("not TOML: {}", error.message()), "here")
                    .help("a pledge is written in TOML: https://toml.io"),
            ]
        })?;
        let mut reader = Reader::new(text, places);
        let top = Section {
            table: document.get_ref(),
            span: 0..0,
            name: "the document".to_owned(),
        };
        reader.check_keys(&top, TOP_KEYS);
        let pledge = read_document(&mut reader, &top);
        let errors = reader.finish();
        match pledge {
            Some(pledge) if errors.is_empty() => Ok(pledge),
            // INVARIANT: nothing is left out without a reason.
            None if errors.is_empty() => {
                let message = "this pledge cannot be read, for a reason that is not known";
                Err(vec![Diagnostic::new(0..0, message, "").help(
                    "this is a defect of Avow: please report it with the pledge",
                )])
            }
            _ => Err(errors),
        }
    }

    /// The fields that its commitments read, each once.
    pub fn fields(&self) -> Vec<Field> {
        let fields: BTreeSet<Field> = self
            .commitments
            .iter()
            .flat_map(Commitment::fields)
            .collect();
        fields.into_iter().collect()
    }
}

fn read_document(reader: &mut Reader<'_>, top: &Section<'_>) -> Option<Pledge> {
    let head = read_head(reader, top);
    let sources = read_sources(reader, top);
    let context = ExampleContext {
        from: head.as_ref().map_or(Micros::MIN, |head| head.from),
        sources: &sources,
    };
    let commitments = read_commitments(reader, top, &context);
    let (head, commitments) = (head?, commitments?);
    Some(Pledge {
        title: head.title,
        by: head.by,
        to: head.to,
        from: head.from,
        sources,
        commitments,
        amends: head.amends,
        digest: Sha256::digest(reader.text.as_bytes()).into(),
    })
}

struct Head {
    title: crate::Texts,
    by: String,
    to: String,
    from: Micros,
    amends: Option<[u8; 32]>,
}

fn read_head(reader: &mut Reader<'_>, top: &Section<'_>) -> Option<Head> {
    let Some(value) = top.get("pledge") else {
        reader.missing(
            top,
            "[pledge]",
            "begin with `[pledge]` and its title, by, to and from",
        );
        return None;
    };
    let Some(table) = value.get_ref().as_table() else {
        reader.wrong_type(
            "pledge",
            value,
            "a table: write `[pledge]` on a line of its own",
        );
        return None;
    };
    let section = Section {
        table,
        span: value.span(),
        name: "`[pledge]`".to_owned(),
    };
    reader.check_keys(&section, &names(PLEDGE));
    reader.check_required(&section, PLEDGE);
    let title = reader.texts(&section, "title");
    let by = reader.words(&section, "by");
    let to = reader.words(&section, "to");
    let from = reader.instant(&section, "from");
    let amends = reader.digest(&section, "amends");
    Some(Head {
        title: title?,
        by: by?,
        to: to?,
        from: from?,
        amends,
    })
}

/// The tables of `[[key]]`.
pub(crate) fn tables<'a>(
    reader: &mut Reader<'_>,
    section: &Section<'a>,
    key: &str,
    written: &str,
    most: usize,
) -> Vec<(&'a DeTable<'a>, Range<usize>)> {
    let Some(value) = section.get(key) else {
        return Vec::new();
    };
    let takes = format!("tables: write `[[{written}]]` on a line of its own");
    let Some(array) = value.get_ref().as_array() else {
        if value.get_ref().is_table() {
            let message =
                format!("there can be several of `{written}`, so it stands in two brackets");
            let help = format!("write `[[{written}]]` on a line of its own");
            reader.error(Diagnostic::new(value.span(), message, "in single brackets").help(help));
        } else {
            reader.wrong_type(key, value, &takes);
        }
        return Vec::new();
    };
    if array.len() > most {
        let message = format!("there are at most {most} of `[[{written}]]`");
        reader.error(Diagnostic::new(section.key_span(key), message, "too many"));
        return Vec::new();
    }
    let mut tables = Vec::new();
    for item in array.iter() {
        match item.get_ref() {
            DeValue::Table(table) => tables.push((table, item.span())),
            _ => reader.wrong_type(key, item, &takes),
        }
    }
    tables
}

fn read_sources(reader: &mut Reader<'_>, top: &Section<'_>) -> Vec<SourceDeclaration> {
    if top.get("source").is_none() {
        reader.missing(
            top,
            "[[source]]",
            "declare what evidence is promised: `[[source]]`, `name = \"vault-*\"`, `heartbeat = \"PT5M\"`",
        );
    }
    let mut sources: Vec<SourceDeclaration> = Vec::new();
    for (table, span) in tables(reader, top, "source", "source", TABLES_MAX) {
        let section = Section {
            table,
            span,
            name: "`[[source]]`".to_owned(),
        };
        reader.check_keys(&section, &names(SOURCE));
        reader.check_required(&section, SOURCE);
        let heartbeat = reader.positive_duration(&section, "heartbeat");
        let delay = reader.duration(&section, "delay").unwrap_or(0);
        let Some(text) = reader.text(&section, "name") else {
            continue;
        };
        let Some(name) = reader.source_pattern(&text) else {
            continue;
        };
        if let Some(other) = sources.iter().find(|other| other.name.overlaps(&name)) {
            let message = format!("`{name}` and `{}` can mean the same source", other.name);
            reader.error(
                Diagnostic::new(text.span, message, "overlaps")
                    .help("declare each source once: its heartbeat and delay would be in doubt"),
            );
            continue;
        }
        sources.push(SourceDeclaration {
            name,
            heartbeat,
            delay,
        });
    }
    sources
}

fn read_commitments(
    reader: &mut Reader<'_>,
    top: &Section<'_>,
    context: &ExampleContext<'_>,
) -> Option<Vec<Commitment>> {
    if top.get("commitment").is_none() {
        reader.missing(
            top,
            "[[commitment]]",
            "write at least one promise: `[[commitment]]`, `id = \"…\"`, `says = …`",
        );
    }
    let mut ids = BTreeSet::new();
    let mut commitments = Some(Vec::new());
    for (table, span) in tables(reader, top, "commitment", "commitment", TABLES_MAX) {
        let mut section = Section {
            table,
            span,
            name: "this commitment".to_owned(),
        };
        let id = read_id(reader, &section, &mut ids);
        if let Some(id) = &id {
            section.name = format!("commitment `{id}`");
        }
        let commitment = read_commitment(reader, &section, context);
        commitments = match (commitments, id, commitment) {
            (Some(mut commitments), Some(id), Some(commitment)) => {
                commitments.push(Commitment { id, ..commitment });
                Some(commitments)
            }
            _ => None,
        };
    }
    commitments
}

fn read_id(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    ids: &mut BTreeSet<String>,
) -> Option<String> {
    let text = reader.text(section, "id")?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if text.value.is_empty() || text.value.len() > ID_BYTES_MAX || !text.value.bytes().all(allowed)
    {
        let message = format!("`{}` cannot be an id", shorten(text.value));
        reader.error(
            Diagnostic::new(text.span, message, "not an id").help(format!(
                "use letters, digits, `-` and `_`, at most {ID_BYTES_MAX} of them"
            )),
        );
        return None;
    }
    if !ids.insert(text.value.to_owned()) {
        let message = format!("there are two commitments `{}`", text.value);
        reader.error(
            Diagnostic::new(text.span, message, "the second").help("give each an id of its own"),
        );
        return None;
    }
    Some(text.value.to_owned())
}

/// All but the id.
fn read_commitment(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    context: &ExampleContext<'_>,
) -> Option<Commitment> {
    reader.check_keys(section, &[names(COMMITMENT), rule_keys()].concat());
    // What is wrong with the examples is told by their reader.
    let required: Vec<Key> = COMMITMENT
        .iter()
        .filter(|key| key.name != EXAMPLE)
        .copied()
        .collect();
    reader.check_required(section, &required);
    let says = reader.texts(section, "says");
    let article = reader.words(section, "article");
    let duty = reader.words(section, "duty");
    let (from, to) = read_validity(reader, section, context.from);
    let sources = read_source_list(reader, section, context.sources);
    let silence = read_silence(reader, section);
    let pattern = read_pattern(reader, section);
    let examples = read_examples(reader, section, &sources, context);
    Some(Commitment {
        id: String::new(),
        says: says?,
        article,
        duty,
        from,
        to,
        sources,
        silence,
        pattern: pattern?,
        examples,
    })
}

/// Since when and until when the commitment holds; `start` is the pledge's.
fn read_validity(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    start: Micros,
) -> (Micros, Option<Micros>) {
    let from = reader.instant(section, "from");
    if from.is_some_and(|from| from < start) {
        let message = "a commitment cannot begin before its pledge";
        reader.error(
            Diagnostic::new(section.key_span("from"), message, "too early").help(format!(
                "the pledge's `from` is {start}; leave `from` out to begin with it"
            )),
        );
    }
    let from = from.unwrap_or(start);
    let to = reader.instant(section, "to");
    if to.is_some_and(|to| to <= from) {
        let message = "a commitment has to end later than it begins";
        reader.error(
            Diagnostic::new(section.key_span("to"), message, "too early").help(format!(
                "it begins at {from}; the instant of `to` is excluded"
            )),
        );
    }
    (from, to)
}

fn read_source_list(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    declared: &[SourceDeclaration],
) -> Vec<SourcePattern> {
    let mut sources = Vec::new();
    for (pattern, span) in reader.sources(section) {
        // A slip in a name would make a promise that is never checked.
        if !declared.is_empty() && !declared.iter().any(|d| d.name.overlaps(&pattern)) {
            let names: Vec<String> = declared.iter().map(|d| format!("`{}`", d.name)).collect();
            let message = format!("no `[[source]]` declares `{pattern}`");
            reader.error(
                Diagnostic::new(span, message, "not declared")
                    .help(format!("declared are {}", names.join(", "))),
            );
        }
        sources.push(pattern);
    }
    sources
}

fn read_silence(reader: &mut Reader<'_>, section: &Section<'_>) -> Silence {
    let Some(text) = reader.text(section, "silence") else {
        return Silence::Unknown;
    };
    match text.value {
        "unknown" => Silence::Unknown,
        "breach" => Silence::Breach,
        other => {
            let Found { span, .. } = text;
            let message = format!("`silence` has no value `{}`", shorten(other));
            reader.error(Diagnostic::new(span, message, "no such value").help(
                "write `\"unknown\"` or `\"breach\"`; silence never counts as a promise kept",
            ));
            Silence::Unknown
        }
    }
}
