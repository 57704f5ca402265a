//! Signed notes: a text and its signature lines. signed-note v1.0.0.
//!
//! This file only splits and joins; a parsed [`Note`] proves nothing. Checking
//! signatures is left to `key` and `checkpoint`.

use crate::base64;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of the longest note that is read. A checkpoint with
/// [`SIGNATURES_MAX`] ML-DSA-44 cosignatures and 255-byte names is
/// 64 × (255 + 4/3 × 2,432 + 6) ≈ 224 kB; rounded up to a power of two.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;

/// Signature lines of the longest note that is read; the format demands 16 at
/// least, and each line costs a verifier up to one signature check.
pub const SIGNATURES_MAX: usize = 64;

/// Bytes of a key id.
const KEY_ID_BYTES: usize = 4;

/// The short identifier of a key; with the key's name it says which key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub u32);

/// One signature line, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The key id.
    pub id: KeyId,
    /// What the algorithm of the key made; for cosignatures this begins with the timestamp.
    pub bytes: Vec<u8>,
}

/// A note, split into text and signatures, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The signed text, with its final newline.
    pub text: String,
    /// The signature lines, in order.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Splits a note. Every byte is accounted for: [`Note::to_bytes`] gives the same bytes back.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!(
                    "a note has at most {NOTE_BYTES_MAX} bytes, not {}",
                    bytes.len()
                ),
            ));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| Error::malformed("note is not UTF-8"))?;
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(Error::malformed("note has a control character"));
        }
        let (before, lines) = note
            .rsplit_once("\n\n")
            .ok_or_else(|| Error::malformed("note has no blank line before its signatures"))?;
        let lines = lines.strip_suffix('\n').ok_or_else(|| {
            Error::malformed("note does not end in a newline and signature lines")
        })?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(Error::new(
                    ErrorKind::TooLarge,
                    format!("a note has at most {SIGNATURES_MAX} signatures"),
                ));
            }
            signatures.push(parse_signature(line)?);
        }
        Ok(Self {
            text: format!("{before}\n"),
            signatures,
        })
    }

    /// The bytes of the note.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut note = format!("{}\n", self.text);
        for signature in &self.signatures {
            note.push_str(&signature.to_line());
        }
        note.into_bytes()
    }
}

impl Signature {
    fn to_line(&self) -> String {
        let mut bytes = self.id.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        format!("— {} {}\n", self.name, base64::encode(&bytes))
    }
}

fn parse_signature(line: &str) -> Result<Signature> {
    let malformed = || Error::malformed("note has a malformed signature line");
    let (name, text) = line
        .strip_prefix("— ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or_else(malformed)?;
    check_key_name(name)?;
    let bytes = base64::decode(text, "signature")?;
    let (id, bytes) = bytes
        .split_first_chunk::<KEY_ID_BYTES>()
        .ok_or_else(malformed)?;
    if bytes.is_empty() {
        return Err(malformed());
    }
    Ok(Signature {
        name: name.to_owned(),
        id: KeyId(u32::from_be_bytes(*id)),
        bytes: bytes.to_vec(),
    })
}

/// Refuses a text that is no key name: empty, or with a space or a plus.
///
/// Stricter than signed-note, it refuses control characters and those that turn
/// the direction of writing, too: names are shown to people, in terminals.
pub(crate) fn check_key_name(name: &str) -> Result<()> {
    let is_foreign =
        |c: char| c.is_whitespace() || c == '+' || c.is_control() || is_bidi_control(c);
    if name.is_empty() || name.contains(is_foreign) {
        let name = name.escape_debug();
        return Err(Error::malformed(format!("`{name}` is not a key name")));
    }
    Ok(())
}

/// The characters with the property Bidi_Control (Unicode Standard Annex 9).
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
