//! Sealed fields as an SD-JWT, so that stock libraries check them.
//!
//! RFC 9901 compact form `JWT~disclosure~…~` without key binding. The JWT is
//! signed with Ed25519 (RFC 8037, `alg` = `EdDSA`) by whoever operates the log;
//! its payload lists the digests and names the leaf and the root in it. Header
//! and payload are canonical JSON, so that one statement has one text. Keys
//! and signing are left to the caller.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{Reader, write_integer, write_string};
use crate::seal::parse_hash;
use crate::{Disclosure, Event, EventError, SEALED_FIELDS_MAX, SealedFields, merkle};

/// The header of every JWT of this form.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"avow-event+sd-jwt"}"#;

impl SealedFields {
    /// The issuer-signed JWT for the event in `leaf`, which can be presented
    /// again and again with different fields.
    ///
    /// `issued` counts seconds since the Unix epoch. `sign` gets the signing
    /// input (RFC 7515 section 5.1) and returns the Ed25519 signature.
    ///
    /// # Errors
    /// `leaf` is no leaf, or its field `sealed` is not the root of these
    /// fields; an empty issuer or one with control characters.
    pub fn issue(
        &self,
        issuer: &str,
        issued: u64,
        leaf: &[u8],
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Result<String, EventError> {
        if Event::from_leaf(leaf)?.sealed != Some(self.root_text()) {
            return Err(EventError::new(
                "the leaf's field `sealed` is not the root of these fields",
            ));
        }
        let claims = Claims {
            digests: self.digests().collect(),
            leaf_hash: merkle::log_leaf_hash(leaf),
            root: self.root(),
            issued,
            issuer: issuer.to_owned(),
        };
        claims.check()?;
        let mut jwt = URL_SAFE_NO_PAD.encode(HEADER);
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_json(), &mut jwt);
        let signature = sign(jwt.as_bytes());
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }

    /// The SD-JWT that shows exactly the fields `names`.
    ///
    /// # Errors
    /// A name that is not among the fields.
    pub fn present(&self, jwt: &str, names: &[&str]) -> Result<String, EventError> {
        let mut text = format!("{jwt}~");
        for name in names {
            let disclosure = self.disclosure(name).ok_or_else(|| {
                EventError::new(format!("there is no sealed field `{name}` to show"))
            })?;
            text.push_str(disclosure.as_str());
            text.push('~');
        }
        Ok(text)
    }
}

/// What an SD-JWT says, after its signature and disclosures were checked.
///
/// That the leaf is on a log, and whose key signed, is the caller's to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presentation {
    claims: Claims,
    disclosures: Vec<Disclosure>,
}

impl Presentation {
    /// Checks an SD-JWT of this form. `check` gets the signing input and the
    /// signature.
    ///
    /// # Errors
    /// Another form, a signature that `check` refuses, digests that do not
    /// make up the root, a disclosure that is not among the digests or comes
    /// twice (RFC 9901 section 7.1).
    pub fn verify(
        text: &str,
        check: impl FnOnce(&[u8], &[u8; 64]) -> bool,
    ) -> Result<Self, EventError> {
        let (jwt, rest) = text
            .split_once('~')
            .ok_or_else(|| EventError::new("an SD-JWT has `~` after the JWT"))?;
        let (input, signature) = jwt
            .rsplit_once('.')
            .ok_or_else(|| EventError::new("a JWT has three parts"))?;
        let signature: Option<[u8; 64]> = URL_SAFE_NO_PAD
            .decode(signature)
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        if !signature.is_some_and(|signature| check(input.as_bytes(), &signature)) {
            return Err(EventError::new("the signature of the SD-JWT is not valid"));
        }
        let payload = input
            .strip_prefix(&URL_SAFE_NO_PAD.encode(HEADER))
            .and_then(|rest| rest.strip_prefix('.'))
            .and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok())
            .ok_or_else(|| {
                EventError::new(format!("an SD-JWT of ours has the header `{HEADER}`"))
            })?;
        let claims = Claims::parse(&payload)?;
        let disclosures = disclosures(rest, &claims.digests)?;
        Ok(Self {
            claims,
            disclosures,
        })
    }

    /// Checks that it speaks of this leaf.
    ///
    /// # Errors
    /// It speaks of another leaf, or the leaf seals something else.
    pub fn check_leaf(&self, leaf: &[u8]) -> Result<(), EventError> {
        if self.claims.leaf_hash != merkle::log_leaf_hash(leaf) {
            return Err(EventError::new("the SD-JWT speaks of another leaf"));
        }
        if Event::from_leaf(leaf)?.sealed != Some(URL_SAFE_NO_PAD.encode(self.claims.root)) {
            return Err(EventError::new("the leaf does not seal these fields"));
        }
        Ok(())
    }

    /// The fields that it shows.
    pub fn disclosures(&self) -> &[Disclosure] {
        &self.disclosures
    }

    /// Who says so.
    pub fn issuer(&self) -> &str {
        &self.claims.issuer
    }

    /// When it was issued, in seconds since the Unix epoch.
    pub fn issued(&self) -> u64 {
        self.claims.issued
    }

    /// The hash of the leaf (RFC 6962 section 2.1).
    pub fn leaf_hash(&self) -> [u8; 32] {
        self.claims.leaf_hash
    }
}

fn disclosures(text: &str, digests: &[[u8; 32]]) -> Result<Vec<Disclosure>, EventError> {
    let mut parts = text.split('~');
    // After the last `~` a key-binding JWT would stand; this form has none.
    if parts.next_back() != Some("") {
        return Err(EventError::new("an SD-JWT of ours ends with `~`"));
    }
    let mut found: Vec<Disclosure> = Vec::new();
    for part in parts {
        let disclosure = Disclosure::parse(part)?;
        if digests.binary_search(&disclosure.digest()).is_err() {
            return Err(EventError::new(format!(
                "the disclosure of `{}` is not among the digests",
                disclosure.name()
            )));
        }
        // Digests are distinct, so at most `SEALED_FIELDS_MAX` get here.
        if found.iter().any(|d| d.name() == disclosure.name()) {
            return Err(EventError::new(format!(
                "`{}` is disclosed twice",
                disclosure.name()
            )));
        }
        found.push(disclosure);
    }
    Ok(found)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Claims {
    digests: Vec<[u8; 32]>,
    leaf_hash: [u8; 32],
    root: [u8; 32],
    issued: u64,
    issuer: String,
}

impl Claims {
    fn check(&self) -> Result<(), EventError> {
        let distinct_and_ascending = self.digests.array_windows().all(|[a, b]| a < b);
        let number = 1..=SEALED_FIELDS_MAX;
        if !distinct_and_ascending || !number.contains(&self.digests.len()) {
            return Err(EventError::new("the digests are not ascending"));
        }
        if merkle::root(&self.digests) != self.root {
            return Err(EventError::new("the digests do not make up the root"));
        }
        if self.issuer.is_empty() || self.issuer.chars().any(char::is_control) {
            return Err(EventError::new(
                "an issuer is a name without control characters",
            ));
        }
        if self.issued > crate::INTEGER_MAX {
            return Err(EventError::new("the time of issue is too far away"));
        }
        Ok(())
    }

    fn to_json(&self) -> Vec<u8> {
        let mut out = b"{\"_sd\":[".to_vec();
        for (index, digest) in self.digests.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write_string(&mut out, &URL_SAFE_NO_PAD.encode(digest));
        }
        out.extend_from_slice(b"],\"_sd_alg\":\"sha-256\",\"avow_leaf\":");
        write_string(&mut out, &URL_SAFE_NO_PAD.encode(self.leaf_hash));
        out.extend_from_slice(b",\"avow_sealed\":");
        write_string(&mut out, &URL_SAFE_NO_PAD.encode(self.root));
        out.extend_from_slice(b",\"iat\":");
        write_integer(&mut out, self.issued);
        out.extend_from_slice(b",\"iss\":");
        write_string(&mut out, &self.issuer);
        out.push(b'}');
        out
    }

    fn parse(json: &[u8]) -> Result<Self, EventError> {
        let mut reader = Reader::new(json, "payload")?;
        let mut digests = Vec::new();
        expect(&mut reader, "{\"_sd\":[")?;
        loop {
            digests.push(hash(&mut reader)?);
            if digests.len() > SEALED_FIELDS_MAX {
                return Err(reader.error("too many digests"));
            }
            if !reader.skip(",") {
                break;
            }
        }
        expect(&mut reader, "],\"_sd_alg\":\"sha-256\",\"avow_leaf\":")?;
        let leaf_hash = hash(&mut reader)?;
        expect(&mut reader, ",\"avow_sealed\":")?;
        let root = hash(&mut reader)?;
        expect(&mut reader, ",\"iat\":")?;
        let issued = reader.integer()?;
        expect(&mut reader, ",\"iss\":")?;
        let issuer = reader.string()?.into_owned();
        expect(&mut reader, "}")?;
        reader.end()?;
        let claims = Self {
            digests,
            leaf_hash,
            root,
            issued,
            issuer,
        };
        claims.check()?;
        Ok(claims)
    }
}

fn expect(reader: &mut Reader<'_>, text: &str) -> Result<(), EventError> {
    if reader.skip(text) {
        Ok(())
    } else {
        Err(reader.error(&format!("expected `{text}`")))
    }
}

fn hash(reader: &mut Reader<'_>) -> Result<[u8; 32], EventError> {
    let hash = reader.plain_string().and_then(parse_hash);
    hash.ok_or_else(|| reader.error("expected a digest in base64url"))
}
