//! What a call does: read or write, and which action of the event schema.
//!
//! The rules are tables, tried from top to bottom. They are repeated for
//! readers in `docs/reference/sources/cloudtrail.md`.

use avow_event::Action;

/// Calls that make a second copy, wherever it goes.
const COPIES: [&str; 16] = [
    "CopyDBClusterSnapshot",
    "CopyDBSnapshot",
    "CopyFpgaImage",
    "CopyImage",
    "CopySnapshot",
    "CreateCopyJob",
    "CreateDBInstanceReadReplica",
    "CreateGlobalCluster",
    "CreateGlobalTable",
    "CreateReplicationConfiguration",
    "PutBucketReplication",
    "ReplicateKey",
    "ReplicateSecretToRegions",
    "StartCopyJob",
    "StartDBInstanceAutomatedBackupsReplication",
    "UpdateGlobalTable",
];

/// Calls that let somebody else at the data.
const SHARES: [&str; 9] = [
    "AddPermission",
    "AddPermission20150331v2",
    "ModifyDBClusterSnapshotAttribute",
    "ModifyDBSnapshotAttribute",
    "ModifyImageAttribute",
    "ModifySnapshotAttribute",
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutObjectAcl",
];

/// Calls that change or end the recording itself, or the protection of data.
const TAMPERS: [&str; 10] = [
    "DeleteBucketEncryption",
    "DeleteFlowLogs",
    "DeleteLogGroup",
    "DeleteLogStream",
    "DeleteResolverQueryLogConfig",
    "DeleteTrail",
    "PutBucketLifecycle",
    "PutEventSelectors",
    "StopLogging",
    "UpdateTrail",
];

/// A call without `readOnly` only reads if its name begins like this.
const READ_VERBS: [&str; 13] = [
    "BatchGet", "Check", "Describe", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search",
    "Select", "Test", "Validate",
];

/// Services that keep customers' data.
const KEEPS_DATA: [&str; 32] = [
    "athena",
    "backup",
    "codecommit",
    "cognito-idp",
    "dax",
    "docdb-elastic",
    "dynamodb",
    "ebs",
    "ec2",
    "ecr",
    "elasticache",
    "elasticfilesystem",
    "es",
    "firehose",
    "fsx",
    "glacier",
    "glue",
    "kafka",
    "kinesis",
    "kms",
    "logs",
    "memorydb",
    "neptune-graph",
    "qldb",
    "rds",
    "redshift",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "timestream",
];

/// Names that end like this concern settings, not data.
const SETTINGS: [&str; 26] = [
    "AccessBlock",
    "Acl",
    "Attribute",
    "Attributes",
    "Configuration",
    "Cors",
    "Encryption",
    "Grant",
    "Group",
    "Lifecycle",
    "Logging",
    "Notification",
    "Options",
    "Permission",
    "Policy",
    "Replication",
    "Role",
    "Rule",
    "Schedule",
    "Settings",
    "Tagging",
    "Tags",
    "TimeToLive",
    "Versioning",
    "Website",
    "Window",
];

/// What the first word of a writing call does to data.
const VERBS: [(&str, Action); 28] = [
    ("AbortMultipart", Action::Erase),
    ("BatchDelete", Action::Erase),
    ("BatchWrite", Action::Store),
    ("CompleteMultipart", Action::Store),
    ("Copy", Action::Store),
    ("Create", Action::Store),
    ("Delete", Action::Erase),
    ("Deregister", Action::Erase),
    ("Export", Action::Disclose),
    ("Import", Action::Store),
    ("Modify", Action::Modify),
    ("Publish", Action::Store),
    ("Purge", Action::Erase),
    ("Put", Action::Store),
    ("Register", Action::Store),
    ("Remove", Action::Erase),
    ("Rename", Action::Modify),
    ("Restore", Action::Store),
    ("Rotate", Action::Modify),
    ("RunInstances", Action::Store),
    ("ScheduleKeyDeletion", Action::Erase),
    ("Send", Action::Store),
    ("StartExportTask", Action::Store),
    ("Terminate", Action::Erase),
    ("Update", Action::Modify),
    ("Upload", Action::Store),
    ("Write", Action::Store),
    ("WriteGetObjectResponse", Action::Access),
];

/// Whether a call changes state: not `readOnly`; where that is not said, by
/// the first word of its name.
pub(super) fn is_write(read_only: Option<bool>, name: &str) -> bool {
    match read_only {
        Some(read_only) => !read_only,
        None => !READ_VERBS.iter().any(|verb| name.starts_with(verb)),
    }
}

/// The action of a call.
pub(super) fn of(system: &str, name: &str, write: bool) -> Action {
    if COPIES.contains(&name) {
        return Action::Copy;
    }
    if name == "ConsoleLogin" {
        return Action::Login;
    }
    if SHARES.contains(&name) {
        return Action::Disclose;
    }
    if TAMPERS.contains(&name) {
        return Action::Configure;
    }
    if system == "sts" && name.starts_with("AssumeRole") {
        return Action::Request;
    }
    if !write {
        return Action::Access;
    }
    let is_setting = SETTINGS.iter().any(|word| name.ends_with(word));
    if is_setting || !KEEPS_DATA.contains(&system) {
        return Action::Configure;
    }
    VERBS
        .iter()
        .rev()
        .find(|(verb, _)| name.starts_with(verb))
        .map_or(Action::Configure, |(_, action)| *action)
}

/// Error codes that contain one of these mean: not allowed.
const DENIALS: [&str; 6] = [
    "AccessDenied",
    "AuthFailure",
    "AuthorizationError",
    "Forbidden",
    "NotAuthorized",
    "Unauthorized",
];

/// Whether an error is a refusal for want of authorisation.
pub(super) fn is_denial(code: &str, message: &str) -> bool {
    DENIALS.iter().any(|denial| code.contains(denial))
        || message.contains("is not authorized to perform")
}
