//! `avow check`: evidence onto a log, a pledge over the log, a table of
//! verdicts and a proof of them.

use std::path::PathBuf;

use avow_event::PlaceTable;
use avow_monitor::Report;
use avow_tlog::Algorithm;
use clap::ArgMatches;
use serde_json::{Value, json};

use crate::check_line::check_line;
use crate::doubt::Doubt;
use crate::failure::{Ending, Failure, Result};
use crate::finding::{self, Finding};
use crate::flags;
use crate::gathering::{self, Gathered};
use crate::judging::{self, Stay};
use crate::language::Text;
use crate::messages as say;
use crate::overwriting;
use crate::pseudonyms;
use crate::recording::{Added, Recording};
use crate::scenario::{self, Scenario};
use crate::screen::{Screen, Tint};
use crate::storage;
use crate::unplaced::Unplaced;
use crate::verdict_json;
use crate::verdict_page as page;

/// Everything a check found.
struct Found {
    scenario: Scenario,
    recording: Recording,
    report: Report,
    findings: Vec<Finding>,
    added: Added,
    evidence: Evidence,
    proof: PathBuf,
    proof_bytes: usize,
    log_folder: Option<PathBuf>,
    continued: bool,
}

/// What was read, in numbers.
struct Evidence {
    stats: Value,
    files: u64,
    records: u64,
    events: u64,
    duplicates: u64,
    malformed: u64,
    skipped: u64,
    files_skipped: u64,
    doubt: Doubt,
    unplaced: Unplaced,
}

/// Checks a pledge against evidence.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let found = check(matches, screen)?;
    let ending = judging::ending(&found.report, found.evidence.doubt);
    if screen.json {
        screen.object(&found.json(ending))?;
    } else {
        found.print(ending, screen)?;
    }
    Ok(ending)
}

fn check(matches: &ArgMatches, screen: &Screen) -> Result<Found> {
    let target = flags::path(matches, "TARGET");
    let scenario = Scenario::open(&target, flags::evidence(matches), screen)?;
    let proof = flags::optional_path(matches, "out")
        .unwrap_or_else(|| PathBuf::from(format!("{}.avow", scenario.name)));
    let log_folder = flags::optional_path(matches, "log");
    let named_key = flags::optional_path(matches, "key");
    let mut inputs = scenario.evidence.clone();
    inputs.push(scenario::pledge_of(&target));
    inputs.extend(named_key.clone().into_iter().chain(log_folder.clone()));
    overwriting::check(&proof, &inputs)?;
    // A folder that cannot be written to is noticed before the work.
    storage::check_writable(&proof)?;
    let continued = log_folder.as_deref().filter(|f| f.join("log").exists());
    let continued = continued.map(Recording::open).transpose()?;
    let key = match (&continued, &named_key) {
        (Some(log), named) => pseudonyms::of_log(log, named.as_deref(), screen)?,
        (None, Some(path)) => pseudonyms::load_or_make(path, screen)?,
        (None, None) => pseudonyms::Key::random()?,
    };
    let gathered = gathering::gather(&scenario.evidence, key.get(), screen)?;
    gathered.remark_losses(screen);
    if gathered.len() == 0 && continued.is_none() {
        return Err(Failure::input(say::NO_EVENTS).hint(say::HINT_NO_EVENTS));
    }
    let evidence = Evidence::of(&gathered);
    let origin = scenario::origin(&scenario.name);
    let is_continued = continued.is_some();
    let mut recording = match (continued, &log_folder) {
        (Some(recording), _) => recording,
        (None, None) => Recording::temporary(&origin)?,
        (None, Some(folder)) => {
            let recording = Recording::create(folder.clone(), &origin)?;
            key.keep_in_log(folder)?;
            recording
        }
    };
    // A log of this run only would say when it was made, and nothing of when
    // the pledge was.
    let publish = log_folder
        .is_some()
        .then_some(&scenario.document.pledge.digest);
    let added = recording.add(gathered, publish, screen)?;
    let stay = match log_folder {
        Some(_) => Stay::Kept,
        None => Stay::Temporary,
    };
    let report = judging::monitor(&recording.log, stay, &scenario.document, screen)?;
    let findings = finding::of_log(&recording.log, &scenario.document.pledge, &report)?;
    let bytes = judging::prove(&recording, &scenario.document, &report, screen)?;
    storage::write_whole(&proof, &bytes)?;
    if log_folder.is_some() {
        recording.keep();
    }
    Ok(Found {
        scenario,
        recording,
        report,
        findings,
        added,
        evidence,
        proof,
        proof_bytes: bytes.len(),
        log_folder,
        continued: is_continued,
    })
}

impl Evidence {
    fn of(gathered: &Gathered) -> Self {
        Self {
            stats: gathered.stats_json(),
            files: gathered.figure(|s| s.files),
            records: gathered.figure(|s| s.records),
            events: gathered.len(),
            duplicates: gathered.figure(|s| s.duplicates),
            malformed: gathered.figure(|s| s.malformed),
            skipped: gathered.figure(|s| s.skipped),
            files_skipped: gathered.figure(|s| s.files_skipped),
            doubt: gathered.doubt(),
            unplaced: gathered.unplaced(),
        }
    }
}

impl Found {
    fn json(&self, ending: Ending) -> Value {
        let log = &self.recording.log;
        let places = PlaceTable::built_in();
        let keys: Vec<String> = log
            .verifier_keys()
            .iter()
            .map(ToString::to_string)
            .collect();
        let pledge = &self.scenario.document.pledge;
        let mut object = verdict_json::report(pledge, &self.report, &self.findings);
        let log = json!({
            "folder": self.log_folder.as_ref().map(|f| f.display().to_string()),
            "origin": log.origin(),
            "size": log.size(),
            "root": log.root().to_string(),
            "keys": keys,
            "added": self.added.added,
            "repeated": self.added.repeated,
        });
        let proof = verdict_json::proof(&self.proof, self.proof_bytes, &check_line(&self.proof));
        for (name, value) in [
            ("exit", json!(ending.status())),
            ("evidence", self.evidence.stats.clone()),
            ("log", log),
            ("places", json!({ "version": places.version() })),
            ("proof", proof),
            ("not_shown", verdict_json::limits(&self.limits())),
        ] {
            verdict_json::insert(&mut object, name, value);
        }
        object
    }

    fn print(&self, ending: Ending, screen: &Screen) -> Result<()> {
        let pledge = &self.scenario.document.pledge;
        page::heading(pledge, self.report.pledge.published, screen)?;
        page::table(pledge, &self.report, screen)?;
        page::findings(&self.findings, screen)?;
        self.print_evidence(screen)?;
        self.print_log(screen)?;
        page::limits(&self.limits(), screen)?;
        page::proof(&self.proof, self.proof_bytes, screen)?;
        page::exit(ending, screen)
    }

    fn print_evidence(&self, screen: &Screen) -> Result<()> {
        let evidence = &self.evidence;
        page::section(say::HEAD_EVIDENCE, screen)?;
        let figures = [
            ("files", evidence.files),
            ("records", evidence.records),
            ("events", evidence.events),
            ("duplicates", evidence.duplicates),
            ("malformed", evidence.malformed),
            ("skipped", evidence.skipped),
            ("files_skipped", evidence.files_skipped),
        ]
        .map(|(name, figure)| (name, figure.to_string()));
        let figures = figures
            .each_ref()
            .map(|(name, figure)| (*name, figure.as_str()));
        page::item("  ", &screen.fill(say::EVIDENCE_READ, &figures), screen)?;
        for sentence in evidence.doubt.sentences(screen) {
            page::tinted(Tint::Yellow, "  ? ", &sentence, screen)?;
        }
        if evidence.files_skipped > 0 {
            let text = screen.fill(say::EVIDENCE_FILES_SKIPPED, &figures);
            page::item("  ", &text, screen)?;
        }
        if let Some(sentence) = evidence.unplaced.sentence(screen) {
            page::tinted(Tint::Yellow, "  ? ", &sentence, screen)?;
        }
        if self.added.repeated > 0 {
            let repeated = self.added.repeated.to_string();
            let text = screen.fill(say::EVIDENCE_REPEATED, &[("repeated", &repeated)]);
            page::item("  ", &text, screen)?;
        }
        screen.line("")
    }

    fn print_log(&self, screen: &Screen) -> Result<()> {
        let log = &self.recording.log;
        page::section(say::HEAD_LOG, screen)?;
        let (size, root) = (log.size().to_string(), log.root().to_string());
        let values = [("size", size.as_str()), ("origin", log.origin())];
        page::item("  ", &screen.fill(say::LOG_STATE, &values), screen)?;
        page::item(
            "  ",
            &screen.fill(say::LOG_ROOT, &[("root", &root)]),
            screen,
        )?;
        let keys = log.verifier_keys();
        // The ML-DSA-44 key has 1,312 bytes: it is in the proof and in `--json`.
        if let Some(key) = keys.iter().find(|k| k.algorithm() == Algorithm::Ed25519) {
            let key = key.to_string();
            let key = screen.fill(say::LOG_KEY, &[("key", &key)]);
            screen.line(&format!("  {key}"))?;
        }
        let kept = match &self.log_folder {
            None => screen.text(say::LOG_TEMPORARY).to_owned(),
            Some(folder) => {
                let shown = folder.display().to_string();
                screen.fill(say::LOG_KEPT, &[("dir", &shown)])
            }
        };
        page::item("  ", &kept, screen)?;
        let places = PlaceTable::built_in();
        let version = [("version", places.version())];
        page::item("  ", &screen.fill(say::PLACES_USED, &version), screen)?;
        screen.line("")
    }

    fn limits(&self) -> Vec<Text> {
        let mut limits = say::LIMITS.to_vec();
        limits.push(if self.continued {
            say::LIMIT_WITNESS
        } else {
            say::LIMIT_RUN
        });
        limits.extend(page::limit_of_publication(&self.report));
        limits
    }
}
