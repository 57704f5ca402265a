//! What may leave a record as it stands. A caller chooses many texts of its
//! record; only words of the form that clouds give to regions, services, calls
//! and kinds of identity go into an event. Any other text could be anything, a
//! name or an address too, and is left out.

/// The longest name of a region: AWS's have at most fourteen bytes.
const REGION_BYTES_MAX: usize = 32;

/// The longest name of a service or a call: AWS's have below 80 bytes.
const NAME_BYTES_MAX: usize = 128;

/// Letters, digits and `-`; an empty region is one, too.
pub(crate) fn region(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (text.len() <= REGION_BYTES_MAX && text.bytes().all(is_plain)).then_some(text)
}

/// Small letters, digits, `.` and `-`.
pub(crate) fn system(text: &str) -> Option<&str> {
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    name_of(text, is_plain)
}

/// The longest name of an account: a UUID has 36 bytes.
const ACCOUNT_BYTES_MAX: usize = 64;

/// An account's number or name: letters, digits and `-`.
pub(crate) fn account(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let fits = (1..=ACCOUNT_BYTES_MAX).contains(&text.len());
    (fits && text.bytes().all(is_plain)).then_some(text)
}

/// Letters, digits and `_ : . -`.
pub(crate) fn name(text: &str) -> Option<&str> {
    name_of(text, |byte| {
        byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte)
    })
}

fn name_of(text: &str, is_plain: impl Fn(u8) -> bool) -> Option<&str> {
    ((1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_plain)).then_some(text)
}
