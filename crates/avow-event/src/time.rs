//! Instants: microseconds since 1970-01-01T00:00:00Z, and their text form.
//!
//! RFC 3339 with `Z` and exactly six decimals is the one form that leaves
//! hold, so that text order is time order. Other RFC 3339 forms are read, not
//! written. Leap seconds (`:60`) are refused: POSIX time has no name for them.

use std::fmt;

use crate::EventError;

/// An instant in microseconds since the Unix epoch, UTC.
///
/// Covers the years 0001 to 9999, the range of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z.
const SECONDS_MIN: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const SECONDS_MAX: i64 = 253_402_300_799;

impl Micros {
    /// The earliest instant, 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(SECONDS_MIN * MICROS_PER_SECOND);
    /// The last instant, 9999-12-31T23:59:59.999999Z.
    pub const MAX: Self = Self(SECONDS_MAX * MICROS_PER_SECOND + MICROS_PER_SECOND - 1);

    /// An instant from its count, or `None` outside the years 0001 to 9999.
    pub fn new(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&micros)
            .then_some(Self(micros))
    }

    /// The count of microseconds since the Unix epoch.
    pub fn get(self) -> i64 {
        self.0
    }

    /// This instant moved by `micros`, kept within [`Micros::MIN`] and
    /// [`Micros::MAX`].
    #[must_use]
    pub fn saturating_add(self, micros: i64) -> Self {
        Self(
            self.0
                .saturating_add(micros)
                .clamp(Self::MIN.0, Self::MAX.0),
        )
    }

    /// Reads RFC 3339 section 5.6 `date-time` with any offset and up to nine
    /// decimals; digits beyond the sixth are cut off.
    ///
    /// # Errors
    /// Anything else, `:60`, and instants outside the years 0001 to 9999.
    ///
    /// ```
    /// use avow_event::Micros;
    /// let a = Micros::parse("2026-03-08T01:00:10+01:00").unwrap();
    /// assert_eq!(a.to_string(), "2026-03-08T00:00:10.000000Z");
    /// assert!(Micros::parse("2026-02-30T00:00:00Z").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, EventError> {
        parse_rfc3339(text.as_bytes()).ok_or_else(|| {
            EventError::new(format!(
                "`{}` is not an RFC 3339 time; write for example `2026-03-08T00:00:10.000000Z`",
                text.chars().take(40).collect::<String>()
            ))
        })
    }

    /// Appends the canonical 27-byte form to `out`.
    pub(crate) fn write_canonical(self, out: &mut Vec<u8>) {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND);
        let micros = self.0.rem_euclid(MICROS_PER_SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        let [y0, y1] = two_digits(year / 100);
        let [y2, y3] = two_digits(year % 100);
        let [m0, m1] = two_digits(month);
        let [d0, d1] = two_digits(day);
        let [h0, h1] = two_digits(second_of_day / 3_600);
        let [i0, i1] = two_digits(second_of_day / 60 % 60);
        let [s0, s1] = two_digits(second_of_day % 60);
        let [f0, f1] = two_digits(micros / 10_000);
        let [f2, f3] = two_digits(micros / 100 % 100);
        let [f4, f5] = two_digits(micros % 100);
        out.extend_from_slice(&[
            y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', i0, i1, b':', s0, s1,
            b'.', f0, f1, f2, f3, f4, f5, b'Z',
        ]);
    }

    /// Reads exactly what [`Micros::write_canonical`] writes.
    #[inline]
    pub(crate) fn parse_canonical(text: &[u8]) -> Option<Self> {
        let &[
            y0,
            y1,
            y2,
            y3,
            b'-',
            m0,
            m1,
            b'-',
            d0,
            d1,
            b'T',
            h0,
            h1,
            b':',
            i0,
            i1,
            b':',
            s0,
            s1,
            b'.',
            f0,
            f1,
            f2,
            f3,
            f4,
            f5,
            b'Z',
        ] = text
        else {
            return None;
        };
        let all = [
            y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, i0, i1, s0, s1, f0, f1, f2, f3, f4, f5,
        ];
        // Not cut short, so that the compiler looks at all at once.
        if all.iter().fold(false, |bad, b| bad | !b.is_ascii_digit()) {
            return None;
        }
        let two = |tens: u8, ones: u8| u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
        let date = (two(y0, y1) * 100 + two(y2, y3), two(m0, m1), two(d0, d1));
        let seconds = seconds_from_civil(date, (two(h0, h1), two(i0, i1), two(s0, s1)))?;
        let micros = two(f0, f1) * 10_000 + two(f2, f3) * 100 + two(f4, f5);
        Self::new(seconds * MICROS_PER_SECOND + i64::from(micros))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(27);
        self.write_canonical(&mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// The two decimal digits of a number below 100.
fn two_digits(n: i64) -> [u8; 2] {
    let n = u8::try_from(n).unwrap_or(0);
    [b'0' + n / 10, b'0' + n % 10]
}

/// At most six digits.
fn digits(text: &[u8], from: usize, width: usize) -> Option<u32> {
    text.get(from..from + width)?
        .iter()
        .try_fold(0_u32, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + u32::from(byte - b'0'))
        })
}

fn parse_rfc3339(text: &[u8]) -> Option<Micros> {
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    if !(is(4, b'-') && is(7, b'-') && is(13, b':') && is(16, b':')) {
        return None;
    }
    matches!(text.get(10)?, b'T' | b't' | b' ').then_some(())?;
    let date = (
        digits(text, 0, 4)?,
        digits(text, 5, 2)?,
        digits(text, 8, 2)?,
    );
    let time = (
        digits(text, 11, 2)?,
        digits(text, 14, 2)?,
        digits(text, 17, 2)?,
    );
    let (micros, rest) = parse_decimals(text.get(19..)?)?;
    let seconds = seconds_from_civil(date, time)? - parse_offset(rest)?;
    Micros::new(seconds * MICROS_PER_SECOND + i64::from(micros))
}

/// Seconds since the epoch of a date and a time of day in UTC, `None` where
/// there is no such date or time.
fn seconds_from_civil(
    (year, month, day): (u32, u32, u32),
    (hour, minute, second): (u32, u32, u32),
) -> Option<i64> {
    let exists = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    exists.then(|| {
        let second_of_day = hour * 3_600 + minute * 60 + second;
        days_from_civil(year, month, day) * SECONDS_PER_DAY + i64::from(second_of_day)
    })
}

fn parse_decimals(text: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', after)) = text.split_first() else {
        return Some((0, text));
    };
    let count = after.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let kept = count.min(6);
    let scale = 10_u32.pow(u32::try_from(6 - kept).ok()?);
    Some((digits(after, 0, kept)? * scale, after.get(count..)?))
}

fn parse_offset(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (digits(text, 1, 2)?, digits(text, 4, 2)?);
            let seconds = i64::from(hours * 3_600 + minutes * 60);
            (hours < 24 && minutes < 60).then_some(if *sign == b'+' { seconds } else { -seconds })
        }
        _ => None,
    }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. The year is taken
/// to begin in March, so that the leap day is its last one.
fn days_from_civil(year: u32, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i64::from(era * 146_097 + day_of_era) - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
