//! Canonical JSON (RFC 8785): the writer and the strict reader of strings and
//! numbers.
//!
//! The reader accepts only what the writer writes: no white space, the one
//! escape that section 3.2.2.2 prescribes for each character, integers from 0
//! to 2^53 - 1 without sign, fraction or exponent (section 3.2.2.3). What the
//! parts mean is left to the callers.

use std::borrow::Cow;

use crate::EventError;

/// Appends a string with its quotes.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let plain = plain_len(rest);
        let (head, tail) = rest.split_at(plain);
        out.extend_from_slice(head);
        let Some((byte, after)) = tail.split_first() else {
            break;
        };
        match short_escape(*byte) {
            Some(letter) => out.extend_from_slice(&[b'\\', letter]),
            None if *byte < 0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
            }
            None => out.push(*byte),
        }
        rest = after;
    }
    out.push(b'"');
}

/// Appends an integer.
pub(crate) fn write_integer(out: &mut Vec<u8>, mut n: u64) {
    // u64::MAX has 20 digits.
    let mut digits = [0; 20];
    let mut len = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (n % 10) as u8;
        n /= 10;
        len += 1;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(20 - len..).unwrap_or_default());
}

/// The letter after the backslash, for the characters that have one.
fn short_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => return None,
    })
}

fn hex(nibble: u8) -> u8 {
    if nibble < 10 {
        b'0' + nibble
    } else {
        b'a' + nibble - 10
    }
}

/// How many bytes at the beginning are printable ASCII other than `"` and `\`.
#[inline]
pub(crate) fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // A byte's high bit is set where the byte is zero; bits above the first
    // set one may be wrong, so only the first is looked at.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let equals = |word: u64, byte: u8| zero(word ^ (ONES * u64::from(byte)));
    let (chunks, tail) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        // One more than 0x7f sets the high bit; from 0x80 on it is set anyway.
        let other = word.wrapping_add(ONES) | word;
        let stop = control | equals(word, b'"') | equals(word, b'\\') | other;
        let stop = stop & HIGH;
        if stop != 0 {
            return index * 8 + stop.trailing_zeros() as usize / 8;
        }
    }
    let in_tail = tail
        .iter()
        .take_while(|&&b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\')
        .count();
    chunks.len() * 8 + in_tail
}

/// A place in canonical JSON.
pub(crate) struct Reader<'a> {
    rest: &'a str,
    len: usize,
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// At the beginning of `bytes`; `what` they are is said in errors.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], what: &'static str) -> Result<Self, EventError> {
        // Once for all strings: names and numbers are ASCII anyway.
        match std::str::from_utf8(bytes) {
            Ok(rest) => Ok(Self {
                rest,
                len: rest.len(),
                what,
            }),
            Err(error) => Err(EventError::new(format!(
                "not a canonical {what} at byte {}: not UTF-8 (RFC 8785)",
                error.valid_up_to()
            ))),
        }
    }

    #[cold]
    pub(crate) fn error(&self, problem: &str) -> EventError {
        EventError::new(format!(
            "not a canonical {} at byte {}: {problem} (RFC 8785)",
            self.what,
            self.len - self.rest.len()
        ))
    }

    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest.as_bytes()
    }

    /// Passes over `len` bytes, which the caller has seen to be ASCII.
    #[inline]
    pub(crate) fn advance(&mut self, len: usize) {
        self.rest = self.rest.get(len..).unwrap_or_default();
    }

    /// Passes over `text` if it comes next.
    #[inline]
    pub(crate) fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    #[inline]
    pub(crate) fn byte(&mut self, byte: u8) -> Result<(), EventError> {
        if self.rest().first() == Some(&byte) {
            self.advance(1);
            Ok(())
        } else {
            Err(self.error(&format!("expected `{}`", char::from(byte))))
        }
    }

    pub(crate) fn end(&self) -> Result<(), EventError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error("bytes after the end"))
        }
    }

    /// A string of printable ASCII without escapes, if that comes next.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Option<&'a str> {
        let text = self.rest.strip_prefix('"')?;
        let len = plain_len(text.as_bytes());
        if text.as_bytes().get(len) != Some(&b'"') {
            return None;
        }
        self.rest = text.get(len + 1..)?;
        text.get(..len)
    }

    /// A string, borrowed where nothing is escaped.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, EventError> {
        self.byte(b'"')?;
        let mut text: Cow<'a, str> = Cow::Borrowed("");
        loop {
            let special = |b: &u8| *b == b'"' || *b == b'\\' || *b < 0x20;
            let Some(len) = self.rest().iter().position(special) else {
                return Err(self.error("the string does not end"));
            };
            let part = self.rest.get(..len).unwrap_or_default();
            if text.is_empty() {
                text = Cow::Borrowed(part);
            } else {
                text.to_mut().push_str(part);
            }
            self.advance(len);
            match self.rest().first() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(text);
                }
                Some(b'\\') => text.to_mut().push(char::from(self.escape()?)),
                _ => return Err(self.error("a control character stands unescaped")),
            }
        }
    }

    /// The character of an escape, if it is the one that the writer writes.
    fn escape(&mut self) -> Result<u8, EventError> {
        let (len, byte) = match *self.rest() {
            [b'\\', letter @ (b'"' | b'\\'), ..] => (2, letter),
            [b'\\', b'b', ..] => (2, 0x08),
            [b'\\', b't', ..] => (2, 0x09),
            [b'\\', b'n', ..] => (2, 0x0a),
            [b'\\', b'f', ..] => (2, 0x0c),
            [b'\\', b'r', ..] => (2, 0x0d),
            [b'\\', b'u', b'0', b'0', high @ b'0'..=b'1', low, ..] => {
                let low = match low {
                    b'0'..=b'9' => low - b'0',
                    b'a'..=b'f' => low - b'a' + 10,
                    _ => return Err(self.error("this escape is spelt otherwise")),
                };
                (6, (high - b'0') * 16 + low)
            }
            _ => return Err(self.error("this escape is spelt otherwise")),
        };
        if len == 6 && short_escape(byte).is_some() {
            return Err(self.error("this escape is spelt otherwise"));
        }
        self.advance(len);
        Ok(byte)
    }

    /// An integer of at most 16 digits, as many as 2^53 has.
    #[inline]
    pub(crate) fn integer(&mut self) -> Result<u64, EventError> {
        let mut n = 0;
        let mut len = 0;
        for byte in self.rest() {
            if !byte.is_ascii_digit() || len > 16 {
                break;
            }
            n = n * 10 + u64::from(byte - b'0');
            len += 1;
        }
        let canonical = (1..=16).contains(&len) && (len == 1 || self.rest().first() != Some(&b'0'));
        if !canonical || n > crate::INTEGER_MAX {
            return Err(self.error("not an integer from 0 to 9007199254740991"));
        }
        self.advance(len);
        Ok(n)
    }

    #[inline]
    pub(crate) fn boolean(&mut self) -> Result<bool, EventError> {
        if self.skip("true") {
            Ok(true)
        } else if self.skip("false") {
            Ok(false)
        } else {
            Err(self.error("expected `true` or `false`"))
        }
    }
}
