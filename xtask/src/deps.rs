//! `cargo xtask deps`: what never depends on what. The rules are the absences
//! that ARCHITECTURE.md states; `deny.toml` says the same to cargo-deny, for
//! those who have it. Here no tool beside cargo is needed.

mod graph;
mod licence;
mod purity;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::finding::Finding;
use crate::repository::{self, TextFile};

pub(crate) use graph::Graph;

/// Which crates of the workspace a crate may use. An arrow that is not here
/// needs a reason in ARCHITECTURE.md first. The longest chain is
/// event, monitor, proof, avow.
const ARROWS: &[(&str, &[&str])] = &[
    ("avow-event", &[]),
    ("avow-tlog", &[]),
    ("avow-monitor", &["avow-event"]),
    ("avow-proof", &["avow-event", "avow-monitor", "avow-tlog"]),
    ("avow-source", &["avow-event"]),
    ("avow-log", &["avow-tlog"]),
    ("avow-vault", &["avow-event", "avow-tlog"]),
    ("avow-query", &["avow-event", "avow-monitor", "avow-tlog"]),
    (
        "avow",
        &[
            "avow-event",
            "avow-log",
            "avow-monitor",
            "avow-proof",
            "avow-source",
            "avow-tlog",
            "avow-vault",
        ],
    ),
];

/// A family of packages that some crates must do without. A name that ends in
/// `*` stands for every package that begins so, one that begins with `*` for
/// every package that ends so.
struct Family {
    name: &'static str,
    packages: &'static [&'static str],
}

const ASYNC: Family = Family {
    name: "async runtime",
    packages: &[
        "async-executor",
        "async-std",
        "futures-executor",
        "glommio",
        "mio",
        "monoio",
        "smol",
        "tokio",
    ],
};
const HTTP: Family = Family {
    name: "http and tls",
    packages: &[
        "actix-web",
        "axum",
        "h2",
        "http",
        "hyper",
        "native-tls",
        "reqwest",
        "rustls",
        "tiny_http",
        "tonic",
        "ureq",
    ],
};
const ARGUMENTS: Family = Family {
    name: "argument parser",
    packages: &["clap*", "lexopt", "pico-args"],
};
const ARROW: Family = Family {
    name: "arrow, datafusion",
    packages: &["arrow*", "datafusion*", "parquet*"],
};
const ENTROPY: Family = Family {
    name: "randomness",
    packages: &["fastrand", "getrandom", "rand", "rand_chacha", "rand_os"],
};
const FILES: Family = Family {
    name: "files, sockets",
    packages: &["rustix", "nix", "socket2", "tempfile", "memmap2", "walkdir"],
};
const C_BUILD: Family = Family {
    name: "c compiler",
    packages: &[
        "*-sys",
        "autotools",
        "bindgen",
        "cc",
        "cmake",
        "nasm-rs",
        "pkg-config",
    ],
};

const FAMILIES: &[&Family] = &[
    &ASYNC, &HTTP, &ARGUMENTS, &ARROW, &ENTROPY, &FILES, &C_BUILD,
];

/// Crates whose bytes, time and entropy arrive as arguments.
const PURE_CRATES: &[&str] = &["avow-event", "avow-tlog", "avow-monitor", "avow-proof"];

/// What each crate, with everything under it, is free of.
const ABSENCES: &[(&str, &[&Family])] = &[
    ("avow-event", FAMILIES),
    ("avow-tlog", FAMILIES),
    ("avow-monitor", FAMILIES),
    ("avow-proof", FAMILIES),
    (
        "avow-source",
        &[&ASYNC, &HTTP, &ARGUMENTS, &ARROW, &ENTROPY],
    ),
    ("avow-log", &[&ARGUMENTS, &ARROW]),
    ("avow-vault", &[&ARGUMENTS, &ARROW]),
    ("avow", &[&ARROW]),
];

/// Everything under `avow-verify`, itself included: 53 when the bar was set, of
/// which 10 only run at build time (derive macros and their parsers), and room
/// for one small family. Raising it needs two people's agreement.
const VERIFIER_CRATES_MAX: usize = 56;

/// Where each dependency says what it replaces and what it brings along.
const REASONS_PATH: &str = "docs/design/0005-dependencies.md";

/// What the check found, and the tables it prints.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) table: Vec<String>,
}

/// Asks cargo for the graph and checks it, with the texts of the pure crates.
pub(crate) fn deps(root: &Path, files: &[TextFile]) -> io::Result<Report> {
    let graph = Graph::read(root)?;
    let mut report = check(&graph);
    let outside = purity::check(files, PURE_CRATES);
    let shown = if outside.is_empty() {
        "nothing".to_owned()
    } else {
        outside.len().to_string()
    };
    let names = PURE_CRATES.join(", ");
    report.table.push(format!(
        "files, sockets, clocks, threads in the source of {names}: {shown}"
    ));
    report.findings.extend(outside);
    let reasons = repository::find(files, REASONS_PATH).map_or("", |file| file.text.as_str());
    report.findings.extend(check_reasons(&graph, reasons));
    let policy = repository::find(files, "deny.toml").map_or("", |file| file.text.as_str());
    report.findings.extend(licence::check(&graph, policy));
    Ok(report)
}

/// Checks arrows, absences and the verifier's size.
fn check(graph: &Graph) -> Report {
    let mut report = Report::default();
    check_arrows(graph, &mut report);
    check_absences(graph, &mut report);
    check_verifier(graph, &mut report);
    report
}

fn check_arrows(graph: &Graph, report: &mut Report) {
    for member in graph
        .members
        .iter()
        .filter(|member| member.folder.starts_with("crates/"))
    {
        let path = format!("{}/Cargo.toml", member.folder);
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            report.findings.push(Finding::whole(
                &path,
                "a new crate: give it a row in ARROWS and on the map",
            ));
            continue;
        };
        for used in member.uses.iter().filter(|used| used.starts_with("avow")) {
            if !allowed.contains(&used.as_str()) {
                let message = format!("`{}` must not depend on `{used}`", member.name);
                report.findings.push(Finding::whole(&path, message));
            }
        }
    }
}

fn check_absences(graph: &Graph, report: &mut Report) {
    report
        .table
        .push(format!("{:<14}{:<20}{}", "crate", "is free of", "found"));
    for (name, families) in ABSENCES {
        let Some(member) = graph.member(name) else {
            report.table.push(format!("{name:<14}not there yet"));
            continue;
        };
        for family in *families {
            let found: Vec<&str> = member
                .closure
                .iter()
                .map(|package| package.name.as_str())
                .filter(|package| {
                    family
                        .packages
                        .iter()
                        .any(|pattern| matches(pattern, package))
                })
                .collect();
            let shown = if found.is_empty() {
                "nothing".to_owned()
            } else {
                found.join(", ")
            };
            report
                .table
                .push(format!("{name:<14}{:<20}{shown}", family.name));
            for package in found {
                let path = format!("{}/Cargo.toml", member.folder);
                report.findings.push(Finding::whole(
                    &path,
                    format!("`{name}` reaches `{package}` ({})", family.name),
                ));
            }
        }
    }
}

/// Every direct dependency has a line that says what it replaces.
fn check_reasons(graph: &Graph, reasons: &str) -> Vec<Finding> {
    let words: BTreeSet<&str> = reasons
        .split(|c: char| !c.is_alphanumeric() && !"-_".contains(c))
        .collect();
    let products = graph
        .members
        .iter()
        .filter(|member| member.folder.starts_with("crates/"));
    products
        .flat_map(|member| member.uses.iter().map(move |used| (&member.name, used)))
        .filter(|(_, used)| !used.starts_with("avow") && !words.contains(used.as_str()))
        .map(|(name, used)| {
            let message = format!("no line for `{used}`, which `{name}` depends on");
            Finding::whole(REASONS_PATH, message)
        })
        .collect()
}

fn check_verifier(graph: &Graph, report: &mut Report) {
    let Some(member) = graph.member("avow-proof") else {
        return;
    };
    let count = member.closure.len();
    report.table.push(format!(
        "avow-verify is built from {count} crates (at most {VERIFIER_CRATES_MAX}):"
    ));
    let names: Vec<String> = member.closure.iter().map(ToString::to_string).collect();
    report
        .table
        .extend(names.chunks(6).map(|row| format!("  {}", row.join(", "))));
    if count > VERIFIER_CRATES_MAX {
        let message =
            format!("avow-verify is built from {count} crates, at most {VERIFIER_CRATES_MAX}");
        report
            .findings
            .push(Finding::whole("crates/avow-proof/Cargo.toml", message));
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    if let Some(prefix) = pattern.strip_suffix('*') {
        name.starts_with(prefix)
    } else if let Some(suffix) = pattern.strip_prefix('*') {
        name.ends_with(suffix)
    } else {
        name == pattern
    }
}

#[cfg(test)]
mod tests {
    use super::graph::{Member, Package};
    use super::*;

    fn member(name: &str, uses: &[&str], closure: &[&str]) -> Member {
        Member {
            name: name.to_owned(),
            folder: format!("crates/{name}"),
            uses: uses.iter().map(|&used| used.to_owned()).collect(),
            closure: closure
                .iter()
                .map(|name| Package::new(name, "1.0.0", "MIT"))
                .collect(),
        }
    }

    fn findings(members: Vec<Member>) -> String {
        let report = check(&Graph {
            members,
            everything: Vec::new(),
        });
        report
            .findings
            .iter()
            .map(|finding| format!("{finding}\n"))
            .collect()
    }

    #[test]
    fn the_vault_must_not_use_the_log() {
        let found = findings(vec![member("avow-vault", &["avow-tlog", "avow-log"], &[])]);
        assert_eq!(
            found,
            "crates/avow-vault/Cargo.toml: `avow-vault` must not depend on `avow-log`\n"
        );
    }

    #[test]
    fn nobody_uses_the_query_crate() {
        for (name, _) in ARROWS {
            assert!(
                findings(vec![member(name, &["avow-query"], &[])])
                    .contains("must not depend on `avow-query`"),
                "{name}"
            );
        }
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let graph = Graph {
            members: vec![member("avow-tlog", &["sha2", "sha3"], &[])],
            everything: Vec::new(),
        };
        let found: Vec<String> = check_reasons(&graph, "| sha2 | tlog |")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("no line for `sha3`, which `avow-tlog` depends on"));
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert!(findings(vec![member("avow-zk", &[], &[])]).contains("a new crate"));
    }

    #[test]
    fn each_family_is_found_in_the_pure_crates() {
        for name in PURE_CRATES {
            for package in [
                "tokio",
                "hyper",
                "clap_builder",
                "arrow-array",
                "getrandom",
                "rustix",
                "openssl-sys",
                "cc",
            ] {
                let found = findings(vec![member(name, &[], &["sha2", package])]);
                assert!(
                    found.contains(&format!("`{name}` reaches `{package}`")),
                    "{found}"
                );
            }
        }
    }

    #[test]
    fn a_verifier_that_grew_is_found() {
        let fits: Vec<String> = (0..VERIFIER_CRATES_MAX)
            .map(|i| format!("crate{i}"))
            .collect();
        let mut names: Vec<&str> = fits.iter().map(String::as_str).collect();
        assert_eq!(findings(vec![member("avow-proof", &[], &names)]), "");
        names.push("one-more");
        assert!(
            findings(vec![member("avow-proof", &[], &names)]).contains("57 crates, at most 56")
        );
    }
}
