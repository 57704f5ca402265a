//! One plain sentence about an instance, for a reader who has never seen a
//! formula. The texts are in `messages`.

use avow_event::{Event, Micros};

use crate::messages::{self as m, Language, Message};
use crate::{Commitment, Instance, Pattern, Reason};

/// Says what happened, and why that keeps or breaks the promise, or leaves it
/// open. `lookup` gives the event of a leaf; one that it does not have is
/// called an event that is not shown.
pub fn sentence(
    commitment: &Commitment,
    instance: &Instance,
    lookup: &dyn Fn(u64) -> Option<Event>,
    language: Language,
) -> String {
    let told = |message: Message, leaf: u64, at: Option<Micros>| {
        let event = lookup(leaf);
        let time = at.or(event.as_ref().map(|event| event.time));
        message.fill(
            language,
            &[
                ("leaf", &leaf.to_string()),
                ("event", &describe(event.as_ref(), language)),
                ("time", &time.map_or_else(|| "?".to_owned(), reader_time)),
            ],
        )
    };
    let other = instance.other.map(|leaf| told(m::OTHER, leaf, None));
    let same: Vec<String> = commitment
        .pattern
        .same()
        .iter()
        .map(|field| format!("`{}`", field.as_str()))
        .collect();
    let other_time = instance.other.and_then(lookup).map(|event| event.time);
    let is_early = other_time.is_some_and(|time| time < instance.time);
    let message = match message(&commitment.pattern, instance.reason) {
        _ if is_early && instance.reason == Reason::MaybeDone => m::MAYBE_DONE_EARLY,
        message => message,
    };
    message.fill(
        language,
        &[
            (
                "trigger",
                &told(m::TRIGGER, instance.leaf, Some(instance.time)),
            ),
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

fn message(pattern: &Pattern, reason: Reason) -> Message {
    match (reason, pattern) {
        (Reason::Holds, _) => m::HOLDS,
        (Reason::Fails, Pattern::Never { .. }) => m::FORBIDDEN,
        (Reason::Fails, _) => m::NOT_AS_PROMISED,
        (Reason::Undetermined, _) => m::UNDETERMINED,
        (Reason::Late, _) => m::LATE,
        (Reason::LateEnd, _) => m::LATE_END,
        (Reason::NoKey, _) => m::NO_KEY,
        (Reason::NoDeadline, _) => m::NO_DEADLINE,
        (Reason::Permitted, _) => m::PERMITTED,
        (Reason::NotPermitted, _) => m::NOT_PERMITTED,
        (Reason::PermissionEnded, _) => m::PERMISSION_ENDED,
        (Reason::Expired, _) => m::EXPIRED,
        (Reason::MaybePermitted, _) => m::MAYBE_PERMITTED,
        (Reason::Done, _) => m::DONE,
        (Reason::Lifted, _) => m::LIFTED,
        (Reason::Already, _) => m::ALREADY,
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
        (Reason::Waiting, _) => m::BEFORE_WAITING,
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
