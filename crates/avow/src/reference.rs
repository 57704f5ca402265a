//! `docs/reference/cli.md`, made from the table of flags and compared with the
//! file. `UPDATE_EXPECT=1 cargo test -p avow` writes it anew.

use std::fmt::Write as _;

use clap::{Arg, Command};
use expect_test::expect_file;

use crate::flags;
use crate::language::Language;
use crate::messages as say;

const HEAD: &str = "\
# The command line

Made from the table of flags in `crates/avow/src/flags.rs`; a test compares them.

Evidence is a file, a folder, or `KIND:PATH` where the kind cannot be detected.
Text output is in English or Chinese (`--lang`), as wide as the terminal or as
`COLUMNS` says, in colour only on a terminal and never where `NO_COLOR` is set;
every colour stands beside a symbol and a word. Errors, hints and notes are in
that language too; only what exactly is wrong with a record, a pledge, a leaf or
a proof is always said in English. `--json` prints exactly one JSON object, also when the command fails:
`{\"error\", \"hint\", \"kind\", \"exit\"}`; only `avow events` prints one a line. What is no part of the output (errors,
notes, progress) goes to standard error.

| status | meaning |
|---|---|
| 0 | every promise is kept so far (pending counts as kept so far), or the command is done |
| 1 | a promise is breached |
| 2 | the input is bad, or the work could not be done |
| 3 | nothing is breached, and something is unknown, or a record could not be read as it stands |

A record could not be read as it stands if it is malformed, has no readable time,
or has the id of another record and other content. Its part in the verdicts is
missing or in doubt, so that `avow check` and `avow log append` say so and end with
3 where they would end with 0. This is about the evidence that the run reads, not
about what an earlier run put on the log.

## The JSON of a check

`avow check --json` and `avow prove --json` print these members, and no others.
Texts stand in both languages, `{\"en\", \"zh\"}`; times are RFC 3339 in UTC.

| member | what it is |
|---|---|
| `exit` | the exit status |
| `title`, `by`, `to`, `from` | from the pledge |
| `as_of` | the log's clock at the last leaf; `null` for a log without leaves |
| `commitments[]` | `id`, `says`, `duty` (`null` if none), `verdict`, `since`, `vacuous` (it never applied), `counts` (`kept`, `breached`, `pending`, `unknown`), `coverage` (`complete`, `sources[]` with `source`, `events`, `late`, `gaps`, `complete`), `finding` (`leaf`, `en`, `zh`; `null` unless breached or unknown) |
| `duties[]` | `duty`, `verdict` (the worst of its commitments), `commitments` (their ids) |
| `proof` | `file`, `bytes`, `check` (the command that checks it) |
| `not_shown[]` | what the result does not show |
| `evidence` | what was read, as `avow events --stats` prints it; where the place table does not know every region's name, `places_unknown` has the number of `events`, and `regions[]` with `region` (empty where none is named) and `events`, most first (`more_regions`: there are others); check only |
| `log` | `folder` (`null` if it was for this run), `origin`, `size`, `root`, `keys[]`, `added`, `repeated`; check only |
| `places` | `version` of the place table; check only |

The verdict document itself, byte for byte, is in the proof.

## The JSON of a pledge looked at

`avow pledge lint --json` and `avow pledge test --json` print `exit` and `files[]`, each
with `file` and `mistakes[]`. A mistake has `severity` (`error` or `warning`), `message`,
`label`, `help`, `line` and `column` (from 1, in characters), `start` and `end` (in bytes).

| member of a file | what it is |
|---|---|
| `warnings[]` | as `mistakes[]`; lint only |
| `examples_failed` | how many examples do not end as they say; lint only |
| `commitments[]` | `id` and `examples[]`, each with `number`, `meant`, `passes`; one that does not pass has `counts`, `events[]` (`leaf`, `event`, `evidence`, and `conditions`, the keys of the rule that are true, or `null` for unknown), and `instances[]` (`leaf`, `verdict`, `reason`, `en`, `zh`); test only |

## Files

A file is written whole or not at all. Keys are files that only their owner may
read. The clock and the system's random bytes are read by this program only.

A log for one run lies in a folder of its own under `TMPDIR`, which only its user
may enter. Its keys never reach a disk. It goes away with the run, also when that
is interrupted (SIGINT, SIGTERM); one that is killed leaves the leaves.

What is on a log already is not added again. An event is on it if all its fields
are, but for `logged`, and but for `seq` where the CloudTrail connector gave that.
Of equal events in a run, as many count as there already as the log has. No id of
a record reaches the log: two calls that are equal in every field, read in two
runs, leave one event. Read them in one run, or numbered by their source.

A log has one pseudonym key, in `keys/pseudonym.key`; `--key` may name a copy of it
and no other. A proof is not written over a pledge, a key, evidence or a part of a
log that the run reads.
";

fn page() -> String {
    let mut table = flags::table(Language::English);
    table.build();
    let mut out = HEAD.to_owned();
    for command in table.get_subcommands() {
        section(command, "avow", &mut out);
    }
    out.push_str("\n## Flags of every command\n\n");
    for argument in table.get_arguments() {
        item(argument, &mut out);
    }
    out
}

fn section(command: &Command, above: &str, out: &mut String) {
    let name = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        for sub in command.get_subcommands() {
            section(sub, &name, out);
        }
        return;
    }
    let _ = write!(out, "\n## {name}\n\n");
    let about = command.get_long_about().or(command.get_about());
    let about = about.map(ToString::to_string).unwrap_or_default();
    let last = about.chars().last();
    let stop = if last == Some('.') { "" } else { "." };
    let _ = write!(out, "{about}{stop}\n\n");
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    let _ = write!(out, "```text\n{usage}\n```\n\n");
    for argument in command.get_arguments().filter(|a| !a.is_global_set()) {
        item(argument, out);
    }
}

fn item(argument: &Arg, out: &mut String) {
    let mut name = match argument.get_long() {
        Some(long) => format!("--{long}"),
        None => argument.get_id().to_string(),
    };
    if let Some(short) = argument.get_short() {
        name = format!("-{short}, {name}");
    }
    if argument.get_long().is_some() && argument.get_action().takes_values() {
        let values = argument.get_value_names().unwrap_or_default();
        let values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
        let _ = write!(name, " {}", values.join(" "));
    }
    let help = argument.get_help().map(ToString::to_string);
    let _ = writeln!(out, "- `{name}`: {}.", help.unwrap_or_default());
}

#[test]
fn the_reference_page_says_what_the_table_says() {
    expect_file!["../../../docs/reference/cli.md"].assert_eq(&page());
}

#[test]
fn every_exit_status_stands_on_the_page_and_in_the_help() {
    for status in ["0", "1", "2", "3"] {
        assert!(HEAD.contains(&format!("| {status} |")));
        assert!(say::CLI_STATUS.en.contains(status));
        assert!(say::CLI_STATUS.zh.contains(status));
    }
}
