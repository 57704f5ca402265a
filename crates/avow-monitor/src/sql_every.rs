//! Recurring duties in SQL: section 3.5 of the semantics. What begins a period
//! is found here, whether it was done in time is `sql_duty`'s.

use std::fmt::Write as _;

use avow_event::Field;

use crate::sql::text;
use crate::sql_duty::Duty;
use crate::sql_statement::{Columns, Scope, Script, may_be, partition};
use crate::{Pattern, Predicate, Register, sql_calendar};

struct Every<'a> {
    happens: &'a Predicate,
    register: &'a Register,
    same: &'a [Field],
}

/// The tables up to `judged`.
pub(crate) fn write(script: &mut Script, scope: &Scope<'_>) {
    let Pattern::Every {
        happens,
        every,
        register,
        same,
    } = &scope.commitment.pattern
    else {
        return;
    };
    let rule = Every {
        happens,
        register,
        same,
    };
    let duty = Duty {
        does: "happens_is",
        lifts: rule.until().map(|_| "until_is"),
        same,
        condition: None,
        for_each: None,
        pause: None,
        has_already: false,
        is_lasting: false,
        gap_after: rule.has_entries().then(|| {
            "CASE WHEN by_register = 1 AND opener_us < time_us THEN opener_us ELSE time_us - 1 END"
                .to_owned()
        }),
    };
    let columns = Columns {
        values: rule.values(),
        same,
        ..Columns::default()
    };
    scope.evidence(script, &columns);
    rule.ranked(script, scope);
    script.table(
        "around",
        "3.5: the register at each event, and what comes next",
        format!("SELECT *{}{}\n  FROM ranked", rule.register(), duty.sums()),
    );
    rule.triggers(script, scope);
    sql_calendar::due(script, *every, scope.commitment.from.get());
    rule.instances(script, scope);
    duty.judge(script, scope);
}

impl<'a> Every<'a> {
    fn has_entries(&self) -> bool {
        matches!(self.register, Register::Entries { .. })
    }

    fn until(&self) -> Option<&'a Predicate> {
        match self.register {
            Register::Entries { until, .. } => until.as_ref(),
            _ => None,
        }
    }

    fn values(&self) -> Vec<(&'static str, &'a Predicate)> {
        let mut values = vec![("happens_is", self.happens)];
        if let Register::Entries { when, .. } = self.register {
            values.push(("enters_is", when));
        }
        values.extend(self.until().map(|until| ("until_is", until)));
        values
    }

    /// The order of evidence, with the beginnings in it.
    fn ranked(&self, script: &mut Script, scope: &Scope<'_>) {
        if self.has_entries() {
            self.entries(script, scope);
        } else {
            self.members(script, scope);
        }
        script.table(
            "ranked",
            "2: the order of evidence; the beginnings are before every event at their instant",
            "SELECT *,
    ROW_NUMBER() OVER (ORDER BY eff_us, CASE WHEN begins = 1 THEN -1 ELSE leaf END) AS pos
  FROM periods"
                .to_owned(),
        );
    }

    /// Who is on a register when the promise begins: whoever was entered before,
    /// unless struck off.
    fn entries(&self, script: &mut Script, scope: &Scope<'_>) {
        let from = scope.commitment.from.get();
        let list =
            |form: &dyn Fn(usize) -> String| -> String { (0..self.same.len()).map(form).collect() };
        script.table(
            "ordered",
            "2: the order of evidence",
            "SELECT *, ROW_NUMBER() OVER (ORDER BY eff_us, leaf) AS place
  FROM evidence"
                .to_owned(),
        );
        let may_enter = may_be("enters_is");
        let group = list(&|at| format!(", CASE WHEN no_key = 0 THEN k{at} END"));
        script.table(
            "entries",
            "3.5: who was entered before the promise: each by the last entry, and all without a key by one",
            format!(
                "SELECT COALESCE(MAX(CASE WHEN no_key = 0 AND enters_is = 1 THEN place END), MAX(place)) AS place
  FROM ordered
  WHERE eff_us < {from} AND {may_enter}
  GROUP BY no_key{group}"
            ),
        );
        let [until, no_until] = match self.until() {
            Some(_) => [", until_is", ", 0 AS until_is"],
            None => ["", ""],
        };
        script.table(
            "periods",
            "3.5: for them a period begins at from",
            format!(
                "SELECT leaf, time_us, is_late, now_us, eff_us, happens_is, enters_is{until}, no_key{},
    0 AS begins
  FROM ordered
  UNION ALL
  SELECT o.leaf, {from} AS time_us, 0 AS is_late, o.now_us, {from} AS eff_us,
    0 AS happens_is, 0 AS enters_is{no_until}, o.no_key{}, 1 AS begins
  FROM entries e
  JOIN ordered o ON o.place = e.place",
                list(&|at| format!(", k{at}")),
                list(&|at| format!(", o.k{at}")),
            ),
        );
    }

    /// The beginning, for each member.
    fn members(&self, script: &mut Script, scope: &Scope<'_>) {
        let from = scope.commitment.from.get();
        script.table(
            "start",
            "3.5: the first leaf at which the clock has reached the beginning",
            format!(
                "SELECT MIN(leaf) AS leaf, MAX(now_us) AS now_us
  FROM clocked
  WHERE clock_us >= {from}"
            ),
        );
        let members: Vec<String> = match self.register {
            Register::Members(members) => members
                .iter()
                .enumerate()
                .map(|(at, member)| format!("({at}, {})", text(member)))
                .collect(),
            _ => vec!["(0, '')".to_owned()],
        };
        script.table(
            "members (each_of, member)",
            "3.5: the members, one without a name if there are none",
            format!("VALUES {}", members.join(", ")),
        );
        let [mut key, mut member_key, mut is_member] =
            ["", "", "1 AS is_member\n  FROM evidence e"];
        if matches!(self.register, Register::Members(_)) {
            key = ", e.k0";
            member_key = ", m.member AS k0";
            is_member = "CASE WHEN m.member IS NULL THEN 0 ELSE 1 END AS is_member
  FROM evidence e
  LEFT JOIN members m ON m.member = e.k0";
        }
        script.table(
            "periods",
            "3.5: for each a period begins at from",
            format!(
                "SELECT e.leaf, e.time_us, e.is_late, e.now_us, e.eff_us, e.happens_is, e.no_key{key},
    0 AS begins, CAST(NULL AS BIGINT) AS each_of, {is_member}
  UNION ALL
  SELECT s.leaf, {from} AS time_us, 0 AS is_late, s.now_us, {from} AS eff_us, 0 AS happens_is, 0 AS no_key{member_key},
    1 AS begins, m.each_of, 1 AS is_member
  FROM start s
  CROSS JOIN members m
  WHERE s.leaf IS NOT NULL"
            ),
        );
    }

    /// O, Q, O? and Q? of each event, itself included; 0 for none.
    fn register(&self) -> String {
        if !self.has_entries() {
            return String::new();
        }
        let rows = "ORDER BY pos ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
        let keyed = format!("OVER ({}{rows})", partition(self.same));
        let mut columns = String::new();
        let mut sides = vec![("enters_is", "opener")];
        if self.until().is_some() {
            sides.push(("until_is", "closer"));
        }
        for (value, name) in sides {
            let _ = write!(
                columns,
                ",
    COALESCE(MAX(CASE WHEN no_key = 0 AND {value} = 1 THEN pos END) {keyed}, 0) AS {name},
    MAX(CASE WHEN no_key = 0 AND {value} = 1 THEN eff_us END) {keyed} AS {name}_us,
    COALESCE(MAX(CASE WHEN no_key = 0 AND {value} IS NULL THEN pos END) {keyed}, 0) AS key_{name},
    COALESCE(MAX(CASE WHEN no_key = 1 AND {} THEN pos END) OVER ({rows}), 0) AS any_{name}",
                may_be(value)
            );
        }
        if self.until().is_none() {
            columns += ",\n    0 AS closer, 0 AS key_closer, 0 AS any_closer";
        }
        columns
    }

    /// What enters or strikes off late.
    fn late_end(&self, scope: &Scope<'_>) -> Option<String> {
        let enters = self.has_entries().then(|| may_be("enters_is"))?;
        let value = match self.until() {
            Some(_) => format!("({enters} OR {})", may_be("until_is")),
            None => enters,
        };
        Some(format!("{} AND {value}", scope.late_end(true)))
    }

    fn triggers(&self, script: &mut Script, scope: &Scope<'_>) {
        let happens = may_be("happens_is");
        let [trigger, by_register, value, each_of] = match self.register {
            Register::One => [
                format!("(begins = 1 OR {happens})"),
                "0".to_owned(),
                "CASE WHEN begins = 1 THEN 1 ELSE happens_is END".to_owned(),
                String::new(),
            ],
            Register::Members(_) => [
                format!("(begins = 1 OR ({happens} AND (no_key = 1 OR is_member = 1)))"),
                "0".to_owned(),
                "CASE WHEN begins = 1 THEN 1 ELSE happens_is END".to_owned(),
                String::new(),
            ],
            Register::Entries { .. } => {
                let enters = may_be("enters_is");
                [
                    format!("(begins = 1 OR {enters} OR {happens})"),
                    format!("CASE WHEN {enters} THEN 0 ELSE 1 END"),
                    format!(
                        "CASE WHEN begins = 1 THEN 1 WHEN {enters} THEN enters_is ELSE happens_is END"
                    ),
                    ", CAST(NULL AS BIGINT) AS each_of".to_owned(),
                ]
            }
        };
        let trigger = format!("{} AND {trigger}", scope.during());
        let late_end = self
            .late_end(scope)
            .map_or_else(String::new, |late_end| format!("\n    OR ({late_end})"));
        script.table(
            "triggers",
            "3.5: what may begin a period, and what ends one late",
            format!(
                "SELECT *, CASE WHEN {trigger} THEN 1 ELSE 0 END AS may_begin,
    {by_register} AS by_register, {value} AS begins_is{each_of}
  FROM around
  WHERE ({trigger}){late_end}"
            ),
        );
    }

    fn instances(&self, script: &mut Script, scope: &Scope<'_>) {
        let hold = scope.hold;
        let in_time = scope.before_end("base_us");
        let (mut when_is, mut exists) = ("begins_is", String::new());
        let mut register = "1 AS is_on";
        if self.has_entries() {
            register = "CASE
      WHEN opener > closer AND key_closer < opener AND any_closer < opener THEN 1
      WHEN opener <= closer AND key_opener <= closer AND any_opener <= closer THEN 0
    END AS is_on";
            // What is known of the register only later makes no instance yet.
            when_is = "CASE WHEN by_register = 1 AND no_key = 0 AND is_on IS NULL THEN NULL ELSE begins_is END";
            exists = format!(
                "
      AND (by_register = 0 OR is_late = 1 OR begins_is IS NULL OR (no_key = 1 AND begins = 0)
        OR (now_us >= time_us + {hold} AND (no_key = 1 OR is_on = 1 OR is_on IS NULL)))"
            );
        }
        script.table(
            "registered",
            "3.5: 1 if the key is on the register, 0 if not, NULL in doubt",
            format!(
                "SELECT *, CASE WHEN may_begin = 1{in_time} THEN 1 ELSE 0 END AS is_trigger,
    {register}
  FROM due"
            ),
        );
        let late_end = self.late_end(scope).map_or_else(String::new, |late_end| {
            format!("\n    OR (is_trigger = 0 AND {late_end})")
        });
        script.table(
            "instances",
            "3.5: the periods, their last instants, and when they are judged",
            format!(
                "SELECT *, 0 AS part, {when_is} AS when_is, base_us AS last_us, base_us + 1 AS judged_us
  FROM registered
  WHERE (is_trigger = 1{exists}){late_end}"
            ),
        );
    }
}
