//! Lengths, folders, names and headers of source files.
//! Bars: style guide, sections 1, 2, 6 and 8.

use std::collections::BTreeMap;

use super::Report;
use crate::finding::Finding;
use crate::repository::{self, TextFile};
use crate::rust;

/// Style guide, section 2: "split before 1,000". Test modules do not count.
const FILE_LINES_MAX: usize = 1_000;

/// Style guide, section 2: "a function fits a screen".
const FUNCTION_LINES_MAX: usize = 70;

/// Style guide, section 2: 2 of 100 functions may be longer. The best-kept
/// public Rust projects are between 1 and 2.
const LONG_FUNCTIONS_PERCENT_MAX: usize = 2;

/// Style guide, section 2.
const SOURCE_FOLDERS_MAX: usize = 2;

/// Style guide, section 1: names that say nothing.
const FORBIDDEN_NAMES: &[&str] = &[
    "common", "core", "engine", "helper", "helpers", "manager", "managers", "service", "services",
    "types", "util", "utils",
];

/// Crates whose public items are all documented: what an outsider relies on.
pub(super) const DOCUMENTED_CRATES: &[&str] = &["avow-event", "avow-tlog", "avow-proof"];

/// Our own crates under `avow-verify`.
const VERIFIER_CRATES: &[&str] = &["avow-event", "avow-monitor", "avow-proof", "avow-tlog"];

/// Folders, module names and the place of integration tests.
pub(super) fn check_path(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.is_rust() {
        return findings;
    }
    let path = &file.path;
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    for name in &parts {
        if FORBIDDEN_NAMES.contains(name) {
            findings.push(Finding::whole(
                path,
                format!("`{name}` says nothing: name what it is"),
            ));
        }
    }
    if let Some(src) = parts.iter().position(|part| *part == "src") {
        let folders = parts.len().saturating_sub(src + 2);
        if folders > SOURCE_FOLDERS_MAX {
            findings.push(Finding::whole(
                path,
                format!("{folders} folders under src, at most {SOURCE_FOLDERS_MAX}"),
            ));
        }
    }
    if let Some(tests) = parts.iter().position(|part| *part == "tests") {
        let inside: Vec<&str> = parts.iter().skip(tests + 1).copied().collect();
        let own_binary = match inside.as_slice() {
            [_] => true,
            [folder, "main"] => *folder != "it",
            _ => false,
        };
        if own_binary && path.starts_with("crates/") && !path.contains("/src/") {
            findings.push(Finding::whole(
                path,
                "a second test binary: make it a module of tests/it/main.rs",
            ));
        }
    }
    findings
}

/// Header, length, and what tests must not contain.
pub(super) fn check_file(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.is_rust() || file.is_data() {
        return findings;
    }
    let path = &file.path;
    if !opens_with_header(&file.text) {
        findings.push(Finding::at(
            path,
            1,
            "open the file with `//!`: what it does and leaves to others",
        ));
    }
    let code = rust::blank(&file.text);
    let (rest, test_lines) = rust::cut_tests(&code);
    let lines = file.text.lines().count() - test_lines;
    if !file.is_test() && lines > FILE_LINES_MAX {
        findings.push(Finding::whole(
            path,
            format!("{lines} lines, at most {FILE_LINES_MAX}: split it"),
        ));
    }
    for (index, line) in code.lines().enumerate() {
        if line.contains("#[ignore") {
            findings.push(Finding::at(
                path,
                index + 1,
                "an ignored test is no test: fix or delete it",
            ));
        }
        // A sleep outside the test modules survives the cut; one inside does not.
        let outside_tests = rest.lines().nth(index).is_some_and(|kept| kept == line);
        if calls_sleep(line) && (file.is_test() || !outside_tests) {
            findings.push(Finding::at(
                path,
                index + 1,
                "a test must not sleep: wait for the event itself",
            ));
        }
    }
    for (index, line) in file.text.lines().enumerate() {
        let fence = line.trim_start().trim_start_matches(['/', '!', ' ']);
        if fence.starts_with("```") && fence.contains("ignore") {
            findings.push(Finding::at(
                path,
                index + 1,
                "an example that is not compiled: use `no_run` or `text`",
            ));
        }
    }
    findings
}

/// The share of functions that do not fit a screen.
pub(super) fn check_functions(files: &[TextFile]) -> Report {
    let mut report = Report::default();
    let mut total = 0;
    let mut long = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.is_rust() && !file.is_test() && !file.is_data())
    {
        let (code, _) = rust::cut_tests(&rust::blank(&file.text));
        for function in rust::functions(&code) {
            total += 1;
            if function.lines > FUNCTION_LINES_MAX {
                let message = format!(
                    "`{}` has {} lines, aim at {FUNCTION_LINES_MAX}",
                    function.name, function.lines
                );
                long.push(Finding::at(&file.path, function.line, message));
            }
        }
    }
    report.notes.push(format!(
        "{} of {total} functions longer than {FUNCTION_LINES_MAX} lines (at most {LONG_FUNCTIONS_PERCENT_MAX} %)",
        long.len()
    ));
    if long.len() * 100 > total * LONG_FUNCTIONS_PERCENT_MAX {
        report.findings = long;
    } else {
        report
            .notes
            .extend(long.iter().map(|finding| format!("  {finding}")));
    }
    report
}

/// How much there is to read: lines of each crate, tests left out, and of all
/// that decides whether a proof is valid.
pub(super) fn sizes(files: &[TextFile]) -> Vec<String> {
    let mut lines_by_crate: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|file| file.is_rust() && !file.is_test())
    {
        let inside = file
            .path
            .strip_prefix("crates/")
            .and_then(|rest| rest.split_once("/src/"));
        if let Some((name, _)) = inside {
            let (_, test_lines) = rust::cut_tests(&rust::blank(&file.text));
            *lines_by_crate.entry(name).or_default() += file.text.lines().count() - test_lines;
        }
    }
    let each = lines_by_crate
        .iter()
        .map(|(name, lines)| format!("{name} {lines}"));
    let each: Vec<String> = each.collect();
    let verifier = VERIFIER_CRATES
        .iter()
        .filter_map(|name| lines_by_crate.get(name))
        .sum::<usize>();
    vec![format!(
        "lines without tests: {}; under avow-verify {verifier}",
        each.join(", ")
    )]
}

/// Every package takes the workspace's lints: one that does not is unchecked.
pub(super) fn check_manifests(files: &[TextFile]) -> Vec<Finding> {
    let manifests = files.iter().filter(|file| {
        file.path.ends_with("/Cargo.toml") && !file.path.starts_with("fuzz/") && !file.is_data()
    });
    manifests
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| Finding::whole(&file.path, "add `[lints]` with `workspace = true`"))
        .collect()
}

/// Every fuzz target is built: its file stands in the manifest, by its own name.
pub(super) fn check_fuzz_targets(files: &[TextFile]) -> Vec<Finding> {
    let manifest_path = "fuzz/Cargo.toml";
    let manifest = repository::find(files, manifest_path).map_or("", |file| file.text.as_str());
    let targets = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("fuzz/fuzz_targets/"));
    targets
        .filter_map(|name| name.strip_suffix(".rs"))
        .filter(|name| {
            let entry = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"");
            !manifest.contains(&entry)
        })
        .map(|name| {
            Finding::whole(
                manifest_path,
                format!("no `[[bin]]` for the target `{name}`"),
            )
        })
        .collect()
}

/// The crates an outsider relies on turn a missing doc comment into an error.
/// A library without any public item has nothing to document yet.
pub(super) fn check_documented(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in DOCUMENTED_CRATES {
        let path = format!("crates/{name}/src/lib.rs");
        let Some(file) = repository::find(files, &path) else {
            continue;
        };
        let code = rust::blank(&file.text);
        let denied = ["#![deny(missing_docs)]", "#![forbid(missing_docs)]"];
        let has_items = !rust::words(code.as_bytes(), b"pub").is_empty();
        if has_items && !denied.iter().any(|attribute| code.contains(attribute)) {
            findings.push(Finding::whole(
                &path,
                "add `#![deny(missing_docs)]`: its public items are relied on",
            ));
        }
    }
    findings
}

fn opens_with_header(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("#!["));
    lines
        .next()
        .is_some_and(|line| line.starts_with("//!") && line.len() > 3)
}

fn calls_sleep(line: &str) -> bool {
    rust::words(line.as_bytes(), b"sleep")
        .iter()
        .any(|at| line.as_bytes().get(at + 5) == Some(&b'('))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(findings: &[Finding]) -> String {
        findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect()
    }

    #[test]
    fn a_name_that_says_nothing_is_found_as_file_and_as_folder() {
        for path in ["crates/a/src/utils.rs", "crates/a/src/core/tile.rs"] {
            assert!(
                messages(&check_path(&TextFile::new(path, ""))).contains("says nothing"),
                "{path}"
            );
        }
        assert_eq!(check_path(&TextFile::new("crates/a/src/tile.rs", "")), []);
    }

    #[test]
    fn a_third_folder_under_src_is_found() {
        assert_eq!(check_path(&TextFile::new("crates/a/src/b/c/d.rs", "")), []);
        let found = check_path(&TextFile::new("crates/a/src/b/c/d/e.rs", ""));
        assert!(messages(&found).contains("3 folders under src"));
    }

    #[test]
    fn a_second_test_binary_is_found() {
        for path in ["crates/a/tests/proofs.rs", "crates/a/tests/proofs/main.rs"] {
            assert!(
                messages(&check_path(&TextFile::new(path, ""))).contains("second test binary"),
                "{path}"
            );
        }
        for path in [
            "crates/a/tests/it/main.rs",
            "crates/a/tests/it/proofs.rs",
            "crates/a/tests/fail/open.rs",
        ] {
            assert_eq!(check_path(&TextFile::new(path, "")), [], "{path}");
        }
    }

    #[test]
    fn a_file_without_header_is_found() {
        let found = check_file(&TextFile::new("crates/a/src/b.rs", "use std::fmt;\n"));
        assert!(messages(&found).contains("open the file with"));
        let fine = "#![no_main]\n\n//! Feeds bytes.\n";
        assert_eq!(
            check_file(&TextFile::new("fuzz/fuzz_targets/b.rs", fine)),
            []
        );
    }

    #[test]
    fn a_long_file_is_found_and_its_test_module_is_not_counted() {
        let source = format!("//! Header.\n{}", "// line\n".repeat(FILE_LINES_MAX));
        let found = check_file(&TextFile::new("crates/a/src/b.rs", &source));
        assert!(messages(&found).contains("1001 lines"));
        let tests = format!(
            "//! Header.\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "// line\n".repeat(FILE_LINES_MAX)
        );
        assert_eq!(check_file(&TextFile::new("crates/a/src/b.rs", &tests)), []);
    }

    #[test]
    fn sleeping_and_ignored_tests_are_found() {
        let tests = "//! H.\n#[ignore]\nfn a() { thread::sleep(ONE); }\n";
        let found = messages(&check_file(&TextFile::new("crates/a/tests/it/b.rs", tests)));
        assert!(
            found.contains(":2: an ignored test") && found.contains(":3: a test must not sleep"),
            "{found}"
        );
        let inside = "//! H.\nfn retry() { sleep(ONE); }\n#[cfg(test)]\nmod tests {\n fn a() { sleep(ONE); }\n}\n";
        let found = messages(&check_file(&TextFile::new("crates/a/src/b.rs", inside)));
        assert!(found.contains(":5: ") && !found.contains(":2: "), "{found}");
    }

    #[test]
    fn an_example_that_is_not_compiled_is_found() {
        let source = "//! H.\n//! ```ignore\n//! x\n//! ```\n";
        assert!(
            messages(&check_file(&TextFile::new("crates/a/src/b.rs", source)))
                .contains(":2: an example")
        );
    }

    #[test]
    fn long_functions_are_reported_and_refused_above_two_percent() {
        let long = format!("fn long() {{\n{}}}\n", "x();\n".repeat(FUNCTION_LINES_MAX));
        let few = TextFile::new(
            "a/src/b.rs",
            &format!("{long}{}", "fn short() {}\n".repeat(48)),
        );
        assert!(messages(&check_functions(&[few]).findings).contains("`long` has 72 lines"));
        let many = TextFile::new(
            "a/src/b.rs",
            &format!("{long}{}", "fn short() {}\n".repeat(49)),
        );
        let report = check_functions(&[many]);
        assert_eq!(report.findings, []);
        assert!(
            report
                .notes
                .iter()
                .any(|note| note.contains("`long` has 72 lines"))
        );
    }

    #[test]
    fn lines_are_counted_without_tests() {
        let source = "//! H.\nfn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
        let files = [
            TextFile::new("crates/avow-tlog/src/a.rs", source),
            TextFile::new("crates/avow/src/b.rs", "//! H.\n"),
        ];
        assert_eq!(
            sizes(&files),
            ["lines without tests: avow 1, avow-tlog 2; under avow-verify 2"]
        );
    }

    #[test]
    fn a_package_without_the_lints_is_found() {
        let manifest = TextFile::new("crates/a/Cargo.toml", "[package]\n");
        assert!(messages(&check_manifests(&[manifest])).contains("[lints]"));
    }

    #[test]
    fn a_fuzz_target_that_is_not_built_is_found() {
        let target = TextFile::new("fuzz/fuzz_targets/note.rs", "");
        let manifest = "[[bin]]\nname = \"note\"\npath = \"fuzz_targets/note.rs\"\ntest = false\n";
        let manifest = TextFile::new("fuzz/Cargo.toml", manifest);
        assert_eq!(check_fuzz_targets(&[target.clone(), manifest]), []);
        assert!(messages(&check_fuzz_targets(&[target])).contains("`note`"));
    }

    #[test]
    fn an_undocumented_public_crate_is_found() {
        let lib = TextFile::new("crates/avow-tlog/src/lib.rs", "//! Tiles.\npub mod tile;\n");
        assert!(messages(&check_documented(&[lib])).contains("missing_docs"));
        let lib = TextFile::new(
            "crates/avow-tlog/src/lib.rs",
            "//! Tiles.\n#![deny(missing_docs)]\npub mod tile;\n",
        );
        assert_eq!(check_documented(&[lib]), []);
    }
}
