//! Permission in SQL: section 3.3 of the semantics. Conditions on one event are
//! windows over the order of evidence; with `where`, every event that needs
//! permission is joined with those that may have given it.

use std::fmt::Write as _;

use avow_event::Field;

use crate::sql_predicate::three_valued;
use crate::sql_statement::{
    Columns, LONG_AGO, Scope, Script, THREE_CASES, before, may_be, same_key,
};
use crate::{PairCondition, Pattern, Predicate};

struct Before<'a> {
    until: Option<&'a Predicate>,
    same: &'a [Field],
    condition: Option<&'a PairCondition>,
    within: Option<i64>,
}

/// The tables up to `judged`.
pub(crate) fn write(script: &mut Script, scope: &Scope<'_>) {
    let Pattern::Before {
        when,
        only_after,
        until,
        same,
        condition,
        within,
    } = &scope.commitment.pattern
    else {
        return;
    };
    let rule = Before {
        until: until.as_ref(),
        same,
        condition: condition.as_ref(),
        within: *within,
    };
    let mut values = vec![("when_is", when), ("only_after_is", only_after)];
    values.extend(until.as_ref().map(|until| ("until_is", until)));
    let columns = Columns {
        values,
        same,
        fields: rule.condition.map_or_else(Vec::new, PairCondition::fields),
        ..Columns::default()
    };
    scope.evidence(script, &columns);
    scope.ranked(script);
    rule.around(script);
    rule.instances(script, scope);
    if let Some(condition) = rule.condition {
        rule.pairs(script, condition);
    }
    rule.found(script);
    rule.decided(script, scope);
    scope.judged(script);
}

impl Before<'_> {
    /// The last closers before each event, and the last openers if they do not
    /// depend on it. 0 is before everything.
    fn around(&self, script: &mut Script) {
        let [keyed, any] = before(self.same);
        let last = |condition: &str, value: &str, over: &str, name: &str| {
            let found = format!("MAX(CASE WHEN {condition} THEN {value} END) {over}");
            let found = match value {
                "pos" => format!("COALESCE({found}, 0)"),
                _ => found,
            };
            format!(",\n    {found} AS {name}")
        };
        let mut columns = String::new();
        let mut sides = Vec::new();
        if self.until.is_some() {
            sides.push(("until_is", "closer"));
        }
        if self.condition.is_none() {
            sides.push(("only_after_is", "opener"));
        }
        for (value, name) in sides {
            let sure = format!("no_key = 0 AND {value} = 1");
            let maybe = format!("no_key = 0 AND {value} IS NULL");
            let other = format!("no_key = 1 AND {}", may_be(value));
            columns += &last(&sure, "pos", &keyed, name);
            columns += &last(&sure, "eff_us", &keyed, &format!("{name}_us"));
            columns += &last(&maybe, "pos", &keyed, &format!("key_{name}"));
            if !self.same.is_empty() {
                columns += &last(&other, "pos", &any, &format!("any_{name}"));
            }
            if name == "opener" && self.within.is_some() {
                columns += &last(&maybe, "eff_us", &keyed, "key_opener_us");
                if !self.same.is_empty() {
                    columns += &last(&other, "eff_us", &any, "any_opener_us");
                }
            }
        }
        script.table(
            "around",
            "3.3: the last that gave or ended permission, or might have, before each event",
            format!("SELECT *{columns}\n  FROM ranked"),
        );
    }

    fn instances(&self, script: &mut Script, scope: &Scope<'_>) {
        let trigger = format!("{} AND {}", scope.during(), may_be("when_is"));
        let late_end = match self.until {
            Some(_) => format!(
                "\n    OR ({} AND {})",
                scope.late_end(true),
                may_be("until_is")
            ),
            None => String::new(),
        };
        script.table(
            "instances",
            "3.3: what needs permission, and what ends one late",
            format!(
                "SELECT *, CASE WHEN {trigger} THEN 1 ELSE 0 END AS is_trigger
  FROM around
  WHERE ({trigger}){late_end}"
            ),
        );
    }

    /// `where`: what may have given permission to whom, and the last of them.
    fn pairs(&self, script: &mut Script, condition: &PairCondition) {
        let opens = three_valued(&format!(
            "that.only_after_is = 1 AND ({})",
            condition.to_sql()
        ));
        let pairs = |known: u8, key: &str| {
            format!(
                "SELECT this.pos, this.time_us, that.pos AS at_pos, that.eff_us AS at_us, {known} AS is_known,
    {opens} AS opens
  FROM instances this
  JOIN ranked that ON {key}that.pos < this.pos
  WHERE this.is_trigger = 1 AND this.no_key = 0 AND that.no_key = {}
    AND {}",
                1 - known,
                may_be("that.only_after_is")
            )
        };
        let mut body = pairs(1, &same_key(self.same, "this", "that"));
        if !self.same.is_empty() {
            let _ = write!(body, "\n  UNION ALL\n  {}", pairs(0, ""));
        }
        script.table("pairs", "3.3: the value of only_after AND where", body);
        let sure = "is_known = 1 AND opens = 1";
        let maybe =
            "((is_known = 1 AND opens IS NULL) OR (is_known = 0 AND (opens = 1 OR opens IS NULL)))";
        let [fresh, stale] = match self.within {
            Some(within) => [
                format!(" AND at_us + {within} >= time_us"),
                format!(" AND at_us + {within} < time_us"),
            ],
            None => [String::new(), " AND 1 = 0".to_owned()],
        };
        script.table(
            "openers",
            "3.3: O, X and O?",
            format!(
                "SELECT pos,
    MAX(CASE WHEN {sure}{fresh} THEN at_pos END) AS opener,
    MAX(CASE WHEN {sure}{fresh} THEN at_us END) AS opener_us,
    MAX(CASE WHEN {sure}{stale} THEN at_pos END) AS expired,
    MAX(CASE WHEN {maybe}{fresh} THEN at_pos END) AS maybe_opener
  FROM pairs
  GROUP BY pos"
            ),
        );
    }

    /// O, X and O?, Q and Q? of each instance, as `opener`, `expired`,
    /// `maybe_opener`, `closer`, `maybe_closer`; 0 for none.
    fn found(&self, script: &mut Script) {
        let mut columns = String::new();
        let larger = |a: &str, b: &str| format!("CASE WHEN {a} > {b} THEN {a} ELSE {b} END");
        let keyed = !self.same.is_empty();
        let maybe_closer = match (self.until, keyed) {
            (None, _) => "0".to_owned(),
            (Some(_), false) => "i.key_closer".to_owned(),
            (Some(_), true) => larger("i.key_closer", "i.any_closer"),
        };
        let closer = match self.until {
            Some(_) => "i.closer, i.closer_us",
            None => "0 AS closer, CAST(NULL AS BIGINT) AS closer_us",
        };
        let mut from = "instances i".to_owned();
        if self.condition.is_some() {
            columns +=
                "COALESCE(o.opener, 0) AS opener, o.opener_us, COALESCE(o.expired, 0) AS expired,
    COALESCE(o.maybe_opener, 0) AS maybe_opener";
            from += "\n  LEFT JOIN openers o ON o.pos = i.pos";
        } else {
            let fresh = |us: &str, value: &str| match self.within {
                Some(within) => {
                    format!("CASE WHEN i.{us} + {within} >= i.time_us THEN i.{value} ELSE 0 END")
                }
                None => format!("i.{value}"),
            };
            let expired = self.within.map_or_else(
                || "0".to_owned(),
                |within| {
                    format!("CASE WHEN i.opener_us + {within} < i.time_us THEN i.opener ELSE 0 END")
                },
            );
            let of_key = fresh("key_opener_us", "key_opener");
            let maybe = if keyed {
                larger(
                    &format!("({of_key})"),
                    &format!("({})", fresh("any_opener_us", "any_opener")),
                )
            } else {
                of_key
            };
            let _ = write!(
                columns,
                "{} AS opener, i.opener_us, {expired} AS expired,\n    {maybe} AS maybe_opener",
                fresh("opener_us", "opener")
            );
        }
        script.table(
            "found",
            "3.3: O, X, O?, Q and Q? of each instance, 0 for none",
            format!(
                "SELECT i.leaf, i.pos, i.time_us, i.now_us, i.is_late, i.when_is, i.no_key, i.is_trigger,
    {columns},
    {closer}, {maybe_closer} AS maybe_closer
  FROM {from}"
            ),
        );
    }

    fn decided(&self, script: &mut Script, scope: &Scope<'_>) {
        let hold = scope.hold;
        script.table(
            "reasoned",
            "3.3: the three cases, and the table",
            format!(
                "SELECT *,
    CASE WHEN opener > closer THEN COALESCE(opener_us, {LONG_AGO}) ELSE COALESCE(closer_us, {LONG_AGO}) END AS after_us,
    CASE
      WHEN is_trigger = 0 THEN 'late_end'
      {THREE_CASES}
      WHEN now_us < time_us + {hold} THEN 'waiting'
      WHEN opener > closer AND maybe_closer >= opener THEN 'maybe_permitted'
      WHEN opener > closer THEN 'permitted'
      WHEN maybe_opener > closer THEN 'maybe_permitted'
      WHEN expired > closer THEN 'expired'
      WHEN closer > 0 THEN 'permission_ended'
      ELSE 'not_permitted'
    END AS reason
  FROM found"
            ),
        );
        let permitted = if self.until.is_some() {
            "'permitted', "
        } else {
            ""
        };
        // With `within`, only a gap that may hide an opener that is not too old.
        let after = match self.within {
            Some(within) => format!(
                "CASE WHEN reason <> 'permitted' AND after_us < time_us - {wide} THEN time_us - {wide} ELSE after_us END",
                wide = within.saturating_add(1)
            ),
            None => "after_us".to_owned(),
        };
        script.table(
            "decided",
            "3.3: what a gap might hide",
            format!(
                "SELECT leaf, pos, 0 AS part, CAST(NULL AS BIGINT) AS each_of, time_us,
    CAST(NULL AS BIGINT) AS deadline_us, reason,
    CASE WHEN after_us < time_us
        AND reason IN ({permitted}'expired', 'permission_ended', 'not_permitted')
      THEN 1 ELSE 0 END AS gap_matters,
    {after} AS gap_after_us, leaf AS gap_leaf,
    time_us AS gap_before_us, time_us + {hold} AS gap_known_us
  FROM reasoned"
            ),
        );
    }
}
