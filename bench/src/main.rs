//! Measures Avow and prints each figure beside the limit of the machine.
//!
//! `cargo run --release -p avow-bench [PART]…`, where a part is `event`, `log`,
//! `monitor`, `proof` or `source`; without one, all of them. `monitor-long`
//! takes minutes and is run only by name. What the figures mean, and those of a
//! stated machine, stand in `docs/reference/numbers.md`. The engines that the
//! monitor is measured against are in `peers`, a workspace of its own.

mod event;
mod log;
mod monitor;
mod monitor_data;
mod monitor_long;
mod proof;
mod source;

use std::process::ExitCode;

const PARTS: [(&str, fn()); 6] = [
    ("event", event::run),
    ("log", log::run),
    ("monitor", monitor::run),
    ("proof", proof::run),
    ("source", source::run),
    (LONG, monitor_long::run),
];

/// Only by name.
const LONG: &str = "monitor-long";

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &str| PARTS.iter().any(|(part, _)| *part == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        eprintln!("avow-bench: error: there is no part `{unknown}`");
        eprintln!(
            "avow-bench: hint: write `event`, `log`, `monitor`, `monitor-long`, `proof` or `source`"
        );
        return ExitCode::from(2);
    }
    for (name, run) in PARTS {
        let chosen = wanted.iter().any(|w| w == name);
        if chosen || (wanted.is_empty() && name != LONG) {
            run();
        }
    }
    ExitCode::SUCCESS
}
