//! The page that `avow check` prints: the table of promises, what went wrong in
//! plain sentences, the evidence, and what all of that does not show.

use std::path::Path;

use avow_event::Micros;
use avow_monitor::{Commitment, CommitmentReport, Pledge, Published, Report, Texts, Verdict};

use crate::check_line::check_line;
use crate::duties::{self, Group};
use crate::failure::{Ending, Result};
use crate::finding::Finding;
use crate::grid::{self, Cell};
use crate::language::{Language, Text};
use crate::messages as say;
use crate::screen::{Screen, Tint};
use crate::wrap::{tame, wrap};

/// The columns of the table.
const COLUMNS: usize = 6;

/// The column of the table that holds the promise itself.
const PROMISE_COLUMN: usize = 1;

/// The text of a pledge in a language.
pub(crate) fn of(language: Language, texts: &Texts) -> String {
    tame(match language {
        Language::English => &texts.en,
        Language::Chinese => &texts.zh,
    })
}

/// How a verdict is shown: a symbol, a word and a colour, so that two of them
/// may be missing.
pub(crate) fn mark(verdict: Verdict) -> (&'static str, Text, Tint) {
    match verdict {
        Verdict::Kept => ("✔", say::KEPT, Tint::Green),
        Verdict::Breached => ("✘", say::BREACHED, Tint::Red),
        Verdict::Pending => ("…", say::PENDING, Tint::Blue),
        Verdict::Unknown => ("?", say::UNKNOWN, Tint::Yellow),
    }
}

/// An instant, as short as it can be said: the day alone at midnight.
pub(crate) fn short(time: Micros) -> String {
    let text = time.to_string();
    let (day, clock) = text.split_once('T').unwrap_or((&text, ""));
    match clock.trim_end_matches('Z').trim_end_matches(".000000") {
        "00:00:00" => day.to_owned(),
        clock => format!("{day} {clock}"),
    }
}

/// What nobody can say where the log does not publish the pledge.
pub(crate) fn limit_of_publication(report: &Report) -> Option<Text> {
    let is_published = report.pledge.published.is_some();
    (!is_published).then_some(say::LIMIT_WRITTEN)
}

/// The title, who promises what to whom, and when that was made public.
pub(crate) fn heading(
    pledge: &Pledge,
    published: Option<Published>,
    screen: &Screen,
) -> Result<()> {
    for line in wrap(&of(screen.language, &pledge.title), screen.columns()) {
        screen.line(&screen.tint(Tint::Bold, &line))?;
    }
    let (by, to) = (tame(&pledge.by), tame(&pledge.to));
    let from = short(pledge.from);
    let values = [("by", by.as_str()), ("to", &to), ("from", &from)];
    item("", &screen.fill(say::MADE_BY, &values), screen)?;
    if let Some(published) = published {
        let (leaf, time) = (published.leaf.to_string(), short(published.time));
        let values = [("leaf", leaf.as_str()), ("time", &time)];
        item("", &screen.fill(say::PUBLISHED_AT, &values), screen)?;
    }
    screen.line("")
}

/// The table of promises.
pub(crate) fn table(pledge: &Pledge, report: &Report, screen: &Screen) -> Result<()> {
    let head: [Cell; COLUMNS] = [
        Cell::new(""),
        Cell::new(screen.text(say::COLUMN_PROMISE)),
        Cell::new(screen.text(say::COLUMN_VERDICT)),
        Cell::new(screen.text(say::COLUMN_SINCE)),
        Cell::new(screen.text(say::COLUMN_INSTANCES)).right(),
        Cell::new(screen.text(say::COLUMN_COVERAGE)),
    ];
    let head = head.map(|cell| cell.tint(Tint::Dim));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for group in duties::groups(pledge, report) {
        let together = group.duty.filter(|_| group.commitments.len() > 1);
        rows.extend(together.map(|duty| duty_row(duty, &group, screen)));
        let lead = if together.is_some() { "· " } else { "" };
        let members = group.commitments.iter();
        rows.extend(members.map(|(commitment, found)| row(lead, commitment, found, screen)));
    }
    for line in grid::lines(&head, &rows, PROMISE_COLUMN, screen) {
        screen.line(&line)?;
    }
    let as_of = report.as_of.map_or_else(|| "–".to_owned(), short);
    let foot = screen.fill(say::FOOT_TABLE, &[("as_of", &as_of)]);
    for line in wrap(&foot, screen.columns()) {
        screen.line(&screen.tint(Tint::Dim, &line))?;
    }
    screen.line("")
}

/// A duty of several commitments: what it comes to.
fn duty_row(duty: &str, group: &Group<'_>, screen: &Screen) -> Vec<Cell> {
    let count = group.commitments.len().to_string();
    let says = screen.fill(say::DUTY_OF, &[("count", &count)]);
    let mut row = vec![
        Cell::new(tame(duty)),
        Cell::new(says).tint(Tint::Dim),
        verdict_cell(group.verdict(), screen),
    ];
    row.resize(COLUMNS, Cell::new(""));
    row
}

fn row(
    lead: &str,
    commitment: &Commitment,
    found: &CommitmentReport,
    screen: &Screen,
) -> Vec<Cell> {
    let since = found.since.to_string();
    vec![
        Cell::new(format!("{lead}{}", tame(&commitment.id))),
        Cell::new(of(screen.language, &commitment.says)),
        verdict_cell(found.verdict, screen),
        Cell::new(since.split('T').next().unwrap_or_default()),
        Cell::new(instances(found)).right(),
        Cell::new(coverage(found, screen)),
    ]
}

fn verdict_cell(verdict: Verdict, screen: &Screen) -> Cell {
    let (symbol, word, tint) = mark(verdict);
    Cell::new(format!("{symbol} {}", screen.text(word))).tint(tint)
}

/// How many instances came to what, those that came to nothing left out.
fn instances(found: &CommitmentReport) -> String {
    let counts = Verdict::ALL.iter().filter_map(|verdict| {
        let count = found.counts.of(*verdict);
        let (symbol, _, _) = mark(*verdict);
        (count > 0).then(|| format!("{count} {symbol}"))
    });
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() {
        "0".to_owned()
    } else {
        counts.join(" ")
    }
}

fn coverage(found: &CommitmentReport, screen: &Screen) -> String {
    let gaps: u64 = found.coverage.iter().map(|source| source.gap_count).sum();
    let events: u64 = found.coverage.iter().map(|source| source.events).sum();
    if events == 0 {
        screen.text(say::COVERAGE_NONE).to_owned()
    } else if gaps == 1 {
        screen.text(say::COVERAGE_GAP).to_owned()
    } else if gaps > 0 {
        screen.fill(say::COVERAGE_GAPS, &[("gaps", &gaps.to_string())])
    } else if found.completeness_shown {
        screen.text(say::COVERAGE_NO_GAP).to_owned()
    } else {
        screen.text(say::COVERAGE_NOT_SHOWN).to_owned()
    }
}

/// For every promise that is breached or unknown, the first reason.
pub(crate) fn findings(findings: &[Finding], screen: &Screen) -> Result<()> {
    if findings.is_empty() {
        section(say::NO_FINDINGS, screen)?;
        return screen.line("");
    }
    section(say::HEAD_FINDINGS, screen)?;
    for finding in findings {
        let (symbol, word, tint) = mark(finding.verdict);
        let (id, word) = (tame(&finding.id), screen.text(word));
        let values = [("symbol", symbol), ("id", &id), ("verdict", word)];
        let label = screen.fill(say::FINDING, &values);
        screen.line(&format!("  {}", screen.tint(tint, &label)))?;
        item("    ", &of(screen.language, &finding.sentence), screen)?;
    }
    screen.line("")
}

/// A heading.
pub(crate) fn section(title: Text, screen: &Screen) -> Result<()> {
    screen.line(&screen.tint(Tint::Bold, screen.text(title)))
}

/// A paragraph beneath a heading, its first line led by `lead` and the others
/// by as much space.
pub(crate) fn item(lead: &str, text: &str, screen: &Screen) -> Result<()> {
    paragraph(lead, text, screen).try_for_each(|line| screen.line(&line))
}

/// The same, in a colour.
pub(crate) fn tinted(tint: Tint, lead: &str, text: &str, screen: &Screen) -> Result<()> {
    paragraph(lead, text, screen).try_for_each(|line| screen.line(&screen.tint(tint, &line)))
}

fn paragraph(lead: &str, text: &str, screen: &Screen) -> impl Iterator<Item = String> {
    let space = " ".repeat(lead.chars().count());
    let columns = screen.columns().saturating_sub(space.len());
    let lead = lead.to_owned();
    let lines = wrap(text, columns).into_iter().enumerate();
    lines.map(move |(index, line)| {
        let before = if index == 0 { &lead } else { &space };
        format!("{before}{line}")
    })
}

/// What no result of this kind shows.
pub(crate) fn limits(limits: &[Text], screen: &Screen) -> Result<()> {
    section(say::HEAD_LIMITS, screen)?;
    for limit in limits {
        item("  - ", screen.text(*limit), screen)?;
    }
    screen.line("")
}

/// Where the proof is and how it is checked.
pub(crate) fn proof(path: &Path, bytes: usize, screen: &Screen) -> Result<()> {
    section(say::HEAD_PROOF, screen)?;
    let (shown, bytes) = (path.display().to_string(), bytes.to_string());
    let values = [("path", shown.as_str()), ("bytes", &bytes)];
    screen.line(&format!("  {}", screen.fill(say::PROOF_WRITTEN, &values)))?;
    item("  ", screen.text(say::PROOF_CHECK), screen)?;
    screen.line(&format!("    {}", tame(&check_line(path))))?;
    screen.line("")
}

/// What the exit status means: where a program is run by another, such as
/// cargo, a status other than 0 looks like a failure of the program.
pub(crate) fn exit(ending: Ending, screen: &Screen) -> Result<()> {
    let text = screen.text(match ending {
        Ending::Fine => say::EXIT_KEPT,
        Ending::Breached => say::EXIT_BREACHED,
        Ending::Unknown => say::EXIT_UNKNOWN,
        Ending::Doubt => say::EXIT_DOUBT,
        // No check ends so: what is wrong with its input is a failure.
        Ending::Wrong => return Ok(()),
    });
    item("", text, screen)
}
