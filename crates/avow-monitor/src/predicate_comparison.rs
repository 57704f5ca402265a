//! Reads what follows the first field or value of a condition: a comparison,
//! `IS NULL`, `IN`, `BETWEEN` or `LIKE`.

use std::ops::Range;

use avow_event::{Field, FieldKind, INTEGER_MAX};

use crate::predicate_lexer::Token;
use crate::predicate_parser::{IN_VALUES_MAX, Parsed, Parser};
use crate::predicate_term::{Term, TermValue};
use crate::predicate_types::{check_comparison, has_order, literal, shorten, takes};
use crate::{Comparison, Diagnostic, Literal, Operand, PairCondition, Predicate, Side};

impl Parser<'_> {
    pub(crate) fn comparison(
        &mut self,
        left: &Term,
        comparison: Comparison,
        sign: &Range<usize>,
    ) -> Parsed<PairCondition> {
        if self.peek().0.is("NULL") {
            let name = left.field().map_or("…", |_| self.written(left));
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
        let field = self.common_field(left, &right)?;
        check_comparison(field, comparison, sign)?;
        self.compared(left, comparison, &right)
    }

    /// The comparison of two sides whose kinds agree.
    fn compared(&self, left: &Term, comparison: Comparison, right: &Term) -> Parsed<PairCondition> {
        if let (Some(of_left), Some(of_right)) = (left.side, right.side)
            && of_left != of_right
        {
            return match of_left {
                Side::This => cross(left, comparison, right),
                Side::That => cross(right, comparison.turned(), left),
            };
        }
        let field = self.common_field(left, right)?;
        let side = left.side.or(right.side).unwrap_or(Side::This);
        let test = Predicate::Compare(
            self.operand(left, field)?,
            comparison,
            self.operand(right, field)?,
        );
        Ok(PairCondition::One(side, test))
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

    fn operand(&self, term: &Term, field: Field) -> Parsed<Operand> {
        Ok(match &term.value {
            TermValue::Field(field) => Operand::Field(*field),
            TermValue::Sum(field, added) => Operand::Sum(*field, *added),
            TermValue::Literal(written) => {
                Operand::Literal(literal(field, written, &term.span, self.places)?)
            }
        })
    }

    pub(crate) fn is_null(&mut self, term: &Term) -> Parsed<Predicate> {
        let negated = self.take_keyword("NOT");
        let field = self.plain_field(term, "IS NULL")?;
        let name = self.written(term);
        let help = if self.peek().0.is("IN") {
            format!("write `{name} IN …`, without `IS`")
        } else if field.kind() == FieldKind::Boolean {
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

    pub(crate) fn membership(&mut self, term: &Term, negated: bool) -> Parsed<Predicate> {
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

    pub(crate) fn between(
        &mut self,
        value: &Term,
        word: &Range<usize>,
        negated: bool,
    ) -> Parsed<PairCondition> {
        let low = self.term()?;
        self.expect_keyword("AND", "write `BETWEEN low AND high`")?;
        let high = self.term()?;
        let Some(field) = value.field() else {
            return Err(Diagnostic::new(
                value.span.clone(),
                "`BETWEEN` takes a field on its left",
                "not a field",
            ));
        };
        if !has_order(field) {
            check_comparison(field, Comparison::Less, word)?;
        }
        self.common_field(value, &low)?;
        self.common_field(value, &high)?;
        let other = |term: &Term| term.side.is_some() && term.side != value.side;
        if other(&low) || other(&high) {
            // SQL defines it so; only the parts can be about two events.
            let inside = PairCondition::And(vec![
                self.compared(value, Comparison::GreaterOrEqual, &low)?,
                self.compared(value, Comparison::LessOrEqual, &high)?,
            ]);
            return Ok(match negated {
                true => PairCondition::Not(Box::new(inside)),
                false => inside,
            });
        }
        let test = Predicate::Between {
            value: self.operand(value, field)?,
            low: self.operand(&low, field)?,
            high: self.operand(&high, field)?,
            negated,
        };
        Ok(PairCondition::One(value.side.unwrap_or(Side::This), test))
    }

    pub(crate) fn like(&mut self, term: &Term, negated: bool) -> Parsed<Predicate> {
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
        let name = self.written(term);
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
}

/// `this.field comparison that.field + plus`, with all that is added on the
/// right.
fn cross(this: &Term, comparison: Comparison, that: &Term) -> Parsed<PairCondition> {
    let sum = |term: &Term| match term.value {
        TermValue::Field(field) => Some((field, 0)),
        TermValue::Sum(field, added) => Some((field, added)),
        TermValue::Literal(_) => None,
    };
    let (Some((left, before)), Some((right, added))) = (sum(this), sum(that)) else {
        let message = "expected a field on both sides";
        return Err(Diagnostic::new(this.span.clone(), message, "not expected"));
    };
    // Each is at most 2^53 - 1, so this cannot overflow.
    let plus = added - before;
    if plus.unsigned_abs() > INTEGER_MAX {
        let message = format!("an integer is at most {INTEGER_MAX}");
        return Err(Diagnostic::new(
            that.span.clone(),
            message,
            "too great a sum",
        ));
    }
    Ok(PairCondition::Cross {
        this: left,
        comparison,
        that: right,
        plus,
    })
}
