//! The event's fields, in one table from which the struct, the readers, the
//! writer and the columns of the monitor are made.

use crate::json::plain_len;
use crate::{Action, Category, EventError, Micros, Outcome, Place};

/// The longest leaf: an entry of a C2SP tlog-tiles bundle has a 16-bit length.
pub const LEAF_BYTES_MAX: usize = 65_535;

/// The longest text field. Seventeen such fields and their names stay below
/// [`LEAF_BYTES_MAX`] even when every byte is escaped to two.
pub const STRING_BYTES_MAX: usize = 480;

/// The greatest integer: above it, JSON numbers are not exact (RFC 8785
/// section 3.2.2.3, IEEE 754 doubles).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Free text of at most [`STRING_BYTES_MAX`] bytes without control characters.
    Text,
    /// A jurisdiction; `UNKNOWN` is a value.
    Place,
    /// A value of [`Action`].
    Action,
    /// A value of [`Outcome`].
    Outcome,
    /// A value of [`Category`].
    Category,
    /// An integer from 0 to [`INTEGER_MAX`].
    Integer,
    /// `true` or `false`.
    Boolean,
    /// An instant.
    Time,
}

/// The value of a field, as the readers and the monitor exchange it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text, places and vocabulary.
    Text(&'a str),
    /// An integer.
    Integer(u64),
    /// A truth value.
    Boolean(bool),
    /// An instant.
    Time(Micros),
}

macro_rules! kind_type {
    (Text) => {
        String
    };
    (Place) => {
        Place
    };
    (Action) => {
        Action
    };
    (Outcome) => {
        Outcome
    };
    (Category) => {
        Category
    };
    (Integer) => {
        u64
    };
    (Boolean) => {
        bool
    };
    (Time) => {
        Micros
    };
}

macro_rules! get_value {
    (Text, $v:expr) => {
        Value::Text($v.as_str())
    };
    (Place, $v:expr) => {
        Value::Text($v.as_str())
    };
    (Action, $v:expr) => {
        Value::Text($v.as_str())
    };
    (Outcome, $v:expr) => {
        Value::Text($v.as_str())
    };
    (Category, $v:expr) => {
        Value::Text($v.as_str())
    };
    (Integer, $v:expr) => {
        Value::Integer(*$v)
    };
    (Boolean, $v:expr) => {
        Value::Boolean(*$v)
    };
    (Time, $v:expr) => {
        Value::Time(*$v)
    };
}

macro_rules! parse_value {
    (Text, $f:expr, $v:expr, $p:expr) => {
        text($f, $v, $p).map(str::to_owned)
    };
    (Place, $f:expr, $v:expr, $p:expr) => {
        named(
            $f,
            $v,
            Place::parse,
            "an ISO 3166-1 alpha-2 code in capitals, or `UNKNOWN`",
        )
    };
    (Action, $f:expr, $v:expr, $p:expr) => {
        named(
            $f,
            $v,
            Action::from_name,
            "an action of docs/spec/event.md, for example `store`",
        )
    };
    (Outcome, $f:expr, $v:expr, $p:expr) => {
        named(
            $f,
            $v,
            Outcome::from_name,
            "`success`, `failure` or `denied`",
        )
    };
    (Category, $f:expr, $v:expr, $p:expr) => {
        named(
            $f,
            $v,
            Category::from_name,
            "`personal`, `sensitive`, `important` or `other`",
        )
    };
    (Integer, $f:expr, $v:expr, $p:expr) => {
        integer($f, $v)
    };
    (Boolean, $f:expr, $v:expr, $p:expr) => {
        boolean($f, $v)
    };
    (Time, $f:expr, $v:expr, $p:expr) => {
        time($f, $v)
    };
}

macro_rules! fields {
    (required { $($(#[$rdoc:meta])* $rname:ident $rvariant:ident $rkind:ident = $rdefault:expr;)* }
     optional { $($(#[$odoc:meta])* $oname:ident $ovariant:ident $okind:ident;)* }) => {
        /// One thing that happened. `None` means not known.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Event {
            $($(#[$rdoc])* pub $rname: kind_type!($rkind),)*
            $($(#[$odoc])* pub $oname: Option<kind_type!($okind)>,)*
        }

        /// The name of a field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$rdoc])* $rvariant,)*
            $($(#[$odoc])* $ovariant,)*
        }

        impl Field {
            /// Every field, required ones first.
            pub const ALL: &'static [Self] = &[$(Self::$rvariant,)* $(Self::$ovariant,)*];

            /// The name in a leaf and in a pledge.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$rvariant => stringify!($rname),)*
                    $(Self::$ovariant => stringify!($oname),)*
                }
            }

            /// The field of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($rname) => Some(Self::$rvariant),)*
                    $(stringify!($oname) => Some(Self::$ovariant),)*
                    _ => None,
                }
            }

            /// What values it takes.
            pub const fn kind(self) -> FieldKind {
                match self {
                    $(Self::$rvariant => FieldKind::$rkind,)*
                    $(Self::$ovariant => FieldKind::$okind,)*
                }
            }

            /// Whether every event has it.
            pub const fn is_required(self) -> bool {
                match self {
                    $(Self::$rvariant => true,)*
                    $(Self::$ovariant => false,)*
                }
            }
        }

        impl Event {
            /// An event with the required fields and nothing else known.
            pub fn new(source: &str, seq: u64, time: Micros, action: Action) -> Self {
                let mut event = Self {
                    $($rname: $rdefault,)*
                    $($oname: None,)*
                };
                event.source.push_str(source);
                (event.seq, event.time, event.action) = (seq, time, action);
                event
            }

            /// The value of a field, `None` where it is not known.
            pub fn get(&self, field: Field) -> Option<Value<'_>> {
                match field {
                    $(Field::$rvariant => Some(get_value!($rkind, &self.$rname)),)*
                    $(Field::$ovariant => self.$oname.as_ref().map(|v| get_value!($okind, v)),)*
                }
            }

            /// Sets a field.
            ///
            /// # Errors
            /// The value is not one that the field takes; the event is unchanged.
            pub fn set(&mut self, field: Field, value: Value<'_>) -> Result<(), EventError> {
                self.assign(field, value, false)
            }

            /// [`Event::set`], where `plain` says that a text is known to be
            /// printable ASCII.
            #[inline]
            pub(crate) fn assign(
                &mut self,
                field: Field,
                value: Value<'_>,
                plain: bool,
            ) -> Result<(), EventError> {
                match field {
                    $(Field::$rvariant => self.$rname = parse_value!($rkind, field, value, plain)?,)*
                    $(Field::$ovariant => self.$oname = Some(parse_value!($okind, field, value, plain)?),)*
                }
                Ok(())
            }
        }
    };
}

fields! {
    required {
        /// The feed that reported it.
        source Source Text = String::new();
        /// The source's own gap-free number.
        seq Seq Integer = 0;
        /// When it happened, as the source says.
        time Time Time = Micros::MIN;
        /// What happened.
        action Action Action = Action::Heartbeat;
    }
    optional {
        /// When the log took it.
        logged Logged Time;
        /// How it ended.
        outcome Outcome Outcome;
        /// The origin's own code of how it ended, for example `403`.
        code Code Text;
        /// Pseudonym of the person whom the data is about.
        subject Subject Text;
        /// The jurisdiction that protects the subject.
        subject_country SubjectCountry Place;
        /// Pseudonym of who acted.
        actor Actor Text;
        /// The origin's own kind of actor, for example `Root`.
        actor_kind ActorKind Text;
        /// Where the actor was.
        actor_place ActorPlace Place;
        /// Pseudonym of the thing acted on.
        object Object Text;
        /// The class of the data.
        category Category Category;
        /// Why, as declared.
        purpose Purpose Text;
        /// The legal basis, as declared.
        basis Basis Text;
        /// Pseudonym of the permission used.
        grant_id GrantId Text;
        /// Pseudonym of the case it belongs to.
        case_id CaseId Text;
        /// Pseudonym of the session in which it happened.
        session Session Text;
        /// Where it is or happened.
        place Place Place;
        /// Where a copy or transfer came from.
        from_place FromPlace Place;
        /// Where a copy or transfer went.
        to_place ToPlace Place;
        /// The origin's own name of `from_place`.
        from_region FromRegion Text;
        /// The origin's own name of `to_place`.
        to_region ToRegion Text;
        /// Whether it changed state.
        write Write Boolean;
        /// The service or product.
        system System Text;
        /// The origin's own name of the operation.
        name Name Text;
        /// The origin's own name of the location, verbatim.
        region Region Text;
        /// How many things were concerned.
        quantity Quantity Integer;
        /// How many bytes were concerned.
        bytes Bytes Integer;
        /// A deadline of its own.
        due Due Time;
        /// Whether a second factor was used.
        mfa Mfa Boolean;
        /// Whether the data was encrypted.
        encrypted Encrypted Boolean;
        /// The Merkle root of the sealed fields.
        sealed Sealed Text;
    }
}

impl Field {
    /// Those that hold pseudonyms on a log, under a key of the log's own: two
    /// of them compare, a text never does.
    pub const PSEUDONYMS: &'static [Self] = &[
        Self::Subject,
        Self::Actor,
        Self::Object,
        Self::CaseId,
        Self::GrantId,
        Self::Session,
    ];

    /// Whether [`Event::set`] takes `value` for this field; `plain` says that
    /// a text is known to be printable ASCII.
    #[inline]
    pub(crate) fn check(self, value: Value<'_>, plain: bool) -> Result<(), EventError> {
        match self.kind() {
            FieldKind::Text => text(self, value, plain).map(drop),
            FieldKind::Place => parse_value!(Place, self, value, plain).map(drop),
            FieldKind::Action => parse_value!(Action, self, value, plain).map(drop),
            FieldKind::Outcome => parse_value!(Outcome, self, value, plain).map(drop),
            FieldKind::Category => parse_value!(Category, self, value, plain).map(drop),
            FieldKind::Integer => integer(self, value).map(drop),
            FieldKind::Boolean => boolean(self, value).map(drop),
            FieldKind::Time => time(self, value).map(drop),
        }
    }
}

#[inline]
fn text<'a>(field: Field, value: Value<'a>, plain: bool) -> Result<&'a str, EventError> {
    let Value::Text(text) = value else {
        return Err(wrong(field, "text"));
    };
    if text.len() > STRING_BYTES_MAX {
        return Err(EventError::new(format!(
            "`{}` has {} bytes; at most {STRING_BYTES_MAX} fit (longer content is sealed, not logged)",
            field.as_str(),
            text.len()
        )));
    }
    let plain = plain || plain_len(text.as_bytes()) == text.len();
    if !plain && text.chars().any(char::is_control) {
        return Err(wrong(field, "text without control characters"));
    }
    if text.is_empty() && field == Field::Source {
        return Err(wrong(field, "a name that is not empty"));
    }
    Ok(text)
}

fn named<T>(
    field: Field,
    value: Value<'_>,
    parse: impl Fn(&str) -> Option<T>,
    takes: &str,
) -> Result<T, EventError> {
    match value {
        Value::Text(text) => parse(text).ok_or_else(|| wrong(field, takes)),
        _ => Err(wrong(field, takes)),
    }
}

fn integer(field: Field, value: Value<'_>) -> Result<u64, EventError> {
    match value {
        Value::Integer(n) if n <= INTEGER_MAX => Ok(n),
        _ => Err(wrong(field, "an integer from 0 to 9007199254740991")),
    }
}

fn boolean(field: Field, value: Value<'_>) -> Result<bool, EventError> {
    match value {
        Value::Boolean(b) => Ok(b),
        _ => Err(wrong(field, "`true` or `false`")),
    }
}

fn time(field: Field, value: Value<'_>) -> Result<Micros, EventError> {
    match value {
        Value::Time(t) => Ok(t),
        Value::Text(text) => Micros::parse(text)
            .map_err(|error| EventError::new(format!("`{}`: {error}", field.as_str()))),
        _ => Err(wrong(field, "an RFC 3339 time")),
    }
}

fn wrong(field: Field, takes: &str) -> EventError {
    EventError::new(format!("`{}` takes {takes}", field.as_str()))
}
