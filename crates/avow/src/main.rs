//! The program `avow`: reads the command line, calls the crates that do the
//! work, and says what came of it.
//!
//! The clock, entropy and the terminal live here only. What an event, a log, a
//! pledge and a proof are is left to `avow-event`, `avow-log`, `avow-monitor`
//! and `avow-proof`.

mod ambient;
mod check_line;
mod commands;
mod diagnostics;
mod doubt;
mod duties;
mod failure;
mod finding;
mod flags;
mod gathering;
mod grid;
mod interruption;
mod judging;
mod language;
mod messages;
mod overwriting;
mod pledge_schema;
mod pledge_starter;
mod pledge_story;
mod progress;
mod pseudonyms;
mod recording;
#[cfg(test)]
mod reference;
mod resuming;
mod rule_words;
mod scenario;
mod screen;
mod storage;
mod unplaced;
mod usage;
mod verdict_json;
mod verdict_page;
mod wrap;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::ErrorKind;
use serde_json::json;

use crate::failure::{Ending, Failure, Result, STATUS_FAILURE};
use crate::language::Language;
use crate::messages as say;
use crate::screen::{Screen, Tint};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let words: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let language = Language::of(&words, screen::variable);
    let matches = match flags::table(language).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let json = words.iter().any(|word| word == "--json");
            return answer(&Screen::new(language, json), &error);
        }
    };
    let screen = Screen::new(language, matches.get_flag("json"));
    interruption::watch();
    let ended = commands::run(&matches, &screen);
    let flushed = screen.flush();
    match ended.and_then(|ending| flushed.map(|()| ending)) {
        Ok(ending) => ExitCode::from(ending.status()),
        Err(failure) => fail(&screen, &failure),
    }
}

/// Help and version are answers; everything else is a mistake on the command line.
fn answer(screen: &Screen, error: &clap::Error) -> ExitCode {
    let wants_help = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let text = error.render().to_string();
        let printed = screen.bytes(text.as_bytes()).and_then(|()| screen.flush());
        return match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => fail(screen, &failure),
        };
    }
    if error.kind() == wants_help {
        let _ = write!(io::stderr(), "{}", error.render());
        return ExitCode::from(STATUS_FAILURE);
    }
    fail(screen, &usage::failure(error))
}

/// Says why a command was not carried out.
fn fail(screen: &Screen, failure: &Failure) -> ExitCode {
    let message = failure.message.get(screen.language);
    let hint = failure.hint.as_ref().map(|hint| hint.get(screen.language));
    if screen.json {
        let object = json!({
            "error": message,
            "hint": hint,
            "kind": failure.kind.as_str(),
            "exit": STATUS_FAILURE,
        });
        // Where even this cannot be written, the text on standard error remains.
        let _ = screen.object(&object).and_then(|()| screen.flush());
    }
    let colour = screen::stderr_wants_colour();
    let label = |tint: Tint, text: &str| {
        if colour {
            tint.paint(text)
        } else {
            text.to_owned()
        }
    };
    let mut text = format!(
        "avow: {}{}\n",
        label(Tint::Red, screen.text(say::ERROR)),
        wrap::tame(&message)
    );
    if let Some(picture) = &failure.picture {
        text.push_str(picture);
        if !picture.ends_with('\n') {
            text.push('\n');
        }
    }
    if let Some(hint) = &hint {
        let word = label(Tint::Blue, screen.text(say::HINT));
        text.push_str(&format!("avow: {word}{}\n", wrap::tame(hint)));
    }
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(STATUS_FAILURE)
}

/// What a command does.
type Command = fn(&ArgMatches, &Screen) -> Result<Ending>;
