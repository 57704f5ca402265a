//! Lines of a width that people read: for English and for Chinese text.
//!
//! A Han character is two columns wide and a line may end before and after it,
//! but no line begins with closing punctuation.

/// Columns of a line, as a terminal of 80 shows them with a margin.
const COLUMNS: usize = 78;

/// Punctuation that must not begin a line.
const CLOSING: &str = "，。；：、！？）”》";
/// Punctuation that must not end a line.
const OPENING: &str = "（“《";

/// The text in lines, each led by `indent` spaces, the first by `lead` instead.
pub fn wrap(text: &str, lead: &str, indent: usize) -> String {
    let mut out = lead.to_owned();
    let mut column = columns(lead);
    let mut line_is_empty = true;
    for word in words(text) {
        let bare = word.trim_end();
        let bare_width = columns(bare);
        if !line_is_empty && column + bare_width > COLUMNS {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        out.push_str(word);
        column += columns(word);
        line_is_empty = false;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Columns that a character takes.
fn width(c: char) -> usize {
    let wide = matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
        || "“”".contains(c);
    if wide { 2 } else { 1 }
}

/// Columns that a text takes in a terminal.
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Pieces between which a line may end; a piece keeps the space behind it.
fn words(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let may_break = before.is_some_and(|before| {
            let after_space = before == ' ' && c != ' ';
            let at_han = (is_breaking(before) || is_breaking(c)) && c != ' ';
            (after_space || at_han) && !CLOSING.contains(c) && !OPENING.contains(before)
        });
        if may_break {
            pieces.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
        before = Some(c);
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

/// Whether lines may end beside this character without a space.
fn is_breaking(c: char) -> bool {
    width(c) == 2
}

/// Text of others as people may see it: no control characters, which could
/// move a terminal's cursor, and none that turn the direction of writing.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_too_wide_and_no_word_is_lost() {
        let text = "a bb ccc dddd ".repeat(30);
        let wrapped = wrap(&text, "- ", 2);
        assert!(wrapped.lines().all(|line| line.len() <= COLUMNS));
        let joined: Vec<&str> = wrapped.split_whitespace().skip(1).collect();
        assert_eq!(joined, text.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn han_text_breaks_anywhere_but_before_closing_punctuation() {
        let text = "承诺，".repeat(40);
        let wrapped = wrap(&text, "", 0);
        assert!(wrapped.lines().count() > 2);
        for line in wrapped.lines() {
            assert!(line.chars().map(width).sum::<usize>() <= COLUMNS + 2);
            assert!(!line.starts_with('，'));
        }
        assert_eq!(wrapped.replace('\n', ""), text);
    }

    #[test]
    fn a_terminal_sees_no_control_characters_of_others() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}c");
    }
}
