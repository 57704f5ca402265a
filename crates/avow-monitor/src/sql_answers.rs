//! What may discharge a duty, by joining both: section 3.4 and 3.7 of the
//! semantics with `where`, `for_each` or `paused_by`. It makes the table
//! `answered` of `sql_duty` from its table `instances`.

use std::fmt::Write as _;

use crate::sql_duty::Duty;
use crate::sql_pause;
use crate::sql_predicate::three_valued;
use crate::sql_statement::{Script, may_be, same_key};

pub(crate) fn write(script: &mut Script, duty: &Duty<'_>) {
    let does = match duty.condition {
        Some(condition) => three_valued(&format!(
            "that.{} = 1 AND ({})",
            duty.does,
            condition.to_sql()
        )),
        None => format!("that.{}", duty.does),
    };
    let lifts = duty
        .lifts
        .map_or_else(|| "0".to_owned(), |lifts| format!("that.{lifts}"));
    let each = duty.for_each.map_or(0, |for_each| for_each.each.len());
    let same_each: String = (0..each)
        .map(|at| format!("that.e{at} = this.g{at} AND "))
        .collect();
    let [known, unknown] = if each > 0 {
        [
            "that.no_key = 0 AND that.no_each = 0",
            "(that.no_key = 1 OR that.no_each = 1)",
        ]
    } else {
        ["that.no_key = 0", "that.no_key = 1"]
    };
    let [key_doubt, any_doubt] = match duty.pause {
        Some(_) => sql_pause::doubts(),
        None => Default::default(),
    };
    let may_answer = duty.may_answer("that.");
    let pairs = |counts: &str, key: &str, which: &str, doubt: &str| {
        // Doubts about a hold may be before the trigger, answers may not.
        let (pos, is_doubt, is_part, counts) = match duty.pause {
            Some(_) => (
                "sure_pos",
                format!(",\n    CASE WHEN {doubt} THEN 1 ELSE 0 END AS is_doubt"),
                format!("((that.pos > this.pos AND {may_answer}) OR {doubt})"),
                format!("CASE WHEN that.pos > this.pos THEN {counts} ELSE -1 END"),
            ),
            None => ("pos", String::new(), may_answer.clone(), counts.to_owned()),
        };
        format!(
            "SELECT this.pos, this.part, that.pos AS at_pos, that.eff_us AS at_us,
    {counts} AS may_count, {does} AS does, {lifts} AS lifts{is_doubt}
  FROM instances this
  JOIN ranked that ON {key}that.pos > this.{pos} AND that.eff_us <= this.last_us
  WHERE this.no_key = 0 AND {which} AND {is_part}"
        )
    };
    let key = same_key(duty.same, "this", "that") + &same_each;
    let counts = "CASE WHEN that.time_us >= this.time_us THEN 1 ELSE 0 END";
    let mut body = pairs(counts, &key, known, &key_doubt);
    if !key.is_empty() {
        let _ = write!(
            body,
            "\n  UNION ALL\n  {}",
            pairs("0", "", unknown, &any_doubt)
        );
    }
    script.table(
        "pairs",
        "3.4: what the window of each duty has, and what that is to it",
        body,
    );
    let [doubt_pos, doubt] = match duty.pause {
        Some(_) => [
            ",\n    MIN(CASE WHEN is_doubt = 1 THEN at_pos END) AS doubt_pos",
            " a.doubt_pos,",
        ],
        None => [""; 2],
    };
    let answers = "may_count = 1 AND (does = 1 OR lifts = 1)";
    script.table(
        "answers",
        "3.4: the first that does or lifts it, and what might",
        format!(
            "SELECT pos, part,
    MIN(CASE WHEN {answers} THEN at_us END) AS answer_us,
    MIN(CASE WHEN {answers} THEN at_pos END) AS answer_pos,
    MIN(CASE WHEN may_count = 1 AND does = 1 THEN at_pos END) AS done_pos,
    MAX(CASE WHEN may_count >= 0 AND ({} OR {}) THEN 1 ELSE 0 END) AS has_maybe{doubt_pos}
  FROM pairs
  GROUP BY pos, part",
            may_be("does"),
            may_be("lifts")
        ),
    );
    script.table(
        "answered",
        "3.4: what the window has",
        format!(
            "SELECT i.*, a.answer_us, a.answer_pos,{doubt} COALESCE(a.has_maybe, 0) AS has_maybe,
    CASE WHEN a.done_pos = a.answer_pos THEN 0 ELSE 1 END AS is_lifted
  FROM instances i
  LEFT JOIN answers a ON a.pos = i.pos AND a.part = i.part"
        ),
    );
}
