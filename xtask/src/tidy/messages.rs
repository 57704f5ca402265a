//! User-facing message catalogues: every text in English and in Chinese, both
//! with the same values in it.
//!
//! A catalogue is a Rust file `messages.rs` with the two texts side by side in
//! `catalogue! { NAME: "english", "chinese"; … }`, or a pair of files named
//! `en.*` and `zh.*` in one folder `messages`, one `key = text` a line.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::finding::Finding;
use crate::repository::{self, TextFile};
use crate::rust;

/// Checks each catalogue.
pub(super) fn check(files: &[TextFile]) -> Report {
    let mut report = Report::default();
    for file in files {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
        let texts = if name == "messages.rs" && file.text.contains("\ncatalogue! {") {
            check_side_by_side(file, &mut report.findings)
        } else if folder.ends_with("messages") && name.starts_with("en.") {
            let chinese_path = format!("{folder}/{}", name.replacen("en.", "zh.", 1));
            check_two_files(file, &chinese_path, files, &mut report.findings)
        } else {
            continue;
        };
        report
            .notes
            .push(format!("{}: {texts} texts in two languages", file.path));
    }
    if report.notes.is_empty() {
        report
            .notes
            .push("no message catalogue: nothing to compare".to_owned());
    }
    report
}

/// The literals inside `catalogue!` come in pairs, English first.
fn check_side_by_side(file: &TextFile, findings: &mut Vec<Finding>) -> usize {
    let start = file.text.find("\ncatalogue! {").unwrap_or(file.text.len());
    let (head, body) = file.text.split_at_checked(start).unwrap_or_default();
    let body = body.split("\n}").next().unwrap_or_default();
    let head_lines = head.lines().count();
    let texts = rust::strings(body);
    for pair in texts.chunks(2) {
        if let [(line, english), (_, chinese)] = pair {
            findings.extend(disagreement(
                &file.path,
                head_lines + line,
                english,
                chinese,
            ));
        } else {
            let message = "a text stands alone: English and Chinese come in pairs";
            findings.push(Finding::whole(&file.path, message));
        }
    }
    texts.len() / 2
}

/// Both files have the same keys.
fn check_two_files(
    english: &TextFile,
    chinese_path: &str,
    files: &[TextFile],
    findings: &mut Vec<Finding>,
) -> usize {
    let chinese = repository::find(files, chinese_path).map_or("", |file| file.text.as_str());
    let (left, right) = (keys(&english.text), keys(chinese));
    for (key, (_, text)) in &left {
        if let Some((line, translated)) = right.get(key) {
            findings.extend(disagreement(chinese_path, *line, text, translated));
        } else {
            findings.push(Finding::whole(chinese_path, format!("no text for `{key}`")));
        }
    }
    for (key, (line, _)) in right.iter().filter(|(key, _)| !left.contains_key(*key)) {
        findings.push(Finding::at(
            chinese_path,
            *line,
            format!("`{key}` has no English text"),
        ));
    }
    left.len()
}

/// Both texts name the same values, and the second is Chinese where there is
/// anything to translate.
fn disagreement(path: &str, line: usize, english: &str, chinese: &str) -> Option<Finding> {
    let (words, values) = split(english);
    if values != split(chinese).1 {
        let message = format!("`{english}` and `{chinese}` name different values");
        return Some(Finding::at(path, line, message));
    }
    let is_text = words
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() > 3);
    let is_chinese = chinese
        .chars()
        .any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    (is_text && !is_chinese)
        .then(|| Finding::at(path, line, format!("`{english}` has no Chinese text")))
}

/// What stands outside braces, and the names inside.
fn split(text: &str) -> (String, BTreeSet<&str>) {
    let mut words = String::new();
    let mut values = BTreeSet::new();
    for (index, part) in text.split('{').enumerate() {
        match part.split_once('}') {
            Some((name, rest)) if index > 0 => {
                values.insert(name);
                words.push_str(rest);
            }
            _ => words.push_str(part),
        }
    }
    (words, values)
}

/// Each key with its line and text.
fn keys(text: &str) -> BTreeMap<&str, (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'));
    lines
        .filter_map(|(index, line)| {
            let (key, text) = line.split_once('=')?;
            Some((key.trim(), (index + 1, text.trim())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[TextFile]) -> String {
        check(files)
            .findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect()
    }

    #[test]
    fn a_text_in_one_language_only_is_found() {
        let files = [
            TextFile::new(
                "crates/a/src/messages/en.txt",
                "# a = b\nkept = kept\nbreached = breached\n",
            ),
            TextFile::new(
                "crates/a/src/messages/zh.txt",
                "kept = 遵守\nunknown = 未知\n",
            ),
        ];
        assert_eq!(
            found(&files),
            "crates/a/src/messages/zh.txt: no text for `breached`\n\
             crates/a/src/messages/zh.txt:2: `unknown` has no English text\n"
        );
        let [english, _] = files;
        assert_eq!(found(&[english]).lines().count(), 2);
    }

    #[test]
    fn pairs_that_do_not_agree_are_found() {
        let found = |entries: &str| {
            let text = format!("//! Texts.\n\ncatalogue! {{\n{entries}\n}}\n");
            found(&[TextFile::new("crates/avow/src/messages.rs", &text)])
        };
        assert_eq!(
            found("A: \"kept\", \"遵守\";\nB: \"{count} of {total}\", \"{total}/{count}\";"),
            ""
        );
        assert!(found("A: \"kept {n}\", \"遵守\";").contains(":4: `kept {n}`"));
        assert!(found("A: \"kept\", \"kept\";").contains("no Chinese text"));
        assert!(found("A: \"kept\";").contains("stands alone"));
    }
}
