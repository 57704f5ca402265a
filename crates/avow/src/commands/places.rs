//! `avow places`: the table that decides what counts as "in" a jurisdiction.

use avow_event::PlaceTable;
use clap::ArgMatches;
use serde_json::json;

use crate::failure::{Ending, Result};
use crate::messages as say;
use crate::screen::Screen;

/// Prints the built-in table, in the form that goes into proofs.
pub(crate) fn print(_: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let table = PlaceTable::built_in();
    let digest = hex(&table.digest());
    if screen.json {
        let rows: Vec<_> = table
            .text()
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut cells = line.split('\t');
                let row = [cells.next()?, cells.next()?, cells.next()?, cells.next()?];
                let [provider, region, place, location] = row;
                Some(json!({
                    "provider": provider, "region": region, "place": place, "location": location,
                }))
            })
            .collect();
        let groups: serde_json::Map<_, _> = table
            .group_names()
            .map(|name| {
                let members = table.group(name).unwrap_or_default();
                let members: Vec<&str> = members.iter().map(|place| place.as_str()).collect();
                (name.to_owned(), json!(members))
            })
            .collect();
        screen.object(&json!({
            "version": table.version(), "sha256": digest, "regions": rows, "groups": groups,
        }))?;
    } else {
        screen.bytes(table.text().as_bytes())?;
        let values = [("version", table.version()), ("digest", &digest)];
        screen.remark(&screen.fill(say::PLACES_HEAD, &values));
    }
    Ok(Ending::Fine)
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
