//! One plain sentence about an instance, for a reader who has never seen a
//! formula, and one about the evidence that shows it. The texts are in
//! `messages`.

use avow_event::{Event, Micros};

use crate::messages::{self as m, Language, Message};
use crate::{Commitment, Instance, Pattern, Reason, Register, named_leaves};

/// Says what happened, and why that keeps or breaks the promise, or leaves it
/// open. `lookup` gives the event of a leaf; one that it does not have is
/// called an event that is not shown.
pub fn sentence(
    commitment: &Commitment,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
    language: Language,
) -> String {
    let teller = Teller { lookup, language };
    let other = instance.other.map(|leaf| teller.told(m::OTHER, leaf, None));
    let same: Vec<String> = commitment
        .pattern
        .same()
        .iter()
        .map(|field| format!("`{}`", field.as_str()))
        .collect();
    let other_time = instance.other.and_then(lookup).map(|event| event.time);
    let is_early = other_time.is_some_and(|time| time < instance.time);
    let came_before = instance.other.is_some_and(|other| other < instance.leaf);
    let trigger = teller.trigger(commitment, instance);
    let message = match message(&commitment.pattern, instance.reason) {
        _ if is_early && instance.reason == Reason::MaybeDone => {
            if came_before && has_already(&commitment.pattern) {
                m::MAYBE_ALREADY
            } else {
                m::MAYBE_DONE_EARLY
            }
        }
        message => message,
    };
    message.fill(
        language,
        &[
            ("trigger", &trigger),
            ("other", &other.unwrap_or_default()),
            ("id", &commitment.id),
            ("same", &same.join(", ")),
            (
                "deadline",
                &instance.deadline.map_or_else(String::new, reader_time),
            ),
        ],
    )
}

/// Tells of leaves.
struct Teller<'a> {
    lookup: &'a dyn Fn(u64) -> Option<Event>,
    language: Language,
}

impl Teller<'_> {
    /// What a leaf tells; at another time than its own.
    fn told(&self, message: Message, leaf: u64, at: Option<Micros>) -> String {
        let event = (self.lookup)(leaf);
        let time = at.or(event.as_ref().map(|event| event.time));
        message.fill(
            self.language,
            &[
                ("leaf", &leaf.to_string()),
                ("event", &describe(event.as_ref(), self.language)),
                ("time", &time.map_or_else(|| "?".to_owned(), reader_time)),
            ],
        )
    }

    /// What made the instance, and for which of several things.
    fn trigger(&self, commitment: &Commitment, instance: &Instance) -> String {
        let time = reader_time(instance.time);
        let trigger = match begins(&commitment.pattern, instance) {
            Some(for_whom) => {
                let who = for_whom.map_or_else(String::new, |who| {
                    m::WHO.fill(self.language, &[("who", who)])
                });
                m::BEGINS.fill(self.language, &[("time", &time), ("who", &who)])
            }
            None if is_of_register(commitment, instance, self.lookup) => {
                let entry = self.told(m::TRIGGER, instance.leaf, None);
                let values = [
                    ("event", entry.as_str()),
                    ("id", &commitment.id),
                    ("time", &time),
                ];
                m::REGISTERED.fill(self.language, &values)
            }
            None => self.told(m::TRIGGER, instance.leaf, Some(instance.time)),
        };
        match each_leaf(&commitment.pattern, instance) {
            Some(leaf) => {
                let thing = self.told(m::OTHER, leaf, None);
                let values = [("trigger", trigger.as_str()), ("each", &thing)];
                m::FOR_EACH.fill(self.language, &values)
            }
            None => trigger,
        }
    }
}

fn has_already(pattern: &Pattern) -> bool {
    matches!(
        pattern,
        Pattern::Within {
            already: Some(_),
            ..
        }
    )
}

/// For whom a duty begins with the promise: a member, or everybody.
fn begins<'a>(pattern: &'a Pattern, instance: &Instance) -> Option<Option<&'a str>> {
    let number = instance.each?;
    match pattern {
        Pattern::Every {
            register: Register::Members(members),
            ..
        } => {
            let member = usize::try_from(number).ok().and_then(|at| members.get(at));
            Some(member.map(String::as_str))
        }
        Pattern::Every { .. } => Some(None),
        _ => None,
    }
}

/// Whether the instance is of a key that was on the register when the promise
/// began.
fn is_of_register(
    commitment: &Commitment,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
) -> bool {
    let recurs = matches!(commitment.pattern, Pattern::Every { .. });
    let entered = lookup(instance.leaf).map(|event| event.time);
    recurs && entered.is_some_and(|time| time < instance.time)
}

/// The leaf of the thing that a duty is for.
fn each_leaf(pattern: &Pattern, instance: &Instance) -> Option<u64> {
    instance
        .each
        .filter(|_| matches!(pattern, Pattern::Within { .. }))
}

fn message(pattern: &Pattern, reason: Reason) -> Message {
    let recurs = matches!(pattern, Pattern::Every { .. });
    match (reason, pattern) {
        (Reason::Holds, _) => m::HOLDS,
        (Reason::Fails, Pattern::Never { .. }) => m::FORBIDDEN,
        (Reason::Fails, _) => m::NOT_AS_PROMISED,
        (
            Reason::Undetermined,
            Pattern::Every {
                register: Register::Entries { .. },
                ..
            },
        ) => m::UNDETERMINED_REGISTER,
        (Reason::Undetermined, _) => m::UNDETERMINED,
        (Reason::Late, _) => m::LATE,
        (Reason::LateEnd, Pattern::Before { .. }) => m::LATE_END,
        (Reason::LateEnd, _) => m::LATE_END_DUTY,
        (Reason::NoKey, _) => m::NO_KEY,
        (Reason::NoDeadline, _) => m::NO_DEADLINE,
        (Reason::Permitted, _) => m::PERMITTED,
        (Reason::NotPermitted, _) => m::NOT_PERMITTED,
        (Reason::PermissionEnded, _) => m::PERMISSION_ENDED,
        (Reason::Expired, _) => m::EXPIRED,
        (Reason::MaybePermitted, _) => m::MAYBE_PERMITTED,
        (Reason::Done, _) if recurs => m::DONE_AGAIN,
        (Reason::Done, _) => m::DONE,
        (Reason::Lifted, _) => m::LIFTED,
        (Reason::Already, _) => m::ALREADY,
        (Reason::NotDone, _) if recurs => m::NOT_DONE_AGAIN,
        (Reason::NotDone, _) => m::NOT_DONE,
        (Reason::MaybeDone, _) => m::MAYBE_DONE,
        (Reason::MaybeEach, _) => m::MAYBE_EACH,
        (Reason::MaybeHeld, _) => m::MAYBE_HELD,
        (Reason::WithinLimit, _) => m::WITHIN_LIMIT,
        (Reason::TooMany, _) => m::TOO_MANY,
        (Reason::MaybeTooMany, _) => m::MAYBE_TOO_MANY,
        (Reason::Lasted, _) => m::LASTED,
        (Reason::Ended, _) => m::ENDED,
        (Reason::MaybeEnded, _) => m::MAYBE_ENDED,
        (Reason::Gap, _) => m::GAP,
        (Reason::Waiting, Pattern::Within { .. }) => m::WITHIN_WAITING,
        (Reason::Waiting, _) if recurs => m::EVERY_WAITING,
        (Reason::Waiting, Pattern::Lasts { .. }) => m::LASTS_WAITING,
        (Reason::Waiting, _) => m::BEFORE_WAITING,
    }
}

/// The shortest evidence for an instance: the leaves that it names and, where
/// it rests on there being nothing else, between which instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its leaves, in order, each once.
    pub leaves: Vec<u64>,
    /// The interval in which there is nothing to the contrary.
    pub nothing: Option<Interval>,
}

/// From an instant, or from the beginning, to an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// From when; `None`: from the first leaf on.
    pub from: Option<Micros>,
    /// To when.
    pub to: Micros,
}

/// The shortest evidence that shows an instance.
pub fn evidence(
    commitment: &Commitment,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
) -> Evidence {
    let mut leaves = named_leaves(commitment, instance);
    leaves.sort_unstable();
    leaves.dedup();
    let time = instance.time;
    let other = instance.other.and_then(lookup).map(|event| event.time);
    let from = match (instance.reason, &commitment.pattern) {
        (Reason::Permitted, Pattern::Before { until: Some(_), .. }) => Some(other),
        (Reason::PermissionEnded | Reason::Expired, _) => Some(other),
        (Reason::NotPermitted, _) => Some(None),
        (Reason::NotDone | Reason::Lasted, _) => Some(Some(time)),
        (Reason::WithinLimit, Pattern::AtMost { within, .. }) => {
            Some(Some(time.saturating_add(within.saturating_neg())))
        }
        _ => None,
    };
    let to = match instance.reason {
        Reason::NotDone | Reason::Lasted => instance.deadline.unwrap_or(time),
        _ => time,
    };
    Evidence {
        leaves,
        nothing: from.map(|from| Interval { from, to }),
    }
}

/// Says by which leaves an instance is shown, and where there is nothing else.
pub fn basis(
    commitment: &Commitment,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
    language: Language,
) -> String {
    let evidence = evidence(commitment, instance, lookup);
    let leaves: Vec<String> = evidence
        .leaves
        .iter()
        .map(|leaf| m::LEAF.fill(language, &[("leaf", &leaf.to_string())]))
        .collect();
    let leaves = leaves.join(m::COMMA.of(language));
    let patterns = commitment.sources.iter();
    let sources: Vec<String> = patterns.map(|source| format!("`{source}`")).collect();
    let sources = if sources.is_empty() {
        m::SOURCES_ALL.of(language).to_owned()
    } else {
        sources.join(m::COMMA.of(language))
    };
    let values = [("leaves", leaves.as_str()), ("sources", &sources)];
    match evidence.nothing {
        None => m::BASIS.fill(language, &values),
        Some(Interval { from: None, to }) => {
            let [leaves, sources] = values;
            m::BASIS_UP_TO.fill(language, &[leaves, sources, ("to", &reader_time(to))])
        }
        Some(Interval {
            from: Some(from),
            to,
        }) => {
            let [leaves, sources] = values;
            let (from, to) = (reader_time(from), reader_time(to));
            m::BASIS_BETWEEN.fill(language, &[leaves, sources, ("from", &from), ("to", &to)])
        }
    }
}

/// What an event tells, in a few words: what, where, about whom, by what.
fn describe(event: Option<&Event>, language: Language) -> String {
    let Some(event) = event else {
        return m::EVENT_NOT_SHOWN.fill(language, &[]);
    };
    let action = ("action", event.action.as_str());
    let mut text = match (&event.from_place, &event.to_place, &event.place) {
        (Some(from), Some(to), _) => {
            let values = [action, ("from", from.as_str()), ("to", to.as_str())];
            m::EVENT_MOVED.fill(language, &values)
        }
        (None, Some(to), _) => m::EVENT_TO.fill(language, &[action, ("to", to.as_str())]),
        (_, None, Some(place)) => m::EVENT_AT.fill(language, &[action, ("place", place.as_str())]),
        (_, None, None) => m::EVENT.fill(language, &[action]),
    };
    if let Some(country) = &event.subject_country {
        let values = [("event", text.as_str()), ("country", country.as_str())];
        text = m::EVENT_ABOUT.fill(language, &values);
    }
    let origin = [event.system.as_deref(), event.name.as_deref()];
    let operation: Vec<&str> = origin.into_iter().flatten().collect();
    if !operation.is_empty() {
        let values = [
            ("event", text.as_str()),
            ("operation", &operation.join(" ")),
        ];
        text = m::EVENT_BY.fill(language, &values);
    }
    text
}

/// `2026-03-08 14:02:00 UTC`; decimals only where there are any.
fn reader_time(time: Micros) -> String {
    let text = time.to_string();
    let (date, rest) = text.split_once('T').unwrap_or_default();
    let (clock, decimals) = rest
        .trim_end_matches('Z')
        .split_once('.')
        .unwrap_or_default();
    match decimals.trim_end_matches('0') {
        "" => format!("{date} {clock} UTC"),
        decimals => format!("{date} {clock}.{decimals} UTC"),
    }
}
