//! The nearest of the names that exist, for "did you mean".

/// Longer names than this get no suggestion, so that a hostile document costs
/// no quadratic time. The longest name of the language has 15 letters.
const NAME_CHARS_MAX: usize = 40;

/// The name that needs the fewest edits to become one of `names`: at most one
/// in three of its letters, and no tie.
pub(crate) fn nearest<'n>(
    wrong: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let wrong: Vec<char> = wrong
        .chars()
        .take(NAME_CHARS_MAX + 1)
        .flat_map(char::to_lowercase)
        .collect();
    if wrong.len() > NAME_CHARS_MAX {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    for name in names {
        let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
        let distance = distance(&wrong, &letters);
        if distance > 1.max(letters.len() / 3) || distance >= letters.len() {
            continue;
        }
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, _)) if distance == least => tied = true,
            _ => {
                best = Some((distance, name));
                tied = false;
            }
        }
    }
    best.filter(|_| !tied).map(|(_, name)| name)
}

/// The one name of which the word is a part: `subject_country` of `country`.
pub(crate) fn containing<'n>(
    part: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let mut found = names
        .into_iter()
        .filter(|name| name.split('_').any(|word| word == part));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Levenshtein's distance, with neighbours exchanged as one edit (optimal
/// string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut least = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let exchanged = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if exchanged {
                least = least.min(at(&before_last, j - 1) + 1);
            }
            row.push(least);
        }
        before_last = last;
        last = row;
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{containing, nearest};

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_none() {
        let names = ["never", "always", "when", "within", "then"];
        for (wrong, right) in [
            ("nevr", Some("never")),
            ("withn", Some("within")),
            ("wihtin", Some("within")),
            ("When", Some("when")),
            ("sometimes", None),
            ("hen", None),
            ("", None),
            ("中", None),
        ] {
            assert_eq!(nearest(wrong, names), right, "{wrong}");
        }
    }

    #[test]
    fn a_part_of_one_name_finds_it_and_a_part_of_two_none() {
        let names = ["subject_country", "case_id", "grant_id", "due"];
        assert_eq!(containing("country", names), Some("subject_country"));
        assert_eq!(containing("id", names), None);
        assert_eq!(containing("untry", names), None);
        assert_eq!(containing("", names), None);
    }
}
