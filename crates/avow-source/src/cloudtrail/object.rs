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

/// The thing concerned: `SYSTEM/ACCOUNT/REGION/CLASS/NAME`; for buckets, whose
/// names are unique in the world, `s3/BUCKET/KEY`. `region` is where it is.
pub(super) fn of(record: &Record<'_>, system: &str, name: &str, region: &str) -> Option<String> {
    let request = record.request_parameters.0.as_ref();
    let response = record.response_elements.0.as_ref();
    if let Some(bucket) = request.and_then(|r| r.text(Parameter::BucketName)) {
        let key = request
            .and_then(|r| r.text(Parameter::Key))
            .unwrap_or_default();
        return Some(in_bucket(bucket, key));
    }
    let made = response
        .filter(|_| makes(name))
        .and_then(|r| first(r, &MADE));
    let (class, id) = made
        .or_else(|| request.and_then(|r| first(r, &NAMED)))
        .or_else(|| Some(("", record.resources.0.as_deref()?)))?;
    let arn = Arn::parse(id);
    // Access points are in a region and an account, buckets are not.
    if let Some(arn) = arn
        .as_ref()
        .filter(|a| a.service == "s3" && a.owner == [""; 2])
    {
        let (bucket, key) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        return Some(in_bucket(bucket, key));
    }
    let account = record.recipient_account_id.as_str().unwrap_or_default();
    let (class, id) = arn.and_then(|arn| arn.thing()).unwrap_or((class, id));
    Some(format!("{system}/{account}/{region}/{class}/{id}"))
}

/// Whether the call makes a thing that its answer names.
fn makes(name: &str) -> bool {
    ["Copy", "Create", "Start", "Restore", "Register", "Import"]
        .iter()
        .any(|verb| name.starts_with(verb))
}

/// The class and the name of the thing that the first of `names` tells.
fn first<'r>(
    parameters: &'r Parameters<'_>,
    names: &[Parameter],
) -> Option<(&'static str, &'r str)> {
    names
        .iter()
        .find_map(|name| Some((class(*name), parameters.text(*name)?)))
}

/// What kind of thing a parameter names, in the word that ARNs use for it.
/// Two things of one service may have the same name if they differ in this.
fn class(parameter: Parameter) -> &'static str {
    match parameter {
        Parameter::SnapshotId
        | Parameter::SourceSnapshotId
        | Parameter::DbSnapshotIdentifier
        | Parameter::TargetDbSnapshotIdentifier => "snapshot",
        Parameter::DbClusterSnapshotIdentifier | Parameter::TargetDbClusterSnapshotIdentifier => {
            "cluster-snapshot"
        }
        Parameter::DbInstanceIdentifier | Parameter::SourceDbInstanceArn => "db",
        Parameter::DbClusterIdentifier => "cluster",
        Parameter::GlobalClusterIdentifier => "global-cluster",
        Parameter::ImageId | Parameter::SourceImageId => "image",
        Parameter::FpgaImageId | Parameter::SourceFpgaImageId => "fpga-image",
        Parameter::VolumeId => "volume",
        Parameter::InstanceId => "instance",
        Parameter::TableName => "table",
        Parameter::GlobalTableName => "global-table",
        Parameter::KeyId => "key",
        Parameter::SecretId => "secret",
        Parameter::FileSystemId | Parameter::SourceFileSystemId => "file-system",
        Parameter::BackupVaultName => "backup-vault",
        Parameter::FunctionName => "function",
        Parameter::StreamName => "stream",
        Parameter::LogGroupName => "log-group",
        Parameter::RoleName => "role",
        Parameter::UserName => "user",
        Parameter::GroupName => "group",
        _ => "",
    }
}

/// A bucket, or what lies in it.
fn in_bucket(bucket: &str, key: &str) -> String {
    if key.is_empty() {
        return format!("s3/{bucket}");
    }
    format!("s3/{bucket}/{key}")
}

/// The parts of `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE` that say which
/// thing it is.
struct Arn<'a> {
    service: &'a str,
    /// Region and account.
    owner: [&'a str; 2],
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let service = parts.nth(1)?;
        let owner = [parts.next()?, parts.next()?];
        let resource = parts.next()?;
        Some(Self {
            service,
            owner,
            resource,
        })
    }

    /// The class and the name in `CLASS/NAME` or `CLASS:NAME`, by which
    /// requests name the thing without its ARN. Further separators belong to
    /// the name: `parameter/prod/key` is not `parameter/test/key`.
    fn thing(&self) -> Option<(&'a str, &'a str)> {
        let (class, name) = self.resource.split_once([':', '/'])?;
        if self.service == "iam" {
            // A path orders identities, but does not name them: requests leave
            // it out.
            return Some((class, name.rsplit('/').next()?));
        }
        // A log group's ARN may end so; it means all streams of the group.
        Some((class, name.strip_suffix(":*").unwrap_or(name)))
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
