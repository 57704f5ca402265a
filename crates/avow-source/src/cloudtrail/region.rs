//! From where to where a copy goes.
//!
//! `awsRegion` says where the *call* ran. Some copies run in the region that
//! they go to (`CopySnapshot`), some in the region they come from
//! (`ReplicateKey`); the other end is in the request, if anywhere.

use super::record::{Parameter, Parameters, Record};

/// Calls that run where the copy goes, so that a request which names no
/// target stays in `awsRegion`.
const RUN_AT_TARGET: [&str; 8] = [
    "CopyDBClusterSnapshot",
    "CopyDBSnapshot",
    "CopyFpgaImage",
    "CopyImage",
    "CopySnapshot",
    "CreateDBInstanceReadReplica",
    "CreateGlobalCluster",
    "StartDBInstanceAutomatedBackupsReplication",
];

/// Parameters that name the source by its region.
const SOURCE_REGIONS: [Parameter; 1] = [Parameter::SourceRegion];

/// Parameters that may hold the source's ARN, and with it its region.
const SOURCE_ARNS: [Parameter; 6] = [
    Parameter::SourceDbSnapshotIdentifier,
    Parameter::SourceDbClusterSnapshotIdentifier,
    Parameter::SourceDbInstanceIdentifier,
    Parameter::SourceDbInstanceArn,
    Parameter::SourceDbClusterIdentifier,
    Parameter::RecoveryPointArn,
];

/// The source region and the target regions of a copy call. A target of
/// `None` is one that the record does not show; there is always at least one
/// target. Replicas that stay where the call ran are left out if others do not.
pub(super) fn of_copy<'r>(
    record: &'r Record<'_>,
    name: &str,
) -> (Option<&'r str>, Vec<Option<&'r str>>) {
    let here = record.aws_region.as_str();
    let Some(request) = record.request_parameters.0.as_ref() else {
        // A refused call may have no parameters: nothing was copied, but the
        // attempt is recorded.
        return (here, vec![at_target(name, here)]);
    };
    let from = source(request).or(here);
    let mut to: Vec<Option<&str>> = targets(request)
        .into_iter()
        .filter(|region| Some(*region) != here)
        .map(Some)
        .collect();
    if to.is_empty() {
        let stays = !targets(request).is_empty();
        to.push(if stays { here } else { at_target(name, here) });
    }
    (from, to)
}

fn at_target<'r>(name: &str, here: Option<&'r str>) -> Option<&'r str> {
    here.filter(|_| RUN_AT_TARGET.contains(&name))
}

fn source<'r>(request: &'r Parameters<'_>) -> Option<&'r str> {
    SOURCE_REGIONS
        .iter()
        .find_map(|name| request.text(*name))
        .or_else(|| {
            SOURCE_ARNS
                .iter()
                .find_map(|name| arn_region(request.text(*name)?))
        })
}

fn targets<'r>(request: &'r Parameters<'_>) -> Vec<&'r str> {
    let mut regions: Vec<&str> = [Parameter::DestinationRegion, Parameter::ReplicaRegion]
        .into_iter()
        .filter_map(|name| request.text(name))
        .chain(
            request
                .text(Parameter::DestinationBackupVaultArn)
                .and_then(arn_region),
        )
        .chain(request.replica_regions.iter().map(AsRef::as_ref))
        .collect();
    regions.sort_unstable();
    regions.dedup();
    regions
}

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`
fn arn_region(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':');
    (parts.next() == Some("arn")).then_some(())?;
    parts.nth(2).filter(|region| !region.is_empty())
}
