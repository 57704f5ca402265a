//! The little JSON that a verdict document needs: objects, arrays, strings,
//! integers from 0 and truth values. No null, no fractions.
//!
//! Whether the form is canonical is left to `report_json`, which writes what
//! was read and compares.

use avow_event::{INTEGER_MAX, Micros};

use crate::report_json::ReportError;

/// A document is four levels deep; more is not read, so that the stack is safe.
const DEPTH_MAX: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    /// Not written.
    Absent,
    Text(String),
    Integer(u64),
    Boolean(bool),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Absent => {}
            Self::Text(text) => write_text(text, out),
            Self::Integer(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Self::Boolean(value) => {
                out.extend_from_slice(if *value { b"true" } else { b"false" });
            }
            Self::Array(values) => {
                out.push(b'[');
                for (at, value) in values.iter().enumerate() {
                    separate(at, out);
                    value.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (at, (name, value)) in members.iter().enumerate() {
                    separate(at, out);
                    write_text(name, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    fn find(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    pub(crate) fn member(&self, name: &str) -> Result<&Self, ReportError> {
        self.find(name)
            .ok_or_else(|| ReportError::new(format!("`{name}` is missing")))
    }

    pub(crate) fn optional_member<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Self) -> Result<T, ReportError>,
    ) -> Result<Option<T>, ReportError> {
        self.find(name).map(read).transpose()
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, ReportError> {
        self.optional_text(name)?
            .ok_or_else(|| ReportError::new(format!("`{name}` is missing")))
    }

    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, ReportError> {
        match self.find(name) {
            None => Ok(None),
            Some(Self::Text(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a string")),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<u64, ReportError> {
        self.optional_integer(name)?
            .ok_or_else(|| ReportError::new(format!("`{name}` is missing")))
    }

    pub(crate) fn optional_integer(&self, name: &str) -> Result<Option<u64>, ReportError> {
        match self.find(name) {
            None => Ok(None),
            Some(Self::Integer(n)) => Ok(Some(*n)),
            Some(_) => Err(wrong(name, "an integer")),
        }
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<bool, ReportError> {
        match self.member(name)? {
            Self::Boolean(value) => Ok(*value),
            _ => Err(wrong(name, "`true` or `false`")),
        }
    }

    pub(crate) fn time(&self, name: &str) -> Result<Micros, ReportError> {
        self.optional_time(name)?
            .ok_or_else(|| ReportError::new(format!("`{name}` is missing")))
    }

    pub(crate) fn optional_time(&self, name: &str) -> Result<Option<Micros>, ReportError> {
        self.optional_text(name)?
            .map(|text| Micros::parse(text).map_err(|_| wrong(name, "a time")))
            .transpose()
    }

    pub(crate) fn hash(&self, name: &str) -> Result<[u8; 32], ReportError> {
        self.optional_hash(name)?
            .ok_or_else(|| ReportError::new(format!("`{name}` is missing")))
    }

    pub(crate) fn optional_hash(&self, name: &str) -> Result<Option<[u8; 32]>, ReportError> {
        let takes = || wrong(name, "64 hexadecimal digits");
        let Some(text) = self.optional_text(name)? else {
            return Ok(None);
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut hash = [0; 32];
        if pairs.len() != hash.len() || !rest.is_empty() {
            return Err(takes());
        }
        for (byte, pair) in hash.iter_mut().zip(pairs) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            let value = high.zip(low).map(|(high, low)| high << 4 | low);
            *byte = value.and_then(|v| u8::try_from(v).ok()).ok_or_else(takes)?;
        }
        Ok(Some(hash))
    }

    pub(crate) fn array<T>(
        &self,
        name: &str,
        read: impl Fn(&Self) -> Result<T, ReportError>,
    ) -> Result<Vec<T>, ReportError> {
        match self.member(name)? {
            Self::Array(values) => values.iter().map(read).collect(),
            _ => Err(wrong(name, "an array")),
        }
    }
}

fn wrong(name: &str, takes: &str) -> ReportError {
    ReportError::new(format!("`{name}` takes {takes}"))
}

fn separate(at: usize, out: &mut Vec<u8>) {
    if at > 0 {
        out.push(b',');
    }
}

/// RFC 8785 section 3.2.2.2.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for character in text.chars() {
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\0'..='\u{1f}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
                continue;
            }
            _ => {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        out.extend_from_slice(escape.as_bytes());
    }
    out.push(b'"');
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Json, ReportError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReportError::new("not UTF-8"))?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    if reader.rest().is_empty() {
        Ok(value)
    } else {
        Err(reader.error("bytes after the document"))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, what: &str) -> ReportError {
        ReportError::new(format!("at byte {}: {what}", self.at))
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, ReportError> {
        if depth > DEPTH_MAX {
            return Err(self.error("too many levels"));
        }
        match self.rest().as_bytes().first() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'0'..=b'9') => self.integer(),
            _ if self.take("true") => Ok(Json::Boolean(true)),
            _ if self.take("false") => Ok(Json::Boolean(false)),
            _ => Err(self.error("expected a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, ReportError> {
        self.take("{");
        let mut members: Vec<(String, Json)> = Vec::new();
        if self.take("}") {
            return Ok(Json::Object(members));
        }
        loop {
            let name = self.string()?;
            if members.last().is_some_and(|(last, _)| *last >= name) {
                return Err(self.error("names are not in order"));
            }
            if !self.take(":") {
                return Err(self.error("expected `:`"));
            }
            members.push((name, self.value(depth + 1)?));
            if self.take("}") {
                return Ok(Json::Object(members));
            }
            if !self.take(",") {
                return Err(self.error("expected `,` or `}`"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, ReportError> {
        self.take("[");
        let mut values = Vec::new();
        if self.take("]") {
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take("]") {
                return Ok(Json::Array(values));
            }
            if !self.take(",") {
                return Err(self.error("expected `,` or `]`"));
            }
        }
    }

    fn integer(&mut self) -> Result<Json, ReportError> {
        let rest = self.rest();
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        let digits = digits.unwrap_or_default();
        let value = digits.parse().ok().filter(|n| *n <= INTEGER_MAX);
        let value = value.ok_or_else(|| self.error("not an integer up to 9007199254740991"))?;
        self.at += digits.len();
        Ok(Json::Integer(value))
    }

    fn string(&mut self) -> Result<String, ReportError> {
        if !self.take("\"") {
            return Err(self.error("expected a string"));
        }
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.take("\"") {
                return Ok(text);
            }
            if !self.take("\\") {
                return Err(self.error("the string does not end"));
            }
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, ReportError> {
        const SHORT: [(&str, char); 7] = [
            ("\"", '"'),
            ("\\", '\\'),
            ("b", '\u{8}'),
            ("t", '\t'),
            ("n", '\n'),
            ("f", '\u{c}'),
            ("r", '\r'),
        ];
        for (token, character) in SHORT {
            if self.take(token) {
                return Ok(character);
            }
        }
        // The writer writes control characters only in this form.
        let code = self.rest().get(..5).and_then(|t| t.strip_prefix('u'));
        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let character = code.and_then(char::from_u32);
        let character = character.ok_or_else(|| self.error("no such escape"))?;
        self.at += 5;
        Ok(character)
    }
}
