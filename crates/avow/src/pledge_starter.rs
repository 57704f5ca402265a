//! The pledge to begin with: one commitment of each rule that is asked for,
//! with examples, and comments that say what to change.
//!
//! Each is a promise that people make. `avow pledge lint --strict` finds
//! nothing in it.

use avow_event::Micros;

use crate::language::Language;
use crate::messages as say;

/// The rules that stand in a pledge where none is asked for.
const FIRST: [&str; 3] = ["never", "only_after", "then"];

/// A commitment to begin with, by its rule.
const COMMITMENTS: [(&str, &str); 7] = [
    ("never", include_str!("starter/never.toml")),
    ("always", include_str!("starter/always.toml")),
    ("only_after", include_str!("starter/only_after.toml")),
    ("then", include_str!("starter/then.toml")),
    ("every", include_str!("starter/every.toml")),
    ("at_most", include_str!("starter/at_most.toml")),
    ("lasts", include_str!("starter/lasts.toml")),
];

/// The names of the rules.
pub(crate) fn rules() -> [&'static str; 7] {
    COMMITMENTS.map(|(rule, _)| rule)
}

/// A pledge that begins on the day of `now`; with a commitment of that rule,
/// or with those that most pledges have.
pub(crate) fn pledge(rule: Option<&str>, now: Micros, language: Language) -> String {
    let day = now.to_string();
    let day = day.split('T').next().unwrap_or_default();
    let comment = |text: &str| {
        let lines = text.lines().map(|line| format!("# {line}\n"));
        lines.collect::<String>()
    };
    let mut out = format!(
        "{}\n[pledge]\ntitle = {{ en = \"Our promises\", zh = \"我们的承诺\" }}\nby = \"Example Ltd\"\nto = \"the people whose data we hold\"\nfrom = {day}\n\n{}[[source]]\nname = \"vault-*\"\nheartbeat = \"PT5M\"\ndelay = \"PT1M\"\n",
        comment(say::STARTER_HEAD.get(language)),
        comment(say::STARTER_SOURCE.get(language)),
    );
    let asked = |name: &str| match rule {
        Some(rule) => rule == name,
        None => FIRST.contains(&name),
    };
    let chosen = COMMITMENTS.iter().filter(|(name, _)| asked(name));
    for (index, (name, text)) in chosen.enumerate() {
        out.push('\n');
        if index == 0 {
            out.push_str(&comment(say::STARTER_COMMITMENT.get(language)));
        }
        out.push_str(&comment(rule_in_words(name).get(language)));
        out.push_str(text);
    }
    out
}

fn rule_in_words(rule: &str) -> crate::language::Text {
    match rule {
        "never" => say::STARTER_NEVER,
        "always" => say::STARTER_ALWAYS,
        "only_after" => say::STARTER_ONLY_AFTER,
        "then" => say::STARTER_THEN,
        "every" => say::STARTER_EVERY,
        "at_most" => say::STARTER_AT_MOST,
        _ => say::STARTER_LASTS,
    }
}

#[cfg(test)]
mod tests {
    use avow_event::PlaceTable;
    use avow_monitor::pledge_keys::RULES;
    use avow_monitor::{Pledge, run_examples, warnings};

    use super::*;

    #[test]
    fn every_starter_is_right_and_not_suspicious() {
        let now = Micros::parse("2027-03-04T05:06:07Z").unwrap();
        let names: Vec<&str> = RULES.iter().map(|rule| rule.key.name).collect();
        assert_eq!(rules().to_vec(), names);
        let asked = names.iter().copied().map(Some).chain([None]);
        for rule in asked {
            for language in [Language::English, Language::Chinese] {
                let text = pledge(rule, now, language);
                let read = Pledge::parse(&text, &PlaceTable::built_in());
                let pledge = read.unwrap_or_else(|errors| panic!("{rule:?} {errors:?}"));
                assert_eq!(pledge.from.to_string(), "2027-03-04T00:00:00.000000Z");
                assert_eq!(run_examples(&pledge), [], "{rule:?}");
                assert_eq!(warnings(&text, &pledge), [], "{rule:?}");
            }
        }
    }
}
