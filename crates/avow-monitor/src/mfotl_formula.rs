//! Formulas of metric first-order temporal logic as MonPoly writes them: the
//! connectives, with what is always true or false taken out, because MonPoly
//! cannot monitor it everywhere.
//!
//! INVARIANT: the parts of an `Any` have the same free variables, and what is
//! negated beside others has no variable that they do not have. That is the
//! caller's to keep; it makes a formula monitorable.

use avow_event::Field;

use crate::sql_predicate::sql_column;

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula {
    True,
    False,
    /// A predicate or comparison, written so that it stands beside anything.
    Text(String),
}

use Formula::{False, Text, True};

impl Formula {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { True } else { False }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            True => "TRUE",
            False => "FALSE",
            Text(text) => text,
        }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            True => False,
            False => True,
            Text(text) => Text(format!("(NOT {text})")),
        }
    }

    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, &True, "AND")
    }

    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, &False, "OR")
    }

    fn join(parts: impl IntoIterator<Item = Self>, neutral: &Self, word: &str) -> Self {
        let mut texts = Vec::new();
        for part in parts {
            match part {
                part if part == *neutral => {}
                Text(text) => texts.push(text),
                absorbing => return absorbing,
            }
        }
        match texts.len() {
            0 => neutral.clone(),
            1 => Text(texts.concat()),
            _ => Text(format!("({})", texts.join(&format!(" {word} ")))),
        }
    }

    pub(crate) fn exists(variables: &[String], body: Self) -> Self {
        match body {
            Text(text) if !variables.is_empty() => {
                Text(format!("(EXISTS {}. {text})", variables.join(", ")))
            }
            other => other,
        }
    }

    /// `operator body`, of a past or future operator that is false where
    /// `body` is.
    pub(crate) fn temporal(operator: &str, body: Self) -> Self {
        match body {
            False => False,
            other => Text(format!("({operator} {})", other.text())),
        }
    }

    /// `begun`, and since then no `ended`, not even at once.
    pub(crate) fn unended(ended: Self, interval: &str, begun: Self) -> Self {
        let begun = Self::all([begun, ended.clone().not()]);
        Self::none_since(ended, interval, begun)
    }

    /// `begun`, and after that no `ended`.
    pub(crate) fn none_since(ended: Self, interval: &str, begun: Self) -> Self {
        match (ended, begun) {
            (_, False) => False,
            (False, begun) => Self::temporal(&format!("ONCE{interval}"), begun),
            (ended, begun) => {
                let (ended, begun) = (ended.not(), begun.text());
                Text(format!("({} SINCE{interval} {begun})", ended.text()))
            }
        }
    }

    /// At the time point before this one.
    pub(crate) fn before(self) -> Self {
        Self::temporal("PREVIOUS", self)
    }
}

/// `name(a, b)`.
pub(crate) fn atom(name: &str, arguments: &[String]) -> Formula {
    Text(format!("{name}({})", arguments.join(", ")))
}

/// The predicate that holds at the time point of an event for the value of a
/// field, and not at all where the field is not known.
pub(crate) fn value(field: Field, term: &str) -> Formula {
    atom(&sql_column(field), &[term.to_owned()])
}

/// Whether a field of the event is known.
pub(crate) fn known(field: Field) -> Formula {
    if field.is_required() {
        return True;
    }
    Formula::exists(&["x".to_owned()], value(field, "x"))
}

/// Stands in a constant for a quotation mark, which cannot be written; no text
/// of a pledge has it.
pub(crate) const UNWRITABLE: char = '\0';

/// A text as a constant.
pub(crate) fn constant(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|char| if char == '"' { UNWRITABLE } else { char })
        .collect();
    format!("\"{text}\"")
}
