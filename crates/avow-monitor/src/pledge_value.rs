//! The values of a pledge's keys: durations, instants, predicates, fields,
//! sources, and how often.
//!
//! A reader of a key answers `None` where the key is not there, or after
//! saying what is wrong with its value.

use std::collections::BTreeSet;
use std::ops::Range;

use avow_event::{Field, FieldKind, Micros};
use toml::Spanned;
use toml::de::DeValue;

use crate::duration::{DURATION_MICROS_MAX, DURATION_MONTHS_MAX, DurationError, parse_duration};
use crate::pledge_keys::{AT_MOST_MAX, MEMBERS_MAX, SOURCES_MAX};
use crate::pledge_spelling::{containing, nearest};
use crate::pledge_string::position_in_document;
use crate::pledge_table::{Found, Reader, Section};
use crate::predicate_types::{Written, literal, shorten};
use crate::{Diagnostic, Duration, Literal, PairCondition, Predicate, SourcePattern};

impl Reader<'_> {
    /// A duration that may have months, longer than nothing.
    pub(crate) fn calendar_duration(
        &mut self,
        section: &Section<'_>,
        key: &str,
    ) -> Option<Duration> {
        let duration = self.any_duration(section, key)?;
        if duration.is_zero() {
            let span = section.get(key).map_or(0..0, Spanned::span);
            let message = format!("`{key}` has to be longer than nothing");
            self.error(
                Diagnostic::new(span, message, "no time at all")
                    .help("write how long, for example `PT5M` for 5 minutes or `P15D` for 15 days"),
            );
            return None;
        }
        Some(duration)
    }

    /// A duration of fixed length, longer than nothing, in microseconds.
    pub(crate) fn positive_duration(&mut self, section: &Section<'_>, key: &str) -> Option<i64> {
        let duration = self.calendar_duration(section, key)?;
        self.fixed(section, key, duration)
    }

    /// A duration of fixed length, in microseconds.
    pub(crate) fn duration(&mut self, section: &Section<'_>, key: &str) -> Option<i64> {
        let duration = self.any_duration(section, key)?;
        self.fixed(section, key, duration)
    }

    fn fixed(&mut self, section: &Section<'_>, key: &str, duration: Duration) -> Option<i64> {
        if duration.months == 0 {
            return Some(duration.micros);
        }
        let span = section.get(key).map_or(0..0, Spanned::span);
        let message = format!("`{key}` cannot be in months or years, which are not equally long");
        self.error(
            Diagnostic::new(span, message, "not a fixed time")
                .help("write days, for example `P30D`; months are for what falls due: `within` of `then`, `every`, `lasts`"),
        );
        None
    }

    fn any_duration(&mut self, section: &Section<'_>, key: &str) -> Option<Duration> {
        let takes = "a duration in quotes, for example `\"PT72H\"`";
        let text = self.text_that(section, key, takes)?;
        let (message, help) = match parse_duration(text.value) {
            Ok(duration) => return Some(duration),
            Err(DurationError::Form) => (
                format!("`{}` is not a duration", shorten(text.value)),
                duration_help(text.value),
            ),
            Err(DurationError::TooLong) => (
                format!(
                    "a duration is at most {} days, or {DURATION_MONTHS_MAX} months",
                    DURATION_MICROS_MAX / 86_400_000_000
                ),
                "write a shorter one".to_owned(),
            ),
        };
        self.error(Diagnostic::new(text.span, message, "not a duration").help(help));
        None
    }

    /// A predicate, if the key is there.
    pub(crate) fn predicate(&mut self, section: &Section<'_>, key: &str) -> Option<Predicate> {
        let takes = "a condition in quotes, for example `\"place <> 'CN'\"`";
        let text = self.text_that(section, key, takes)?;
        let read = Predicate::parse(text.value, self.places);
        self.located(&text, read)
    }

    /// A condition on two events, if the key is there.
    pub(crate) fn pair(&mut self, section: &Section<'_>, key: &str) -> Option<PairCondition> {
        let takes = "a condition in quotes, for example `\"that.actor <> this.actor\"`";
        let text = self.text_that(section, key, takes)?;
        let read = PairCondition::parse(text.value, self.places);
        self.located(&text, read)
    }

    /// The mistake, where it stands in the document.
    fn located<T>(&mut self, text: &Found<'_, str>, read: Result<T, Diagnostic>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(mut diagnostic) => {
                diagnostic.span =
                    position_in_document(self.text, text.span.clone(), text.value, diagnostic.span);
                self.error(diagnostic);
                None
            }
        }
    }

    /// The fields of an array, each once and none of `others`.
    pub(crate) fn fields(
        &mut self,
        section: &Section<'_>,
        key: &str,
        most: usize,
        others: &[Field],
    ) -> Option<Vec<Field>> {
        let takes = "an array of fields, for example `[\"subject\", \"purpose\"]`";
        let mut fields = Vec::new();
        for name in self.text_array(section, key, takes)? {
            if let Some(field) = self.key_field(&name, key, &fields, others) {
                fields.push(field);
            }
        }
        if fields.len() > most {
            let message = format!("`{key}` takes at most {most} fields");
            self.error(
                Diagnostic::new(section.key_span(key), message, "too many")
                    .help("name the fewest fields that tell apart what has to be told apart"),
            );
            return None;
        }
        Some(fields)
    }

    fn key_field(
        &mut self,
        name: &Found<'_, str>,
        key: &str,
        before: &[Field],
        others: &[Field],
    ) -> Option<Field> {
        let field = self.field(name)?;
        let problem = match field.kind() {
            FieldKind::Integer | FieldKind::Time | FieldKind::Boolean => {
                let message = "events belong together by names and places, not by numbers or times";
                let label = format!("not in `{key}`");
                self.error(
                    Diagnostic::new(name.span.clone(), message, label).help(
                        "numbers and times of two events are compared in `where`: `that.bytes <= this.bytes`",
                    ),
                );
                return None;
            }
            _ if before.contains(&field) => format!("this field is in `{key}` already"),
            _ if others.contains(&field) => {
                "this field is in `same`, so that it is equal anyway".to_owned()
            }
            _ => return Some(field),
        };
        let label = format!("not in `{key}`");
        self.error(Diagnostic::new(name.span.clone(), problem, label).help("leave it out here"));
        None
    }

    fn field(&mut self, name: &Found<'_, str>) -> Option<Field> {
        let found = Field::from_name(name.value);
        if found.is_none() {
            let message = format!("there is no field `{}`", shorten(name.value));
            let diagnostic = Diagnostic::new(name.span.clone(), message, "no such field");
            let names = Field::ALL.iter().map(|field| field.as_str());
            let near = nearest(name.value, names.clone()).or_else(|| containing(name.value, names));
            self.error(match near {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("the fields are listed in docs/spec/event.md"),
            });
        }
        found
    }

    /// The name of the field in which an event has a deadline of its own.
    pub(crate) fn deadline_field(&mut self, section: &Section<'_>, key: &str) -> Option<Field> {
        const HELP: &str = "write `deadline = \"due\"`, or a length of time: `within = \"PT72H\"`";
        let takes = "the name of a field in quotes, for example `\"due\"`";
        let name = self.text_that(section, key, takes)?;
        if parse_duration(name.value).is_ok() {
            let message = format!("`{key}` takes the name of a field, not a duration");
            self.error(
                Diagnostic::new(name.span, message, "a duration")
                    .help(format!("write `within = \"{}\"`", name.value)),
            );
            return None;
        }
        let message = match Field::from_name(name.value) {
            Some(Field::Time | Field::Logged) => {
                "when something happened is not when an answer is due".to_owned()
            }
            Some(field) if field.kind() == FieldKind::Time => return Some(field),
            Some(_) => "a deadline is a field with a time".to_owned(),
            None => format!("there is no field `{}`", shorten(name.value)),
        };
        self.error(Diagnostic::new(name.span, message, "not a deadline").help(HELP));
        None
    }

    /// How many times, if the key is there.
    pub(crate) fn count(&mut self, section: &Section<'_>, key: &str) -> Option<u64> {
        let value = section.get(key)?;
        let takes = format!("an integer from 1 to {AT_MOST_MAX}");
        let DeValue::Integer(n) = value.get_ref() else {
            self.wrong_type(key, value, &format!("{takes}, without quotes"));
            return None;
        };
        let count = u64::from_str_radix(n.as_str(), n.radix()).ok();
        let count = count.filter(|count| (1..=AT_MOST_MAX).contains(count));
        if count.is_none() {
            let message = format!("`{key}` takes {takes}");
            self.error(
                Diagnostic::new(value.span(), message, "out of range")
                    .help("what must not be at all is the rule `never`"),
            );
        }
        count
    }

    /// The values that `field` can have, if the key is there.
    pub(crate) fn members(
        &mut self,
        section: &Section<'_>,
        key: &str,
        field: Field,
    ) -> Option<Vec<String>> {
        let takes = "an array of texts, for example `[\"payroll\", \"mail\"]`";
        let texts = self.text_array(section, key, takes)?;
        if texts.is_empty() || texts.len() > MEMBERS_MAX {
            let message = format!("`{key}` takes 1 to {MEMBERS_MAX} values");
            let label = format!("{} values", texts.len());
            self.error(
                Diagnostic::new(section.key_span(key), message, label).help(
                    "a longer register is kept on the log: `when` enters, `until` strikes off",
                ),
            );
            return None;
        }
        let mut members = Vec::new();
        let mut seen = BTreeSet::new();
        for text in texts {
            match self.member(&text, field) {
                Ok(member) if seen.insert(member.clone()) => members.push(member),
                Ok(_) => {
                    let message = format!("`{}` is a member already", shorten(text.value));
                    self.error(
                        Diagnostic::new(text.span, message, "the second")
                            .help("leave one of them out"),
                    );
                }
                Err(diagnostic) => self.error(diagnostic),
            }
        }
        Some(members)
    }

    fn member(&self, text: &Found<'_, str>, field: Field) -> Result<String, Diagnostic> {
        let never = |why: &str| {
            let message = format!("`{}` never has this value: {why}", field.as_str());
            Diagnostic::new(text.span.clone(), message, "no member").help("leave it out")
        };
        if text.value.is_empty() {
            return Err(never("it is empty"));
        }
        if text.value.len() > avow_event::STRING_BYTES_MAX {
            return Err(never("it is too long"));
        }
        if text.value.chars().any(char::is_control) {
            return Err(never("it has a control character"));
        }
        if text.value.contains('\\') {
            let message = "a backslash means different things to different databases";
            return Err(Diagnostic::new(
                text.span.clone(),
                message,
                "has a backslash",
            ));
        }
        if field.kind() == FieldKind::Place && self.places.group(text.value).is_some() {
            let message = format!("`{}` is a group of places, not a place", text.value);
            return Err(Diagnostic::new(text.span.clone(), message, "a group")
                .help("write each of its places"));
        }
        let written = Written::Text(text.value.to_owned());
        match literal(field, &written, &text.span, self.places)? {
            Literal::Text(member) => Ok(member),
            _ => Err(never("it takes no text")),
        }
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

    /// An identity of a pledge, if the key is there.
    pub(crate) fn digest(&mut self, section: &Section<'_>, key: &str) -> Option<[u8; 32]> {
        let text = self.text(section, key)?;
        let digest = text.value.strip_prefix("sha256:").and_then(parse_hex);
        if digest.is_none() {
            let message = format!("`{key}` takes the identity of a pledge");
            self.error(
                Diagnostic::new(text.span, message, "not an identity").help(
                    "write `sha256:` and the 64 digits, in lower case, that `sha256sum` prints for the old pledge",
                ),
            );
        }
        digest
    }

    /// An instant, if the key is there.
    pub(crate) fn instant(&mut self, section: &Section<'_>, key: &str) -> Option<Micros> {
        let value = section.get(key)?;
        self.instant_of(key, value)
    }

    /// An instant: a TOML date (its midnight in UTC) or a date and time with
    /// its offset.
    pub(crate) fn instant_of(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Micros> {
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

/// What probably is meant by a text that is not a duration.
fn duration_help(text: &str) -> String {
    const FORMS: &str =
        "write an ISO 8601 duration: `PT72H` for 72 hours, `P15D` for 15 days, `P6M` for 6 months";
    const ORDER: &str = "the units stand in this order: `P1Y2M3DT4H5M6S`; hours, minutes and seconds behind `T`, weeks by themselves: `P2W`";
    const WORKING: &str =
        "count all days: which of them people work on differs from place to place and year to year";
    if Field::from_name(text).is_some_and(|field| field.kind() == FieldKind::Time) {
        return format!("write `deadline = \"{text}\"` to take the deadline from a field");
    }
    let capitals = text.trim().to_ascii_uppercase();
    if capitals.contains("WORK") || capitals.contains("BUSINESS") {
        return WORKING.to_owned();
    }
    if parse_duration(&capitals).is_ok() {
        return format!("write `{capitals}`");
    }
    let of_form = |c: char| c.is_ascii_digit() || "PTYMWDHS.".contains(c);
    if capitals.starts_with('P') && capitals.chars().all(of_form) && capitals.len() > 1 {
        return ORDER.to_owned();
    }
    let digits: String = capitals.chars().take_while(char::is_ascii_digit).collect();
    let unit = capitals.strip_prefix(&digits).unwrap_or_default().trim();
    let count = if digits.is_empty() { "1" } else { &digits };
    let meant = match unit {
        "M" => return format!("write `PT{count}M` for minutes, `P{count}M` for months"),
        "H" | "HOUR" | "HOURS" | "HOURLY" => format!("PT{count}H"),
        "D" | "DAY" | "DAYS" | "DAILY" => format!("P{count}D"),
        "W" | "WEEK" | "WEEKS" | "WEEKLY" => format!("P{count}W"),
        "MONTH" | "MONTHS" | "MONTHLY" => format!("P{count}M"),
        "QUARTER" | "QUARTERLY" => "P3M".to_owned(),
        "Y" | "YEAR" | "YEARS" | "YEARLY" | "ANNUALLY" => format!("P{count}Y"),
        "MIN" | "MINUTE" | "MINUTES" => format!("PT{count}M"),
        "S" | "SEC" | "SECOND" | "SECONDS" => format!("PT{count}S"),
        _ => return FORMS.to_owned(),
    };
    match parse_duration(&meant) {
        Ok(_) => format!("write `{meant}`"),
        Err(_) => FORMS.to_owned(),
    }
}

/// 32 bytes of digits in lower case.
fn parse_hex(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let digits = text.as_bytes();
    let hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if digits.len() != 64 || !digits.iter().all(hex) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(digest)
}
