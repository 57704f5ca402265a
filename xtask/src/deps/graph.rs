//! The dependency graph as cargo resolves it: for each package alone, without
//! the features that another package's tests would switch on.

use std::env;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One package of a closure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// SPDX expression, as the package states it.
    pub(crate) licence: String,
}

impl Package {
    #[cfg(test)]
    pub(crate) fn new(name: &str, version: &str, licence: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            licence: licence.to_owned(),
        }
    }
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// One package of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Its folder, from the root of the repository.
    pub(crate) folder: String,
    /// Direct dependencies, those of tests left out.
    pub(crate) uses: Vec<String>,
    /// Itself and everything under it, those of tests left out, sorted.
    pub(crate) closure: Vec<Package>,
}

/// The workspace.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    pub(crate) members: Vec<Member>,
    /// Every package of the workspace, those of tests and benchmarks included.
    pub(crate) everything: Vec<Package>,
}

impl Graph {
    /// Asks cargo. Each answer is for the machine this runs on.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let metadata = cargo(
            root,
            &["metadata", "--format-version", "1", "--no-deps", "--locked"],
        )?;
        let metadata: Value = serde_json::from_str(&metadata).map_err(io::Error::other)?;
        let mut members = Vec::new();
        for package in array(&metadata, "packages") {
            let name = text(package, "name");
            let folder = Path::new(text(package, "manifest_path"))
                .parent()
                .unwrap_or(root);
            let folder = folder.strip_prefix(root).unwrap_or(folder);
            let uses = array(package, "dependencies")
                .iter()
                .filter(|dependency| text(dependency, "kind") != "dev")
                .map(|dependency| text(dependency, "name").to_owned());
            let tree = cargo(
                root,
                &[
                    "tree",
                    "--package",
                    name,
                    "--edges",
                    "normal,build",
                    "--prefix",
                    "none",
                    "--locked",
                    "--format",
                    "{p}|{l}",
                ],
            )?;
            members.push(Member {
                name: name.to_owned(),
                folder: folder.to_string_lossy().replace('\\', "/"),
                uses: uses.collect(),
                closure: packages(&tree),
            });
        }
        let tree = cargo(
            root,
            &[
                "tree",
                "--workspace",
                "--edges",
                "normal,build,dev",
                "--prefix",
                "none",
                "--locked",
                "--format",
                "{p}|{l}",
            ],
        )?;
        Ok(Self {
            members,
            everything: packages(&tree),
        })
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// Lines such as `sha2 v0.11.1|MIT OR Apache-2.0` or `avow v0.1.0 (…)|MIT (*)`.
fn packages(tree: &str) -> Vec<Package> {
    let mut found: Vec<Package> = tree
        .lines()
        .filter_map(|line| {
            let (package, licence) = line.split_once('|')?;
            let mut words = package.split_whitespace();
            Some(Package {
                name: words.next()?.to_owned(),
                version: words.next()?.trim_start_matches('v').to_owned(),
                licence: licence.trim_end_matches("(*)").trim().to_owned(),
            })
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

fn cargo(root: &Path, arguments: &[&str]) -> io::Result<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!(
            "cargo {}: {message}",
            arguments.join(" ")
        )));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_tree_lines_are_read_and_repeats_count_once() {
        let tree = "avow v0.1.0 (path/avow)|Apache-2.0\nsyn v2.0.1|MIT OR Apache-2.0\n\nserde_derive v1.0.0 (proc-macro)|MIT\nsyn v2.0.1|MIT OR Apache-2.0 (*)\n";
        let names: Vec<String> = packages(tree).iter().map(ToString::to_string).collect();
        assert_eq!(names, ["avow 0.1.0", "serde_derive 1.0.0", "syn 2.0.1"]);
    }
}
