//! Text laid out in columns of a terminal: widths and line breaks.
//!
//! Chinese characters take two columns and may be parted anywhere, but no line
//! begins with a closing mark or ends with an opening one.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text without characters that would move the cursor, change colours or
/// turn the direction of reading: evidence, pledges and names of files are
/// written by others.
pub(crate) fn tame(text: &str) -> String {
    let replace = |c: char| if is_wild(c) { '\u{fffd}' } else { c };
    text.chars().map(replace).collect()
}

/// The same for a text in lines, where every other byte keeps its place.
pub(crate) fn tame_in_place(text: &str) -> String {
    let replace = |c: char| match c.len_utf8() {
        _ if !is_wild(c) || matches!(c, '\n' | '\r' | '\t') => c,
        1 => '?',
        2 => '\u{bf}',
        _ => '\u{fffd}',
    };
    text.chars().map(replace).collect()
}

/// Control characters, and those of the Unicode bidirectional algorithm
/// (UAX #9, table 4) together with the line and paragraph separators.
fn is_wild(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

/// The lines of a text, each at most `columns` wide. A word that is wider
/// than that is cut.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![Line::default()];
    for piece in pieces(text) {
        let fits = |line: &Line| line.width + line.gap + width(piece) <= columns;
        let current = lines.last_mut();
        match (piece, current) {
            (" ", Some(line)) => line.gap = usize::from(!line.text.is_empty()),
            (piece, Some(line)) if fits(line) => line.push(piece),
            (piece, _) => {
                let mut line = Line::default();
                for c in piece.chars() {
                    let wide = c.width().unwrap_or(0);
                    if line.width + wide > columns {
                        lines.push(std::mem::take(&mut line));
                    }
                    line.text.push(c);
                    line.width += wide;
                }
                lines.push(line);
            }
        }
    }
    let empty_first = lines.len() > 1 && lines.first().is_some_and(|line| line.text.is_empty());
    let lines = lines.into_iter().skip(usize::from(empty_first));
    lines.map(|line| line.text).collect()
}

#[derive(Default)]
struct Line {
    text: String,
    width: usize,
    /// A space seen and not yet written: at a line's end it is dropped.
    gap: usize,
}

impl Line {
    fn push(&mut self, piece: &str) {
        if self.gap == 1 {
            self.text.push(' ');
        }
        self.text.push_str(piece);
        self.width += self.gap + width(piece);
        self.gap = 0;
    }
}

/// Pieces that must not be parted, with `" "` between words.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            pieces.extend(text.get(begin..at).filter(|piece| !piece.is_empty()));
            if before.is_some_and(|b| !b.is_whitespace()) {
                pieces.push(" ");
            }
            begin = at + c.len_utf8();
        } else if before.is_some_and(|b| !b.is_whitespace() && may_part(b, c)) {
            pieces.extend(text.get(begin..at).filter(|piece| !piece.is_empty()));
            begin = at;
        }
        before = Some(c);
    }
    pieces.extend(text.get(begin..).filter(|piece| !piece.is_empty()));
    pieces
}

fn may_part(before: char, after: char) -> bool {
    (is_wide(before) || is_wide(after)) && !closes(after) && !opens(before)
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

fn closes(c: char) -> bool {
    "，。、；：！？）」』》〉】〕”’…,.;:!?)]}%".contains(c)
}

fn opens(c: char) -> bool {
    "（「『《〈【〔“‘([{".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, columns: usize) -> String {
        wrap(text, columns).join("|")
    }

    #[test]
    fn words_stay_whole_and_chinese_parts_anywhere_but_at_marks() {
        assert_eq!(lines("stored in China only", 9), "stored in|China|only");
        assert_eq!(lines("  two   spaces ", 20), "two spaces");
        assert_eq!(lines("incomprehensible", 6), "incomp|rehens|ible");
        assert_eq!(lines("敏感信息存储在中国。", 8), "敏感信息|存储在中|国。");
        assert_eq!(lines("中国用户，敏感", 8), "中国用|户，敏感");
        assert_eq!(lines("说（中国）好", 4), "说|（中|国）|好");
        assert_eq!(lines("", 9), "");
    }

    #[test]
    fn escape_sequences_of_others_are_tamed() {
        assert_eq!(tame("a\u{1b}[31mb\nc"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(
            tame("a\u{202e}b\u{2066}c\u{9b}"),
            "a\u{fffd}b\u{fffd}c\u{fffd}"
        );
        let wild = "1\u{1b}\n2\u{9b}\t3\u{202e}";
        assert_eq!(tame_in_place(wild), "1?\n2\u{bf}\t3\u{fffd}");
        assert_eq!(tame_in_place(wild).len(), wild.len());
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_but_spaces_is_lost(
            text in "[a-z 中国，。（）]{0,60}", columns in 2_usize..30,
        ) {
            let wrapped = wrap(&text, columns);
            for line in &wrapped {
                prop_assert!(width(line) <= columns, "{line:?}");
            }
            let dense = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(dense(&wrapped.concat()), dense(&text));
        }
    }
}
