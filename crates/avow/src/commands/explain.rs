//! `avow explain`: what a pledge asks in plain words, and what a proof found.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use avow_event::Event;
use avow_monitor::{Commitment, CommitmentReport, Pledge, Silence, Texts, explain};
use avow_proof::{PROOF_BYTES_MAX, Shown, Trust};
use clap::ArgMatches;
use serde_json::{Value, json};

use crate::failure::{Ending, Failure, Result};
use crate::finding::both;
use crate::flags;
use crate::language::Text;
use crate::messages as say;
use crate::overwriting::ZIP_MAGIC;
use crate::rule_words::rule;
use crate::scenario::{pledge_of, read_pledge};
use crate::screen::Screen;
use crate::storage;
use crate::verdict_json;
use crate::verdict_page as page;
use crate::wrap::tame;

/// What is explained: a pledge, and what a proof found about it.
struct Subject {
    pledge: Pledge,
    found: Option<Vec<CommitmentReport>>,
    /// How each verdict is shown, by the name of the commitment.
    shown: BTreeMap<String, Shown>,
    events: BTreeMap<u64, Event>,
}

/// Explains a pledge or a proof.
pub(crate) fn run(matches: &ArgMatches, screen: &Screen) -> Result<Ending> {
    let subject = read(&flags::path(matches, "SUBJECT"), screen)?;
    let id = flags::text(matches, "ID");
    let chosen = choose(&subject.pledge, id.as_deref())?;
    if screen.json {
        let commitments: Vec<Value> = chosen.iter().map(|c| subject.json(c)).collect();
        screen.object(&json!({ "commitments": commitments }))?;
    } else {
        page::heading(&subject.pledge, None, screen)?;
        for commitment in chosen {
            subject.print(commitment, screen)?;
        }
    }
    Ok(Ending::Fine)
}

/// The commitment of that name, or all.
pub(crate) fn choose<'a>(pledge: &'a Pledge, id: Option<&str>) -> Result<Vec<&'a Commitment>> {
    let chosen: Vec<&Commitment> = pledge
        .commitments
        .iter()
        .filter(|commitment| id.is_none_or(|id| commitment.id == id))
        .collect();
    if chosen.is_empty() {
        let ids: Vec<&str> = pledge.commitments.iter().map(|c| c.id.as_str()).collect();
        let id = id.unwrap_or_default();
        return Err(Failure::input(say::NO_COMMITMENT.with(&[("id", &id)]))
            .hint(say::HINT_COMMITMENTS.with(&[("ids", &ids.join(", "))])));
    }
    Ok(chosen)
}

fn read(path: &Path, screen: &Screen) -> Result<Subject> {
    let is_proof = path.is_file()
        && storage::read_bounded(path, PROOF_BYTES_MAX as u64)?.starts_with(ZIP_MAGIC);
    if !is_proof {
        return Ok(Subject {
            pledge: read_pledge(&pledge_of(path), screen)?.pledge,
            found: None,
            shown: BTreeMap::new(),
            events: BTreeMap::new(),
        });
    }
    let bytes = storage::read_bounded(path, PROOF_BYTES_MAX as u64)?;
    // Nothing is explained that does not hold.
    let verified = avow_proof::verify(&bytes, &Trust::FromTheProof).map_err(|error| {
        let values: [(_, &dyn Display); 2] = [("path", &path.display()), ("error", &error)];
        Failure::input(say::NO_VALID_PROOF.with(&values)).hint(proof_hint(error.hint()))
    })?;
    Ok(Subject {
        pledge: verified.pledge().clone(),
        shown: verified
            .summary()
            .promises
            .iter()
            .map(|promise| (promise.id.clone(), promise.shown))
            .collect(),
        found: Some(verified.report().commitments.clone()),
        events: verified.events().clone(),
    })
}

/// What to do about a proof that does not hold, as the verifier says it, or in
/// other words where the verifier has new ones.
fn proof_hint(english: &str) -> Text {
    let known = say::PROOF_HINTS.iter().find(|text| text.en == english);
    known.copied().unwrap_or(say::HINT_PROOF_BAD)
}

impl Subject {
    fn found(&self, commitment: &Commitment) -> Option<&CommitmentReport> {
        self.found
            .as_ref()?
            .iter()
            .find(|found| found.id == commitment.id)
    }

    fn sentences(&self, commitment: &Commitment) -> Vec<Texts> {
        let instances = self
            .found(commitment)
            .map(|found| found.instances.as_slice());
        let lookup = |leaf: u64| self.events.get(&leaf).cloned();
        let instances = instances.unwrap_or_default().iter();
        instances
            .map(|one| both(|tongue, _| explain::sentence(commitment, one, &lookup, tongue)))
            .collect()
    }

    /// What shows each instance.
    fn bases(&self, commitment: &Commitment) -> Vec<Texts> {
        let instances = self
            .found(commitment)
            .map(|found| found.instances.as_slice());
        let lookup = |leaf: u64| self.events.get(&leaf).cloned();
        let instances = instances.unwrap_or_default().iter();
        instances
            .map(|one| both(|tongue, _| explain::basis(commitment, one, &lookup, tongue)))
            .collect()
    }

    fn print(&self, commitment: &Commitment, screen: &Screen) -> Result<()> {
        let language = screen.language;
        let says = page::of(language, &commitment.says);
        let colon = screen.text(say::COLON);
        page::item(
            "",
            &format!("{}{colon}{says}", tame(&commitment.id)),
            screen,
        )?;
        let rule = rule(&commitment.pattern, language);
        let rule = screen.fill(say::EXPLAIN_RULE, &[("rule", &tame(&rule))]);
        page::item("  ", &rule, screen)?;
        if let Some(article) = &commitment.article {
            let article = screen.fill(say::EXPLAIN_ARTICLE, &[("article", &tame(article))]);
            page::item("  ", &article, screen)?;
        }
        let sources: Vec<String> = commitment.sources.iter().map(ToString::to_string).collect();
        let sources = if sources.is_empty() {
            screen.text(say::EXPLAIN_SOURCES_ALL).to_owned()
        } else {
            screen.fill(
                say::EXPLAIN_SOURCES,
                &[("sources", &tame(&sources.join(screen.text(say::COMMA))))],
            )
        };
        page::item("  ", &sources, screen)?;
        if commitment.silence == Silence::Breach {
            page::item("  ", screen.text(say::EXPLAIN_SILENCE_BREACH), screen)?;
        }
        if let Some(found) = self.found(commitment) {
            let (symbol, word, tint) = page::mark(found.verdict);
            let verdict = format!("{symbol} {}", screen.text(word));
            let since = page::short(found.since);
            let values = [("verdict", verdict.as_str()), ("since", &since)];
            let verdict = screen.fill(say::EXPLAIN_VERDICT, &values);
            page::tinted(tint, "  ", &verdict, screen)?;
            // A clean word without its basis would be taken for proved.
            match self.shown.get(&commitment.id) {
                Some(Shown::Replayed) => {}
                Some(Shown::NamedLeaves) => {
                    page::item("  ? ", screen.text(say::EXPLAIN_NAMED), screen)?;
                }
                Some(Shown::ClaimedOnly) | None => {
                    page::item("  ? ", screen.text(say::EXPLAIN_CLAIMED), screen)?;
                }
            }
        }
        let shown = self.sentences(commitment).into_iter();
        for (sentence, basis) in shown.zip(self.bases(commitment)) {
            page::item("    - ", &page::of(language, &sentence), screen)?;
            page::item("      ", &page::of(language, &basis), screen)?;
        }
        screen.line("")
    }

    fn json(&self, commitment: &Commitment) -> Value {
        let texts = |texts: &Texts| json!({ "en": texts.en, "zh": texts.zh });
        let rule = both(|_, language| rule(&commitment.pattern, language));
        let sources: Vec<String> = commitment.sources.iter().map(ToString::to_string).collect();
        let mut object = json!({
            "id": commitment.id,
            "says": texts(&commitment.says),
            "rule": texts(&rule),
            "article": commitment.article,
            "sources": sources,
            "silence": match commitment.silence {
                Silence::Unknown => "unknown",
                Silence::Breach => "breach",
            },
        });
        if let Some(found) = self.found(commitment) {
            let instances = found.instances.iter().zip(self.sentences(commitment));
            let instances: Vec<Value> = instances
                .map(|(instance, sentence)| {
                    let lookup = |leaf: u64| self.events.get(&leaf).cloned();
                    let evidence = explain::evidence(commitment, instance, &lookup);
                    let nothing = evidence.nothing.map(|interval| {
                        json!({
                            "from": interval.from.map(|time| time.to_string()),
                            "to": interval.to.to_string(),
                        })
                    });
                    json!({
                        "leaf": instance.leaf,
                        "time": instance.time.to_string(),
                        "verdict": instance.verdict().as_str(),
                        "reason": instance.reason.as_str(),
                        "other": instance.other,
                        "each": instance.each,
                        "evidence": { "leaves": evidence.leaves, "nothing": nothing },
                        "deadline": instance.deadline.map(|time| time.to_string()),
                        "sentence": texts(&sentence),
                    })
                })
                .collect();
            verdict_json::insert(&mut object, "verdict", json!(found.verdict.as_str()));
            let shown = match self.shown.get(&commitment.id) {
                Some(Shown::Replayed) => "replayed",
                Some(Shown::NamedLeaves) => "named_leaves",
                Some(Shown::ClaimedOnly) | None => "claimed_only",
            };
            verdict_json::insert(&mut object, "shown", json!(shown));
            verdict_json::insert(&mut object, "since", json!(found.since.to_string()));
            verdict_json::insert(&mut object, "instances", json!(instances));
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_verifier_advises_is_known_in_both_languages() {
        for error in [
            avow_proof::ProofError::TooManyParts,
            avow_proof::ProofError::NoQuorum,
        ] {
            assert_eq!(proof_hint(error.hint()).en, error.hint());
        }
    }
}
