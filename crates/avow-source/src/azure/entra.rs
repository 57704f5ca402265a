//! Audit and sign-in logs of Microsoft Entra ID, as Azure Monitor sends them.

use avow_event::{Action, Event, Field, Micros, Outcome, Place};
use serde::Deserialize;

use super::Record;
use crate::connector::{Context, Told, set};
use crate::lenient::{Lenient, Text};
use crate::plain;

/// The categories of Entra ID's logs.
pub(super) const CATEGORIES: [&str; 6] = [
    "AuditLogs",
    "ManagedIdentitySignInLogs",
    "MicrosoftGraphActivityLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "SignInLogs",
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
pub(super) struct Properties<'a> {
    id: Text<'a>,
    user_id: Text<'a>,
    user_principal_name: Text<'a>,
    service_principal_id: Text<'a>,
    authentication_requirement: Text<'a>,
    result: Text<'a>,
    location: Lenient<Location<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Location<'a> {
    country_or_region: Text<'a>,
}

pub(super) fn told(
    record: &Record<'_>,
    json: &str,
    operation: &str,
    context: &mut Context<'_, '_>,
) -> Result<Told, String> {
    let category = record.category.as_str().unwrap_or_default();
    let action = match category {
        "AuditLogs" => Action::Configure,
        "MicrosoftGraphActivityLogs" => Action::Access,
        _ => Action::Login,
    };
    let tenant = record.tenant_id.as_str().and_then(plain::account);
    let feed = format!("entra-{}", tenant.unwrap_or("unknown"));
    let mut event = Event::new(&feed, 0, Micros::MIN, action);
    set(&mut event, Field::System, Some("entra"))?;
    set(
        &mut event,
        Field::Name,
        plain::name(&operation.replace(' ', "")),
    )?;
    event.write = Some(action == Action::Configure);
    let nothing = Properties::default();
    let properties = record.properties.0.as_ref().unwrap_or(&nothing);
    event.outcome = outcome(record, properties, action);
    let code = record.result_type.as_str().filter(|code| *code != "0");
    set(&mut event, Field::Code, code.and_then(plain::name))?;
    event.place = Some(Place::UNKNOWN);
    if action == Action::Login {
        event.mfa = match properties.authentication_requirement.as_str() {
            Some("multiFactorAuthentication") => Some(true),
            Some("singleFactorAuthentication") => Some(false),
            _ => None,
        };
    }
    let country = properties
        .location
        .0
        .as_ref()
        .and_then(|of| of.country_or_region.as_str());
    event.actor_place = country.and_then(Place::parse);
    let names = [
        (&properties.user_principal_name, "User"),
        (&properties.user_id, "User"),
        (&properties.service_principal_id, "Principal"),
    ];
    let actor = names
        .into_iter()
        .find_map(|(name, kind)| Some((name.as_str().filter(|name| !name.is_empty())?, kind)));
    event.actor = actor.map(|(actor, _)| context.pseudonyms.actor(actor));
    event.actor_kind = actor.map(|(_, kind)| kind.to_owned());
    let case = record.correlation_id.as_str().filter(|id| !id.is_empty());
    event.case_id = case.map(|id| context.pseudonyms.once("case_id", id));
    let id = properties.id.as_str().filter(|id| !id.is_empty());
    Ok(Told {
        events: vec![event],
        id: Some(id.unwrap_or(json).to_owned()),
        time: record
            .time
            .as_str()
            .and_then(|text| Micros::parse(text).ok()),
    })
}

fn outcome(record: &Record<'_>, properties: &Properties<'_>, action: Action) -> Option<Outcome> {
    let result = record.result_type.as_str().or(properties.result.as_str())?;
    Some(match (result.to_ascii_lowercase().as_str(), action) {
        ("0" | "success", _) => Outcome::Success,
        (_, Action::Login) => Outcome::Denied,
        _ => Outcome::Failure,
    })
}
