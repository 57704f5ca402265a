//! `avow mfotl`: commitments as formulas, and evidence as a log, for MonPoly
//! and VeriMon. What a formula is, is left to `avow-monitor`.

use std::fs;
use std::path::{Path, PathBuf};

use avow_monitor::Commitment;
use avow_monitor::mfotl::{LogEnd, TimePoints, formula};
use clap::ArgMatches;
use serde_json::{Value, json};

use crate::commands::explain::choose;
use crate::failure::{Ending, Failure, Result};
use crate::flags;
use crate::gathering;
use crate::messages as say;
use crate::overwriting;
use crate::pseudonyms;
use crate::scenario::{Document, pledge_of, read_pledge};
use crate::screen::Screen;
use crate::storage;

const SIGNATURE_FILE: &str = "events.sig";
const LOG_FILE: &str = "events.log";

/// What is written where.
struct Folder<'a> {
    path: PathBuf,
    inputs: &'a [PathBuf],
    written: Vec<PathBuf>,
}

impl Folder<'_> {
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.path.join(name);
        overwriting::check(&path, self.inputs)?;
        storage::write_whole(&path, bytes)?;
        self.written.push(path);
        Ok(())
    }
}

/// Writes the formulas, the signature and, with evidence, the log.
pub(crate) fn write(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let pledge = pledge_of(&flags::path(matches, "PLEDGE"));
    let document = read_pledge(&pledge, screen)?;
    let id = flags::text(matches, "id");
    let chosen = choose(&document.pledge, id.as_deref())?;
    let named = flags::evidence(matches);
    let mut inputs = named.clone();
    inputs.extend(
        [pledge]
            .into_iter()
            .chain(flags::optional_path(matches, "key")),
    );
    let mut folder = Folder {
        path: flags::path(matches, "out"),
        inputs: &inputs,
        written: Vec::new(),
    };
    let (formulas, refused) = formulas(&chosen, id.is_some())?;
    fs::create_dir_all(&folder.path).map_err(|error| {
        let shown = folder.path.display();
        Failure::storage(say::WRITE_FAILED.with(&[("path", &shown), ("error", &error)]))
    })?;
    for (commitment, formula) in &formulas {
        folder.write(&format!("{}.mfotl", commitment.id), formula.as_bytes())?;
    }
    let exported: Vec<&Commitment> = formulas.iter().map(|(one, _)| *one).collect();
    let points = TimePoints::new(&document.pledge, &exported);
    folder.write(SIGNATURE_FILE, points.signature().as_bytes())?;
    let events = if named.is_empty() {
        None
    } else {
        let key = match flags::optional_path(matches, "key") {
            Some(path) => pseudonyms::load_or_make(&path, screen)?,
            None => pseudonyms::Key::random()?,
        };
        let (events, log) = stream(&named, key.get(), points, screen)?;
        folder.write(LOG_FILE, &log)?;
        Some(events)
    };
    let told = Told {
        document: &document,
        exported: &exported,
        refused: &refused,
        events,
    };
    told.tell(&folder, screen)?;
    Ok(Ending::Fine)
}

/// The formulas of the commitments that have one, and why the others have none.
type Formulas<'a> = (Vec<(&'a Commitment, String)>, Vec<(&'a str, String)>);

fn formulas<'a>(chosen: &[&'a Commitment], by_name: bool) -> Result<Formulas<'a>> {
    let (mut written, mut refused) = (Vec::new(), Vec::new());
    for commitment in chosen {
        match formula(commitment) {
            Ok(formula) => written.push((*commitment, formula)),
            Err(refusal) => refused.push((commitment.id.as_str(), refusal.to_string())),
        }
    }
    match refused.first() {
        Some((id, reason)) if by_name || written.is_empty() => {
            let message = say::MFOTL_REFUSED.with(&[("id", id), ("error", reason)]);
            Err(Failure::input(message).hint(say::HINT_MFOTL))
        }
        _ => Ok((written, refused)),
    }
}

/// The evidence as a log, in the order in which a check puts it on one.
fn stream(
    named: &[PathBuf],
    key: &avow_event::PseudonymKey,
    mut points: TimePoints<'_>,
    screen: &Screen,
) -> Result<(u64, Vec<u8>)> {
    let gathered = gathering::gather(named, key, screen)?;
    gathered.remark_losses(screen);
    let events = gathered.len();
    for (leaf, event) in (0..).zip(gathered.into_events()) {
        let (mut event, _) = event?;
        // A check states when its own log took the event.
        event.logged = None;
        points.push(leaf, &event).map_err(|refusal| {
            Failure::input(say::MFOTL_STREAM.with(&[("error", &refusal)])).hint(say::HINT_MFOTL)
        })?;
    }
    let mut log = Vec::new();
    points.finish(&mut |line| log.extend_from_slice(line.as_bytes()));
    Ok((events, log))
}

/// What is said at the end.
struct Told<'a> {
    document: &'a Document,
    exported: &'a [&'a Commitment],
    refused: &'a [(&'a str, String)],
    events: Option<u64>,
}

impl Told<'_> {
    fn tell(&self, folder: &Folder<'_>, screen: &Screen) -> Result<()> {
        if screen.json {
            return screen.object(&self.json(folder));
        }
        for (id, reason) in self.refused {
            let values = [("id", *id), ("error", reason.as_str())];
            screen.remark(&screen.fill(say::MFOTL_REFUSED, &values));
        }
        if self.events.is_none() {
            for path in &folder.written {
                screen.line(&path.display().to_string())?;
            }
            return Ok(());
        }
        for commitment in self.exported {
            screen.line(&command(&folder.path, commitment))?;
        }
        Ok(())
    }

    fn json(&self, folder: &Folder<'_>) -> Value {
        let written: Vec<String> = folder
            .written
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let refused: Vec<Value> = self
            .refused
            .iter()
            .map(|(id, reason)| json!({ "id": id, "reason": reason }))
            .collect();
        let commands: Vec<Value> = self
            .exported
            .iter()
            .map(|one| json!({ "id": one.id, "command": command(&folder.path, one) }))
            .collect();
        json!({
            "by": self.document.pledge.by,
            "written": written,
            "refused": refused,
            "events": self.events,
            "commands": commands,
        })
    }
}

/// How MonPoly is called.
fn command(folder: &Path, commitment: &Commitment) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    let end = match commitment.pattern.mfotl_end() {
        LogEnd::Open => " -nonewlastts",
        LogEnd::Closed => "",
    };
    format!(
        "monpoly -sig {} -formula {} -log {}{end}",
        file(SIGNATURE_FILE),
        file(&format!("{}.mfotl", commitment.id)),
        file(LOG_FILE),
    )
}
