//! The texts for people, English and Chinese side by side in `messages/`.
//!
//! A text is found by its key; `{name}` in it is a place for a value. How texts
//! are laid out is left to `readme` and to the program.

use avow_monitor::{Language, Texts};

const ENGLISH: &str = include_str!("messages/en.txt");
const CHINESE: &str = include_str!("messages/zh.txt");

/// Both languages, in the order in which they are written.
pub(crate) const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

/// The texts of a language with their keys.
fn catalogue(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let texts = match language {
        Language::English => ENGLISH,
        Language::Chinese => CHINESE,
    };
    let lines = texts.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = "))
}

/// The text of a key; the key itself where there is none.
pub fn text(language: Language, key: &'static str) -> &'static str {
    catalogue(language)
        .find(|(name, _)| *name == key)
        .map_or(key, |(_, text)| text)
}

/// Of two texts, the one in this language.
pub fn of(language: Language, texts: &Texts) -> &str {
    match language {
        Language::English => &texts.en,
        Language::Chinese => &texts.zh,
    }
}

/// The text of a key with values in the places of their names.
pub fn fill(language: Language, key: &'static str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text(language, key);
    // One pass, so that a value with braces is not filled in turn.
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = values.iter().find(|(place, _)| *place == name);
        out.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(language: Language) -> Vec<&'static str> {
        catalogue(language).map(|(key, _)| key).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_in_the_same_order() {
        assert_eq!(keys(Language::English), keys(Language::Chinese));
    }

    #[test]
    fn every_text_has_the_places_of_its_translation() {
        let places = |language: Language, key: &str| {
            let (_, text) = catalogue(language).find(|(name, _)| *name == key).unwrap();
            let mut names: Vec<&str> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split('}').next())
                .collect();
            names.sort_unstable();
            names
        };
        for key in keys(Language::English) {
            assert_eq!(
                places(Language::English, key),
                places(Language::Chinese, key),
                "{key}"
            );
        }
    }

    #[test]
    fn every_text_is_used() {
        let sources = [
            include_str!("readme.rs"),
            include_str!("summary.rs"),
            include_str!("bin/avow-verify.rs"),
        ];
        for key in keys(Language::English) {
            let quoted = format!("\"{key}\"");
            assert!(
                sources.iter().any(|source| source.contains(&quoted)),
                "{key}"
            );
        }
    }

    #[test]
    fn values_with_braces_are_not_filled_in_turn() {
        let text = fill(
            Language::English,
            "promised",
            &[("by", "{to}"), ("to", "B")],
        );
        assert_eq!(text, "Promised by {to} to B.");
    }
}
