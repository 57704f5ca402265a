//! `cargo xtask`: checks of the repository itself. Rules that matter are
//! programs here; the rest of CONTRIBUTING.md is advice. `cargo test` runs
//! `tidy` and `deps` too.

mod deps;
mod finding;
mod fuzz;
mod repository;
mod rust;
mod steps;
mod tidy;

use std::env;
use std::io;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  ci              everything below but fuzz, and format, lints, documentation
  tidy            lengths, names, headers, wording, documents
  deps            what must not depend on what, licences, the verifier's crates
  fuzz [SECONDS]  every fuzz target, a few seconds each";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = repository::root();
    let result = match words.as_slice() {
        ["ci"] => Ok(steps::ci(&root)),
        ["tidy"] => tidy(&root),
        ["deps"] => deps(&root),
        ["fuzz"] => fuzz(&root, fuzz::SECONDS_EACH),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz(&root, seconds),
            Err(_) => Err(io::Error::other(format!(
                "`{seconds}` is no number of seconds"
            ))),
        },
        _ => Err(io::Error::other(USAGE)),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: error: {error}");
            ExitCode::from(2)
        }
    }
}

fn tidy(root: &Path) -> io::Result<bool> {
    let report = tidy::tidy(&repository::read(root)?);
    for note in &report.notes {
        println!("tidy: {note}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    println!("tidy: {} findings", report.findings.len());
    Ok(report.findings.is_empty())
}

fn deps(root: &Path) -> io::Result<bool> {
    let report = deps::deps(root, &repository::read(root)?)?;
    for line in &report.table {
        println!("{line}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    println!("deps: {} findings", report.findings.len());
    Ok(report.findings.is_empty())
}

fn fuzz(root: &Path, seconds: u32) -> io::Result<bool> {
    let failed = fuzz::fuzz(root, seconds)?;
    if failed.is_empty() {
        println!("fuzz: no target failed");
    } else {
        println!("fuzz: failed: {}", failed.join(", "));
    }
    Ok(failed.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let files = repository::read(&repository::root()).unwrap();
        assert!(files.len() > 20, "only {} files read", files.len());
        let report = tidy::tidy(&files);
        assert!(report.findings.is_empty(), "{}", lines(&report.findings));
    }

    #[test]
    fn nothing_depends_on_what_it_must_not() {
        let root = repository::root();
        let files = repository::read(&root).unwrap();
        let report = deps::deps(&root, &files).unwrap();
        assert!(report.findings.is_empty(), "{}", lines(&report.findings));
    }

    fn lines(findings: &[finding::Finding]) -> String {
        findings
            .iter()
            .map(|finding| format!("\n{finding}"))
            .collect()
    }
}
