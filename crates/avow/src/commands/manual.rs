//! `avow completions` and `avow man`: what clap makes from the table of flags.

use std::fs;
use std::path::Path;

use clap::{ArgMatches, Command};
use clap_complete::Shell;
use serde_json::json;

use crate::failure::{Ending, Failure, Result};
use crate::flags;
use crate::messages as say;
use crate::screen::Screen;
use crate::storage;

/// Prints completions for a shell.
pub(crate) fn completions(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let Some(shell) = matches.get_one::<Shell>("SHELL") else {
        return Err(Failure::bug("the table asks for no shell"));
    };
    let mut script = Vec::new();
    clap_complete::generate(
        *shell,
        &mut flags::table(screen.language),
        "avow",
        &mut script,
    );
    screen.bytes(&script)?;
    Ok(Ending::Fine)
}

/// Writes a page for every command into a folder.
pub(crate) fn pages(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let folder = flags::path(matches, "DIR");
    fs::create_dir_all(&folder).map_err(|e| {
        Failure::storage(say::WRITE_FAILED.with(&[("path", &folder.display()), ("error", &e)]))
    })?;
    let mut table = flags::table(screen.language);
    table.build();
    let mut written = Vec::new();
    page(&table, "avow", &folder, &mut written)?;
    if screen.json {
        screen.object(&json!({ "folder": folder.display().to_string(), "pages": written }))?;
    } else {
        let values = [
            ("count", written.len().to_string()),
            ("dir", folder.display().to_string()),
        ];
        let values = values
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        screen.line(&screen.fill(say::MANUAL_WRITTEN, &values))?;
    }
    Ok(Ending::Fine)
}

fn page(command: &Command, name: &str, folder: &Path, written: &mut Vec<String>) -> Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(name)
        .source(concat!("avow ", env!("CARGO_PKG_VERSION")))
        .render(&mut text)
        .map_err(|e| Failure::bug(format!("make the page of `{name}`: {e}")))?;
    let file = format!("{name}.1");
    storage::write_whole(&folder.join(&file), &text)?;
    written.push(file);
    for sub in command.get_subcommands() {
        page(sub, &format!("{name}-{}", sub.get_name()), folder, written)?;
    }
    Ok(())
}
