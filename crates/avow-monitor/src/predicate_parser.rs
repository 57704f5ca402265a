//! Reads a predicate: a whitelist of SQL that means the same in every
//! database, checked against the fields of an event while it is read.
//!
//! The grammar is in `docs/spec/pledge.md`, "Predicates". Whatever is not in
//! it is refused with what to write instead. `AND` and `OR` next to each other
//! need parentheses: who reads a promise must not have to know which binds
//! tighter.

use std::ops::Range;

use avow_event::{Field, FieldKind, INTEGER_MAX, PlaceTable};

use crate::pledge_spelling::nearest;
use crate::predicate_lexer::{Token, tokens};
use crate::predicate_types::{Written, check_comparison, has_order, literal, shorten, takes};
use crate::{Comparison, Diagnostic, Literal, Operand, Predicate};

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
            tokens: tokens(text)?,
            at: 0,
            places,
            tests: 0,
        };
        let predicate = parser.list(0)?;
        let (token, span) = parser.peek();
        if *token == Token::End {
            return Ok(predicate);
        }
        Err(Diagnostic::new(
            span,
            "the predicate should end here, or go on with `AND` or `OR`",
            "not expected",
        ))
    }
}

/// Words that are not fields, whatever their case.
const KEYWORDS: &[&str] = &[
    "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "LIKE", "TRUE", "FALSE",
];

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token<'a>, Range<usize>)>,
    at: usize,
    places: &'a PlaceTable,
    tests: usize,
}

/// A side of a comparison as written.
#[derive(Debug)]
struct Term {
    value: TermValue,
    span: Range<usize>,
}

#[derive(Debug)]
enum TermValue {
    Field(Field),
    Sum(Field, i64),
    Literal(Written),
}

impl Term {
    fn field(&self) -> Option<Field> {
        match self.value {
            TermValue::Field(field) | TermValue::Sum(field, _) => Some(field),
            TermValue::Literal(_) => None,
        }
    }
}

type Parsed<T> = Result<T, Diagnostic>;

impl Parser<'_> {
    fn peek(&self) -> (&Token<'_>, Range<usize>) {
        match self.tokens.get(self.at) {
            Some((token, span)) => (token, span.clone()),
            None => (&Token::End, self.text.len()..self.text.len()),
        }
    }

    fn bump(&mut self) {
        self.at += 1;
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek().0.is(keyword);
        self.at += usize::from(found);
        found
    }

    fn expect_keyword(&mut self, keyword: &str, help: &str) -> Parsed<()> {
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

    fn list(&mut self, depth: usize) -> Parsed<Predicate> {
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
            Predicate::And(parts)
        } else {
            Predicate::Or(parts)
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

    fn unary(&mut self, depth: usize) -> Parsed<Predicate> {
        let (token, span) = self.peek();
        let token = token.clone_kind();
        if depth >= PREDICATE_DEPTH_MAX {
            return Err(Diagnostic::new(
                span,
                format!("parentheses and `NOT` nest at most {PREDICATE_DEPTH_MAX} deep"),
                "too deep",
            ));
        }
        match token {
            Start::Not => {
                self.bump();
                let part = self.unary(depth + 1)?;
                Ok(Predicate::Not(Box::new(part)))
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

    fn close(&mut self, open: Range<usize>, help: &str) -> Parsed<()> {
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

    fn test(&mut self) -> Parsed<Predicate> {
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
            return self.comparison(left, comparison, &span);
        }
        if token.is("IS") {
            self.bump();
            return self.is_null(&left);
        }
        let negated = self.take_keyword("NOT");
        if self.take_keyword("IN") {
            self.membership(&left, negated)
        } else if self.take_keyword("BETWEEN") {
            self.between(left, &span, negated)
        } else if self.take_keyword("LIKE") {
            self.like(&left, negated)
        } else if negated {
            Err(Diagnostic::new(
                self.peek().1,
                "expected `IN`, `BETWEEN` or `LIKE` after `NOT`",
                "not expected",
            ))
        } else {
            self.alone(&left)
        }
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
                // `place 'CN'`: the sign is missing, so point at the gap.
                let span = match token {
                    Token::Text(_) | Token::Integer(_) => next,
                    _ => term.span.clone(),
                };
                Err(Diagnostic::new(
                    span,
                    format!("`{}` has to be compared with something", field.as_str()),
                    "no comparison",
                )
                .help(format!(
                    "write `{0} = …` with {1}, or `{0} IS NOT NULL`",
                    field.as_str(),
                    takes(field.kind())
                )))
            }
            _ => Err(Diagnostic::new(
                term.span.clone(),
                "this has to be compared with something",
                "no comparison",
            )
            .help("write a field, a comparison and a value: `place = 'CN'`")),
        }
    }

    fn comparison(
        &mut self,
        left: Term,
        comparison: Comparison,
        sign: &Range<usize>,
    ) -> Parsed<Predicate> {
        if self.peek().0.is("NULL") {
            let name = left.field().map_or("…", Field::as_str);
            let not = if comparison == Comparison::Equal {
                ""
            } else {
                "NOT "
            };
            return Err(Diagnostic::new(
                sign.start..self.peek().1.end,
                "nothing is equal to NULL, and nothing differs from it",
                "always unknown",
            )
            .help(format!("write `{name} IS {not}NULL`")));
        }
        let right = self.term()?;
        if let (Token::Compare(_), span) = self.peek() {
            return Err(
                Diagnostic::new(span, "a comparison has two sides", "a third side")
                    .help("join two comparisons with `AND`, or write `BETWEEN … AND …`"),
            );
        }
        let field = self.common_field(&left, &right)?;
        check_comparison(field, comparison, sign)?;
        Ok(Predicate::Compare(
            self.operand(left, field)?,
            comparison,
            self.operand(right, field)?,
        ))
    }

    /// The field whose kind both sides have to have.
    fn common_field(&self, left: &Term, right: &Term) -> Parsed<Field> {
        match (left.field(), right.field()) {
            (None, None) => Err(Diagnostic::new(
                left.span.start..right.span.end,
                "this compares two values and no field",
                "the same for every event",
            )
            .help("write a field on one side, or `TRUE` or `FALSE`")),
            (Some(a), Some(b)) if a.kind() != b.kind() => Err(Diagnostic::new(
                right.span.clone(),
                format!("`{}` and `{}` do not compare", a.as_str(), b.as_str()),
                format!("takes {}", takes(b.kind())),
            )
            .help(format!("`{}` takes {}", a.as_str(), takes(a.kind())))),
            (Some(field), _) | (None, Some(field)) => Ok(field),
        }
    }

    fn operand(&self, term: Term, field: Field) -> Parsed<Operand> {
        Ok(match term.value {
            TermValue::Field(field) => Operand::Field(field),
            TermValue::Sum(field, added) => Operand::Sum(field, added),
            TermValue::Literal(written) => {
                Operand::Literal(literal(field, &written, &term.span, self.places)?)
            }
        })
    }

    fn is_null(&mut self, term: &Term) -> Parsed<Predicate> {
        let negated = self.take_keyword("NOT");
        let field = self.plain_field(term, "IS NULL")?;
        let name = field.as_str();
        let help = if field.kind() == FieldKind::Boolean {
            format!("write `{name} = TRUE`, `{name} = FALSE` or `{name} IS NULL`")
        } else {
            format!("write `{name} IS NULL` or `{name} IS NOT NULL`")
        };
        self.expect_keyword("NULL", &help)?;
        Ok(Predicate::IsNull { field, negated })
    }

    fn plain_field(&self, term: &Term, before: &str) -> Parsed<Field> {
        match term.value {
            TermValue::Field(field) => Ok(field),
            _ => Err(Diagnostic::new(
                term.span.clone(),
                format!("`{before}` takes a field on its left"),
                "not a field",
            )),
        }
    }

    fn membership(&mut self, term: &Term, negated: bool) -> Parsed<Predicate> {
        let field = self.plain_field(term, "IN")?;
        if field.kind() == FieldKind::Boolean {
            return Err(Diagnostic::new(
                term.span.clone(),
                format!("`{}` is a truth value", field.as_str()),
                "a truth value",
            )
            .help("write it by itself, or with `NOT`"));
        }
        let (token, open) = self.peek();
        let values = match token {
            Token::Open => {
                self.bump();
                self.values(field, open)?
            }
            Token::Word(name) => {
                let values = self.group(field, name, &open)?;
                self.bump();
                values
            }
            _ => {
                return Err(Diagnostic::new(open, "expected `(` here", "not expected")
                    .help("write `IN ('…', '…')`, or `IN` and the name of a group of places"));
            }
        };
        Ok(Predicate::In {
            field,
            values,
            negated,
        })
    }

    fn values(&mut self, field: Field, open: Range<usize>) -> Parsed<Vec<Literal>> {
        let mut values = Vec::new();
        loop {
            let term = self.term()?;
            let TermValue::Literal(written) = &term.value else {
                return Err(
                    Diagnostic::new(term.span, "`IN` takes values, not fields", "a field")
                        .help("text stands in single quotes; compare fields with `=`"),
                );
            };
            values.push(literal(field, written, &term.span, self.places)?);
            if values.len() > IN_VALUES_MAX {
                return Err(Diagnostic::new(
                    term.span,
                    format!("`IN` takes at most {IN_VALUES_MAX} values"),
                    "one too many",
                ));
            }
            if *self.peek().0 != Token::Comma {
                break;
            }
            self.bump();
        }
        self.close(open, "separate the values by commas")?;
        Ok(values)
    }

    fn group(&self, field: Field, name: &str, span: &Range<usize>) -> Parsed<Vec<Literal>> {
        let Some(members) = self.places.group(name) else {
            let mut groups: Vec<&str> = self.places.group_names().collect();
            groups.sort_unstable();
            let message = format!("there is no group of places `{}`", shorten(name));
            let diagnostic = Diagnostic::new(span.clone(), message, "no such group");
            return Err(if groups.is_empty() {
                diagnostic.help("the place table has no groups: write `IN ('…', '…')`")
            } else {
                diagnostic.help(format!(
                    "the groups of the place table are {}; values stand in parentheses: `IN ('…', '…')`",
                    groups.join(", ")
                ))
            });
        };
        if field.kind() != FieldKind::Place {
            return Err(Diagnostic::new(
                span.clone(),
                format!(
                    "`{}` is not a place, and `{name}` is a group of places",
                    field.as_str()
                ),
                "a group of places",
            ));
        }
        Ok(members
            .iter()
            .map(|place| Literal::Text(place.as_str().to_owned()))
            .collect())
    }

    fn between(&mut self, value: Term, word: &Range<usize>, negated: bool) -> Parsed<Predicate> {
        let low = self.term()?;
        self.expect_keyword("AND", "write `BETWEEN low AND high`")?;
        let high = self.term()?;
        let Some(field) = value.field() else {
            return Err(Diagnostic::new(
                value.span,
                "`BETWEEN` takes a field on its left",
                "not a field",
            ));
        };
        if !has_order(field) {
            check_comparison(field, Comparison::Less, word)?;
        }
        self.common_field(&value, &low)?;
        self.common_field(&value, &high)?;
        Ok(Predicate::Between {
            value: self.operand(value, field)?,
            low: self.operand(low, field)?,
            high: self.operand(high, field)?,
            negated,
        })
    }

    fn like(&mut self, term: &Term, negated: bool) -> Parsed<Predicate> {
        let field = self.plain_field(term, "LIKE")?;
        if field.kind() != FieldKind::Text {
            return Err(Diagnostic::new(
                term.span.clone(),
                format!("`{}` is not free text", field.as_str()),
                format!("takes {}", takes(field.kind())),
            )
            .help("use `=` or `IN`"));
        }
        let (token, span) = self.peek();
        let Token::Text(pattern) = token else {
            return Err(Diagnostic::new(
                span,
                "expected text in single quotes after `LIKE`",
                "not expected",
            )
            .help("write what it begins with, then `%`: `LIKE 'Create%'`"));
        };
        let name = field.as_str();
        let problem = match pattern.strip_suffix('%') {
            None => Some(format!(
                "to compare the whole text write `{name} = '…'`; for a beginning end with `%`: `LIKE 'Create%'`"
            )),
            Some("") => Some(format!("write `{name} IS NOT NULL`")),
            Some(prefix) if prefix.contains('%') => {
                Some("`%` stands once, at the end: `LIKE 'Create%'`".to_owned())
            }
            Some(prefix) if prefix.contains('_') => Some(
                "`_` means any character there; end the text before it: `LIKE 'Create%'`"
                    .to_owned(),
            ),
            Some(_) => None,
        };
        if let Some(help) = problem {
            return Err(Diagnostic::new(
                span,
                "`LIKE` compares the beginning of a text",
                "not a beginning and `%`",
            )
            .help(help));
        }
        let prefix = pattern.strip_suffix('%').unwrap_or(pattern).to_owned();
        self.bump();
        if self.peek().0.is("ESCAPE") {
            return Err(Diagnostic::new(
                self.peek().1,
                "`LIKE` has no `ESCAPE` here",
                "not in the language",
            ));
        }
        Ok(Predicate::HasPrefix {
            field,
            prefix,
            negated,
        })
    }

    fn term(&mut self) -> Parsed<Term> {
        let (token, span) = self.peek();
        let value = match token {
            Token::Text(text) => TermValue::Literal(Written::Text(text.clone())),
            Token::Integer(n) => TermValue::Literal(Written::Integer(*n)),
            Token::Minus => return self.negative(span),
            Token::Word(_) if token.is("TRUE") => TermValue::Literal(Written::Boolean(true)),
            Token::Word(_) if token.is("FALSE") => TermValue::Literal(Written::Boolean(false)),
            Token::Word(word) => match Field::from_name(word) {
                Some(field) => TermValue::Field(field),
                None => return Err(self.no_field(word, span)),
            },
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
        self.sum(Term { value, span })
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
            .help("compare fields with values");
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
        match nearest(word, fields) {
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
fn add_part(parts: &mut Vec<Predicate>, part: Predicate, all: bool) {
    match part {
        Predicate::And(inner) if all => parts.extend(inner),
        Predicate::Or(inner) if !all => parts.extend(inner),
        part => parts.push(part),
    }
}
