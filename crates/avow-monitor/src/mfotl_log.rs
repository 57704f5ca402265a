//! The stream for `mfotl`: events as time points of a log that MonPoly reads,
//! and the signature of their predicates. `docs/reference/mfotl.md`.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use avow_event::{Event, Field, FieldKind, Place, Value};

use crate::clock::Clock;
use crate::publication::published_digest;
use crate::sql_predicate::sql_column;
use crate::{Commitment, Pattern, Pledge};

/// Why a stream cannot be judged by MonPoly as it is by Avow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamRefusal {
    /// An event arrived later than its source promised.
    Late {
        /// Its leaf.
        leaf: u64,
    },
    /// A text has a quotation mark or a backslash.
    Unwritable {
        /// The event's leaf.
        leaf: u64,
        /// The field.
        field: Field,
    },
    /// An event is from before 1970.
    BeforeEpoch {
        /// Its leaf.
        leaf: u64,
    },
}

impl fmt::Display for StreamRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late { leaf } => write!(
                f,
                "leaf {leaf} arrived later than its source promised; MFOTL knows no late evidence"
            ),
            Self::Unwritable { leaf, field } => write!(
                f,
                "leaf {leaf}: `{}` has a quotation mark or a backslash, which MonPoly cannot read",
                field.as_str()
            ),
            Self::BeforeEpoch { leaf } => write!(
                f,
                "leaf {leaf} is from before 1970, where MonPoly's time begins"
            ),
        }
    }
}

/// The time points of a stream. They are held until all have come: MonPoly
/// reads them in the order of their times, a log of Avow in that of its leaves.
#[derive(Debug)]
pub struct TimePoints<'p> {
    pledge: &'p Pledge,
    fields: Vec<Field>,
    /// When a commitment begins that recurs: its first periods do.
    beginnings: BTreeSet<i64>,
    clock: Clock,
    /// Time, leaf, and the event's predicates.
    points: Vec<(i64, u64, String)>,
}

impl<'p> TimePoints<'p> {
    /// For these commitments of the pledge; only what they read of an event is
    /// in the stream.
    pub fn new(pledge: &'p Pledge, commitments: &[&Commitment]) -> Self {
        let always = [Field::Time, Field::Source, Field::Action];
        let read = commitments.iter().flat_map(|one| one.pattern.fields());
        let fields: BTreeSet<Field> = always.into_iter().chain(read).collect();
        let recurs = |one: &&&Commitment| matches!(one.pattern, Pattern::Every { .. });
        let recurring = commitments.iter().filter(recurs);
        Self {
            pledge,
            fields: fields.into_iter().collect(),
            beginnings: recurring.map(|one| one.from.get()).collect(),
            clock: Clock::new(),
            points: Vec::new(),
        }
    }

    /// The signature: what predicates there are.
    pub fn signature(&self) -> String {
        let mut text = "pos(int)\nbeginning(int)\n".to_owned();
        for field in &self.fields {
            let kind = match field.kind() {
                FieldKind::Integer | FieldKind::Boolean | FieldKind::Time => "int",
                _ => "string",
            };
            let _ = writeln!(text, "{}({kind})", sql_column(*field));
        }
        text
    }

    /// Takes the next leaf. The publication of a pledge is no evidence, and
    /// leaves no time point.
    ///
    /// # Errors
    /// MonPoly would not judge a stream with it as Avow does. Nothing changed.
    pub fn push(&mut self, leaf: u64, event: &Event) -> Result<(), StreamRefusal> {
        if published_digest(event).is_some() {
            return Ok(());
        }
        let time = event.time.get();
        if time < 0 {
            return Err(StreamRefusal::BeforeEpoch { leaf });
        }
        let mut predicates = String::new();
        for field in &self.fields {
            self.write(&mut predicates, *field, event)
                .map_err(|field| StreamRefusal::Unwritable { leaf, field })?;
        }
        let mut clock = self.clock.clone();
        clock.advance(time, event.logged.map(avow_event::Micros::get));
        let declared = self.pledge.sources.iter();
        let declared = declared.filter(|source| source.name.matches(&event.source));
        let delay = declared.map(|source| source.delay).next().unwrap_or(0);
        if clock.stamp(time, delay).late {
            return Err(StreamRefusal::Late { leaf });
        }
        self.clock = clock;
        self.points.push((time, leaf, predicates));
        Ok(())
    }

    fn write(&self, out: &mut String, field: Field, event: &Event) -> Result<(), Field> {
        let name = sql_column(field);
        let written = match event.get(field) {
            None => Ok(()),
            Some(Value::Text(place))
                if field.kind() == FieldKind::Place && place == Place::UNKNOWN.as_str() =>
            {
                Ok(())
            }
            Some(Value::Text(text)) if text.contains(['"', '\\']) => return Err(field),
            Some(Value::Text(text)) => write!(out, " {name}(\"{text}\")"),
            Some(Value::Integer(n)) => write!(out, " {name}({n})"),
            Some(Value::Boolean(b)) => write!(out, " {name}({})", i64::from(b)),
            Some(Value::Time(time)) => write!(out, " {name}({})", time.get()),
        };
        // Writing to a string does not fail.
        let _ = written;
        Ok(())
    }

    /// Writes the log, a time point a line, to `out`: what has happened by the
    /// log's clock, in the order of evidence. The last time point is at the
    /// clock and has no event.
    pub fn finish(mut self, out: &mut dyn FnMut(&str)) {
        let as_of = self.clock.now();
        self.points.sort_by_key(|(time, leaf, _)| (*time, *leaf));
        let mut beginnings = self.beginnings.into_iter().peekable();
        let mut number = 0_u64;
        let mut say = |time: i64, predicates: &str| {
            out(&format!("@{time} pos({number}){predicates}\n"));
            number += 1;
        };
        for (time, _, predicates) in &self.points {
            while let Some(begins) = beginnings.next_if(|begins| begins <= time) {
                if begins <= as_of {
                    say(begins, &format!(" beginning({begins})"));
                }
            }
            if *time <= as_of {
                say(*time, predicates);
            }
        }
        for begins in beginnings.filter(|begins| *begins <= as_of) {
            say(begins, &format!(" beginning({begins})"));
        }
        if !self.points.is_empty() {
            // MonPoly passes over a time point with nothing that its formula
            // reads, and with it over the time. Every formula reads this.
            let time = sql_column(Field::Time);
            say(as_of, &format!(" {time}({as_of})"));
        }
    }
}
