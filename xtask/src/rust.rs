//! Just enough Rust lexing for the checks: blank out comments and literals,
//! find functions, cut test modules. It leaves parsing to the compiler; a
//! heuristic that miscounts a line is acceptable here, a dependency on a parser
//! is not.

use std::ops::Range;

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Line of the word `fn`, counted from 1.
    pub(crate) line: usize,
    /// Lines from the word `fn` to the closing brace, both included.
    pub(crate) lines: usize,
}

/// The same text with comments and the insides of literals replaced by spaces.
/// Line breaks stay, so that line numbers do too.
pub(crate) fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at);
        if end > at {
            let skipped = bytes.get(at..end).unwrap_or_default();
            out.extend(skipped.iter().map(|&b| if b == b'\n' { b } else { b' ' }));
            at = end;
        } else {
            out.push(byte(bytes, at));
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The insides of plain string literals, with their lines, in order.
pub(crate) fn strings(text: &str) -> Vec<(usize, String)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at);
        if byte(bytes, at) == b'"' {
            let inside = bytes.get(at + 1..end.saturating_sub(1)).unwrap_or_default();
            found.push((
                line_of(bytes, at),
                String::from_utf8_lossy(inside).into_owned(),
            ));
        }
        at = end.max(at + 1);
    }
    found
}

/// Functions with a body in text that [`blank`] has been through.
pub(crate) fn functions(blanked: &str) -> Vec<Function> {
    let bytes = blanked.as_bytes();
    let mut found = Vec::new();
    for at in words(bytes, b"fn") {
        let mut name_at = at + 2;
        while byte(bytes, name_at).is_ascii_whitespace() {
            name_at += 1;
        }
        let name_end = word_end(bytes, name_at);
        if name_end == name_at {
            continue;
        }
        if let Some(body) = body(bytes, name_end) {
            let name = bytes.get(name_at..name_end).unwrap_or_default();
            found.push(Function {
                name: String::from_utf8_lossy(name).into_owned(),
                line: line_of(bytes, at),
                lines: line_of(bytes, body.end) - line_of(bytes, at) + 1,
            });
        }
    }
    found
}

/// Blanks every `#[cfg(test)] mod … { … }` in text that [`blank`] has been
/// through, and says how many lines they took.
pub(crate) fn cut_tests(blanked: &str) -> (String, usize) {
    let mut bytes = blanked.as_bytes().to_vec();
    let mut lines = 0;
    let marker = b"#[cfg(test)]";
    let mut at = 0;
    while let Some(offset) = position(bytes.get(at..).unwrap_or_default(), marker) {
        let start = at + offset;
        at = start + marker.len();
        let Some(body) = body(&bytes, at) else {
            continue;
        };
        let head = bytes.get(at..body.start).unwrap_or_default();
        if words(head, b"mod").is_empty() {
            continue;
        }
        lines += line_of(&bytes, body.end) - line_of(&bytes, start) + 1;
        for b in bytes.get_mut(start..body.end).unwrap_or_default() {
            if *b != b'\n' {
                *b = b' ';
            }
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), lines)
}

/// Offsets at which `word` stands as a whole word.
pub(crate) fn words(bytes: &[u8], word: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = position(bytes.get(at..).unwrap_or_default(), word) {
        let start = at + offset;
        let free_before = start == 0 || !is_word(byte(bytes, start - 1));
        if free_before && !is_word(byte(bytes, start + word.len())) {
            found.push(start);
        }
        at = start + word.len();
    }
    found
}

/// Line of an offset, counted from 1.
pub(crate) fn line_of(bytes: &[u8], offset: usize) -> usize {
    let before = bytes.get(..offset.min(bytes.len())).unwrap_or_default();
    before.iter().filter(|&&b| b == b'\n').count() + 1
}

/// The braces that follow a head, or `None` where a semicolon ends it first.
fn body(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let mut nested = 0_usize;
    let mut at = from;
    let start = loop {
        match bytes.get(at)? {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.saturating_sub(1),
            b';' if nested == 0 => return None,
            b'{' if nested == 0 => break at,
            _ => {}
        }
        at += 1;
    };
    let mut braces = 0_usize;
    loop {
        match bytes.get(at)? {
            b'{' => braces += 1,
            b'}' => {
                braces = braces.saturating_sub(1);
                if braces == 0 {
                    return Some(start..at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where the comment or literal that begins at `at` ends; `at` if none does.
fn literal_end(bytes: &[u8], at: usize) -> usize {
    let after_word = at > 0 && is_word(byte(bytes, at - 1));
    match (byte(bytes, at), byte(bytes, at + 1)) {
        (b'/', b'/') => line_comment_end(bytes, at),
        (b'/', b'*') => block_comment_end(bytes, at),
        (b'"', _) => string_end(bytes, at + 1),
        (b'b' | b'c', b'"') if !after_word => string_end(bytes, at + 2),
        (b'b', b'\'') if !after_word => char_end(bytes, at + 1).unwrap_or(at),
        (b'b' | b'c', b'r') if !after_word => raw_string_end(bytes, at + 2).unwrap_or(at),
        (b'r', _) if !after_word => raw_string_end(bytes, at + 1).unwrap_or(at),
        (b'\'', _) => char_end(bytes, at).unwrap_or(at),
        _ => at,
    }
}

fn line_comment_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
}

fn block_comment_end(bytes: &[u8], from: usize) -> usize {
    let mut nested = 0_usize;
    let mut at = from;
    while at < bytes.len() {
        match (byte(bytes, at), byte(bytes, at + 1)) {
            (b'/', b'*') => {
                nested += 1;
                at += 2;
            }
            (b'*', b'/') => {
                nested -= 1;
                at += 2;
                if nested == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match byte(bytes, at) {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `from` is just behind the `r`. A raw identifier such as `r#fn` is no string.
fn raw_string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let hashes = rest.iter().take_while(|&&b| b == b'#').count();
    if rest.get(hashes) != Some(&b'"') {
        return None;
    }
    let mut closing = vec![b'"'];
    closing.resize(hashes + 1, b'#');
    let inside = rest.get(hashes + 1..)?;
    let length = position(inside, &closing).unwrap_or(inside.len());
    Some((from + hashes + 1 + length + closing.len()).min(bytes.len()))
}

/// `at` is the opening quote. A lifetime such as `'a` is no character.
fn char_end(bytes: &[u8], at: usize) -> Option<usize> {
    if byte(bytes, at + 1) == b'\\' {
        let rest = bytes.get(at + 3..)?;
        return Some(at + 4 + rest.iter().position(|&b| b == b'\'')?);
    }
    let width = match byte(bytes, at + 1) {
        0xF0..=0xFF => 4,
        0xE0..=0xEF => 3,
        0xC0..=0xDF => 2,
        _ => 1,
    };
    (byte(bytes, at + 1 + width) == b'\'').then_some(at + 2 + width)
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn word_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while is_word(byte(bytes, at)) {
        at += 1;
    }
    at
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The byte at an offset; 0, which is no part of Rust code, behind the end.
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lifetimes_are_not() {
        for (input, expected) in [
            ("a // fn b\nc", "a        \nc"),
            ("/* x /* y */ z */d", "                 d"),
            (r#"let s = "a\"fn";"#, "let s =        ;"),
            ("r#\"a\"b\"# c", "         c"),
            ("br\"x\" r#fn", "      r#fn"),
            ("'{' '\\'' '\\u{7d}' 'é'", "                    "),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
        ] {
            let blanked = blank(input);
            assert_eq!(blanked.trim_end(), expected.trim_end(), "{input}");
            assert_eq!(blanked.lines().count(), input.lines().count(), "{input}");
        }
    }

    #[test]
    fn plain_strings_are_found_with_their_lines() {
        let found = strings("a(\"x\"); // \"no\"\nb('\"', \"y\\\"z\")");
        assert_eq!(found, [(1, "x".to_owned()), (2, "y\\\"z".to_owned())]);
    }

    #[test]
    fn functions_are_measured_with_their_braces() {
        let code = blank(
            "fn one() {}\nfn two(\n  a: [u8; 3],\n) {\n  let c = '}';\n}\ntrait T { fn no(&self); }\ntype F = fn(u8) -> u8;\n",
        );
        let found = functions(&code);
        let shape: Vec<_> = found
            .iter()
            .map(|f| (f.name.as_str(), f.line, f.lines))
            .collect();
        assert_eq!(shape, [("one", 1, 1), ("two", 2, 5)]);
    }

    #[test]
    fn test_modules_are_cut() {
        let (rest, lines) =
            cut_tests("fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n");
        assert_eq!(lines, 4);
        let names: Vec<_> = functions(&rest).into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["a", "c"]);
    }
}
