//! `avow events`: the events in evidence, one a line, or what was read in
//! numbers.

use avow_event::PlaceTable;
use clap::ArgMatches;

use crate::failure::{Ending, Result};
use crate::flags;
use crate::gathering;
use crate::messages as say;
use crate::pseudonyms;
use crate::screen::Screen;

/// Prints the events in the order of reading, each once.
pub(crate) fn print(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let wants_stats = matches.get_flag("stats");
    let key = match flags::optional_path(matches, "key") {
        Some(path) => pseudonyms::load_or_make(&path, screen)?,
        None => pseudonyms::Key::random()?,
    };
    let places = PlaceTable::built_in();
    let mut printed = Ok(());
    let mut print = |event: avow_event::Event, _numbering| {
        if screen.is_closed() {
            // `avow events … | head` has what it wanted. There is nothing to
            // clean up, and reading on would be for nobody.
            std::process::exit(0);
        }
        if !wants_stats && printed.is_ok() {
            let mut line = event.to_leaf();
            line.push(b'\n');
            printed = screen.bytes(&line);
        }
    };
    let stats = gathering::read(
        &flags::evidence(matches),
        &places,
        key.get(),
        screen,
        &mut print,
    )?;
    printed?;
    if !wants_stats && !matches.contains_id("key") {
        screen.remark(screen.text(say::RANDOM_KEY));
    }
    gathering::remark_losses(&stats, screen);
    gathering::unplaced(&stats).remark(screen);
    if wants_stats {
        screen.object(&gathering::stats_json(&stats))?;
    }
    Ok(Ending::Fine)
}
