//! `avow pledge amend`: what a pledge changes of the one that it amends, in
//! words. What is allowed is left to `avow-monitor`.

use avow_event::Micros;
use avow_monitor::{Aspect, Difference, differences};
use clap::ArgMatches;
use serde_json::{Value, json};

use crate::ambient;
use crate::failure::{Ending, Failure, Result};
use crate::flags;
use crate::language::{Language, Said, Text};
use crate::messages as say;
use crate::scenario::{pledge_of, read_pledge};
use crate::screen::{Screen, Tint};
use crate::verdict_json::digest;
use crate::verdict_page::{short, tinted};

/// Says what the new pledge changes, and whether that is an amendment.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let read = |name| read_pledge(&pledge_of(&flags::path(matches, name)), screen);
    let (old, new) = (read("OLD")?.pledge, read("NEW")?.pledge);
    let at = match flags::text(matches, "at") {
        Some(text) => instant(&text)?,
        None => ambient::now()?,
    };
    let found = differences(&old, &new, at);
    let refused = found.iter().filter(|one| !one.is_allowed()).count();
    let ending = if refused == 0 {
        Ending::Fine
    } else {
        Ending::Wrong
    };
    let said: Vec<(&Difference, Said)> = found
        .iter()
        .map(|one| (one, in_words(one, &old.digest, at)))
        .collect();
    if screen.json {
        let differences: Vec<Value> = said.iter().map(|(one, said)| as_json(one, said)).collect();
        screen.object(&json!({
            "at": at.to_string(),
            "amends": digest(&old.digest),
            "differences": differences,
            "exit": ending.status(),
        }))?;
        return Ok(ending);
    }
    for (one, said) in &said {
        let said = said.get(screen.language);
        if one.is_allowed() {
            tinted(Tint::Green, "✔ ", &said, screen)?;
        } else {
            tinted(Tint::Red, "✘ ", &said, screen)?;
        }
    }
    let (count, at) = (refused.to_string(), short(at));
    let values = [("at", at.as_str()), ("count", &count)];
    if refused == 0 {
        tinted(
            Tint::Green,
            "✔ ",
            &screen.fill(say::AMEND_FINE, &values),
            screen,
        )?;
    } else {
        tinted(
            Tint::Red,
            "✘ ",
            &screen.fill(say::AMEND_WRONG, &values),
            screen,
        )?;
    }
    Ok(ending)
}

/// An instant, or a day: its midnight in UTC.
fn instant(text: &str) -> Result<Micros> {
    let midnight = format!("{text}T00:00:00Z");
    Micros::parse(text)
        .or_else(|_| Micros::parse(&midnight))
        .map_err(|_| Failure::input(say::NO_INSTANT.with(&[("text", &text)])))
}

fn in_words(difference: &Difference, old: &[u8; 32], at: Micros) -> Said {
    let at = short(at);
    match difference {
        Difference::NotNamed => say::AMEND_NOT_NAMED.with(&[("digest", &digest(old))]),
        Difference::Begins(from) => say::AMEND_BEGINS.with(&[("from", &short(*from))]),
        Difference::Heading => say::AMEND_HEADING.into(),
        Difference::Dropped { id } => say::AMEND_DROPPED.with(&[("id", id)]),
        Difference::Rewritten { id, aspect } => rewritten(*aspect).with(&[("id", id)]),
        Difference::Worded { id } => say::AMEND_WORDED.with(&[("id", id)]),
        Difference::Ends { id, to, is_ahead } => match (to, is_ahead) {
            (Some(to), true) => say::AMEND_ENDS.with(&[("id", id), ("to", &short(*to))]),
            (None, true) => say::AMEND_NO_END.with(&[("id", id)]),
            (_, false) => say::AMEND_END_PAST.with(&[("id", id), ("at", &at)]),
        },
        Difference::New { id, from, is_ahead } => {
            let from = short(*from);
            if *is_ahead {
                say::AMEND_NEW.with(&[("id", id), ("from", &from)])
            } else {
                say::AMEND_NEW_PAST.with(&[("id", id), ("from", &from), ("at", &at)])
            }
        }
    }
}

fn rewritten(aspect: Aspect) -> Text {
    match aspect {
        Aspect::Rule => say::AMEND_RULE,
        Aspect::Sources => say::AMEND_SOURCES,
        Aspect::Silence => say::AMEND_SILENCE,
        Aspect::From => say::AMEND_FROM,
        Aspect::Declarations => say::AMEND_DECLARATIONS,
    }
}

fn as_json(difference: &Difference, said: &Said) -> Value {
    let (kind, id) = match difference {
        Difference::NotNamed => ("not_named", None),
        Difference::Begins(_) => ("begins", None),
        Difference::Heading => ("heading", None),
        Difference::Dropped { id } => ("dropped", Some(id)),
        Difference::Rewritten { id, .. } => ("rewritten", Some(id)),
        Difference::Worded { id } => ("worded", Some(id)),
        Difference::Ends { id, .. } => ("ends", Some(id)),
        Difference::New { id, .. } => ("new", Some(id)),
    };
    json!({
        "kind": kind,
        "id": id,
        "allowed": difference.is_allowed(),
        "en": said.get(Language::English),
        "zh": said.get(Language::Chinese),
    })
}
