//! Azure activity logs to events, and audit and sign-in logs of Entra ID.
//!
//! How each field maps is specified in `docs/reference/sources/azure.md`. Field
//! names: Azure Monitor, "Activity log event schema" as it is sent to storage
//! and event hubs; Entra ID, "Sign-in log schema".

mod entra;

use avow_event::{Action, Event, Field, Micros, Outcome, Provider};
use serde::Deserialize;

use crate::connector::{Answer, Context, Told, set};
use crate::lenient::{Lenient, Text};
use crate::plain;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Record<'a> {
    time: Text<'a>,
    resource_id: Text<'a>,
    operation_name: Text<'a>,
    category: Text<'a>,
    result_type: Text<'a>,
    result_signature: Text<'a>,
    location: Text<'a>,
    tenant_id: Text<'a>,
    correlation_id: Text<'a>,
    identity: Lenient<Identity<'a>>,
    properties: Lenient<entra::Properties<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Identity<'a> {
    authorization: Lenient<Authorization<'a>>,
    claims: Lenient<Claims<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Authorization<'a> {
    evidence: Lenient<Evidence<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Evidence<'a> {
    principal_id: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Claims<'a> {
    #[serde(rename = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn")]
    upn: Text<'a>,
    appid: Text<'a>,
}

/// Providers whose resources keep customers' data. Writes to others are
/// settings.
const KEEPS_DATA: [&str; 9] = [
    "microsoft.cache",
    "microsoft.compute",
    "microsoft.dbformysql",
    "microsoft.dbforpostgresql",
    "microsoft.documentdb",
    "microsoft.keyvault",
    "microsoft.recoveryservices",
    "microsoft.sql",
    "microsoft.storage",
];

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let record: Record<'_> = serde_json::from_str(json).ok()?;
    let operation = record.operation_name.as_str()?;
    let resource = record.resource_id.as_str()?.to_ascii_lowercase();
    let is_operation = operation.to_ascii_lowercase().starts_with("microsoft.");
    if entra::CATEGORIES.contains(&record.category.as_str().unwrap_or_default()) {
        return Some(entra::told(&record, json, operation, context));
    }
    if !resource.starts_with("/subscriptions/") && !is_operation {
        return None;
    }
    Some(record.told(json, operation, &resource, context))
}

impl Record<'_> {
    fn told(
        &self,
        json: &str,
        operation: &str,
        resource: &str,
        context: &mut Context<'_, '_>,
    ) -> Result<Told, String> {
        let lower = operation.to_ascii_lowercase();
        let system = lower.split('/').next().unwrap_or_default();
        let (action, write) = action(system, &lower);
        let subscription = resource.split('/').nth(2).and_then(plain::account);
        let feed = format!("azure-{}", subscription.unwrap_or("unknown"));
        let mut event = Event::new(&feed, 0, Micros::MIN, action);
        set(&mut event, Field::System, plain::system(system))?;
        set(
            &mut event,
            Field::Name,
            plain::name(&operation.replace('/', ":")),
        )?;
        event.write = Some(write);
        event.outcome = self.outcome();
        let code = self.result_signature.as_str().or(self.result_type.as_str());
        set(&mut event, Field::Code, code.and_then(plain::name))?;
        let region = self.location.as_str().and_then(plain::region);
        set(&mut event, Field::Region, region)?;
        let place = context
            .places
            .place(Provider::Azure, region.unwrap_or_default());
        event.place = Some(place);
        let (actor, kind) = self.actor();
        event.actor = actor.map(|actor| context.pseudonyms.actor(actor));
        event.actor_kind = actor.map(|_| kind.to_owned());
        event.object = Some(context.pseudonyms.once("object", resource));
        let case = self.correlation_id.as_str().filter(|id| !id.is_empty());
        event.case_id = case.map(|id| context.pseudonyms.once("case_id", id));
        Ok(Told {
            events: vec![event],
            // A record has no id of its own: its text is.
            id: Some(json.to_owned()),
            time: self.time.as_str().and_then(|text| Micros::parse(text).ok()),
        })
    }

    fn outcome(&self) -> Option<Outcome> {
        let result = self.result_type.as_str()?.to_ascii_lowercase();
        let signature = self.result_signature.as_str().unwrap_or_default();
        let denied = [
            "403",
            "401",
            "Forbidden",
            "Unauthorized",
            "AuthorizationFailed",
        ];
        match result.as_str() {
            "success" | "succeeded" | "0" => Some(Outcome::Success),
            "failure" | "failed" if denied.iter().any(|word| signature.contains(word)) => {
                Some(Outcome::Denied)
            }
            "failure" | "failed" => Some(Outcome::Failure),
            // `Start`, `Accept`: not ended yet.
            _ => None,
        }
    }

    fn actor(&self) -> (Option<&str>, &'static str) {
        let Some(identity) = &self.identity.0 else {
            return (None, "User");
        };
        let claims = identity.claims.0.as_ref();
        let upn = claims.and_then(|claims| claims.upn.as_str());
        let evidence = identity
            .authorization
            .0
            .as_ref()
            .and_then(|of| of.evidence.0.as_ref());
        let principal = evidence.and_then(|evidence| evidence.principal_id.as_str());
        let application = claims.and_then(|claims| claims.appid.as_str());
        match (upn, principal.or(application)) {
            (Some(upn), _) => (Some(upn), "User"),
            (None, other) => (other, "Principal"),
        }
    }
}

/// The action of an operation, in small letters, and whether it writes.
fn action(system: &str, operation: &str) -> (Action, bool) {
    let keeps_data = KEEPS_DATA.contains(&system);
    let last = operation.rsplit('/').next().unwrap_or_default();
    match last {
        "read" => (Action::Access, false),
        "write" if operation.contains("/diagnosticsettings/") => (Action::Configure, true),
        "delete" if operation.contains("/diagnosticsettings/") => (Action::Configure, true),
        "write" if keeps_data => (Action::Store, true),
        "delete" if keeps_data => (Action::Erase, true),
        "write" | "delete" => (Action::Configure, true),
        // `…/listKeys/action` and the like hand out what opens the data.
        _ if operation.ends_with("/action") => {
            let verb = operation.rsplit('/').nth(1).unwrap_or_default();
            let discloses = verb.starts_with("list") || verb.starts_with("begingetaccess");
            let reads = verb.starts_with("get") || verb.starts_with("read");
            match (discloses, reads) {
                (true, _) => (Action::Disclose, false),
                (_, true) => (Action::Access, false),
                _ => (Action::Configure, true),
            }
        }
        _ => (Action::Configure, true),
    }
}
