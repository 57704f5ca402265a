//! `avow sql`: the statements that count a pledge's instances in a database
//! that we did not write.

use avow_monitor::sql::{create_duckdb, create_sqlite, instances, statement};
use clap::ArgMatches;
use serde_json::{Map, Value, json};

use crate::commands::explain::choose;
use crate::failure::{Ending, Result};
use crate::flags;
use crate::scenario::{pledge_of, read_pledge};
use crate::screen::Screen;

/// What the tables are called in an unpacked proof.
const EVENTS_FILE: &str = "events.ndjson";
const GAPS_FILE: &str = "gaps.ndjson";

/// The databases for which loading is written out.
pub(crate) const DATABASES: [&str; 2] = ["duckdb", "sqlite"];

/// Prints the statements, after those that load the tables where they are asked for.
pub(crate) fn print(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let document = read_pledge(&pledge_of(&flags::path(matches, "PLEDGE")), screen)?;
    let id = flags::text(matches, "ID");
    let chosen = choose(&document.pledge, id.as_deref())?;
    let written = if matches.get_flag("instances") {
        instances
    } else {
        statement
    };
    let duckdb = create_duckdb(EVENTS_FILE, GAPS_FILE);
    let sqlite = create_sqlite(EVENTS_FILE, GAPS_FILE);
    if screen.json {
        let statements: Map<String, Value> = chosen
            .iter()
            .map(|one| (one.id.clone(), json!(written(&document.pledge, one))))
            .collect();
        screen.object(&json!({
            "statements": statements,
            "load": { "duckdb": duckdb, "sqlite": sqlite },
        }))?;
        return Ok(Ending::Fine);
    }
    match flags::text(matches, "load").as_deref() {
        Some("duckdb") => screen.bytes(duckdb.as_bytes())?,
        Some("sqlite") => screen.bytes(sqlite.as_bytes())?,
        _ => {}
    }
    for one in chosen {
        screen.bytes(written(&document.pledge, one).as_bytes())?;
    }
    Ok(Ending::Fine)
}
