//! Reads a predicate: a whitelist of SQL that means the same in every
//! database, checked against the fields of an event while it is read.
//!
//! The grammar is in `docs/spec/pledge.md`, "Predicates". Whatever is not in
//! it is refused with what to write instead. `AND` and `OR` next to each other
//! need parentheses: who reads a promise must not have to know which binds
//! tighter.

use std::ops::Range;

use avow_event::{FieldKind, PlaceTable};

use crate::pledge_advice::instead_in_predicate;
use crate::predicate_lexer::{Token, tokens};
use crate::predicate_term::{Term, TermValue};
use crate::predicate_types::{Written, shorten, takes};
use crate::{Diagnostic, PairCondition, Predicate, Side};

/// The longest predicate: about three pages of text, more than a reader can
/// check; and it bounds the memory that one needs.
pub(crate) const PREDICATE_BYTES_MAX: usize = 8_192;
/// The deepest nesting of parentheses and `NOT`. Reading takes a few hundred
/// bytes of stack a level, so that even a stack of 64 KiB suffices.
pub(crate) const PREDICATE_DEPTH_MAX: usize = 32;
/// The most conditions. SQLite's parser allows an expression 1,000 levels
/// deep, and a chain of `AND` is as deep as it is long.
pub(crate) const PREDICATE_TESTS_MAX: usize = 256;
/// The most values after `IN`: all 250 places fit.
pub(crate) const IN_VALUES_MAX: usize = 256;

impl Predicate {
    /// Reads a predicate; the diagnostic's span lies in `text`.
    ///
    /// # Errors
    /// Anything that is not in the language, with what to write instead.
    pub fn parse(text: &str, places: &PlaceTable) -> Result<Self, Diagnostic> {
        let condition = parse(text, places, About::OneEvent)?;
        one(condition).ok_or_else(|| {
            Diagnostic::new(0..text.len(), "a predicate is about one event", "about two")
        })
    }
}

impl PairCondition {
    /// Reads a condition on two events; the diagnostic's span lies in `text`.
    ///
    /// # Errors
    /// Anything that is not in the language, with what to write instead.
    pub fn parse(text: &str, places: &PlaceTable) -> Result<Self, Diagnostic> {
        let condition = parse(text, places, About::TwoEvents)?;
        if condition.has_cross() {
            return Ok(condition);
        }
        Err(Diagnostic::new(
            0..text.len(),
            "nothing here compares one event with the other",
            "about one event only",
        )
        .help("compare a field of both: `that.actor <> this.actor`; a condition on one event belongs into its own predicate, without `this.` and `that.`"))
    }
}

/// How many events a condition is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// A field is written by itself.
    OneEvent,
    /// A field is written with its event: `this.actor`, `that.actor`.
    TwoEvents,
}

fn parse(text: &str, places: &PlaceTable, about: About) -> Parsed<PairCondition> {
    if text.len() > PREDICATE_BYTES_MAX {
        return Err(Diagnostic::new(
            0..0,
            format!("a predicate has at most {PREDICATE_BYTES_MAX} bytes"),
            "too long",
        )
        .help("split the commitment into several"));
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text, about)?,
        at: 0,
        places,
        tests: 0,
        about,
    };
    let condition = parser.list(0)?;
    let (token, span) = parser.peek();
    if *token == Token::End {
        return Ok(condition);
    }
    Err(Diagnostic::new(
        span,
        "the predicate should end here, or go on with `AND` or `OR`",
        "not expected",
    ))
}

/// The same as a condition on one event; `None` if it compares two.
fn one(condition: PairCondition) -> Option<Predicate> {
    let every = |parts: Vec<PairCondition>| parts.into_iter().map(one).collect::<Option<Vec<_>>>();
    Some(match condition {
        PairCondition::One(_, predicate) => predicate,
        PairCondition::Cross { .. } => return None,
        PairCondition::And(parts) => Predicate::And(every(parts)?),
        PairCondition::Or(parts) => Predicate::Or(every(parts)?),
        PairCondition::Not(part) => Predicate::Not(Box::new(one(*part)?)),
    })
}

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: Vec<(Token<'a>, Range<usize>)>,
    pub(crate) at: usize,
    pub(crate) places: &'a PlaceTable,
    pub(crate) tests: usize,
    pub(crate) about: About,
}

pub(crate) type Parsed<T> = Result<T, Diagnostic>;

impl Parser<'_> {
    pub(crate) fn peek(&self) -> (&Token<'_>, Range<usize>) {
        match self.tokens.get(self.at) {
            Some((token, span)) => (token, span.clone()),
            None => (&Token::End, self.text.len()..self.text.len()),
        }
    }

    /// The text of a term.
    pub(crate) fn written(&self, term: &Term) -> &str {
        self.text.get(term.span.clone()).unwrap_or("…")
    }

    pub(crate) fn bump(&mut self) {
        self.at += 1;
    }

    pub(crate) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek().0.is(keyword);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect_keyword(&mut self, keyword: &str, help: &str) -> Parsed<()> {
        if self.take_keyword(keyword) {
            return Ok(());
        }
        let message = format!("expected `{keyword}` here");
        Err(Diagnostic::new(self.peek().1, message, "not expected").help(help))
    }

    /// Where the token before this one ended.
    fn end_before(&self) -> usize {
        self.at
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before))
            .map_or(0, |(_, span)| span.end)
    }

    /// `AND` (true) or `OR` (false), if that comes next.
    fn connective(&self) -> Option<bool> {
        let token = self.peek().0;
        if token.is("AND") {
            Some(true)
        } else if token.is("OR") {
            Some(false)
        } else {
            None
        }
    }

    fn list(&mut self, depth: usize) -> Parsed<PairCondition> {
        let start = self.peek().1.start;
        let first = self.unary(depth)?;
        let Some(all) = self.connective() else {
            return Ok(first);
        };
        let mut parts = Vec::new();
        add_part(&mut parts, first, all);
        while let Some(next) = self.connective() {
            if next != all {
                return Err(self.mixed(start, all));
            }
            self.bump();
            let part = self.unary(depth)?;
            add_part(&mut parts, part, all);
        }
        Ok(if all {
            PairCondition::And(parts)
        } else {
            PairCondition::Or(parts)
        })
    }

    fn mixed(&self, start: usize, all: bool) -> Diagnostic {
        /// Longer ones would hide the point.
        const SHOWN_BYTES: usize = 100;
        let (first, second) = if all { ("AND", "OR") } else { ("OR", "AND") };
        let before = self
            .text
            .get(start..self.end_before())
            .filter(|before| before.len() <= SHOWN_BYTES && !before.contains('\n'))
            .map_or_else(|| format!("… {first} …"), ToOwned::to_owned);
        Diagnostic::new(
            self.peek().1,
            "`AND` and `OR` next to each other can be read in two ways",
            format!("follows `{first}`"),
        )
        .help(format!(
            "write `({before}) {second} …`, or put the parentheses where the promise has them"
        ))
    }

    fn unary(&mut self, depth: usize) -> Parsed<PairCondition> {
        let (token, span) = self.peek();
        let token = token.clone_kind();
        if depth >= PREDICATE_DEPTH_MAX {
            return Err(Diagnostic::new(
                span,
                format!("parentheses and `NOT` nest at most {PREDICATE_DEPTH_MAX} deep"),
                "too deep",
            )
            .help("write it flat: `NOT (a OR b)` is `NOT a AND NOT b`; or split the commitment"));
        }
        match token {
            Start::Not => {
                self.bump();
                let part = self.unary(depth + 1)?;
                Ok(PairCondition::Not(Box::new(part)))
            }
            Start::Open => {
                self.bump();
                let inner = self.list(depth + 1)?;
                self.close(span, "write conditions between parentheses, not values")?;
                Ok(inner)
            }
            Start::Other => self.test(),
        }
    }

    pub(crate) fn close(&mut self, open: Range<usize>, help: &str) -> Parsed<()> {
        let (token, span) = self.peek();
        match token {
            Token::Close => {
                self.bump();
                Ok(())
            }
            Token::End => Err(Diagnostic::new(
                open,
                "this parenthesis is not closed",
                "opens here",
            )),
            _ => Err(Diagnostic::new(span, "expected `)` here", "not expected").help(help)),
        }
    }

    fn test(&mut self) -> Parsed<PairCondition> {
        self.tests += 1;
        if self.tests > PREDICATE_TESTS_MAX {
            return Err(Diagnostic::new(
                self.peek().1,
                format!("a predicate has at most {PREDICATE_TESTS_MAX} conditions"),
                "one too many",
            )
            .help("split the commitment into several"));
        }
        let left = self.term()?;
        let (token, span) = self.peek();
        if let Token::Compare(comparison) = *token {
            self.bump();
            return self.comparison(&left, comparison, &span);
        }
        let side = left.side.unwrap_or(Side::This);
        if token.is("IS") {
            self.bump();
            return Ok(PairCondition::One(side, self.is_null(&left)?));
        }
        let negated = self.take_keyword("NOT");
        let test = if self.take_keyword("IN") {
            self.membership(&left, negated)?
        } else if self.take_keyword("BETWEEN") {
            return self.between(&left, &span, negated);
        } else if self.take_keyword("LIKE") {
            self.like(&left, negated)?
        } else if negated {
            return Err(Diagnostic::new(
                self.peek().1,
                "expected `IN`, `BETWEEN` or `LIKE` after `NOT`",
                "not expected",
            ));
        } else {
            self.alone(&left)?
        };
        Ok(PairCondition::One(side, test))
    }

    /// A condition that is a value by itself.
    fn alone(&self, term: &Term) -> Parsed<Predicate> {
        match &term.value {
            TermValue::Literal(Written::Boolean(value)) => Ok(Predicate::Constant(*value)),
            TermValue::Field(field) if field.kind() == FieldKind::Boolean => {
                Ok(Predicate::Holds(*field))
            }
            TermValue::Field(field) => {
                let (token, next) = self.peek();
                if let Token::Word(word) = token
                    && self.connective().is_none()
                {
                    return Err(no_comparison(word, next));
                }
                // `place 'CN'`: the sign is missing, so point at the gap.
                let span = match token {
                    Token::Text(_) | Token::Integer(_) => next,
                    _ => term.span.clone(),
                };
                Err(Diagnostic::new(
                    span,
                    format!("`{}` has to be compared with something", self.written(term)),
                    "no comparison",
                )
                .help(format!(
                    "write `{0} = …` with {1}, or `{0} IS NOT NULL`",
                    self.written(term),
                    takes(field.kind())
                )))
            }
            _ => {
                let before = self.at.checked_sub(2).and_then(|at| self.tokens.get(at));
                let in_list = before.is_some_and(|(token, _)| token.is("AND") || token.is("OR"));
                Err(Diagnostic::new(
                    term.span.clone(),
                    "this has to be compared with something",
                    "no comparison",
                )
                .help(if in_list {
                    "repeat the field: `place = 'CN' OR place = 'HK'`; or write `place IN ('CN', 'HK')`"
                } else {
                    "write a field, a comparison and a value: `place = 'CN'`"
                }))
            }
        }
    }
}

/// What is said about a word that stands where a comparison should.
fn no_comparison(word: &str, span: Range<usize>) -> Diagnostic {
    let message = format!("there is no comparison `{}`", shorten(word));
    Diagnostic::new(span, message, "not part of the language").help(
        instead_in_predicate(word).unwrap_or(
            "the comparisons are `=`, `<>`, `<`, `<=`, `>`, `>=`, `IN`, `BETWEEN`, `LIKE` and `IS NULL`",
        ),
    )
}

/// What a condition begins with.
enum Start {
    Not,
    Open,
    Other,
}

impl Token<'_> {
    fn clone_kind(&self) -> Start {
        match self {
            Token::Open => Start::Open,
            token if token.is("NOT") => Start::Not,
            _ => Start::Other,
        }
    }
}

/// `a AND (b AND c)` is one list of three.
fn add_part(parts: &mut Vec<PairCondition>, part: PairCondition, all: bool) {
    match part {
        PairCondition::And(inner) if all => parts.extend(inner),
        PairCondition::Or(inner) if !all => parts.extend(inner),
        part => parts.push(part),
    }
}
