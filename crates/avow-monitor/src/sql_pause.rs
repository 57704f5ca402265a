//! Duties whose clock can be stopped: `paused_by` and `resumed_by` of section
//! 3.4 of the semantics. A key's active time is a running sum over what holds
//! and resumes it; a deadline is where that sum says.

use crate::sql_duty::Duty;
use crate::sql_statement::{FOREVER, LONG_AGO, Script, may_be, partition, same_key};

/// What the table `around` has for it: the last event that held or resumed the
/// key, and H.
pub(crate) fn sums(keyed: &str) -> String {
    let sure = "no_key = 0 AND (resumed_is = 1 OR (paused_is = 1 AND resumed_is = 0))";
    format!(
        ",
    MAX(CASE WHEN no_key = 0 AND (paused_is = 1 OR resumed_is = 1) THEN pos END) {keyed} AS hold_pos,
    COALESCE(MAX(CASE WHEN {sure} THEN pos END) {keyed}, 0) AS sure_pos,
    COALESCE(MAX(CASE WHEN {sure} THEN eff_us END) {keyed}, {LONG_AGO}) AS sure_us"
    )
}

/// The table `instances` from `due`.
pub(crate) fn instances(script: &mut Script, duty: &Duty<'_>) {
    let partition = partition(duty.same);
    let keys: String = (0..duty.same.len()).map(|at| format!(", k{at}")).collect();
    script.table(
        "holds",
        "3.4: paused_by, resumed_by: what holds a key and what resumes it",
        format!(
            "SELECT pos, eff_us{keys}, CASE WHEN resumed_is = 1 THEN 0 ELSE 1 END AS is_held,
    LAG(CASE WHEN resumed_is = 1 THEN 0 ELSE 1 END, 1) OVER ({partition}ORDER BY pos) AS was_held,
    LAG(eff_us, 1) OVER ({partition}ORDER BY pos) AS since_us
  FROM ranked
  WHERE no_key = 0 AND (paused_is = 1 OR resumed_is = 1)"
        ),
    );
    script.table(
        "held",
        "3.4: how long the key had been held, each time",
        format!(
            "SELECT pos, eff_us{keys}, is_held,
    CAST(SUM(CASE WHEN was_held = 1 THEN eff_us - since_us ELSE 0 END)
      OVER ({partition}ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) AS held_us
  FROM holds"
        ),
    );
    script.table(
        "started",
        "3.4: how long it had been held at the trigger",
        "SELECT i.*,
    COALESCE(h.held_us + h.is_held * (i.time_us - h.eff_us), 0) AS held_before_us
  FROM due i
  LEFT JOIN held h ON h.pos = i.hold_pos"
            .to_owned(),
    );
    let key = same_key(duty.same, "this", "that");
    script.table(
        "turns",
        "3.4: the last that holds or resumes the key before its active time is over",
        format!(
            "SELECT this.pos, MAX(that.pos) AS turn_pos
  FROM started this
  JOIN held that ON {key}that.eff_us - that.held_us <= this.base_us - this.held_before_us
  WHERE this.no_key = 0
  GROUP BY this.pos"
        ),
    );
    let last = format!(
        "CASE
      WHEN i.base_us < i.time_us OR h.pos IS NULL THEN i.base_us
      WHEN h.is_held = 1 THEN {FOREVER}
      ELSE i.base_us - i.held_before_us + h.held_us
    END"
    );
    script.table(
        "timed",
        "3.4: the deadline; the far future while the key is held for good",
        format!(
            "SELECT i.*, 0 AS part, CAST(NULL AS BIGINT) AS each_of, {last} AS last_us
  FROM started i
  LEFT JOIN turns t ON t.pos = i.pos
  LEFT JOIN held h ON h.pos = t.turn_pos"
        ),
    );
    script.table(
        "instances",
        "3.4: when an instance is judged",
        "SELECT *, CASE WHEN last_us < time_us THEN time_us ELSE last_us + 1 END AS judged_us
  FROM timed"
            .to_owned(),
    );
}

/// What is a doubt about the hold, of the key and of an event without one.
pub(crate) fn doubts() -> [String; 2] {
    [
        "(that.paused_is IS NULL OR that.resumed_is IS NULL
      OR (that.is_late = 1 AND that.resumed_is = 1))"
            .to_owned(),
        format!(
            "({} OR {})",
            may_be("that.paused_is"),
            may_be("that.resumed_is")
        ),
    ]
}

/// The table `held_answers`, from `answered`.
pub(crate) fn held_answers(script: &mut Script) {
    script.table(
        "held_answers",
        "3.4: how long the key was held from the trigger to the answer, and from which leaf on that is judged",
        "SELECT i.*,
    COALESCE(h.held_us + h.is_held * (i.answer_us - h.eff_us), 0) - i.held_before_us AS held_us,
    CASE WHEN r.leaf > i.leaf THEN r.leaf ELSE i.leaf END AS gap_leaf
  FROM answered i
  LEFT JOIN around r ON r.pos = i.answer_pos
  LEFT JOIN held h ON h.pos = r.hold_pos"
            .to_owned(),
    );
}

/// The cases of an answer that rests on the hold, and of a deadline that does.
pub(crate) fn cases(hold: i64) -> [String; 2] {
    [
        format!(
            "\n      WHEN answer_us > base_us AND now_us < answer_us + {hold} THEN 'waiting'
      WHEN answer_us > base_us AND doubt_pos < answer_pos THEN 'maybe_held'"
        ),
        "\n      WHEN doubt_pos IS NOT NULL THEN 'maybe_held'".to_owned(),
    ]
}

/// The deadline that is shown.
pub(crate) fn shown() -> String {
    "CASE
      WHEN is_trigger = 0 THEN NULL
      WHEN reason IN ('late', 'undetermined', 'no_key', 'waiting', 'already') OR answer_us <= base_us THEN base_us
      WHEN answer_us > base_us THEN base_us + held_us
      ELSE last_us
    END"
    .to_owned()
}

/// The columns about gaps, for `decided`.
pub(crate) fn gap(after: &str, hold: i64) -> String {
    format!(
        "CASE WHEN reason = 'not_done' OR (reason IN ('done', 'lifted') AND answer_us > base_us)
      THEN 1 ELSE 0 END AS gap_matters,
    CASE WHEN answer_us IS NOT NULL OR sure_us < {after} THEN sure_us ELSE {after} END AS gap_after_us, gap_leaf,
    CASE WHEN answer_us IS NOT NULL THEN answer_us ELSE last_us + 1 END AS gap_before_us,
    CASE WHEN answer_us IS NOT NULL THEN answer_us ELSE judged_us END + {hold} AS gap_known_us"
    )
}
