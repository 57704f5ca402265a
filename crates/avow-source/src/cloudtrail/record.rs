//! The parts of a CloudTrail record that are needed, borrowed from its bytes.
//!
//! Field names: AWS CloudTrail user guide, "CloudTrail record contents".

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::lenient::{Flag, Lenient, Text};

/// A record, or an envelope around one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
#[derive(Default)]
pub(crate) struct Record<'a> {
    pub(crate) event_name: Text<'a>,
    pub(crate) event_source: Text<'a>,
    pub(crate) event_time: Text<'a>,
    #[serde(rename = "@timestamp")]
    pub(crate) timestamp: Text<'a>,
    #[serde(rename = "eventID")]
    pub(crate) event_id: Text<'a>,
    pub(crate) aws_region: Text<'a>,
    pub(crate) read_only: Flag,
    pub(crate) error_code: Text<'a>,
    pub(crate) error_message: Text<'a>,
    pub(crate) recipient_account_id: Text<'a>,
    pub(crate) user_identity: Lenient<Identity<'a>>,
    pub(crate) request_parameters: Lenient<Parameters<'a>>,
    pub(crate) response_elements: Lenient<Parameters<'a>>,
    pub(crate) additional_event_data: Lenient<AdditionalData<'a>>,
    pub(crate) resources: Resources<'a>,

    /// The account of an EventBridge envelope.
    pub(crate) account: Text<'a>,
    /// The record in an EventBridge envelope.
    pub(crate) detail: Option<&'a RawValue>,
    /// The record in a labelled row.
    pub(crate) log: Option<&'a RawValue>,
    /// The record in a stored test event.
    pub(crate) event: Option<&'a RawValue>,
    /// The records of a delivery file whose first member is another.
    #[serde(rename = "Records")]
    pub(crate) records: Option<&'a RawValue>,
    /// The records of other systems' deliveries: an `EventList` of Kubernetes,
    /// a blob of Azure, a page of Microsoft Graph.
    pub(crate) items: Option<&'a RawValue>,
    #[serde(rename = "records")]
    pub(crate) blob: Option<&'a RawValue>,
    pub(crate) value: Option<&'a RawValue>,

    /// Members by which an event of our own is known.
    pub(crate) action: Present,
    pub(crate) source: Present,
    pub(crate) seq: Present,
    pub(crate) time: Present,
    pub(crate) specversion: Present,
}

impl<'a> Record<'a> {
    /// The members that may hold a record, and whether that makes its ids
    /// placeholders.
    pub(crate) fn envelopes(&self) -> impl Iterator<Item = (&'a RawValue, bool)> {
        [(self.detail, false), (self.log, true), (self.event, false)]
            .into_iter()
            .filter_map(|(json, labelled)| Some((json?, labelled)))
            .filter(|(json, _)| json.get().starts_with('{'))
    }

    /// The records of a delivery file, as one array.
    pub(crate) fn batch(&self) -> Option<&'a RawValue> {
        [self.records, self.items, self.blob, self.value]
            .into_iter()
            .flatten()
            .find(|json| json.get().starts_with('['))
    }

    /// Whether it claims to be an event of our own: by an envelope's version,
    /// or by any two of the required members, so that it is not passed over for
    /// want of one of them or because one is misspelt. EventBridge and log
    /// shippers name source and time on their envelopes as well, so these two
    /// do not count beside a record.
    pub(crate) fn is_own(&self) -> bool {
        let required = [self.seq, self.action, self.source, self.time];
        let given = required.iter().filter(|member| member.0).count();
        let is_exact = self.seq.0 || self.action.0 || self.envelopes().next().is_none();
        self.specversion.0 || given >= 2 && is_exact
    }

    /// Whether it is anything that is read, or may have something inside.
    pub(crate) fn may_hold_records(&self) -> bool {
        self.call().is_some()
            || self.is_own()
            || self.batch().is_some()
            || self.envelopes().next().is_some()
    }
}

/// Whether a member is there.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Present(pub(crate) bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Who called.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
pub(crate) struct Identity<'a> {
    #[serde(rename = "type")]
    kind: Text<'a>,
    arn: Text<'a>,
    principal_id: Text<'a>,
    user_name: Text<'a>,
    invoked_by: Text<'a>,
    account_id: Text<'a>,
}

impl Identity<'_> {
    /// What kind of identity it is.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.kind.as_str()
    }

    /// The most exact name of the caller that is there.
    pub(crate) fn identifier(&self) -> Option<&str> {
        [
            &self.arn,
            &self.principal_id,
            &self.user_name,
            &self.invoked_by,
            &self.account_id,
        ]
        .into_iter()
        .filter_map(|text| text.as_str())
        .find(|text| !text.is_empty())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
pub(crate) struct AdditionalData<'a> {
    #[serde(rename = "MFAUsed")]
    pub(crate) mfa_used: Text<'a>,
    #[serde(rename = "SSEApplied")]
    pub(crate) sse_applied: Text<'a>,
}

/// The first resource that has an ARN.
#[derive(Debug, Default)]
pub(crate) struct Resources<'a>(pub(crate) Option<Cow<'a, str>>);

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound = "'de: 'a")]
struct Resource<'a> {
    #[serde(rename = "ARN", alias = "arn")]
    arn: Text<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Resources<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let List(resources) = List::<Lenient<Resource<'a>>>::deserialize(deserializer)?;
        let arn = resources
            .into_iter()
            .filter_map(|resource| resource.0)
            .find_map(|resource| match resource.arn {
                Text::Is(arn) => Some(arn),
                _ => None,
            });
        Ok(Self(arn))
    }
}

/// An array; anything else is an empty one.
#[derive(Debug)]
struct List<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for V<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List(Vec::new()))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
        }
        deserializer.deserialize_any(V(std::marker::PhantomData))
    }
}

/// The parameters and answers that say which thing is concerned, where a copy
/// goes, and whether it is encrypted. All others are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
pub(crate) enum Parameter {
    // Buckets and objects.
    BucketName,
    Key,
    // Snapshots, images, volumes, instances.
    SnapshotId,
    SourceSnapshotId,
    ImageId,
    SourceImageId,
    FpgaImageId,
    SourceFpgaImageId,
    VolumeId,
    InstanceId,
    // Databases.
    #[serde(rename = "dBSnapshotIdentifier")]
    DbSnapshotIdentifier,
    #[serde(rename = "targetDBSnapshotIdentifier")]
    TargetDbSnapshotIdentifier,
    #[serde(rename = "sourceDBSnapshotIdentifier")]
    SourceDbSnapshotIdentifier,
    #[serde(rename = "dBClusterSnapshotIdentifier")]
    DbClusterSnapshotIdentifier,
    #[serde(rename = "targetDBClusterSnapshotIdentifier")]
    TargetDbClusterSnapshotIdentifier,
    #[serde(rename = "sourceDBClusterSnapshotIdentifier")]
    SourceDbClusterSnapshotIdentifier,
    #[serde(rename = "dBInstanceIdentifier")]
    DbInstanceIdentifier,
    #[serde(rename = "sourceDBInstanceIdentifier")]
    SourceDbInstanceIdentifier,
    #[serde(rename = "sourceDBInstanceArn")]
    SourceDbInstanceArn,
    #[serde(rename = "dBClusterIdentifier")]
    DbClusterIdentifier,
    #[serde(rename = "sourceDBClusterIdentifier")]
    SourceDbClusterIdentifier,
    GlobalClusterIdentifier,
    TableName,
    GlobalTableName,
    // Keys and secrets.
    KeyId,
    SecretId,
    // File systems and backups.
    FileSystemId,
    SourceFileSystemId,
    RecoveryPointArn,
    CopyJobId,
    BackupVaultName,
    DestinationBackupVaultArn,
    // Functions, queues, streams, trails, logs.
    FunctionName,
    QueueUrl,
    TopicArn,
    StreamName,
    LogGroupName,
    LogStreamName,
    FlowLogIds,
    // Identities.
    RoleArn,
    RoleName,
    UserName,
    GroupName,
    PolicyArn,
    Name,
    // Where a copy comes from and goes.
    SourceRegion,
    DestinationRegion,
    ReplicaRegion,
    AddReplicaRegions,
    ReplicationGroup,
    ReplicaUpdates,
    Destinations,
    // Whether it is encrypted.
    Encrypted,
    StorageEncrypted,
    #[serde(rename = "x-amz-server-side-encryption")]
    ServerSideEncryption,
    // How a sign-in ended.
    #[serde(rename = "ConsoleLogin")]
    ConsoleLogin,
    #[serde(other)]
    Other,
}

/// `requestParameters` or `responseElements`.
#[derive(Debug, Default)]
pub(crate) struct Parameters<'a> {
    texts: Vec<(Parameter, Cow<'a, str>)>,
    /// Regions named inside lists of replicas.
    pub(crate) replica_regions: Vec<Cow<'a, str>>,
    pub(crate) encrypted: Option<bool>,
}

impl Parameters<'_> {
    pub(crate) fn text(&self, name: Parameter) -> Option<&str> {
        self.texts
            .iter()
            .find(|(n, text)| *n == name && !text.is_empty())
            .map(|(_, text)| text.as_ref())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parameters<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for V<'a> {
            type Value = Parameters<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = Parameters::default();
                while let Some(name) = map.next_key::<Parameter>()? {
                    match name {
                        Parameter::Other => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        Parameter::Encrypted | Parameter::StorageEncrypted => {
                            let Flag(flag) = map.next_value()?;
                            found.encrypted = found.encrypted.or(flag);
                        }
                        Parameter::AddReplicaRegions
                        | Parameter::ReplicationGroup
                        | Parameter::ReplicaUpdates
                        | Parameter::Destinations => {
                            let List(items) = map.next_value::<List<Lenient<Replica<'a>>>>()?;
                            let regions = items.into_iter().filter_map(|i| i.0?.region());
                            found.replica_regions.extend(regions);
                        }
                        _ => {
                            if let Text::Is(text) = map.next_value()? {
                                found.texts.push((name, text));
                            }
                        }
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(V(std::marker::PhantomData))
    }
}

/// A member of a list of replicas: `{region}`, `{regionName}`, or
/// `{create: {regionName}}`. A `delete` is no copy.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Replica<'a> {
    region: Text<'a>,
    region_name: Text<'a>,
    create: Lenient<Created<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, bound = "'de: 'a")]
struct Created<'a> {
    region_name: Text<'a>,
}

impl<'a> Replica<'a> {
    fn region(self) -> Option<Cow<'a, str>> {
        let created = self.create.0.map(|c| c.region_name).unwrap_or_default();
        [self.region, self.region_name, created]
            .into_iter()
            .find_map(|text| match text {
                Text::Is(text) => Some(text),
                _ => None,
            })
    }
}
