//! The made-up log that the monitor is measured on: 180 days of what a cloud
//! does with the data of many people. The same seed gives the same events.

use avow_event::{Action, Event, Micros, Place};

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000_000;
/// How long it takes, whatever the number of events.
const SPAN: i64 = 180 * 86_400 * 1_000_000;

/// What a pledge says before its commitments.
pub(crate) const HEAD: &str = r#"
[pledge]
title = "bench"
by = "bench"
to = "bench"
from = 2026-01-01
[[source]]
name = "vault-*"
heartbeat = "PT1H"
"#;

/// Examples that fit no rule: the bench measures, it does not check.
const EXAMPLES: &str = r#"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "US" }]
"#;

pub(crate) const NEVER: &str =
    r#"never = "action = 'store' AND subject_country = 'CN' AND place <> 'CN'""#;
pub(crate) const BEFORE: &str = r#"when = "action = 'use'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]"#;
pub(crate) const WITHIN: &str = r#"when = "action = 'request'"
then = "action = 'erase'"
within = "P30D"
same = ["subject"]"#;

/// A pledge with these rules.
pub(crate) fn pledge_text<'a>(rules: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = HEAD.to_owned();
    for (n, rule) in rules.into_iter().enumerate() {
        let head = format!("[[commitment]]\nid = \"c{n}\"\nsays = \"c{n}\"\n");
        text.extend([head.as_str(), rule, "\n", EXAMPLES]);
    }
    text
}

/// Makes one event after another.
pub(crate) struct Stream {
    state: u64,
    next: u64,
    step: i64,
    subjects: u64,
}

impl Stream {
    /// So many events in all, about so many people.
    pub(crate) fn new(events: u64, subjects: u64) -> Self {
        let events = i64::try_from(events.max(1)).unwrap_or(i64::MAX);
        Self {
            state: 1,
            next: 0,
            step: (SPAN / events).max(1),
            subjects,
        }
    }

    fn random(&mut self, below: u64) -> u64 {
        // Numerical Recipes' multiplier; the low bits are poor.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % below
    }

    /// An event to write into, so that no memory is taken for each.
    pub(crate) fn blank() -> Event {
        let mut event = Event::new("vault-1", 0, Micros::MIN, Action::Store);
        event.subject = Some(String::new());
        event
    }

    /// Gives permission to people one after another, everybody in turn.
    pub(crate) fn write_consent(&mut self, event: &mut Event) {
        let subject = self.next % self.subjects;
        self.write(event, Action::Consent, subject);
    }

    /// The next event, of any kind, about anybody.
    pub(crate) fn write_any(&mut self, event: &mut Event) {
        let action = match self.random(1_000) {
            0..80 => Action::Consent,
            80..100 => Action::Withdraw,
            100..130 => Action::Request,
            130..158 => Action::Erase,
            158..458 => Action::Use,
            458..528 => Action::Transfer,
            _ => Action::Store,
        };
        let subject = self.random(self.subjects);
        self.write(event, action, subject);
    }

    fn write(&mut self, event: &mut Event, action: Action, subject: u64) {
        let at = i64::try_from(self.next).unwrap_or(i64::MAX);
        self.next += 1;
        event.seq = self.next;
        event.time = Micros::new(START + at * self.step).unwrap_or(Micros::MAX);
        event.logged = Some(event.time);
        event.action = action;
        if let Some(name) = &mut event.subject {
            name.clear();
            name.push_str("p_");
            let digits = subject.to_string();
            for _ in digits.len()..22 {
                name.push('0');
            }
            name.push_str(&digits);
        }
        let country = if subject.is_multiple_of(3) {
            "DE"
        } else {
            "CN"
        };
        event.subject_country = Place::parse(country);
        let abroad = self.random(20_000) == 0;
        event.place = Place::parse(if abroad { "US" } else { country });
        event.to_place = (action == Action::Transfer)
            .then(|| Place::parse(if self.random(10) == 0 { "US" } else { country }))
            .flatten();
        event.encrypted = Some(self.random(1_000) > 0);
    }
}

/// Twenty promises of the kinds that firms make: eight about single events,
/// six about permission, six about deadlines.
pub(crate) const TWENTY: [&str; 20] = [
    NEVER,
    r#"never = "action = 'transfer' AND subject_country = 'CN' AND to_place <> 'CN'""#,
    r#"never = "action = 'transfer' AND to_place IN ('US', 'RU', 'KP')""#,
    r#"when = "action = 'store'"
always = "encrypted""#,
    r#"when = "action = 'store' AND place = 'US'"
always = "encrypted AND subject_country = 'US'""#,
    r#"never = "action = 'copy' AND NOT encrypted""#,
    r#"when = "action IN ('use', 'transfer')"
always = "subject IS NOT NULL""#,
    r#"never = "action = 'modify' AND place <> subject_country""#,
    BEFORE,
    r#"when = "action = 'transfer' AND subject_country = 'CN' AND to_place <> 'CN'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]"#,
    r#"when = "action = 'transfer'"
only_after = "action = 'consent'"
same = ["subject"]"#,
    r#"when = "action = 'erase'"
only_after = "action = 'request'"
same = ["subject"]"#,
    r#"when = "action = 'use' AND subject_country = 'DE'"
only_after = "action = 'consent'"
until = "action IN ('withdraw', 'erase')"
same = ["subject", "subject_country"]"#,
    r#"when = "action = 'store' AND place = 'US'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]"#,
    WITHIN,
    r#"when = "action = 'request'"
then = "action = 'erase'"
within = "P15D"
same = ["subject"]"#,
    r#"when = "action = 'withdraw'"
then = "action = 'erase'"
unless = "action = 'consent'"
within = "P30D"
same = ["subject"]"#,
    r#"when = "action = 'request' AND subject_country = 'DE'"
then = "action IN ('erase', 'transfer')"
within = "P45D"
same = ["subject"]"#,
    r#"when = "action = 'store' AND place = 'US'"
then = "action = 'notify'"
within = "PT72H"
same = ["subject"]"#,
    r#"when = "action = 'transfer' AND to_place = 'US'"
then = "action = 'use'"
within = "P7D"
same = ["subject"]"#,
];
