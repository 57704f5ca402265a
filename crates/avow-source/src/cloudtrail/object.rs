//! Which thing a call concerns, as one text from which its pseudonym is made.
//!
//! The text has to be the same when the thing is made, shared and deleted.
//! So a copy is named by what it made, not by what it was made from.

use super::record::{Parameter, Parameters, Record};

/// What names the new thing, for calls that make a copy. Looked for in the
/// answer first: there the service says what it made.
const MADE: [Parameter; 12] = [
    Parameter::SnapshotId,
    Parameter::ImageId,
    Parameter::FpgaImageId,
    Parameter::TargetDbSnapshotIdentifier,
    Parameter::TargetDbClusterSnapshotIdentifier,
    Parameter::DbSnapshotIdentifier,
    Parameter::DbClusterSnapshotIdentifier,
    Parameter::DbInstanceIdentifier,
    Parameter::GlobalClusterIdentifier,
    Parameter::GlobalTableName,
    Parameter::RecoveryPointArn,
    Parameter::CopyJobId,
];

/// What names the thing, most exact first. A snapshot comes before the volume
/// that it was taken from, a table before its global table.
const NAMED: [Parameter; 36] = [
    Parameter::SnapshotId,
    Parameter::ImageId,
    Parameter::FpgaImageId,
    Parameter::VolumeId,
    Parameter::InstanceId,
    Parameter::TargetDbSnapshotIdentifier,
    Parameter::TargetDbClusterSnapshotIdentifier,
    Parameter::DbSnapshotIdentifier,
    Parameter::DbClusterSnapshotIdentifier,
    Parameter::DbInstanceIdentifier,
    Parameter::DbClusterIdentifier,
    Parameter::GlobalClusterIdentifier,
    Parameter::TableName,
    Parameter::GlobalTableName,
    Parameter::SecretId,
    Parameter::KeyId,
    Parameter::FileSystemId,
    Parameter::SourceFileSystemId,
    Parameter::RecoveryPointArn,
    Parameter::BackupVaultName,
    Parameter::FunctionName,
    Parameter::QueueUrl,
    Parameter::TopicArn,
    Parameter::StreamName,
    Parameter::LogStreamName,
    Parameter::LogGroupName,
    Parameter::RoleArn,
    Parameter::RoleName,
    Parameter::UserName,
    Parameter::GroupName,
    Parameter::PolicyArn,
    Parameter::Name,
    Parameter::SourceDbInstanceArn,
    Parameter::SourceSnapshotId,
    Parameter::SourceImageId,
    Parameter::SourceFpgaImageId,
];

/// The thing concerned: `SYSTEM/ACCOUNT/REGION/NAME`; for buckets, whose names
/// are unique in the world, `s3/BUCKET/KEY`. `region` is where the thing is.
pub(super) fn of(record: &Record<'_>, system: &str, name: &str, region: &str) -> Option<String> {
    let request = record.request_parameters.0.as_ref();
    let response = record.response_elements.0.as_ref();
    if let Some(bucket) = request.and_then(|r| r.text(Parameter::BucketName)) {
        let key = request
            .and_then(|r| r.text(Parameter::Key))
            .unwrap_or_default();
        return Some(format!("s3/{bucket}/{key}"));
    }
    let made = || {
        let answer = response.and_then(|r| first(r, &MADE));
        answer.filter(|_| makes(name))
    };
    let id = made()
        .or_else(|| request.and_then(|r| first(r, &NAMED)))
        .or(record.resources.0.as_deref())?;
    let account = record.recipient_account_id.as_str().unwrap_or_default();
    Some(match id.strip_prefix("arn:aws:s3:::") {
        Some(bucket) => format!("s3/{bucket}"),
        None => format!("{system}/{account}/{region}/{}", own_name(id)),
    })
}

/// Whether the call makes a thing that its answer names.
fn makes(name: &str) -> bool {
    ["Copy", "Create", "Start", "Restore", "Register", "Import"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

fn first<'r>(parameters: &'r Parameters<'_>, names: &[Parameter]) -> Option<&'r str> {
    names.iter().find_map(|name| parameters.text(*name))
}

/// The part of an ARN by which requests name the thing without its ARN:
/// `arn:aws:rds:eu-west-1:1:snapshot:s1` is `s1`, `…:key/mrk-1` is `mrk-1`.
fn own_name(id: &str) -> &str {
    if id.starts_with("arn:") {
        id.rsplit([':', '/']).next().unwrap_or(id)
    } else {
        id
    }
}

/// Whether the record says that the data is encrypted. `None` where it says
/// nothing: services encrypt by default in ways that no record shows.
pub(super) fn encrypted(record: &Record<'_>) -> Option<bool> {
    let parts = [&record.response_elements.0, &record.request_parameters.0];
    let stated = parts.into_iter().flatten().find_map(|p| p.encrypted);
    let header = parts
        .into_iter()
        .flatten()
        .any(|p| p.text(Parameter::ServerSideEncryption).is_some());
    let applied = record
        .additional_event_data
        .0
        .as_ref()
        .is_some_and(|data| data.sse_applied.as_str().is_some_and(|sse| !sse.is_empty()));
    stated.or((header || applied).then_some(true))
}
