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
    /// The pledge that this one amends, by its digest.
    pub amends: Option<[u8; 32]>,
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
    /// The duty of which it is a part, if several commitments make one.
    pub duty: Option<String>,
    /// Since when its triggers count; the pledge's `from` unless it says so.
    pub from: Micros,
    /// From when on they no longer do; `None`: no end.
    pub to: Option<Micros>,
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
#[expect(
    clippy::large_enum_variant,
    reason = "a pledge has 1,000 at most, and all are read and none is moved about"
)]
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
        /// What has to hold between the event and the one that permits it.
        condition: Option<PairCondition>,
        /// How long a permission is good, in microseconds, inclusive; `None`:
        /// until it ends.
        within: Option<i64>,
    },
    /// Every event with `when` is followed by one with `then` (or `unless`) by
    /// its deadline; with equal values of `same`.
    Within {
        /// What creates the duty.
        when: Predicate,
        /// What discharges it.
        then: Predicate,
        /// What lifts it.
        unless: Option<Predicate>,
        /// What, if it was there before, leaves nothing to do.
        already: Option<Predicate>,
        /// The last instant.
        deadline: Deadline,
        /// The fields that have to be equal.
        same: Vec<Field>,
        /// What has to hold between the duty and what discharges it.
        condition: Option<PairCondition>,
        /// One duty for each of these that came before, instead of one.
        for_each: Option<ForEach>,
        /// What stops the clock of the duty, and starts it again.
        pause: Option<Pause>,
    },
    /// What has to happen again and again, each time within `every` of the
    /// last; with equal values of `same`.
    Every {
        /// What has to happen.
        happens: Predicate,
        /// The longest time between two.
        every: Duration,
        /// For whom, and since when.
        register: Register,
        /// The fields that have to be equal.
        same: Vec<Field>,
    },
    /// Of the events with `happens` and equal values of `same`, no more than
    /// `at_most` within any time of the length `within`.
    AtMost {
        /// What is counted.
        happens: Predicate,
        /// How many there may be.
        at_most: u64,
        /// The length of the window, in microseconds: what is older than that,
        /// or as old, no longer counts.
        within: i64,
        /// The fields that have to be equal.
        same: Vec<Field>,
    },
    /// What began with `when` lasts at least `lasts`: for so long there is no
    /// event with `ends`; with equal values of `same`.
    Lasts {
        /// What begins it.
        when: Predicate,
        /// How long it has to last.
        lasts: Duration,
        /// What ends it.
        ends: Predicate,
        /// The fields that have to be equal.
        same: Vec<Field>,
        /// What has to hold between the beginning and the end.
        condition: Option<PairCondition>,
    },
}

/// A length of time: calendar months in UTC, and then microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duration {
    /// Calendar months; a year is twelve. The day of the month stays, or is the
    /// last of a shorter month.
    pub months: u32,
    /// Microseconds beyond those.
    pub micros: i64,
}

/// When a duty falls due, the instant included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// So long after the trigger.
    After(Duration),
    /// At the instant in this field of the trigger.
    At(Field),
}

/// A duty for each of the things that came before its trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct ForEach {
    /// The earlier events, with equal values of `same`.
    pub predicate: Predicate,
    /// What tells them apart: one duty for each different set of values, and
    /// what discharges it has the same.
    pub each: Vec<Field>,
}

/// What stops the clock of the duties of a key, and starts it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Pause {
    /// What stops it.
    pub paused_by: Predicate,
    /// What starts it again.
    pub resumed_by: Predicate,
}

/// For whom something has to happen again and again.
#[derive(Debug, Clone, PartialEq)]
pub enum Register {
    /// Once for all, since the commitment's `from`; `same` is empty.
    One,
    /// For each of these values of the one field in `same`, since the
    /// commitment's `from`.
    Members(Vec<String>),
    /// For each key from an event with `when` until one with `until`.
    Entries {
        /// What enters a key.
        when: Predicate,
        /// What strikes it off; `None`: nothing does.
        until: Option<Predicate>,
    },
}

/// Which of two events a field is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The trigger, the event with `when`: `this.field`.
    This,
    /// The event that permits, discharges or ends: `that.field`.
    That,
}

/// A condition on two events, with SQL's three values.
#[derive(Debug, Clone, PartialEq)]
pub enum PairCondition {
    /// A condition on one of them.
    One(Side, Predicate),
    /// `this.left comparison that.right + plus`.
    Cross {
        /// A field of the trigger.
        this: Field,
        /// How they compare.
        comparison: Comparison,
        /// A field of the other event, of the same kind.
        that: Field,
        /// What is added to it; zero unless it is an integer.
        plus: i64,
    },
    /// All of them.
    And(Vec<PairCondition>),
    /// One of them.
    Or(Vec<PairCondition>),
    /// Not it.
    Not(Box<PairCondition>),
}

impl PairCondition {
    /// The fields that it reads, of either event.
    pub fn fields(&self) -> Vec<Field> {
        match self {
            Self::One(_, predicate) => predicate.fields(),
            Self::Cross { this, that, .. } => vec![*this, *that],
            Self::And(all) | Self::Or(all) => all.iter().flat_map(Self::fields).collect(),
            Self::Not(one) => one.fields(),
        }
    }
}

impl Duration {
    /// So many microseconds.
    pub const fn of_micros(micros: i64) -> Self {
        Self { months: 0, micros }
    }
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
