//! The monitor's instance counts once more, as one SQL statement for each
//! commitment, for people who would rather trust their own database.
//!
//! Common table expressions, `COUNT(CASE …)`, `MAX` and `MIN` over windows of
//! rows, `ROW_NUMBER` and `EXISTS` only: the statement runs unchanged in DuckDB,
//! SQLite, DataFusion and Spark. Sections of `docs/spec/pledge.md`,
//! "Semantics", are named in the statement. Loading is left to `sql_load`.

use std::fmt::Write as _;

use avow_event::Field;

use crate::sql_predicate::sql_column;
use crate::{Commitment, Deadline, Duration, Pattern, Pledge, Predicate, Silence, SourcePattern};

pub use crate::sql_load::{create_duckdb, create_sqlite, event_row, gap_rows, write_gap_rows};

/// The statement that counts the instances of a commitment of the pledge, from
/// the tables `events` and `gaps`. It returns one row: `id`, `kept`,
/// `breached`, `pending`, `unknown`.
pub fn statement(pledge: &Pledge, commitment: &Commitment) -> String {
    let statement = Statement { pledge, commitment };
    let judged = match &commitment.pattern {
        Pattern::Never { .. } | Pattern::Always { .. } => statement.plain(),
        Pattern::Before { until, .. } => statement.before(until.is_some()),
        Pattern::Within {
            deadline:
                Deadline::After(Duration {
                    months: 0,
                    micros: within,
                }),
            ..
        } => statement.within(*within),
        _ => unimplemented!("rules of the full language"),
    };
    let mut sql = statement.seen();
    sql.push_str(&judged);
    let id = text(&commitment.id);
    let _ = write!(
        sql,
        "SELECT {id} AS id,
  COUNT(CASE WHEN verdict = 1 THEN 1 END) AS kept,
  COUNT(CASE WHEN verdict = 2 THEN 1 END) AS breached,
  COUNT(CASE WHEN verdict = 3 THEN 1 END) AS pending,
  COUNT(CASE WHEN verdict = 4 THEN 1 END) AS unknown
FROM judged;
"
    );
    sql
}

struct Statement<'a> {
    pledge: &'a Pledge,
    commitment: &'a Commitment,
}

impl Statement<'_> {
    /// The greatest delay of a source that the commitment may be about.
    fn hold(&self) -> i64 {
        let scope = &self.commitment.sources;
        let declared = self.pledge.sources.iter();
        declared
            .filter(|d| scope.is_empty() || scope.iter().any(|p| p.overlaps(&d.name)))
            .map(|d| d.delay)
            .max()
            .unwrap_or(0)
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

    fn scope(&self) -> String {
        let patterns = &self.commitment.sources;
        if patterns.is_empty() {
            return "1 = 1".to_owned();
        }
        let conditions: Vec<String> = patterns.iter().map(source_is).collect();
        format!("({})", conditions.join(" OR "))
    }

    /// Sections 1 and 2: the clock, what is late, what has happened, and what
    /// each event is to the commitment. `w`, `f` and `s` are the values of its
    /// predicates: 1, 0 or NULL.
    fn seen(&self) -> String {
        let (when, first, second, same) = match &self.commitment.pattern {
            Pattern::Never { when, never } => (when.as_ref(), never.clone(), None, &[][..]),
            Pattern::Always { when, always } => {
                let fails = Predicate::Not(Box::new(always.clone()));
                (when.as_ref(), fails, None, &[][..])
            }
            Pattern::Before {
                when,
                only_after,
                until,
                same,
                ..
            } => (
                Some(when),
                only_after.clone(),
                until.as_ref(),
                same.as_slice(),
            ),
            Pattern::Within {
                when,
                then,
                unless,
                same,
                ..
            } => (Some(when), then.clone(), unless.as_ref(), same.as_slice()),
            _ => unimplemented!("rules of the full language"),
        };
        let no_key = if same.is_empty() {
            "0".to_owned()
        } else {
            let nulls: Vec<String> = same
                .iter()
                .map(|f| format!("{} IS NULL", sql_column(*f)))
                .collect();
            format!("CASE WHEN {} THEN 1 ELSE 0 END", nulls.join(" OR "))
        };
        let keys: String = same
            .iter()
            .enumerate()
            .map(|(at, field)| format!(", {} AS k{at}", sql_column(*field)))
            .collect();
        let claim = "CASE WHEN logged_us < time_us THEN logged_us ELSE time_us END";
        format!(
            "-- commitment {id}
WITH clocked AS (
  SELECT *,
    MAX({claim}) OVER (ORDER BY leaf ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS arrived_us,
    MAX({claim}) OVER () AS now_us
  FROM events
), stamped AS (
  SELECT *, CASE WHEN arrived_us - time_us > {delay} THEN 1 ELSE 0 END AS is_late
  FROM clocked
), seen AS (
  SELECT leaf, time_us, now_us, is_late,
    CASE WHEN is_late = 1 THEN arrived_us ELSE time_us END AS eff_us,
    {when} AS w,
    {first} AS f,
    {second} AS s,
    {no_key} AS no_key{keys}
  FROM stamped
  WHERE {scope} AND action NOT IN ('heartbeat', 'gap')
    AND (is_late = 1 OR time_us <= now_us)
), ",
            id = self.commitment.id,
            delay = self.delay(),
            when = when.map_or_else(|| "1".to_owned(), three_valued),
            first = three_valued(&first),
            second = second.map_or_else(|| "0".to_owned(), three_valued),
            scope = self.scope(),
        )
    }

    fn from(&self) -> i64 {
        self.pledge.from.get()
    }

    /// Section 3.1 and 3.2.
    fn plain(&self) -> String {
        format!(
            "judged AS (
  SELECT CASE
      WHEN w = 1 AND f = 0 THEN 1
      WHEN w = 1 AND f = 1 THEN 2
      ELSE 4
    END AS verdict
  FROM seen
  WHERE time_us >= {from} AND (w = 1 OR (w IS NULL AND (f = 1 OR f IS NULL)))
)
",
            from = self.from()
        )
    }

    fn same(&self) -> &[Field] {
        self.commitment.pattern.same()
    }

    /// `PARTITION BY` the key, if there is one.
    fn partition(&self) -> String {
        let fields = self.same();
        if fields.is_empty() {
            return String::new();
        }
        let keys: Vec<String> = (0..fields.len()).map(|at| format!("k{at}")).collect();
        format!("PARTITION BY {} ", keys.join(", "))
    }

    /// The trigger of a before or within, and what is unknown by itself.
    fn trigger(&self) -> String {
        format!("time_us >= {} AND (w = 1 OR w IS NULL)", self.from())
    }

    /// Section 3.3. `pos` is the order of evidence, from 1. A late closer is an
    /// instance, too.
    fn before(&self, has_until: bool) -> String {
        let hold = self.hold();
        let rows = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
        let keyed = format!("OVER ({}ORDER BY pos {rows})", self.partition());
        let any = format!("OVER (ORDER BY pos {rows})");
        let in_gap = self.in_gap(
            "g.from_us < c.time_us AND c.after_us < c.time_us AND (g.to_us IS NULL OR g.to_us > c.after_us)",
            &format!("c.time_us + {hold}"),
        );
        let open_in_gap = if has_until { in_gap.as_str() } else { "1 = 0" };
        format!(
            "ranked AS (
  SELECT *, ROW_NUMBER() OVER (ORDER BY eff_us, leaf) AS pos
  FROM seen
), lasts AS (
  SELECT *,
    COALESCE(MAX(CASE WHEN no_key = 0 AND f = 1 THEN pos END) {keyed}, 0) AS opener,
    COALESCE(MAX(CASE WHEN no_key = 0 AND s = 1 THEN pos END) {keyed}, 0) AS closer,
    MAX(CASE WHEN no_key = 0 AND (f = 1 OR s = 1) THEN eff_us END) {keyed} AS last_us,
    COALESCE(MAX(CASE WHEN no_key = 0 AND f IS NULL THEN pos END) {keyed}, 0) AS key_opener,
    COALESCE(MAX(CASE WHEN no_key = 0 AND s IS NULL THEN pos END) {keyed}, 0) AS key_closer,
    COALESCE(MAX(CASE WHEN no_key = 1 AND (f = 1 OR f IS NULL) THEN pos END) {any}, 0) AS any_opener,
    COALESCE(MAX(CASE WHEN no_key = 1 AND (s = 1 OR s IS NULL) THEN pos END) {any}, 0) AS any_closer
  FROM ranked
), candidates AS (
  SELECT *, COALESCE(last_us, {never}) AS after_us FROM lasts
  WHERE ({trigger}) OR (is_late = 1 AND eff_us >= {from} AND (s = 1 OR s IS NULL))
), judged AS (
  SELECT CASE
      WHEN is_late = 1 OR w IS NULL OR no_key = 1 THEN 4
      WHEN now_us < time_us + {hold} THEN 3
      WHEN opener > closer THEN CASE
        WHEN key_closer >= opener OR any_closer >= opener THEN 4
        WHEN {open_in_gap} THEN 4
        ELSE 1 END
      WHEN key_opener > closer OR any_opener > closer THEN 4
      WHEN {in_gap} THEN 4
      ELSE 2
    END AS verdict
  FROM candidates c
)
",
            never = i64::MIN / 2,
            trigger = self.trigger(),
            from = self.from(),
        )
    }

    /// Section 3.4. The windows run backwards, so that a database reads each
    /// once. Only what is late can have happened before the trigger and count
    /// after it; there are few of those.
    fn within(&self, within: i64) -> String {
        let hold = self.hold();
        let rows = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
        let keyed = format!("OVER ({}ORDER BY pos DESC {rows})", self.partition());
        let any = format!("OVER (ORDER BY pos DESC {rows})");
        let in_gap = self.in_gap(
            "g.from_us <= c.deadline_us AND (g.to_us IS NULL OR g.to_us >= c.time_us)",
            &format!("c.deadline_us + {}", hold.saturating_add(1)),
        );
        let same_key: String = (0..self.same().len())
            .map(|at| format!("m.k{at} = c.k{at} AND "))
            .collect();
        format!(
            "ranked AS (
  SELECT *, ROW_NUMBER() OVER (ORDER BY eff_us, leaf) AS pos
  FROM seen
), late AS (
  SELECT * FROM ranked WHERE is_late = 1 AND no_key = 0 AND (f = 1 OR s = 1)
), nexts AS (
  SELECT *,
    time_us + {within} AS deadline_us,
    MIN(CASE WHEN no_key = 0 AND (f = 1 OR s = 1) AND is_late = 0 THEN eff_us END) {keyed} AS done_us,
    MIN(CASE WHEN no_key = 0 AND (f = 1 OR s = 1) THEN eff_us END) {keyed} AS late_us,
    MIN(CASE WHEN no_key = 0 AND (f IS NULL OR s IS NULL) THEN eff_us END) {keyed} AS key_us,
    MIN(CASE WHEN no_key = 1 AND (f = 1 OR f IS NULL OR s = 1 OR s IS NULL) THEN eff_us END) {any} AS any_us
  FROM ranked
), candidates AS (
  SELECT * FROM nexts WHERE {trigger}
), judged AS (
  SELECT CASE
      WHEN is_late = 1 OR w IS NULL OR no_key = 1 THEN 4
      WHEN done_us <= deadline_us THEN 1
      WHEN late_us <= deadline_us AND EXISTS (SELECT 1 FROM late m WHERE {same_key}
        m.pos > c.pos AND m.eff_us <= c.deadline_us AND m.time_us >= c.time_us) THEN 1
      WHEN now_us <= deadline_us + {hold} THEN 3
      WHEN late_us <= deadline_us OR key_us <= deadline_us OR any_us <= deadline_us THEN 4
      WHEN {in_gap} THEN 4
      ELSE 2
    END AS verdict
  FROM candidates c
)
",
            trigger = self.trigger(),
        )
    }

    /// Section 4: whether a gap that was known when the instance was judged
    /// meets `condition`. `g` is the gap, `c` the instance.
    fn in_gap(&self, condition: &str, horizon: &str) -> String {
        if self.commitment.silence == Silence::Breach {
            return "1 = 0".to_owned();
        }
        let id = text(&self.commitment.id);
        format!(
            "EXISTS (SELECT 1 FROM gaps g WHERE g.commitment = {id} AND {condition}
        AND (g.known_leaf <= c.leaf OR g.known_us < {horizon})
        AND (g.gone_leaf IS NULL OR (g.gone_leaf > c.leaf AND g.gone_us >= {horizon})))"
        )
    }
}

/// 1, 0 or NULL.
fn three_valued(predicate: &Predicate) -> String {
    let sql = predicate.to_sql();
    format!("CASE WHEN {sql} THEN 1 WHEN NOT ({sql}) THEN 0 END")
}

fn source_is(pattern: &SourcePattern) -> String {
    let prefix = text(&pattern.prefix);
    match (pattern.any_suffix, pattern.prefix.chars().count()) {
        (false, _) => format!("source = {prefix}"),
        (true, 0) => "1 = 1".to_owned(),
        (true, length) => format!("SUBSTR(source, 1, {length}) = {prefix}"),
    }
}

pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
