//! Events in Avow's own schema (`docs/spec/event.md`), as JSON in any form:
//! members in any order, any RFC 3339 time, bare or in a CloudEvents 1.0
//! envelope in structured mode. Strict about what it means: an unknown member
//! or a value of the wrong type makes the record malformed.

use std::borrow::Cow;
use std::fmt;

use avow_event::{Action, Event, Field, FieldKind, Micros, Value};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::frame::reason;
use crate::lenient::{Lenient, Text};
use crate::pseudonyms::Pseudonyms;

/// The version of the schema that is read.
const VERSION: u64 = 1;

/// An event, and the id of its envelope.
pub(crate) struct Own {
    pub(crate) event: Event,
    /// `source` and `id` of the CloudEvents envelope, with a line break
    /// between them, which neither has.
    pub(crate) envelope: Option<String>,
}

#[derive(Deserialize)]
#[serde(bound = "'de: 'a")]
struct Envelope<'a> {
    specversion: Option<Text<'a>>,
    #[serde(default)]
    id: Text<'a>,
    #[serde(default)]
    source: Text<'a>,
    #[serde(default)]
    time: Text<'a>,
    data: Option<&'a RawValue>,
}

/// Reads one whole JSON object.
pub(crate) fn read(json: &[u8], pseudonyms: &Pseudonyms<'_>) -> Result<Own, String> {
    let envelope: Envelope<'_> = serde_json::from_slice(json).map_err(|e| reason(&e))?;
    if envelope.specversion.is_some() {
        return enveloped(&envelope, pseudonyms);
    }
    let mut event = blank();
    let mut given = Vec::new();
    fill(json, &mut event, &mut given, pseudonyms)?;
    finish(event, &given, None)
}

fn enveloped(envelope: &Envelope<'_>, pseudonyms: &Pseudonyms<'_>) -> Result<Own, String> {
    if envelope.specversion.as_ref().and_then(Text::as_str) != Some("1.0") {
        return Err("a CloudEvents envelope has `specversion` `1.0`".to_owned());
    }
    let (Some(id), Some(source)) = (envelope.id.as_str(), envelope.source.as_str()) else {
        return Err("a CloudEvents envelope has an `id` and a `source`, both text".to_owned());
    };
    if id.contains('\n') || source.contains('\n') {
        return Err("`id` and `source` are single lines".to_owned());
    }
    let data = envelope
        .data
        .ok_or("a CloudEvents envelope without `data` holds no event")?;
    let mut event = blank();
    let mut given = Vec::new();
    set(&mut event, Field::Source, Value::Text(source))?;
    given.push(Field::Source);
    if let Some(time) = envelope.time.as_str() {
        set(&mut event, Field::Time, Value::Text(time))?;
        given.push(Field::Time);
    }
    // What the data says of itself wins over its envelope.
    let mut stated = Vec::new();
    fill(data.get().as_bytes(), &mut event, &mut stated, pseudonyms)?;
    given.append(&mut stated);
    finish(event, &given, Some(format!("{source}\n{id}")))
}

fn blank() -> Event {
    Event::new("", 0, Micros::MIN, Action::Heartbeat)
}

fn finish(event: Event, given: &[Field], envelope: Option<String>) -> Result<Own, String> {
    let missing = Field::ALL
        .iter()
        .find(|field| field.is_required() && !given.contains(field));
    match missing {
        Some(field) => Err(format!("`{}` is missing", field.as_str())),
        None => Ok(Own { event, envelope }),
    }
}

/// Sets what the members of one JSON object say.
fn fill(
    json: &[u8],
    event: &mut Event,
    given: &mut Vec<Field>,
    pseudonyms: &Pseudonyms<'_>,
) -> Result<(), String> {
    // A message of the parser would repeat a value; values stay out of messages.
    let Lenient(members) = serde_json::from_slice(json).map_err(|e| reason(&e))?;
    let Members(members) = members.ok_or("the fields of an event are the members of an object")?;
    for (name, scalar) in &members {
        if name == "v" {
            if *scalar != Scalar::Integer(VERSION) {
                return Err("`v`: this release reads version 1".to_owned());
            }
            continue;
        }
        let field = Field::from_name(name).ok_or_else(|| unknown(name))?;
        if given.contains(&field) {
            return Err(format!("`{name}` is given twice"));
        }
        given.push(field);
        set_scalar(event, field, scalar, pseudonyms)?;
    }
    Ok(())
}

/// Longest unknown name that is repeated in a message: twice the longest name
/// of a field, for it is a misspelt one.
const NAME_BYTES_MAX: usize = 32;

fn unknown(name: &str) -> String {
    // A member may be named after a person, a number or an address.
    let is_plain = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if name.len() <= NAME_BYTES_MAX && name.bytes().all(is_plain) {
        format!("`{name}` is no field of an event")
    } else {
        "a member is no field of an event".to_owned()
    }
}

fn set_scalar(
    event: &mut Event,
    field: Field,
    scalar: &Scalar<'_>,
    pseudonyms: &Pseudonyms<'_>,
) -> Result<(), String> {
    match scalar {
        Scalar::Text(text) if Field::PSEUDONYMS.contains(&field) => {
            let pseudonym = pseudonyms.unless_one(field.as_str(), text);
            set(event, field, Value::Text(&pseudonym))
        }
        Scalar::Text(text) => set(event, field, Value::Text(text)),
        Scalar::Integer(n) => set(event, field, Value::Integer(*n)),
        Scalar::Boolean(b) => set(event, field, Value::Boolean(*b)),
        // An unknown field is absent; null is for predicates, not for records.
        Scalar::Other => Err(format!(
            "`{}` takes {}, or is left out",
            field.as_str(),
            takes(field.kind())
        )),
    }
}

fn takes(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Integer => "an integer",
        FieldKind::Boolean => "`true` or `false`",
        FieldKind::Time => "an RFC 3339 time",
        _ => "text",
    }
}

fn set(event: &mut Event, field: Field, value: Value<'_>) -> Result<(), String> {
    // The message about a time would repeat it.
    if let (FieldKind::Time, Value::Text(text)) = (field.kind(), &value)
        && Micros::parse(text).is_err()
    {
        return Err(format!(
            "`{}` takes an RFC 3339 time, for example `2026-03-08T00:00:10.000000Z`",
            field.as_str()
        ));
    }
    event.set(field, value).map_err(|error| error.to_string())
}

/// The members of an object, in their order.
struct Members<'a>(Vec<(Cow<'a, str>, Scalar<'a>)>);

#[derive(PartialEq, Eq)]
enum Scalar<'a> {
    Text(Cow<'a, str>),
    Integer(u64),
    Boolean(bool),
    /// Null, an array, an object, or a number that is no natural one.
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for V<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose members are the fields of an event")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Text::Is(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(V(std::marker::PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for V<'a> {
            type Value = Scalar<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Scalar::Integer(value))
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Boolean(value))
            }
            fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }
            fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(V(std::marker::PhantomData))
    }
}
