//! Audit events of Kubernetes (`audit.k8s.io/v1`) to events: as JSON, alone or
//! in an `EventList`, and as the rows of the flattened CSV of PerfSPEC.
//!
//! How each field maps is specified in `docs/reference/sources/kubernetes.md`.

use avow_event::{Action, Event, Field, Micros, Outcome};
use serde::Deserialize;

use crate::connector::{Answer, Context, Told, set};
use crate::lenient::{Lenient, Text};
use crate::plain;

const KIND: &str = "kubernetes";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Record<'a> {
    kind: Text<'a>,
    api_version: Text<'a>,
    #[serde(rename = "auditID")]
    audit_id: Text<'a>,
    stage: Text<'a>,
    verb: Text<'a>,
    request_received_timestamp: Text<'a>,
    stage_timestamp: Text<'a>,
    user: Lenient<User<'a>>,
    object_ref: Lenient<ObjectRef<'a>>,
    response_status: Lenient<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct User<'a> {
    username: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct ObjectRef<'a> {
    resource: Text<'a>,
    subresource: Text<'a>,
    namespace: Text<'a>,
    name: Text<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Option<serde_json::Number>,
}

/// The columns of a row: the host, when, who, what, to what, and how it ended.
const COLUMNS: usize = 12;

/// The stages of a request, in their order.
const STAGES: [&str; 4] = [
    "RequestReceived",
    "ResponseStarted",
    "ResponseComplete",
    "Panic",
];

/// The stage that says how it ended; events of others carry theirs in `name`.
const COMPLETE: &str = "ResponseComplete";

/// Resources that hold data rather than settings.
const KEEPS_DATA: [&str; 4] = [
    "configmaps",
    "persistentvolumeclaims",
    "persistentvolumes",
    "secrets",
];

/// One call, however it was written down.
struct Call<'a> {
    id: Option<&'a str>,
    stage: &'a str,
    verb: &'a str,
    time: Option<&'a str>,
    user: Option<&'a str>,
    resource: &'a str,
    subresource: &'a str,
    namespace: &'a str,
    object: &'a str,
    code: Option<u16>,
}

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let record: Record<'_> = serde_json::from_str(json).ok()?;
    let version = record.api_version.as_str().unwrap_or_default();
    let is_event = record.kind.as_str() == Some("Event") && version.starts_with("audit.k8s.io/");
    let stage = record.stage.as_str().unwrap_or_default();
    let is_audit = record.audit_id.is_there() && STAGES.contains(&stage);
    let is_call = record.verb.is_there() && record.object_ref.0.is_some();
    if !is_event && !is_audit && !is_call {
        return None;
    }
    let nothing = ObjectRef::default();
    let object = record.object_ref.0.as_ref().unwrap_or(&nothing);
    let text = |text: &Text<'_>| text.as_str().unwrap_or_default().to_owned();
    let (resource, subresource) = (text(&object.resource), text(&object.subresource));
    let (namespace, name) = (text(&object.namespace), text(&object.name));
    let call = Call {
        id: record.audit_id.as_str(),
        stage,
        verb: record.verb.as_str().unwrap_or_default(),
        time: record
            .request_received_timestamp
            .as_str()
            .or(record.stage_timestamp.as_str()),
        user: record
            .user
            .0
            .as_ref()
            .and_then(|user| user.username.as_str()),
        resource: &resource,
        subresource: &subresource,
        namespace: &namespace,
        object: &name,
        code: record.response_status.0.and_then(|status| {
            let code = status.code?.as_u64()?;
            u16::try_from(code).ok()
        }),
    };
    Some(call.told(context))
}

/// Reads one row: host, requestReceivedTimestamp, user, verb, resource,
/// subresource, name, responseObject's name, requestURI, auditID, stage, code.
pub(crate) fn row(columns: &[&str], context: &mut Context<'_, '_>) -> Answer {
    let [
        _,
        time,
        user,
        verb,
        resource,
        subresource,
        name,
        made,
        uri,
        id,
        stage,
        code,
        ..,
    ] = columns
    else {
        // Of a row that was cut only what is left can say what it was.
        let is_ours = columns
            .first()
            .is_some_and(|host| host.starts_with("{\"name\":"));
        return is_ours.then(|| Err(format!("a row has at least {COLUMNS} columns")));
    };
    if !STAGES.contains(stage) {
        return None;
    }
    let call = Call {
        id: Some(id),
        stage,
        verb,
        time: Some(time),
        user: Some(user),
        resource,
        subresource,
        namespace: namespace(uri),
        object: if name.is_empty() { made } else { name },
        code: code.parse().ok(),
    };
    Some(call.told(context))
}

/// The namespace in the path of a request.
fn namespace(uri: &str) -> &str {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    let mut parts = path.split('/');
    match parts.find(|part| *part == "namespaces") {
        Some(_) => parts.next().unwrap_or_default(),
        None => "",
    }
}

impl Call<'_> {
    fn told(&self, context: &mut Context<'_, '_>) -> Result<Told, String> {
        let feed = context.feed(KIND);
        let mut event = Event::new(&feed, 0, Micros::MIN, self.action());
        set(&mut event, Field::System, Some(KIND))?;
        set(&mut event, Field::Name, plain::name(&self.name()))?;
        event.write = Some(self.is_write());
        event.outcome = self.outcome();
        let code = self.code.map(|code| code.to_string());
        set(&mut event, Field::Code, code.as_deref())?;
        event.place = Some(context.place_of(&feed));
        let user = self.user.filter(|user| !user.is_empty());
        event.actor = user.map(|user| context.pseudonyms.actor(user));
        event.actor_kind = user.map(|user| actor_kind(user).to_owned());
        event.case_id = self.id.map(|id| context.pseudonyms.once("case_id", id));
        if !self.object.is_empty() {
            let object = format!("{}/{}/{}", self.resource, self.namespace, self.object);
            event.object = Some(context.pseudonyms.once("object", &object));
        }
        Ok(Told {
            events: vec![event],
            // The stages of one request share its id.
            id: self.id.map(|id| format!("{id}/{}", self.stage)),
            time: self.time.and_then(|text| Micros::parse(text).ok()),
        })
    }

    /// `get:secrets`, `create:pods.exec`, `watch:configmaps:ResponseStarted`.
    fn name(&self) -> String {
        let mut name = format!("{}:{}", self.verb, self.resource);
        if !self.subresource.is_empty() {
            name.push('.');
            name.push_str(self.subresource);
        }
        if self.stage != COMPLETE && STAGES.contains(&self.stage) {
            name.push(':');
            name.push_str(self.stage);
        }
        name
    }

    fn is_write(&self) -> bool {
        matches!(
            self.verb,
            "create" | "update" | "patch" | "delete" | "deletecollection"
        )
    }

    fn action(&self) -> Action {
        if matches!(
            self.subresource,
            "exec" | "attach" | "portforward" | "proxy"
        ) {
            // Whoever gets inside reads what is there.
            return Action::Access;
        }
        match (self.verb, KEEPS_DATA.contains(&self.resource)) {
            ("create", true) => Action::Store,
            ("update" | "patch", true) => Action::Modify,
            ("delete" | "deletecollection", true) => Action::Erase,
            _ if self.is_write() => Action::Configure,
            _ => Action::Access,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        match self.code? {
            401 | 403 => Some(Outcome::Denied),
            100..=399 => Some(Outcome::Success),
            _ => Some(Outcome::Failure),
        }
    }
}

/// What kind of name a user's is. The prefixes are Kubernetes' own.
fn actor_kind(user: &str) -> &'static str {
    if user == "system:anonymous" {
        "Anonymous"
    } else if user.starts_with("system:serviceaccount:") {
        "ServiceAccount"
    } else if user.starts_with("system:node:") {
        "Node"
    } else if user.starts_with("system:") {
        "System"
    } else {
        "User"
    }
}
