//! Sealed fields: what must not stand in a leaf, provable field by field.
//!
//! Each field is a disclosure of RFC 9901 section 4.2.1, with a salt of 128
//! bits; its digest is that of section 4.2.3. The event's field `sealed` is the
//! root of the Merkle tree (RFC 6962 section 2.1) over the digests in ascending
//! order. Entropy arrives as an argument; keeping the disclosures, and
//! destroying them, is the caller's. The SD-JWT form is left to `sd_jwt`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::json::{Reader, write_integer, write_string};
use crate::merkle;
use crate::{Event, EventError, Value};

/// Sealed fields and decoys of one event: a path of at most eight hashes.
pub const SEALED_FIELDS_MAX: usize = 256;

/// The longest sealed text: a disclosure is held in memory whole, and a
/// statement or document beyond 1 MiB is better sealed by its digest.
pub const SEALED_VALUE_BYTES_MAX: usize = 1 << 20;

/// Characters of a salt of 128 bits in base64url (RFC 9901 section 9.3).
const SALT_CHARS_MIN: usize = 22;

/// Names that a JWT payload uses for itself (RFC 9901 section 7.1, RFC 7519
/// section 4.1), so that no disclosure can stand for one of them.
const RESERVED: [&str; 16] = [
    "...",
    "_sd",
    "_sd_alg",
    "aud",
    "avow_leaf",
    "avow_sealed",
    "cnf",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "sd_hash",
    "status",
    "sub",
    "vct",
];

/// The digest of a disclosure: SHA-256 over its base64url text (RFC 9901
/// section 4.2.3).
pub fn disclosure_digest(disclosure: &str) -> [u8; 32] {
    Sha256::digest(disclosure.as_bytes()).into()
}

/// One sealed field in the clear: salt, name and value.
///
/// Secret: who has it can prove the field, and anybody to whom it was shown
/// has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosure {
    text: String,
    name: String,
    value: Owned,
}

#[derive(Clone, PartialEq, Eq)]
enum Owned {
    Text(String),
    Integer(u64),
    Boolean(bool),
}

impl Disclosure {
    /// Seals a field with a salt of 16 random bytes, never used before.
    ///
    /// A time is sealed as its canonical text.
    ///
    /// # Errors
    /// An empty or reserved name, a name or text that is too long, an integer
    /// above [`crate::INTEGER_MAX`].
    pub fn new(name: &str, value: Value<'_>, salt: [u8; 16]) -> Result<Self, EventError> {
        check_name(name)?;
        let value = match value {
            Value::Text(text) if text.len() > SEALED_VALUE_BYTES_MAX => {
                return Err(EventError::new(format!(
                    "the sealed field `{name}` has {} bytes; at most {SEALED_VALUE_BYTES_MAX} fit",
                    text.len()
                )));
            }
            Value::Integer(n) if n > crate::INTEGER_MAX => {
                return Err(EventError::new(format!(
                    "the sealed field `{name}` takes integers from 0 to 9007199254740991"
                )));
            }
            Value::Text(text) => Owned::Text(text.to_owned()),
            Value::Integer(n) => Owned::Integer(n),
            Value::Boolean(b) => Owned::Boolean(b),
            Value::Time(time) => Owned::Text(time.to_string()),
        };
        let mut json = b"[\"".to_vec();
        json.extend_from_slice(URL_SAFE_NO_PAD.encode(salt).as_bytes());
        json.extend_from_slice(b"\",");
        write_string(&mut json, name);
        json.push(b',');
        match &value {
            Owned::Text(text) => write_string(&mut json, text),
            Owned::Integer(n) => write_integer(&mut json, *n),
            Owned::Boolean(b) => json.extend_from_slice(if *b { b"true" } else { b"false" }),
        }
        json.push(b']');
        Ok(Self {
            text: URL_SAFE_NO_PAD.encode(json),
            name: name.to_owned(),
            value,
        })
    }

    /// Reads a disclosure whose JSON is canonical (RFC 8785).
    ///
    /// # Errors
    /// Another form, a salt below 128 bits, or what [`Disclosure::new`]
    /// refuses.
    ///
    /// ```
    /// use avow_event::{Disclosure, Value};
    /// // RFC 9901 section 4.2.1, the spelling without white space.
    /// let text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsImZhbWlseV9uYW1lIiwiTcO2Yml1cyJd";
    /// let disclosure = Disclosure::parse(text).unwrap();
    /// assert_eq!(disclosure.name(), "family_name");
    /// assert_eq!(disclosure.value(), Value::Text("Möbius"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, EventError> {
        let json = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| EventError::new("a disclosure is unpadded base64url"))?;
        let mut reader = Reader::new(&json, "disclosure")?;
        reader.byte(b'[')?;
        let salt = reader.string()?;
        let salt_fits = salt.len() >= SALT_CHARS_MIN
            && salt
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !salt_fits {
            return Err(reader.error("the salt has at least 128 bits in base64url"));
        }
        reader.byte(b',')?;
        let name = reader.string()?.into_owned();
        check_name(&name)?;
        reader.byte(b',')?;
        let value = match reader.rest().first() {
            Some(b'"') => Owned::Text(reader.string()?.into_owned()),
            Some(b't' | b'f') => Owned::Boolean(reader.boolean()?),
            _ => Owned::Integer(reader.integer()?),
        };
        reader.byte(b']')?;
        reader.end()?;
        match &value {
            Owned::Text(text) if text.len() > SEALED_VALUE_BYTES_MAX => Err(EventError::new(
                format!("a sealed text has at most {SEALED_VALUE_BYTES_MAX} bytes"),
            )),
            _ => Ok(Self {
                text: text.to_owned(),
                name,
                value,
            }),
        }
    }

    /// The field's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The field's value.
    pub fn value(&self) -> Value<'_> {
        match &self.value {
            Owned::Text(text) => Value::Text(text),
            Owned::Integer(n) => Value::Integer(*n),
            Owned::Boolean(b) => Value::Boolean(*b),
        }
    }

    /// Its base64url text, as RFC 9901 passes it on.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its digest: [`disclosure_digest`] of its text.
    pub fn digest(&self) -> [u8; 32] {
        disclosure_digest(&self.text)
    }
}

/// Shows the name only: values do not belong in logs.
impl fmt::Debug for Disclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disclosure({:?}, …)", self.name)
    }
}

fn check_name(name: &str) -> Result<(), EventError> {
    if name.is_empty() || name.len() > crate::STRING_BYTES_MAX {
        return Err(EventError::new(format!(
            "a sealed field's name has 1 to {} bytes",
            crate::STRING_BYTES_MAX
        )));
    }
    if RESERVED.contains(&name) {
        return Err(EventError::new(format!(
            "a sealed field cannot be named `{name}`: a JWT uses the name itself"
        )));
    }
    Ok(())
}

/// The sealed fields of one event, with decoys and with what was forgotten.
///
/// Secret as its disclosures are; the root alone is public.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFields {
    // INVARIANT: ascending by digest, without duplicates, not empty.
    entries: Vec<([u8; 32], Option<Disclosure>)>,
}

impl SealedFields {
    /// Fields in the clear, and digests without a disclosure: decoys (RFC 9901
    /// section 4.2.5: hashes of random bytes, hiding how many fields there
    /// are) and fields that were forgotten.
    ///
    /// # Errors
    /// Nothing to seal, more than [`SEALED_FIELDS_MAX`] digests, a name or a
    /// digest given twice.
    pub fn new(
        disclosures: impl IntoIterator<Item = Disclosure>,
        digests: impl IntoIterator<Item = [u8; 32]>,
    ) -> Result<Self, EventError> {
        let mut entries: Vec<([u8; 32], Option<Disclosure>)> = disclosures
            .into_iter()
            .map(|disclosure| (disclosure.digest(), Some(disclosure)))
            .chain(digests.into_iter().map(|digest| (digest, None)))
            .take(SEALED_FIELDS_MAX + 1)
            .collect();
        if entries.is_empty() || entries.len() > SEALED_FIELDS_MAX {
            return Err(EventError::new(format!(
                "an event seals 1 to {SEALED_FIELDS_MAX} fields, decoys included"
            )));
        }
        entries.sort_by_key(|(digest, _)| *digest);
        let mut names: Vec<&str> = entries
            .iter()
            .filter_map(|(_, disclosure)| disclosure.as_ref().map(Disclosure::name))
            .collect();
        names.sort_unstable();
        if names.array_windows().any(|[a, b]| a == b) {
            return Err(EventError::new("a sealed field is given twice"));
        }
        if entries.array_windows().any(|[(a, _), (b, _)]| a == b) {
            return Err(EventError::new("a sealed digest is given twice"));
        }
        Ok(Self { entries })
    }

    /// The root, which the event's field `sealed` holds as
    /// [`SealedFields::root_text`].
    pub fn root(&self) -> [u8; 32] {
        let digests: Vec<[u8; 32]> = self.digests().collect();
        merkle::root(&digests)
    }

    /// The root in base64url, the value of the event's field `sealed`.
    pub fn root_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.root())
    }

    /// All digests, ascending: the fields', the decoys', the forgotten ones'.
    pub fn digests(&self) -> impl Iterator<Item = [u8; 32]> + '_ {
        self.entries.iter().map(|(digest, _)| *digest)
    }

    /// The fields that can still be shown, in the order of their digests.
    pub fn disclosures(&self) -> impl Iterator<Item = &Disclosure> {
        self.entries
            .iter()
            .filter_map(|(_, disclosure)| disclosure.as_ref())
    }

    /// The field of that name.
    pub fn disclosure(&self, name: &str) -> Option<&Disclosure> {
        self.disclosures().find(|d| d.name() == name)
    }

    /// Drops salt, name and value of one field; the root and the proofs of the
    /// other fields stay as they are. Whether there was such a field.
    ///
    /// Copies of the disclosure elsewhere are not reached by this.
    pub fn forget(&mut self, name: &str) -> bool {
        let found = self
            .entries
            .iter_mut()
            .find(|(_, disclosure)| disclosure.as_ref().is_some_and(|d| d.name() == name));
        match found {
            Some((_, disclosure)) => {
                *disclosure = None;
                true
            }
            None => false,
        }
    }

    /// The proof that the event seals this field, showing no other.
    pub fn prove(&self, name: &str) -> Option<FieldProof> {
        let index = self
            .entries
            .iter()
            .position(|(_, d)| d.as_ref().is_some_and(|d| d.name() == name))?;
        let digests: Vec<[u8; 32]> = self.digests().collect();
        Some(FieldProof {
            disclosure: self.disclosure(name)?.clone(),
            path: merkle::path(&digests, index),
        })
    }
}

/// Shows the number of digests only.
impl fmt::Debug for SealedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFields({} digests)", self.entries.len())
    }
}

/// One sealed field with the path from it to the root in the leaf.
///
/// Trusted for nothing: [`FieldProof::verify`] shows whether it fits an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProof {
    disclosure: Disclosure,
    path: Vec<merkle::Step>,
}

/// The first line of the text form.
const PROOF_TITLE: &str = "avow-sealed-field/v1";
/// The longest path: to one of [`SEALED_FIELDS_MAX`] leaves.
const PATH_MAX: usize = SEALED_FIELDS_MAX.ilog2() as usize;

impl FieldProof {
    /// The field in the clear.
    pub fn disclosure(&self) -> &Disclosure {
        &self.disclosure
    }

    /// Checks that `event` seals this field.
    ///
    /// That the event is on a log is not checked here.
    ///
    /// # Errors
    /// The event seals nothing, or something else.
    pub fn verify(&self, event: &Event) -> Result<(), EventError> {
        let Some(sealed) = &event.sealed else {
            return Err(EventError::new("the event has no field `sealed`"));
        };
        let root = merkle::root_of_path(&self.disclosure.digest(), &self.path);
        if URL_SAFE_NO_PAD.encode(root) == *sealed {
            Ok(())
        } else {
            Err(EventError::new(format!(
                "the event does not seal this value of `{}`",
                self.disclosure.name()
            )))
        }
    }

    /// The text form: a title, the disclosure, then the path, one line a hash
    /// that stands to the left (`l`) or to the right (`r`).
    pub fn to_text(&self) -> String {
        let mut text = format!("{PROOF_TITLE}\n{}\n", self.disclosure.as_str());
        for step in &self.path {
            text.push_str(if step.left { "l " } else { "r " });
            text.push_str(&URL_SAFE_NO_PAD.encode(step.hash));
            text.push('\n');
        }
        text
    }

    /// Reads exactly what [`FieldProof::to_text`] writes.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, EventError> {
        let malformed = || EventError::new("not a proof of a sealed field");
        let body = text.strip_suffix('\n').ok_or_else(malformed)?;
        let mut lines = body.split('\n');
        if lines.next() != Some(PROOF_TITLE) {
            return Err(malformed());
        }
        let disclosure = Disclosure::parse(lines.next().ok_or_else(malformed)?)?;
        let path: Option<Vec<merkle::Step>> = lines.take(PATH_MAX + 1).map(parse_step).collect();
        let path = path.ok_or_else(malformed)?;
        if path.len() > PATH_MAX {
            return Err(malformed());
        }
        Ok(Self { disclosure, path })
    }
}

fn parse_step(line: &str) -> Option<merkle::Step> {
    let (side, hash) = line.split_once(' ')?;
    let left = match side {
        "l" => true,
        "r" => false,
        _ => return None,
    };
    let hash = parse_hash(hash)?;
    Some(merkle::Step { left, hash })
}

/// 32 bytes from base64url without padding.
pub(crate) fn parse_hash(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
