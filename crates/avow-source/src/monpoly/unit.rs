//! How long one step of a log's clock is: an ISO 8601 duration of one part.

/// Microseconds, `None` for anything else: `P1W`, `P1D`, `PT1H`, `PT1M`,
/// `PT1S`, `PT0.001S`; more than zero, of whole microseconds.
pub(super) fn parse_unit(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (number, micros) = match rest.strip_prefix('T') {
        Some(time) => match time.as_bytes().last()? {
            b'H' => (time.strip_suffix('H')?, 3_600_000_000),
            b'M' => (time.strip_suffix('M')?, 60_000_000),
            _ => (time.strip_suffix('S')?, 1_000_000),
        },
        None => match rest.as_bytes().last()? {
            b'W' => (rest.strip_suffix('W')?, 604_800_000_000),
            _ => (rest.strip_suffix('D')?, 86_400_000_000_i64),
        },
    };
    let (whole, part) = match number.split_once('.') {
        Some((whole, part)) if micros == 1_000_000 && (1..=6).contains(&part.len()) => {
            (whole, format!("{part:0<6}"))
        }
        Some(_) => return None,
        None => (number, "0".to_owned()),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(&part) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let total = whole
        .checked_mul(micros)?
        .checked_add(part.parse::<i64>().ok()?)?;
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_has_one_part_of_fixed_length() {
        for (text, micros) in [
            ("P1W", 604_800_000_000),
            ("P1D", 86_400_000_000),
            ("PT2H", 7_200_000_000),
            ("PT1M", 60_000_000),
            ("PT1S", 1_000_000),
            ("PT0.001S", 1_000),
            ("PT0.000001S", 1),
        ] {
            assert_eq!(parse_unit(text), Some(micros), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "1D",
            "P1",
            "P1M",
            "P1Y",
            "PT0S",
            "P-1D",
            "P1.5D",
            "PTS",
            "P1DT1S",
            "PT1.0000001S",
            "PT1.S",
            "PT+1S",
            "P99999999999999999W",
        ] {
            assert_eq!(parse_unit(text), None, "{text}");
        }
    }
}
