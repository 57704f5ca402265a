//! The words of a predicate: names, texts, integers and signs.

use std::ops::Range;

use avow_event::{INTEGER_MAX, STRING_BYTES_MAX};

use crate::predicate_parser::About;
use crate::{Comparison, Diagnostic};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A field, a group or a keyword.
    Word(&'a str),
    /// What stands between single quotes.
    Text(String),
    /// Digits.
    Integer(i64),
    Compare(Comparison),
    Open,
    Close,
    Comma,
    Plus,
    Minus,
    /// Between an event and its field.
    Dot,
    /// The end of the predicate.
    End,
}

impl Token<'_> {
    /// Whether it is that keyword; case does not matter.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// Cuts a predicate into tokens; the last one is [`Token::End`].
pub(crate) fn tokens(
    text: &str,
    about: About,
) -> Result<Vec<(Token<'_>, Range<usize>)>, Diagnostic> {
    let mut lexer = Lexer { text, at: 0, about };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((token, start..lexer.at));
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    about: About,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.at += rest.len() - trimmed.len();
    }

    /// Takes the longest start of the rest whose characters are accepted.
    fn take(&mut self, accepted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accepted(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn token(&mut self) -> Result<Token<'a>, Diagnostic> {
        let Some(first) = self.rest().chars().next() else {
            return Ok(Token::End);
        };
        match first {
            '\'' => self.quoted(),
            '0'..='9' => self.integer(),
            '.' if self.about == About::TwoEvents => {
                self.at += 1;
                Ok(Token::Dot)
            }
            'a'..='z' | 'A'..='Z' | '_' => Ok(Token::Word(
                self.take(|c| c.is_ascii_alphanumeric() || c == '_'),
            )),
            _ => self.sign(first),
        }
    }

    fn sign(&mut self, first: char) -> Result<Token<'a>, Diagnostic> {
        const WRONG: &[(&str, &str, &str)] = &[
            ("!=", "`!=` is not SQL", "write `<>`"),
            ("==", "`==` is not SQL", "write `=`"),
            ("&&", "`&&` is not SQL", "write `AND`"),
            (
                "||",
                "`||` is not in the language",
                "write `OR` between conditions",
            ),
            (
                "--",
                "a predicate has no comments",
                "put the comment on a line of its own, after `#`",
            ),
            (
                "/*",
                "a predicate has no comments",
                "put the comment on a line of its own, after `#`",
            ),
        ];
        const RIGHT: &[(&str, Token<'static>)] = &[
            ("<>", Token::Compare(Comparison::NotEqual)),
            ("<=", Token::Compare(Comparison::LessOrEqual)),
            (">=", Token::Compare(Comparison::GreaterOrEqual)),
            ("=", Token::Compare(Comparison::Equal)),
            ("<", Token::Compare(Comparison::Less)),
            (">", Token::Compare(Comparison::Greater)),
            ("(", Token::Open),
            (")", Token::Close),
            (",", Token::Comma),
            ("+", Token::Plus),
            ("-", Token::Minus),
        ];
        for (sign, message, help) in WRONG {
            if self.rest().starts_with(sign) {
                let span = self.at..self.at + sign.len();
                return Err(Diagnostic::new(span, *message, "here").help(*help));
            }
        }
        for (sign, token) in RIGHT {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                return Ok(token.clone());
            }
        }
        let span = self.at..self.at + first.len_utf8();
        let label = "not part of the language";
        let shown = if first.is_control() {
            first.escape_default().to_string()
        } else {
            first.to_string()
        };
        let message = format!("`{shown}` does not belong in a predicate");
        Err(match instead(first) {
            Some(help) => Diagnostic::new(span, message, label).help(help),
            None => Diagnostic::new(span, message, label),
        })
    }

    fn integer(&mut self) -> Result<Token<'a>, Diagnostic> {
        let start = self.at;
        let digits = self.take(|c| c.is_ascii_digit());
        let tail = self.take(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let span = start..self.at;
        if !tail.is_empty() {
            return Err(Diagnostic::new(
                span,
                format!("`{digits}{tail}` is not an integer"),
                "not an integer",
            )
            .help("write digits only; text stands in single quotes"));
        }
        digits
            .parse::<u64>()
            .ok()
            .filter(|n| *n <= INTEGER_MAX)
            .and_then(|n| i64::try_from(n).ok())
            .map(Token::Integer)
            .ok_or_else(|| {
                Diagnostic::new(
                    span,
                    format!("an integer is at most {INTEGER_MAX}"),
                    "too great",
                )
            })
    }

    fn quoted(&mut self) -> Result<Token<'a>, Diagnostic> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            value.push_str(self.take(|c| c != '\''));
            if self.rest().starts_with("''") {
                value.push('\'');
                self.at += 2;
            } else if self.rest().starts_with('\'') {
                self.at += 1;
                break;
            } else {
                return Err(Diagnostic::new(
                    start..start + 1,
                    "this text has no end",
                    "opens here",
                )
                .help("close it with `'`; a quote inside is written twice: `'it''s'`"));
            }
        }
        let span = start..self.at;
        if value.len() > STRING_BYTES_MAX {
            return Err(Diagnostic::new(
                span,
                format!(
                    "no field holds more than {STRING_BYTES_MAX} bytes, so this is never equal"
                ),
                "too long",
            ));
        }
        if value.chars().any(char::is_control) {
            return Err(Diagnostic::new(
                span,
                "no field holds control characters, so this is never equal",
                "has a control character or line end",
            ));
        }
        if value.contains('\\') {
            return Err(Diagnostic::new(
                span,
                "a backslash means different things to different databases",
                "has a backslash",
            )
            .help("compare another field, or use `LIKE` with what stands before the backslash"));
        }
        Ok(Token::Text(value))
    }
}

/// What a wrong sign probably stands for.
fn instead(wrong: char) -> Option<&'static str> {
    Some(match wrong {
        '"' => "text stands in single quotes: `'CN'`",
        '\u{2018}' | '\u{2019}' | '\u{201C}' | '\u{201D}' | '\u{300C}' | '\u{300D}' => {
            "write the straight quote `'`; a word processor has changed it"
        }
        '`' => "write the field's name without quotes",
        '\u{FF1D}' => "write the ASCII sign `=`",
        '\u{FF08}' | '\u{FF09}' => "write the ASCII signs `(` and `)`",
        '\u{FF0C}' | '\u{3001}' => "write the ASCII sign `,`",
        '\u{FF1C}' | '\u{FF1E}' | '\u{2260}' | '\u{2264}' | '\u{2265}' => {
            "write `<`, `>`, `<>`, `<=` or `>=`"
        }
        '*' | '/' | '%' | '^' => "integers can be added and subtracted, nothing else",
        '!' => "write `NOT`",
        '~' => {
            "there are no regular expressions: compare the beginning with `LIKE 'Create%'`, or list the values with `IN`"
        }
        '|' => "write `OR`",
        '&' => "write `AND`",
        ';' => "a predicate is one condition, without a semicolon",
        '.' => {
            "every predicate is about one event: write the field's name alone; what compares two events goes into `where`"
        }
        _ => return None,
    })
}
