//! The words of a log in MonPoly's format, one at a time from a stream, each
//! with its line and column. What they make up is left to `monpoly`.

use crate::window::Window;

/// The longest word. What becomes text in an event has at most 480 bytes; what
/// becomes a pseudonym may be longer: sixteen of the longest paths of Linux
/// (4,096 bytes).
const WORD_BYTES_MAX: usize = 65_536;

/// A word of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// `@`
    At,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `|`, after the time of emission that some tools write first.
    Bar,
    /// A name, a number or a string; without its quotes.
    Text(String),
    /// Nothing follows.
    End,
    /// What is no word, and why.
    Flaw(&'static str),
}

/// Reads words from a window.
pub(super) struct Lexer<'w, 'r> {
    pub(super) window: &'w mut Window<'r>,
    /// The column of the window's beginning, in characters from 1.
    next_column: u64,
    /// Where the last word begins.
    pub(super) line: u64,
    pub(super) column: u64,
    /// Whether something stood between the last word and the one before it.
    pub(super) parted: bool,
}

/// MonPoly's `string`: what needs no quotes.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_[]/:-.!".contains(&byte)
}

impl<'w, 'r> Lexer<'w, 'r> {
    pub(super) fn new(window: &'w mut Window<'r>) -> Self {
        window.peek(2);
        if window.bytes().starts_with(b"\xef\xbb\xbf") {
            window.take(3);
        }
        Self {
            window,
            next_column: 1,
            line: 1,
            column: 1,
            parted: false,
        }
    }

    /// The next word. One that is flawed stays where it is.
    pub(super) fn next(&mut self) -> Token {
        self.parted = self.skip_space();
        (self.line, self.column) = (self.window.line(), self.next_column);
        let Some(byte) = self.window.peek(0) else {
            return Token::End;
        };
        let sign = match byte {
            b'@' => Token::At,
            b'(' => Token::Open,
            b')' => Token::Close,
            b',' => Token::Comma,
            b';' => Token::Semicolon,
            b'|' => Token::Bar,
            b'"' => return self.quoted(1),
            // A regular expression; to us a string.
            b'r' if self.window.peek(1) == Some(b'"') => return self.quoted(2),
            b'>' | b'<' | b'{' | b'}' => {
                return Token::Flaw("commands to MonPoly are not read, only its logs");
            }
            _ if is_bare(byte) => return self.bare(),
            _ => return Token::Flaw("put quotes around a text with this character"),
        };
        self.take(1);
        sign
    }

    /// Passes over what belongs to a broken time point: up to the next line
    /// that begins with `@` or a digit.
    pub(super) fn skip_point(&mut self) {
        loop {
            while let Some(byte) = self.window.peek(0) {
                self.take(1);
                if byte == b'\n' {
                    break;
                }
            }
            while let Some(b' ' | b'\t' | b'\r') = self.window.peek(0) {
                self.take(1);
            }
            match self.window.peek(0) {
                None | Some(b'@' | b'0'..=b'9') => return,
                Some(_) => {}
            }
        }
    }

    fn take(&mut self, count: usize) {
        let taken = self.window.bytes().get(..count).unwrap_or_default();
        // The bytes after the first of a character begin with the bits 10.
        let begins = |byte: &&u8| (**byte & 0xc0) != 0x80;
        let (before, line) = match taken.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => (1, taken.get(end + 1..).unwrap_or_default()),
            None => (self.next_column, taken),
        };
        let chars = line.iter().filter(begins).count();
        self.next_column = before + u64::try_from(chars).unwrap_or(0);
        self.window.take(count);
    }

    fn skip_space(&mut self) -> bool {
        let mut found = false;
        let mut in_comment = false;
        loop {
            match self.window.peek(0) {
                Some(b'\n' | b'\r') => in_comment = false,
                Some(b' ' | b'\t') => {}
                Some(b'#') => in_comment = true,
                Some(_) if in_comment => {}
                _ => return found,
            }
            found = true;
            self.take(1);
        }
    }

    fn bare(&mut self) -> Token {
        let mut length = 0;
        while self.window.peek(length).is_some_and(is_bare) {
            length += 1;
            if length > WORD_BYTES_MAX {
                return Token::Flaw("a word is longer than 65536 bytes");
            }
        }
        self.text(0, length, 0)
    }

    fn quoted(&mut self, before: usize) -> Token {
        let mut length = 0;
        loop {
            match self.window.peek(before + length) {
                Some(b'"') => return self.text(before, length, 1),
                // MonPoly keeps the backslash, and so it is kept here.
                Some(b'\\') => length += 2,
                Some(b'\n' | b'\r') => return Token::Flaw("a string is not closed on its line"),
                Some(_) => length += 1,
                None => return Token::Flaw("the file ends inside a string"),
            }
            if length > WORD_BYTES_MAX {
                return Token::Flaw("a word is longer than 65536 bytes");
            }
        }
    }

    fn text(&mut self, before: usize, length: usize, after: usize) -> Token {
        let bytes = self.window.bytes().get(before..before + length);
        let text = bytes.map(|bytes| String::from_utf8(bytes.to_vec()));
        let Some(Ok(text)) = text else {
            return Token::Flaw("a string is not UTF-8");
        };
        self.take(before + length + after);
        Token::Text(text)
    }
}
