//! Typed access to the tables of a pledge's TOML: every key is known, every
//! value of its type, and every mistake is collected with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use avow_event::{Field, PlaceTable};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pledge_advice::instead_of;
use crate::pledge_keys::{Key, WORDS_BYTES_MAX};
use crate::pledge_spelling::{containing, nearest};
use crate::predicate_types::shorten;
use crate::{Diagnostic, Texts};

/// The most mistakes that are told; who has more is at the wrong file.
const DIAGNOSTICS_MAX: usize = 100;

/// The longest text that a help repeats.
const SHOWN_BYTES_MAX: usize = 80;

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
    pub(crate) fn check_keys(&mut self, section: &Section<'_>, keys: &[&str]) {
        for (key, _) in section.entries() {
            if keys.contains(&key.value) {
                continue;
            }
            let message = format!("{} has no key `{}`", section.name, shorten(key.value));
            let diagnostic = Diagnostic::new(key.span, message, "unknown key");
            // A name that is one letter wrong is a slip; a word of its own is not.
            let near = nearest(key.value, keys.iter().copied())
                .or_else(|| containing(key.value, keys.iter().copied()));
            let advice = instead_of(key.value, keys);
            let meant = advice.map(|(meant, _)| meant).or(near);
            if let Some(meant) = meant {
                self.slips.push((section.span.clone(), meant.to_owned()));
            }
            self.error(match (advice, near) {
                (Some((_, help)), _) => diagnostic.help(help),
                (None, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
                (None, None) if keys.len() == Field::ALL.len() => {
                    diagnostic.help("the fields are listed in docs/spec/event.md")
                }
                (None, None) => diagnostic.help(format!("its keys are {}", keys.join(", "))),
            });
        }
    }

    /// Says which of the keys that have to be there are missing.
    pub(crate) fn check_required(&mut self, section: &Section<'_>, keys: &[Key]) {
        for key in keys.iter().filter(|key| key.must) {
            if section.get(key.name).is_none() {
                let help = format!("write {}: `{} = {}`", key.says, key.name, key.example);
                self.missing(section, key.name, &help);
            }
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
        let diagnostic = Diagnostic::new(value.span(), message, stands);
        self.error(match instead_of_value(key, value.get_ref(), takes) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }

    /// A text, if the key is there.
    pub(crate) fn text<'a>(&mut self, section: &Section<'a>, key: &str) -> Option<Found<'a, str>> {
        self.text_that(section, key, "text in quotes")
    }

    /// A text of that form, if the key is there.
    pub(crate) fn text_that<'a>(
        &mut self,
        section: &Section<'a>,
        key: &str,
        takes: &str,
    ) -> Option<Found<'a, str>> {
        let value = section.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, takes);
            return None;
        };
        Some(Found {
            value: text,
            span: value.span(),
        })
    }

    /// A text for people, if the key is there.
    pub(crate) fn words(&mut self, section: &Section<'_>, key: &str) -> Option<String> {
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
                self.error(Diagnostic::new(text.span.clone(), message, label).help(format!(
                    "write 1 to {WORDS_BYTES_MAX} bytes of text; the only control characters are line ends"
                )));
                None
            }
            None => Some(text.value.to_owned()),
        }
    }

    /// A text in English and Chinese, or one for both, if the key is there.
    pub(crate) fn texts(&mut self, section: &Section<'_>, key: &str) -> Option<Texts> {
        let value = section.get(key)?;
        match value.get_ref() {
            DeValue::String(_) => {
                let text = self.words(section, key)?;
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
                self.check_keys(&inner, &["en", "zh"]);
                if inner.get("en").is_none() {
                    self.missing(&inner, "en", "write `{ en = \"…\", zh = \"…\" }`");
                }
                let zh = self.text(&inner, "zh");
                let zh = zh.and_then(|text| self.check_words("zh", &text));
                let en = self.words(&inner, "en")?;
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

    /// The texts of an array, if the key is there.
    pub(crate) fn text_array<'a>(
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
}

/// What to write instead of a value of the wrong type, where it can be known.
fn instead_of_value(key: &str, value: &DeValue<'_>, takes: &str) -> Option<String> {
    let plain = |text: &&str| {
        text.len() <= SHOWN_BYTES_MAX
            && !text.contains(|c: char| c.is_control() || "\"\\{".contains(c))
    };
    match value {
        DeValue::String(text) if takes.starts_with("an array of") => {
            let text = Some(text.as_ref()).filter(plain)?;
            Some(format!("write `{key} = [\"{text}\"]`"))
        }
        DeValue::String(text) if takes.starts_with("a date") => {
            let digits = |c: char| c.is_ascii_digit() || "-:.TZ+".contains(c);
            let is_date = text.len() >= "2026-01-01".len() && text.chars().all(digits);
            let text = if is_date { text.as_ref() } else { "2026-01-01" };
            Some(format!("write it without quotes: `{key} = {text}`"))
        }
        DeValue::String(text) if takes.starts_with("an integer") => {
            let number: String = text.chars().take_while(char::is_ascii_digit).collect();
            let number = if number.is_empty() { "3" } else { &number };
            Some(format!("write `{key} = {number}`"))
        }
        DeValue::Float(_) if takes.starts_with("an integer") => {
            Some("write a whole number".to_owned())
        }
        DeValue::Integer(n) if takes.starts_with("a duration") => Some(format!(
            "say of what: `\"PT{n}H\"` are hours, `\"P{n}D\"` days"
        )),
        DeValue::Datetime(_) if takes.starts_with("the name of a field") => Some(format!(
            "a day that is the same for all is no deadline of an event: name the field that holds it, `{key} = \"due\"`"
        )),
        DeValue::Array(_) | DeValue::Table(_) => None,
        _ if takes.starts_with("a condition") => Some(format!(
            "write the condition itself between quotes: `{key} = \"…\"`"
        )),
        _ if takes.starts_with("text") => Some(format!("write it between quotes: `{key} = \"…\"`")),
        _ => None,
    }
}
