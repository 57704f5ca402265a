//! The table that says what the predicates of a log in MonPoly's format are:
//! TOML, `docs/reference/sources/monpoly.md`. Reading the log is left to
//! `monpoly`.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use avow_event::{Action, Event, Field, FieldKind, Micros, Value};
use serde::Deserialize;
use toml::Spanned;

use super::unit::parse_unit;
use crate::pseudonyms::Pseudonyms;

/// The largest mapping: a table for each of ten thousand predicates.
pub(crate) const MAPPING_BYTES_MAX: u64 = 1 << 20;

/// What a source read by a mapping begins with, so that nobody takes it for
/// one that numbers its own events.
const SOURCE_PREFIX: &str = "monpoly-";

/// Fields that a mapping does not set: they come from the log and its place
/// in it, or cannot be stated by a predicate.
const GIVEN: [Field; 6] = [
    Field::Source,
    Field::Seq,
    Field::Time,
    Field::Action,
    Field::Logged,
    Field::Sealed,
];

/// What the predicates of a log are as events.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    pub(super) source: String,
    epoch: Micros,
    /// Microseconds.
    unit: i64,
    by_point: bool,
    /// The field that takes the number of the time point.
    point: Option<Field>,
    skip: HashSet<String>,
    tables: Vec<Table>,
    by_name: HashMap<String, usize>,
}

/// What one predicate is.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    action: Action,
    args: Vec<Option<Field>>,
    constants: Vec<(Field, Constant)>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Constant {
    Text(String),
    Boolean(bool),
    Integer(u64),
}

/// Why a text is no mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingError {
    /// From 1; 0 if the whole document is meant.
    pub line: usize,
    /// In characters, from 1; 0 if the whole document is meant.
    pub column: usize,
    /// What is wrong, and what to write.
    pub reason: String,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        f.write_str(&self.reason)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    source: Spanned<String>,
    epoch: Spanned<toml::value::Datetime>,
    unit: Spanned<String>,
    clock: Option<Spanned<String>>,
    point: Option<Spanned<String>>,
    #[serde(default)]
    skip: Vec<String>,
    event: Vec<EventTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventTable {
    predicate: Spanned<String>,
    action: Spanned<String>,
    args: Vec<Spanned<String>>,
    #[serde(default)]
    set: toml::map::Map<String, toml::Value>,
}

/// A mistake and the bytes that it is about.
type Found<T> = Result<T, (Range<usize>, String)>;

/// What a predicate of the log is.
pub(super) enum Meaning {
    /// An event of this table.
    Table(usize),
    /// Left out on purpose.
    Skipped,
    /// Not in the mapping.
    Unknown,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// The first mistake, with line and column.
    ///
    /// ```
    /// let mapping = avow_source::Mapping::parse(r#"
    ///     source = "clinic"
    ///     epoch = 1970-01-01T00:00:00Z
    ///     unit = "PT1S"
    ///     [[event]]
    ///     predicate = "consent"
    ///     action = "consent"
    ///     args = ["subject", "-"]
    /// "#);
    /// assert!(mapping.is_ok());
    /// ```
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let placed = |span: Option<Range<usize>>, reason: String| {
            let before = span.and_then(|span| text.get(..span.start));
            let (line, column) = before.map_or((0, 0), |before| {
                let line = before.rsplit('\n').next().unwrap_or_default();
                (before.matches('\n').count() + 1, line.chars().count() + 1)
            });
            MappingError {
                line,
                column,
                reason,
            }
        };
        let document: Document = toml::from_str(text)
            .map_err(|error| placed(error.span(), error.message().trim_end().to_owned()))?;
        Self::of(document).map_err(|(span, reason)| placed(Some(span), reason))
    }

    fn of(document: Document) -> Found<Self> {
        let by_point = match &document.clock {
            None => false,
            Some(clock) => match clock.get_ref().as_str() {
                "timestamp" => false,
                "timepoint" => true,
                _ => return wrong(clock, "`clock` is `\"timestamp\"` or `\"timepoint\"`"),
            },
        };
        let Some(unit) = parse_unit(document.unit.get_ref()) else {
            return wrong(
                &document.unit,
                "`unit` is how long one step of the clock is, for example `\"PT1S\"` or `\"P1D\"`",
            );
        };
        let mut mapping = Self {
            source: source(&document.source)?,
            epoch: epoch(&document.epoch)?,
            unit,
            by_point,
            point: None,
            skip: document.skip.into_iter().collect(),
            tables: Vec::new(),
            by_name: HashMap::new(),
        };
        if let Some(point) = &document.point {
            let field = named(point)?;
            if field.kind() != FieldKind::Integer {
                return wrong(
                    point,
                    "the number of a time point goes into an integer field",
                );
            }
            mapping.point = Some(field);
        }
        for table in &document.event {
            mapping.add(table)?;
        }
        Ok(mapping)
    }

    fn add(&mut self, table: &EventTable) -> Found<()> {
        let name = table.predicate.get_ref();
        if self.skip.contains(name) {
            return wrong(&table.predicate, &format!("`{name}` is under `skip`, too"));
        }
        let at = self.tables.len();
        if self.by_name.insert(name.clone(), at).is_some() {
            return wrong(&table.predicate, &format!("`{name}` has a table already"));
        }
        let Some(action) = Action::from_name(table.action.get_ref()) else {
            return wrong(
                &table.action,
                &format!(
                    "`action` has no value `{}`; see docs/spec/event.md",
                    table.action.get_ref()
                ),
            );
        };
        let mut taken: HashSet<Field> = self.point.into_iter().collect();
        let mut args = Vec::new();
        for arg in &table.args {
            if arg.get_ref() == "-" {
                args.push(None);
                continue;
            }
            let field = named(arg)?;
            if !taken.insert(field) {
                return wrong(arg, &format!("`{}` is set twice", field.as_str()));
            }
            args.push(Some(field));
        }
        let constants = constants(table, &mut taken)?;
        self.tables.push(Table {
            action,
            args,
            constants,
        });
        Ok(())
    }

    /// When a time point is; `None` outside the years 0001 to 9999.
    pub(super) fn time(&self, timestamp: i64, point: u64) -> Option<Micros> {
        let steps = if self.by_point {
            i64::try_from(point).ok()?
        } else {
            timestamp
        };
        self.instant(steps)
    }

    fn instant(&self, steps: i64) -> Option<Micros> {
        let moved = steps.checked_mul(self.unit)?;
        Micros::new(self.epoch.get().checked_add(moved)?)
    }

    pub(super) fn meaning(&self, predicate: &str) -> Meaning {
        match self.by_name.get(predicate) {
            Some(at) => Meaning::Table(*at),
            None if self.skip.contains(predicate) => Meaning::Skipped,
            None => Meaning::Unknown,
        }
    }

    /// The event of a table; its number is not yet given.
    pub(super) fn event(
        &self,
        table: usize,
        args: &[String],
        (time, point): (Micros, u64),
        pseudonyms: &Pseudonyms<'_>,
    ) -> Result<Event, String> {
        // INVARIANT: `table` comes from `meaning`.
        let table = self.tables.get(table).ok_or("no such table")?;
        if args.len() != table.args.len() {
            return Err(format!(
                "it has {} arguments here, and {} in the mapping",
                args.len(),
                table.args.len()
            ));
        }
        let mut event = Event::new(&self.source, 0, time, table.action);
        if let Some(field) = self.point {
            set(&mut event, field, Value::Integer(point))?;
        }
        for (field, constant) in &table.constants {
            match constant {
                Constant::Text(text) => self.set_text(&mut event, *field, text, pseudonyms)?,
                Constant::Boolean(b) => set(&mut event, *field, Value::Boolean(*b))?,
                Constant::Integer(n) => set(&mut event, *field, Value::Integer(*n))?,
            }
        }
        for (arg, field) in args.iter().zip(&table.args) {
            if let Some(field) = field {
                self.set_text(&mut event, *field, arg, pseudonyms)?;
            }
        }
        Ok(event)
    }

    /// Sets a field to what a text of the log says.
    fn set_text(
        &self,
        event: &mut Event,
        field: Field,
        text: &str,
        pseudonyms: &Pseudonyms<'_>,
    ) -> Result<(), String> {
        if Field::PSEUDONYMS.contains(&field) {
            let pseudonym = pseudonyms.unless_one(field.as_str(), text);
            return set(event, field, Value::Text(&pseudonym));
        }
        // No message repeats the text: it may be a name.
        let takes = |what: &str| format!("`{}` takes {what}", field.as_str());
        match field.kind() {
            FieldKind::Integer => {
                let number = text.parse().map_err(|_| takes("an integer"))?;
                set(event, field, Value::Integer(number))
            }
            FieldKind::Boolean => {
                let truth = text.parse().map_err(|_| takes("`true` or `false`"))?;
                set(event, field, Value::Boolean(truth))
            }
            FieldKind::Time => {
                let time = match text.parse() {
                    Ok(steps) => self.instant(steps),
                    Err(_) => Micros::parse(text).ok(),
                };
                let time = time.ok_or_else(|| takes("a number of units or an RFC 3339 time"))?;
                set(event, field, Value::Time(time))
            }
            _ => set(event, field, Value::Text(text)),
        }
    }
}

fn set(event: &mut Event, field: Field, value: Value<'_>) -> Result<(), String> {
    event.set(field, value).map_err(|error| error.to_string())
}

fn wrong<T, S>(at: &Spanned<S>, reason: &str) -> Found<T> {
    Err((at.span(), reason.to_owned()))
}

fn source(name: &Spanned<String>) -> Found<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let text = name.get_ref();
    if text.is_empty() || text.len() > 64 || !text.bytes().all(plain) {
        return wrong(
            name,
            "`source` is 1 to 64 letters, digits, `-`, `_` and `.`",
        );
    }
    Ok(format!("{SOURCE_PREFIX}{text}"))
}

fn epoch(stated: &Spanned<toml::value::Datetime>) -> Found<Micros> {
    let stated_text = stated.get_ref().to_string();
    let text = if stated.get_ref().time.is_none() {
        format!("{stated_text}T00:00:00Z")
    } else {
        stated_text
    };
    match Micros::parse(&text) {
        Ok(epoch) => Ok(epoch),
        Err(_) => wrong(
            stated,
            "`epoch` is a date, or a date and time with offset: `1970-01-01T00:00:00Z`",
        ),
    }
}

/// The field of that name, if a mapping may set it.
fn named(name: &Spanned<String>) -> Found<Field> {
    field_named(name.get_ref()).map_err(|reason| (name.span(), reason))
}

fn field_named(name: &str) -> Result<Field, String> {
    match Field::from_name(name) {
        Some(field) if GIVEN.contains(&field) => {
            Err(format!("`{name}` is not set by an argument or constant"))
        }
        Some(field) => Ok(field),
        None => Err(format!(
            "`{name}` is no field of an event; write `\"-\"` for what is not needed"
        )),
    }
}

fn constants(table: &EventTable, taken: &mut HashSet<Field>) -> Found<Vec<(Field, Constant)>> {
    let span = table.predicate.span();
    let mut constants = Vec::new();
    for (name, value) in &table.set {
        let fail = |reason: String| (span.clone(), format!("in `set`: {reason}"));
        let field = field_named(name).map_err(fail)?;
        if !taken.insert(field) {
            return Err(fail(format!("`{name}` is set twice")));
        }
        let constant: Constant = value.clone().try_into().map_err(|_| {
            fail(format!(
                "`{name}` takes a text, an integer or a truth value"
            ))
        })?;
        // Tried once here, so that no event of the log can fail by it.
        let mut event = Event::new("test", 0, Micros::MIN, Action::Heartbeat);
        let value = match &constant {
            Constant::Text(text) => Value::Text(text),
            Constant::Boolean(b) => Value::Boolean(*b),
            Constant::Integer(n) => Value::Integer(*n),
        };
        set(&mut event, field, value).map_err(fail)?;
        constants.push((field, constant));
    }
    Ok(constants)
}
