//! The canonical bytes of an event: one JSON object by RFC 8785.
//!
//! Fields in the order of their names, no white space, absent when unknown.
//! The reader accepts exactly what the writer writes, byte for byte, so that
//! one event has one leaf hash.

use crate::{Event, EventError, Field, FieldKind, LEAF_BYTES_MAX, Micros, Value};

/// The version of the schema, the field `v`.
const VERSION: u64 = 1;

impl Event {
    /// The canonical bytes, without a line end.
    ///
    /// The result is at most [`LEAF_BYTES_MAX`] bytes for every event whose
    /// fields were set through [`Event::set`].
    pub fn to_leaf(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        let mut separator = b'{';
        let mut version_written = false;
        for &field in ORDER {
            if !version_written && field.as_str() > "v" {
                write_name(&mut out, &mut separator, "v");
                out.extend_from_slice(VERSION.to_string().as_bytes());
                version_written = true;
            }
            let Some(value) = self.get(field) else {
                continue;
            };
            write_name(&mut out, &mut separator, field.as_str());
            match value {
                Value::Text(text) => write_string(&mut out, text),
                Value::Integer(n) => out.extend_from_slice(n.to_string().as_bytes()),
                Value::Boolean(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
                Value::Time(time) => {
                    out.push(b'"');
                    time.write_canonical(&mut out);
                    out.push(b'"');
                }
            }
        }
        out.push(b'}');
        out
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// The bytes are not what [`Event::to_leaf`] writes for some event.
    ///
    /// ```
    /// use avow_event::{Action, Event, Micros};
    /// let time = Micros::parse("2026-03-08T00:00:10Z").unwrap();
    /// let event = Event::new("vault-cn", 1, time, Action::Store);
    /// let leaf = event.to_leaf();
    /// assert_eq!(
    ///     leaf,
    ///     br#"{"action":"store","seq":1,"source":"vault-cn","time":"2026-03-08T00:00:10.000000Z","v":1}"#
    /// );
    /// assert_eq!(Event::from_leaf(&leaf).unwrap(), event);
    /// ```
    pub fn from_leaf(leaf: &[u8]) -> Result<Self, EventError> {
        if leaf.len() > LEAF_BYTES_MAX {
            return Err(EventError::new(format!(
                "a leaf has at most {LEAF_BYTES_MAX} bytes; this one has {}",
                leaf.len()
            )));
        }
        let mut event = Self::new("", 0, Micros::MIN, crate::Action::Heartbeat);
        let mut reader = Reader { leaf, at: 0 };
        let mut seen = Seen::default();
        reader.byte(b'{')?;
        loop {
            reader.member(&mut event, &mut seen)?;
            if reader.peek() == Some(b'}') {
                break;
            }
            reader.byte(b',')?;
        }
        reader.byte(b'}')?;
        if reader.at != leaf.len() {
            return Err(reader.error("bytes after the object"));
        }
        seen.check()?;
        Ok(event)
    }
}

/// All fields in the order of their names (RFC 8785 section 3.2.3; the names
/// are ASCII, so byte order is UTF-16 order). A test checks it.
const ORDER: &[Field] = &[
    Field::Action,
    Field::Actor,
    Field::ActorPlace,
    Field::Basis,
    Field::Bytes,
    Field::CaseId,
    Field::Category,
    Field::Due,
    Field::Encrypted,
    Field::FromPlace,
    Field::FromRegion,
    Field::GrantId,
    Field::Logged,
    Field::Mfa,
    Field::Name,
    Field::Object,
    Field::Outcome,
    Field::Place,
    Field::Purpose,
    Field::Quantity,
    Field::Region,
    Field::Sealed,
    Field::Seq,
    Field::Source,
    Field::Subject,
    Field::SubjectCountry,
    Field::System,
    Field::Time,
    Field::ToPlace,
    Field::ToRegion,
    Field::Write,
];

fn write_name(out: &mut Vec<u8>, separator: &mut u8, name: &str) {
    out.push(*separator);
    *separator = b',';
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// RFC 8785 section 3.2.2.2. Control characters never reach an event, so of
/// all escapes only `\"` and `\\` occur.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' || byte == b'\\' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// The last name read, and whether the required fields were there.
#[derive(Default)]
struct Seen<'a> {
    last: &'a str,
    required: usize,
    version: bool,
}

impl Seen<'_> {
    fn check(&self) -> Result<(), EventError> {
        let required = Field::ALL.iter().filter(|f| f.is_required()).count();
        if self.version && self.required == required {
            Ok(())
        } else {
            Err(EventError::new(
                "a leaf has at least `action`, `seq`, `source`, `time` and `v`",
            ))
        }
    }
}

struct Reader<'a> {
    leaf: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, what: &str) -> EventError {
        EventError::new(format!(
            "not a canonical leaf at byte {}: {what} (RFC 8785)",
            self.at
        ))
    }

    fn peek(&self) -> Option<u8> {
        self.leaf.get(self.at).copied()
    }

    fn byte(&mut self, byte: u8) -> Result<(), EventError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.error(&format!("expected `{}`", char::from(byte))))
        }
    }

    fn member(&mut self, event: &mut Event, seen: &mut Seen<'a>) -> Result<(), EventError> {
        let name = self.plain_string()?;
        if name <= seen.last {
            return Err(self.error("names are not in order"));
        }
        seen.last = name;
        self.byte(b':')?;
        if name == "v" {
            seen.version = true;
            return if self.integer()? == VERSION {
                Ok(())
            } else {
                Err(self.error("this release reads version 1"))
            };
        }
        let Some(field) = Field::from_name(name) else {
            return Err(self.error("no such field"));
        };
        seen.required += usize::from(field.is_required());
        self.value(event, field)
    }

    fn value(&mut self, event: &mut Event, field: Field) -> Result<(), EventError> {
        match field.kind() {
            FieldKind::Integer => {
                let n = self.integer()?;
                event.set(field, Value::Integer(n))
            }
            FieldKind::Boolean => {
                let b = self.boolean()?;
                event.set(field, Value::Boolean(b))
            }
            FieldKind::Time => {
                let text = self.plain_string()?;
                let time = Micros::parse_canonical(text.as_bytes())
                    .ok_or_else(|| self.error("not a time with six decimals and `Z`"))?;
                event.set(field, Value::Time(time))
            }
            _ => {
                let text = self.string()?;
                event.set(field, Value::Text(&text))
            }
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.leaf.get(self.at..).unwrap_or_default()
    }

    /// A string without escapes.
    fn plain_string(&mut self) -> Result<&'a str, EventError> {
        self.byte(b'"')?;
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|&b| b == b'"' || b == b'\\')
            .unwrap_or(rest.len());
        let text = rest.get(..len).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| self.error("not UTF-8"))?;
        self.at += len;
        self.byte(b'"')?;
        Ok(text)
    }

    /// A string in which `\"` and `\\` may stand. Control characters are
    /// refused when the field is set.
    fn string(&mut self) -> Result<std::borrow::Cow<'a, str>, EventError> {
        let start = self.at;
        if let Ok(text) = self.plain_string() {
            return Ok(text.into());
        }
        self.at = start;
        self.byte(b'"')?;
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(byte @ (b'"' | b'\\')) => out.push(byte),
                        _ => return Err(self.error("only `\\\"` and `\\\\` are escaped")),
                    }
                }
                Some(byte) => out.push(byte),
                None => return Err(self.error("the string does not end")),
            }
            self.at += 1;
        }
        self.byte(b'"')?;
        match String::from_utf8(out) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(self.error("not UTF-8")),
        }
    }

    fn integer(&mut self) -> Result<u64, EventError> {
        let rest = self.rest();
        let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let digits = rest.get(..len).unwrap_or_default();
        // 2^53 has 16 digits.
        let canonical = (1..=16).contains(&len) && (len == 1 || digits.first() != Some(&b'0'));
        if !canonical {
            return Err(self.error("not an integer from 0 to 9007199254740991"));
        }
        self.at += len;
        Ok(digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
    }

    fn boolean(&mut self) -> Result<bool, EventError> {
        for (text, value) in [(&b"true"[..], true), (&b"false"[..], false)] {
            if self.rest().starts_with(text) {
                self.at += text.len();
                return Ok(value);
            }
        }
        Err(self.error("expected `true` or `false`"))
    }
}
