//! One module per command. Each reads its flags, calls the crates that do the
//! work, and prints.

mod check;
mod events;
mod explain;
mod log;
mod manual;
mod mfotl;
mod places;
mod pledge;
mod pledge_amend;
mod prove;
pub(crate) mod sql;

use clap::ArgMatches;

use crate::Command;
use crate::failure::{Ending, Failure, Result};
use crate::screen::Screen;

/// Carries out the command of the command line.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let (command, matches): (Command, &ArgMatches) = match matches.subcommand() {
        Some(("check", matches)) => (check::run, matches),
        Some(("events", matches)) => (events::print, matches),
        Some(("explain", matches)) => (explain::run, matches),
        Some(("prove", matches)) => (prove::run, matches),
        Some(("mfotl", matches)) => (mfotl::write, matches),
        Some(("sql", matches)) => (sql::print, matches),
        Some(("log", matches)) => (log_command, matches),
        Some(("pledge", matches)) => (pledge_command, matches),
        Some(("places", matches)) => (places::print, matches),
        Some(("completions", matches)) => (manual::completions, matches),
        Some(("man", matches)) => (manual::pages, matches),
        _ => return Err(Failure::bug("a command of the table is not carried out")),
    };
    command(matches, screen)
}

fn pledge_command(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let (command, matches): (Command, &ArgMatches) = match matches.subcommand() {
        Some(("new", matches)) => (pledge::new, matches),
        Some(("lint", matches)) => (pledge::lint, matches),
        Some(("test", matches)) => (pledge::test, matches),
        Some(("amend", matches)) => (pledge_amend::run, matches),
        Some(("schema", matches)) => (pledge::schema, matches),
        _ => return Err(Failure::bug("a command of the table is not carried out")),
    };
    command(matches, screen)
}

fn log_command(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let (command, matches): (Command, &ArgMatches) = match matches.subcommand() {
        Some(("init", matches)) => (log::init, matches),
        Some(("append", matches)) => (log::append, matches),
        Some(("export", matches)) => (log::export, matches),
        Some(("verify", matches)) => (log::verify, matches),
        _ => return Err(Failure::bug("a command of the table is not carried out")),
    };
    command(matches, screen)
}
