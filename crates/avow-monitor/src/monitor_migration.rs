//! From the state under one pledge to the monitor of the pledge that amends it.
//! `docs/spec/state.md`, "Amendments".
//!
//! A commitment whose meaning has not changed carries its state over, open
//! duties included. The others are replayed from the first leaf, under a pledge
//! that has only them. What comes out is what a replay of everything under the
//! new pledge gives.

use std::collections::BTreeMap;

use avow_event::{Event, PlaceTable};

use crate::clock::NEVER;
use crate::coverage_state::latest_ahead;
use crate::monitor_state::{Content, Meaning, meaning_of_declarations, write};
use crate::report::TreeName;
use crate::state_bytes::Reader;
use crate::{Monitor, Pattern, Pledge, SavedState, StateError};

/// A monitor on its way from one pledge to another.
#[derive(Debug, Clone)]
pub struct Migration {
    pledge: Pledge,
    places: PlaceTable,
    tree: TreeName,
    /// The sections of the commitments that are carried over, by name.
    carried: BTreeMap<String, Vec<u8>>,
    /// What follows the rest; `None` if nothing has to be looked at again.
    replay: Option<Monitor>,
    /// The old state.
    old: Vec<u8>,
}

impl Migration {
    /// Begins to go over to `pledge` from a state under another one. Nothing is
    /// asked about the two: what has another meaning is replayed.
    ///
    /// # Errors
    /// Those of [`SavedState::read`]; [`StateError::OtherPlaces`] where groups
    /// may have had other members.
    pub fn begin(old: &[u8], pledge: &Pledge, places: &PlaceTable) -> Result<Self, StateError> {
        let state = SavedState::read(old)?;
        if state.places != places.digest() {
            let found = state.places;
            return Err(StateError::OtherPlaces { found });
        }
        let content = Content::read(&state)?;
        let latest = latest(&content, state.tree.size)?;
        let known = content.commitments.iter();
        let known: BTreeMap<&str, _> = known.map(|one| (one.0.id.as_str(), one)).collect();
        let mut carried = BTreeMap::new();
        let mut again = Vec::new();
        for commitment in &pledge.commitments {
            let new = Meaning::of(commitment, pledge);
            match known.get(commitment.id.as_str()) {
                Some((old, section)) if carries(old, &new, latest, &commitment.pattern) => {
                    carried.insert(new.id, section.to_vec());
                }
                _ => again.push(commitment.clone()),
            }
        }
        let is_covered = content.declarations == meaning_of_declarations(pledge);
        let replay = (!again.is_empty() || !is_covered).then(|| {
            let part = Pledge {
                commitments: again,
                ..pledge.clone()
            };
            Monitor::new(&part, places)
        });
        Ok(Self {
            pledge: pledge.clone(),
            places: places.clone(),
            tree: state.tree,
            carried,
            replay,
            old: old.to_vec(),
        })
    }

    /// The names of the commitments that carry their state over.
    pub fn carried(&self) -> impl Iterator<Item = &str> {
        self.carried.keys().map(String::as_str)
    }

    /// How many leaves it has to be given, from the first on, before it can end:
    /// all that the old monitor saw, or none.
    pub fn leaves(&self) -> u64 {
        self.replay.as_ref().map_or(0, |_| self.tree.size)
    }

    /// Takes the event of the next leaf.
    ///
    /// # Panics
    /// The leaf is not the next one, or one that nobody needs.
    pub fn push(&mut self, leaf_index: u64, event: &Event) {
        assert!(leaf_index < self.leaves(), "no leaf is needed any more");
        if let Some(replay) = &mut self.replay {
            replay.push(leaf_index, event);
        }
    }

    /// The monitor under the new pledge, after the leaves that the old one saw.
    ///
    /// # Errors
    /// [`StateError::Unreadable`]: somebody has made up the old state.
    ///
    /// # Panics
    /// Leaves are missing.
    pub fn end(mut self) -> Result<Monitor, StateError> {
        let tree = self.tree;
        let anew = self.replay.as_mut().map(|m| m.save(tree.size, tree.root));
        let (old, anew) = (
            SavedState::read(&self.old)?,
            anew.as_deref().map(SavedState::read).transpose()?,
        );
        let old = Content::read(&old)?;
        let anew = anew.as_ref().map(Content::read).transpose()?;
        let replayed = anew.iter().flat_map(|content| &content.commitments);
        let replayed: BTreeMap<&str, &[u8]> = replayed
            .map(|(meaning, section)| (meaning.id.as_str(), *section))
            .collect();
        let commitments = self.pledge.commitments.iter().filter_map(|commitment| {
            let id = commitment.id.as_str();
            let carried = self.carried.get(id).map(Vec::as_slice);
            let section = carried.or_else(|| replayed.get(id).copied())?;
            Some((Meaning::of(commitment, &self.pledge), section))
        });
        let source = anew.as_ref().unwrap_or(&old);
        let content = Content {
            commitments: commitments.collect(),
            ..source.clone()
        };
        let bytes = write(self.pledge.digest, self.places.digest(), tree, &content);
        Monitor::restore(&self.pledge, &self.places, &bytes)
    }
}

/// Whether the state under the old meaning is that under the new one, if no
/// leaf so far tells of a time after `latest`.
fn carries(old: &Meaning, new: &Meaning, latest: i64, pattern: &Pattern) -> bool {
    let ends_later = |to: Option<i64>| to.is_none_or(|to| to > latest);
    // Of a duty that comes again, the end decides before it is there.
    let is_ahead_of_end = !matches!(pattern, Pattern::Every { .. });
    old.rule == new.rule
        && (old.to == new.to || is_ahead_of_end && ends_later(old.to) && ends_later(new.to))
}

/// The latest time of which a leaf of the state tells: the clock, or that of an
/// event dated ahead of it.
fn latest(content: &Content<'_>, leaves: u64) -> Result<i64, StateError> {
    let mut from = Reader::new(content.ahead, leaves);
    let ahead = latest_ahead(&mut from)?;
    from.end()?;
    Ok(ahead.max(content.now).unwrap_or(NEVER))
}
