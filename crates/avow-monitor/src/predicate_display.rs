//! A predicate as text, in one canonical form that reads back as the same
//! predicate. Groups of places are spelled out: the form does not depend on a
//! place table.

use std::fmt::{self, Display, Formatter};

use avow_event::Field;

use crate::{Comparison, Literal, Operand, Predicate, Side};

impl Display for Predicate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Sided(None, self).fmt(f)
    }
}

impl Predicate {
    /// Whether it needs parentheses inside a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::And(_) | Self::Or(_))
    }
}

/// A part of a predicate whose fields are written with their event, if any.
#[derive(Clone, Copy)]
pub(crate) struct Sided<'a, T>(pub(crate) Option<Side>, pub(crate) &'a T);

impl Display for Sided<'_, Field> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(side) => write!(f, "{}.{}", side.as_str(), self.1.as_str()),
            None => f.write_str(self.1.as_str()),
        }
    }
}

impl Display for Sided<'_, Predicate> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(side, predicate) = *self;
        match predicate {
            Predicate::Constant(true) => f.write_str("TRUE"),
            Predicate::Constant(false) => f.write_str("FALSE"),
            Predicate::Holds(field) => Sided(side, field).fmt(f),
            Predicate::Compare(left, comparison, right) => {
                write!(
                    f,
                    "{} {comparison} {}",
                    Sided(side, left),
                    Sided(side, right)
                )
            }
            Predicate::In {
                field,
                values,
                negated,
            } => {
                write!(f, "{} {}IN (", Sided(side, field), not(*negated))?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Predicate::Between {
                value,
                low,
                high,
                negated,
            } => write!(
                f,
                "{} {}BETWEEN {} AND {}",
                Sided(side, value),
                not(*negated),
                Sided(side, low),
                Sided(side, high)
            ),
            Predicate::IsNull { field, negated } => {
                write!(f, "{} IS {}NULL", Sided(side, field), not(*negated))
            }
            Predicate::HasPrefix {
                field,
                prefix,
                negated,
            } => {
                let pattern = format!("{prefix}%");
                write!(f, "{} {}LIKE ", Sided(side, field), not(*negated))?;
                quote(f, &pattern)
            }
            Predicate::And(parts) => write_sided(f, side, parts, "AND"),
            Predicate::Or(parts) => write_sided(f, side, parts, "OR"),
            Predicate::Not(part) => write!(f, "NOT ({})", Sided(side, part.as_ref())),
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn write_sided(
    f: &mut Formatter<'_>,
    side: Option<Side>,
    parts: &[Predicate],
    word: &str,
) -> fmt::Result {
    let parts: Vec<Sided<'_, Predicate>> = parts.iter().map(|part| Sided(side, part)).collect();
    write_list(f, &parts, word, |part| part.1.is_list())
}

pub(crate) fn write_list<T: Display>(
    f: &mut Formatter<'_>,
    parts: &[T],
    word: &str,
    is_list: impl Fn(&T) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            write!(f, " {word} ")?;
        }
        if is_list(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

/// A text in single quotes; a quote inside is written twice.
pub(crate) fn quote(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Sided(None, self).fmt(f)
    }
}

impl Display for Sided<'_, Operand> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Operand::Field(field) => Sided(self.0, field).fmt(f),
            Operand::Literal(literal) => literal.fmt(f),
            Operand::Sum(field, added) => {
                let sign = if *added < 0 { '-' } else { '+' };
                let field = Sided(self.0, field);
                write!(f, "{field} {sign} {}", added.unsigned_abs())
            }
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => quote(f, text),
            Self::Integer(n) => n.fmt(f),
            Self::Boolean(true) => f.write_str("TRUE"),
            Self::Boolean(false) => f.write_str("FALSE"),
            Self::Time(time) => write!(f, "'{time}'"),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}
