//! Duties with a deadline in SQL: sections 3.4 and 3.7 of the semantics, and
//! how `sql_every` judges. `lasts` is a duty with kept and breached exchanged,
//! and a window that ends one microsecond before its end.
//!
//! What discharges a duty is found by windows over the order of evidence. With
//! `where`, `for_each` and `paused_by` duties are joined with what may
//! discharge them: `sql_answers`, `sql_each`, `sql_pause`.

use avow_event::Field;

use crate::sql_predicate::sql_column;
use crate::sql_statement::{
    Columns, FOREVER, LONG_AGO, Scope, Script, THREE_CASES, after, before, may_be, same_key,
};
use crate::{
    Deadline, ForEach, PairCondition, Pattern, Pause, Predicate, sql_answers, sql_calendar,
    sql_each, sql_pause,
};

/// A duty, whichever rule it is of.
pub(crate) struct Duty<'a> {
    /// The column with the value of what discharges it.
    pub(crate) does: &'a str,
    /// The column with the value of what lifts it.
    pub(crate) lifts: Option<&'a str>,
    pub(crate) same: &'a [Field],
    pub(crate) condition: Option<&'a PairCondition>,
    pub(crate) for_each: Option<&'a ForEach>,
    pub(crate) pause: Option<&'a Pause>,
    pub(crate) has_already: bool,
    /// Whether kept and breached are exchanged: `lasts`.
    pub(crate) is_lasting: bool,
    /// After when a gap matters, if not already after the instant before `t`.
    pub(crate) gap_after: Option<String>,
}

/// The tables up to `judged`, of `then` and of `lasts`.
pub(crate) fn write(script: &mut Script, scope: &Scope<'_>) {
    match &scope.commitment.pattern {
        Pattern::Within {
            when,
            then,
            unless,
            already,
            deadline,
            same,
            condition,
            for_each,
            pause,
        } => {
            let duty = Duty {
                does: "then_is",
                lifts: unless.as_ref().map(|_| "unless_is"),
                same,
                condition: condition.as_ref(),
                for_each: for_each.as_ref(),
                pause: pause.as_ref(),
                has_already: already.is_some(),
                is_lasting: false,
                gap_after: already.as_ref().map(|_| LONG_AGO.to_string()),
            };
            let mut values = vec![("when_is", when), ("then_is", then)];
            values.extend(unless.as_ref().map(|p| ("unless_is", p)));
            values.extend(already.as_ref().map(|p| ("already_is", p)));
            values.extend(for_each.as_ref().map(|f| ("for_each_is", &f.predicate)));
            values.extend(pause.as_ref().map(|p| ("paused_is", &p.paused_by)));
            values.extend(pause.as_ref().map(|p| ("resumed_is", &p.resumed_by)));
            duty.write(script, scope, values, *deadline);
        }
        Pattern::Lasts {
            when,
            lasts,
            ends,
            same,
            condition,
        } => {
            let duty = Duty {
                does: "ends_is",
                lifts: None,
                same,
                condition: condition.as_ref(),
                for_each: None,
                pause: None,
                has_already: false,
                is_lasting: true,
                gap_after: None,
            };
            let values = vec![("when_is", when), ("ends_is", ends)];
            duty.write(script, scope, values, Deadline::After(*lasts));
        }
        _ => {}
    }
}

impl<'a> Duty<'a> {
    fn write(
        &self,
        script: &mut Script,
        scope: &Scope<'_>,
        values: Vec<(&'a str, &'a Predicate)>,
        deadline: Deadline,
    ) {
        let mut fields = self.condition.map_or_else(Vec::new, PairCondition::fields);
        if let Deadline::At(field) = deadline {
            fields.push(field);
        }
        let columns = Columns {
            values,
            same: self.same,
            each: self.for_each.map_or(&[], |each| &each.each),
            fields,
        };
        scope.evidence(script, &columns);
        scope.ranked(script);
        let sums = self.sums();
        script.table(
            "around",
            "3.4: what there was before each event, and what comes next",
            format!("SELECT *{sums}\n  FROM ranked"),
        );
        self.triggers(script, scope);
        match deadline {
            Deadline::After(duration) => {
                sql_calendar::due(script, duration, scope.commitment.from.get())
            }
            Deadline::At(field) => script.table(
                "due",
                "3.4: the deadline",
                format!(
                    "SELECT *, {} AS base_us\n  FROM triggers",
                    sql_column(field)
                ),
            ),
        }
        if let Some(for_each) = self.for_each {
            sql_each::duties(script, scope, self, for_each);
        } else if self.pause.is_some() {
            sql_pause::instances(script, self);
        } else {
            self.instances(script);
        }
        self.judge(script, scope);
    }

    /// Whether windows find what discharges it.
    fn has_windows(&self) -> bool {
        self.condition.is_none() && self.for_each.is_none() && self.pause.is_none()
    }

    /// The columns of `around`.
    pub(crate) fn sums(&self) -> String {
        let mut columns = String::new();
        if self.has_windows() {
            columns += &self.nexts();
        }
        let [keyed, any] = before(self.same);
        if self.has_already {
            let sure = "no_key = 0 AND already_is = 1";
            let maybe = "no_key = 0 AND already_is IS NULL";
            let other = format!("no_key = 1 AND {}", may_be("already_is"));
            for (condition, over, name) in [
                (sure, &keyed, "had_already"),
                (maybe, &keyed, "key_already"),
                (&other, &any, "any_already"),
            ] {
                columns += &format!(
                    ",\n    COALESCE(MAX(CASE WHEN {condition} THEN 1 END) {over}, 0) AS {name}"
                );
            }
        }
        if self.pause.is_some() {
            columns += &sql_pause::sums(&keyed);
        }
        columns
    }

    /// `next_answer_us`: when it is next done or lifted in time, and what else
    /// is next: late answers, and what might be one.
    fn nexts(&self) -> String {
        let [keyed, any] = after(self.same);
        let is_answer = self.is_answer("");
        let mut columns = String::new();
        let mut next = |condition: &str, value: &str, over: &str, name: &str| {
            columns +=
                &format!(",\n    MIN(CASE WHEN {condition} THEN {value} END) {over} AS {name}");
        };
        let in_time = "no_key = 0 AND is_late = 0";
        next(
            &format!("{in_time} AND {is_answer}"),
            "eff_us",
            &keyed,
            "next_answer_us",
        );
        if let Some(lifts) = self.lifts {
            for (value, name) in [(self.does, "next_done"), (lifts, "next_lifted")] {
                next(&format!("{in_time} AND {value} = 1"), "pos", &keyed, name);
            }
        }
        next(
            &format!("no_key = 0 AND is_late = 1 AND {is_answer}"),
            "eff_us",
            &keyed,
            "next_late_us",
        );
        let nulls = match self.lifts {
            Some(lifts) => format!("({} IS NULL OR {lifts} IS NULL)", self.does),
            None => format!("{} IS NULL", self.does),
        };
        next(
            &format!("no_key = 0 AND {nulls}"),
            "eff_us",
            &keyed,
            "next_maybe_us",
        );
        if !self.same.is_empty() {
            next(
                &format!("no_key = 1 AND {}", self.may_answer("")),
                "eff_us",
                &any,
                "next_any_us",
            );
        }
        columns
    }

    /// Done or lifted.
    pub(crate) fn is_answer(&self, of: &str) -> String {
        match self.lifts {
            Some(lifts) => format!("({of}{} = 1 OR {of}{lifts} = 1)", self.does),
            None => format!("{of}{} = 1", self.does),
        }
    }

    /// Perhaps done or lifted.
    pub(crate) fn may_answer(&self, of: &str) -> String {
        let does = may_be(&format!("{of}{}", self.does));
        match self.lifts {
            Some(lifts) => format!("({does} OR {})", may_be(&format!("{of}{lifts}"))),
            None => does,
        }
    }

    fn triggers(&self, script: &mut Script, scope: &Scope<'_>) {
        let trigger = format!("{} AND {}", scope.during(), may_be("when_is"));
        // What may concern a duty that arose before `to` counts after it, too.
        let late_end = if self.is_lasting {
            Some(("ends_is", false))
        } else if self.for_each.is_some() {
            Some(("for_each_is", true))
        } else {
            self.pause.map(|_| ("resumed_is", false))
        };
        let late_end = late_end.map_or_else(String::new, |(value, is_over)| {
            format!(
                "\n    OR ({} AND {})",
                scope.late_end(is_over),
                may_be(value)
            )
        });
        script.table(
            "triggers",
            "3.4: what creates a duty, and what ends something late",
            format!(
                "SELECT *, CASE WHEN {trigger} THEN 1 ELSE 0 END AS is_trigger
  FROM around
  WHERE ({trigger}){late_end}"
            ),
        );
    }

    /// The instances with `last_us`, the last instant of the window, and
    /// `judged_us`: the clock has to be there, and the delay after it.
    pub(crate) fn instances(&self, script: &mut Script) {
        let last = if self.is_lasting {
            "base_us - 1"
        } else {
            "base_us"
        };
        script.table(
            "instances",
            "3.4: the window, and when an instance is judged",
            format!(
                "SELECT *, 0 AS part, CAST(NULL AS BIGINT) AS each_of, {last} AS last_us,
    CASE WHEN {last} < time_us THEN time_us ELSE {last} + 1 END AS judged_us
  FROM due"
            ),
        );
    }

    /// The tables from `instances` to `judged`.
    pub(crate) fn judge(&self, script: &mut Script, scope: &Scope<'_>) {
        if self.has_windows() {
            self.answered(script);
        } else {
            sql_answers::write(script, self);
        }
        if self.pause.is_some() {
            sql_pause::held_answers(script);
        }
        self.decided(script, scope);
        scope.judged(script);
    }

    /// What the windows have found. Only what is late can tell of a time before
    /// the trigger and count after it; there is little of that.
    fn answered(&self, script: &mut Script) {
        let key = same_key(self.same, "this", "that");
        let lifted = self.lifts.map_or_else(String::new, |lifts| {
            format!(
                ",
    MIN(CASE WHEN that.{} = 1 THEN that.pos END) AS done_pos,
    MIN(CASE WHEN that.{lifts} = 1 THEN that.pos END) AS lifted_pos",
                self.does
            )
        });
        script.table(
            "late_answers",
            "3.4: what came late, but tells of a time after the trigger",
            format!(
                "SELECT this.pos, MIN(that.eff_us) AS at_us{lifted}
  FROM instances this
  JOIN ranked that ON {key}that.pos > this.pos AND that.eff_us <= this.last_us
    AND that.time_us >= this.time_us
  WHERE this.no_key = 0 AND this.next_late_us <= this.last_us
    AND that.no_key = 0 AND that.is_late = 1 AND {}
  GROUP BY this.pos",
                self.is_answer("that.")
            ),
        );
        let first = |name: &str| {
            format!(
                "CASE WHEN l.{name}_pos < COALESCE(i.next_{name}, {FOREVER}) THEN l.{name}_pos ELSE COALESCE(i.next_{name}, {FOREVER}) END"
            )
        };
        let is_lifted = match self.lifts {
            Some(_) => format!(
                "CASE WHEN {} < {} THEN 1 ELSE 0 END",
                first("lifted"),
                first("done")
            ),
            None => "0".to_owned(),
        };
        let any = if self.same.is_empty() {
            ""
        } else {
            " OR i.next_any_us <= i.last_us"
        };
        script.table(
            "answered",
            "3.4: what the window has",
            format!(
                "SELECT i.*,
    CASE
      WHEN l.at_us < COALESCE(i.next_answer_us, {FOREVER}) THEN l.at_us
      WHEN i.next_answer_us <= i.last_us THEN i.next_answer_us
    END AS answer_us,
    {is_lifted} AS is_lifted,
    CASE WHEN i.next_late_us <= i.last_us OR i.next_maybe_us <= i.last_us{any}
      THEN 1 ELSE 0 END AS has_maybe
  FROM instances i
  LEFT JOIN late_answers l ON l.pos = i.pos"
            ),
        );
    }

    fn decided(&self, script: &mut Script, scope: &Scope<'_>) {
        let hold = scope.hold;
        let [done, not_done, maybe_done] = if self.is_lasting {
            ["ended", "lasted", "maybe_ended"]
        } else {
            ["done", "not_done", "maybe_done"]
        };
        let answer = match self.lifts {
            Some(_) => "CASE WHEN is_lifted = 1 THEN 'lifted' ELSE 'done' END".to_owned(),
            None => format!("'{done}'"),
        };
        let (mut already, mut maybe_already) = (String::new(), "");
        if self.has_already {
            already = format!(
                "\n      WHEN now_us < time_us + {hold} THEN 'waiting'
      WHEN had_already = 1 THEN 'already'"
            );
            maybe_already = " OR key_already = 1 OR any_already = 1";
        }
        let [held_answer, held_end] = match self.pause {
            Some(_) => sql_pause::cases(hold),
            None => [String::new(), String::new()],
        };
        let mut each = String::new();
        if self.for_each.is_some() {
            each = format!("\n      WHEN now_us < time_us + {hold} THEN 'waiting'");
        }
        script.table(
            "reasoned",
            "3.4: the cases in their order",
            format!(
                "SELECT *,
    CASE
      WHEN is_trigger = 0 THEN 'late_end'
      {THREE_CASES}
      WHEN base_us IS NULL THEN 'no_deadline'{already}{each}{held_answer}
      WHEN answer_us IS NOT NULL THEN {answer}
      WHEN now_us < judged_us + {hold} THEN 'waiting'
      WHEN has_maybe = 1{maybe_already} THEN '{maybe_done}'{held_end}
      ELSE '{not_done}'
    END AS reason
  FROM {}",
                if self.pause.is_some() {
                    "held_answers"
                } else {
                    "answered"
                }
            ),
        );
        let shown = match (self.is_lasting, self.pause) {
            (true, _) => {
                "CASE WHEN reason = 'ended' THEN answer_us WHEN is_trigger = 1 THEN base_us END"
                    .to_owned()
            }
            (false, Some(_)) => sql_pause::shown(),
            (false, None) => "CASE WHEN is_trigger = 1 THEN base_us END".to_owned(),
        };
        let after = self.gap_after.as_deref().unwrap_or("time_us - 1");
        let gap = match self.pause {
            Some(_) => sql_pause::gap(after, hold),
            None => format!(
                "CASE WHEN reason = '{not_done}' THEN 1 ELSE 0 END AS gap_matters,
    {after} AS gap_after_us, leaf AS gap_leaf, last_us + 1 AS gap_before_us, judged_us + {hold} AS gap_known_us"
            ),
        };
        let mut body = format!(
            "SELECT leaf, pos, part, each_of, time_us, {shown} AS deadline_us, reason,
    {gap}
  FROM reasoned"
        );
        if self.for_each.is_some() {
            body += &sql_each::fifth_case(hold);
        }
        script.table("decided", "3.4: what a gap might hide", body);
    }
}
