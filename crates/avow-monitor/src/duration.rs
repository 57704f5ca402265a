//! Lengths of time as a pledge writes them: ISO 8601 durations of fixed
//! length, in microseconds.
//!
//! Years and months have no fixed length and are refused; a day is 24 hours.

/// The longest duration, 200 years: longer than any duty, and far from the
/// 292,000 years at which 64 bits of microseconds end.
pub(crate) const DURATION_MICROS_MAX: i64 = 200 * 366 * 86_400 * 1_000_000;

/// Why a text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DurationError {
    /// Not of the form.
    Form,
    /// It has years or months.
    Calendar,
    /// Longer than [`DURATION_MICROS_MAX`].
    TooLong,
}

const MICROS: i64 = 1_000_000;
/// The units before and after `T`, in the order in which they must stand.
const DATE_UNITS: &[(char, i64)] = &[('W', 604_800 * MICROS), ('D', 86_400 * MICROS)];
const TIME_UNITS: &[(char, i64)] = &[('H', 3_600 * MICROS), ('M', 60 * MICROS), ('S', MICROS)];

/// Reads `PnW`, or `PnDTnHnMnS` with at least one part; seconds may have up to
/// six decimals.
pub(crate) fn parse_duration(text: &str) -> Result<i64, DurationError> {
    let rest = text.strip_prefix('P').ok_or(DurationError::Form)?;
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) if !time.is_empty() => (date, time),
        Some(_) => return Err(DurationError::Form),
        None => (rest, ""),
    };
    if rest.is_empty() {
        return Err(DurationError::Form);
    }
    if date.contains(['Y', 'M']) {
        return Err(DurationError::Calendar);
    }
    if date.contains('W') && (date.contains('D') || !time.is_empty()) {
        return Err(DurationError::Form);
    }
    let sum = parse_parts(date, DATE_UNITS)?
        .checked_add(parse_parts(time, TIME_UNITS)?)
        .ok_or(DurationError::TooLong)?;
    if sum > DURATION_MICROS_MAX {
        return Err(DurationError::TooLong);
    }
    Ok(sum)
}

fn parse_parts(text: &str, units: &[(char, i64)]) -> Result<i64, DurationError> {
    let mut rest = text;
    let mut units = units.iter();
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c != '.' && !c.is_ascii_digit())
            .ok_or(DurationError::Form)?;
        let (number, after) = rest.split_at_checked(end).ok_or(DurationError::Form)?;
        let mut after = after.chars();
        let letter = after.next().ok_or(DurationError::Form)?;
        // Units only descend: each is looked for behind the one before.
        let (_, micros) = units
            .find(|(unit, _)| *unit == letter)
            .ok_or(DurationError::Form)?;
        sum = sum
            .checked_add(parse_number(number, *micros)?)
            .ok_or(DurationError::TooLong)?;
        rest = after.as_str();
    }
    Ok(sum)
}

fn parse_number(number: &str, micros: i64) -> Result<i64, DurationError> {
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) if micros == MICROS && (1..=6).contains(&decimals.len()) => {
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
    whole
        .checked_mul(micros)
        .and_then(|product| product.checked_add(fraction))
        .ok_or(DurationError::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_fixed_length_are_read() {
        for (text, seconds) in [
            ("PT72H", 259_200),
            ("P3D", 259_200),
            ("P1W", 604_800),
            ("P1DT2H3M4S", 93_784),
            ("PT0S", 0),
            ("PT90M", 5_400),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds * MICROS), "{text}");
        }
        assert_eq!(parse_duration("PT0.5S"), Ok(500_000));
        assert_eq!(parse_duration("PT1.000001S"), Ok(1_000_001));
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
            "PT1.5H",
            "PT1.0000001S",
            "PT.5S",
            "PT1.S",
            "P-1D",
            "PT1 H",
            "PT１H",
            "P1W T1H",
            "PT1H ",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError::Form), "{text}");
        }
        for text in ["P1M", "P1Y", "P1Y2M3DT4H"] {
            assert_eq!(parse_duration(text), Err(DurationError::Calendar), "{text}");
        }
        for text in [
            "P99999999999999999999D",
            "P9999999W",
            "PT9223372036854775807S",
        ] {
            assert_eq!(parse_duration(text), Err(DurationError::TooLong), "{text}");
        }
    }
}
