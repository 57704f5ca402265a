//! What a proof says, in one value: the source of `README.txt` and of what
//! `avow-verify` prints. How it came to be known is left to `verify`.

use avow_event::Micros;
use avow_monitor::{Counts, Published, Texts, Verdict};
use avow_tlog::{Hash, VerifierKey};

use avow_monitor::Language;

use crate::messages::{fill, of, text};
use crate::statement::{DigestSet, VersionedDigest};
use crate::wrap::printable;

/// What a proof says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The pledge's title.
    pub title: Texts,
    /// Who promised.
    pub by: String,
    /// To whom.
    pub to: String,
    /// SHA-256 of the pledge.
    pub pledge: DigestSet,
    /// Where the log publishes it, if it does.
    pub published: Option<Published>,
    /// The place table.
    pub places: VersionedDigest,
    /// The name of the log.
    pub origin: String,
    /// The number of leaves.
    pub tree_size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// When the last leaf arrived; `None` for a log without leaves.
    pub as_of: Option<Micros>,
    /// The log's keys, Ed25519 first.
    pub keys: [VerifierKey; 2],
    /// Every commitment, in the order of the pledge.
    pub promises: Vec<Promise>,
    /// The first breach, in a sentence.
    pub first_breach: Option<Texts>,
    /// How many leaves are shown one by one.
    pub leaves_shown: usize,
    /// Whether the whole log is in the proof.
    pub whole_log: bool,
}

/// What a proof says about one commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Its name.
    pub id: String,
    /// The promise in words.
    pub says: Texts,
    /// What it has come to.
    pub verdict: Verdict,
    /// How many instances have come to what.
    pub counts: Counts,
    /// There was no instance: it has never applied.
    pub vacuous: bool,
    /// How many gaps were noticed in its evidence.
    pub gap_count: u64,
    /// Whether every source in scope has a heartbeat and no gap.
    pub completeness_shown: bool,
    /// How the verdict is shown.
    pub shown: Shown,
}

/// How a verdict is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By replaying every leaf of the log: nothing rests on anybody's word.
    Replayed,
    /// By leaves that are in the proof: what happened is shown.
    NamedLeaves,
    /// By the operator's word that something is *not* in the log.
    ClaimedOnly,
}

/// A sentence about what a proof does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotProved {
    /// That nothing was copied before it was recorded.
    CopiedBefore,
    /// That a place holds the only copy.
    OnlyCopy,
    /// That parties trusted only together did not meet.
    Holders,
    /// That a source said what is recorded under its name, or told the truth.
    Source,
    /// That there were no other occasions: the log is not there.
    Counts,
    /// The log's clock, and since when a verdict holds: the log is not there.
    Times,
    /// That no evidence is missing: the log is not there.
    Coverage,
    /// Who made the proof: the keys are its own.
    Keys,
    /// That the pledge is the one that was agreed.
    Pledge,
    /// That the pledge was written before what it judges: the log does not
    /// publish it.
    Written,
    /// That `README.txt` and the queries say what the verdicts say: another
    /// release wrote them.
    Words,
    /// That there is no other log under the keys, and when this one was made:
    /// no quorum of witnesses saw it.
    History,
}

/// What a relying party has beyond the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// The whole log was replayed.
    pub log: bool,
    /// A key of the log.
    pub keys: bool,
    /// The pledge that was agreed.
    pub pledge: bool,
    /// The words of `README.txt` and the queries are those of this release.
    pub words: bool,
    /// Witnesses whose quorum cosigned.
    pub witnesses: bool,
}

impl Shown {
    /// The phrase for a table.
    pub fn text(self, language: Language) -> &'static str {
        text(
            language,
            match self {
                Self::Replayed => "shown.replayed",
                Self::NamedLeaves => "shown.leaves",
                Self::ClaimedOnly => "shown.claimed",
            },
        )
    }
}

impl NotProved {
    /// The sentence.
    pub fn text(self, language: Language) -> &'static str {
        text(
            language,
            match self {
                Self::CopiedBefore => "not_proved.before",
                Self::OnlyCopy => "not_proved.only_copy",
                Self::Holders => "not_proved.holders",
                Self::Source => "not_proved.source",
                Self::Counts => "not_proved.counts",
                Self::Times => "not_proved.times",
                Self::Coverage => "not_proved.coverage",
                Self::Keys => "not_proved.keys",
                Self::Pledge => "not_proved.pledge",
                Self::Written => "not_proved.written",
                Self::Words => "not_proved.words",
                Self::History => "not_proved.history",
            },
        )
    }

    /// A short name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::CopiedBefore => "copied_before",
            Self::OnlyCopy => "only_copy",
            Self::Holders => "holders",
            Self::Source => "source",
            Self::Counts => "counts",
            Self::Times => "times",
            Self::Coverage => "coverage",
            Self::Keys => "keys",
            Self::Pledge => "pledge",
            Self::Written => "written",
            Self::Words => "words",
            Self::History => "history",
        }
    }
}

impl Summary {
    /// What this proof does not show to somebody who knows that much, and what
    /// no proof shows.
    pub fn not_proved(&self, known: Known) -> Vec<NotProved> {
        let mut list = Vec::new();
        if !known.keys {
            list.push(NotProved::Keys);
        }
        if !known.pledge {
            list.push(NotProved::Pledge);
        }
        if self.published.is_none() {
            list.push(NotProved::Written);
        }
        if !known.witnesses {
            list.push(NotProved::History);
        }
        if !known.log {
            list.extend([NotProved::Counts, NotProved::Times, NotProved::Coverage]);
        }
        if !known.words {
            list.push(NotProved::Words);
        }
        list.extend([
            NotProved::Source,
            NotProved::CopiedBefore,
            NotProved::OnlyCopy,
            NotProved::Holders,
        ]);
        list
    }

    /// What is proved, in sentences.
    pub fn proved(&self, language: Language, replayed: bool) -> Vec<String> {
        let size = self.tree_size.to_string();
        let leaves = self.leaves_shown.to_string();
        let mut list = vec![text(language, "proved.signed").to_owned()];
        if self.leaves_shown > 0 {
            list.push(fill(language, "proved.inclusion", &[("leaves", &leaves)]));
        }
        if let Some(published) = self.published {
            let (leaf, time) = (published.leaf.to_string(), published.time.to_string());
            let values = [("leaf", leaf.as_str()), ("time", &time)];
            list.push(fill(language, "proved.published", &values));
        }
        if replayed {
            list.push(fill(language, "proved.replayed", &[("size", &size)]));
        } else {
            list.push(text(language, "proved.shown").to_owned());
        }
        list
    }
}

impl Summary {
    /// The first breach in a sentence, if there is one.
    pub fn breach(&self, language: Language, replayed: bool) -> Option<String> {
        let breach = printable(of(language, self.first_breach.as_ref()?));
        let key = if replayed {
            "first_breach"
        } else {
            "first_breach.shown"
        };
        Some(fill(language, key, &[("breach", &breach)]))
    }
}

impl Promise {
    /// Its name, its verdict and how that is shown, in a line.
    pub fn line(&self, language: Language) -> String {
        let values = [
            ("id", self.id.as_str()),
            ("verdict", self.verdict_in(language)),
            ("shown", self.shown.text(language)),
        ];
        fill(language, "promise", &values)
    }

    /// How often it applied and with what result, and what evidence there is.
    pub fn record(&self, language: Language) -> String {
        let gaps = self.gap_count.to_string();
        let evidence = if self.gap_count > 0 {
            fill(language, "evidence.gaps", &[("gaps", &gaps)])
        } else if self.completeness_shown {
            text(language, "evidence.no_gap").to_owned()
        } else {
            text(language, "evidence.not_shown").to_owned()
        };
        if self.vacuous {
            return fill(language, "record.never", &[("evidence", &evidence)]);
        }
        let counts = Verdict::ALL.into_iter().filter_map(|verdict| {
            let count = self.counts.of(verdict);
            let values = [
                ("count", &*count.to_string()),
                ("verdict", verdict_in(verdict, language)),
            ];
            (count > 0).then(|| fill(language, "record.count", &values))
        });
        let counts: Vec<String> = counts.collect();
        let comma = match language {
            Language::English => ", ",
            Language::Chinese => "，",
        };
        let counts = counts.join(comma);
        let values = [("counts", counts.as_str()), ("evidence", &evidence)];
        fill(language, "record", &values)
    }

    /// The verdict in words.
    pub fn verdict_in(&self, language: Language) -> &'static str {
        verdict_in(self.verdict, language)
    }
}

fn verdict_in(verdict: Verdict, language: Language) -> &'static str {
    text(
        language,
        match verdict {
            Verdict::Kept => "verdict.kept",
            Verdict::Breached => "verdict.breached",
            Verdict::Pending => "verdict.pending",
            Verdict::Unknown => "verdict.unknown",
        },
    )
}
