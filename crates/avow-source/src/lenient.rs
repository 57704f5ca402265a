//! JSON values of foreign records, read without objecting to their types.
//!
//! What another system writes into a field that we do not need must not make
//! its record unreadable; a field of the wrong type is as good as absent.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string; anything else is [`Text::Absent`] or [`Text::Other`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    Is(Cow<'a, str>),
    /// There, and not a string.
    Other,
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Is(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_there(&self) -> bool {
        *self != Self::Absent
    }
}

/// A truth value, written as such or as a word (`"true"`, `"True"`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) Option<bool>);

/// `T` from an object; anything else is `None`.
#[derive(Debug, Clone)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// The visitor methods for values that carry nothing.
macro_rules! nothing {
    ($value:expr; $($method:ident($type:ty)),*) => {
        $(fn $method<E: Error>(self, _: $type) -> Result<Self::Value, E> { Ok($value) })*
    };
}

macro_rules! pass_over {
    ($value:expr; seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
    ($value:expr; map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
    ($value:expr; unit) => {
        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for V<'a> {
            type Value = Text<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text::Is(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text::Is(Cow::Owned(text.to_owned())))
            }
            nothing!(Text::Other; visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
            pass_over!(Text::Absent; unit);
            pass_over!(Text::Other; seq);
            pass_over!(Text::Other; map);
        }
        deserializer.deserialize_any(V(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Flag(Some(value)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Flag(if text.eq_ignore_ascii_case("true") {
                    Some(true)
                } else if text.eq_ignore_ascii_case("false") {
                    Some(false)
                } else {
                    None
                }))
            }
            nothing!(Flag(None); visit_i64(i64), visit_u64(u64), visit_f64(f64));
            pass_over!(Flag(None); unit);
            pass_over!(Flag(None); seq);
            pass_over!(Flag(None); map);
        }
        deserializer.deserialize_any(V)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = Lenient<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|value| Lenient(Some(value)))
            }
            nothing!(Lenient(None); visit_bool(bool), visit_i64(i64), visit_u64(u64),
                     visit_f64(f64), visit_str(&str));
            pass_over!(Lenient(None); unit);
            pass_over!(Lenient(None); seq);
        }
        deserializer.deserialize_any(V(PhantomData))
    }
}
