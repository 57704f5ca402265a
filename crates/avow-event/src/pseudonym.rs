//! Pseudonyms: the same person can be followed through the rules, not named.
//!
//! HMAC-SHA-256 (RFC 2104) under a key per source or per subject, cut to its
//! first 128 bits, the least that RFC 2104 section 5 allows: two identifiers
//! get one pseudonym with probability 2^-64 only after 2^32 of them. Once the
//! key is destroyed, nobody can test any more whose a pseudonym is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "p_";
/// 128 bits in unpadded base64url.
const ENCODED_LEN: usize = 22;

/// A secret under which identifiers become pseudonyms.
///
/// Trusted and secret: who holds it can test whether a pseudonym belongs to a
/// person whose identifier they know.
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// A key from 32 bytes of entropy.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The pseudonym of `identifier` among identifiers of the same `kind`
    /// (`actor`, `object`, …): equal identifiers of different kinds get
    /// different pseudonyms. A kind is a word of the program, without NUL; the
    /// identifier may be any text.
    ///
    /// ```
    /// use avow_event::{PseudonymKey, is_pseudonym};
    /// let key = PseudonymKey::new([7; 32]);
    /// let p = key.pseudonym("actor", "arn:aws:iam::1:user/ana");
    /// assert!(is_pseudonym(&p));
    /// assert_eq!(p, key.pseudonym("actor", "arn:aws:iam::1:user/ana"));
    /// assert_ne!(p, key.pseudonym("object", "arn:aws:iam::1:user/ana"));
    /// ```
    pub fn pseudonym(&self, kind: &str, identifier: &str) -> String {
        let mut text = String::with_capacity(PREFIX.len() + ENCODED_LEN);
        text.push_str(PREFIX);
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("32 bytes are a key");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(identifier.as_bytes());
        let tag = mac.finalize().into_bytes();
        let (kept, _) = tag.split_at(16);
        URL_SAFE_NO_PAD.encode_string(kept, &mut text);
        text
    }
}

/// Whether `text` has the form of a pseudonym: `p_` and 22 characters of
/// base64url.
pub fn is_pseudonym(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() == ENCODED_LEN
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })
}
