//! Mistakes on the command line, in the reader's language: clap says them in
//! English only.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;
use crate::language::Said;
use crate::messages as say;

/// What is wrong with a command line, and what to write instead.
pub(crate) fn failure(error: &clap::Error) -> Failure {
    let failure = Failure::input(message(error));
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg];
    match suggested.into_iter().find_map(|kind| words(error, kind)) {
        Some(name) => failure.hint(say::DID_YOU_MEAN.with(&[("name", &name)])),
        None => failure.hint(say::SEE_HELP.with(&[("command", &command(error))])),
    }
}

fn message(error: &clap::Error) -> Said {
    let argument = words(error, ContextKind::InvalidArg);
    let value = words(error, ContextKind::InvalidValue).filter(|value| !value.is_empty());
    match (error.kind(), argument, value) {
        (ErrorKind::InvalidSubcommand, _, _) => {
            let name = words(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            say::NO_SUCH_COMMAND.with(&[("name", &name)])
        }
        (ErrorKind::MissingSubcommand, _, _) => {
            let command = words(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            let names = words(error, ContextKind::ValidSubcommand).unwrap_or_default();
            say::MISSING_COMMAND.with(&[("command", &command), ("names", &names)])
        }
        (ErrorKind::UnknownArgument, Some(name), _) => {
            say::UNEXPECTED_ARGUMENT.with(&[("name", &name)])
        }
        (ErrorKind::MissingRequiredArgument, Some(names), _) => {
            say::MISSING_ARGUMENTS.with(&[("names", &names)])
        }
        (ErrorKind::InvalidValue, Some(name), Some(value)) => {
            let valid = words(error, ContextKind::ValidValue).unwrap_or_default();
            say::NO_SUCH_VALUE.with(&[("value", &value), ("name", &name), ("valid", &valid)])
        }
        (ErrorKind::InvalidValue, Some(name), None) => say::MISSING_VALUE.with(&[("name", &name)]),
        (ErrorKind::ArgumentConflict, Some(name), _) => {
            say::ARGUMENT_TWICE.with(&[("name", &name)])
        }
        _ => {
            let rendered = error.render().to_string();
            let text = rendered.split("\n\n").next().unwrap_or_default();
            let text = text.strip_prefix("error: ").unwrap_or(text);
            // clap quotes with ', we with `.
            let text = text.trim().replace('\'', "`").replace("\n  ", " ");
            say::USAGE_WRONG.with(&[("error", &text)])
        }
    }
}

/// What clap says of a kind, several with commas.
fn words(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(word) => Some(word.clone()),
        ContextValue::Strings(words) => Some(words.join(", ")),
        _ => None,
    }
}

/// The command whose line is wrong, as clap's line of usage begins.
fn command(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let names = usage.as_deref().and_then(|usage| usage.split_once("avow"));
    let names = names.map_or("", |(_, line)| line).split_whitespace();
    let names = names.take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    names.fold("avow".to_owned(), |all, name| all + " " + name)
}
