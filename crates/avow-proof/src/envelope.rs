//! The DSSE envelope: a payload, its type, one signature.
//!
//! DSSE v1.0.0 protocol and envelope. What is signed is PAE(type, payload),
//! which begins `DSSEv1 `; no origin of a log may begin so, hence the log's
//! Ed25519 key can sign both without one passing for the other. What the payload
//! says is left to `statement`.

use avow_tlog::{Signature, VerifierKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::error::ProofError;

/// The only payload type: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope, its base64 decoded; not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The payload: the bytes of the statement.
    pub payload: Vec<u8>,
    /// Which key is said to have signed: `<name>+<key id in hex>`.
    pub key_id: String,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The JSON; fields in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<JsonSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonSignature {
    keyid: String,
    sig: String,
}

/// The bytes that are signed: pre-authentication encoding of type and payload.
///
/// Text, since a payload of ours is.
pub fn signed_text(payload: &str) -> String {
    format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} {payload}",
        PAYLOAD_TYPE.len(),
        payload.len()
    )
}

/// How an envelope names a key: the beginning of its `vkey`.
pub fn key_id(key: &VerifierKey) -> String {
    format!("{}+{:08x}", key.name(), key.id().0)
}

impl Envelope {
    /// The envelope of a payload that was signed as [`signed_text`] says.
    pub fn new(payload: &str, signature: Signature) -> Self {
        Self {
            payload: payload.as_bytes().to_vec(),
            key_id: format!("{}+{:08x}", signature.name, signature.id.0),
            signature: signature.bytes,
        }
    }

    /// The canonical JSON.
    pub fn to_json(&self) -> String {
        let json = Json {
            payload: STANDARD.encode(&self.payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![JsonSignature {
                keyid: self.key_id.clone(),
                sig: STANDARD.encode(&self.signature),
            }],
        };
        to_canonical(&json)
    }

    /// Reads the canonical JSON; [`Envelope::to_json`] gives the same bytes back.
    ///
    /// # Errors
    /// Another form, another payload type, not exactly one signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        let malformed = |detail: &str| ProofError::EnvelopeMalformed {
            detail: detail.to_owned(),
        };
        let json: Json =
            serde_json::from_slice(bytes).map_err(|error| malformed(&error.to_string()))?;
        if json.payload_type != PAYLOAD_TYPE {
            return Err(ProofError::PayloadType {
                found: json.payload_type,
            });
        }
        let [signature] = json.signatures.as_slice() else {
            return Err(match json.signatures.len() {
                0 => ProofError::StatementUnsigned,
                _ => malformed("it has more than one signature"),
            });
        };
        let decode = |text: &str, what: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| malformed(&format!("its {what} is not canonical base64")))
        };
        let envelope = Self {
            payload: decode(&json.payload, "payload")?,
            key_id: signature.keyid.clone(),
            signature: decode(&signature.sig, "signature")?,
        };
        if envelope.to_json().as_bytes() != bytes {
            return Err(malformed("it is not canonical JSON"));
        }
        Ok(envelope)
    }

    /// Checks the signature by one of `keys`, and returns the payload as text.
    ///
    /// # Errors
    /// None of the keys is the named one, or its signature does not verify.
    pub fn open(&self, keys: &[&VerifierKey]) -> Result<&str, ProofError> {
        let key = keys
            .iter()
            .find(|key| key_id(key) == self.key_id)
            .ok_or_else(|| ProofError::StatementKey {
                found: self.key_id.clone(),
            })?;
        let bad = ProofError::StatementSignature {
            key: self.key_id.clone(),
        };
        let payload = std::str::from_utf8(&self.payload).map_err(|_| bad.clone())?;
        let signature = Signature {
            name: key.name().to_owned(),
            id: key.id(),
            bytes: self.signature.clone(),
        };
        key.verify(&signed_text(payload), &signature)
            .map_err(|_| bad)?;
        Ok(payload)
    }
}

/// The canonical JSON (RFC 8785) of a value whose struct fields stand in the
/// order of their names and whose numbers are small integers.
pub(crate) fn to_canonical<T: Serialize>(value: &T) -> String {
    // INVARIANT: the structs of this crate have text keys and no map that fails
    // to serialise; an empty text would be refused by every reader.
    serde_json::to_string(value).unwrap_or_default()
}
