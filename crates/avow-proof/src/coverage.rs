//! What a verdict document says about its sources, held against the pledge and
//! against itself.
//!
//! That a source is there, or was silent, only the log can show. Here stands
//! what follows from the pledge alone: which sources there have to be, under
//! which declaration, and what their numbers come to. `docs/spec/proof.md`,
//! section 6, step 7.

use avow_event::Micros;
use avow_monitor::{
    Commitment, CommitmentReport, GAPS_SHOWN_MAX, GapKind, Pledge, SourceCoverage,
    SourceDeclaration, SourcePattern,
};

/// Checks the sources of one commitment.
pub(crate) fn check_coverage(
    pledge: &Pledge,
    as_of: Micros,
    commitment: &Commitment,
    found: &CommitmentReport,
) -> Result<(), &'static str> {
    let coverage = &found.coverage;
    if !coverage.is_sorted_by(|a, b| a.source <= b.source) {
        return Err("its sources are not in order");
    }
    for source in coverage {
        if source.events > 0 {
            check_heard(pledge, as_of, commitment, source)?;
        } else {
            check_unheard(pledge, as_of, commitment, source)?;
        }
        check_gaps(commitment, as_of, source)?;
    }
    let in_scope = pledge
        .sources
        .iter()
        .filter(|declaration| is_expected(commitment, declaration));
    for declaration in in_scope {
        let name = declaration.name.to_string();
        let mut heard = coverage.iter().filter(|source| source.events > 0);
        let is_heard = heard.any(|source| declaration.name.matches(&source.source));
        let mut unheard = coverage.iter().filter(|source| source.events == 0);
        let is_unheard = unheard.any(|source| source.source == name);
        if is_heard == is_unheard {
            return Err("a declared source is not there, or is there twice");
        }
    }
    Ok(())
}

/// A source that has said something.
fn check_heard(
    pledge: &Pledge,
    as_of: Micros,
    commitment: &Commitment,
    source: &SourceCoverage,
) -> Result<(), &'static str> {
    if !is_in_scope(&commitment.sources, &source.source) {
        return Err("it names a source that it is not about");
    }
    let declaration = declaration(pledge, &source.source);
    check_declared(declaration, source)?;
    let (Some(first), Some(last)) = (source.first, source.last) else {
        return Err("a source that has spoken has no time");
    };
    if first > last || last > as_of || source.late > source.events {
        return Err("the times or numbers of a source are not possible");
    }
    let has_heartbeat = declaration.is_some_and(|declared| declared.heartbeat.is_some());
    if source.complete != (has_heartbeat && source.gap_count == 0) {
        return Err("a source is not as complete as it says");
    }
    Ok(())
}

/// A declaration of which nothing was heard, or a source that has only spoken
/// ahead of the clock.
fn check_unheard(
    pledge: &Pledge,
    as_of: Micros,
    commitment: &Commitment,
    source: &SourceCoverage,
) -> Result<(), &'static str> {
    let mut expected = pledge
        .sources
        .iter()
        .filter(|declaration| is_expected(commitment, declaration));
    let is_expected = expected.any(|declaration| declaration.name.to_string() == source.source);
    let is_ahead = source.gaps.iter().any(|gap| gap.kind == GapKind::Ahead);
    if is_ahead && is_in_scope(&commitment.sources, &source.source) {
        check_declared(declaration(pledge, &source.source), source)?;
    } else if !is_expected {
        return Err("it names a source that it is not about");
    } else if source.declared.as_ref() != Some(&source.source) {
        return Err("a source is under another declaration than it says");
    }
    let says_nothing = source.first.is_none() && source.last.is_none() && source.late == 0;
    let is_missing = source.gap_count > 0 || as_of < commitment.from;
    if source.complete || !says_nothing || !is_missing {
        return Err("a source that has not spoken is not shown as missing");
    }
    Ok(())
}

/// The gaps shown are as many as are shown of that many, in order, and lie
/// between the promise and the tree.
fn check_gaps(
    commitment: &Commitment,
    as_of: Micros,
    source: &SourceCoverage,
) -> Result<(), &'static str> {
    let count = usize::try_from(source.gap_count).unwrap_or(usize::MAX);
    if source.gaps.len() != count.min(GAPS_SHOWN_MAX) {
        return Err("it does not show as many gaps as it should");
    }
    let lies_within = source.gaps.iter().all(|gap| {
        let begins_in_force =
            commitment.from <= gap.from && commitment.to.is_none_or(|to| gap.from < to);
        begins_in_force && gap.from <= gap.to && gap.to <= as_of
    });
    if !lies_within || !source.gaps.is_sorted_by(|a, b| a.from <= b.from) {
        return Err("the gaps of a source are not possible");
    }
    Ok(())
}

fn check_declared(
    declaration: Option<&SourceDeclaration>,
    source: &SourceCoverage,
) -> Result<(), &'static str> {
    if source.declared == declaration.map(|declared| declared.name.to_string()) {
        return Ok(());
    }
    Err("a source is under another declaration than it says")
}

/// The declaration that applies to a source: the first that matches.
fn declaration<'a>(pledge: &'a Pledge, source: &str) -> Option<&'a SourceDeclaration> {
    pledge.sources.iter().find(|d| d.name.matches(source))
}

/// Whether a commitment is about the declared sources, or some of them.
fn is_expected(commitment: &Commitment, declaration: &SourceDeclaration) -> bool {
    let mut patterns = commitment.sources.iter();
    commitment.sources.is_empty() || patterns.any(|p| p.overlaps(&declaration.name))
}

fn is_in_scope(patterns: &[SourcePattern], source: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(source))
}
