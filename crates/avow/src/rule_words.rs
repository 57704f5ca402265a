//! A rule in a sentence, as a lawyer would read it; the conditions stay in the
//! words of the pledge. The texts are in `messages`.

use avow_event::Field;
use avow_monitor::{Deadline, Duration, Pattern, Register};

use crate::language::{Language, Text};
use crate::messages as say;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A rule in a sentence.
pub(crate) fn rule(pattern: &Pattern, language: Language) -> String {
    let mut words = Words {
        language,
        text: String::new(),
    };
    match pattern {
        Pattern::Never { when: None, never } => words.add(say::RULE_NEVER, &[("never", never)]),
        Pattern::Never {
            when: Some(when),
            never,
        } => words.add(say::RULE_NEVER_WHEN, &[("when", when), ("never", never)]),
        Pattern::Always { when: None, always } => {
            words.add(say::RULE_ALWAYS, &[("always", always)]);
        }
        Pattern::Always {
            when: Some(when),
            always,
        } => words.add(say::RULE_ALWAYS_WHEN, &[("when", when), ("always", always)]),
        Pattern::Before {
            when,
            only_after,
            until,
            condition,
            within,
            ..
        } => {
            let values: [Value<'_>; 2] = [("when", when), ("only_after", only_after)];
            words.add(say::RULE_BEFORE, &values);
            if let Some(within) = within {
                let within = words.span(*within);
                words.add(say::RULE_NO_OLDER, &[("within", &within)]);
            }
            words.maybe(say::RULE_UNTIL, "until", until.as_ref());
            words.maybe(say::RULE_WHERE, "where", condition.as_ref());
        }
        Pattern::Within { .. } => words.within(pattern),
        Pattern::Every { .. } => words.every(pattern),
        Pattern::AtMost {
            happens,
            at_most,
            within,
            ..
        } => {
            let within = words.span(*within);
            let values: [Value<'_>; 3] =
                [("happens", happens), ("most", at_most), ("within", &within)];
            words.add(say::RULE_AT_MOST, &values);
        }
        Pattern::Lasts {
            when,
            lasts,
            ends,
            condition,
            ..
        } => {
            let lasts = words.length(*lasts);
            let values: [Value<'_>; 3] = [("when", when), ("lasts", &lasts), ("ends", ends)];
            words.add(say::RULE_LASTS, &values);
            words.maybe(say::RULE_WHERE, "where", condition.as_ref());
        }
    }
    words.same(pattern.same());
    words.text
}

type Value<'a> = (&'a str, &'a dyn std::fmt::Display);

/// A sentence in the making.
struct Words {
    language: Language,
    text: String,
}

impl Words {
    fn add(&mut self, text: Text, values: &[Value<'_>]) {
        let values: Vec<(&str, String)> = values
            .iter()
            .map(|(name, value)| (*name, value.to_string()))
            .collect();
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.text.push_str(&text.fill(self.language, &values));
    }

    fn maybe<T: std::fmt::Display>(&mut self, text: Text, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            self.add(text, &[(name, value)]);
        }
    }

    fn within(&mut self, pattern: &Pattern) {
        let Pattern::Within {
            when,
            then,
            unless,
            already,
            deadline,
            condition,
            for_each,
            pause,
            ..
        } = pattern
        else {
            return;
        };
        match deadline {
            Deadline::After(within) => {
                let within = self.length(*within);
                let values: [Value<'_>; 3] = [("when", when), ("then", then), ("within", &within)];
                self.add(say::RULE_WITHIN, &values);
            }
            Deadline::At(field) => {
                let values: [Value<'_>; 3] =
                    [("when", when), ("then", then), ("field", &field.as_str())];
                self.add(say::RULE_WITHIN_FIELD, &values);
            }
        }
        if let Some(for_each) = for_each {
            let each = self.fields(&for_each.each);
            let values: [Value<'_>; 2] = [("for_each", &for_each.predicate), ("each", &each)];
            self.add(say::RULE_FOR_EACH, &values);
        }
        self.maybe(say::RULE_WHERE, "where", condition.as_ref());
        self.maybe(say::RULE_UNLESS, "unless", unless.as_ref());
        self.maybe(say::RULE_ALREADY, "already", already.as_ref());
        if let Some(pause) = pause {
            let values: [Value<'_>; 2] = [
                ("paused_by", &pause.paused_by),
                ("resumed_by", &pause.resumed_by),
            ];
            self.add(say::RULE_PAUSED, &values);
        }
    }

    fn every(&mut self, pattern: &Pattern) {
        let Pattern::Every {
            happens,
            every,
            register,
            ..
        } = pattern
        else {
            return;
        };
        let every = self.length(*every);
        self.add(say::RULE_EVERY, &[("happens", happens), ("every", &every)]);
        match register {
            Register::One => {}
            Register::Members(members) => {
                let members: Vec<String> = members.iter().map(|m| format!("`{m}`")).collect();
                let members = members.join(say::COMMA.get(self.language));
                self.add(say::RULE_MEMBERS, &[("members", &members)]);
            }
            Register::Entries { when, until } => {
                self.add(say::RULE_ENTERED, &[("when", when)]);
                self.maybe(say::RULE_STRUCK_OFF, "until", until.as_ref());
            }
        }
    }

    fn fields(&self, fields: &[Field]) -> String {
        let names: Vec<String> = fields.iter().map(|f| format!("`{}`", f.as_str())).collect();
        names.join(say::COMMA.get(self.language))
    }

    fn same(&mut self, same: &[Field]) {
        if !same.is_empty() {
            let names = self.fields(same);
            self.add(say::RULE_SAME, &[("same", &names)]);
        }
    }

    fn span(&self, micros: i64) -> String {
        span(micros, self.language)
    }

    /// A length of time with calendar months.
    fn length(&self, duration: Duration) -> String {
        let months = i64::from(duration.months);
        let text = match (months, months % 12) {
            (0, _) => return self.span(duration.micros),
            (1, _) => say::SPAN_MONTH.get(self.language).to_owned(),
            (12, _) => say::SPAN_YEAR.get(self.language).to_owned(),
            (_, 0) => counted(say::SPAN_YEARS, months / 12, self.language),
            _ => counted(say::SPAN_MONTHS, months, self.language),
        };
        if duration.micros == 0 {
            return text;
        }
        let rest = self.span(duration.micros);
        let values = [("months", text.as_str()), ("rest", &rest)];
        say::SPAN_AND.fill(self.language, &values)
    }
}

fn counted(unit: Text, count: i64, language: Language) -> String {
    unit.fill(language, &[("count", &count.to_string())])
}

/// A length of time in the largest unit that says it exactly.
fn span(micros: i64, language: Language) -> String {
    let minute = 60 * MICROS_PER_SECOND;
    let hour = 60 * minute;
    let day = 24 * hour;
    // "1 hours" is no English; 60 minutes is the same. Deadlines of up to three
    // days are written in hours.
    if micros % day == 0 && micros > 3 * day {
        counted(say::SPAN_DAYS, micros / day, language)
    } else if micros % hour == 0 && micros > hour {
        counted(say::SPAN_HOURS, micros / hour, language)
    } else if micros % minute == 0 && micros > minute {
        counted(say::SPAN_MINUTES, micros / minute, language)
    } else {
        let (whole, rest) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
        let decimals = format!("{rest:06}");
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        let count = format!("{whole}{point}{decimals}");
        say::SPAN_SECONDS.fill(language, &[("count", &count)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_exactly() {
        let said = |micros| span(micros, Language::English);
        assert_eq!(said(30 * 24 * 3_600_000_000), "30 days");
        assert_eq!(said(72 * 3_600_000_000), "72 hours");
        assert_eq!(said(3_600_000_000), "60 minutes");
        assert_eq!(said(60_000_000), "60 seconds");
        assert_eq!(said(90 * 60_000_000), "90 minutes");
        assert_eq!(said(1_500_000), "1.5 seconds");
        assert_eq!(said(10_000_000), "10 seconds");
    }

    #[test]
    fn months_are_said_as_months() {
        let words = Words {
            language: Language::English,
            text: String::new(),
        };
        let said = |months, micros| words.length(Duration { months, micros });
        assert_eq!(said(1, 0), "one month");
        assert_eq!(said(3, 0), "3 months");
        assert_eq!(said(12, 0), "one year");
        assert_eq!(said(24, 0), "2 years");
        assert_eq!(said(1, 10 * 86_400_000_000), "one month and 10 days");
    }
}
