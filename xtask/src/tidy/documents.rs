//! Documents that must keep up with the code: the map, the changelog, the
//! glossary, the README and the links between pages.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::repository::{self, TextFile};
use crate::rust;

const CHANGELOG_SECTIONS: &[&str] = &["### Safety", "### Features", "### Internals"];

/// Style guide, section 6: the map has at most four pages. A page holds about
/// 60 lines of 80 characters.
const ARCHITECTURE_LINES_MAX: usize = 240;

/// Where the words that may stand in a leaf are listed.
const VOCABULARY_PATH: &str = "crates/avow-event/src/vocabulary.rs";

/// Words in names of types that say how a type is used, not what it is.
const GRAMMAR_WORDS: &[&str] = &[
    "By", "Error", "Fetch", "Id", "Inputs", "Kind", "Micros", "Path", "Proved", "Not", "Read",
    "Result", "Shown", "Sign", "Signed", "Verified",
];

/// The two commands that the README promises, in this order.
const README_COMMANDS: &[&str] = &[
    "cargo run --release -- check examples/six-promises",
    "cargo test",
];

/// Every crate stands in the map, and the map stays short.
pub(super) fn check_architecture(files: &[TextFile]) -> Vec<Finding> {
    let path = "ARCHITECTURE.md";
    let Some(map) = repository::find(files, path) else {
        return vec![Finding::whole(path, "missing: the map of the crates")];
    };
    let mut findings = Vec::new();
    let lines = map.text.lines().count();
    if lines > ARCHITECTURE_LINES_MAX {
        findings.push(Finding::whole(
            path,
            format!("{lines} lines, at most {ARCHITECTURE_LINES_MAX}: move reasons to docs/design"),
        ));
    }
    for file in files {
        let name = file
            .path
            .strip_prefix("crates/")
            .and_then(|rest| rest.strip_suffix("/Cargo.toml"));
        let name = name.filter(|name| !name.contains('/'));
        if let Some(name) = name.filter(|name| !map.text.contains(&format!("`{name}`"))) {
            findings.push(Finding::whole(
                path,
                format!("crate `{name}` is not on the map"),
            ));
        }
    }
    findings
}

/// The changelog has room for the next change.
pub(super) fn check_changelog(files: &[TextFile]) -> Vec<Finding> {
    let path = "CHANGELOG.md";
    let text = repository::find(files, path).map_or("", |file| file.text.as_str());
    let Some((_, rest)) = text.split_once("## Unreleased\n") else {
        return vec![Finding::whole(path, "add `## Unreleased`")];
    };
    let unreleased = rest.split("\n## ").next().unwrap_or(rest);
    CHANGELOG_SECTIONS
        .iter()
        .filter(|section| !unreleased.lines().any(|line| line == **section))
        .map(|section| Finding::whole(path, format!("add `{section}` under Unreleased")))
        .collect()
}

/// Every row of the glossary has an English word, a Chinese word and a meaning,
/// and no word stands for two things.
pub(super) fn check_glossary(files: &[TextFile]) -> Vec<Finding> {
    let path = "docs/glossary.md";
    let text = repository::find(files, path).map_or("", |file| file.text.as_str());
    let mut findings = Vec::new();
    let mut words = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        let Some([english, chinese, meaning]) = row(line) else {
            continue;
        };
        if english.is_empty() || meaning.is_empty() {
            findings.push(Finding::at(
                path,
                index + 1,
                "a row needs a word and its meaning",
            ));
        }
        if !chinese.chars().any(is_han) {
            findings.push(Finding::at(
                path,
                index + 1,
                format!("`{english}` has no Chinese word"),
            ));
        }
        for word in [english, chinese] {
            if !words.insert(word) {
                findings.push(Finding::at(
                    path,
                    index + 1,
                    format!("`{word}` stands twice: one word, one meaning"),
                ));
            }
        }
    }
    if words.is_empty() {
        findings.push(Finding::whole(path, "no row `| word | 词 | meaning |`"));
    }
    for (place, noun) in nouns(files) {
        let known = |word: &str| {
            words
                .iter()
                .any(|row| row.split(' ').any(|part| part == word))
        };
        if !known(&noun)
            && !noun
                .strip_suffix("ves")
                .is_some_and(|stem| known(&format!("{stem}f")))
            && !noun.strip_suffix("es").is_some_and(known)
            && !noun.strip_suffix('s').is_some_and(known)
        {
            findings.push(Finding::whole(
                path,
                format!("no row for `{noun}`, a word of {place}"),
            ));
        }
    }
    findings
}

/// The words that outsiders meet: those of the closed vocabularies in leaves,
/// and the head nouns of the public types at the roots of three crates.
fn nouns(files: &[TextFile]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(file) = repository::find(files, VOCABULARY_PATH) {
        let words = file
            .text
            .lines()
            .filter_map(|line| line.trim().split_once(" = \"")?.1.strip_suffix("\","));
        found.extend(words.map(|word| (VOCABULARY_PATH.to_owned(), word.to_owned())));
    }
    for name in super::shape::DOCUMENTED_CRATES {
        let path = format!("crates/{name}/src/lib.rs");
        let text = repository::find(files, &path).map_or("", |file| file.text.as_str());
        for item in public_types(&rust::blank(text)) {
            if let Some(noun) = head_noun(&item) {
                found.push((format!("`{name}::{item}`"), noun));
            }
        }
    }
    found
}

/// Names in camel case in `pub use`, `pub struct`, `pub enum` and `pub trait`.
fn public_types(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for item in code.split("pub ").skip(1) {
        let Some(kind) = ["use ", "struct ", "enum ", "trait "]
            .iter()
            .find(|kind| item.starts_with(**kind))
        else {
            continue;
        };
        let end = if *kind == "use " { ";" } else { " " };
        let names = item
            .strip_prefix(kind)
            .and_then(|rest| rest.split(end).next())
            .unwrap_or_default();
        let words = names.split(|c: char| !c.is_alphanumeric() && c != '_');
        let camel = words.filter(|word| {
            word.starts_with(|c: char| c.is_ascii_uppercase())
                && word.contains(|c: char| c.is_ascii_lowercase())
        });
        found.extend(camel.map(str::to_owned));
    }
    found
}

/// Of `PlaceTableError` it is `table`: the last word that is no word of grammar.
fn head_noun(name: &str) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for c in name.chars() {
        match words.last_mut() {
            Some(word) if !c.is_ascii_uppercase() => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let noun = words
        .into_iter()
        .rev()
        .find(|word| !GRAMMAR_WORDS.contains(&word.as_str()))?;
    Some(noun.to_lowercase())
}

/// The README shows exactly the two commands, and CI runs the second as written.
pub(super) fn check_readme(files: &[TextFile]) -> Vec<Finding> {
    let Some(readme) = repository::find(files, "README.md") else {
        return vec![Finding::whole("README.md", "missing")];
    };
    let mut findings = Vec::new();
    let commands = shell_lines(&readme.text);
    if commands != README_COMMANDS {
        let expected = README_COMMANDS.join("`, `");
        findings.push(Finding::whole(
            "README.md",
            format!("its `sh` blocks hold other commands than `{expected}`"),
        ));
    }
    let ci = repository::find(files, ".ci/run").map_or("", |file| file.text.as_str());
    for command in README_COMMANDS {
        if !ci
            .lines()
            .any(|line| line.trim() == *command || line.trim().ends_with(&format!(" {command}")))
        {
            findings.push(Finding::whole(
                ".ci/run",
                format!("does not run the README's `{command}`"),
            ));
        }
    }
    findings
}

/// Links to files of this repository lead somewhere.
pub(super) fn check_links(file: &TextFile, files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.is_markdown() {
        return findings;
    }
    for (index, line) in file.text.lines().enumerate() {
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let resolved = resolve(&file.path, target);
            let folder = format!("{}/", resolved.trim_end_matches('/'));
            let exists = files
                .iter()
                .any(|other| other.path == resolved || other.path.starts_with(&folder));
            // LICENSE and evidence are no text files of ours; the file system knows them.
            if !exists && !repository::root().join(&resolved).exists() {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    format!("link to `{target}` leads nowhere"),
                ));
            }
        }
    }
    findings
}

/// The commands in the `sh` blocks of a page, without comments.
fn shell_lines(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            let command = line.split(" #").next().unwrap_or(line).trim();
            if !command.is_empty() {
                commands.push(command);
            }
        }
    }
    commands
}

/// The three cells of a table row, if it is one and no head or rule.
fn row(line: &str) -> Option<[&str; 3]> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
    let [english, chinese, meaning] = <[&str; 3]>::try_from(cells).ok()?;
    let is_rule = english.starts_with("--");
    let is_head = english == "word";
    (!is_rule && !is_head).then_some([english, chinese, meaning])
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(findings: Vec<Finding>) -> String {
        findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect()
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_is_found() {
        let files = [
            TextFile::new("ARCHITECTURE.md", "`avow-event`\n"),
            TextFile::new("crates/avow-event/Cargo.toml", ""),
            TextFile::new("crates/avow-tlog/Cargo.toml", ""),
        ];
        assert_eq!(
            text(check_architecture(&files)),
            "ARCHITECTURE.md: crate `avow-tlog` is not on the map\n"
        );
        assert!(text(check_architecture(&[])).contains("missing"));
        let long = TextFile::new(
            "ARCHITECTURE.md",
            &"line\n".repeat(ARCHITECTURE_LINES_MAX + 1),
        );
        assert!(text(check_architecture(&[long])).contains("241 lines"));
    }

    #[test]
    fn a_changelog_without_a_section_is_found() {
        let log = "# Changelog\n\n## Unreleased\n\n### Safety\n\n### Features\n\n## 0.1.0\n\n### Internals\n";
        let found = text(check_changelog(&[TextFile::new("CHANGELOG.md", log)]));
        assert_eq!(
            found,
            "CHANGELOG.md: add `### Internals` under Unreleased\n"
        );
        assert!(text(check_changelog(&[])).contains("add `## Unreleased`"));
    }

    #[test]
    fn glossary_rows_need_both_languages_and_words_stand_once() {
        let glossary = |rows: &str| {
            let page = format!("| word | 中文 | meaning |\n|---|---|---|\n{rows}");
            text(check_glossary(&[TextFile::new("docs/glossary.md", &page)]))
        };
        assert_eq!(glossary("| proof | 证明 | a file |\n"), "");
        assert!(glossary("| proof | proof | a file |\n").contains("no Chinese word"));
        assert!(glossary("| proof | 证明 |  |\n").contains("needs a word and its meaning"));
        assert!(
            glossary("| proof | 证明 | a |\n| proof | 论证 | b |\n")
                .contains("`proof` stands twice")
        );
        assert!(
            glossary("| proof | 证明 | a |\n| evidence | 证明 | b |\n")
                .contains("`证明` stands twice")
        );
        assert!(glossary("").contains("no row"));
    }

    #[test]
    fn a_public_noun_without_a_row_is_found() {
        let glossary = "| word | 中文 | meaning |\n|---|---|---|\n| tile | 瓦片 | hashes |\n| place table | 地点表 | a list |\n";
        let found = |path: &str, code: &str| {
            text(check_glossary(&[
                TextFile::new("docs/glossary.md", glossary),
                TextFile::new(path, code),
            ]))
        };
        let lib = "crates/avow-tlog/src/lib.rs";
        assert_eq!(
            found(
                lib,
                "pub use a::{BYTES_MAX, PlaceTableError, Tile, TileKind, parse};\nuse b::Cat;"
            ),
            ""
        );
        assert!(found(lib, "pub use a::{Tile,\n Shard};").contains("no row for `shard`"));
        assert!(found(lib, "pub struct BigShard {}").contains("no row for `shard`"));
        assert!(found(VOCABULARY_PATH, "  Bury = \"bury\",\n").contains("no row for `bury`"));
    }

    #[test]
    fn a_readme_with_other_commands_is_found() {
        let page = |commands: &str| {
            TextFile::new(
                "README.md",
                &format!("Hi\n```sh\n{commands}```\n```text\nx\n```\n"),
            )
        };
        let ci = TextFile::new(
            ".ci/run",
            "cargo run --release -- check examples/six-promises\n  timed cargo test\n",
        );
        let two = "cargo run --release -- check examples/six-promises   # a\ncargo test\n";
        assert_eq!(text(check_readme(&[page(two), ci.clone()])), "");
        assert!(text(check_readme(&[page("cargo test\n"), ci])).contains("other commands"));
        let found = text(check_readme(&[
            page(two),
            TextFile::new(".ci/run", "true\n"),
        ]));
        assert!(
            found.contains("does not run the README's `cargo test`"),
            "{found}"
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let files = [TextFile::new("docs/design/0001-a.md", "")];
        let page = |link: &str| {
            check_links(
                &TextFile::new("docs/README.md", &format!("[a]({link})")),
                &files,
            )
        };
        assert_eq!(page("design/0001-a.md#goals"), []);
        assert_eq!(page("design/"), []);
        assert_eq!(page("https://example.com/x"), []);
        assert!(text(page("../nothing-here.md")).contains("leads nowhere"));
    }
}
