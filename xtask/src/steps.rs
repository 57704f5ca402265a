//! `cargo xtask ci`: every check that a change has to pass, one after the
//! other, with a line for each. All run, so that one run shows all failures.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One command line with what it sets in the environment.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        arguments: &["fmt", "--all", "--check"],
        environment: &[],
    },
    Step {
        name: "lints",
        arguments: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
        environment: &[],
    },
    Step {
        name: "tidy",
        arguments: &["xtask", "tidy"],
        environment: &[],
    },
    Step {
        name: "deps",
        arguments: &["xtask", "deps"],
        environment: &[],
    },
    Step {
        name: "documentation",
        arguments: &["doc", "--workspace", "--no-deps", "--locked"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
];

/// cargo-deny repeats the checks of `deps` from its own reading of the graph.
/// Advisories need a database from the network and are asked for by hand.
const DENY: Step = Step {
    name: "cargo-deny",
    arguments: &[
        "deny",
        "--all-features",
        "check",
        "-A",
        "unused-wrapper",
        "bans",
        "licenses",
        "sources",
    ],
    environment: &[],
};

/// Runs all steps and says whether all passed.
pub(crate) fn ci(root: &Path) -> bool {
    let mut failed = Vec::new();
    for step in STEPS {
        if !run(root, step) {
            failed.push(step.name);
        }
    }
    if installed(root, "deny") {
        if !run(root, &DENY) {
            failed.push(DENY.name);
        }
    } else {
        println!(
            "ci: cargo-deny skipped: not installed (deps has checked arrows, bans and licences)"
        );
    }
    if failed.is_empty() {
        println!("ci: all checks passed");
    } else {
        println!("ci: failed: {}", failed.join(", "));
    }
    failed.is_empty()
}

fn run(root: &Path, step: &Step) -> bool {
    println!("ci: {}: cargo {}", step.name, step.arguments.join(" "));
    let start = Instant::now();
    let mut command = cargo(root, step.arguments);
    command.envs(step.environment.iter().copied());
    let passed = command.status().is_ok_and(|status| status.success());
    let verdict = if passed { "passed" } else { "FAILED" };
    println!(
        "ci: {}: {verdict} in {} s",
        step.name,
        start.elapsed().as_secs()
    );
    passed
}

fn installed(root: &Path, subcommand: &str) -> bool {
    let mut command = cargo(root, &[subcommand, "--version"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null());
    command
}
