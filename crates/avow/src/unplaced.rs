//! Region names that the place table does not know: counted and named, because
//! each of them may be a place where a promise is breached and nobody can say.
//!
//! A region's name tells nothing about a person, so that it may be shown; it is
//! written by others all the same, so that its length is limited.

use std::collections::BTreeMap;

use avow_event::{Event, Place};
use serde_json::{Value, json};

use crate::messages as say;
use crate::screen::Screen;
use crate::wrap::tame;

/// Names counted one by one. The largest cloud has some sixty regions; evidence
/// with more unknown ones is made up, and must not fill the memory.
const NAMES_MAX: usize = 256;

/// Characters of a name that are kept: twice the longest name of the table.
const NAME_CHARS_MAX: usize = 40;

/// Names shown on a screen: about a line.
const NAMES_SHOWN: usize = 4;

/// Places that the table does not know, by the names of their regions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unplaced {
    /// Events with such a place.
    events: u64,
    /// How many events have each name; an event with two counts for both. The
    /// empty name stands for events that name no region.
    names: BTreeMap<String, u64>,
    /// Whether there were names beyond [`NAMES_MAX`].
    overflowed: bool,
}

impl Unplaced {
    /// Counts what an event says about places.
    pub(crate) fn see(&mut self, event: &Event) {
        let named = [
            (event.place, &event.region),
            (event.from_place, &event.from_region),
            (event.to_place, &event.to_region),
        ];
        let unknown = named.map(|(place, region)| {
            let is_unknown = place == Some(Place::UNKNOWN);
            is_unknown.then(|| region.as_deref().unwrap_or_default())
        });
        for (index, name) in unknown.iter().enumerate() {
            if let Some(name) = name
                && !unknown
                    .iter()
                    .take(index)
                    .any(|other| other == &Some(*name))
            {
                self.count(name, 1);
            }
        }
        self.events += u64::from(unknown.iter().any(Option::is_some));
    }

    fn count(&mut self, name: &str, events: u64) {
        let name = shortened(name);
        if let Some(count) = self.names.get_mut(&name) {
            *count += events;
        } else if self.names.len() < NAMES_MAX {
            self.names.insert(name, events);
        } else {
            self.overflowed = true;
        }
    }

    /// Adds what was counted elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.overflowed |= other.overflowed;
        for (name, events) in &other.names {
            self.count(name, *events);
        }
    }

    /// The names, those of most events first.
    fn ranked(&self) -> Vec<(&str, u64)> {
        let mut names: Vec<(&str, u64)> =
            self.names.iter().map(|(n, c)| (n.as_str(), *c)).collect();
        names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        names
    }

    /// As a member of the statistics; none where every place is known.
    pub(crate) fn json(&self) -> Option<Value> {
        let names = self.ranked().into_iter();
        let names: Vec<Value> = names
            .map(|(name, events)| json!({ "region": name, "events": events }))
            .collect();
        (self.events > 0).then(
            || json!({ "events": self.events, "regions": names, "more_regions": self.overflowed }),
        )
    }

    /// Says it on standard error, where the output itself has no place for it.
    pub(crate) fn remark(&self, screen: &Screen) {
        if let Some(sentence) = self.sentence(screen) {
            screen.remark(&sentence);
        }
    }

    /// In one sentence; none where every place is known.
    pub(crate) fn sentence(&self, screen: &Screen) -> Option<String> {
        let ranked = self.ranked();
        let mut names: Vec<String> = ranked
            .iter()
            .take(NAMES_SHOWN)
            .map(|(name, events)| match *name {
                "" => format!("{} {events}", screen.text(say::PLACES_NO_REGION)),
                name => format!("{name} {events}"),
            })
            .collect();
        let more = ranked.len().saturating_sub(NAMES_SHOWN);
        if self.overflowed {
            let more = more.to_string();
            names.push(screen.fill(say::PLACES_MANY_MORE, &[("more", &more)]));
        } else if more > 0 {
            let more = more.to_string();
            names.push(screen.fill(say::PLACES_MORE, &[("more", &more)]));
        }
        let (events, names) = (self.events.to_string(), names.join(screen.text(say::COMMA)));
        let values = [("events", events.as_str()), ("names", &names)];
        (self.events > 0).then(|| screen.fill(say::PLACES_UNKNOWN, &values))
    }
}

/// A name that is safe and short enough to show.
fn shortened(name: &str) -> String {
    let mut short: String = name.chars().take(NAME_CHARS_MAX).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    tame(&short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use avow_event::{Action, Micros};

    fn event(region: &str) -> Event {
        let mut event = Event::new("s", 1, Micros::MIN, Action::Store);
        event.place = Some(Place::UNKNOWN);
        event.region = Some(region.to_owned());
        event
    }

    #[test]
    fn an_event_counts_once_however_many_of_its_places_are_unknown() {
        let mut copy = event("moon-1");
        copy.from_place = Some(Place::UNKNOWN);
        copy.from_region = Some("moon-1".to_owned());
        copy.to_place = Some(Place::UNKNOWN);
        copy.to_region = Some("mars-1".to_owned());
        let mut home = event("cn-north-1");
        home.place = Place::parse("CN");
        let mut found = Unplaced::default();
        found.see(&home);
        assert_eq!(found.json(), None);
        found.see(&copy);
        let regions = json!([
            { "region": "mars-1", "events": 1 }, { "region": "moon-1", "events": 1 },
        ]);
        let expected = json!({ "events": 1, "regions": regions, "more_regions": false });
        assert_eq!(found.json(), Some(expected));
    }

    #[test]
    fn made_up_names_fill_neither_the_memory_nor_the_screen() {
        let mut found = Unplaced::default();
        for n in 0..1_000 {
            found.see(&event(&format!("moon-{n:03}")));
        }
        assert_eq!((found.events, found.names.len()), (1_000, NAMES_MAX));
        let long = shortened(&format!("\u{1b}[31m{}", "x".repeat(1_000)));
        assert_eq!(long.chars().count(), NAME_CHARS_MAX + 1);
        assert!(!long.contains('\u{1b}'), "{long}");
    }
}
