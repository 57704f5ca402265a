//! Measures Avow and prints each figure beside the limit of the machine.
//!
//! `cargo run --release -p avow-bench [PART]…`, where a part is `event`, `log`,
//! `monitor`, `proof` or `source`; without one, all of them. What the figures mean,
//! and those of a stated machine, stand in `docs/reference/numbers.md`.

mod event;
mod log;
mod monitor;
mod monitor_data;
mod proof;
mod source;

use std::process::ExitCode;

const PARTS: [(&str, fn()); 5] = [
    ("event", event::run),
    ("log", log::run),
    ("monitor", monitor::run),
    ("proof", proof::run),
    ("source", source::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &str| PARTS.iter().any(|(part, _)| *part == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        eprintln!("avow-bench: error: there is no part `{unknown}`");
        eprintln!("avow-bench: hint: write `event`, `log`, `monitor`, `proof` or `source`");
        return ExitCode::from(2);
    }
    for (name, run) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            run();
        }
    }
    ExitCode::SUCCESS
}
