//! Google Cloud, Azure and Entra ID: what the labelled rows say, and that
//! nothing personal leaves a record.

use std::collections::BTreeMap;

use avow_event::{Action, Event, Outcome, Place, PlaceTable};
use serde_json::Value;

use crate::evidence;

fn read(text: &str) -> Vec<Event> {
    let (places, key) = (PlaceTable::built_in(), evidence::key());
    let mut events = Vec::new();
    let mut stream = text.as_bytes();
    let name = "log".as_ref();
    avow_source::read_stream(name, None, &mut stream, &places, &key, &mut |event, _| {
        events.push(event);
    })
    .unwrap();
    events
}

const GCP: &str = r#"{"insertId":"a1","timestamp":"2026-03-08T00:00:10.5Z",
  "logName":"projects/shop-in/logs/cloudaudit.googleapis.com%2Fdata_access",
  "resource":{"type":"gcs_bucket","labels":{"location":"asia-south1","project_id":"shop-in"}},
  "protoPayload":{"serviceName":"storage.googleapis.com","methodName":"storage.objects.get",
   "resourceName":"projects/_/buckets/people/objects/ana.json",
   "authenticationInfo":{"principalEmail":"ana@example.com"},
   "requestMetadata":{"callerIp":"192.0.2.7"},"status":{"code":7,"message":"ana may not"}}}"#;

const AZURE: &str = r#"{"records":[{"time":"2026-03-08T00:00:10.0000000Z",
  "resourceId":"/SUBSCRIPTIONS/12345678-1234-1234-1234-123456789ABC/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/PEOPLE",
  "operationName":"MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION","category":"Administrative",
  "resultType":"Failure","resultSignature":"Failed.Forbidden","callerIpAddress":"192.0.2.7",
  "location":"centralindia","correlationId":"c1",
  "identity":{"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"ana@example.com"}}}]}"#;

const ENTRA: &str = r#"{"time":"2026-03-08T00:00:10.0Z","category":"SignInLogs","tenantId":"t1",
  "operationName":"Sign-in activity","resultType":"50126","resourceId":"/tenants/t1/providers/Microsoft.aadiam",
  "properties":{"id":"s1","userPrincipalName":"ana@example.com","ipAddress":"192.0.2.7",
   "authenticationRequirement":"singleFactorAuthentication","location":{"countryOrRegion":"SG"}}}"#;

#[test]
fn a_google_record_says_what_where_and_how_it_ended() {
    let event = &read(GCP)[0];
    assert_eq!(event.source, "gcp-shop-in");
    assert_eq!((event.action, event.write), (Action::Access, Some(false)));
    assert_eq!(event.outcome, Some(Outcome::Denied));
    assert_eq!(event.code.as_deref(), Some("7"));
    assert_eq!(event.place, Place::parse("IN"));
}

#[test]
fn a_zone_of_google_is_cut_to_its_region() {
    let text = GCP.replace(r#""location":"asia-south1""#, r#""zone":"asia-south1-b""#);
    assert_eq!(read(&text)[0].region.as_deref(), Some("asia-south1"));
}

#[test]
fn an_azure_record_in_a_blob_says_what_where_and_how_it_ended() {
    let event = &read(AZURE)[0];
    assert_eq!(event.source, "azure-12345678-1234-1234-1234-123456789abc");
    assert_eq!(event.action, Action::Disclose);
    assert_eq!(event.outcome, Some(Outcome::Denied));
    assert_eq!(event.place, Place::parse("IN"));
}

#[test]
fn a_sign_in_of_entra_says_from_where_and_with_how_many_factors() {
    let event = &read(ENTRA)[0];
    assert_eq!(
        (event.action, event.outcome),
        (Action::Login, Some(Outcome::Denied))
    );
    assert_eq!(
        (event.mfa, event.actor_place),
        (Some(false), Place::parse("SG"))
    );
    assert_eq!(event.code.as_deref(), Some("50126"));
}

#[test]
fn nothing_personal_leaves_a_record() {
    for text in [GCP, AZURE, ENTRA] {
        let leaf = String::from_utf8(read(text)[0].to_leaf()).unwrap();
        for personal in ["ana", "example.com", "192.0.2.7", "people"] {
            assert!(
                !leaf.to_lowercase().contains(personal),
                "{personal} in {leaf}"
            );
        }
    }
}

#[test]
fn the_same_delivery_twice_gives_its_events_once() {
    for text in [GCP, AZURE, ENTRA] {
        assert_eq!(read(&format!("{text}{text}")).len(), 1);
    }
}

/// How many of each set are read; the others were cut by their authors until
/// nothing says which system they are of.
#[test]
fn labelled_rows_are_known_by_what_they_are() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let mut found: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for set in [
        "azure-activity",
        "azure-ad-audit",
        "gcp-audit",
        "kubernetes-audit",
    ] {
        let path = folder.join(format!("panther-labelled/{set}.ndjson.gz"));
        let (_, stats) = evidence::read(&[path]);
        assert_eq!(stats.malformed, 0, "{set}: {:?}", stats.malformed_first);
        found.insert(set.to_owned(), (stats.records, stats.events));
    }
    let json: Value = serde_json::to_value(&found).unwrap();
    expect_test::expect![[r#"{"azure-activity":[109,108],"azure-ad-audit":[28,17],"gcp-audit":[110,75],"kubernetes-audit":[120,102]}"#]].assert_eq(&json.to_string());
}
