//! One duty for each of several earlier events: `for_each` of section 3.4 of
//! the semantics. It makes the table `instances` of `sql_duty` from its table
//! `due`, and what its table `decided` has besides.

use crate::ForEach;
use crate::sql_duty::Duty;
use crate::sql_statement::{LONG_AGO, Scope, Script, may_be, same_key};

/// The duties of each trigger. `g0`, `g1`, … are their values of `each`, and
/// `part` the place of the event for which they are; 0 is the trigger's own.
pub(crate) fn duties(script: &mut Script, scope: &Scope<'_>, duty: &Duty<'_>, for_each: &ForEach) {
    let hold = scope.hold;
    let key = same_key(duty.same, "this", "that");
    let fields = 0..for_each.each.len();
    let list = |write: &dyn Fn(usize) -> String| -> String { fields.clone().map(write).collect() };
    script.table(
        "ready",
        "3.4: 1 as soon as a trigger's duties are known",
        format!(
            "SELECT *,
    CASE WHEN is_trigger = 1 AND is_late = 0 AND when_is = 1 AND no_key = 0
      AND base_us IS NOT NULL AND now_us >= time_us + {hold} THEN 1 ELSE 0 END AS is_ready
  FROM due"
        ),
    );
    script.table(
        "firsts",
        "3.4: for_each: the first event with each set of values before each trigger",
        format!(
            "SELECT this.pos, MIN(that.pos) AS part{}
  FROM ready this
  JOIN ranked that ON {key}that.pos < this.pos
  WHERE this.is_ready = 1 AND that.no_key = 0 AND that.no_each = 0 AND that.for_each_is = 1
  GROUP BY this.pos{}",
            list(&|at| format!(", that.e{at} AS g{at}")),
            list(&|at| format!(", that.e{at}")),
        ),
    );
    script.table(
        "instances",
        "3.4: for_each: the duties, and the triggers whose duties are not known",
        format!(
            "SELECT i.*, 0 AS part, CAST(NULL AS BIGINT) AS each_of, i.base_us AS last_us,
    CASE WHEN i.base_us < i.time_us THEN i.time_us ELSE i.base_us + 1 END AS judged_us{}
  FROM ready i
  WHERE i.is_ready = 0
  UNION ALL
  SELECT i.*, f.part, e.leaf AS each_of, i.base_us AS last_us,
    CASE WHEN i.base_us < i.time_us THEN i.time_us ELSE i.base_us + 1 END AS judged_us{}
  FROM ready i
  JOIN firsts f ON f.pos = i.pos
  JOIN ranked e ON e.pos = f.part",
            list(&|at| format!(", '' AS g{at}")),
            list(&|at| format!(", f.g{at}")),
        ),
    );
    let unknown = format!(
        "SELECT this.pos
  FROM ready this
  JOIN ranked that ON {key}that.pos < this.pos
  WHERE this.is_ready = 1 AND that.no_key = 0
    AND ((that.for_each_is = 1 AND that.no_each = 1) OR that.for_each_is IS NULL)"
    );
    let other = format!(
        "SELECT this.pos
  FROM ready this
  JOIN ranked that ON that.pos < this.pos
  WHERE this.is_ready = 1 AND that.no_key = 1 AND {}",
        may_be("that.for_each_is")
    );
    script.table(
        "more",
        "3.4: for_each: the triggers that might have one more duty",
        if duty.same.is_empty() {
            format!("SELECT DISTINCT pos\n  FROM ({unknown}) m")
        } else {
            format!("SELECT DISTINCT pos\n  FROM ({unknown}\n  UNION ALL\n  {other}) m")
        },
    );
}

/// The fifth case, for `decided`; without a reason unless a gap gives one.
pub(crate) fn fifth_case(hold: i64) -> String {
    format!(
        "
  UNION ALL
  SELECT i.leaf, i.pos, -1 AS part, CAST(NULL AS BIGINT) AS each_of, i.time_us, i.base_us AS deadline_us,
    CASE WHEN m.pos IS NOT NULL THEN 'maybe_each' END AS reason,
    CASE WHEN m.pos IS NULL THEN 1 ELSE 0 END AS gap_matters,
    {LONG_AGO} AS gap_after_us, i.leaf AS gap_leaf, i.time_us AS gap_before_us, i.time_us + {hold} AS gap_known_us
  FROM ready i
  LEFT JOIN more m ON m.pos = i.pos
  WHERE i.is_ready = 1"
    )
}
