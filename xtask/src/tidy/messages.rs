//! User-facing message catalogues: every key in English and in Chinese.
//!
//! A catalogue is a pair of files named `en.*` and `zh.*` in one folder named
//! `messages`, one `key = text` (or `key: text`) a line.

use std::collections::BTreeSet;

use super::Report;
use crate::finding::Finding;
use crate::repository::{self, TextFile};

/// Compares the two languages of each catalogue.
pub(super) fn check(files: &[TextFile]) -> Report {
    let mut report = Report::default();
    let mut catalogues = 0;
    for english in files {
        let Some((folder, name)) = english.path.rsplit_once('/') else {
            continue;
        };
        if !folder.ends_with("messages") || !name.starts_with("en.") {
            continue;
        }
        catalogues += 1;
        let chinese_path = format!("{folder}/{}", name.replacen("en.", "zh.", 1));
        let chinese = repository::find(files, &chinese_path).map_or("", |file| file.text.as_str());
        let (left, right) = (keys(&english.text), keys(chinese));
        for key in left.difference(&right) {
            report.findings.push(Finding::whole(
                &chinese_path,
                format!("no text for `{key}`"),
            ));
        }
        for key in right.difference(&left) {
            report.findings.push(Finding::whole(
                &english.path,
                format!("no text for `{key}`"),
            ));
        }
    }
    if catalogues == 0 {
        report
            .notes
            .push("no message catalogue yet: nothing to compare".to_owned());
    }
    report
}

fn keys(text: &str) -> BTreeSet<&str> {
    let lines = text
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with(['#', '/', '[']));
    lines
        .filter_map(|line| line.split_once(['=', ':']))
        .map(|(key, _)| key.trim().trim_matches('"'))
        .filter(|key| !key.is_empty() && !key.contains(' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_one_language_only_is_found() {
        let files = [
            TextFile::new(
                "crates/avow/src/messages/en.toml",
                "kept = \"kept\"\nbreached = \"breached\"\n",
            ),
            TextFile::new(
                "crates/avow/src/messages/zh.toml",
                "kept = \"遵守\"\nunknown = \"未知\"\n",
            ),
        ];
        let found: Vec<String> = check(&files)
            .findings
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            [
                "crates/avow/src/messages/zh.toml: no text for `breached`",
                "crates/avow/src/messages/en.toml: no text for `unknown`",
            ]
        );
    }

    #[test]
    fn a_missing_language_is_found() {
        let files = [TextFile::new(
            "crates/avow/src/messages/en.toml",
            "kept = \"kept\"\n",
        )];
        assert_eq!(check(&files).findings.len(), 1);
    }
}
