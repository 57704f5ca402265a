//! Terraform state (versions 3 and 4) and what `terraform show -json` prints of
//! a state or a plan, to events: one for each managed instance.
//!
//! How each field maps is specified in `docs/reference/sources/terraform.md`.
//! A state says what there is, not when it came about.

use avow_event::{Action, Event, Field, Micros, Place, Provider};
use serde_json::{Map, Value};

use crate::connector::{Answer, Context, Told, set};
use crate::plain;

const KIND: &str = "terraform";

/// Attributes that may say where an instance is, in the order in which they are
/// asked; then the fourth field of `arn`.
const LOCATIONS: [&str; 4] = ["region", "location", "zone", "availability_zone"];

/// Types of resources begin with their provider's short name.
const PROVIDERS: [(&str, Provider); 6] = [
    ("alicloud", Provider::Alibaba),
    ("aws", Provider::Aws),
    ("azurerm", Provider::Azure),
    ("google", Provider::Google),
    ("huaweicloud", Provider::Huawei),
    ("tencentcloud", Provider::Tencent),
];

/// An instance, however the file holds it.
struct Instance<'v> {
    kind: &'v str,
    attributes: &'v Map<String, Value>,
    /// The region that the provider's configuration states.
    configured: Option<&'v str>,
}

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    // Every other reader's records are asked this, too: look before reading.
    let words = ["\"instances\"", "\"modules\"", "\"root_module\""];
    if !words.iter().any(|word| json.contains(word)) {
        return None;
    }
    let state: Value = serde_json::from_str(json).ok()?;
    let state = state.as_object()?;
    let is_shown = state.contains_key("format_version")
        && (state.contains_key("values") || state.contains_key("planned_values"));
    let is_state = (state.contains_key("terraform_version") || state.contains_key("version"))
        && (state.contains_key("resources") || state.contains_key("modules"));
    if !is_shown && !is_state {
        return None;
    }
    let mut instances = Vec::new();
    if is_shown {
        let configured = Configured(state.get("configuration"));
        for values in ["values", "planned_values"] {
            if let Some(root) = state.get(values).and_then(|of| of.get("root_module")) {
                of_module(root, &configured, 0, &mut instances);
            }
        }
    } else {
        of_state(state, &mut instances);
    }
    let feed = context.feed(KIND);
    let events = instances
        .iter()
        .map(|instance| instance.event(&feed, context));
    Some(
        events
            .collect::<Result<Vec<Event>, String>>()
            .map(|events| Told {
                events,
                id: Some(json.to_owned()),
                time: None,
            }),
    )
}

/// Modules inside modules: Terraform's own documentation advises against more
/// than two; a hostile file must not exhaust the stack.
const MODULE_DEPTH_MAX: u32 = 64;

fn objects(value: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    let list = value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter().filter_map(Value::as_object)
}

fn text<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v str> {
    map.get(key)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// Version 4 has `resources[].instances[].attributes`, version 3
/// `modules[].resources{}.primary.attributes`.
fn of_state<'v>(state: &'v Map<String, Value>, found: &mut Vec<Instance<'v>>) {
    for resource in objects(state.get("resources")) {
        let is_managed = text(resource, "mode").is_none_or(|mode| mode == "managed");
        let Some(kind) = text(resource, "type").filter(|_| is_managed) else {
            continue;
        };
        for instance in objects(resource.get("instances")) {
            let attributes = ["attributes", "attributes_flat"]
                .into_iter()
                .find_map(|key| instance.get(key)?.as_object());
            found.push(Instance {
                kind,
                attributes: attributes.unwrap_or(instance),
                configured: None,
            });
        }
    }
    for module in objects(state.get("modules")) {
        let resources = module.get("resources").and_then(Value::as_object);
        for (name, resource) in resources.into_iter().flatten() {
            let Some(kind) = resource
                .as_object()
                .and_then(|resource| text(resource, "type"))
            else {
                continue;
            };
            let Some(primary) = resource.get("primary").and_then(Value::as_object) else {
                continue;
            };
            let attributes = primary.get("attributes").and_then(Value::as_object);
            if !name.starts_with("data.") {
                found.push(Instance {
                    kind,
                    attributes: attributes.unwrap_or(primary),
                    configured: None,
                });
            }
        }
    }
}

/// The providers' configuration that `terraform show -json` prints of a plan.
struct Configured<'v>(Option<&'v Value>);

impl<'v> Configured<'v> {
    /// The region of the provider with that name (`aws`, `aws.west`), if it is
    /// written as a constant.
    fn region(&self, provider: &str) -> Option<&'v str> {
        let providers = self.0?.get("provider_config")?;
        let region = providers.get(provider)?.get("expressions")?.get("region")?;
        region.get("constant_value")?.as_str()
    }
}

fn of_module<'v>(
    module: &'v Value,
    configured: &Configured<'v>,
    depth: u32,
    found: &mut Vec<Instance<'v>>,
) {
    for resource in objects(module.get("resources")) {
        let is_managed = text(resource, "mode").is_none_or(|mode| mode == "managed");
        let attributes = resource.get("values").and_then(Value::as_object);
        if let (true, Some(kind), Some(attributes)) =
            (is_managed, text(resource, "type"), attributes)
        {
            found.push(Instance {
                kind,
                attributes,
                configured: provider_name(kind).and_then(|name| configured.region(name)),
            });
        }
    }
    if depth < MODULE_DEPTH_MAX {
        for child in module
            .get("child_modules")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            of_module(child, configured, depth + 1, found);
        }
    }
}

fn provider_name(kind: &str) -> Option<&str> {
    kind.split('_').next()
}

impl Instance<'_> {
    fn event(&self, feed: &str, context: &mut Context<'_, '_>) -> Result<Event, String> {
        let mut event = Event::new(feed, 0, Micros::MIN, Action::Configure);
        let provider = provider_name(self.kind).unwrap_or_default();
        set(&mut event, Field::System, plain::system(provider))?;
        set(&mut event, Field::Name, plain::name(self.kind))?;
        let location = self.location();
        let known = PROVIDERS.iter().find(|(name, _)| *name == provider);
        set(
            &mut event,
            Field::Region,
            location.as_deref().and_then(plain::region),
        )?;
        event.place = Some(match (known, &location) {
            (Some((_, provider)), Some(region)) => context.places.place(*provider, region),
            _ => Place::UNKNOWN,
        });
        let id = text(self.attributes, "arn").or_else(|| text(self.attributes, "id"));
        event.object = id.map(|id| context.pseudonyms.once("object", id));
        Ok(event)
    }

    /// The region; a zone is cut to it.
    fn location(&self) -> Option<String> {
        let attribute = LOCATIONS.iter().find_map(|key| text(self.attributes, key));
        let of_arn = || {
            let region = text(self.attributes, "arn")?.split(':').nth(3)?;
            (!region.is_empty()).then_some(region)
        };
        let location = attribute.or_else(of_arn).or(self.configured)?;
        Some(region_of(location).to_owned())
    }
}

/// `us-east-1a` is in `us-east-1`, `us-central1-a` in `us-central1`.
fn region_of(location: &str) -> &str {
    let is_letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase());
    if let Some((region, zone)) = location.rsplit_once('-') {
        if is_letter(zone) {
            return region;
        }
        let number = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let letter = zone.get(number.len()..).unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if is_number && is_letter(letter) {
            return location.get(..location.len() - 1).unwrap_or(location);
        }
    }
    location
}
