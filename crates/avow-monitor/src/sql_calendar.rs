//! `t + P` in SQL, with calendar months: "Durations" in `docs/spec/pledge.md`.
//!
//! Databases do not agree about dates, nor about division. So the statement
//! makes a table of the months that it needs, from whole numbers: years are
//! counted from March, so that a leap day is the last day of its year, and then
//! 400 years, 100, 4 and one always begin so many days after another.

use avow_event::Micros;

use crate::Duration;
use crate::sql_statement::Script;

const DAY: i64 = 86_400_000_000;

/// From 0000-03-01 to 1970-01-01, in days.
const EPOCH_DAY: i64 = 719_468;

/// The days of 400 years, of the first three centuries of them, of the first 24
/// times four years of a century, and of the first three years of four.
const DAYS: [i64; 4] = [146_097, 36_524, 1_461, 365];

/// The months of so many years, in the same order.
const MONTHS: [i64; 4] = [4_800, 1_200, 48, 12];

/// The days before each month of a year, from March.
const MONTH_DAYS: [i64; 12] = [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337];

/// More than a month, in days.
const A_MONTH: i64 = 32;

/// Every multiple of 400 years that a deadline can be in: 200 years after the
/// year 9999 at most.
const AGES: i64 = 26;

/// Adds the table `due`: the rows of `triggers`, with `base_us` = `time_us + P`.
/// A trigger is at an event's time, or at `from`.
pub(crate) fn due(script: &mut Script, duration: Duration, from: i64) {
    let latest = Micros::MAX.get();
    let capped = format!("CASE WHEN sum_us > {latest} THEN {latest} ELSE sum_us END AS base_us");
    if duration.months == 0 {
        script.table(
            "sums",
            "Durations: so much later",
            format!(
                "SELECT *, time_us + {} AS sum_us\n  FROM triggers",
                duration.micros
            ),
        );
    } else {
        months(script, i64::from(duration.months), from);
        let into = "(t.time_us - s.start_us)";
        script.table(
            "sums",
            "Durations: so many months later, on the same day of the month or on its last",
            format!(
                "SELECT t.*, {} + CASE WHEN d.start_us + {into} < d.next_us
      THEN d.start_us + {into} ELSE d.next_us - {DAY} + {into} % {DAY} END AS sum_us
  FROM triggers t
  JOIN calendar s ON s.start_us <= t.time_us AND s.next_us > t.time_us
  JOIN calendar d ON d.month_n = s.month_n + {}",
                duration.micros, duration.months
            ),
        );
    }
    script.table(
        "due",
        "Durations: the deadline, not later than a time can be",
        format!("SELECT *, {capped}\n  FROM sums"),
    );
}

/// The table `calendar`: the months from the first trigger's to the last possible
/// deadline's, numbered, and when they begin and end.
fn months(script: &mut Script, later: i64, from: i64) {
    let numbers: Vec<String> = (0..AGES).map(|n| format!("({n})")).collect();
    script.table(
        "numbers (n)",
        "Durations: to count with",
        format!("VALUES {}", numbers.join(", ")),
    );
    let months: Vec<String> = (0..)
        .zip(MONTH_DAYS)
        .map(|(n, days): (i64, i64)| format!("({n}, {days})"))
        .collect();
    script.table(
        "year_months (m, day_n)",
        "Durations: the days before each month, from March",
        format!("VALUES {}", months.join(", ")),
    );
    script.table(
        "bounds",
        "Durations: which months are needed",
        format!(
            "SELECT CASE WHEN MIN(time_us) < {from} THEN MIN(time_us) ELSE {from} END - {} AS first_us,
    CASE WHEN MAX(time_us) > {from} THEN MAX(time_us) ELSE {from} END + {} AS last_us
  FROM events",
            A_MONTH * DAY,
            (later + 2) * A_MONTH * DAY
        ),
    );
    let start = |[a, b, c, d]: [&str; 4], of: [i64; 4]| {
        let [x, y, z, w] = of;
        format!("{x} * {a} + {y} * {b} + {z} * {c} + {w} * {d}")
    };
    let names = ["a.n", "b.n", "c.n", "d.n"];
    let [age_days, ..] = DAYS;
    script.table(
        "ages",
        "Durations: which 400 years",
        format!(
            "SELECT n, first_us, last_us
  FROM numbers
  JOIN bounds ON ({age_days} * n - {EPOCH_DAY}) * {DAY} <= last_us
    AND ({age_days} * (n + 1) - {EPOCH_DAY}) * {DAY} >= first_us"
        ),
    );
    script.table(
        "months",
        "Durations: their months, and when they begin",
        format!(
            "SELECT {} + y.m AS month_n, a.first_us, a.last_us,
    ({} + y.day_n - {EPOCH_DAY}) * {DAY} AS start_us
  FROM ages a
  CROSS JOIN numbers b
  CROSS JOIN numbers c
  CROSS JOIN numbers d
  CROSS JOIN year_months y
  WHERE b.n < 4 AND c.n < 25 AND d.n < 4",
            start(names, MONTHS),
            start(names, DAYS)
        ),
    );
    script.table(
        "calendar",
        "Durations: the months that are needed",
        "SELECT month_n, start_us, LEAD(start_us, 1) OVER (ORDER BY month_n) AS next_us
  FROM months
  WHERE start_us >= first_us AND start_us <= last_us"
            .to_owned(),
    );
}
