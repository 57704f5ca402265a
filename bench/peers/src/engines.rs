//! Engines that judge one event at a time, here the condition of `never`. None
//! of them remembers events, so that the other rules are beyond them.

use std::time::Duration;

use avow_event::{Event, Place};
use cedar_policy::{Authorizer, Context as CedarContext, Decision, Entities, PolicySet, Request};
use cedar_policy::{EntityUid, RestrictedExpression};

use crate::{Outcome, making};

pub(crate) const ALL: [&str; 3] = ["cel", "regorus", "cedar-policy"];

pub(crate) fn run(engine: &str, events: u64) -> Result<Outcome, String> {
    match engine {
        "cel" => cel(events),
        "regorus" => regorus(events),
        "cedar-policy" => cedar(events),
        _ => Err("no such engine".to_owned()),
    }
}

/// What the condition looks at.
fn values(event: &Event) -> [(&'static str, &str); 3] {
    let place = |place: &Option<Place>| match place {
        Some(place) if place.as_str() == "US" => "US",
        Some(place) if place.as_str() == "DE" => "DE",
        Some(_) => "CN",
        None => "UNKNOWN",
    };
    [
        ("action", event.action.as_str()),
        ("subject_country", place(&event.subject_country)),
        ("place", place(&event.place)),
    ]
}

/// Judges all events and takes off what making them costs.
fn count(
    events: u64,
    mut judge: impl FnMut([(&'static str, &str); 3]) -> Result<bool, String>,
) -> Result<Outcome, String> {
    let made = making(events, |event| {
        std::hint::black_box(values(event));
    });
    let mut breaches = 0;
    let mut failed = None;
    let took: Duration = making(events, |event| match judge(values(event)) {
        Ok(breach) => breaches += u64::from(breach),
        Err(error) => failed = Some(error),
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(Outcome {
            breaches,
            time: took.saturating_sub(made),
        }),
    }
}

fn cel(events: u64) -> Result<Outcome, String> {
    let source = "action == 'store' && subject_country == 'CN' && place != 'CN'";
    let program = cel::Program::compile(source).map_err(|e| e.to_string())?;
    let root = cel::Context::empty();
    count(events, |values| {
        // A new scope in one context, which costs a hundredth of a new context.
        let mut scope = root.new_inner_scope();
        for (name, value) in values {
            scope.add_variable_from_value(name, value);
        }
        let found = program.execute(&scope).map_err(|e| e.to_string())?;
        Ok(found == cel::Value::Bool(true))
    })
}

fn regorus(events: u64) -> Result<Outcome, String> {
    let policy = r#"package p
import rego.v1
default breach := false
breach if {
    input.action == "store"
    input.subject_country == "CN"
    input.place != "CN"
}"#;
    let mut engine = regorus::Engine::new();
    let added = engine.add_policy("p.rego".to_owned(), policy.to_owned());
    added.map_err(|e| e.to_string())?;
    count(events, |values| {
        let mut input = regorus::Value::new_object();
        let members = input.as_object_mut().map_err(|e| e.to_string())?;
        for (name, value) in values {
            members.insert(name.into(), value.into());
        }
        engine.set_input(input);
        let found = engine.eval_rule("data.p.breach".to_owned());
        Ok(found.map_err(|e| e.to_string())? == regorus::Value::Bool(true))
    })
}

fn cedar(events: u64) -> Result<Outcome, String> {
    let policies: PolicySet = r#"permit(principal, action, resource);
forbid(principal, action, resource) when {
    context.action == "store" && context.subject_country == "CN" && context.place != "CN"
};"#
    .parse()
    .map_err(|e| format!("{e}"))?;
    let id = |text: &str| text.parse::<EntityUid>().map_err(|e| e.to_string());
    let (principal, action) = (id(r#"Cloud::"a""#)?, id(r#"Action::"log""#)?);
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    count(events, |values| {
        let pairs = values.map(|(name, value)| {
            let value = RestrictedExpression::new_string(value.to_owned());
            (name.to_owned(), value)
        });
        let context = CedarContext::from_pairs(pairs).map_err(|e| e.to_string())?;
        let (who, what) = (principal.clone(), action.clone());
        let request = Request::new(who, what, principal.clone(), context, None);
        let request = request.map_err(|e| e.to_string())?;
        let answer = authorizer.is_authorized(&request, &policies, &entities);
        Ok(answer.decision() == Decision::Deny)
    })
}
