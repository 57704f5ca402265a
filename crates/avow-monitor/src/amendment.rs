//! Whether a pledge amends another or rewrites the past: every difference of
//! the two that somebody to whom it was promised has to know.
//! `docs/spec/pledge.md`, "Semantics", section 7.
//!
//! Looks at the two texts and at one instant, from which on the new one is to
//! hold. When a text was published is on the log, and not its concern.

use avow_event::Micros;

use crate::coverage::concerns;
use crate::{Commitment, Pledge, SourceDeclaration};

/// What an amendment changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It does not say that it amends the other pledge.
    NotNamed,
    /// The pledge begins later than the other did, or earlier.
    Begins(Micros),
    /// Title, maker or addressee are worded anew.
    Heading,
    /// A commitment is gone.
    Dropped {
        /// Its name.
        id: String,
    },
    /// A commitment has another meaning under its old name.
    Rewritten {
        /// Its name.
        id: String,
        /// What is another.
        aspect: Aspect,
    },
    /// A commitment is worded anew, or serves another article or duty.
    Worded {
        /// Its name.
        id: String,
    },
    /// A commitment has got another end, or none.
    Ends {
        /// Its name.
        id: String,
        /// From when on it no longer applies.
        to: Option<Micros>,
        /// Whether that leaves the past as it was.
        is_ahead: bool,
    },
    /// A commitment is new.
    New {
        /// Its name.
        id: String,
        /// Since when it applies.
        from: Micros,
        /// Whether that leaves the past as it was.
        is_ahead: bool,
    },
}

/// What a commitment's verdict follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// The rule.
    Rule,
    /// The sources whose events it is about.
    Sources,
    /// What missing evidence means.
    Silence,
    /// Since when.
    From,
    /// What is declared of its sources.
    Declarations,
}

impl Difference {
    /// Whether it leaves as it was what has been promised until then.
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Heading | Self::Worded { .. } => true,
            Self::Ends { is_ahead, .. } | Self::New { is_ahead, .. } => *is_ahead,
            Self::NotNamed | Self::Begins(_) | Self::Dropped { .. } | Self::Rewritten { .. } => {
                false
            }
        }
    }
}

/// What `new` changes of `old`, in the order of the old pledge and then of the
/// new one, if it is to hold from `at` on.
pub fn differences(old: &Pledge, new: &Pledge, at: Micros) -> Vec<Difference> {
    let mut all = Vec::new();
    if new.amends != Some(old.digest) {
        all.push(Difference::NotNamed);
    }
    if new.from != old.from {
        all.push(Difference::Begins(new.from));
    }
    if (&new.title, &new.by, &new.to) != (&old.title, &old.by, &old.to) {
        all.push(Difference::Heading);
    }
    let find = |pledge: &Pledge, id: &str| pledge.commitments.iter().position(|c| c.id == id);
    for was in &old.commitments {
        match find(new, &was.id).and_then(|at| new.commitments.get(at)) {
            Some(is) => compare((old, was), (new, is), at, &mut all),
            None => all.push(Difference::Dropped { id: was.id.clone() }),
        }
    }
    for is in &new.commitments {
        if find(old, &is.id).is_none() {
            all.push(Difference::New {
                id: is.id.clone(),
                from: is.from,
                is_ahead: is.from >= at,
            });
        }
    }
    all
}

fn compare(
    (old, was): (&Pledge, &Commitment),
    (new, is): (&Pledge, &Commitment),
    at: Micros,
    all: &mut Vec<Difference>,
) {
    let id = || was.id.clone();
    let mut sources = [was.sources.clone(), is.sources.clone()];
    sources.iter_mut().for_each(|sources| sources.sort());
    let [was_about, is_about] = sources;
    for (aspect, is_same) in [
        (Aspect::Rule, was.pattern == is.pattern),
        (Aspect::Sources, was_about == is_about),
        (Aspect::Silence, was.silence == is.silence),
        (Aspect::From, was.from == is.from),
        (
            Aspect::Declarations,
            declared(old, was) == declared(new, is),
        ),
    ] {
        if !is_same {
            all.push(Difference::Rewritten { id: id(), aspect });
        }
    }
    if was.to != is.to {
        let is_later = |to: Option<Micros>| to.is_none_or(|to| to >= at);
        all.push(Difference::Ends {
            id: id(),
            to: is.to,
            is_ahead: is_later(was.to) && is_later(is.to),
        });
    }
    if (&was.says, &was.article, &was.duty) != (&is.says, &is.article, &is.duty) {
        all.push(Difference::Worded { id: id() });
    }
}

/// The declarations that a commitment is about. The first that matches a source
/// applies, so that their order counts.
fn declared<'a>(pledge: &'a Pledge, commitment: &Commitment) -> Vec<&'a SourceDeclaration> {
    let declared = pledge.sources.iter();
    declared
        .filter(|declared| concerns(&commitment.sources, declared))
        .collect()
}
