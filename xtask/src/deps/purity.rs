//! The sources of the pure crates: no files, sockets, clocks, threads,
//! processes, environment, randomness or async. A dependency check cannot see
//! these, since the standard library has them all. Programs in `src/bin` may
//! read files.

use crate::finding::Finding;
use crate::repository::TextFile;
use crate::rust;

/// Modules of the standard library that reach outside.
const REACHING_MODULES: &[&str] = &["env", "fs", "net", "os", "process", "thread"];

/// Words that read a clock or wait, wherever they stand.
const REACHING_WORDS: &[&str] = &["Instant", "SystemTime", "async", "await"];

/// Calls that read a clock or write to the terminal.
const REACHING_CALLS: &[&str] = &["::now(", "dbg!(", "print!(", "println!("];

/// Checks the library sources of the named crates.
pub(super) fn check(files: &[TextFile], crates: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let inside = crates
            .iter()
            .any(|name| file.path.starts_with(&format!("crates/{name}/src/")));
        if inside && !file.path.contains("/src/bin/") && !file.is_test() {
            findings.extend(check_file(file));
        }
    }
    findings
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let (code, _) = rust::cut_tests(&rust::blank(&file.text));
    let bytes = code.as_bytes();
    let mut findings = Vec::new();
    let mut report = |at: usize, what: &str| {
        let message =
            format!("`{what}` in a crate without files, clocks or threads: take it as an argument");
        findings.push(Finding::at(&file.path, rust::line_of(bytes, at), message));
    };
    for at in rust::words(bytes, b"std") {
        let tail = code.get(at + 3..).unwrap_or_default();
        for module in modules(tail) {
            if REACHING_MODULES.contains(&module.as_str()) {
                report(at, &format!("std::{module}"));
            }
        }
    }
    for word in REACHING_WORDS {
        for at in rust::words(bytes, word.as_bytes()) {
            report(at, word);
        }
    }
    for call in REACHING_CALLS {
        for (at, _) in code.match_indices(call) {
            report(at, call.trim_matches([':', '(']));
        }
    }
    findings
}

/// The modules named right behind `std`: of `::fs::File` it is `fs`, of
/// `::{fmt, net::{self}}` they are `fmt` and `net`.
fn modules(tail: &str) -> Vec<String> {
    let tail: String = tail
        .chars()
        .take(2_000)
        .filter(|c| !c.is_whitespace())
        .collect();
    let Some(path) = tail.strip_prefix("::") else {
        return Vec::new();
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![word(path)];
    };
    let mut depth = 0_usize;
    let mut found = Vec::new();
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => found.push(word(&std::mem::take(&mut item))),
            _ => {
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth - 1,
                    _ => depth,
                };
                item.push(c);
            }
        }
    }
    found.push(word(&item));
    found
}

fn word(path: &str) -> String {
    path.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &str) -> usize {
        check(
            &[TextFile::new("crates/avow-tlog/src/tile.rs", code)],
            &["avow-tlog"],
        )
        .len()
    }

    #[test]
    fn each_way_outside_is_found() {
        for code in [
            "use std::fs;",
            "use std::{fmt, net::{self, TcpStream}};",
            "fn f() { std::thread::spawn(g); }",
            "use std::time::SystemTime;",
            "use std::\n    process::Command;",
            "async fn f() {}",
            "fn f() { jiff::Timestamp::now(); }",
            "fn f() { eprintln!(); }",
        ] {
            assert_eq!(found(code), 1, "{code}");
        }
    }

    #[test]
    fn comments_tests_programs_and_other_modules_are_left_alone() {
        for code in [
            "// std::fs\n/// a thread\nuse std::{fmt, collections::BTreeMap};",
            "use std::time::Duration;",
            "#[cfg(test)]\nmod tests {\n use std::fs;\n}",
        ] {
            assert_eq!(found(code), 0, "{code}");
        }
        let program = TextFile::new("crates/avow-tlog/src/bin/x.rs", "use std::fs;");
        assert_eq!(check(&[program], &["avow-tlog"]), []);
    }
}
