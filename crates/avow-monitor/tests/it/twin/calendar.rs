//! `t + P`, by counting days.

use avow_event::Micros;
use avow_monitor::Duration;

const DAY: i64 = 86_400 * 1_000_000;

fn days_of_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_of_year(year: i64) -> i64 {
    337 + days_of_month(year, 2)
}

/// `t + P`, never later than the last instant that an event can have.
pub(crate) fn after(t: i64, length: Duration) -> i64 {
    let mut day = t.div_euclid(DAY);
    let (mut year, mut month) = (1970, 1);
    while day < 0 {
        year -= 1;
        day += days_of_year(year);
    }
    while day >= days_of_year(year) {
        day -= days_of_year(year);
        year += 1;
    }
    while day >= days_of_month(year, month) {
        day -= days_of_month(year, month);
        month += 1;
    }
    for _ in 0..length.months {
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    day = day.min(days_of_month(year, month) - 1);
    let months = (1..month).map(|month| days_of_month(year, month));
    day += months.sum::<i64>();
    day += (1970..year).map(days_of_year).sum::<i64>();
    day -= (year..1970).map(days_of_year).sum::<i64>();
    let moved = day * DAY + t.rem_euclid(DAY);
    moved.saturating_add(length.micros).min(Micros::MAX.get())
}
