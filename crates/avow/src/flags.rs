//! The one table of commands and flags. Help, completions, manual pages and
//! `docs/reference/cli.md` are made from it.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clap_complete::Shell;

use crate::commands::sql::DATABASES;
use crate::language::{Language, Text};
use crate::messages as say;
use crate::pledge_starter;

/// The whole table in a language.
pub(crate) fn table(language: Language) -> Command {
    let table = Table { language };
    let command = Command::new("avow")
        .version(env!("CARGO_PKG_VERSION"))
        .about(say::CLI_ABOUT.get(language))
        .after_help(format!(
            "{}\n\n{}",
            say::CLI_BEGIN.get(language),
            say::CLI_STATUS.get(language)
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            table
                .global("json", say::FLAG_JSON)
                .action(ArgAction::SetTrue),
        )
        .arg(
            table
                .global("lang", say::FLAG_LANG)
                .value_name("LANGUAGE")
                .value_parser(PossibleValuesParser::new(Language::NAMES))
                .hide_possible_values(true),
        )
        .arg(
            table
                .global("help", say::FLAG_HELP)
                .short('h')
                .action(ArgAction::Help),
        )
        .arg(
            table
                .flag("version", say::FLAG_VERSION)
                .short('V')
                .action(ArgAction::Version),
        )
        .subcommand(table.check())
        .subcommand(table.events())
        .subcommand(table.sql())
        .subcommand(table.mfotl())
        .subcommand(table.explain())
        .subcommand(table.log())
        .subcommand(table.prove())
        .subcommand(table.pledge())
        .subcommand(table.command("places", say::PLACES))
        .subcommand(table.completions())
        .subcommand(table.man());
    table.localise(command)
}

struct Table {
    language: Language,
}

impl Table {
    fn check(&self) -> Command {
        self.command("check", say::CHECK)
            .long_about(say::CHECK_LONG.get(self.language))
            .arg(self.path("TARGET", say::CHECK_TARGET))
            .arg(self.evidence())
            .arg(self.file("out", "FILE", say::CHECK_OUT))
            .arg(
                self.file("log", "DIR", say::CHECK_LOG)
                    .value_hint(ValueHint::DirPath),
            )
            .arg(self.file("key", "FILE", say::FLAG_KEY))
    }

    fn events(&self) -> Command {
        self.command("events", say::EVENTS)
            .long_about(say::EVENTS_LONG.get(self.language))
            .arg(self.evidence().required(true))
            .arg(
                self.flag("stats", say::EVENTS_STATS)
                    .action(ArgAction::SetTrue),
            )
            .arg(self.file("key", "FILE", say::FLAG_KEY))
    }

    fn sql(&self) -> Command {
        self.command("sql", say::SQL)
            .long_about(say::SQL_LONG.get(self.language))
            .arg(self.path("PLEDGE", say::PLEDGE))
            .arg(self.commitment())
            .arg(
                self.flag("load", say::SQL_LOAD)
                    .value_name("DATABASE")
                    .value_parser(PossibleValuesParser::new(DATABASES))
                    .hide_possible_values(true),
            )
            .arg(
                self.flag("instances", say::SQL_INSTANCES)
                    .action(ArgAction::SetTrue),
            )
    }

    fn mfotl(&self) -> Command {
        self.command("mfotl", say::MFOTL)
            .long_about(say::MFOTL_LONG.get(self.language))
            .arg(self.path("PLEDGE", say::PLEDGE))
            .arg(self.evidence())
            .arg(self.flag("id", say::COMMITMENT_ID).value_name("ID"))
            .arg(
                self.file("out", "DIR", say::MFOTL_OUT)
                    .required(true)
                    .value_hint(ValueHint::DirPath),
            )
            .arg(self.file("key", "FILE", say::FLAG_KEY))
    }

    fn explain(&self) -> Command {
        self.command("explain", say::EXPLAIN)
            .arg(self.path("SUBJECT", say::EXPLAIN_SUBJECT))
            .arg(self.commitment())
    }

    fn log(&self) -> Command {
        let directory = || {
            self.path("DIR", say::LOG_DIR)
                .value_hint(ValueHint::DirPath)
        };
        self.command("log", say::LOG)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(
                self.command("init", say::LOG_INIT).arg(directory()).arg(
                    self.flag("origin", say::LOG_ORIGIN)
                        .value_name("ORIGIN")
                        .required(true),
                ),
            )
            .subcommand(
                self.command("append", say::LOG_APPEND)
                    .arg(directory())
                    .arg(self.evidence().required(true))
                    .arg(self.file("key", "FILE", say::FLAG_KEY)),
            )
            .subcommand(
                self.command("export", say::LOG_EXPORT)
                    .arg(directory())
                    .arg(
                        self.path("OUT", say::LOG_OUT)
                            .value_hint(ValueHint::DirPath),
                    ),
            )
            .subcommand(
                self.command("verify", say::LOG_VERIFY)
                    .arg(
                        self.path("DIR", say::LOG_VERIFY_DIR)
                            .value_hint(ValueHint::DirPath),
                    )
                    .arg(self.file("keys", "FILE", say::LOG_VERIFY_KEYS)),
            )
    }

    fn pledge(&self) -> Command {
        self.command("pledge", say::PLEDGES)
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(
                self.command("new", say::PLEDGE_NEW)
                    .arg(self.path("FILE", say::PLEDGE_NEW_FILE))
                    .arg(
                        self.flag("rule", say::PLEDGE_NEW_RULE)
                            .value_name("RULE")
                            .value_parser(PossibleValuesParser::new(pledge_starter::rules()))
                            .hide_possible_values(true),
                    ),
            )
            .subcommand(
                self.command("lint", say::PLEDGE_LINT)
                    .long_about(say::PLEDGE_LINT_LONG.get(self.language))
                    .arg(self.pledges())
                    .arg(
                        self.flag("strict", say::PLEDGE_LINT_STRICT)
                            .action(ArgAction::SetTrue),
                    ),
            )
            .subcommand(
                self.command("test", say::PLEDGE_TEST)
                    .long_about(say::PLEDGE_TEST_LONG.get(self.language))
                    .arg(self.pledges()),
            )
            .subcommand(
                self.command("amend", say::PLEDGE_AMEND)
                    .long_about(say::PLEDGE_AMEND_LONG.get(self.language))
                    .arg(self.path("OLD", say::PLEDGE_AMEND_OLD))
                    .arg(self.path("NEW", say::PLEDGE_AMEND_NEW))
                    .arg(self.flag("at", say::PLEDGE_AMEND_AT).value_name("TIME")),
            )
            .subcommand(
                self.command("schema", say::PLEDGE_SCHEMA)
                    .long_about(say::PLEDGE_SCHEMA_LONG.get(self.language)),
            )
    }

    fn prove(&self) -> Command {
        self.command("prove", say::PROVE)
            .arg(
                self.path("DIR", say::LOG_DIR)
                    .value_hint(ValueHint::DirPath),
            )
            .arg(self.path("PLEDGE", say::PLEDGE))
            .arg(self.file("out", "FILE", say::PROVE_OUT).required(true))
    }

    fn completions(&self) -> Command {
        self.command("completions", say::COMPLETIONS).arg(
            Arg::new("SHELL")
                .help(say::COMPLETIONS_SHELL.get(self.language))
                .help_heading(say::ARGUMENTS.get(self.language))
                .required(true)
                .value_parser(value_parser!(Shell))
                .hide_possible_values(true),
        )
    }

    fn man(&self) -> Command {
        self.command("man", say::MAN).arg(
            self.path("DIR", say::MAN_DIR)
                .value_hint(ValueHint::DirPath),
        )
    }

    fn command(&self, name: &'static str, about: Text) -> Command {
        Command::new(name).about(about.get(self.language))
    }

    fn flag(&self, name: &'static str, help: Text) -> Arg {
        Arg::new(name)
            .long(name)
            .help(help.get(self.language))
            .help_heading(say::OPTIONS.get(self.language))
    }

    /// A flag that every command takes, shown after its own.
    fn global(&self, name: &'static str, help: Text) -> Arg {
        self.flag(name, help).global(true).display_order(1_000)
    }

    /// A flag that takes a path.
    fn file(&self, name: &'static str, value: &'static str, help: Text) -> Arg {
        self.flag(name, help)
            .value_name(value)
            .value_parser(PathBufValueParser::new())
            .value_hint(ValueHint::FilePath)
    }

    /// A required path by position.
    fn path(&self, name: &'static str, help: Text) -> Arg {
        Arg::new(name)
            .help(help.get(self.language))
            .help_heading(say::ARGUMENTS.get(self.language))
            .required(true)
            .value_parser(PathBufValueParser::new())
            .value_hint(ValueHint::AnyPath)
    }

    fn pledges(&self) -> Arg {
        Arg::new("PLEDGES")
            .value_name("PLEDGE")
            .help(say::PLEDGES_NAMED.get(self.language))
            .help_heading(say::ARGUMENTS.get(self.language))
            .required(true)
            .num_args(1..)
            .value_parser(PathBufValueParser::new())
            .value_hint(ValueHint::AnyPath)
    }

    fn evidence(&self) -> Arg {
        Arg::new("EVIDENCE")
            .help(say::EVIDENCE.get(self.language))
            .help_heading(say::ARGUMENTS.get(self.language))
            .num_args(1..)
            .value_parser(PathBufValueParser::new())
            .value_hint(ValueHint::AnyPath)
    }

    fn commitment(&self) -> Arg {
        Arg::new("ID")
            .help(say::COMMITMENT_ID.get(self.language))
            .help_heading(say::ARGUMENTS.get(self.language))
    }

    /// Headings in the reader's language, on every level.
    fn localise(&self, command: Command) -> Command {
        let names: Vec<String> = command
            .get_subcommands()
            .map(|sub| sub.get_name().to_owned())
            .collect();
        let usage = say::USAGE.get(self.language);
        let mut command = command
            .disable_help_flag(true)
            .disable_version_flag(true)
            .disable_help_subcommand(true)
            .subcommand_help_heading(say::COMMANDS.get(self.language))
            .help_template(format!(
                "{{about-with-newline}}\n{usage}{{usage}}\n\n{{all-args}}{{after-help}}"
            ));
        for name in names {
            command = command.mut_subcommand(name, |sub| self.localise(sub));
        }
        // Under headings of our own, clap would sort by name.
        let mut order = 0;
        command.mut_args(|argument| {
            order += 1;
            if argument.is_global_set() {
                argument
            } else {
                argument.display_order(order)
            }
        })
    }
}

/// A required path from the command line.
pub(crate) fn path(matches: &ArgMatches, name: &str) -> PathBuf {
    optional_path(matches, name).unwrap_or_default()
}

/// A path from the command line, if it is there.
pub(crate) fn optional_path(matches: &ArgMatches, name: &str) -> Option<PathBuf> {
    matches.get_one::<PathBuf>(name).cloned()
}

/// The evidence named on the command line.
pub(crate) fn evidence(matches: &ArgMatches) -> Vec<PathBuf> {
    matches
        .get_many::<PathBuf>("EVIDENCE")
        .map(|paths| paths.cloned().collect())
        .unwrap_or_default()
}

/// The pledges named on the command line.
pub(crate) fn pledges(matches: &ArgMatches) -> Vec<PathBuf> {
    matches
        .get_many::<PathBuf>("PLEDGES")
        .map(|paths| paths.cloned().collect())
        .unwrap_or_default()
}

/// A text from the command line, if it is there.
pub(crate) fn text(matches: &ArgMatches, name: &str) -> Option<String> {
    matches.get_one::<String>(name).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_contradicts_itself_in_no_language() {
        table(Language::English).debug_assert();
        table(Language::Chinese).debug_assert();
    }

    #[test]
    fn every_argument_is_explained_under_a_heading() {
        fn visit(command: &Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let name = (command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{name:?}");
                assert!(argument.get_help_heading().is_some(), "{name:?}");
            }
            command.get_subcommands().for_each(visit);
        }
        visit(&table(Language::Chinese));
    }
}
