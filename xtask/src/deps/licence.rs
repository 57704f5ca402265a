//! Licences of everything that is built here, against the list in `deny.toml`.

use std::collections::BTreeSet;

use super::graph::Graph;
use crate::finding::Finding;

/// Finds packages whose licence expression the list does not satisfy.
pub(super) fn check(graph: &Graph, policy: &str) -> Vec<Finding> {
    let allowed = allowed(policy);
    if allowed.is_empty() {
        return vec![Finding::whole("deny.toml", "no list `allow` of licences")];
    }
    graph
        .everything
        .iter()
        .filter(|package| !satisfied(&package.licence, &allowed))
        .map(|package| {
            Finding::whole(
                "Cargo.lock",
                format!("{package} is under `{}`", package.licence),
            )
        })
        .collect()
}

/// The quoted names of the list `allow` in the section `[licenses]`.
fn allowed(policy: &str) -> BTreeSet<&str> {
    let section = policy.split_once("[licenses]").map_or("", |(_, rest)| rest);
    let list = section.split_once("allow = [").map_or("", |(_, rest)| rest);
    let list = list.split(']').next().unwrap_or_default();
    list.split('"').skip(1).step_by(2).collect()
}

/// True if the list allows at least one way to satisfy the SPDX expression.
fn satisfied(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allowed) && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    let mut ok = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        ok |= both(words, allowed);
    }
    ok
}

fn both(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    let mut ok = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        ok &= one(words, allowed);
    }
    ok
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<&str>) -> bool {
    match words.next() {
        Some("(") => {
            let ok = either(words, allowed);
            ok && words.next() == Some(")")
        }
        Some(name) => {
            let exception = words.next_if_eq(&"WITH").and_then(|_| words.next());
            match exception {
                Some(exception) => {
                    allowed.contains(format!("{name} WITH {exception}").as_str())
                        || allowed.contains(name)
                }
                None => allowed.contains(name),
            }
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::Package;
    use super::*;

    const POLICY: &str = "[licenses]\nallow = [\n  \"MIT\",\n  \"Unicode-3.0\",\n]\n[bans]\n";

    #[test]
    fn expressions_are_judged() {
        for (expression, expected) in [
            ("MIT", true),
            ("MIT OR GPL-3.0-only", true),
            ("Apache-2.0/MIT", true),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0-only", false),
            ("MIT WITH LLVM-exception", true),
            ("GPL-3.0-only", false),
            ("", false),
        ] {
            assert_eq!(
                satisfied(expression, &allowed(POLICY)),
                expected,
                "{expression}"
            );
        }
    }

    #[test]
    fn a_package_under_another_licence_is_found() {
        let graph = Graph {
            members: Vec::new(),
            everything: vec![Package::new("a", "1.0.0", "SSPL-1.0")],
        };
        assert_eq!(check(&graph, POLICY).len(), 1);
        assert_eq!(check(&graph, "").len(), 1);
    }
}
