//! The bytes of a verdict document: canonical JSON (RFC 8785), names in order,
//! no white space; strings, integers and truth values only. `docs/spec/verdict.md`.
//!
//! The reader accepts exactly what the writer writes, so that one report has
//! one digest.

use std::fmt;

use avow_event::Micros;

use crate::report_parse::{Json, parse};
use crate::{
    CommitmentReport, Counts, Gap, GapKind, Instance, PlacesName, PledgeName, Published, Reason,
    Report, SourceCoverage, Texts, TreeName, Verdict,
};

/// The version of the document, its member `v`.
const VERSION: u64 = 1;

/// The greatest document that is read: 1,000 commitments, the most a pledge
/// has, with 51 instances of some 200 bytes each are 10 MB.
pub const REPORT_BYTES_MAX: usize = 16 << 20;

/// Why bytes are not a verdict document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportError {
    message: String,
}

impl ReportError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a verdict document: {}", self.message)
    }
}

impl std::error::Error for ReportError {}

impl Report {
    /// The canonical bytes, without a line end.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.to_value().write(&mut out);
        out
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// The bytes are not what [`Report::to_json`] writes for some report.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReportError> {
        if bytes.len() > REPORT_BYTES_MAX {
            return Err(ReportError::new(format!(
                "{} bytes; at most {REPORT_BYTES_MAX} are read",
                bytes.len()
            )));
        }
        let value = parse(bytes)?;
        let report = read_report(&value)?;
        if report.to_json() == bytes {
            Ok(report)
        } else {
            Err(ReportError::new("the bytes are not canonical (RFC 8785)"))
        }
    }

    fn to_value(&self) -> Json {
        object([
            ("v", Json::Integer(VERSION)),
            ("as_of", optional(self.as_of.map(time))),
            (
                "pledge",
                object([
                    ("sha256", text(&hex(&self.pledge.digest))),
                    ("title_en", text(&self.pledge.title.en)),
                    ("title_zh", text(&self.pledge.title.zh)),
                    ("by", text(&self.pledge.by)),
                    ("to", text(&self.pledge.to)),
                    ("from", time(self.pledge.from)),
                    (
                        "amends",
                        optional(self.pledge.amends.map(|digest| text(&hex(&digest)))),
                    ),
                    ("published", optional(self.pledge.published.map(published))),
                ]),
            ),
            (
                "places",
                object([
                    ("version", text(&self.places.version)),
                    ("sha256", text(&hex(&self.places.digest))),
                ]),
            ),
            (
                "tree",
                object([
                    ("size", Json::Integer(self.tree.size)),
                    ("root", text(&hex(&self.tree.root))),
                ]),
            ),
            (
                "commitments",
                Json::Array(self.commitments.iter().map(commitment).collect()),
            ),
        ])
    }
}

fn published(p: Published) -> Json {
    object([("leaf", Json::Integer(p.leaf)), ("time", time(p.time))])
}

fn commitment(c: &CommitmentReport) -> Json {
    let count = |verdict: Verdict| (verdict.as_str(), Json::Integer(c.counts.of(verdict)));
    object([
        ("id", text(&c.id)),
        ("verdict", text(c.verdict.as_str())),
        ("vacuous", Json::Boolean(c.vacuous)),
        ("since", time(c.since)),
        ("counts", object(Verdict::ALL.map(count))),
        (
            "coverage",
            Json::Array(c.coverage.iter().map(source).collect()),
        ),
        ("completeness_shown", Json::Boolean(c.completeness_shown)),
        (
            "instances",
            Json::Array(c.instances.iter().map(instance).collect()),
        ),
    ])
}

fn source(s: &SourceCoverage) -> Json {
    let gap = |gap: &Gap| {
        object([
            ("kind", text(gap.kind.as_str())),
            ("from", time(gap.from)),
            ("to", time(gap.to)),
        ])
    };
    object([
        ("source", text(&s.source)),
        ("declared", optional(s.declared.as_deref().map(text))),
        ("first", optional(s.first.map(time))),
        ("last", optional(s.last.map(time))),
        ("events", Json::Integer(s.events)),
        ("late", Json::Integer(s.late)),
        ("complete", Json::Boolean(s.complete)),
        ("gap_count", Json::Integer(s.gap_count)),
        ("gaps", Json::Array(s.gaps.iter().map(gap).collect())),
    ])
}

fn instance(i: &Instance) -> Json {
    object([
        ("time", time(i.time)),
        ("leaf", Json::Integer(i.leaf)),
        ("each", optional(i.each.map(Json::Integer))),
        ("verdict", text(i.verdict().as_str())),
        ("reason", text(i.reason.as_str())),
        ("other", optional(i.other.map(Json::Integer))),
        ("deadline", optional(i.deadline.map(time))),
    ])
}

/// Members in the order of their names; those without a value are left out.
fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let members = members.into_iter().filter(|(_, v)| *v != Json::Absent);
    let mut members: Vec<(String, Json)> = members.map(|(n, v)| (n.to_owned(), v)).collect();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    Json::Object(members)
}

fn optional(value: Option<Json>) -> Json {
    value.unwrap_or(Json::Absent)
}

fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

fn time(value: Micros) -> Json {
    Json::Text(value.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_report(value: &Json) -> Result<Report, ReportError> {
    if value.integer("v")? != VERSION {
        return Err(ReportError::new("this release reads version 1"));
    }
    let pledge = value.member("pledge")?;
    let places = value.member("places")?;
    let tree = value.member("tree")?;
    Ok(Report {
        as_of: value.optional_time("as_of")?,
        pledge: PledgeName {
            digest: pledge.hash("sha256")?,
            title: Texts {
                en: pledge.text("title_en")?.to_owned(),
                zh: pledge.text("title_zh")?.to_owned(),
            },
            by: pledge.text("by")?.to_owned(),
            to: pledge.text("to")?.to_owned(),
            from: pledge.time("from")?,
            amends: pledge.optional_hash("amends")?,
            published: pledge.optional_member("published", read_published)?,
        },
        places: PlacesName {
            version: places.text("version")?.to_owned(),
            digest: places.hash("sha256")?,
        },
        tree: TreeName {
            size: tree.integer("size")?,
            root: tree.hash("root")?,
        },
        commitments: value.array("commitments", read_commitment)?,
    })
}

fn read_published(value: &Json) -> Result<Published, ReportError> {
    Ok(Published {
        leaf: value.integer("leaf")?,
        time: value.time("time")?,
    })
}

fn read_commitment(value: &Json) -> Result<CommitmentReport, ReportError> {
    let counts = value.member("counts")?;
    Ok(CommitmentReport {
        id: value.text("id")?.to_owned(),
        verdict: named(value.text("verdict")?, &Verdict::ALL, Verdict::as_str)?,
        vacuous: value.boolean("vacuous")?,
        since: value.time("since")?,
        counts: Counts {
            kept: counts.integer("kept")?,
            breached: counts.integer("breached")?,
            pending: counts.integer("pending")?,
            unknown: counts.integer("unknown")?,
        },
        coverage: value.array("coverage", read_source)?,
        completeness_shown: value.boolean("completeness_shown")?,
        instances: value.array("instances", read_instance)?,
    })
}

fn read_source(value: &Json) -> Result<SourceCoverage, ReportError> {
    Ok(SourceCoverage {
        source: value.text("source")?.to_owned(),
        declared: value.optional_text("declared")?.map(str::to_owned),
        first: value.optional_time("first")?,
        last: value.optional_time("last")?,
        events: value.integer("events")?,
        late: value.integer("late")?,
        complete: value.boolean("complete")?,
        gap_count: value.integer("gap_count")?,
        gaps: value.array("gaps", |gap| {
            Ok(Gap {
                kind: named(gap.text("kind")?, &GapKind::ALL, GapKind::as_str)?,
                from: gap.time("from")?,
                to: gap.time("to")?,
            })
        })?,
    })
}

/// `verdict` is compared when the whole document is written again.
fn read_instance(value: &Json) -> Result<Instance, ReportError> {
    Ok(Instance {
        time: value.time("time")?,
        leaf: value.integer("leaf")?,
        each: value.optional_integer("each")?,
        reason: named(value.text("reason")?, &Reason::ALL, Reason::as_str)?,
        other: value.optional_integer("other")?,
        deadline: value.optional_time("deadline")?,
    })
}

fn named<T: Copy>(
    name: &str,
    all: &[T],
    name_of: impl Fn(T) -> &'static str,
) -> Result<T, ReportError> {
    let found = all.iter().find(|value| name_of(**value) == name);
    found
        .copied()
        .ok_or_else(|| ReportError::new(format!("`{name}` is no name that is used there")))
}
