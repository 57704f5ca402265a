//! `avow prove`: verdicts of a pledge over a log that is there, and a proof.

use clap::ArgMatches;
use serde_json::json;

use crate::check_line::check_line;
use crate::doubt::Doubt;
use crate::failure::{Ending, Result};
use crate::finding;
use crate::flags;
use crate::judging::{self, Stay};
use crate::messages as say;
use crate::overwriting;
use crate::recording::Recording;
use crate::scenario::{pledge_of, read_pledge};
use crate::screen::Screen;
use crate::storage;
use crate::verdict_json;
use crate::verdict_page as page;

/// Monitors a pledge over a log and writes a proof.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let out = flags::path(matches, "out");
    let pledge = pledge_of(&flags::path(matches, "PLEDGE"));
    let folder = flags::path(matches, "DIR");
    overwriting::check(&out, &[pledge.clone(), folder.clone()])?;
    let document = read_pledge(&pledge, screen)?;
    storage::check_writable(&out)?;
    let mut recording = Recording::open(&folder)?;
    recording.sign()?;
    let log = &recording.log;
    let report = judging::monitor(log, Stay::Kept, &document, screen)?;
    let findings = finding::of_log(log, &document.pledge, &report)?;
    let bytes = judging::prove(&recording, &document, &report, screen)?;
    storage::write_whole(&out, &bytes)?;
    let mut limits = say::LIMITS.to_vec();
    limits.push(say::LIMIT_WITNESS);
    limits.extend(page::limit_of_publication(&report));
    let ending = judging::ending(&report, Doubt::default());
    if screen.json {
        let mut object = verdict_json::report(&document.pledge, &report, &findings);
        verdict_json::insert(&mut object, "exit", json!(ending.status()));
        let proof = verdict_json::proof(&out, bytes.len(), &check_line(&out));
        verdict_json::insert(&mut object, "proof", proof);
        verdict_json::insert(&mut object, "not_shown", verdict_json::limits(&limits));
        screen.object(&object)?;
    } else {
        page::heading(&document.pledge, report.pledge.published, screen)?;
        page::table(&document.pledge, &report, screen)?;
        page::findings(&findings, screen)?;
        page::limits(&limits, screen)?;
        page::proof(&out, bytes.len(), screen)?;
        page::exit(ending, screen)?;
    }
    Ok(ending)
}
