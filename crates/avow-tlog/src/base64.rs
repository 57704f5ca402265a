//! Base 64 as RFC 4648 section 4 has it, and only the canonical form.
//!
//! A second spelling of the same bytes would be a second note with the same
//! signatures, so padding must be there and unused bits must be zero.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};

/// The canonical text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a canonical text; `what` names it in the message.
pub(crate) fn decode(text: &str, what: &str) -> Result<Vec<u8>> {
    STANDARD
        .decode(text)
        .map_err(|_| Error::malformed(format!("{what} is not canonical base64")))
}
