//! A predicate as text, in one canonical form that reads back as the same
//! predicate. Groups of places are spelled out: the form does not depend on a
//! place table.

use std::fmt::{self, Display, Formatter};

use crate::{Comparison, Literal, Operand, Predicate};

impl Display for Predicate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(true) => f.write_str("TRUE"),
            Self::Constant(false) => f.write_str("FALSE"),
            Self::Holds(field) => f.write_str(field.as_str()),
            Self::Compare(left, comparison, right) => write!(f, "{left} {comparison} {right}"),
            Self::In {
                field,
                values,
                negated,
            } => {
                write!(f, "{} {}IN (", field.as_str(), not(*negated))?;
                for (at, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
            Self::Between {
                value,
                low,
                high,
                negated,
            } => write!(f, "{value} {}BETWEEN {low} AND {high}", not(*negated)),
            Self::IsNull { field, negated } => {
                write!(f, "{} IS {}NULL", field.as_str(), not(*negated))
            }
            Self::HasPrefix {
                field,
                prefix,
                negated,
            } => {
                let pattern = format!("{prefix}%");
                write!(f, "{} {}LIKE ", field.as_str(), not(*negated))?;
                quote(f, &pattern)
            }
            Self::And(parts) => write_list(f, parts, "AND"),
            Self::Or(parts) => write_list(f, parts, "OR"),
            Self::Not(part) => write!(f, "NOT ({part})"),
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

fn write_list(f: &mut Formatter<'_>, parts: &[Predicate], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            write!(f, " {word} ")?;
        }
        if matches!(part, Predicate::And(_) | Predicate::Or(_)) {
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
        match self {
            Self::Field(field) => f.write_str(field.as_str()),
            Self::Literal(literal) => literal.fmt(f),
            Self::Sum(field, added) => {
                let sign = if *added < 0 { '-' } else { '+' };
                write!(f, "{} {sign} {}", field.as_str(), added.unsigned_abs())
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
