//! AWS CloudTrail records (event versions 1.0 to 1.11) to events.
//!
//! How each field maps is specified in `docs/reference/sources/cloudtrail.md`.
//! Which records a file holds, and whether one was seen before, is decided by
//! `reading`.

mod action;
mod object;
mod record;
mod region;

use avow_event::{Action, Event, Field, Micros, Outcome, PlaceTable, Provider};

pub(crate) use record::Record;

use crate::connector::set;
use crate::plain;
use crate::pseudonyms::Pseudonyms;

/// The event source of AWS services ends like this (the second one in China).
const DOMAINS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

/// One call copies to no more regions than this. AWS has about forty; more
/// would let a short record become very many events.
const COPY_TARGETS_MAX: usize = 256;

/// The kinds of identity: AWS CloudTrail user guide, "userIdentity element".
const IDENTITIES: [&str; 12] = [
    "AWSAccount",
    "AWSService",
    "AssumedRole",
    "Directory",
    "FederatedUser",
    "IAMUser",
    "IdentityCenterUser",
    "Role",
    "Root",
    "SAMLUser",
    "Unknown",
    "WebIdentityUser",
];

/// An AWS account number has twelve digits.
const ACCOUNT_DIGITS: usize = 12;

impl Record<'_> {
    /// The service and the operation, if this is a CloudTrail record.
    pub(crate) fn call(&self) -> Option<(&str, &str)> {
        let name = self.event_name.as_str()?;
        let source = self.event_source.as_str()?;
        let system = DOMAINS
            .iter()
            .find_map(|domain| source.strip_suffix(domain))?;
        Some((system, name))
    }

    /// The feed: `cloudtrail-` and the account into whose trail it went.
    fn feed(&self, envelope_account: Option<&str>) -> String {
        let account = [self.recipient_account_id.as_str(), envelope_account]
            .into_iter()
            .flatten()
            .find(|a| a.len() == ACCOUNT_DIGITS && a.bytes().all(|b| b.is_ascii_digit()))
            .unwrap_or("unknown");
        format!("cloudtrail-{account}")
    }

    /// When it happened. A log shipper may have moved it.
    pub(crate) fn time(&self) -> Option<Micros> {
        [&self.event_time, &self.timestamp]
            .into_iter()
            .filter_map(|text| text.as_str())
            .find_map(|text| Micros::parse(text).ok())
    }

    fn is_failed(&self) -> bool {
        self.error_code.is_there() || self.error_message.is_there()
    }

    fn outcome(&self, name: &str) -> Option<Outcome> {
        let code = self.error_code.as_str().unwrap_or_default();
        let message = self.error_message.as_str().unwrap_or_default();
        if name == "ConsoleLogin" {
            return self.sign_in_outcome();
        }
        Some(if action::is_denial(code, message) {
            Outcome::Denied
        } else if self.is_failed() {
            Outcome::Failure
        } else {
            Outcome::Success
        })
    }

    /// A sign-in says twice how it ended: by an error, and in its answer.
    fn sign_in_outcome(&self) -> Option<Outcome> {
        match (self.is_failed(), self.console_login()) {
            (false, Some("Failure")) => None,
            (false, _) => Some(Outcome::Success),
            (true, Some("Success")) => Some(Outcome::Failure),
            (true, _) => Some(Outcome::Denied),
        }
    }

    fn console_login(&self) -> Option<&str> {
        self.response_elements
            .0
            .as_ref()
            .and_then(|response| response.text(record::Parameter::ConsoleLogin))
    }
}

/// Makes the event of `record`, and further ones where one call copies to
/// several regions. `seq` is left to the caller.
///
/// # Errors
/// A copy goes to more than [`COPY_TARGETS_MAX`] regions.
pub(crate) fn events(
    record: &Record<'_>,
    envelope_account: Option<&str>,
    time: Micros,
    places: &PlaceTable,
    pseudonyms: &mut Pseudonyms<'_>,
) -> Result<Vec<Event>, String> {
    let Some((system, name)) = record.call() else {
        return Ok(Vec::new());
    };
    let write = action::is_write(record.read_only.0, name);
    let action = action::of(system, name, write);
    let mut event = Event::new(&record.feed(envelope_account), 0, time, action);
    set(&mut event, Field::System, plain::system(system))?;
    set(&mut event, Field::Name, plain::name(name))?;
    event.write = Some(write);
    event.outcome = record.outcome(name);
    let code = record.error_code.as_str();
    set(&mut event, Field::Code, code.and_then(plain::name))?;
    let region = record.aws_region.as_str();
    set(&mut event, Field::Region, region.and_then(plain::region))?;
    event.place = Some(places.place(Provider::Aws, event.region.as_deref().unwrap_or_default()));
    if let Some(identity) = &record.user_identity.0 {
        event.actor = identity.identifier().map(|actor| pseudonyms.actor(actor));
        event.actor_kind = identity.kind().and_then(known_identity).map(str::to_owned);
    }
    event.encrypted = object::encrypted(record);
    if action == Action::Login {
        event.mfa = mfa(record);
    }
    if action == Action::Copy {
        return copies(record, &event, places, pseudonyms);
    }
    let here = region.unwrap_or_default();
    event.object = object::of(record, system, name, here).map(|o| pseudonyms.once("object", &o));
    Ok(vec![event])
}

/// A word of AWS's list.
fn known_identity(text: &str) -> Option<&str> {
    IDENTITIES.contains(&text).then_some(text)
}

fn mfa(record: &Record<'_>) -> Option<bool> {
    let data = record.additional_event_data.0.as_ref()?;
    match data.mfa_used.as_str()? {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => None,
    }
}

/// One event for each region that the call copies to.
fn copies(
    record: &Record<'_>,
    event: &Event,
    places: &PlaceTable,
    pseudonyms: &Pseudonyms<'_>,
) -> Result<Vec<Event>, String> {
    let Some((system, name)) = record.call() else {
        return Ok(Vec::new());
    };
    let (from, to) = region::of_copy(record, name);
    if to.len() > COPY_TARGETS_MAX {
        return Err(format!("a copy to more than {COPY_TARGETS_MAX} regions"));
    }
    let place = |region: Option<&str>| places.place(Provider::Aws, region.unwrap_or_default());
    let from = from.and_then(plain::region);
    let mut events = Vec::with_capacity(to.len());
    for to in to {
        let mut event = event.clone();
        let plain_to = to.and_then(plain::region);
        set(&mut event, Field::FromRegion, from)?;
        set(&mut event, Field::ToRegion, plain_to)?;
        event.from_place = Some(place(from));
        event.to_place = Some(place(plain_to));
        event.object = object::of(record, system, name, to.unwrap_or_default())
            .map(|o| pseudonyms.once("object", &o));
        events.push(event);
    }
    Ok(events)
}
