//! The monitor's instances once more, as SQL for each commitment, for people
//! who would rather trust their own database: a statement that counts them and
//! one that lists them.
//!
//! Both run unchanged in DuckDB, SQLite, DataFusion and Spark; what had to be
//! avoided for that is in `docs/design/0009-portable-sql.md`. A statement is a
//! chain of tables; each names the section of `docs/spec/pledge.md`,
//! "Semantics", that it is. The rules are left to `sql_before`, `sql_duty`,
//! `sql_every` and `sql_count`, loading to `sql_load`.

use std::fmt::Write as _;

use crate::report::{Reason, Verdict};
use crate::sql_statement::{Columns, Scope, Script};
use crate::{Commitment, Pattern, Pledge, Predicate, sql_before, sql_count, sql_duty, sql_every};

pub use crate::sql_load::{create_duckdb, create_sqlite, event_row, gap_rows, write_gap_rows};

/// The statement that counts the instances of a commitment of the pledge, from
/// the tables `events` and `gaps`. It returns one row: `id`, `kept`,
/// `breached`, `pending`, `unknown`.
pub fn statement(pledge: &Pledge, commitment: &Commitment) -> String {
    let mut sql = judged(pledge, commitment);
    let _ = write!(sql, "SELECT {} AS id", text(&commitment.id));
    for verdict in [
        Verdict::Kept,
        Verdict::Breached,
        Verdict::Pending,
        Verdict::Unknown,
    ] {
        let _ = write!(
            sql,
            ",\n  COUNT(CASE WHEN {} THEN 1 END) AS {}",
            has_verdict(commitment, verdict),
            verdict.as_str()
        );
    }
    sql.push_str("\nFROM judged;\n");
    sql
}

/// The statement that lists the instances: `leaf`, `each_of` (what tells apart
/// the instances of one leaf), `time_us`, `deadline_us`, `verdict`, `reason`.
pub fn instances(pledge: &Pledge, commitment: &Commitment) -> String {
    let mut sql = judged(pledge, commitment);
    sql.push_str("SELECT leaf, each_of, time_us, deadline_us,\n  CASE");
    for verdict in [Verdict::Kept, Verdict::Breached, Verdict::Unknown] {
        let _ = write!(
            sql,
            "\n    WHEN {} THEN '{}'",
            has_verdict(commitment, verdict),
            verdict.as_str()
        );
    }
    sql.push_str(
        "
    ELSE 'pending'
  END AS verdict, reason
FROM judged
ORDER BY leaf, COALESCE(each_of, -1);
",
    );
    sql
}

/// The tables up to `judged`, which has a row for each instance.
fn judged(pledge: &Pledge, commitment: &Commitment) -> String {
    let scope = Scope::new(pledge, commitment);
    let mut script = Script::new(&commitment.id);
    match &commitment.pattern {
        Pattern::Never { when, never } => plain(&mut script, &scope, when.as_ref(), never),
        Pattern::Always { when, always } => {
            let fails = Predicate::Not(Box::new(always.clone()));
            plain(&mut script, &scope, when.as_ref(), &fails);
        }
        Pattern::Before { .. } => sql_before::write(&mut script, &scope),
        Pattern::Within { .. } | Pattern::Lasts { .. } => sql_duty::write(&mut script, &scope),
        Pattern::Every { .. } => sql_every::write(&mut script, &scope),
        Pattern::AtMost { .. } => sql_count::write(&mut script, &scope),
    }
    script.finish()
}

/// Sections 3.1 and 3.2.
fn plain(script: &mut Script, scope: &Scope<'_>, when: Option<&Predicate>, fails: &Predicate) {
    let always = Predicate::Constant(true);
    let columns = Columns {
        values: vec![("when_is", when.unwrap_or(&always)), ("fails", fails)],
        ..Columns::default()
    };
    scope.evidence(script, &columns);
    let during = scope.during();
    script.table(
        "judged",
        "3.1, 3.2: what is forbidden is judged as soon as it is known",
        format!(
            "SELECT leaf, CAST(NULL AS BIGINT) AS each_of, time_us, CAST(NULL AS BIGINT) AS deadline_us,
    CASE
      WHEN when_is = 1 AND fails = 0 THEN 'holds'
      WHEN when_is = 1 AND fails = 1 THEN 'fails'
      ELSE 'undetermined'
    END AS reason
  FROM evidence
  WHERE {during}
    AND (when_is = 1 OR (when_is IS NULL AND (fails = 1 OR fails IS NULL)))"
        ),
    );
}

/// A condition on `reason`. Only the reasons that the rule can have are named.
fn has_verdict(commitment: &Commitment, verdict: Verdict) -> String {
    let reasons: Vec<String> = reasons(&commitment.pattern)
        .iter()
        .filter(|reason| reason.verdict() == verdict)
        .map(|reason| format!("'{}'", reason.as_str()))
        .collect();
    if reasons.is_empty() {
        return "1 = 0".to_owned();
    }
    format!("reason IN ({})", reasons.join(", "))
}

/// Every reason that an instance of a rule can have.
fn reasons(pattern: &Pattern) -> &'static [Reason] {
    use Reason::*;
    match pattern {
        Pattern::Never { .. } | Pattern::Always { .. } => &[Holds, Fails, Undetermined],
        Pattern::Before { .. } => &[
            Permitted,
            Expired,
            PermissionEnded,
            NotPermitted,
            Waiting,
            Late,
            LateEnd,
            Undetermined,
            NoKey,
            MaybePermitted,
            Gap,
        ],
        Pattern::Within { .. } | Pattern::Every { .. } => &[
            Done,
            Lifted,
            Already,
            NotDone,
            Waiting,
            Late,
            LateEnd,
            Undetermined,
            NoKey,
            NoDeadline,
            MaybeDone,
            MaybeEach,
            MaybeHeld,
            Gap,
        ],
        Pattern::AtMost { .. } => &[
            WithinLimit,
            TooMany,
            Waiting,
            Late,
            Undetermined,
            NoKey,
            MaybeTooMany,
            Gap,
        ],
        Pattern::Lasts { .. } => &[
            Lasted,
            Ended,
            Waiting,
            Late,
            LateEnd,
            Undetermined,
            NoKey,
            MaybeEnded,
            Gap,
        ],
    }
}

pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
