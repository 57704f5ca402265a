//! Alibaba Cloud ActionTrail records to events.
//!
//! How each field maps is specified in `docs/reference/sources/actiontrail.md`.
//! Field names: Alibaba Cloud, ActionTrail, "ActionTrail event structure".
//! Operations of the provider's own staff are in [`inner`].

mod action;
pub(crate) mod inner;

use avow_event::{Action, Event, Field, Micros, Outcome, Place, PlaceTable, Provider};
use serde::Deserialize;

use crate::connector::{Answer, Context, Told, set};
use crate::lenient::{Lenient, Text};
use crate::plain;

/// The event source of Alibaba Cloud's services ends like this.
const DOMAIN: &str = ".aliyuncs.com";

/// OSS names its regions with this before the cloud's own name.
const OSS_PREFIX: &str = "oss-";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Record<'a> {
    event_name: Text<'a>,
    event_source: Text<'a>,
    event_time: Text<'a>,
    event_id: Text<'a>,
    #[serde(rename = "eventRW")]
    event_rw: Text<'a>,
    acs_region: Text<'a>,
    service_name: Text<'a>,
    error_code: Text<'a>,
    recipient_account_id: Text<'a>,
    resource_name: Text<'a>,
    user_identity: Lenient<Identity<'a>>,
    request_parameters: Lenient<Parameters<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Identity<'a> {
    #[serde(rename = "type")]
    kind: Text<'a>,
    account_id: Text<'a>,
    principal_id: Text<'a>,
    user_name: Text<'a>,
    session_context: Lenient<SessionContext<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct SessionContext<'a> {
    attributes: Lenient<Attributes<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Attributes<'a> {
    mfa_authenticated: Text<'a>,
}

/// The parameters that say where a copy goes. All others are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound = "'de: 'a")]
struct Parameters<'a> {
    destination_region_id: Text<'a>,
    #[serde(rename = "location")]
    location: Text<'a>,
}

/// The kinds of identity: ActionTrail, "userIdentity".
const IDENTITIES: [&str; 6] = [
    "alibaba-cloud-account",
    "assumed-role",
    "ram-user",
    "root-account",
    "saml-user",
    "system",
];

/// Error codes that contain one of these mean: not allowed.
const DENIALS: [&str; 4] = ["AccessDenied", "Forbidden", "NoPermission", "Unauthorized"];

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let record: Record<'_> = serde_json::from_str(json).ok()?;
    let name = record.event_name.as_str()?;
    let is_here = record
        .event_source
        .as_str()
        .is_some_and(|source| source.ends_with(DOMAIN));
    // Some services leave the source out; the other two are ActionTrail's own.
    let is_said = record.acs_region.is_there() && record.event_rw.is_there();
    if !is_here && !is_said {
        return None;
    }
    Some(record.told(name, context))
}

impl Record<'_> {
    fn told(&self, name: &str, context: &mut Context<'_, '_>) -> Result<Told, String> {
        let system = self.system();
        let write = self.event_rw.as_str() != Some("Read");
        let action = action::of(name, write);
        let mut event = Event::new(&self.feed(), 0, Micros::MIN, action);
        set(
            &mut event,
            Field::System,
            system.as_deref().and_then(plain::system),
        )?;
        set(&mut event, Field::Name, plain::name(name))?;
        event.write = Some(write);
        event.outcome = Some(self.outcome());
        let code = self.error_code.as_str();
        set(&mut event, Field::Code, code.and_then(plain::name))?;
        let region = self.acs_region.as_str().and_then(plain::region);
        set(&mut event, Field::Region, region)?;
        event.place = Some(place(context.places, region));
        if let Some(identity) = &self.user_identity.0 {
            let actor = [
                &identity.principal_id,
                &identity.user_name,
                &identity.account_id,
            ];
            let mut actor = actor.into_iter().filter_map(Text::as_str);
            event.actor = actor
                .find(|text| !text.is_empty())
                .map(|actor| context.pseudonyms.actor(actor));
            let kind = identity.kind.as_str();
            event.actor_kind = kind
                .filter(|kind| IDENTITIES.contains(kind))
                .map(str::to_owned);
            if action == Action::Login {
                event.mfa = identity.mfa();
            }
        }
        if action == Action::Copy {
            let to = self.target();
            set(&mut event, Field::FromRegion, region)?;
            set(&mut event, Field::ToRegion, to)?;
            event.from_place = Some(place(context.places, region));
            event.to_place = Some(place(context.places, to));
        }
        let object = self.resource_name.as_str().filter(|name| !name.is_empty());
        event.object = object.map(|name| context.pseudonyms.once("object", name));
        Ok(Told {
            events: vec![event],
            id: self.event_id.as_str().map(str::to_owned),
            time: self
                .event_time
                .as_str()
                .and_then(|text| Micros::parse(text).ok()),
        })
    }

    /// The service, in small letters.
    fn system(&self) -> Option<String> {
        let of_source = self
            .event_source
            .as_str()
            .and_then(|source| source.split('.').next());
        let name = self.service_name.as_str().or(of_source)?;
        Some(name.to_ascii_lowercase())
    }

    /// The feed: `actiontrail-` and the account into whose trail it went.
    fn feed(&self) -> String {
        let identity = self.user_identity.0.as_ref();
        let account = self
            .recipient_account_id
            .as_str()
            .or_else(|| identity.and_then(|identity| identity.account_id.as_str()))
            .and_then(plain::account)
            .unwrap_or("unknown");
        format!("actiontrail-{account}")
    }

    fn outcome(&self) -> Outcome {
        match self.error_code.as_str().filter(|code| !code.is_empty()) {
            None => Outcome::Success,
            Some(code) if DENIALS.iter().any(|denial| code.contains(denial)) => Outcome::Denied,
            Some(_) => Outcome::Failure,
        }
    }

    /// Where a copy goes.
    fn target(&self) -> Option<&str> {
        let parameters = self.request_parameters.0.as_ref()?;
        let region = parameters.destination_region_id.as_str();
        let location = parameters.location.as_str();
        let location = location.map(|text| text.strip_prefix(OSS_PREFIX).unwrap_or(text));
        region.or(location).and_then(plain::region)
    }
}

impl Identity<'_> {
    fn mfa(&self) -> Option<bool> {
        let attributes = self.session_context.0.as_ref()?.attributes.0.as_ref()?;
        match attributes.mfa_authenticated.as_str()? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

fn place(places: &PlaceTable, region: Option<&str>) -> Place {
    places.place(Provider::Alibaba, region.unwrap_or_default())
}
