//! The canonical bytes of an event: one JSON object by RFC 8785.
//!
//! Fields in the order of their names, no white space, absent when unknown.
//! The reader accepts exactly what the writer writes, byte for byte, so that
//! one event has one leaf hash. Strings and numbers are left to `json`.

use crate::json::{Reader, write_integer, write_string};
use crate::{Action, Event, EventError, Field, FieldKind, LEAF_BYTES_MAX, Micros, Value};

/// The version of the schema, the field `v`.
const VERSION: u64 = 1;

/// A member of the object, with its name as the bytes have it.
struct Member {
    /// The name in quotes, and the colon.
    prefix: &'static [u8],
    /// The first two bytes of the name, or the name and its quote: they tell
    /// most members apart without comparing whole names.
    key: [u8; 2],
    required: bool,
    /// `None` for `v`.
    field: Option<Field>,
}

const fn member(prefix: &'static str, field: Option<Field>) -> Member {
    let prefix = prefix.as_bytes();
    let key = match prefix {
        [_, first, second, ..] => [*first, *second],
        _ => [0, 0],
    };
    let required = match field {
        Some(field) => field.is_required(),
        None => true,
    };
    Member {
        prefix,
        key,
        required,
        field,
    }
}

/// All members in the order of their names (RFC 8785 section 3.2.3; the names
/// are ASCII, so byte order is UTF-16 order). A test checks it.
const MEMBERS: &[Member] = &[
    member("\"action\":", Some(Field::Action)),
    member("\"actor\":", Some(Field::Actor)),
    member("\"actor_kind\":", Some(Field::ActorKind)),
    member("\"actor_place\":", Some(Field::ActorPlace)),
    member("\"basis\":", Some(Field::Basis)),
    member("\"bytes\":", Some(Field::Bytes)),
    member("\"case_id\":", Some(Field::CaseId)),
    member("\"category\":", Some(Field::Category)),
    member("\"code\":", Some(Field::Code)),
    member("\"due\":", Some(Field::Due)),
    member("\"encrypted\":", Some(Field::Encrypted)),
    member("\"from_place\":", Some(Field::FromPlace)),
    member("\"from_region\":", Some(Field::FromRegion)),
    member("\"grant_id\":", Some(Field::GrantId)),
    member("\"logged\":", Some(Field::Logged)),
    member("\"mfa\":", Some(Field::Mfa)),
    member("\"name\":", Some(Field::Name)),
    member("\"object\":", Some(Field::Object)),
    member("\"outcome\":", Some(Field::Outcome)),
    member("\"place\":", Some(Field::Place)),
    member("\"purpose\":", Some(Field::Purpose)),
    member("\"quantity\":", Some(Field::Quantity)),
    member("\"region\":", Some(Field::Region)),
    member("\"sealed\":", Some(Field::Sealed)),
    member("\"seq\":", Some(Field::Seq)),
    member("\"session\":", Some(Field::Session)),
    member("\"source\":", Some(Field::Source)),
    member("\"subject\":", Some(Field::Subject)),
    member("\"subject_country\":", Some(Field::SubjectCountry)),
    member("\"system\":", Some(Field::System)),
    member("\"time\":", Some(Field::Time)),
    member("\"to_place\":", Some(Field::ToPlace)),
    member("\"to_region\":", Some(Field::ToRegion)),
    member("\"v\":", None),
    member("\"write\":", Some(Field::Write)),
];

impl Event {
    /// The canonical bytes, without a line end.
    ///
    /// The result is at most [`LEAF_BYTES_MAX`] bytes for every event whose
    /// fields were set through [`Event::set`].
    pub fn to_leaf(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        let mut separator = b'{';
        for member in MEMBERS {
            let value = match member.field {
                None => Value::Integer(VERSION),
                Some(field) => match self.get(field) {
                    Some(value) => value,
                    None => continue,
                },
            };
            out.push(separator);
            separator = b',';
            out.extend_from_slice(member.prefix);
            match value {
                Value::Text(text) => write_string(&mut out, text),
                Value::Integer(n) => write_integer(&mut out, n),
                Value::Boolean(b) => out.extend_from_slice(if b { b"true" } else { b"false" }),
                Value::Time(time) => {
                    out.push(b'"');
                    time.write_canonical(&mut out);
                    out.push(b'"');
                }
            }
        }
        out.push(b'}');
        out
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// The bytes are not what [`Event::to_leaf`] writes for some event.
    ///
    /// ```
    /// use avow_event::{Action, Event, Micros};
    /// let time = Micros::parse("2026-03-08T00:00:10Z").unwrap();
    /// let event = Event::new("vault-cn", 1, time, Action::Store);
    /// let leaf = event.to_leaf();
    /// assert_eq!(
    ///     leaf,
    ///     br#"{"action":"store","seq":1,"source":"vault-cn","time":"2026-03-08T00:00:10.000000Z","v":1}"#
    /// );
    /// assert_eq!(Event::from_leaf(&leaf).unwrap(), event);
    /// ```
    pub fn from_leaf(leaf: &[u8]) -> Result<Self, EventError> {
        let mut event = Self::new("", 0, Micros::MIN, Action::Heartbeat);
        read(leaf, |field, value, plain| {
            event.assign(field, value, plain)
        })?;
        Ok(event)
    }

    /// Reads canonical bytes without building an event: `visit` gets every
    /// known field, in the order of their names, with its checked value.
    ///
    /// It accepts what [`Event::from_leaf`] accepts, in about half the time;
    /// an audit of a whole log needs no more.
    ///
    /// # Errors
    /// As [`Event::from_leaf`]. `visit` may have seen fields before the
    /// mistake.
    ///
    /// ```
    /// use avow_event::{Event, Field, Value};
    /// let leaf = br#"{"action":"store","seq":7,"source":"s","time":"2026-03-08T00:00:10.000000Z","v":1}"#;
    /// let mut seq = None;
    /// Event::visit_leaf(leaf, |field, value| {
    ///     if let (Field::Seq, Value::Integer(n)) = (field, value) {
    ///         seq = Some(n);
    ///     }
    /// })
    /// .unwrap();
    /// assert_eq!(seq, Some(7));
    /// ```
    pub fn visit_leaf(
        leaf: &[u8],
        mut visit: impl FnMut(Field, Value<'_>),
    ) -> Result<(), EventError> {
        read(leaf, |field, value, plain| {
            // The reader lets no other integers, times and truth values pass.
            if let Value::Text(_) = value {
                field.check(value, plain)?;
            }
            visit(field, value);
            Ok(())
        })
    }
}

/// Walks over the members. `take` has to refuse values that the field does
/// not take; it hears whether a text is printable ASCII.
#[inline]
fn read(
    leaf: &[u8],
    mut take: impl FnMut(Field, Value<'_>, bool) -> Result<(), EventError>,
) -> Result<(), EventError> {
    if leaf.len() > LEAF_BYTES_MAX {
        return Err(EventError::new(format!(
            "a leaf has at most {LEAF_BYTES_MAX} bytes; this one has {}",
            leaf.len()
        )));
    }
    let mut reader = Reader::new(leaf, "leaf")?;
    let mut members = MEMBERS.iter();
    let mut separator = b'{';
    // A name is sought among the members after the last one, so that what is
    // out of order, twice or unknown fits nowhere.
    while let [first, name @ ..] = reader.rest()
        && *first == separator
        && let [_, a, b, ..] = name
    {
        let key = [*a, *b];
        let member = loop {
            match members.next() {
                Some(member) if member.key == key && name.starts_with(member.prefix) => {
                    break member;
                }
                Some(member) if !member.required => {}
                _ => return Err(misfit(reader, separator)),
            }
        };
        reader.advance(1 + member.prefix.len());
        separator = b',';
        match member.field {
            Some(field) => read_value(&mut reader, field, &mut take)?,
            None if reader.integer()? == VERSION => {}
            None => return Err(reader.error("this release reads version 1")),
        }
    }
    if members.any(|member| member.required) || !reader.skip("}") {
        return Err(misfit(reader, separator));
    }
    reader.end()
}

#[inline]
fn read_value(
    reader: &mut Reader<'_>,
    field: Field,
    take: &mut impl FnMut(Field, Value<'_>, bool) -> Result<(), EventError>,
) -> Result<(), EventError> {
    match field.kind() {
        FieldKind::Integer => take(field, Value::Integer(reader.integer()?), true),
        FieldKind::Boolean => take(field, Value::Boolean(reader.boolean()?), true),
        FieldKind::Time => {
            let time = reader
                .plain_string()
                .and_then(|text| Micros::parse_canonical(text.as_bytes()))
                .ok_or_else(|| reader.error("not a time with six decimals and `Z`"))?;
            take(field, Value::Time(time), true)
        }
        _ => match reader.plain_string() {
            Some(text) => take(field, Value::Text(text), true),
            None => take(field, Value::Text(&reader.string()?), false),
        },
    }
}

/// Why no member that may come here comes here.
#[cold]
fn misfit(mut reader: Reader<'_>, separator: u8) -> EventError {
    let missing = "a leaf has at least `action`, `seq`, `source`, `time` and `v`";
    if reader.rest() == b"}" && separator == b',' {
        return EventError::new(missing);
    }
    if let Err(error) = reader.byte(separator) {
        return error;
    }
    let name = match reader.string() {
        Ok(name) => name,
        Err(error) => return error,
    };
    if reader.rest().first() != Some(&b':') {
        reader.error("expected `:`")
    } else if name == "v" || Field::from_name(&name).is_some() {
        reader.error(&format!("names are not in order, or {missing}"))
    } else {
        reader.error("no such field")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_all_fields_and_v_in_the_order_of_their_names() {
        let names: Vec<String> = MEMBERS
            .iter()
            .map(|m| m.field.map_or("v", Field::as_str).to_owned())
            .collect();
        assert!(names.is_sorted());
        for (member, name) in MEMBERS.iter().zip(&names) {
            assert_eq!(member.prefix, format!("\"{name}\":").as_bytes());
        }
        assert_eq!(names.len(), Field::ALL.len() + 1);
    }
}
