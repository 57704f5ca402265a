//! Decimal numbers with exactly one spelling: no sign, no leading zeroes.

/// The number a text spells, if it is the canonical spelling and fits 64 bits.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let canonical = text == "0"
        || (!text.is_empty() && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}
