//! Reads the rule of a commitment: exactly one pattern with exactly its keys.
//!
//! Which keys go with which rule is stated in `pledge_keys`; this module says
//! what the syntax tree makes of them. `docs/spec/pledge.md`, "Rules".

use std::collections::BTreeMap;

use avow_event::Field;

use crate::pledge_advice::instead_with;
use crate::pledge_keys::{
    EACH_FIELDS_MAX, Key, PAIRS, RIVALS, RULES, Rule, SAME_FIELDS_MAX, Takes, rule_keys,
};
use crate::pledge_table::{Reader, Section};
use crate::{Deadline, Diagnostic, ForEach, PairCondition, Pattern, Pause, Predicate, Register};

/// The rule, or `None` after saying what is wrong.
pub(crate) fn read_pattern(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<Pattern> {
    // Every condition is read, whatever the rule, so that all mistakes are
    // told at once.
    let mut conditions = Conditions::read(reader, section);
    let rule = the_rule(reader, section)?;
    check_company(reader, section, rule);
    reader.check_required(section, rule.with);
    let same = reader.fields(section, "same", SAME_FIELDS_MAX, &[]);
    let main = rule.key.name;
    match main {
        "never" => Some(Pattern::Never {
            when: conditions.take("when"),
            never: conditions.take(main)?,
        }),
        "always" => Some(Pattern::Always {
            when: conditions.take("when"),
            always: conditions.take(main)?,
        }),
        "only_after" => {
            let within = reader.positive_duration(section, "within");
            Some(Pattern::Before {
                when: conditions.take("when")?,
                only_after: conditions.take(main)?,
                until: conditions.take("until"),
                same: same?,
                condition: conditions.pair,
                within,
            })
        }
        "then" => read_then(reader, section, conditions, same),
        "every" => read_every(reader, section, conditions, same),
        "at_most" => {
            let within = reader.positive_duration(section, "within");
            let at_most = reader.count(section, main);
            Some(Pattern::AtMost {
                happens: conditions.take("happens")?,
                at_most: at_most?,
                within: within?,
                same: same?,
            })
        }
        "lasts" => {
            let lasts = reader.calendar_duration(section, main);
            Some(Pattern::Lasts {
                when: conditions.take("when")?,
                lasts: lasts?,
                ends: conditions.take("ends")?,
                same: same?,
                condition: conditions.pair,
            })
        }
        _ => None,
    }
}

/// The conditions of a commitment, by their keys.
struct Conditions {
    predicates: BTreeMap<&'static str, Predicate>,
    pair: Option<PairCondition>,
}

impl Conditions {
    fn read(reader: &mut Reader<'_>, section: &Section<'_>) -> Self {
        let keys = RULES
            .iter()
            .flat_map(|rule| std::iter::once(&rule.key).chain(rule.with));
        let names: BTreeMap<&str, Takes> = keys.map(|key| (key.name, key.takes)).collect();
        let predicates = names
            .iter()
            .filter(|(_, takes)| **takes == Takes::Predicate)
            .filter_map(|(name, _)| Some((*name, reader.predicate(section, name)?)))
            .collect();
        Self {
            predicates,
            pair: reader.pair(section, "where"),
        }
    }

    fn take(&mut self, key: &str) -> Option<Predicate> {
        self.predicates.remove(key)
    }
}

fn read_then(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    mut conditions: Conditions,
    same: Option<Vec<Field>>,
) -> Option<Pattern> {
    let within = reader.calendar_duration(section, "within");
    let field = reader.deadline_field(section, "deadline");
    if section.get("within").is_none() && section.get("deadline").is_none() {
        reader.missing(
            section,
            "within",
            "every duty has a deadline: `within = \"PT72H\"`, or `deadline = \"due\"` for the instant in a field",
        );
    }
    let others = same.as_deref().unwrap_or_default();
    let each = reader.fields(section, "each", EACH_FIELDS_MAX, others);
    let value = section
        .get("each")
        .and_then(|value| value.get_ref().as_array());
    if value.is_some_and(|array| array.is_empty()) {
        let span = section.key_span("each");
        let message = "`each` has no field, so that nothing tells the duties apart";
        reader.error(
            Diagnostic::new(span, message, "no field").help(
                "write at least one: `each = [\"system\"]`; or leave out `for_each` and `each`",
            ),
        );
        return None;
    }
    let for_each = conditions.take("for_each");
    let (paused_by, resumed_by) = (conditions.take("paused_by"), conditions.take("resumed_by"));
    Some(Pattern::Within {
        when: conditions.take("when")?,
        then: conditions.take("then")?,
        unless: conditions.take("unless"),
        already: conditions.take("already"),
        deadline: match field {
            Some(field) => Deadline::At(field),
            None => Deadline::After(within?),
        },
        same: same?,
        condition: conditions.pair,
        for_each: for_each
            .zip(each)
            .map(|(predicate, each)| ForEach { predicate, each }),
        pause: paused_by
            .zip(resumed_by)
            .map(|(paused_by, resumed_by)| Pause {
                paused_by,
                resumed_by,
            }),
    })
}

fn read_every(
    reader: &mut Reader<'_>,
    section: &Section<'_>,
    mut conditions: Conditions,
    same: Option<Vec<Field>>,
) -> Option<Pattern> {
    let every = reader.calendar_duration(section, "every");
    let (when, until) = (conditions.take("when"), conditions.take("until"));
    let register = if section.get("members").is_some() {
        let field = member_field(reader, section, same.as_deref()?)?;
        Register::Members(reader.members(section, "members", field)?)
    } else if section.get("when").is_some() {
        Register::Entries { when: when?, until }
    } else {
        check_register(reader, section, same.as_deref()?)?;
        Register::One
    };
    Some(Pattern::Every {
        happens: conditions.take("happens")?,
        every: every?,
        register,
        same: same?,
    })
}

/// The field that tells the members apart.
fn member_field(reader: &mut Reader<'_>, section: &Section<'_>, same: &[Field]) -> Option<Field> {
    if let [field] = same {
        return Some(*field);
    }
    let message = "with `members` there is exactly one field in `same`";
    reader.error(
        Diagnostic::new(
            section.key_span("same"),
            message,
            format!("{} fields", same.len()),
        )
        .help("write the field whose values the members are: `same = [\"system\"]`"),
    );
    None
}

/// Refuses what only a register gives a meaning.
fn check_register(reader: &mut Reader<'_>, section: &Section<'_>, same: &[Field]) -> Option<()> {
    if section.get("until").is_some() {
        let message = "`until` strikes off a register, and there is none";
        reader.error(
            Diagnostic::new(section.key_span("until"), message, "without `when`")
                .help("write what enters one into the register as `when = \"…\"`"),
        );
        return None;
    }
    if !same.is_empty() {
        let message = "for whom has this to happen again and again?";
        reader.error(
            Diagnostic::new(section.key_span("same"), message, "for which of them?").help(
                "write `members = [\"…\"]`, or `when` for a register that is kept on the log; `same = []` if once for all will do",
            ),
        );
        return None;
    }
    Some(())
}

/// The one rule of the commitment.
fn the_rule(reader: &mut Reader<'_>, section: &Section<'_>) -> Option<&'static Rule> {
    let entries = section.entries();
    let mut rules = entries
        .iter()
        .filter_map(|(key, _)| RULES.iter().find(|rule| rule.key.name == key.value));
    let Some(rule) = rules.next() else {
        no_rule(reader, section);
        return None;
    };
    let Some(second) = rules.next() else {
        return Some(rule);
    };
    let (first, second) = (rule.key.name, second.key.name);
    reader.error(
        Diagnostic::new(
            section.key_span(second),
            format!("a commitment has one rule, not both `{first}` and `{second}`"),
            "a second rule",
        )
        .help("write two commitments; the same `duty` shows them together"),
    );
    None
}

fn no_rule(reader: &mut Reader<'_>, section: &Section<'_>) {
    // `check_keys` has said already that the rule's name has a slip.
    if RULES
        .iter()
        .any(|rule| reader.has_slip(section, rule.key.name))
    {
        return;
    }
    let rules: Vec<String> = RULES
        .iter()
        .map(|rule| format!("`{}`", rule.key.name))
        .collect();
    let message = format!("{} has no rule", section.name);
    reader.error(
        Diagnostic::new(section.span.clone(), message, "no rule").help(format!(
            "write one of {}; docs/spec/pledge.md says what goes with each",
            rules.join(", ")
        )),
    );
}

/// Refuses keys of other rules, and keys that do not go together.
fn check_company(reader: &mut Reader<'_>, section: &Section<'_>, rule: &Rule) {
    let main = rule.key.name;
    let allowed: Vec<&str> = rule.with.iter().map(|key| key.name).collect();
    let known = rule_keys();
    for (key, _) in section.entries() {
        if !known.contains(&key.value) || key.value == main || allowed.contains(&key.value) {
            continue;
        }
        let message = format!("`{}` does not go with `{main}`", key.value);
        let help = instead_with(main, key.value).map_or_else(
            || format!("with `{main}` go only {}", quoted(rule.with)),
            ToOwned::to_owned,
        );
        reader.error(Diagnostic::new(key.span, message, "means nothing here").help(help));
    }
    let there = |key: &str| allowed.contains(&key) && section.get(key).is_some();
    for (key, other) in PAIRS {
        if there(key) && section.get(other).is_none() && !reader.has_slip(section, other) {
            let example = rule.with.iter().find(|key| key.name == *other);
            let message = format!("`{key}` goes with `{other}`, which is missing");
            let help =
                example.map(|key| format!("write {}: `{other} = {}`", key.says, key.example));
            let diagnostic = Diagnostic::new(section.key_span(key), message, "by itself");
            reader.error(diagnostic.help(help.unwrap_or_default()));
        }
    }
    for (key, other, why) in RIVALS {
        if there(key) && there(other) {
            let message = format!("`{key}` and `{other}` do not go together");
            reader.error(
                Diagnostic::new(section.key_span(other), message, "the second of them").help(*why),
            );
        }
    }
}

fn quoted(keys: &[Key]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    quoted.join(", ")
}
