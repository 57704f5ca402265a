//! Lengths of time as a pledge writes them: ISO 8601 durations, and how they
//! are added to an instant.
//!
//! A day is 24 hours. Years and months are of the calendar, in UTC; where they
//! make no sense is left to the caller. `docs/spec/pledge.md`, "Durations".

use std::fmt;

use avow_event::Micros;
use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Span};

use crate::Duration;

/// The longest duration of fixed length, 73,200 days, about 200 years: longer
/// than any duty, and far from the 292,000 years at which 64 bits of
/// microseconds end.
pub(crate) const DURATION_MICROS_MAX: i64 = 73_200 * DAY;
/// The most calendar months: the same 200 years.
pub(crate) const DURATION_MONTHS_MAX: u32 = 2_400;

/// Why a text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DurationError {
    /// Not of the form.
    Form,
    /// Longer than [`DURATION_MICROS_MAX`] or [`DURATION_MONTHS_MAX`].
    TooLong,
}

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;
/// The longest month.
const MONTH_DAYS_MAX: i64 = 31;

/// A unit: its letter, and how many months or microseconds it has.
#[derive(Clone, Copy)]
struct Unit {
    letter: char,
    months: u32,
    micros: i64,
}

const fn months(letter: char, months: u32) -> Unit {
    Unit {
        letter,
        months,
        micros: 0,
    }
}

const fn micros(letter: char, micros: i64) -> Unit {
    Unit {
        letter,
        months: 0,
        micros,
    }
}

/// The units before and after `T`, in the order in which they must stand.
const DATE_UNITS: &[Unit] = &[
    months('Y', 12),
    months('M', 1),
    micros('W', 7 * DAY),
    micros('D', DAY),
];
const TIME_UNITS: &[Unit] = &[
    micros('H', 3_600 * MICROS),
    micros('M', 60 * MICROS),
    micros('S', MICROS),
];

impl Duration {
    /// Whether it takes no time.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The instant so long after `start`, kept within [`Micros::MAX`].
    ///
    /// Months are added first, in UTC: to the same time of the same day, or of
    /// the last day of a month that has no such day. Then the rest.
    #[must_use]
    pub fn after(self, start: Micros) -> Micros {
        let start = match self.months {
            0 => start,
            // Only an instant behind the last one has no name.
            months => add_months(start, months).unwrap_or(Micros::MAX),
        };
        start.saturating_add(self.micros)
    }

    /// A time that it never exceeds, whatever month it begins in.
    pub fn micros_max(self) -> i64 {
        i64::from(self.months)
            .saturating_mul(MONTH_DAYS_MAX * DAY)
            .saturating_add(self.micros)
    }
}

fn add_months(start: Micros, months: u32) -> Option<Micros> {
    const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
    let moved = EPOCH
        .checked_add(SignedDuration::from_micros(start.get()))
        .and_then(|civil| civil.checked_add(Span::new().try_months(months)?))
        .ok()?;
    let micros = moved.duration_since(EPOCH).as_micros();
    Micros::new(i64::try_from(micros).ok()?)
}

/// As a pledge writes it. Weeks are written as days.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = |f: &mut fmt::Formatter<'_>, parts: &[(i64, char)]| {
            let mut parts = parts.iter().filter(|(count, _)| *count != 0);
            parts.try_for_each(|(count, letter)| write!(f, "{count}{letter}"))
        };
        let (years, months) = (self.months / 12, self.months % 12);
        f.write_str("P")?;
        parts(
            f,
            &[
                (years.into(), 'Y'),
                (months.into(), 'M'),
                (self.micros / DAY, 'D'),
            ],
        )?;
        let time = self.micros % DAY;
        let (seconds, fraction) = (time / MICROS, time % MICROS);
        if time != 0 {
            f.write_str("T")?;
            parts(f, &[(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M')])?;
        }
        match (seconds % 60, fraction) {
            (0, 0) if self.is_zero() => f.write_str("T0S"),
            (0, 0) => Ok(()),
            (seconds, 0) => write!(f, "{seconds}S"),
            (seconds, fraction) => {
                let decimals = format!("{fraction:06}");
                write!(f, "{seconds}.{}S", decimals.trim_end_matches('0'))
            }
        }
    }
}

/// Reads `PnW`, or `PnYnMnDTnHnMnS` with at least one part; seconds may have up
/// to six decimals.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let rest = text.strip_prefix('P').ok_or(DurationError::Form)?;
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return Err(DurationError::Form),
        None => (rest, ""),
    };
    if rest.is_empty() {
        return Err(DurationError::Form);
    }
    if date.contains('W') && (date.contains(['Y', 'M', 'D']) || !time.is_empty()) {
        return Err(DurationError::Form);
    }
    let mut sum = Duration::default();
    parse_parts(date, DATE_UNITS, &mut sum)?;
    parse_parts(time, TIME_UNITS, &mut sum)?;
    if sum.micros > DURATION_MICROS_MAX || sum.months > DURATION_MONTHS_MAX {
        return Err(DurationError::TooLong);
    }
    Ok(sum)
}

fn parse_parts(text: &str, units: &[Unit], sum: &mut Duration) -> Result<(), DurationError> {
    let mut rest = text;
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c != '.' && !c.is_ascii_digit())
            .ok_or(DurationError::Form)?;
        let (number, after) = rest.split_at_checked(end).ok_or(DurationError::Form)?;
        let mut after = after.chars();
        let letter = after.next().ok_or(DurationError::Form)?;
        // Units only descend: each is looked for behind the one before.
        let unit = units
            .find(|unit| unit.letter == letter)
            .ok_or(DurationError::Form)?;
        *sum = add_part(*sum, number, *unit)?;
        rest = after.as_str();
    }
    Ok(())
}

fn add_part(sum: Duration, number: &str, unit: Unit) -> Result<Duration, DurationError> {
    let (whole, fraction) = parse_number(number, unit)?;
    let add = || {
        let months = u32::try_from(whole).ok()?.checked_mul(unit.months);
        let micros = whole.checked_mul(unit.micros)?.checked_add(fraction)?;
        Some(Duration {
            months: match unit.months {
                0 => sum.months,
                _ => sum.months.checked_add(months?)?,
            },
            micros: sum.micros.checked_add(micros)?,
        })
    };
    add().ok_or(DurationError::TooLong)
}

/// The whole units, and the microseconds of the decimals.
fn parse_number(number: &str, unit: Unit) -> Result<(i64, i64), DurationError> {
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) if unit.micros == MICROS && (1..=6).contains(&decimals.len()) => {
            (whole, decimals)
        }
        Some(_) => return Err(DurationError::Form),
        None => (number, ""),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return Err(DurationError::Form);
    }
    let whole: i64 = whole.parse().map_err(|_| DurationError::TooLong)?;
    let mut fraction = 0;
    let mut scale = MICROS;
    for digit in decimals.bytes() {
        scale /= 10;
        fraction += i64::from(digit - b'0') * scale;
    }
    Ok((whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(micros: i64) -> Duration {
        Duration::of_micros(micros)
    }

    #[test]
    fn durations_are_read() {
        for (text, seconds) in [
            ("PT72H", 259_200),
            ("P3D", 259_200),
            ("P1W", 604_800),
            ("P1DT2H3M4S", 93_784),
            ("PT0S", 0),
            ("PT90M", 5_400),
            ("P73200D", 73_200 * 86_400),
        ] {
            assert_eq!(parse_duration(text), Ok(micros(seconds * MICROS)), "{text}");
        }
        assert_eq!(parse_duration("PT0.5S"), Ok(micros(500_000)));
        assert_eq!(parse_duration("PT1.000001S"), Ok(micros(1_000_001)));
        for (text, months, seconds) in [
            ("P1M", 1, 0),
            ("P1Y", 12, 0),
            ("P1Y2M3DT4H", 14, 273_600),
            ("P1MT1M", 1, 60),
            ("P2400M", 2_400, 0),
            ("P200Y", 2_400, 0),
            ("P0Y", 0, 0),
        ] {
            let micros = seconds * MICROS;
            assert_eq!(
                parse_duration(text),
                Ok(Duration { months, micros }),
                "{text}"
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "72h",
            "PT72",
            "T72H",
            "pt72h",
            "PT1H1H",
            "PT1M1H",
            "P1W1D",
            "P1M1W",
            "P1Y1W",
            "P1M1Y",
            "P1D1M",
            "P1.5M",
            "P1Y1Y",
            "PT1Y",
            "PT1.5H",
            "PT1.0000001S",
            "PT.5S",
            "PT1.S",
            "P-1D",
            "+P1D",
            "PT1 H",
            "PT１H",
            "P1W T1H",
            "PT1H ",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError::Form), "{text}");
        }
        for text in [
            "P99999999999999999999D",
            "P9999999W",
            "PT9223372036854775807S",
            "P73200DT0.000001S",
            "P2401M",
            "P200Y1M",
            "P4294967296M",
            "P9223372036854775807Y",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError::TooLong), "{text}");
        }
    }

    #[test]
    fn a_duration_is_written_as_it_is_read() {
        for text in [
            "PT0S",
            "P1Y2M3DT4H5M6.000007S",
            "P1M",
            "P1Y",
            "P11M",
            "P30D",
            "PT5M",
            "PT23H59M59S",
            "PT0.5S",
            "P1DT1S",
            "P1MT1M",
        ] {
            assert_eq!(parse_duration(text).unwrap().to_string(), text);
        }
        assert_eq!(parse_duration("P2W").unwrap().to_string(), "P14D");
        assert_eq!(parse_duration("PT72H").unwrap().to_string(), "P3D");
        assert_eq!(parse_duration("P14M").unwrap().to_string(), "P1Y2M");
    }

    #[test]
    fn months_are_of_the_calendar_and_keep_to_its_last_day() {
        for (start, duration, end) in [
            ("2028-01-31T10:00:00Z", "P1M", "2028-02-29T10:00:00Z"),
            ("2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00Z"),
            ("2026-01-28T10:00:00Z", "P1M", "2026-02-28T10:00:00Z"),
            ("2024-02-29T00:00:00Z", "P1Y", "2025-02-28T00:00:00Z"),
            ("2024-02-29T00:00:00Z", "P4Y", "2028-02-29T00:00:00Z"),
            ("2096-02-29T00:00:00Z", "P4Y", "2100-02-28T00:00:00Z"),
            ("2025-02-28T00:00:00Z", "P3Y", "2028-02-28T00:00:00Z"),
            (
                "2026-12-31T23:59:59.999999Z",
                "P2M",
                "2027-02-28T23:59:59.999999Z",
            ),
            ("2026-08-31T00:00:00Z", "P1M", "2026-09-30T00:00:00Z"),
            // Months first: the day is clipped before the days are added.
            ("2026-01-31T00:00:00Z", "P1M1D", "2026-03-01T00:00:00Z"),
            ("2028-01-31T00:00:00Z", "P1MT24H", "2028-03-01T00:00:00Z"),
            // Not two times one month, which would end on the 28th.
            ("2026-01-31T00:00:00Z", "P2M", "2026-03-31T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "P2M", "1970-02-28T23:59:59.5Z"),
            ("2026-03-08T00:00:00Z", "PT72H", "2026-03-11T00:00:00Z"),
            ("9999-11-30T00:00:00Z", "P1M", "9999-12-30T00:00:00Z"),
            ("9999-10-31T23:00:00Z", "P2M", "9999-12-31T23:00:00Z"),
        ] {
            let found = parse_duration(duration)
                .unwrap()
                .after(Micros::parse(start).unwrap());
            assert_eq!(found, Micros::parse(end).unwrap(), "{start} + {duration}");
        }
    }

    #[test]
    fn what_ends_behind_the_last_instant_ends_at_it() {
        for (start, duration) in [
            ("9999-12-01T00:00:00Z", "P1M"),
            ("9999-12-31T23:59:59.999999Z", "PT1S"),
            ("9900-01-01T00:00:00Z", "P200Y"),
        ] {
            let found = parse_duration(duration)
                .unwrap()
                .after(Micros::parse(start).unwrap());
            assert_eq!(found, Micros::MAX, "{start} + {duration}");
        }
        let first = parse_duration("P1M").unwrap().after(Micros::MIN);
        assert_eq!(first, Micros::parse("0001-02-01T00:00:00Z").unwrap());
    }

    #[test]
    fn no_month_is_longer_than_the_longest() {
        let months = Duration {
            months: 7,
            micros: 5,
        };
        for start in ["2026-01-31", "2026-07-01", "2027-12-31", "2028-02-29"] {
            let start = Micros::parse(&format!("{start}T00:00:00Z")).unwrap();
            let taken = months.after(start).get() - start.get();
            assert!(taken <= months.micros_max(), "{start}");
        }
    }
}
