//! A pledge after reading: names resolved, types checked, groups spelled out.
//!
//! INVARIANT: a value of [`Pledge`] comes only from `Pledge::parse`, so every
//! predicate is well typed and every pattern is complete.

use avow_event::{Event, Field, Micros};

/// A text in the languages of Avow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// English.
    pub en: String,
    /// Chinese; where the pledge has none, the English text.
    pub zh: String,
}

/// The document.
#[derive(Debug, Clone, PartialEq)]
pub struct Pledge {
    /// Its title, by whom, to whom.
    pub title: Texts,
    /// Who makes the promises.
    pub by: String,
    /// To whom.
    pub to: String,
    /// Since when. Earlier events open and discharge, but trigger nothing.
    pub from: Micros,
    /// What evidence is promised.
    pub sources: Vec<SourceDeclaration>,
    /// The promises, in the order of the document.
    pub commitments: Vec<Commitment>,
    /// SHA-256 of the document's bytes.
    pub digest: [u8; 32],
}

/// What a source has promised about its own evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDeclaration {
    /// Which sources.
    pub name: SourcePattern,
    /// The longest time that it says nothing, in microseconds; `None`: its
    /// silence cannot be noticed.
    pub heartbeat: Option<i64>,
    /// The greatest time from an event to its leaf, in microseconds.
    pub delay: i64,
}

/// A source's name, or a prefix of names with `*` at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourcePattern {
    /// The name, or what comes before the `*`.
    pub prefix: String,
    /// Whether a `*` follows.
    pub any_suffix: bool,
}

impl SourcePattern {
    /// Whether a source of that name is meant.
    pub fn matches(&self, source: &str) -> bool {
        if self.any_suffix {
            source.starts_with(&self.prefix)
        } else {
            source == self.prefix
        }
    }

    /// Whether some name is meant by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self.any_suffix, other.any_suffix) {
            (true, true) => {
                self.prefix.starts_with(&other.prefix) || other.prefix.starts_with(&self.prefix)
            }
            (true, false) => self.matches(&other.prefix),
            (false, _) => other.matches(&self.prefix),
        }
    }
}

impl std::fmt::Display for SourcePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}{}",
            self.prefix,
            if self.any_suffix { "*" } else { "" }
        )
    }
}

/// What missing evidence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The verdict is unknown.
    Unknown,
    /// The promise is breached: the operator has promised to be able to show it.
    Breach,
}

/// One checkable promise.
#[derive(Debug, Clone, PartialEq)]
pub struct Commitment {
    /// Its name in the document: letters, digits, `-` and `_`.
    pub id: String,
    /// The promise in words.
    pub says: Texts,
    /// The article of the law or declaration that it serves.
    pub article: Option<String>,
    /// Whose events it is about. Empty: every source.
    pub sources: Vec<SourcePattern>,
    /// What missing evidence means.
    pub silence: Silence,
    /// The rule.
    pub pattern: Pattern,
    /// Stories with a known end, run when the pledge is read.
    pub examples: Vec<Example>,
}

/// The shape of a rule. A closed set: anything else is refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Among the events with `when`, none has `never`.
    Never {
        /// Which events it is about; `None`: all.
        when: Option<Predicate>,
        /// What must not be.
        never: Predicate,
    },
    /// Every event with `when` has `always`.
    Always {
        /// Which events it is about; `None`: all.
        when: Option<Predicate>,
        /// What must be.
        always: Predicate,
    },
    /// Before every event with `when` there was one with `only_after`, since
    /// which there was none with `until`; all with equal values of `same`.
    Before {
        /// What needs permission.
        when: Predicate,
        /// What gives it.
        only_after: Predicate,
        /// What takes it back; `None`: nothing does.
        until: Option<Predicate>,
        /// The fields that have to be equal. Empty: any event will do.
        same: Vec<Field>,
    },
    /// Every event with `when` is followed by one with `then` (or `unless`)
    /// no later than `within` after it; with equal values of `same`.
    Within {
        /// What creates the duty.
        when: Predicate,
        /// What discharges it.
        then: Predicate,
        /// What lifts it.
        unless: Option<Predicate>,
        /// The longest time, in microseconds, inclusive.
        within: i64,
        /// The fields that have to be equal.
        same: Vec<Field>,
    },
}

/// A condition on one event, with SQL's three values: true, false, unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Always the same.
    Constant(bool),
    /// A boolean field by itself.
    Holds(Field),
    /// `left op right`.
    Compare(Operand, Comparison, Operand),
    /// `field [NOT] IN (…)`; a group's name is already spelled out.
    In {
        /// The field.
        field: Field,
        /// The values.
        values: Vec<Literal>,
        /// Whether `NOT` stands before `IN`.
        negated: bool,
    },
    /// `value [NOT] BETWEEN low AND high`, both ends included.
    Between {
        /// The value.
        value: Operand,
        /// The lowest.
        low: Operand,
        /// The highest.
        high: Operand,
        /// Whether `NOT` stands before `BETWEEN`.
        negated: bool,
    },
    /// `field IS [NOT] NULL`.
    IsNull {
        /// The field.
        field: Field,
        /// Whether it is `IS NOT NULL`.
        negated: bool,
    },
    /// `field [NOT] LIKE 'prefix%'`.
    HasPrefix {
        /// The field.
        field: Field,
        /// What it begins with, case and all.
        prefix: String,
        /// Whether `NOT` stands before `LIKE`.
        negated: bool,
    },
    /// All of them.
    And(Vec<Predicate>),
    /// One of them.
    Or(Vec<Predicate>),
    /// Not it.
    Not(Box<Predicate>),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A field.
    Field(Field),
    /// A literal.
    Literal(Literal),
    /// An integer field with a constant added.
    Sum(Field, i64),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value written in the pledge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Literal {
    /// Text, a place, an action or another name.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
    /// An instant.
    Time(Micros),
}

/// A story whose end is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What the commitment's verdict on it must be: kept or breached.
    pub kept: bool,
    /// What happens in it, in the order of the document.
    pub events: Vec<ExampleEvent>,
}

/// An event of an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleEvent {
    /// The event; `logged` is its `time` unless it is given.
    pub event: Event,
}
