//! Typed access to the tables of a pledge's TOML: every key is known, every
//! value of its type, and every mistake is collected with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use avow_event::{Field, FieldKind, Micros, PlaceTable};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::duration::{DURATION_MICROS_MAX, DurationError, parse_duration};
use crate::pledge_spelling::nearest;
use crate::pledge_string::position_in_document;
use crate::predicate_types::shorten;
use crate::{Diagnostic, Predicate, SourcePattern, Texts};

/// The most mistakes that are told; who has more is at the wrong file.
const DIAGNOSTICS_MAX: usize = 100;
/// The longest text for people: a paragraph. It is shown in tables and on pages.
const WORDS_BYTES_MAX: usize = 4_096;
/// The most fields in `same`. A key of one more would hardly ever be complete,
/// and what is not complete is unknown.
const SAME_FIELDS_MAX: usize = 8;
/// The most names in a list of sources.
const SOURCES_MAX: usize = 1_000;

/// Reads values out of tables and keeps the mistakes.
pub(crate) struct Reader<'t> {
    pub(crate) text: &'t str,
    pub(crate) places: &'t PlaceTable,
    errors: Vec<Diagnostic>,
    /// Where a section stands, and the key of which one of its keys is a slip.
    slips: Vec<(Range<usize>, String)>,
}

/// A table of the document.
#[derive(Clone)]
pub(crate) struct Section<'a> {
    pub(crate) table: &'a DeTable<'a>,
    /// Its header, or the whole of an inline table.
    pub(crate) span: Range<usize>,
    /// What it is called in messages.
    pub(crate) name: String,
}

/// A value and where it stands.
pub(crate) struct Found<'a, T: ?Sized> {
    pub(crate) value: &'a T,
    pub(crate) span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The values in it, with the places of their keys, in document order.
    pub(crate) fn entries(&self) -> Vec<(Found<'a, str>, &'a Spanned<DeValue<'a>>)> {
        let entries: BTreeMap<usize, _> = self
            .table
            .iter()
            .map(|(key, value)| {
                let span = key.span();
                let found = Found {
                    value: key.get_ref().as_ref(),
                    span: span.clone(),
                };
                (span.start, (found, value))
            })
            .collect();
        entries.into_values().collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Where the key stands; the header, if it does not.
    pub(crate) fn key_span(&self, key: &str) -> Range<usize> {
        self.table
            .keys()
            .find(|name| name.get_ref() == key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str, places: &'t PlaceTable) -> Self {
        Self {
            text,
            places,
            errors: Vec::new(),
            slips: Vec::new(),
        }
    }

    pub(crate) fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    /// The mistakes in document order.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.errors.sort_by_key(|e| (e.span.start, e.span.end));
        self.errors.dedup();
        self.errors.truncate(DIAGNOSTICS_MAX);
        self.errors
    }

    /// Refuses keys that are not in `keys`.
    pub(crate) fn check_keys(&mut self, section: &Section<'_>, keys: &[&str], later: &[&str]) {
        for (key, _) in section.entries() {
            if keys.contains(&key.value) {
                continue;
            }
            let diagnostic = if later.contains(&key.value) {
                Diagnostic::new(
                    key.span,
                    format!("this version of Avow does not have `{}` yet", key.value),
                    "not yet",
                )
                .help("the rules of this version are `never`, `always`, `only_after` and `then`")
            } else {
                let message = format!("{} has no key `{}`", section.name, shorten(key.value));
                let diagnostic = Diagnostic::new(key.span, message, "unknown key");
                match nearest(key.value, keys.iter().copied()) {
                    Some(near) => {
                        self.slips.push((section.span.clone(), near.to_owned()));
                        diagnostic.help(format!("did you mean `{near}`?"))
                    }
                    None => diagnostic.help(format!("its keys are {}", keys.join(", "))),
                }
            };
            self.error(diagnostic);
        }
    }

    /// Whether `check_keys` has told of a slip in the name of `key`.
    pub(crate) fn has_slip(&self, section: &Section<'_>, key: &str) -> bool {
        self.slips
            .iter()
            .any(|(span, near)| *span == section.span && near == key)
    }

    /// Says that a key is missing; not where a slip in its name was found, and
    /// told, already.
    pub(crate) fn missing(&mut self, section: &Section<'_>, key: &str, help: &str) {
        let name = key.trim_matches(['[', ']']);
        if self.has_slip(section, name) {
            return;
        }
        self.error(
            Diagnostic::new(
                section.span.clone(),
                format!("{} has no `{key}`", section.name),
                format!("`{key}` is missing"),
            )
            .help(help),
        );
    }

    /// Says that a value has the wrong type.
    pub(crate) fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, takes: &str) {
        let stands = match value.get_ref() {
            DeValue::String(_) => "this is text",
            DeValue::Integer(_) => "this is an integer",
            DeValue::Float(_) => "this is a decimal number",
            DeValue::Boolean(_) => "this is a truth value",
            DeValue::Datetime(_) => "this is a date or time",
            DeValue::Array(_) => "this is an array",
            DeValue::Table(_) => "this is a table",
        };
        let message = format!("`{key}` takes {takes}");
        self.error(Diagnostic::new(value.span(), message, stands));
    }

    /// A text, if the key is there.
    pub(crate) fn text<'a>(&mut self, section: &Section<'a>, key: &str) -> Option<Found<'a, str>> {
        let value = section.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "text in quotes");
            return None;
        };
        Some(Found {
            value: text,
            span: value.span(),
        })
    }

    /// A text for people that has to be there.
    pub(crate) fn words(&mut self, section: &Section<'_>, key: &str, help: &str) -> Option<String> {
        if section.get(key).is_none() {
            self.missing(section, key, help);
            return None;
        }
        let text = self.text(section, key)?;
        self.check_words(key, &text)
    }

    fn check_words(&mut self, key: &str, text: &Found<'_, str>) -> Option<String> {
        let problem = if text.value.trim().is_empty() {
            Some(format!("`{key}` is empty"))
        } else if text.value.len() > WORDS_BYTES_MAX {
            Some(format!("`{key}` has at most {WORDS_BYTES_MAX} bytes"))
        } else if text.value.contains(|c: char| c.is_control() && c != '\n') {
            Some(format!("`{key}` has a control character"))
        } else {
            None
        };
        match problem {
            Some(message) => {
                let label = "not a text for people";
                self.error(Diagnostic::new(text.span.clone(), message, label));
                None
            }
            None => Some(text.value.to_owned()),
        }
    }

    /// A text in English and Chinese, or one for both, that has to be there.
    pub(crate) fn texts(&mut self, section: &Section<'_>, key: &str) -> Option<Texts> {
        const HELP: &str = "write `{ en = \"…\", zh = \"…\" }`";
        let Some(value) = section.get(key) else {
            self.missing(
                section,
                key,
                &format!("write `{key} = {{ en = \"…\", zh = \"…\" }}`"),
            );
            return None;
        };
        match value.get_ref() {
            DeValue::String(_) => {
                let text = self.words(section, key, HELP)?;
                Some(Texts {
                    zh: text.clone(),
                    en: text,
                })
            }
            DeValue::Table(table) => {
                let inner = Section {
                    table,
                    span: value.span(),
                    name: format!("`{key}`"),
                };
                self.check_keys(&inner, &["en", "zh"], &[]);
                let zh = self.text(&inner, "zh");
                let zh = zh.and_then(|text| self.check_words("zh", &text));
                let en = self.words(&inner, "en", HELP)?;
                Some(Texts {
                    zh: zh.unwrap_or_else(|| en.clone()),
                    en,
                })
            }
            _ => {
                self.wrong_type(
                    key,
                    value,
                    "text, or texts as in `{ en = \"…\", zh = \"…\" }`",
                );
                None
            }
        }
    }

    /// A duration, if the key is there.
    pub(crate) fn duration(&mut self, section: &Section<'_>, key: &str) -> Option<i64> {
        let text = self.text(section, key)?;
        let (message, help) = match parse_duration(text.value) {
            Ok(micros) => return Some(micros),
            Err(DurationError::Form) => (
                format!("`{}` is not a duration", shorten(text.value)),
                "write an ISO 8601 duration: `PT72H` for 72 hours, `P15D` for 15 days, `PT5M` for 5 minutes",
            ),
            Err(DurationError::Calendar) => (
                "months and years are not equally long".to_owned(),
                "write days: `P30D`; calendar months come in a later version",
            ),
            Err(DurationError::TooLong) => (
                format!(
                    "a duration is at most {} days",
                    DURATION_MICROS_MAX / 86_400_000_000
                ),
                "write a shorter one",
            ),
        };
        self.error(Diagnostic::new(text.span, message, "not a duration").help(help));
        None
    }

    /// The same, and longer than nothing.
    pub(crate) fn positive_duration(&mut self, section: &Section<'_>, key: &str) -> Option<i64> {
        let micros = self.duration(section, key)?;
        if micros == 0 {
            let span = section.get(key).map_or(0..0, Spanned::span);
            self.error(Diagnostic::new(
                span,
                format!("`{key}` has to be longer than nothing"),
                "no time at all",
            ));
            return None;
        }
        Some(micros)
    }

    /// A predicate, if the key is there.
    pub(crate) fn predicate(&mut self, section: &Section<'_>, key: &str) -> Option<Predicate> {
        let text = self.text(section, key)?;
        match Predicate::parse(text.value, self.places) {
            Ok(predicate) => Some(predicate),
            Err(mut diagnostic) => {
                diagnostic.span =
                    position_in_document(self.text, text.span, text.value, diagnostic.span);
                self.error(diagnostic);
                None
            }
        }
    }

    /// The texts of an array, if the key is there.
    fn text_array<'a>(
        &mut self,
        section: &Section<'a>,
        key: &str,
        takes: &str,
    ) -> Option<Vec<Found<'a, str>>> {
        let value = section.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(key, value, takes);
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Found {
                    value: text,
                    span: item.span(),
                }),
                None => self.wrong_type(key, item, takes),
            }
        }
        Some(texts)
    }

    /// The fields of `same`, which have to be there.
    pub(crate) fn same(&mut self, section: &Section<'_>) -> Option<Vec<Field>> {
        let takes = "an array of fields, for example `[\"subject\", \"purpose\"]`";
        if section.get("same").is_none() {
            self.missing(
                section,
                "same",
                "write which fields have to be equal: `same = [\"subject\"]`; `same = []` if any event will do",
            );
            return None;
        }
        let mut fields = Vec::new();
        for name in self.text_array(section, "same", takes)? {
            if let Some(field) = self.same_field(&name, &fields) {
                fields.push(field);
            }
        }
        Some(fields)
    }

    fn same_field(&mut self, name: &Found<'_, str>, before: &[Field]) -> Option<Field> {
        let span = name.span.clone();
        let Some(field) = Field::from_name(name.value) else {
            let message = format!("there is no field `{}`", shorten(name.value));
            let diagnostic = Diagnostic::new(span, message, "no such field");
            let names = Field::ALL.iter().map(|field| field.as_str());
            self.error(match nearest(name.value, names) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("the fields are listed in docs/spec/event.md"),
            });
            return None;
        };
        let problem = match field.kind() {
            FieldKind::Integer | FieldKind::Time | FieldKind::Boolean => {
                Some("events belong together by names and places, not by numbers or times")
            }
            _ if before.contains(&field) => Some("this field is in `same` already"),
            _ if before.len() == SAME_FIELDS_MAX => Some("`same` takes at most 8 fields"),
            _ => None,
        };
        if let Some(message) = problem {
            self.error(Diagnostic::new(span, message, "not in `same`"));
            return None;
        }
        Some(field)
    }

    /// The names of an array of sources; empty, if the key is not there.
    pub(crate) fn sources(&mut self, section: &Section<'_>) -> Vec<(SourcePattern, Range<usize>)> {
        let takes = "an array of sources, for example `[\"vault-*\"]`";
        if section.get("sources").is_none() {
            return Vec::new();
        }
        let Some(names) = self.text_array(section, "sources", takes) else {
            return Vec::new();
        };
        let span = section.key_span("sources");
        if names.is_empty() {
            let message = "`sources` is empty, so nothing would ever be checked";
            self.error(
                Diagnostic::new(span, message, "no source")
                    .help("leave `sources` out to check every source"),
            );
        } else if names.len() > SOURCES_MAX {
            let message = format!("`sources` takes at most {SOURCES_MAX} names");
            self.error(Diagnostic::new(span, message, "too many"));
            return Vec::new();
        }
        names
            .iter()
            .filter_map(|name| Some((self.source_pattern(name)?, name.span.clone())))
            .collect()
    }

    /// A source's name, with a `*` at its end or not.
    pub(crate) fn source_pattern(&mut self, name: &Found<'_, str>) -> Option<SourcePattern> {
        let any_suffix = name.value.ends_with('*');
        let prefix = name.value.strip_suffix('*').unwrap_or(name.value);
        let problem = if name.value.is_empty() {
            Some("a source has a name")
        } else if prefix.contains('*') {
            Some("`*` stands once, at the end of the name")
        } else if prefix.len() >= avow_event::STRING_BYTES_MAX
            || prefix.chars().any(char::is_control)
        {
            Some("no source has such a name")
        } else {
            None
        };
        if let Some(message) = problem {
            self.error(
                Diagnostic::new(name.span.clone(), message, "not a source")
                    .help("write `\"vault-cn\"`, or `\"vault-*\"` for all whose names begin so"),
            );
            return None;
        }
        Some(SourcePattern {
            prefix: prefix.to_owned(),
            any_suffix,
        })
    }

    /// An instant: a TOML date (its midnight in UTC) or a date and time with
    /// its offset.
    pub(crate) fn instant(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Micros> {
        const TAKES: &str = "a date, or a date and time with its offset";
        let DeValue::Datetime(datetime) = value.get_ref() else {
            self.wrong_type(key, value, TAKES);
            return None;
        };
        let text = match (datetime.date, datetime.time, datetime.offset) {
            (Some(date), None, None) => format!("{date}T00:00:00Z"),
            (Some(_), Some(_), Some(_)) => datetime.to_string(),
            _ => {
                let message = format!("`{key}` takes {TAKES}");
                self.error(
                    Diagnostic::new(value.span(), message, "no date or no offset")
                        .help("write `2026-01-01`, or `2026-01-01T00:00:00+08:00`"),
                );
                return None;
            }
        };
        match Micros::parse(&text) {
            Ok(instant) => Some(instant),
            Err(error) => {
                self.error(Diagnostic::new(
                    value.span(),
                    error.to_string(),
                    "not a time",
                ));
                None
            }
        }
    }
}
