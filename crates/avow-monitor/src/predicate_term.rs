//! Reads the sides of a comparison: a field, a field with something added, or
//! a value.

use std::ops::Range;

use avow_event::{Field, FieldKind, INTEGER_MAX};

use crate::pledge_advice::instead_in_predicate;
use crate::pledge_spelling::{containing, nearest};
use crate::predicate_lexer::Token;
use crate::predicate_parser::{About, Parsed, Parser};
use crate::predicate_types::{Written, shorten};
use crate::{Diagnostic, Side};

/// Words that are not fields, whatever their case.
const KEYWORDS: &[&str] = &[
    "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "LIKE", "TRUE", "FALSE",
];

/// A side of a comparison as written.
#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) value: TermValue,
    /// Whose field it is; `None` for a value.
    pub(crate) side: Option<Side>,
    pub(crate) span: Range<usize>,
}

#[derive(Debug)]
pub(crate) enum TermValue {
    Field(Field),
    Sum(Field, i64),
    Literal(Written),
}

impl Term {
    pub(crate) fn field(&self) -> Option<Field> {
        match self.value {
            TermValue::Field(field) | TermValue::Sum(field, _) => Some(field),
            TermValue::Literal(_) => None,
        }
    }
}

impl Parser<'_> {
    pub(crate) fn term(&mut self) -> Parsed<Term> {
        let (token, span) = self.peek();
        let value = match token {
            Token::Text(text) => TermValue::Literal(Written::Text(text.clone())),
            Token::Integer(n) => TermValue::Literal(Written::Integer(*n)),
            Token::Minus => return self.negative(span),
            Token::Word(_) if token.is("TRUE") => TermValue::Literal(Written::Boolean(true)),
            Token::Word(_) if token.is("FALSE") => TermValue::Literal(Written::Boolean(false)),
            Token::Word(_) => return self.field_term(),
            Token::End => {
                let message = if self.tokens.len() == 1 {
                    "the predicate is empty"
                } else {
                    "the predicate ends too early"
                };
                return Err(Diagnostic::new(span, message, "nothing follows")
                    .help("write a condition, for example `place = 'CN'`"));
            }
            _ => {
                return Err(Diagnostic::new(
                    span,
                    "expected a field or a value here",
                    "not expected",
                ));
            }
        };
        self.bump();
        self.sum(Term {
            value,
            side: None,
            span,
        })
    }

    /// A field: by itself, or with its event before it.
    fn field_term(&mut self) -> Parsed<Term> {
        let (side, start) = match self.about {
            About::OneEvent => (Side::This, self.peek().1.start),
            About::TwoEvents => self.event()?,
        };
        let (token, span) = self.peek();
        let Token::Word(word) = token else {
            let side = side.as_str();
            let message = format!("expected a field after `{side}.`");
            return Err(Diagnostic::new(span, message, "not expected")
                .help(format!("write its name, for example `{side}.actor`")));
        };
        let Some(field) = Field::from_name(word) else {
            return Err(self.no_field(word, span));
        };
        self.bump();
        self.sum(Term {
            value: TermValue::Field(field),
            side: Some(side),
            span: start..span.end,
        })
    }

    /// `this.` or `that.`
    fn event(&mut self) -> Parsed<(Side, usize)> {
        let (token, span) = self.peek();
        let Token::Word(word) = token else {
            return Err(Diagnostic::new(
                span,
                "expected a field here",
                "not expected",
            ));
        };
        let side = [Side::This, Side::That]
            .into_iter()
            .find(|side| side.as_str() == *word);
        let dot = matches!(self.tokens.get(self.at + 1), Some((Token::Dot, _)));
        let Some(side) = side.filter(|_| dot) else {
            return Err(self.no_event(word, span, dot));
        };
        self.bump();
        self.bump();
        Ok((side, span.start))
    }

    fn no_event(&self, word: &str, span: Range<usize>, dot: bool) -> Diagnostic {
        const HELP: &str =
            "`this` is the event with `when`, `that` the other one: `that.actor <> this.actor`";
        if dot {
            let message = format!("there is no event `{}`", shorten(word));
            Diagnostic::new(span, message, "neither `this` nor `that`").help(HELP)
        } else if word == "this" || word == "that" {
            let message = format!("`{word}` is an event, and only its fields compare");
            Diagnostic::new(span, message, "no field").help(format!("write `{word}.actor`"))
        } else if Field::from_name(word).is_some() {
            let message = format!("of which event is this `{word}`?");
            Diagnostic::new(span, message, "of this or of that?").help(format!(
                "write `this.{word}` for the event with `when`, `that.{word}` for the other one"
            ))
        } else {
            self.no_field(word, span)
        }
    }

    fn negative(&mut self, minus: Range<usize>) -> Parsed<Term> {
        self.bump();
        let (token, span) = self.peek();
        let Token::Integer(n) = *token else {
            return Err(
                Diagnostic::new(span, "expected an integer after `-`", "not expected")
                    .help("write a minus before an integer only"),
            );
        };
        self.bump();
        self.sum(Term {
            value: TermValue::Literal(Written::Integer(-n)),
            side: None,
            span: minus.start..span.end,
        })
    }

    /// What is added to a field or taken away.
    fn sum(&mut self, mut term: Term) -> Parsed<Term> {
        loop {
            let (token, sign) = self.peek();
            let minus = match token {
                Token::Plus => false,
                Token::Minus => true,
                _ => return Ok(term),
            };
            let (field, before) = match term.value {
                TermValue::Field(field) => (field, 0),
                TermValue::Sum(field, before) => (field, before),
                TermValue::Literal(_) => {
                    return Err(Diagnostic::new(
                        sign,
                        "only an integer field can stand before `+` and `-`",
                        "not after a value",
                    )
                    .help("write the field first: `quantity + 1`"));
                }
            };
            if field.kind() != FieldKind::Integer {
                let diagnostic = Diagnostic::new(
                    sign,
                    format!("`{}` is not an integer", field.as_str()),
                    "only for integers",
                );
                return Err(if field.kind() == FieldKind::Time {
                    diagnostic.help("state the time allowed with `within`")
                } else {
                    diagnostic
                });
            }
            self.bump();
            let (token, span) = self.peek();
            let Token::Integer(n) = *token else {
                return Err(Diagnostic::new(
                    span,
                    "expected an integer after `+` or `-`",
                    "not expected",
                )
                .help("only a constant can be added: `quantity + 1`"));
            };
            self.bump();
            // Each is at most 2^53 - 1, and so is their sum kept.
            let added = if minus { before - n } else { before + n };
            if added.unsigned_abs() > INTEGER_MAX {
                return Err(Diagnostic::new(
                    span,
                    format!("an integer is at most {INTEGER_MAX}"),
                    "too great a sum",
                ));
            }
            term = Term {
                side: term.side,
                span: term.span.start..span.end,
                value: TermValue::Sum(field, added),
            };
        }
    }

    fn no_field(&self, word: &str, span: Range<usize>) -> Diagnostic {
        if KEYWORDS
            .iter()
            .any(|keyword| word.eq_ignore_ascii_case(keyword))
        {
            let message = format!("expected a field or a value, not `{word}`");
            return Diagnostic::new(span, message, "not expected");
        }
        if matches!(self.tokens.get(self.at + 1), Some((Token::Open, _))) {
            return Diagnostic::new(
                span,
                format!("there are no functions, so no `{}`", shorten(word)),
                "a function",
            )
            .help(instead_in_predicate(word).unwrap_or("compare fields with values"));
        }
        if let Some(help) = instead_in_predicate(word) {
            let message = format!("`{}` does not belong in a predicate", shorten(word));
            return Diagnostic::new(span, message, "not part of the language").help(help);
        }
        if self.places.group(word).is_some() {
            return Diagnostic::new(span, format!("`{word}` is a group of places"), "a group")
                .help(format!("write `place IN {word}` or `place NOT IN {word}`"));
        }
        let fields = Field::ALL.iter().map(|field| field.as_str());
        let after_sign = self
            .at
            .checked_sub(1)
            .and_then(|before| self.tokens.get(before))
            .is_some_and(|(token, _)| {
                matches!(token, Token::Compare(_) | Token::Comma | Token::Open)
            });
        let diagnostic = Diagnostic::new(
            span,
            format!("there is no field `{}`", shorten(word)),
            "no such field",
        );
        let near = nearest(word, fields.clone());
        let near = near.or_else(|| containing(word, fields).filter(|_| !after_sign));
        match near {
            Some(near) if !after_sign || near.eq_ignore_ascii_case(word) => {
                diagnostic.help(format!("did you mean `{near}`?"))
            }
            _ if after_sign => diagnostic.help(format!(
                "text stands in single quotes: `'{}'`",
                shorten(word)
            )),
            _ => diagnostic.help("the fields are listed in docs/spec/event.md"),
        }
    }
}
