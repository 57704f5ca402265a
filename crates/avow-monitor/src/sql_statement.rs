//! What every statement of `sql` has in common: the chain of tables, sections 1
//! and 2 of the semantics (the clock, what is late, the order of evidence), and
//! the part of section 4 that concerns an instance. The rules are left to the
//! other modules.

use std::fmt::Write as _;

use avow_event::Field;

use crate::sql::text;
use crate::sql_predicate::{sql_column, three_valued};
use crate::{Commitment, Pledge, Predicate, Silence, SourcePattern};

/// Before every time that an event can have, and far from the end of 64 bits.
pub(crate) const LONG_AGO: i64 = i64::MIN / 2;

/// After every time that an event can have, and far from the end of 64 bits.
pub(crate) const FOREVER: i64 = i64::MAX / 2;

/// A chain of common table expressions.
pub(crate) struct Script {
    sql: String,
    tables: usize,
}

impl Script {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            sql: format!("-- commitment {id}\n"),
            tables: 0,
        }
    }

    /// Adds a table; `why` names the section that it is.
    pub(crate) fn table(&mut self, name: &str, why: &str, body: String) {
        let before = if self.tables == 0 { "WITH\n" } else { ",\n" };
        let _ = write!(self.sql, "{before}-- {why}\n{name} AS (\n  {body}\n)");
        self.tables += 1;
    }

    pub(crate) fn finish(self) -> String {
        self.sql + "\n"
    }
}

/// A commitment, and what of the pledge concerns it.
pub(crate) struct Scope<'a> {
    pub(crate) commitment: &'a Commitment,
    pledge: &'a Pledge,
    /// `D`: the greatest delay of a source that the commitment may be about.
    pub(crate) hold: i64,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(pledge: &'a Pledge, commitment: &'a Commitment) -> Self {
        let scope = &commitment.sources;
        let declared = pledge.sources.iter();
        let hold = declared
            .filter(|d| scope.is_empty() || scope.iter().any(|p| p.overlaps(&d.name)))
            .map(|d| d.delay)
            .max()
            .unwrap_or(0);
        Self {
            commitment,
            pledge,
            hold,
        }
    }

    /// `from <= time < to`.
    pub(crate) fn during(&self) -> String {
        let from = self.commitment.from.get();
        format!("time_us >= {from}{}", self.before_end("time_us"))
    }

    /// The condition that an end arrived late, but for whether it is one.
    pub(crate) fn late_end(&self, is_over: bool) -> String {
        let end = if is_over {
            self.before_end("time_us")
        } else {
            String::new()
        };
        let from = self.commitment.from.get();
        format!("is_late = 1 AND eff_us >= {from}{end}")
    }

    /// ` AND column < to`, or nothing.
    pub(crate) fn before_end(&self, column: &str) -> String {
        self.commitment
            .to
            .map(|to| format!(" AND {column} < {}", to.get()))
            .unwrap_or_default()
    }

    fn delay(&self) -> String {
        if self.pledge.sources.is_empty() {
            return "0".to_owned();
        }
        let cases = self.pledge.sources.iter().map(|declared| {
            let condition = source_is(&declared.name);
            format!(" WHEN {condition} THEN {}", declared.delay)
        });
        format!("CASE{} ELSE 0 END", cases.collect::<String>())
    }

    fn sources(&self) -> String {
        let patterns = &self.commitment.sources;
        if patterns.is_empty() {
            return "1 = 1".to_owned();
        }
        let conditions: Vec<String> = patterns.iter().map(source_is).collect();
        format!("({})", conditions.join(" OR "))
    }

    /// Sections 1 and 2: the table `evidence`.
    pub(crate) fn evidence(&self, script: &mut Script, columns: &Columns<'_>) {
        let claim = "CASE WHEN logged_us < time_us THEN logged_us ELSE time_us END";
        script.table(
            "clocked",
            "Semantics 1: the log's clock at each leaf, and now",
            format!(
                "SELECT *,
    MAX({claim}) OVER (ORDER BY leaf ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS clock_us,
    MAX({claim}) OVER () AS now_us
  FROM events"
            ),
        );
        let delay = self.delay();
        script.table(
            "received",
            "2: what is later than its source's delay",
            format!(
                "SELECT *, CASE WHEN clock_us - time_us > {delay} THEN 1 ELSE 0 END AS is_late
  FROM clocked"
            ),
        );
        let columns = columns.select();
        let sources = self.sources();
        script.table(
            "evidence",
            "2: what has happened, when it counts, and what it is to the commitment (1, 0 or NULL)",
            format!(
                "SELECT leaf, time_us, is_late, now_us,
    CASE WHEN is_late = 1 THEN clock_us ELSE time_us END AS eff_us{columns}
  FROM received
  WHERE {sources} AND action NOT IN ('heartbeat', 'gap')
    AND (is_late = 1 OR time_us <= now_us)"
            ),
        );
    }

    /// Section 2: the order of evidence, from 1.
    pub(crate) fn ranked(&self, script: &mut Script) {
        script.table(
            "ranked",
            "2: the order of evidence",
            "SELECT *, ROW_NUMBER() OVER (ORDER BY eff_us, leaf) AS pos
  FROM evidence"
                .to_owned(),
        );
    }

    /// Section 4: from `decided` with `gap_matters` (1 if a gap would leave the
    /// instance unknown), the interval `gap_after_us` to `gap_before_us`, both
    /// excluded, that the gap has to meet, and `gap_known_us`: the gap has to
    /// be known at the first leaf, from `gap_leaf` on, at which the clock is
    /// there. `pos` and `part` tell the instances apart.
    pub(crate) fn judged(&self, script: &mut Script) {
        if self.commitment.silence == Silence::Breach {
            script.table(
                "judged",
                "4: a gap makes no instance unknown",
                "SELECT leaf, each_of, time_us, deadline_us, reason
  FROM decided
  WHERE reason IS NOT NULL"
                    .to_owned(),
            );
            return;
        }
        let id = text(&self.commitment.id);
        script.table(
            "compared",
            "4: how many gaps, known when an instance was judged, might hide something of it",
            format!(
                "SELECT d.leaf, d.pos, d.part, d.each_of, d.time_us, d.deadline_us, d.reason,
    COUNT(g.commitment) AS gap_n
  FROM decided d
  LEFT JOIN gaps g ON g.commitment = {id} AND d.gap_matters = 1
    AND g.from_us < d.gap_before_us AND COALESCE(g.to_us, {FOREVER}) > d.gap_after_us
    AND (g.known_leaf <= d.gap_leaf OR g.known_us < d.gap_known_us)
    AND (g.gone_leaf IS NULL OR (g.gone_leaf > d.gap_leaf AND g.gone_us >= d.gap_known_us))
  GROUP BY d.leaf, d.pos, d.part, d.each_of, d.time_us, d.deadline_us, d.reason"
            ),
        );
        script.table(
            "judged",
            "3: the instances",
            "SELECT leaf, each_of, time_us, deadline_us,
    CASE WHEN gap_n > 0 THEN 'gap' ELSE reason END AS reason
  FROM compared
  WHERE reason IS NOT NULL OR gap_n > 0"
                .to_owned(),
        );
    }
}

/// The columns of `evidence` besides those that every rule needs.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    /// The value of each predicate: 1, 0 or NULL.
    pub(crate) values: Vec<(&'a str, &'a Predicate)>,
    /// The key: `k0`, `k1`, …, and `no_key`.
    pub(crate) same: &'a [Field],
    /// The fields of `each`: `e0`, `e1`, …, and `no_each`.
    pub(crate) each: &'a [Field],
    /// As they are.
    pub(crate) fields: Vec<Field>,
}

impl Columns<'_> {
    fn select(&self) -> String {
        let mut columns = String::new();
        for (name, predicate) in &self.values {
            let value = three_valued(&predicate.to_sql());
            let _ = write!(columns, ",\n    {value} AS {name}");
        }
        let _ = write!(columns, ",\n    {} AS no_key", is_null(self.same));
        for (at, field) in self.same.iter().enumerate() {
            let _ = write!(columns, ", {} AS k{at}", sql_column(*field));
        }
        if !self.each.is_empty() {
            let _ = write!(columns, ",\n    {} AS no_each", is_null(self.each));
        }
        for (at, field) in self.each.iter().enumerate() {
            let _ = write!(columns, ", {} AS e{at}", sql_column(*field));
        }
        for column in raw_columns(&self.fields) {
            let _ = write!(columns, ", {column}");
        }
        columns
    }
}

/// What every instance begins with: the three cases of section 3.3, in `CASE`.
pub(crate) const THREE_CASES: &str = "WHEN is_late = 1 THEN 'late'
      WHEN when_is IS NULL THEN 'undetermined'
      WHEN no_key = 1 THEN 'no_key'";

/// `1` if one of the fields is NULL, else `0`.
fn is_null(fields: &[Field]) -> String {
    if fields.is_empty() {
        return "0".to_owned();
    }
    let nulls: Vec<String> = fields
        .iter()
        .map(|field| format!("{} IS NULL", sql_column(*field)))
        .collect();
    format!("CASE WHEN {} THEN 1 ELSE 0 END", nulls.join(" OR "))
}

/// The columns that a condition on two events reads, each once. The table has
/// `time_us` anyway.
fn raw_columns(fields: &[Field]) -> Vec<String> {
    let mut columns: Vec<String> = fields.iter().map(|field| sql_column(*field)).collect();
    columns.sort();
    columns.dedup();
    columns.retain(|column| column != "time_us");
    columns
}

/// `PARTITION BY` the key, if there is one.
pub(crate) fn partition(same: &[Field]) -> String {
    if same.is_empty() {
        return String::new();
    }
    let keys: Vec<String> = (0..same.len()).map(|at| format!("k{at}")).collect();
    format!("PARTITION BY {} ", keys.join(", "))
}

/// The rows before each, of its key and of all.
pub(crate) fn before(same: &[Field]) -> [String; 2] {
    let rows = "ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
    [
        format!("OVER ({}{rows})", partition(same)),
        format!("OVER ({rows})"),
    ]
}

/// The rows after each, of its key and of all. They run backwards, so that a
/// database reads each once.
pub(crate) fn after(same: &[Field]) -> [String; 2] {
    let rows = "ORDER BY pos DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
    [
        format!("OVER ({}{rows})", partition(same)),
        format!("OVER ({rows})"),
    ]
}

/// `this.k0 = that.k0 AND …`, with ` AND ` behind each.
pub(crate) fn same_key(same: &[Field], this: &str, that: &str) -> String {
    (0..same.len())
        .map(|at| format!("{that}.k{at} = {this}.k{at} AND "))
        .collect()
}

/// `(column = 1 OR column IS NULL)`.
pub(crate) fn may_be(column: &str) -> String {
    format!("({column} = 1 OR {column} IS NULL)")
}

fn source_is(pattern: &SourcePattern) -> String {
    let prefix = text(&pattern.prefix);
    match (pattern.any_suffix, pattern.prefix.chars().count()) {
        (false, _) => format!("source = {prefix}"),
        (true, 0) => "1 = 1".to_owned(),
        (true, length) => format!("SUBSTR(source, 1, {length}) = {prefix}"),
    }
}
