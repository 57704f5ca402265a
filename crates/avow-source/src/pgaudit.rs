//! Records of PostgreSQL with pgaudit, from `csvlog` and `jsonlog`, to events.
//!
//! How each field maps is specified in `docs/reference/sources/pgaudit.md`.
//! The texts of statements are looked at here and never leave this module.

mod audit;
mod line;
mod watch;

use avow_event::{Action, Event, Field, Micros, Outcome, Place};

use crate::connector::{Answer, Context, Told, set};
use crate::plain;
use audit::Audit;
use line::Line;
pub(crate) use watch::Watch;

const KIND: &str = "pgaudit";

/// SQLSTATE: insufficient privilege (PostgreSQL, appendix A).
const DENIED: &str = "42501";

/// SQLSTATE class 28: invalid authorization specification.
const SIGN_IN_CLASS: &str = "28";

/// Reads one object of `jsonlog`.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let line = Line::of_json(json)?;
    told(&line, context)
}

/// Reads one row of `csvlog`.
pub(crate) fn row(columns: &[&str], context: &mut Context<'_, '_>) -> Answer {
    let line = Line::of_row(columns)?;
    told(&line, context)
}

/// A line that tells nothing has no events, and yet it may end a session or be
/// missed in the numbering.
fn told(line: &Line<'_>, context: &mut Context<'_, '_>) -> Answer {
    let Some(time) = line.time() else {
        return Some(Err(
            "its time is not in UTC: set `log_timezone = 'UTC'`".to_owned()
        ));
    };
    let feed = context.feed(KIND);
    let mut events = Vec::new();
    if let Some((from, to)) = context.watch.missing_lines(&feed, line, time) {
        events.push(gap(&feed, from, Some(to)));
    }
    match event(line, &feed, context) {
        Ok(Some(event)) => events.push(event),
        Ok(None) => {}
        Err(reason) => return Some(Err(reason)),
    }
    for (from, to) in context.watch.switched(&feed, line, time) {
        events.push(gap(&feed, from, to));
    }
    Some(Ok(Told {
        events,
        id: Some(format!("{}/{}", line.session, line.number)),
        time: Some(time),
    }))
}

/// The feed said nothing, or not all, from then to then.
fn gap(feed: &str, from: Micros, to: Option<Micros>) -> Event {
    let mut event = Event::new(feed, 0, from, Action::Gap);
    event.due = to;
    event
}

fn event(
    line: &Line<'_>,
    feed: &str,
    context: &mut Context<'_, '_>,
) -> Result<Option<Event>, String> {
    let mut event = Event::new(feed, 0, Micros::MIN, Action::Access);
    set(&mut event, Field::System, Some("postgresql"))?;
    if let Some(audit) = line.audit() {
        audit_event(&mut event, line, &audit, context)?;
    } else if let Some(setting) = line.changed_setting() {
        event.action = Action::Configure;
        event.write = Some(true);
        set(
            &mut event,
            Field::Name,
            plain::name(&format!("SETTING:{setting}")),
        )?;
    } else if &*line.sqlstate == DENIED {
        event.outcome = Some(Outcome::Denied);
        let name = format!("ERROR:{}", words(&line.command));
        set(&mut event, Field::Name, plain::name(&name))?;
    } else if line.sqlstate.starts_with(SIGN_IN_CLASS) {
        event.action = Action::Login;
        event.outcome = Some(Outcome::Denied);
    } else if line.message.starts_with("connection authorized: ") {
        event.action = Action::Login;
        event.outcome = Some(Outcome::Success);
    } else {
        return Ok(None);
    }
    if &*line.sqlstate != "00000" {
        set(&mut event, Field::Code, plain::name(&line.sqlstate))?;
    }
    if event.place.is_none() {
        event.place = Some(context.place_of(feed));
    }
    let user = Some(&*line.user).filter(|user| !user.is_empty());
    event.actor = user.map(|user| context.pseudonyms.actor(user));
    event.session = Some(context.pseudonyms.once("session", &line.session));
    Ok(Some(event))
}

fn audit_event(
    event: &mut Event,
    line: &Line<'_>,
    audit: &Audit,
    context: &Context<'_, '_>,
) -> Result<(), String> {
    event.action = audit.action();
    event.write = Some(audit.is_write());
    let name = format!("{}:{}:{}", audit.kind, audit.class, words(&audit.command));
    set(event, Field::Name, plain::name(&name))?;
    event.quantity = audit.rows;
    let case = format!("{}/{}", line.session, audit.statement_id);
    event.case_id = Some(context.pseudonyms.once("case_id", &case));
    if let Some(schema) = audit.schema() {
        set(event, Field::Region, plain::name(schema))?;
        let place = context.place_of(&format!("{}/{schema}", event.source));
        event.place = (place != Place::UNKNOWN).then_some(place);
    }
    if !audit.object.is_empty() {
        let object = format!("{}/{}", line.database, audit.object);
        event.object = Some(context.pseudonyms.once("object", &object));
    }
    Ok(())
}

/// A command of several words as one.
fn words(command: &str) -> String {
    command.replace(' ', "_")
}
