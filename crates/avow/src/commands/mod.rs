//! One module per command. Each reads its flags, calls the crates that do the
//! work, and prints.

mod manual;
mod places;

use clap::ArgMatches;

use crate::Command;
use crate::failure::{Ending, Failure, Result};
use crate::screen::Screen;

/// Carries out the command of the command line.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let (command, matches): (Command, &ArgMatches) = match matches.subcommand() {
        Some(("places", matches)) => (places::print, matches),
        Some(("completions", matches)) => (manual::completions, matches),
        Some(("man", matches)) => (manual::pages, matches),
        _ => return Err(Failure::bug("a command of the table is not carried out")),
    };
    command(matches, screen)
}
