//! The slow, obvious twin of the monitor: the semantics of
//! `docs/spec/pledge.md` read aloud. For each instance it looks for the leaf
//! at which it is judged, and judges it on the leaves up to there, one by one.
//! Shares with the monitor only the values of the report and `eval_event`.
//!
//! One file for each section of the page. (A folder with `mod.rs`, so that the
//! fuzz target, which is another package, can name it by its path.)

mod at_most;
mod before;
mod calendar;
mod coverage;
mod duty;
mod every;
mod gaps;
mod instances;
mod keys;
mod lasts;
mod pair;
mod pause;
mod tree;
mod verdict;
mod within;

use avow_event::{Event, Micros};
use avow_monitor::{Commitment, CommitmentReport, Instance, Pledge};

pub(crate) use calendar::after;
pub(crate) use pair::eval_pair;
use tree::{Tree, leaves};

/// A log, or the first leaves of one.
#[derive(Clone, Copy)]
pub(crate) struct Twin<'a> {
    pub(crate) pledge: &'a Pledge,
    pub(crate) events: &'a [Event],
}

impl Twin<'_> {
    /// What a commitment has come to.
    pub(crate) fn report(self, commitment: &Commitment) -> CommitmentReport {
        let leaves = leaves(self.pledge, self.events);
        Tree {
            pledge: self.pledge,
            commitment,
            leaves: &leaves,
        }
        .report()
    }

    /// The log's clock at the last leaf.
    pub(crate) fn as_of(self) -> Option<Micros> {
        let leaves = leaves(self.pledge, self.events);
        let clock = leaves.iter().rfind(|leaf| !leaf.left_out);
        Micros::new(clock?.clock)
    }

    /// Its instances by time, leaf and `each`.
    pub(crate) fn instances(self, commitment: &Commitment) -> Vec<Instance> {
        let leaves = leaves(self.pledge, self.events);
        Tree {
            pledge: self.pledge,
            commitment,
            leaves: &leaves,
        }
        .instances()
    }
}
