//! The reader's language, and texts that exist in both.

use std::fmt::Display;

/// A language that Avow speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The values of `--lang`.
    pub(crate) const NAMES: [&'static str; 2] = ["en", "zh"];

    /// The language that the user asked for, by flag or by locale.
    ///
    /// Read before the command line is parsed, because the help texts and the
    /// messages about a wrong command line are in that language too.
    pub(crate) fn of(arguments: &[String], variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut asked = None;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                break;
            } else if argument == "--lang" {
                asked = rest.next().cloned();
            } else if let Some(value) = argument.strip_prefix("--lang=") {
                asked = Some(value.to_owned());
            }
        }
        // POSIX: the first of these that is set and not empty decides.
        let locale = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .filter_map(&variable)
                .find(|value| !value.is_empty())
        };
        match asked.or_else(locale) {
            Some(name) if name.starts_with("zh") => Self::Chinese,
            _ => Self::English,
        }
    }
}

/// A text of the catalogue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text {
    pub(crate) en: &'static str,
    pub(crate) zh: &'static str,
}

impl Text {
    /// The text in a language.
    pub(crate) fn get(self, language: Language) -> &'static str {
        match language {
            Language::English => self.en,
            Language::Chinese => self.zh,
        }
    }

    /// The text with `{name}` replaced by the value of that name.
    pub(crate) fn fill(self, language: Language, values: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = self.get(language);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            // INVARIANT: braces in the catalogue come in pairs; a test checks it.
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let value = values.iter().find(|(key, _)| *key == name);
            debug_assert!(value.is_some(), "no value for `{name}`");
            out.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// A text of the catalogue with its values. What is said is decided where it
/// happens; in which language, where it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    text: Text,
    values: Vec<(&'static str, String)>,
}

impl Text {
    /// The text with values for its names.
    pub(crate) fn with(self, values: &[(&'static str, &dyn Display)]) -> Said {
        let values = values.iter();
        let values = values.map(|(name, value)| (*name, value.to_string()));
        Said {
            text: self,
            values: values.collect(),
        }
    }
}

impl From<Text> for Said {
    fn from(text: Text) -> Self {
        text.with(&[])
    }
}

impl Said {
    /// What is said, in a language.
    pub(crate) fn get(&self, language: Language) -> String {
        let values = self.values.iter();
        let values: Vec<(&str, &str)> = values.map(|(n, v)| (*n, v.as_str())).collect();
        self.text.fill(language, &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(arguments: &[&str], variables: &[(&str, &str)]) -> Language {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Language::of(&arguments, |name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_flag_beats_the_locale_and_the_first_set_variable_decides() {
        use Language::{Chinese, English};
        assert_eq!(language(&[], &[]), English);
        assert_eq!(language(&[], &[("LANG", "zh_CN.UTF-8")]), Chinese);
        assert_eq!(
            language(&[], &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]),
            English
        );
        assert_eq!(
            language(&[], &[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")]),
            Chinese
        );
        assert_eq!(
            language(&["--lang", "en"], &[("LANG", "zh_CN.UTF-8")]),
            English
        );
        assert_eq!(language(&["check", "--lang=zh", "x"], &[]), Chinese);
        assert_eq!(language(&["check", "--", "--lang=zh"], &[]), English);
    }

    #[test]
    fn values_take_the_place_of_their_names() {
        let text = Text {
            en: "{a} of {b}",
            zh: "{b} 中的 {a}",
        };
        let values = [("a", "1"), ("b", "{a}")];
        assert_eq!(text.fill(Language::English, &values), "1 of {a}");
        assert_eq!(text.fill(Language::Chinese, &values), "{a} 中的 1");
    }
}
