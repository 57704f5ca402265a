//! Checking a proof: what it claims, against what it shows.
//!
//! `docs/spec/proof.md`, section 6: the steps stand there in the order in which
//! they happen here. Nothing is returned unless all of them passed.

use std::collections::BTreeMap;

use avow_event::{Event, Micros, PlaceTable};
use avow_monitor::explain::sentence;
use avow_monitor::{CommitmentReport, Language, Pledge, Report, Texts, Verdict};
use avow_tlog::{Checkpoint, SignedBy, VerifierKey};

use crate::derived::{self, Derived};
use crate::error::ProofError;
use crate::judge::judge;
use crate::leaves;
use crate::log_files;
use crate::open::{Opened, open};
use crate::part::{CHECKPOINT, GAPS, log_name};
use crate::replay::Replay;
use crate::statement::{DigestSet, GENERATOR, VersionedDigest};
use crate::summary::{Known, NotProved, Promise, Shown, Summary};
use crate::trust::{LogKey, Trust};

/// Somebody who cosigned the log's head, and when by their own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The name of their key.
    pub name: String,
    /// The time in the cosignature, unless it says none.
    pub time: Option<Micros>,
}

/// A proof that was checked. Only [`verify`] and [`verify_full`] make one.
#[derive(Debug, Clone)]
pub struct Verified {
    summary: Summary,
    keys: [LogKey; 2],
    known: Known,
    generator: String,
    signed_at: Option<Micros>,
    witnesses: Vec<Witness>,
    pledge: Pledge,
    report: Report,
    events: BTreeMap<u64, Event>,
}

impl Verified {
    /// What the proof says. Its [`Promise::shown`] tells how each verdict is
    /// shown, the whole log included if it was replayed.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The log's keys, Ed25519 first, and whether the relying party knew them.
    pub fn keys(&self) -> &[LogKey; 2] {
        &self.keys
    }

    /// The pledge.
    pub fn pledge(&self) -> &Pledge {
        &self.pledge
    }

    /// The verdict document.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The events of the leaves that the verdict document names, by leaf.
    pub fn events(&self) -> &BTreeMap<u64, Event> {
        &self.events
    }

    /// The same, once the pledge in it is the one that the relying party holds.
    ///
    /// # Errors
    /// It is another, by one byte or more.
    pub fn with_pledge(mut self, agreed: &[u8]) -> Result<Self, ProofError> {
        if self.summary.pledge != DigestSet::of(agreed) {
            return Err(ProofError::PledgeOther);
        }
        self.known.pledge = true;
        Ok(self)
    }

    /// Whether the pledge was compared with one that the relying party holds.
    pub fn has_known_pledge(&self) -> bool {
        self.known.pledge
    }

    /// Whether the place table is the one of this release.
    pub fn has_own_places(&self) -> bool {
        let own = PlaceTable::built_in().digest();
        self.summary.places.digest == DigestSet::from_bytes(own)
    }

    /// Whether the relying party knew a key of the log.
    pub fn has_known_keys(&self) -> bool {
        self.known.keys
    }

    /// Whether every leaf was replayed.
    pub fn is_replayed(&self) -> bool {
        self.known.log
    }

    /// Which release wrote `README.txt` and the queries, by its own word.
    pub fn generator(&self) -> &str {
        &self.generator
    }

    /// When the log's ML-DSA-44 key says that it signed the tree; `None` if it
    /// does not say. Nobody but the log vouches for it.
    pub fn signed_at(&self) -> Option<Micros> {
        self.signed_at
    }

    /// Who cosigned, of the quorum for which the relying party's policy asks.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether the log's clock is later than the time at which its key says
    /// that it signed: then one of the two is wrong.
    pub fn is_signed_before_its_time(&self) -> bool {
        let pair = self.summary.as_of.zip(self.signed_at);
        // A signature says seconds.
        pair.is_some_and(|(as_of, signed)| as_of >= signed.saturating_add(MICROS_PER_SECOND))
    }

    /// What was proved, in sentences.
    pub fn proved(&self, language: Language) -> Vec<String> {
        self.summary.proved(language, self.known.log)
    }

    /// What was not proved.
    pub fn not_proved(&self) -> Vec<NotProved> {
        self.summary.not_proved(self.known)
    }
}

/// Checks a proof, with the log inside if it is there.
///
/// Guarantees that every byte of the file was accounted for: signed, or derived
/// from what is signed.
///
/// # Errors
/// The first thing that does not hold; nothing is then proved.
pub fn verify(file: &[u8], trust: &Trust) -> Result<Verified, ProofError> {
    check(file, trust, None)
}

/// Checks a proof and replays the whole log, whose files `fetch` returns by
/// their paths below the log's prefix.
///
/// The files are not trusted: they have to lead to the signed root.
///
/// # Errors
/// As [`verify`]; and a file is missing or is not the signed one, or replaying
/// gives another verdict.
pub fn verify_full(
    file: &[u8],
    trust: &Trust,
    fetch: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Result<Verified, ProofError> {
    check(file, trust, Some(fetch))
}

const MICROS_PER_SECOND: i64 = 1_000_000;

type Fetch<'a> = dyn Fn(&str) -> Option<Vec<u8>> + 'a;

fn check(file: &[u8], trust: &Trust, outside: Option<&Fetch<'_>>) -> Result<Verified, ProofError> {
    let opened = open(file, trust)?;
    let head = opened.head.get();
    let events = leaves::shown(
        &opened.parts,
        &opened.pledge,
        &opened.report,
        opened.checkpoint,
        head,
    )?;
    let shown = judge(&opened.pledge, &opened.report, &events)?;

    let whole_log = opened.parts.has(&log_name(CHECKPOINT));
    let mut summary = summarise(&Said {
        pledge: &opened.pledge,
        report: &opened.report,
        head,
        keys: opened.keys.each_ref().map(|known| known.key.clone()),
        events: &events,
        shown: &shown,
        whole_log,
    });
    let mut expected = Derived::new();
    derived::readme(&summary, &mut expected);
    if whole_log {
        let mut replay = replay_inside(&opened)?;
        // With more rows than that, the part differs, whatever the rest would be.
        let gap_bytes = opened.parts.get(GAPS)?.len();
        derived::tables(&opened.pledge, &mut replay, gap_bytes, &mut expected);
    }
    let same_words = check_derived(&opened, &expected)?;
    opened.parts.finish()?;

    if let Some(fetch) = outside {
        let fresh = Replay::new(&opened.pledge, &opened.places);
        replay(&opened, fresh, fetch)?;
        for promise in &mut summary.promises {
            promise.shown = Shown::Replayed;
        }
    }
    Ok(Verified {
        summary,
        known: Known {
            log: whole_log || outside.is_some(),
            keys: opened.keys.iter().any(|key| key.trusted),
            pledge: false,
            words: same_words,
            witnesses: opened.witnesses.is_some(),
        },
        signed_at: signed_at(&opened),
        witnesses: witnesses(opened.witnesses),
        keys: opened.keys,
        generator: opened.generator,
        pledge: opened.pledge,
        report: opened.report,
        events,
    })
}

/// When the ML-DSA-44 key says that it signed.
fn signed_at(opened: &Opened<'_>) -> Option<Micros> {
    let [_, ml_dsa_44] = &opened.keys;
    let mut signers = opened.head.signers().iter();
    let signer = signers.find(|signer| {
        signer.name == ml_dsa_44.key.name()
            && signer.id == ml_dsa_44.key.id()
            && signer.algorithm == ml_dsa_44.key.algorithm()
    });
    signer.and_then(|signer| time(signer.time_s))
}

fn witnesses(signers: Option<Vec<SignedBy>>) -> Vec<Witness> {
    let signers = signers.into_iter().flatten();
    let witnesses = signers.map(|signer| Witness {
        time: time(signer.time_s),
        name: signer.name,
    });
    witnesses.collect()
}

/// The time of a signature; 0 claims nothing, and neither does a time that an
/// event cannot have.
fn time(time_s: Option<u64>) -> Option<Micros> {
    let time_s = i64::try_from(time_s.filter(|time_s| *time_s > 0)?).ok()?;
    Micros::new(time_s.checked_mul(MICROS_PER_SECOND)?)
}

/// What a summary is made from.
pub(crate) struct Said<'a> {
    pub(crate) pledge: &'a Pledge,
    pub(crate) report: &'a Report,
    pub(crate) head: &'a Checkpoint,
    pub(crate) keys: [VerifierKey; 2],
    pub(crate) events: &'a BTreeMap<u64, Event>,
    pub(crate) shown: &'a [Shown],
    pub(crate) whole_log: bool,
}

/// A file of the log among the parts. The second checkpoint in it is the first.
fn inside(opened: &Opened<'_>, path: &str) -> Option<Vec<u8>> {
    opened.parts.get(&log_name(path)).ok().map(<[u8]>::to_vec)
}

/// Replays the log that is inside the proof.
fn replay_inside(opened: &Opened<'_>) -> Result<Replay, ProofError> {
    let copy = opened.parts.get(&log_name(CHECKPOINT))?;
    if copy != opened.checkpoint {
        return Err(ProofError::LogDiffers {
            detail: "its checkpoint is another one than the proof's".to_owned(),
        });
    }
    for path in log_files::paths(opened.head.get().size()) {
        opened.parts.get(&log_name(&path))?;
    }
    let fresh = Replay::with_rows(&opened.pledge, &opened.places);
    replay(opened, fresh, &|path| inside(opened, path))
}

/// Replays every leaf, and requires the very bytes of the verdict document.
fn replay(
    opened: &Opened<'_>,
    mut replay: Replay,
    fetch: &Fetch<'_>,
) -> Result<Replay, ProofError> {
    log_files::read_all(opened.head.clone(), fetch, &mut |index, leaf| {
        replay.push(index, leaf)
    })?;
    let head = opened.head.get();
    let verdict = replay.verdict(head);
    if verdict == opened.verdict {
        return Ok(replay);
    }
    let same = verdict
        .iter()
        .zip(opened.verdict)
        .take_while(|(a, b)| a == b);
    Err(ProofError::ReplayDiffers { at: same.count() })
}

/// Every derived part is there and is what follows from the others. Whether
/// all are worded as this release words them: the words of another are signed,
/// and no more than that.
fn check_derived(opened: &Opened<'_>, expected: &Derived) -> Result<bool, ProofError> {
    let mut same_words = true;
    for (name, content) in expected {
        let bytes = opened.parts.get(name)?;
        if bytes == content {
            continue;
        }
        if opened.generator != GENERATOR && derived::is_worded(name) {
            same_words = false;
        } else {
            return Err(ProofError::DerivedDiffers {
                name: name.clone(),
                line: first_difference(bytes, content),
            });
        }
    }
    Ok(same_words)
}

/// The line, from 1, in which two texts begin to differ.
fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b);
    1 + same.filter(|(byte, _)| **byte == b'\n').count()
}

/// What the proof says, before anything is known about how it is checked.
pub(crate) fn summarise(inputs: &Said<'_>) -> Summary {
    let Said { pledge, report, .. } = inputs;
    let promises = pledge.commitments.iter().zip(&report.commitments);
    let promises = promises.zip(inputs.shown);
    let promises = promises.map(|((commitment, found), shown)| Promise {
        id: commitment.id.clone(),
        says: commitment.says.clone(),
        verdict: found.verdict,
        counts: found.counts,
        vacuous: found.vacuous,
        gap_count: gap_count(found),
        completeness_shown: found.completeness_shown,
        shown: if inputs.whole_log {
            Shown::Replayed
        } else {
            *shown
        },
    });
    Summary {
        title: pledge.title.clone(),
        by: pledge.by.clone(),
        to: pledge.to.clone(),
        pledge: DigestSet::from_bytes(report.pledge.digest),
        published: report.pledge.published,
        places: VersionedDigest {
            digest: DigestSet::from_bytes(report.places.digest),
            version: report.places.version.clone(),
        },
        origin: inputs.head.origin().to_owned(),
        tree_size: inputs.head.size(),
        root: *inputs.head.root(),
        as_of: report.as_of,
        keys: inputs.keys.clone(),
        promises: promises.collect(),
        first_breach: first_breach(inputs),
        leaves_shown: leaves::named(pledge, report).len(),
        whole_log: inputs.whole_log,
    }
}

/// How many gaps there are in all its sources. A forged document could make
/// the sum overflow.
fn gap_count(found: &CommitmentReport) -> u64 {
    let sources = found.coverage.iter();
    sources.fold(0, |sum, source| sum.saturating_add(source.gap_count))
}

/// The earliest breach that is shown, in both languages.
fn first_breach(inputs: &Said<'_>) -> Option<Texts> {
    let pairs = inputs
        .pledge
        .commitments
        .iter()
        .zip(&inputs.report.commitments);
    let instances = pairs.flat_map(|(commitment, found)| {
        let of_it = move |instance| (commitment, instance);
        found.instances.iter().map(of_it)
    });
    let (commitment, instance) = instances
        .filter(|(_, instance)| instance.verdict() == Verdict::Breached)
        .min_by_key(|(_, instance)| (instance.deadline.unwrap_or(instance.time), instance.leaf))?;
    let lookup = |leaf| inputs.events.get(&leaf).cloned();
    let say = |language| sentence(commitment, instance, &lookup, language);
    Some(Texts {
        en: say(Language::English),
        zh: say(Language::Chinese),
    })
}
