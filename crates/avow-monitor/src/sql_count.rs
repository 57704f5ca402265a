//! How often something happens in SQL: section 3.6 of the semantics. Every
//! event adds one when it counts and takes it back when it leaves the window,
//! so that a running sum is the number in the window.

use crate::Pattern;
use crate::sql_statement::{Columns, Scope, Script, THREE_CASES, may_be, partition};

/// The tables up to `judged`.
pub(crate) fn write(script: &mut Script, scope: &Scope<'_>) {
    let Pattern::AtMost {
        happens,
        at_most,
        within,
        same,
    } = &scope.commitment.pattern
    else {
        return;
    };
    let hold = scope.hold;
    let columns = Columns {
        values: vec![("when_is", happens)],
        same,
        ..Columns::default()
    };
    scope.evidence(script, &columns);
    let keys: String = (0..same.len()).map(|at| format!(", k{at}")).collect();
    script.table(
        "counted",
        "3.6: what happens surely, or perhaps to its key, or perhaps to any key",
        format!(
            "SELECT leaf, time_us, is_late, now_us, eff_us, when_is, no_key{keys},
    CASE WHEN no_key = 0 AND when_is = 1 AND is_late = 0 THEN 1 ELSE 0 END AS sure,
    CASE WHEN no_key = 0 AND (when_is IS NULL OR is_late = 1) THEN 1 ELSE 0 END AS of_key,
    CASE WHEN no_key = 1 THEN 1 ELSE 0 END AS of_any
  FROM evidence
  WHERE {}",
            may_be("when_is")
        ),
    );
    script.table(
        "changes",
        "3.6: each enters the window at its instant, and leaves it before all that comes so much later",
        format!(
            "SELECT leaf, time_us, is_late, now_us, when_is, no_key{keys}, eff_us AS at_us, 1 AS enters,
    sure, of_key, of_any
  FROM counted
  UNION ALL
  SELECT leaf, time_us, is_late, now_us, when_is, no_key{keys}, eff_us + {within} AS at_us, 0 AS enters,
    -sure AS sure, -of_key AS of_key, -of_any AS of_any
  FROM counted"
        ),
    );
    let rows = "ORDER BY at_us, enters, leaf ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    let keyed = format!("OVER ({}{rows})", partition(same));
    let of_any = if same.is_empty() {
        "0".to_owned()
    } else {
        format!("SUM(of_any) OVER ({rows})")
    };
    script.table(
        "numbers",
        "3.6: how many are in the window at each change",
        format!(
            "SELECT leaf, time_us, is_late, now_us, when_is, no_key, enters,
    SUM(sure) {keyed} AS sure_n, SUM(of_key) {keyed} AS key_n, {of_any} AS any_n
  FROM changes"
        ),
    );
    script.table(
        "reasoned",
        "3.6: the three cases, and the table",
        format!(
            "SELECT leaf, time_us,
    CASE
      {THREE_CASES}
      WHEN now_us < time_us + {hold} THEN 'waiting'
      WHEN sure_n > {at_most} THEN 'too_many'
      WHEN sure_n + key_n + any_n > {at_most} THEN 'maybe_too_many'
      ELSE 'within_limit'
    END AS reason
  FROM numbers
  WHERE enters = 1 AND {}",
            scope.during()
        ),
    );
    script.table(
        "decided",
        "3.6: what a gap might hide",
        format!(
            "SELECT leaf, leaf AS pos, 0 AS part, CAST(NULL AS BIGINT) AS each_of, time_us,
    CAST(NULL AS BIGINT) AS deadline_us, reason,
    CASE WHEN reason = 'within_limit' THEN 1 ELSE 0 END AS gap_matters,
    time_us - {within} AS gap_after_us, leaf AS gap_leaf, time_us AS gap_before_us, time_us + {hold} AS gap_known_us
  FROM reasoned"
        ),
    );
    scope.judged(script);
}
