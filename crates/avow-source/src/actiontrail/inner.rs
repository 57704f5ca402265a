//! Inner-ActionTrail: what the staff of Alibaba Cloud did to a customer's
//! resources. Field names: Alibaba Cloud, ActionTrail, "Inner-ActionTrail".
//!
//! Here the record says itself from which country the operator acted, so that
//! a promise about access from abroad rests on direct evidence.

use avow_event::{Action, Event, Field, Micros, Place, Provider};
use serde::Deserialize;

use crate::connector::{Answer, Context, Told, set};
use crate::lenient::Text;
use crate::plain;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound = "'de: 'a")]
struct Record<'a> {
    #[serde(rename = "EventID")]
    event_id: Text<'a>,
    event_location: Text<'a>,
    event_product: Text<'a>,
    event_name: Text<'a>,
    event_description: Text<'a>,
    event_type: Text<'a>,
    event_method: Text<'a>,
    #[serde(rename = "ResourceID")]
    resource_id: Text<'a>,
    #[serde(rename = "ResourceRegionID")]
    resource_region_id: Text<'a>,
    #[serde(rename = "ResourceOwnerID")]
    resource_owner_id: Text<'a>,
    event_time: Text<'a>,
}

/// The kinds of occasion: ActionTrail, "Inner-ActionTrail", `EventType`.
const OCCASIONS: [&str; 4] = [
    "ALIYUN_INITIATED_PENALTY",
    "ALIYUN_INITIATED_SERVICE",
    "CUSTOMER_INITIATED_SUPPORT",
    "THIRD_PARTY_DATA_REQUEST",
];

/// Who acts in every one of these records.
const STAFF: &str = "ProviderStaff";

/// Reads one object.
pub(crate) fn read(json: &str, context: &mut Context<'_, '_>) -> Answer {
    let record: Record<'_> = serde_json::from_str(json).ok()?;
    let name = record.event_name.as_str()?;
    if !record.event_location.is_there() || !record.event_method.is_there() {
        return None;
    }
    Some(record.told(name, context))
}

impl Record<'_> {
    fn told(&self, name: &str, context: &mut Context<'_, '_>) -> Result<Told, String> {
        let method = self.event_method.as_str().unwrap_or_default();
        let write = !method.ends_with("read");
        let action = if write {
            Action::Modify
        } else {
            Action::Access
        };
        let owner = self.resource_owner_id.as_str().and_then(plain::account);
        let feed = format!("inner-actiontrail-{}", owner.unwrap_or("unknown"));
        let mut event = Event::new(&feed, 0, Micros::MIN, action);
        let product = self.event_product.as_str().map(str::to_ascii_lowercase);
        set(
            &mut event,
            Field::System,
            product.as_deref().and_then(plain::system),
        )?;
        // Operations have names of several words.
        set(&mut event, Field::Name, plain::name(&name.replace(' ', "")))?;
        event.write = Some(write);
        event.actor_kind = Some(STAFF.to_owned());
        event.actor_place = Some(self.location());
        let region = self.resource_region_id.as_str().and_then(plain::region);
        set(&mut event, Field::Region, region)?;
        let place = context
            .places
            .place(Provider::Alibaba, region.unwrap_or_default());
        event.place = Some(place);
        let occasion = self.event_type.as_str();
        let occasion = occasion.filter(|occasion| OCCASIONS.contains(occasion));
        set(&mut event, Field::Purpose, occasion)?;
        // The reason is a text that a person wrote: only that there is one.
        let reason = self
            .event_description
            .as_str()
            .filter(|text| !text.trim().is_empty());
        event.case_id = reason.map(|text| context.pseudonyms.once("case_id", text));
        let resource = self.resource_id.as_str().filter(|id| !id.is_empty());
        event.object = resource.map(|id| context.pseudonyms.once("object", id));
        Ok(Told {
            events: vec![event],
            id: self.event_id.as_str().map(str::to_owned),
            time: self
                .event_time
                .as_str()
                .and_then(|text| Micros::parse(text).ok()),
        })
    }

    /// The country from which it was done.
    fn location(&self) -> Place {
        let code = self.event_location.as_str().unwrap_or_default();
        Place::parse(code).unwrap_or(Place::UNKNOWN)
    }
}
