//! Where a part of a TOML string's value stands in the document, so that a
//! mistake inside a predicate is shown at the very word.
//!
//! Only needed once there is a mistake: the string is decoded a second time,
//! and if that does not give the value that the TOML reader gave, the whole
//! string is pointed at instead of a wrong part of it.

use std::ops::Range;

/// The bytes of `document` that stand for `part` of `value`; `token` is where
/// the string stands, quotes included.
pub(crate) fn position_in_document(
    document: &str,
    token: Range<usize>,
    value: &str,
    part: Range<usize>,
) -> Range<usize> {
    let raw = document.get(token.clone()).unwrap_or_default();
    let Some(positions) = decode(raw, value) else {
        return token;
    };
    let at = |offset: usize| positions.get(offset).map(|in_raw| token.start + in_raw);
    match (at(part.start), at(part.end)) {
        (Some(start), Some(end)) if start <= end => start..end,
        _ => token,
    }
}

/// For each byte of the value, and for its end, where it stands in `raw`;
/// `None` if `raw` does not stand for `value`.
fn decode(raw: &str, value: &str) -> Option<Vec<usize>> {
    let (quote, escapes) = match raw.get(..3) {
        Some("\"\"\"") => ("\"\"\"", true),
        Some("'''") => ("'''", false),
        _ if raw.starts_with('"') => ("\"", true),
        _ if raw.starts_with('\'') => ("'", false),
        _ => return None,
    };
    let inner_end = raw.len().checked_sub(quote.len())?;
    let mut at = quote.len();
    if quote.len() == 3 {
        // A line end right after the opening quotes is not part of the value.
        let inner = raw.get(at..inner_end)?;
        at += ["\r\n", "\n"]
            .into_iter()
            .find(|newline| inner.starts_with(newline))
            .map_or(0, str::len);
    }
    let mut decoded = String::new();
    let mut positions = Vec::new();
    while at < inner_end {
        let rest = raw.get(at..inner_end)?;
        let first = rest.chars().next()?;
        let (character, length) = if first == '\\' && escapes {
            unescape(rest)?
        } else {
            (Some(first), first.len_utf8())
        };
        if let Some(character) = character {
            decoded.push(character);
            positions.resize(decoded.len(), at);
        }
        at += length;
    }
    positions.push(inner_end);
    (decoded == value).then_some(positions)
}

/// The character of an escape, none for an escaped line end, and its length.
fn unescape(rest: &str) -> Option<(Option<char>, usize)> {
    let letter = rest.chars().nth(1)?;
    let digits = |count: usize| {
        let code = u32::from_str_radix(rest.get(2..2 + count)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), 2 + count))
    };
    let plain = match letter {
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'f' => '\u{C}',
        'r' => '\r',
        'e' => '\u{1B}',
        '"' => '"',
        '\\' => '\\',
        'x' => return digits(2),
        'u' => return digits(4),
        'U' => return digits(8),
        // A backslash before a line end swallows it and what is blank after it.
        _ => {
            let after = rest.get(1..)?;
            let trimmed = after.trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((None, 1 + after.len() - trimmed.len()));
        }
    };
    Some((Some(plain), 2))
}

#[cfg(test)]
mod tests {
    use super::position_in_document;

    /// What stands where `word` of the string's value is said to stand.
    fn found<'d>(document: &'d str, word: &str) -> &'d str {
        let table = toml::de::DeTable::parse(document).unwrap();
        let value = table.get_ref().values().next().unwrap();
        let text = value.get_ref().as_str().unwrap();
        let start = text.find(word).unwrap();
        let part = start..start + word.len();
        document
            .get(position_in_document(document, value.span(), text, part))
            .unwrap()
    }

    #[test]
    fn a_word_is_found_in_every_kind_of_string() {
        for document in [
            "x = \"action = 'stored' AND\"",
            "x = 'action = stored AND'",
            "x = \"\"\"\naction =\n  stored AND\"\"\"",
            "x = '''\naction =\n  stored AND'''",
            "x = \"\"\"action = \\\n   stored \\\n AND\"\"\"",
            "x = \"\\u4e2d\\t\\\"é\\\\ stored AND\"",
            "x = \"\"\"\r\naction =\r\n stored AND\"\"\"",
            "# é\nx = \"中文 stored\"",
        ] {
            assert_eq!(found(document, "stored"), "stored", "{document}");
        }
    }

    #[test]
    fn a_word_behind_an_escape_is_found_whole() {
        assert_eq!(found("x = \"a\\u0062c\"", "abc"), "a\\u0062c");
        assert_eq!(found("x = \"a\\u0062c\"", "b"), "\\u0062");
    }

    #[test]
    fn what_does_not_decode_is_pointed_at_whole() {
        assert_eq!(position_in_document("x = 'ab'", 4..8, "other", 0..1), 4..8);
        assert_eq!(position_in_document("x = ab", 4..6, "ab", 0..1), 4..6);
    }
}
