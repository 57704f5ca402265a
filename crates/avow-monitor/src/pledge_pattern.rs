//! Reads the rule of a commitment: exactly one pattern with exactly its keys.

use crate::pledge_table::{Reader, Section};
use crate::{Deadline, Diagnostic, Duration, Pattern, Predicate};

/// The keys of all patterns.
pub(crate) const PATTERN_KEYS: &[&str] = &[
    "never",
    "always",
    "when",
    "only_after",
    "until",
    "then",
    "within",
    "unless",
    "same",
];

/// Keys of patterns that a later version will have.
pub(crate) const LATER_KEYS: &[&str] = &["every", "at_most", "lasts", "where", "due", "months"];

/// The key that makes a pattern what it is, and the keys that go with it.
const PATTERNS: &[(&str, &[&str])] = &[
    ("never", &["when"]),
    ("always", &["when"]),
    ("only_after", &["when", "until", "same"]),
    ("then", &["when", "within", "unless", "same"]),
];

/// The rule, or `None` after saying what is wrong.
pub(crate) fn read_pattern(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<Pattern> {
    let entries = section.entries();
    let mut rules = entries
        .iter()
        .filter_map(|(key, _)| PATTERNS.iter().find(|(rule, _)| *rule == key.value));
    let rule = rules.next();
    let second = rules.next();
    // Every predicate is read, so that all mistakes are told at once.
    let mut predicate = |key| reader.predicate(section, key);
    let when = predicate("when");
    let never = predicate("never");
    let always = predicate("always");
    let only_after = predicate("only_after");
    let until = predicate("until");
    let then = predicate("then");
    let unless = predicate("unless");
    let Some((rule, allowed)) = rule else {
        no_rule(reader, section);
        return None;
    };
    if let Some((second, _)) = second {
        reader.error(
            Diagnostic::new(
                section.key_span(second),
                format!("a commitment has one rule, not both `{rule}` and `{second}`"),
                "a second rule",
            )
            .help("write two commitments"),
        );
        return None;
    }
    check_company(reader, section, rule, allowed);
    match *rule {
        "never" => Some(Pattern::Never {
            when,
            never: never?,
        }),
        "always" => Some(Pattern::Always {
            when,
            always: always?,
        }),
        "only_after" => {
            let same = reader.same(section);
            Some(Pattern::Before {
                when: required_when(reader, section, when)?,
                only_after: only_after?,
                until,
                same: same?,
                condition: None,
                within: None,
            })
        }
        _ => {
            let same = reader.same(section);
            let within = reader.positive_duration(section, "within");
            if section.get("within").is_none() {
                reader.missing(
                    section,
                    "within",
                    "every duty has a deadline: `within = \"PT72H\"`",
                );
            }
            Some(Pattern::Within {
                when: required_when(reader, section, when)?,
                then: then?,
                unless,
                already: None,
                deadline: Deadline::After(Duration::of_micros(within?)),
                same: same?,
                condition: None,
                for_each: None,
                pause: None,
            })
        }
    }
}

fn required_when(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    when: Option<Predicate>,
) -> Option<Predicate> {
    if section.get("when").is_none() {
        reader.missing(
            section,
            "when",
            "write which events it is about: `when = \"action = 'transfer'\"`",
        );
    }
    when
}

fn no_rule(reader: &mut Reader<'_>, section: &Section<'_>) {
    // `check_keys` has said already that this version lacks the rule, or that
    // its name has a slip.
    let later = LATER_KEYS.iter().any(|key| section.get(key).is_some());
    let slip = PATTERNS
        .iter()
        .any(|(rule, _)| reader.has_slip(section, rule));
    if later || slip {
        return;
    }
    reader.error(
        Diagnostic::new(
            section.span.clone(),
            format!("{} has no rule", section.name),
            "no rule",
        )
        .help("write one of `never`, `always`, `only_after` (with `when`) or `then` (with `when` and `within`)"),
    );
}

/// Refuses keys of other patterns.
fn check_company(reader: &mut Reader<'_>, section: &Section<'_>, rule: &str, allowed: &[&str]) {
    for (key, _) in section.entries() {
        let foreign =
            PATTERN_KEYS.contains(&key.value) && key.value != rule && !allowed.contains(&key.value);
        if !foreign {
            continue;
        }
        let diagnostic = Diagnostic::new(
            key.span,
            format!("`{}` does not go with `{rule}`", key.value),
            "means nothing here",
        );
        reader.error(diagnostic.help(format!(
            "with `{rule}` go only {}",
            allowed
                .iter()
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(", ")
        )));
    }
}
