//! Google Cloud audit logs (`LogEntry` with an `AuditLog`) to events.
//!
//! How each field maps is specified in `docs/reference/sources/gcp.md`. Field
//! names: Google Cloud, Cloud Logging, "LogEntry" and "AuditLog".

use avow_event::{Action, Event, Field, Micros, Outcome, Provider};
use serde::Deserialize;

use crate::connector::{Answer, Context, Told, set};
use crate::lenient::{Lenient, Text};
use crate::plain;

/// The service of a call ends like this.
const DOMAIN: &str = ".googleapis.com";

/// The kinds of accounts that programs have end like this.
const SERVICE_ACCOUNT: &str = "gserviceaccount.com";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Record<'a> {
    proto_payload: Lenient<Payload<'a>>,
    resource: Lenient<Resource<'a>>,
    timestamp: Text<'a>,
    receive_timestamp: Text<'a>,
    insert_id: Text<'a>,
    log_name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Payload<'a> {
    method_name: Text<'a>,
    service_name: Text<'a>,
    resource_name: Text<'a>,
    authentication_info: Lenient<Authentication<'a>>,
    resource_location: Lenient<Locations>,
    status: Lenient<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Authentication<'a> {
    principal_email: Text<'a>,
    principal_subject: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Locations {
    current_locations: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Resource<'a> {
    labels: Lenient<Labels<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Labels<'a> {
    location: Text<'a>,
    region: Text<'a>,
    zone: Text<'a>,
    project_id: Text<'a>,
}

/// `google.rpc.Code`: PERMISSION_DENIED and UNAUTHENTICATED.
const DENIALS: [i64; 2] = [7, 16];

/// What the last word of a method does, by its beginning in small letters.
const VERBS: [(&str, Action, bool); 22] = [
    ("batchget", Action::Access, false),
    ("get", Action::Access, false),
    ("list", Action::Access, false),
    ("query", Action::Access, false),
    ("search", Action::Access, false),
    ("read", Action::Access, false),
    ("lookup", Action::Access, false),
    ("test", Action::Access, false),
    ("decrypt", Action::Access, false),
    ("export", Action::Disclose, true),
    ("setiampolicy", Action::Disclose, true),
    ("rewrite", Action::Copy, true),
    ("copy", Action::Copy, true),
    ("delete", Action::Erase, true),
    ("destroy", Action::Erase, true),
    ("insert", Action::Store, true),
    ("create", Action::Store, true),
    ("import", Action::Store, true),
    ("restore", Action::Store, true),
    ("patch", Action::Modify, true),
    ("update", Action::Modify, true),
    ("write", Action::Store, true),
];

/// Services that keep customers' data. Writes to others are settings.
const KEEPS_DATA: [&str; 12] = [
    "bigquery",
    "bigtableadmin",
    "cloudkms",
    "cloudsql",
    "compute",
    "datastore",
    "firestore",
    "healthcare",
    "pubsub",
    "secretmanager",
    "spanner",
    "storage",
];

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let record: Record<'_> = serde_json::from_str(json).ok()?;
    let payload = record.proto_payload.0.as_ref()?;
    let method = payload.method_name.as_str()?;
    let service = payload.service_name.as_str()?;
    Some(record.told(payload, service, method, context))
}

impl Record<'_> {
    fn told(
        &self,
        payload: &Payload<'_>,
        service: &str,
        method: &str,
        context: &mut Context<'_, '_>,
    ) -> Result<Told, String> {
        let system = service.strip_suffix(DOMAIN).unwrap_or(service);
        let (action, write) = action(system, method);
        let mut event = Event::new(&self.feed(), 0, Micros::MIN, action);
        set(&mut event, Field::System, plain::system(system))?;
        set(&mut event, Field::Name, plain::name(method))?;
        event.write = Some(write);
        let code = payload.status.0.as_ref().and_then(|status| status.code);
        event.outcome = Some(outcome(code));
        let code = code.filter(|code| *code != 0).map(|code| code.to_string());
        set(&mut event, Field::Code, code.as_deref())?;
        let region = self.region(payload);
        set(&mut event, Field::Region, region.as_deref())?;
        let region = region.unwrap_or_default();
        event.place = Some(context.places.place(Provider::Google, &region));
        if action == Action::Copy {
            event.to_place.clone_from(&event.place);
            event.to_region.clone_from(&event.region);
        }
        if let Some(who) = &payload.authentication_info.0 {
            let names = [&who.principal_email, &who.principal_subject];
            let mut names = names.into_iter().filter_map(Text::as_str);
            let actor = names.find(|name| !name.is_empty());
            event.actor = actor.map(|actor| context.pseudonyms.actor(actor));
            event.actor_kind = actor.map(|actor| kind(actor).to_owned());
        }
        let object = payload
            .resource_name
            .as_str()
            .filter(|name| !name.is_empty());
        event.object = object.map(|name| context.pseudonyms.once("object", name));
        let times = [&self.timestamp, &self.receive_timestamp];
        let mut times = times.into_iter().filter_map(Text::as_str);
        let time = times.find_map(|text| Micros::parse(text).ok());
        let id = self.insert_id.as_str();
        Ok(Told {
            events: vec![event],
            // An id is unique within its log and instant.
            id: id.map(|id| format!("{id}/{}", self.timestamp.as_str().unwrap_or_default())),
            time,
        })
    }

    /// The feed: `gcp-` and the project.
    fn feed(&self) -> String {
        let labels = self.resource.0.as_ref().and_then(|of| of.labels.0.as_ref());
        let of_label = labels.and_then(|labels| labels.project_id.as_str());
        let of_name = self
            .log_name
            .as_str()
            .and_then(|name| name.split('/').nth(1));
        let project = of_label.or(of_name).and_then(plain::account);
        format!("gcp-{}", project.unwrap_or("unknown"))
    }

    /// Where the resource is; a zone is cut to its region (`europe-west1-b`).
    fn region(&self, payload: &Payload<'_>) -> Option<String> {
        let current = payload.resource_location.0.as_ref();
        let current = current
            .and_then(|of| of.current_locations.first())
            .map(String::as_str);
        let labels = self.resource.0.as_ref().and_then(|of| of.labels.0.as_ref());
        let labelled = labels.and_then(|of| {
            let names = [&of.location, &of.region, &of.zone];
            names
                .into_iter()
                .filter_map(Text::as_str)
                .find(|name| !name.is_empty())
        });
        let place = current.or(labelled).and_then(plain::region)?;
        let is_zone = |zone: &str| zone.len() == 1 && zone.bytes().all(|b| b.is_ascii_lowercase());
        let region = place.rsplit_once('-').filter(|(_, zone)| is_zone(zone));
        Some(region.map_or(place, |(region, _)| region).to_owned())
    }
}

fn action(system: &str, method: &str) -> (Action, bool) {
    let last = method
        .rsplit(['.', '/'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if system == "login" {
        return (Action::Login, false);
    }
    let mut verbs = VERBS.iter().filter(|(verb, _, _)| last.starts_with(verb));
    match verbs.next() {
        None => (Action::Configure, true),
        Some((_, action, false)) => (*action, false),
        Some((_, Action::Disclose, write)) => (Action::Disclose, *write),
        Some((_, action, write)) if KEEPS_DATA.contains(&system) => (*action, *write),
        Some((_, _, write)) => (Action::Configure, *write),
    }
}

fn outcome(code: Option<i64>) -> Outcome {
    match code {
        None | Some(0) => Outcome::Success,
        Some(code) if DENIALS.contains(&code) => Outcome::Denied,
        Some(_) => Outcome::Failure,
    }
}

fn kind(principal: &str) -> &'static str {
    if principal.ends_with(SERVICE_ACCOUNT) {
        "ServiceAccount"
    } else {
        "User"
    }
}
