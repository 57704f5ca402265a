//! The JSON Schema of a pledge, so that editors complete it: made from the
//! tables by which the reader of `avow-monitor` refuses keys.
//!
//! It says less than the reader, which alone decides: no schema can tell
//! whether a condition is well formed. What it refuses, the reader refuses.

use avow_event::{Action, Category, Field, FieldKind, INTEGER_MAX, Outcome, STRING_BYTES_MAX};
use avow_monitor::pledge_keys::{
    AT_MOST_MAX, COMMITMENT, EACH_FIELDS_MAX, EXAMPLE_EVENTS_MAX, EXAMPLES_MAX, ID_BYTES_MAX, Key,
    MEMBERS_MAX, PAIRS, PLEDGE, RIVALS, RULES, Rule, SAME_FIELDS_MAX, SOURCE, SOURCES_MAX,
    TABLES_MAX, TOP_KEYS, Takes, WORDS_BYTES_MAX,
};
use serde_json::{Map, Value, json};

/// The dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// `PnW`, or days, hours, minutes and seconds.
const FIXED: &str = r"^P([0-9]+W|[0-9]+D(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]{1,6})?S)?)?|T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]{1,6})?S)?)$";
/// The same with years and months before.
const CALENDAR: &str =
    r"^P([0-9]+W|([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]{1,6})?S)?)?)$";
/// A date; or a date, a time and an offset.
const INSTANT: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?$";

/// The schema of a whole pledge.
pub(crate) fn schema() -> Value {
    let tables = [
        ("pledge", closed(PLEDGE, &[])),
        ("source", tables_of(closed(SOURCE, &[]))),
        ("commitment", tables_of(commitment())),
    ];
    let tables: Map<String, Value> = tables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    json!({
        "$schema": DIALECT,
        "$id": "urn:avow:pledge",
        "title": "A pledge",
        "description": "Promises that a person can read and a machine can check.",
        "type": "object",
        "properties": tables,
        "required": TOP_KEYS,
        "additionalProperties": false,
        "$defs": definitions(),
    })
}

fn tables_of(item: Value) -> Value {
    json!({ "type": "array", "items": item, "minItems": 1, "maxItems": TABLES_MAX })
}

/// An object with these keys, and the others, which need not be there.
fn closed(keys: &[Key], others: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .chain(others)
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let required: Vec<&str> = keys
        .iter()
        .chain(others)
        .filter(|key| key.must)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A key with what it says.
fn property(key: &Key) -> Value {
    let mut letters = key.says.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    let says = format!("{}{}.", first.unwrap_or_default(), letters.as_str());
    json!({
        "description": says,
        "$ref": format!("#/$defs/{}", definition(key.takes)),
    })
}

/// The name of the definition of such a value.
fn definition(takes: Takes) -> &'static str {
    match takes {
        Takes::Id => "id",
        Takes::Words => "words",
        Takes::Texts => "texts",
        Takes::Moment => "instant",
        Takes::Digest => "digest",
        Takes::Source => "source",
        Takes::Sources => "sources",
        Takes::Silence => "silence",
        Takes::Fixed | Takes::FixedOrZero => "duration",
        Takes::Calendar => "calendar_duration",
        Takes::Predicate => "condition",
        Takes::Pair => "condition_on_two",
        Takes::Due => "deadline",
        Takes::Same => "same",
        Takes::Each => "each",
        Takes::Members => "members",
        Takes::Count => "count",
        Takes::Examples => "examples",
    }
}

/// A commitment: all keys that some rule takes, and for each rule which of them
/// have to be there and which cannot. So a validator points at the very key,
/// and not at the whole commitment.
fn commitment() -> Value {
    let mut others: Vec<Key> = Vec::new();
    for key in RULES.iter().flat_map(keys_of) {
        match others.iter_mut().find(|other| other.name == key.name) {
            // The wider of the two; the rule narrows it again.
            Some(other) if other.takes == Takes::Fixed => *other = key,
            Some(_) => {}
            None => others.push(key),
        }
    }
    for other in &mut others {
        other.must = false;
    }
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| json!({ "required": [rule.key.name] }))
        .collect();
    let all: Vec<Value> = RULES
        .iter()
        .flat_map(|rule| of_rule(rule, &others))
        .collect();
    let mut schema = closed(COMMITMENT, &others);
    for (name, value) in [
        ("description", json!("One checkable promise.")),
        ("anyOf", json!(rules)),
        ("allOf", json!(all)),
    ] {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert(name.to_owned(), value);
        }
    }
    schema
}

fn keys_of(rule: &Rule) -> Vec<Key> {
    std::iter::once(rule.key)
        .chain(rule.with.iter().copied())
        .collect()
}

/// What a rule asks of the keys beside its own.
fn of_rule(rule: &Rule, all: &[Key]) -> Vec<Value> {
    let keys = keys_of(rule);
    let main = rule.key.name;
    let has = |name: &str| keys.iter().any(|key| key.name == name);
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.must)
        .map(|key| key.name)
        .collect();
    let properties: Map<String, Value> = all
        .iter()
        .filter_map(|wide| match keys.iter().find(|key| key.name == wide.name) {
            None => Some((wide.name.to_owned(), json!(false))),
            Some(key) if definition(key.takes) != definition(wide.takes) => {
                Some((wide.name.to_owned(), property(key)))
            }
            Some(_) => None,
        })
        .collect();
    let mut rules = vec![when(
        &[main],
        json!({ "required": required, "properties": properties }),
    )];
    let pairs = PAIRS.iter().filter(|(key, _)| has(key));
    rules.extend(pairs.map(|(key, other)| when(&[main, key], json!({ "required": [other] }))));
    let rivals = RIVALS
        .iter()
        .filter(|(key, other, _)| has(key) && has(other));
    rules.extend(rivals.map(|(key, other, _)| when(&[main, key], without(other))));
    match main {
        // Every duty has a deadline.
        "then" => rules.push(json!({
            "if": { "required": [main], "not": { "required": ["deadline"] } },
            "then": { "required": ["within"] },
        })),
        "every" => rules.extend(registers()),
        _ => {}
    }
    rules
}

/// What holds where these keys are.
fn when(keys: &[&str], then: Value) -> Value {
    json!({ "if": { "required": keys }, "then": then })
}

fn without(key: &str) -> Value {
    json!({ "properties": { key: false } })
}

/// For whom something happens again and again, and what `same` is then.
fn registers() -> [Value; 2] {
    let same = |least: u32, most: u32| json!({ "properties": { "same": { "minItems": least, "maxItems": most } } });
    [
        when(&["every", "members"], same(1, 1)),
        json!({
            "if": {
                "required": ["every"],
                "not": { "anyOf": [{ "required": ["members"] }, { "required": ["when"] }] },
            },
            "then": { "allOf": [same(0, 0), without("until")] },
        }),
    ]
}

fn definitions() -> Value {
    let words =
        json!({ "type": "string", "minLength": 1, "maxLength": WORDS_BYTES_MAX, "pattern": r"\S" });
    let condition =
        |example: &str| json!({ "type": "string", "minLength": 1, "examples": [example] });
    let texts = |least: usize, most: usize| {
        json!({
            "type": "array",
            "items": { "type": "string", "minLength": 1, "maxLength": STRING_BYTES_MAX },
            "minItems": least,
            "maxItems": most,
            "uniqueItems": true,
        })
    };
    let mut all = json!({
        "words": words,
        "texts": {
            "oneOf": [
                { "$ref": "#/$defs/words" },
                {
                    "type": "object",
                    "properties": { "en": { "$ref": "#/$defs/words" }, "zh": { "$ref": "#/$defs/words" } },
                    "required": ["en"],
                    "additionalProperties": false,
                },
            ],
        },
        "id": { "type": "string", "minLength": 1, "maxLength": ID_BYTES_MAX, "pattern": "^[A-Za-z0-9_-]+$" },
        "instant": { "type": "string", "pattern": INSTANT },
        "digest": { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" },
        "source": { "type": "string", "minLength": 1, "maxLength": STRING_BYTES_MAX, "pattern": r"^[^*]*\*?$" },
        "sources": {
            "type": "array",
            "items": { "$ref": "#/$defs/source" },
            "minItems": 1,
            "maxItems": SOURCES_MAX,
        },
        "silence": { "enum": ["unknown", "breach"] },
        "duration": { "type": "string", "pattern": FIXED, "examples": ["PT72H", "P15D", "PT5M"] },
        "calendar_duration": { "type": "string", "pattern": CALENDAR, "examples": ["PT72H", "P15D", "P6M", "P1Y"] },
        "condition": condition("action = 'store' AND place <> 'CN'"),
        "condition_on_two": condition("that.actor <> this.actor"),
        "deadline": { "enum": fields(|field| {
            field.kind() == FieldKind::Time && !matches!(field, Field::Time | Field::Logged)
        }) },
        "key_field": { "enum": fields(|field| {
            !matches!(field.kind(), FieldKind::Integer | FieldKind::Boolean | FieldKind::Time)
        }) },
        "same": key_fields(0, SAME_FIELDS_MAX),
        "each": key_fields(1, EACH_FIELDS_MAX),
        "members": texts(1, MEMBERS_MAX),
        "count": { "type": "integer", "minimum": 1, "maximum": AT_MOST_MAX },
    });
    if let (Some(all), Value::Object(stories)) = (all.as_object_mut(), stories()) {
        all.extend(stories);
    }
    all
}

/// Examples, and the events in them.
fn stories() -> Value {
    json!({
        "examples": {
            "type": "array",
            "minItems": 2,
            "maxItems": EXAMPLES_MAX,
            "items": { "$ref": "#/$defs/example" },
        },
        "example": {
            "type": "object",
            "properties": { "kept": { "$ref": "#/$defs/events" }, "breached": { "$ref": "#/$defs/events" } },
            "additionalProperties": false,
            "minProperties": 1,
            "maxProperties": 1,
        },
        "events": {
            "type": "array",
            "items": { "$ref": "#/$defs/event" },
            "minItems": 1,
            "maxItems": EXAMPLE_EVENTS_MAX,
        },
        "event": event(),
    })
}

fn fields(wanted: impl Fn(Field) -> bool) -> Vec<&'static str> {
    let fields = Field::ALL.iter().copied().filter(|field| wanted(*field));
    fields.map(Field::as_str).collect()
}

fn key_fields(least: usize, most: usize) -> Value {
    json!({
        "type": "array",
        "items": { "$ref": "#/$defs/key_field" },
        "minItems": least,
        "maxItems": most,
        "uniqueItems": true,
    })
}

/// An event of an example.
fn event() -> Value {
    let properties: Map<String, Value> = Field::ALL
        .iter()
        .map(|field| (field.as_str().to_owned(), field_value(field.kind())))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": [Field::Action.as_str()],
        "additionalProperties": false,
    })
}

fn field_value(kind: FieldKind) -> Value {
    let names = |names: Vec<&str>| json!({ "enum": names });
    match kind {
        FieldKind::Text => json!({ "type": "string", "maxLength": STRING_BYTES_MAX }),
        FieldKind::Place => json!({ "type": "string", "pattern": "^([A-Z]{2}|UNKNOWN)$" }),
        FieldKind::Action => names(Action::ALL.iter().map(|name| name.as_str()).collect()),
        FieldKind::Outcome => names(Outcome::ALL.iter().map(|name| name.as_str()).collect()),
        FieldKind::Category => names(Category::ALL.iter().map(|name| name.as_str()).collect()),
        FieldKind::Integer => json!({ "type": "integer", "minimum": 0, "maximum": INTEGER_MAX }),
        FieldKind::Boolean => json!({ "type": "boolean" }),
        FieldKind::Time => json!({ "$ref": "#/$defs/instant" }),
    }
}
