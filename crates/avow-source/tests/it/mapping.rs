//! What a CloudTrail record becomes, field by field, and what never leaves it.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use avow_event::{Action, Event, Micros, Outcome, Place, PlaceTable, PseudonymKey, is_pseudonym};
use serde_json::Value;

use crate::evidence;

fn events_with(key: &PseudonymKey, text: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let stats = avow_source::read_stream(
        Path::new("test"),
        None,
        &mut text.as_bytes(),
        &PlaceTable::built_in(),
        key,
        &mut |event, _| events.push(event),
    )
    .unwrap();
    assert_eq!(stats.malformed, 0, "{:?}", stats.malformed_first);
    events
}

/// The events of one call. `members` are added to the record.
fn calls(system: &str, name: &str, members: &str) -> Vec<Event> {
    let separator = if members.is_empty() { "" } else { "," };
    events_with(
        &evidence::key(),
        &format!(
            r#"{{"eventSource":"{system}.amazonaws.com","eventName":"{name}","eventTime":"2026-03-08T00:00:10Z","recipientAccountId":"111122223333"{separator}{members}}}"#
        ),
    )
}

fn call(system: &str, name: &str, members: &str) -> Event {
    let [event] = calls(system, name, members).try_into().unwrap();
    event
}

fn here(more: &str) -> String {
    format!(r#""awsRegion":"eu-west-1"{more}"#)
}

/// From and to regions of a copy call that ran in `eu-west-1`.
fn check_copy(system: &str, name: &str, request: &str, expected: &[(&str, Option<&str>)]) {
    let request = here(&format!(r#","requestParameters":{request}"#));
    let events = calls(system, name, &request);
    let found: Vec<(&str, Option<&str>)> = events
        .iter()
        .map(|e| (e.from_region.as_deref().unwrap(), e.to_region.as_deref()))
        .collect();
    assert_eq!(found, expected, "{name} {request}");
    for event in &events {
        assert_eq!(event.action, Action::Copy);
        let place = |region: Option<&str>| {
            PlaceTable::built_in().place(avow_event::Provider::Aws, region.unwrap_or_default())
        };
        assert_eq!(event.from_place, Some(place(event.from_region.as_deref())));
        assert_eq!(event.to_place, Some(place(event.to_region.as_deref())));
    }
}

const HERE: &str = "eu-west-1";
const THERE: &str = "us-east-1";

#[test]
fn a_copy_that_runs_at_its_target_comes_from_the_region_in_the_request() {
    for (system, name, request) in [
        (
            "ec2",
            "CopySnapshot",
            r#"{"sourceRegion":"us-east-1","sourceSnapshotId":"snap-1"}"#,
        ),
        (
            "ec2",
            "CopyImage",
            r#"{"sourceRegion":"us-east-1","sourceImageId":"ami-1"}"#,
        ),
        ("ec2", "CopyFpgaImage", r#"{"sourceRegion":"us-east-1"}"#),
        (
            "rds",
            "CopyDBSnapshot",
            r#"{"sourceDBSnapshotIdentifier":"arn:aws:rds:us-east-1:1:snapshot:s"}"#,
        ),
        (
            "rds",
            "CopyDBClusterSnapshot",
            r#"{"sourceDBClusterSnapshotIdentifier":"arn:aws:rds:us-east-1:1:cluster-snapshot:s"}"#,
        ),
        (
            "rds",
            "CreateDBInstanceReadReplica",
            r#"{"sourceDBInstanceIdentifier":"arn:aws:rds:us-east-1:1:db:d"}"#,
        ),
        (
            "rds",
            "StartDBInstanceAutomatedBackupsReplication",
            r#"{"sourceDBInstanceArn":"arn:aws:rds:us-east-1:1:db:d"}"#,
        ),
        (
            "rds",
            "CreateGlobalCluster",
            r#"{"sourceDBClusterIdentifier":"arn:aws:rds:us-east-1:1:cluster:c"}"#,
        ),
    ] {
        check_copy(system, name, request, &[(THERE, Some(HERE))]);
    }
    check_copy(
        "rds",
        "CopyDBSnapshot",
        r#"{"sourceDBSnapshotIdentifier":"s"}"#,
        &[(HERE, Some(HERE))],
    );
    check_copy("ec2", "CopySnapshot", "null", &[(HERE, Some(HERE))]);
}

#[test]
fn a_copy_that_runs_at_its_source_goes_to_the_region_in_the_request() {
    for (system, name, request) in [
        (
            "kms",
            "ReplicateKey",
            r#"{"keyId":"mrk-1","replicaRegion":"us-east-1"}"#,
        ),
        (
            "secretsmanager",
            "ReplicateSecretToRegions",
            r#"{"addReplicaRegions":[{"region":"us-east-1"}]}"#,
        ),
        (
            "elasticfilesystem",
            "CreateReplicationConfiguration",
            r#"{"destinations":[{"region":"us-east-1"}]}"#,
        ),
        (
            "backup",
            "StartCopyJob",
            r#"{"destinationBackupVaultArn":"arn:aws:backup:us-east-1:1:backup-vault:v"}"#,
        ),
        (
            "dynamodb",
            "CreateGlobalTable",
            r#"{"replicationGroup":[{"regionName":"eu-west-1"},{"regionName":"us-east-1"}]}"#,
        ),
        (
            "dynamodb",
            "UpdateGlobalTable",
            r#"{"replicaUpdates":[{"create":{"regionName":"us-east-1"}},{"delete":{"regionName":"cn-north-1"}}]}"#,
        ),
    ] {
        check_copy(system, name, request, &[(HERE, Some(THERE))]);
    }
}

#[test]
fn a_call_that_copies_to_several_regions_is_an_event_for_each() {
    check_copy(
        "secretsmanager",
        "ReplicateSecretToRegions",
        r#"{"secretId":"s","addReplicaRegions":[{"region":"us-east-1"},{"region":"eu-west-1"},{"region":"cn-north-1"},{"region":"us-east-1"}]}"#,
        &[(HERE, Some("cn-north-1")), (HERE, Some(THERE))],
    );
    check_copy(
        "secretsmanager",
        "ReplicateSecretToRegions",
        r#"{"secretId":"s","addReplicaRegions":[{"region":"eu-west-1"}]}"#,
        &[(HERE, Some(HERE))],
    );
}

#[test]
fn a_copy_whose_target_the_record_does_not_show_goes_to_an_unknown_place() {
    for (system, name) in [("s3", "PutBucketReplication"), ("kms", "ReplicateKey")] {
        for request in ["{}", "null"] {
            check_copy(system, name, request, &[(HERE, None)]);
        }
    }
    let event = call("s3", "PutBucketReplication", &here(""));
    assert_eq!(event.to_place, Some(Place::UNKNOWN));
}

#[test]
fn the_copy_its_sharing_and_its_deletion_concern_one_object() {
    let region = |r: &str| format!(r#""awsRegion":"{r}","#);
    let groups: &[&[(&str, &str, &str, &str)]] = &[
        &[
            (
                "ec2",
                "CopySnapshot",
                "us-east-1",
                r#""requestParameters":{"sourceRegion":"eu-west-1","sourceSnapshotId":"snap-1"},"responseElements":{"snapshotId":"snap-2"}"#,
            ),
            (
                "ec2",
                "ModifySnapshotAttribute",
                "us-east-1",
                r#""requestParameters":{"snapshotId":"snap-2"}"#,
            ),
            (
                "ec2",
                "DeleteSnapshot",
                "us-east-1",
                r#""requestParameters":{"snapshotId":"snap-2"}"#,
            ),
        ],
        &[
            (
                "rds",
                "CopyDBSnapshot",
                "us-east-1",
                r#""requestParameters":{"sourceDBSnapshotIdentifier":"arn:aws:rds:eu-west-1:1:snapshot:a","targetDBSnapshotIdentifier":"b"}"#,
            ),
            (
                "rds",
                "DeleteDBSnapshot",
                "us-east-1",
                r#""requestParameters":{"dBSnapshotIdentifier":"b"}"#,
            ),
        ],
        &[
            (
                "rds",
                "CreateDBInstanceReadReplica",
                "us-east-1",
                r#""requestParameters":{"sourceDBInstanceIdentifier":"arn:aws:rds:eu-west-1:1:db:a","dBInstanceIdentifier":"b"}"#,
            ),
            (
                "rds",
                "DeleteDBInstance",
                "us-east-1",
                r#""requestParameters":{"dBInstanceIdentifier":"b"}"#,
            ),
        ],
        &[
            (
                "ec2",
                "CopyImage",
                "us-east-1",
                r#""requestParameters":{"sourceRegion":"eu-west-1","sourceImageId":"ami-1"},"responseElements":{"imageId":"ami-2"}"#,
            ),
            (
                "ec2",
                "DeregisterImage",
                "us-east-1",
                r#""requestParameters":{"imageId":"ami-2"}"#,
            ),
        ],
        &[
            (
                "kms",
                "ReplicateKey",
                "eu-west-1",
                r#""requestParameters":{"keyId":"arn:aws:kms:eu-west-1:1:key/mrk-1","replicaRegion":"us-east-1"}"#,
            ),
            (
                "kms",
                "ScheduleKeyDeletion",
                "us-east-1",
                r#""requestParameters":{"keyId":"mrk-1"}"#,
            ),
            (
                "kms",
                "Decrypt",
                "us-east-1",
                r#""requestParameters":null,"resources":[{"type":"AWS::KMS::Key","ARN":"arn:aws:kms:us-east-1:1:key/mrk-1"}]"#,
            ),
        ],
        &[
            (
                "s3",
                "PutObject",
                "eu-west-1",
                r#""requestParameters":{"bucketName":"b","key":"k"}"#,
            ),
            (
                "s3",
                "DeleteObject",
                "",
                r#""requestParameters":{"key":"k","bucketName":"b"}"#,
            ),
            (
                "s3",
                "GetObject",
                "eu-west-1",
                r#""resources":[{"ARN":"arn:aws:s3:::b/k"}]"#,
            ),
        ],
    ];
    let mut objects = BTreeSet::new();
    for group in groups {
        let found: BTreeSet<String> = group
            .iter()
            .map(|(system, name, r, members)| {
                let event = call(system, name, &(region(r) + members));
                event
                    .object
                    .unwrap_or_else(|| panic!("{name} has no object"))
            })
            .collect();
        assert_eq!(found.len(), 1, "{group:?}");
        objects.extend(found);
    }
    assert_eq!(objects.len(), groups.len());
}

#[test]
fn things_of_the_same_name_elsewhere_are_other_objects() {
    let snapshot = |region: &str, account: &str| {
        let member = format!(
            r#""awsRegion":"{region}","requestParameters":{{"dBSnapshotIdentifier":"s"}},"x":"{account}""#
        );
        let text = format!(
            r#"{{"eventSource":"rds.amazonaws.com","eventName":"DeleteDBSnapshot","eventTime":"2026-03-08T00:00:10Z","recipientAccountId":"{account}",{member}}}"#
        );
        events_with(&evidence::key(), &text)[0]
            .object
            .clone()
            .unwrap()
    };
    let found: BTreeSet<String> = [
        snapshot("eu-west-1", "111122223333"),
        snapshot("us-east-1", "111122223333"),
        snapshot("eu-west-1", "444455556666"),
    ]
    .into();
    assert_eq!(found.len(), 3);
}

/// The object of a call to a service of which the record only has this ARN.
fn object_of_arn(system: &str, arn: &str) -> String {
    let resources = format!(r#","resources":[{{"ARN":"{arn}"}}]"#);
    call(system, "GetThing", &here(&resources)).object.unwrap()
}

#[test]
fn different_arns_are_different_objects() {
    for (system, one, other) in [
        (
            "glue",
            "arn:aws:glue:eu-west-1:1:table/customers/rows",
            "arn:aws:glue:eu-west-1:1:table/test/rows",
        ),
        (
            "ssm",
            "arn:aws:ssm:eu-west-1:1:parameter/prod/db",
            "arn:aws:ssm:eu-west-1:1:parameter/dev/db",
        ),
        (
            "logs",
            "arn:aws:logs:eu-west-1:1:log-group:a:*",
            "arn:aws:logs:eu-west-1:1:log-group:b:*",
        ),
        (
            "dynamodb",
            "arn:aws:dynamodb:eu-west-1:1:table/a/stream/2026",
            "arn:aws:dynamodb:eu-west-1:1:table/b/stream/2026",
        ),
        (
            "lambda",
            "arn:aws:lambda:eu-west-1:1:function:a:1",
            "arn:aws:lambda:eu-west-1:1:function:b:1",
        ),
        ("s3", "arn:aws:s3:::a/k", "arn:aws:s3:::b/k"),
        ("s3", "arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/k"),
        (
            "s3",
            "arn:aws:s3:eu-west-1:1:accesspoint/k",
            "arn:aws:s3:::accesspoint/k",
        ),
    ] {
        assert_ne!(
            object_of_arn(system, one),
            object_of_arn(system, other),
            "{one}"
        );
    }
}

#[test]
fn an_arn_and_a_name_of_one_thing_are_one_object() {
    for (system, arn, request) in [
        (
            "logs",
            "arn:aws:logs:eu-west-1:1:log-group:/aws/x:*",
            r#"{"logGroupName":"/aws/x"}"#,
        ),
        (
            "logs",
            "arn:aws:logs:eu-west-1:1:log-group:/aws/x",
            r#"{"logGroupName":"/aws/x"}"#,
        ),
        (
            "iam",
            "arn:aws:iam::1:user/division/ana",
            r#"{"userName":"ana"}"#,
        ),
        (
            "rds",
            "arn:aws-cn:rds:eu-west-1:1:db:a",
            r#"{"dBInstanceIdentifier":"a"}"#,
        ),
        ("s3", "arn:aws:s3:::b", r#"{"bucketName":"b"}"#),
        ("s3", "arn:aws:s3:::b/", r#"{"bucketName":"b","key":""}"#),
        (
            "s3",
            "arn:aws-cn:s3:::b/k/l",
            r#"{"bucketName":"b","key":"k/l"}"#,
        ),
    ] {
        let request = format!(r#","requestParameters":{request}"#);
        let named = call(system, "GetThing", &here(&request)).object.unwrap();
        assert_eq!(object_of_arn(system, arn), named, "{arn}");
    }
}

#[test]
fn the_action_follows_the_table() {
    for (system, name, expected) in [
        ("s3", "PutObject", Action::Store),
        ("s3", "CreateBucket", Action::Store),
        ("s3", "GetObject", Action::Access),
        ("s3", "ListBuckets", Action::Access),
        ("s3", "DeleteObject", Action::Erase),
        ("s3", "DeleteObjects", Action::Erase),
        ("s3", "PutBucketTagging", Action::Configure),
        ("s3", "PutBucketPolicy", Action::Disclose),
        ("s3", "PutObjectAcl", Action::Disclose),
        ("s3", "PutBucketLifecycle", Action::Configure),
        ("s3", "DeleteBucketPolicy", Action::Configure),
        ("s3", "WriteGetObjectResponse", Action::Access),
        ("dynamodb", "PutItem", Action::Store),
        ("dynamodb", "UpdateItem", Action::Modify),
        ("dynamodb", "BatchWriteItem", Action::Store),
        ("rds", "ModifyDBInstance", Action::Modify),
        ("rds", "CreateDBSnapshot", Action::Store),
        ("rds", "DeleteDBInstance", Action::Erase),
        ("rds", "StartExportTask", Action::Store),
        ("rds", "StopDBInstance", Action::Configure),
        ("ec2", "RunInstances", Action::Store),
        ("ec2", "TerminateInstances", Action::Erase),
        ("ec2", "ModifyImageAttribute", Action::Disclose),
        ("kms", "ScheduleKeyDeletion", Action::Erase),
        ("iam", "CreateUser", Action::Configure),
        ("iam", "DeleteRolePolicy", Action::Configure),
        ("cloudtrail", "StopLogging", Action::Configure),
        ("sts", "AssumeRole", Action::Request),
        ("sts", "AssumeRoleWithSAML", Action::Request),
        ("sts", "GetCallerIdentity", Action::Access),
        ("signin", "ConsoleLogin", Action::Login),
        ("lambda", "AddPermission20150331v2", Action::Disclose),
        ("ec2", "CopySnapshot", Action::Copy),
    ] {
        assert_eq!(
            call(system, name, &here("")).action,
            expected,
            "{system} {name}"
        );
    }
}

/// The words in backticks in a cell of a table.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn page() -> String {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/sources/cloudtrail.md"
    );
    std::fs::read_to_string(page).unwrap()
}

#[test]
fn the_page_about_cloudtrail_lists_the_calls_as_they_are_read() {
    let page = page();
    let (_, table) = page.split_once("### Action").unwrap();
    let mut checked = 0;
    for row in table
        .lines()
        .skip_while(|l| !l.starts_with('|'))
        .take_while(|l| l.starts_with('|'))
    {
        let cells: Vec<&str> = row.split('|').collect();
        // Rows of whole names only; the others are rules in words.
        if !cells[1]
            .split(", ")
            .all(|name| name.trim().starts_with('`') && name.trim().ends_with('`'))
            || cells[1].contains('…')
        {
            continue;
        }
        for name in quoted(cells[1]) {
            let action = call("s3", name, &here("")).action;
            assert_eq!(quoted(cells[2]), [action.as_str()], "{name}");
            checked += 1;
        }
    }
    // Sixteen copies, a sign-in, nine shares, ten that tamper, one answer.
    assert_eq!(checked, 37);
}

#[test]
fn the_page_about_cloudtrail_lists_the_first_words_of_reading_calls() {
    let page = page();
    let row = page
        .lines()
        .find(|line| line.starts_with("| `write` |"))
        .unwrap();
    let words = quoted(row)
        .into_iter()
        .find(|words| words.contains("BatchGet"))
        .unwrap();
    for word in words.split(' ') {
        assert_eq!(
            call("s3", &format!("{word}Thing"), "").write,
            Some(false),
            "{word}"
        );
    }
    assert_eq!(words.split(' ').count(), 13);
}

#[test]
fn write_is_what_the_record_says_and_else_follows_the_name() {
    for (read_only, name, expected) in [
        (r#","readOnly":true"#, "PutObject", false),
        (r#","readOnly":false"#, "GetObject", true),
        (r#","readOnly":"true""#, "PutObject", false),
        (r#","readOnly":null"#, "PutObject", true),
        ("", "PutObject", true),
        ("", "GetObject", false),
        ("", "BatchGetItem", false),
        ("", "getObject", true),
    ] {
        assert_eq!(
            call("s3", name, &here(read_only)).write,
            Some(expected),
            "{name}{read_only}"
        );
    }
}

#[test]
fn the_outcome_tells_refusals_from_other_failures() {
    use Outcome::{Denied, Failure, Success};
    for (members, expected) in [
        ("", Success),
        (r#","errorCode":null,"errorMessage":null"#, Success),
        (r#","errorCode":"NoSuchBucket""#, Failure),
        (r#","errorMessage":"no such bucket""#, Failure),
        (r#","errorCode":"""#, Failure),
        (r#","errorCode":5"#, Failure),
        (r#","errorCode":"AccessDenied""#, Denied),
        (r#","errorCode":"AccessDeniedException""#, Denied),
        (r#","errorCode":"Client.UnauthorizedOperation""#, Denied),
        (
            r#","errorMessage":"User: x is not authorized to perform: s3:GetObject""#,
            Denied,
        ),
    ] {
        assert_eq!(
            call("s3", "GetObject", &here(members)).outcome,
            Some(expected),
            "{members}"
        );
    }
}

#[test]
fn a_sign_in_has_its_own_table_of_outcomes() {
    let error = r#","errorMessage":"Failed authentication""#;
    for (answer, error, expected) in [
        ("Success", "", Some(Outcome::Success)),
        ("Failure", error, Some(Outcome::Denied)),
        // These two contradict themselves.
        ("Failure", "", None),
        ("Success", error, Some(Outcome::Failure)),
    ] {
        for (used, mfa) in [("Yes", Some(true)), ("No", Some(false)), ("", None)] {
            let event = call(
                "signin",
                "ConsoleLogin",
                &here(&format!(
                    r#","responseElements":{{"ConsoleLogin":"{answer}"}},"additionalEventData":{{"MFAUsed":"{used}"}}{error}"#
                )),
            );
            assert_eq!(
                (event.outcome, event.mfa),
                (expected, mfa),
                "{answer}{error}"
            );
        }
    }
}

#[test]
fn encrypted_is_only_what_the_record_says() {
    for (members, expected) in [
        ("", None),
        (r#","requestParameters":{"encrypted":true}"#, Some(true)),
        (
            r#","requestParameters":{"storageEncrypted":false}"#,
            Some(false),
        ),
        (
            r#","requestParameters":{"encrypted":false},"responseElements":{"encrypted":true}"#,
            Some(true),
        ),
        (
            r#","requestParameters":{"x-amz-server-side-encryption":"aws:kms"}"#,
            Some(true),
        ),
        (
            r#","additionalEventData":{"SSEApplied":"Default_SSE_S3"}"#,
            Some(true),
        ),
    ] {
        assert_eq!(
            call("s3", "PutObject", &here(members)).encrypted,
            expected,
            "{members}"
        );
    }
}

#[test]
fn the_region_is_verbatim_and_the_place_is_from_the_table() {
    for (region, verbatim, place) in [
        (r#""awsRegion":"eu-west-1""#, Some("eu-west-1"), "IE"),
        (r#""awsRegion":"cn-north-1""#, Some("cn-north-1"), "CN"),
        (r#""awsRegion":"EU-WEST-1""#, Some("EU-WEST-1"), "UNKNOWN"),
        (r#""awsRegion":"""#, Some(""), "UNKNOWN"),
        (r#""awsRegion":null"#, None, "UNKNOWN"),
        ("", None, "UNKNOWN"),
    ] {
        let event = call("s3", "PutObject", region);
        assert_eq!(event.region.as_deref(), verbatim);
        assert_eq!(event.place.unwrap().as_str(), place, "{region}");
    }
}

#[test]
fn a_whole_record_becomes_this_event() {
    let event = call(
        "s3",
        "PutObject",
        &here(
            r#","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ana","userName":"ana"},"requestParameters":{"bucketName":"b","key":"k"}"#,
        ),
    );
    let mut expected = Event::new(
        "cloudtrail-111122223333",
        1,
        Micros::parse("2026-03-08T00:00:10Z").unwrap(),
        Action::Store,
    );
    expected.outcome = Some(Outcome::Success);
    expected.actor = Some(evidence::key().pseudonym("actor", "arn:aws:iam::111122223333:user/ana"));
    expected.actor_kind = Some("IAMUser".to_owned());
    expected.object = Some(evidence::key().pseudonym("object", "s3/b/k"));
    expected.place = Place::parse("IE");
    expected.write = Some(true);
    expected.system = Some("s3".to_owned());
    expected.name = Some("PutObject".to_owned());
    expected.region = Some("eu-west-1".to_owned());
    assert_eq!(event, expected);
}

#[test]
fn a_kind_of_actor_that_could_be_a_name_is_not_taken() {
    for (kind, taken) in [
        ("Root", Some("Root")),
        ("IdentityCenterUser", Some("IdentityCenterUser")),
        ("", None),
        ("JaneDoe", None),
        ("ana@example.com", None),
    ] {
        let identity = format!(r#","userIdentity":{{"type":"{kind}"}}"#);
        let event = call("s3", "PutObject", &here(&identity));
        assert_eq!(event.actor_kind.as_deref(), taken, "{kind}");
    }
}

/// What a caller may put where a word of AWS belongs.
const NO_WORDS: [&str; 5] = [
    "jane@example.com 192.0.2.7",
    "Jane Doe",
    "a\\u0000b",
    "a\\nb",
    "\u{202e}cn-north-1",
];

#[test]
fn a_region_that_is_no_region_is_left_out_and_its_place_is_unknown() {
    for text in NO_WORDS.into_iter().chain([&*"x".repeat(33)]) {
        let event = call("s3", "PutObject", &format!(r#""awsRegion":"{text}""#));
        assert_eq!((event.region, event.place), (None, Some(Place::UNKNOWN)));
        let request = format!(r#","requestParameters":{{"sourceRegion":"{text}"}}"#);
        let copy = call("ec2", "CopySnapshot", &here(&request));
        assert_eq!(
            (copy.from_region, copy.from_place),
            (None, Some(Place::UNKNOWN))
        );
        assert_eq!(copy.to_region.as_deref(), Some(HERE));
        let request = format!(r#","requestParameters":{{"replicaRegion":"{text}"}}"#);
        let copy = call("kms", "ReplicateKey", &here(&request));
        assert_eq!(
            (copy.to_region, copy.to_place),
            (None, Some(Place::UNKNOWN))
        );
        assert_eq!(copy.from_region.as_deref(), Some(HERE));
    }
}

#[test]
fn a_service_or_call_that_is_no_name_is_left_out() {
    for text in NO_WORDS.into_iter().chain(["", &*"x".repeat(129)]) {
        let event = call(text, text, &here(""));
        assert_eq!((event.system, event.name), (None, None), "{text}");
    }
    let event = call("docdb-elastic", "AddPermission_2015:03.31-v2", "");
    assert_eq!(event.system.as_deref(), Some("docdb-elastic"));
    assert_eq!(event.name.as_deref(), Some("AddPermission_2015:03.31-v2"));
}

#[test]
fn the_service_is_named_without_its_domain_in_china_too() {
    let text = r#"{"eventSource":"s3.amazonaws.com.cn","eventName":"PutObject","eventTime":"2026-03-08T00:00:10Z","awsRegion":"cn-north-1"}"#;
    assert_eq!(
        events_with(&evidence::key(), text)[0].system.as_deref(),
        Some("s3")
    );
}

/// All texts in `value` whose member name or form says that they identify.
fn identifying(name: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(n, v)| identifying(n, v, found)),
        Value::Array(items) => items.iter().for_each(|v| identifying(name, v, found)),
        Value::String(text) => {
            let by_name = matches!(
                name,
                "userName"
                    | "arn"
                    | "ARN"
                    | "principalId"
                    | "accessKeyId"
                    | "requestID"
                    | "eventID"
                    | "bucketName"
                    | "key"
                    | "roleName"
                    | "snapshotId"
                    | "instanceId"
                    | "keyId"
            );
            let by_form = text.starts_with("arn:")
                || text.contains('@')
                || text.parse::<std::net::IpAddr>().is_ok();
            // An account number names the operator's account: it is the source.
            let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
            // One record has `redacted` for a region too.
            let is_blank = text == "redacted";
            if (by_name || by_form) && !is_account && !is_blank {
                found.insert(text.clone());
            }
        }
        _ => {}
    }
}

/// Every JSON value in the files of a folder.
fn values(folder: &Path) -> Vec<Value> {
    let mut values = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.contains("json") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let mut text = Vec::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            flate2::read::GzDecoder::new(bytes.as_slice())
                .read_to_end(&mut text)
                .unwrap();
        } else {
            text = bytes;
        }
        let stream = serde_json::Deserializer::from_slice(&text).into_iter::<Value>();
        values.extend(stream.map(Result::unwrap));
    }
    values
}

#[test]
fn nothing_that_identifies_a_person_or_a_thing_is_in_any_event() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let mut checked = 0;
    for set in [
        "aws-cloudtrail-invictus",
        "aws-cloudtrail-opensearch",
        "aws-cloudtrail-otrf",
        "aws-cloudtrail-stratus",
        "aws-cloudtrail-traildiscover",
        "aws-eventbridge-custodian",
        "made-up-multiregion",
        "panther-labelled",
    ] {
        let mut secrets = BTreeSet::new();
        for value in values(&folder.join(set)) {
            identifying("", &value, &mut secrets);
        }
        assert!(secrets.len() > 10, "{set}");
        let (events, _) = evidence::read(&[folder.join(set)]);
        let mut texts = BTreeSet::new();
        for event in &events {
            for pseudonym in [&event.actor, &event.object].into_iter().flatten() {
                assert!(is_pseudonym(pseudonym));
            }
            for field in avow_event::Field::ALL {
                if let Some(avow_event::Value::Text(text)) = event.get(*field)
                    && !text.is_empty()
                    && !is_pseudonym(text)
                {
                    texts.insert(text.to_owned());
                }
            }
        }
        for text in &texts {
            assert!(!secrets.contains(text), "{set}: `{text}`");
            // Short names occur in other words: `secrets` in `secretsmanager`.
            let inside = secrets
                .iter()
                .filter(|s| s.len() > 8)
                .find(|s| text.contains(*s));
            assert_eq!(inside, None, "{set}: `{text}`");
        }
        checked += texts.len();
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn another_key_gives_other_pseudonyms_and_nothing_else_differs() {
    let text = format!(
        r#"{{"eventSource":"s3.amazonaws.com","eventName":"PutObject","eventTime":"2026-03-08T00:00:10Z",{},"requestParameters":{{"bucketName":"b"}},"userIdentity":{{"arn":"a"}}}}"#,
        here("")
    );
    let one = events_with(&PseudonymKey::new([1; 32]), &text);
    let mut two = events_with(&PseudonymKey::new([2; 32]), &text);
    assert_ne!(one[0].actor, two[0].actor);
    assert_ne!(one[0].object, two[0].object);
    two[0].actor = one[0].actor.clone();
    two[0].object = one[0].object.clone();
    assert_eq!(one, two);
}

#[test]
fn the_same_evidence_gives_the_same_events() {
    let Some(folder) = evidence::folder() else {
        return;
    };
    let set = folder.join("made-up-multiregion");
    assert_eq!(
        evidence::read(std::slice::from_ref(&set)),
        evidence::read(std::slice::from_ref(&set))
    );
}
