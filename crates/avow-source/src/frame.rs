//! Where one record ends and the next begins, in a stream of JSON of any of
//! the shapes that audit logs have: `{"Records":[…]}`, `[…]`, one object a
//! line, objects over many lines, and any mixture of these in one file.
//!
//! The record itself is parsed in place by the caller, once; this module walks
//! only what is between records, and finds the next record after a broken one.
//! It never holds more than one record.

use serde::Deserialize;

use crate::cloudtrail::Record;
use crate::window::Window;

/// The longest record. AWS cuts a CloudTrail record at 256 KB and a leaf has
/// 64 KB; sixteen megabytes leave room for other shippers' envelopes while a
/// hostile file cannot fill the memory.
pub const RECORD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// White space that is looked through between the tokens of `{"Records":[`.
const HEAD_SPACE_MAX: usize = 256;

const OPEN_OBJECT: &str = "the object around `Records` is not closed";

pub(crate) const NO_RECORD: &str = "a record is a JSON object";

const BESIDE: &str = "a member beside `Records` may hold records, and was not read";

/// What comes next in a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The window begins with `{`.
    Record,
    /// Something that is no object, already passed over.
    NoObject(&'static str),
    /// The file is not as it should be, though no record is concerned.
    Flaw(&'static str),
    /// The stream has ended.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Array,
    /// Inside the array of `{"Records":[…]}`.
    Records,
    /// After that array, before the closing brace.
    AfterRecords,
}

/// The place in the stream's structure.
pub(crate) struct Frame {
    level: Level,
    /// In an array: a value was read and no comma yet.
    after_value: bool,
}

/// The outcome of reading a record in place.
pub(crate) enum Parsed<T> {
    /// The record and its length.
    Whole(T, usize),
    /// The bytes end before the record does.
    Incomplete,
    /// The record is not JSON, for this reason.
    Broken(String),
}

/// Reads the JSON value with which `bytes` begin.
pub(crate) fn parse_at<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Parsed<T> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => Parsed::Whole(value, values.byte_offset()),
        Some(Err(error)) if !error.is_eof() => Parsed::Broken(reason(&error)),
        Some(Err(_)) | None => Parsed::Incomplete,
    }
}

/// The message without the position, which counts from the record's start and
/// would be taken for a position in the file.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at line ") {
        Some((message, _)) => format!("not JSON: {message}"),
        None => format!("not JSON: {text}"),
    }
}

fn is_space(byte: u8) -> bool {
    // RFC 7464 begins each text with the record separator.
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1e)
}

impl Frame {
    /// At the beginning of a stream; passes over a byte order mark.
    pub(crate) fn new(window: &mut Window<'_>) -> Self {
        window.peek(2);
        if window.bytes().starts_with(b"\xef\xbb\xbf") {
            window.take(3);
        }
        Self {
            level: Level::Top,
            after_value: false,
        }
    }

    /// Goes to the next record.
    pub(crate) fn next(&mut self, window: &mut Window<'_>) -> Next {
        loop {
            let Some(byte) = skip_space(window) else {
                return self.end();
            };
            let step = match self.level {
                Level::Top => self.at_top(window, byte),
                Level::Array | Level::Records => self.in_array(window, byte),
                Level::AfterRecords => self.after_records(window),
            };
            if let Some(next) = step {
                return next;
            }
        }
    }

    /// Takes the record that was read in place.
    pub(crate) fn take(&mut self, window: &mut Window<'_>, len: usize) {
        window.take(len);
        self.after_value = true;
    }

    /// Takes everything up to the end of a broken record, or up to the line
    /// on which the next one begins.
    pub(crate) fn skip_broken(&mut self, window: &mut Window<'_>) {
        if skip_value(window, Skip::new(0)) == Skipped::EndOfStream {
            self.level = Level::Top;
        }
        self.after_value = true;
    }

    fn end(&mut self) -> Next {
        match std::mem::replace(&mut self.level, Level::Top) {
            Level::Top => Next::End,
            Level::Array | Level::Records => Next::Flaw("the file ends inside an array"),
            Level::AfterRecords => Next::Flaw(OPEN_OBJECT),
        }
    }

    fn at_top(&mut self, window: &mut Window<'_>, byte: u8) -> Option<Next> {
        self.after_value = false;
        match byte {
            b'[' => {
                window.take(1);
                self.level = Level::Array;
                None
            }
            b'{' => {
                let Some(len) = records_head(window) else {
                    return Some(Next::Record);
                };
                window.take(len);
                self.level = Level::Records;
                None
            }
            _ => {
                skip_line(window);
                Some(Next::NoObject("not a JSON object or array"))
            }
        }
    }

    fn in_array(&mut self, window: &mut Window<'_>, byte: u8) -> Option<Next> {
        match byte {
            b']' => {
                window.take(1);
                self.level = match self.level {
                    Level::Records => Level::AfterRecords,
                    _ => Level::Top,
                };
                None
            }
            b',' => {
                window.take(1);
                let flaw = !self.after_value;
                self.after_value = false;
                flaw.then_some(Next::Flaw("a comma without a record before it"))
            }
            _ if self.after_value => {
                self.after_value = false;
                Some(Next::Flaw("a comma is missing between two records"))
            }
            b'{' => Some(Next::Record),
            b'}' | b':' => {
                skip_line(window);
                self.level = Level::Top;
                Some(Next::NoObject("not a record: the array is broken here"))
            }
            _ => {
                if skip_value(window, Skip::new(0)) == Skipped::EndOfStream {
                    self.level = Level::Top;
                }
                self.after_value = true;
                Some(Next::NoObject(NO_RECORD))
            }
        }
    }

    fn after_records(&mut self, window: &mut Window<'_>) -> Option<Next> {
        self.level = Level::Top;
        let whole = read_rest(window);
        if let Some((flaw, len)) = whole {
            window.take(len);
            return flaw.map(Next::Flaw);
        }
        match skip_value(window, Skip::new(1)) {
            Skipped::Value => Some(Next::Flaw(
                "what follows `Records` in its object is broken or too long",
            )),
            Skipped::Line | Skipped::EndOfStream => Some(Next::Flaw(OPEN_OBJECT)),
        }
    }
}

/// Reads the members after the array of `{"Records":[…]}`, up to and with the
/// closing brace: whether they may hold records too, and their length. `None`
/// if they are no JSON or too long to be read.
fn read_rest(window: &mut Window<'_>) -> Option<(Option<&'static str>, usize)> {
    match window.bytes().first() {
        Some(b'}') => return Some((None, 1)),
        Some(b',') => {}
        _ => return None,
    }
    loop {
        let mut object = window.bytes().to_vec();
        *object.first_mut()? = b'{';
        match parse_at::<Record<'_>>(&object) {
            // A comma and no member.
            Parsed::Whole(_, 2) => return None,
            Parsed::Whole(rest, len) => {
                return Some((rest.may_hold_records().then_some(BESIDE), len));
            }
            Parsed::Broken(_) => return None,
            Parsed::Incomplete if object.len() > RECORD_BYTES_MAX => return None,
            Parsed::Incomplete if window.grow() => {}
            Parsed::Incomplete => return None,
        }
    }
}

fn skip_space(window: &mut Window<'_>) -> Option<u8> {
    loop {
        let bytes = window.bytes();
        let found = bytes.iter().position(|&byte| !is_space(byte));
        let byte = found.and_then(|at| bytes.get(at).copied());
        let passed = found.unwrap_or(bytes.len());
        window.take(passed);
        if byte.is_some() {
            return byte;
        }
        if !window.grow() {
            return None;
        }
    }
}

fn skip_line(window: &mut Window<'_>) {
    loop {
        let bytes = window.bytes();
        let found = memchr::memchr(b'\n', bytes);
        let passed = found.unwrap_or(bytes.len());
        window.take(passed);
        if found.is_some() || !window.grow() {
            return;
        }
    }
}

/// The length of `{"Records":[`, if the window begins with it.
fn records_head(window: &mut Window<'_>) -> Option<usize> {
    let mut at = 0;
    for token in [&b"{"[..], b"\"Records\"", b":", b"["] {
        let space_end = at + HEAD_SPACE_MAX;
        while at < space_end && is_space(window.peek(at)?) {
            at += 1;
        }
        for &byte in token {
            if window.peek(at)? != byte {
                return None;
            }
            at += 1;
        }
    }
    Some(at)
}

#[derive(Debug, PartialEq, Eq)]
enum Skipped {
    /// The value ended.
    Value,
    /// The value is broken; the window begins with the line after it.
    Line,
    EndOfStream,
}

/// The state of passing over a value without keeping it.
struct Skip {
    depth: u64,
    in_string: bool,
    escaped: bool,
    /// A line ended inside a string, which JSON forbids: wait for a line that
    /// begins a record.
    seeking: bool,
    line_start: bool,
    /// The last byte that was not white space.
    last: u8,
}

impl Skip {
    fn new(depth: u64) -> Self {
        Self {
            depth,
            in_string: false,
            escaped: false,
            seeking: false,
            line_start: false,
            last: 0,
        }
    }

    /// How many bytes change nothing: the inside of a string, or of a line that
    /// is not the one waited for.
    fn stretch(&self, bytes: &[u8]) -> usize {
        let found = if self.line_start {
            return 0;
        } else if self.seeking {
            memchr::memchr(b'\n', bytes)
        } else if self.in_string && !self.escaped {
            memchr::memchr3(b'"', b'\\', b'\n', bytes)
        } else {
            return 0;
        };
        found.unwrap_or(bytes.len())
    }

    /// Takes one byte. `Some((outcome, inclusive))` where the value ends.
    fn step(&mut self, byte: u8) -> Option<(Skipped, bool)> {
        let line_start = std::mem::replace(&mut self.line_start, byte == b'\n');
        if line_start && matches!(byte, b'{' | b'[') {
            // After these a value may follow, so the line can belong here.
            let may_follow = matches!(self.last, b',' | b':' | b'[');
            if self.seeking || !may_follow {
                return Some((Skipped::Line, false));
            }
        }
        if self.seeking {
            return None;
        }
        if self.in_string {
            self.step_in_string(byte);
            return None;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                if self.depth == 0 {
                    return Some((Skipped::Value, false));
                }
                self.depth -= 1;
                if self.depth == 0 {
                    return Some((Skipped::Value, true));
                }
            }
            b',' | b'\n' if self.depth == 0 => return Some((Skipped::Value, false)),
            _ => {}
        }
        if !is_space(byte) {
            self.last = byte;
        }
        None
    }

    fn step_in_string(&mut self, byte: u8) {
        match byte {
            b'\n' => self.seeking = true,
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_string = false;
                self.last = byte;
            }
            _ => {}
        }
    }
}

fn skip_value(window: &mut Window<'_>, mut skip: Skip) -> Skipped {
    loop {
        let mut outcome = None;
        let mut passed = 0;
        let bytes = window.bytes();
        while let Some(rest) = bytes.get(passed..) {
            passed += skip.stretch(rest);
            let Some(&byte) = bytes.get(passed) else {
                break;
            };
            if let Some((skipped, inclusive)) = skip.step(byte) {
                passed += usize::from(inclusive);
                outcome = Some(skipped);
                break;
            }
            passed += 1;
        }
        window.take(passed);
        if let Some(outcome) = outcome {
            return outcome;
        }
        if !window.grow() {
            return Skipped::EndOfStream;
        }
    }
}
