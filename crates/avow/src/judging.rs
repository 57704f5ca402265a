//! From a log to verdicts and to a proof of them. What a verdict is, is left to
//! `avow-monitor`; what a proof is, to `avow-proof`.

use std::cell::RefCell;
use std::ops::Range;

use avow_event::{Event, PlaceTable};
use avow_log::Log;
use avow_monitor::{Monitor, Report, Verdict};
use avow_proof::{Inputs, policy_text};
use avow_tlog::ErrorKind;

use crate::doubt::Doubt;
use crate::failure::{Ending, Failure, Result};
use crate::messages as say;
use crate::progress::Progress;
use crate::recording::{Recording, log_failure};
use crate::resuming;
use crate::scenario::Document;
use crate::screen::Screen;

/// Whether a log, and what was seen on it, is there for the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    Kept,
    Temporary,
}

/// Monitors a pledge over all leaves of a log, as the disk has them. Leaves that
/// an earlier run looked at are not read again.
pub(crate) fn monitor(
    log: &Log,
    stay: Stay,
    document: &Document,
    screen: &Screen,
) -> Result<Report> {
    let size = log.size();
    let progress = Progress::new(screen, say::WORK_MONITOR, Some(size));
    let (pledge, places) = (&document.pledge, PlaceTable::built_in());
    let resumed = match stay {
        Stay::Kept => resuming::resume(log, pledge, &places),
        Stay::Temporary => Ok(None),
    };
    let resumed = resumed.unwrap_or_else(|said| {
        screen.remark(&said.get(screen.language));
        screen.remark(screen.text(say::WHOLE_LOG_NOW));
        None
    });
    let is_news = resumed.as_ref().is_none_or(|m| m.leaves() < size);
    let mut monitor = resumed.unwrap_or_else(|| Monitor::new(pledge, &places));
    let seen = monitor.leaves();
    for (index, leaf) in (seen..).zip(log.leaves(seen..size).map_err(log_failure)?) {
        let leaf = leaf.map_err(log_failure)?;
        let event = Event::from_leaf(&leaf).map_err(|e| {
            Failure::input(say::LEAF_NO_EVENT.with(&[("leaf", &index), ("error", &e)]))
                .hint(say::HINT_LEAF_NO_EVENT)
        })?;
        monitor.push(index, &event);
        progress.at(index);
    }
    if stay == Stay::Kept
        && is_news
        && let Err(said) = resuming::keep(log, pledge, &mut monitor)
    {
        screen.remark(&said.get(screen.language));
        screen.remark(screen.text(say::WHOLE_LOG_NEXT));
    }
    Ok(monitor.report(size, *log.root().as_bytes()))
}

/// Makes the proof of a report on a log, signed with the log's Ed25519 key.
pub(crate) fn prove(
    recording: &Recording,
    document: &Document,
    report: &Report,
    screen: &Screen,
) -> Result<Vec<u8>> {
    let log = &recording.log;
    let _progress = Progress::new(screen, say::WORK_PROVE, None);
    let (checkpoint, _) = log
        .head()
        .ok_or_else(|| Failure::input(say::NO_SIGNED_HEAD))?;
    // What the log says when it fails is more than the proof passes on.
    let failed = RefCell::new(None);
    let tell = |error: avow_log::Error| {
        let told = avow_tlog::Error::new(ErrorKind::Unavailable, error.to_string());
        failed.replace(Some(log_failure(error)));
        told
    };
    let mut leaves = |range: Range<u64>| {
        let leaves = log.leaves(range).map_err(tell)?;
        leaves.collect::<avow_log::Result<_>>().map_err(tell)
    };
    let mut paths = |index: u64| log.inclusion_proof(index, log.size()).map_err(tell);
    let built = avow_proof::build(Inputs {
        pledge: &document.text,
        places: &PlaceTable::built_in(),
        policy: &policy_text(&log.verifier_keys()),
        checkpoint,
        report,
        leaves: &mut leaves,
        paths: &mut paths,
        sign: &|text: &str| recording.signer.sign(text, 0),
    });
    built.map_err(|error| match failed.take() {
        Some(failure) => failure,
        None => Failure::bug(format!("build the proof: {error}")),
    })
}

/// How a check ends: a breach outweighs everything, and pending alone counts
/// as kept so far, unless the verdicts rest on less than the evidence holds.
pub(crate) fn ending(report: &Report, doubt: Doubt) -> Ending {
    let any = |verdict| report.commitments.iter().any(|c| c.verdict == verdict);
    if any(Verdict::Breached) {
        Ending::Breached
    } else if any(Verdict::Unknown) {
        Ending::Unknown
    } else if doubt.is_any() {
        Ending::Doubt
    } else {
        Ending::Fine
    }
}
