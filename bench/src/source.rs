//! How fast CloudTrail files become events, beside what the machine could do:
//! skipping through the same JSON, and inflating the same file.
//!
//! The records are made up from a fixed seed, in the shape and with the sizes
//! of real ones (1.8 KB, `{"Records":[…]}` on one line).

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use avow_event::{PlaceTable, PseudonymKey};
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::de::IgnoredAny;

/// The size of the made-up file: long enough that the clock does not matter,
/// short enough for a minute's run.
const FILE_BYTES: usize = 100 * 1000 * 1000;

/// Runs of each measurement; the fastest counts, the others were disturbed.
const RUNS: usize = 3;

/// Measures and prints.
pub(crate) fn run() {
    let file = made_up_file(FILE_BYTES);
    let packed = gzip(&file);
    println!("source: CloudTrail, {} made-up bytes, one core", file.len());

    let mut events = 0;
    let ours = fastest(|| events = read(&file));
    let skipping = fastest(|| {
        std::hint::black_box(serde_json::from_slice::<IgnoredAny>(&file).is_ok());
    });
    let packed_ours = fastest(|| events = read(&packed));
    let inflating = fastest(|| {
        let mut sink = std::io::sink();
        let copied = std::io::copy(&mut MultiGzDecoder::new(packed.as_slice()), &mut sink);
        std::hint::black_box(copied.is_ok());
    });
    for (what, time) in [
        ("JSON to events", ours),
        ("limit: skip through the JSON (serde_json)", skipping),
        ("gzip to events", packed_ours),
        ("limit: inflate (flate2)", inflating),
    ] {
        println!(
            "  {what:<44} {:>7.0} MB/s {:>9.0} events/s",
            rate(file.len(), time),
            rate(events, time) * 1e6
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / 1e6 / time.as_secs_f64()
}

fn fastest(mut measured: impl FnMut()) -> Duration {
    (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            measured();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn read(bytes: &[u8]) -> usize {
    let (places, key) = (PlaceTable::built_in(), PseudonymKey::new([7; 32]));
    let mut stream: &mut dyn Read = &mut { bytes };
    let mut events = 0;
    let stats = avow_source::read_stream(
        Path::new("made-up"),
        None,
        &mut stream,
        &places,
        &key,
        &mut |event, _| {
            std::hint::black_box(event);
            events += 1;
        },
    );
    match stats {
        Ok(stats) if stats.malformed == 0 => events,
        other => {
            println!("  unexpected: {other:?}");
            events
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Marsaglia's xorshift64: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        let index = self.next() % u64::try_from(choices.len()).unwrap_or(1);
        let index = usize::try_from(index).unwrap_or(0);
        choices.get(index).copied().unwrap_or_default()
    }
}

const CALLS: [&str; 8] = [
    r#""eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true"#,
    r#""eventSource":"s3.amazonaws.com","eventName":"PutObject","readOnly":false"#,
    r#""eventSource":"dynamodb.amazonaws.com","eventName":"UpdateItem","readOnly":false"#,
    r#""eventSource":"kms.amazonaws.com","eventName":"Decrypt","readOnly":true"#,
    r#""eventSource":"sts.amazonaws.com","eventName":"AssumeRole","readOnly":true"#,
    r#""eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","readOnly":true"#,
    r#""eventSource":"rds.amazonaws.com","eventName":"CreateDBSnapshot","readOnly":false"#,
    r#""eventSource":"ec2.amazonaws.com","eventName":"CopySnapshot","readOnly":false"#,
];
const REGIONS: [&str; 4] = ["eu-west-1", "eu-central-1", "us-east-1", "cn-north-1"];
const ERRORS: [&str; 8] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    r#""errorCode":"AccessDenied","errorMessage":"User: arn:aws:sts::111122223333:assumed-role/app is not authorized to perform: s3:GetObject","#,
];

fn made_up_file(bytes: usize) -> Vec<u8> {
    let mut numbers = Numbers(0x5eed);
    let mut text = String::with_capacity(bytes + 4096);
    text.push_str(r#"{"Records":["#);
    while text.len() < bytes {
        if !text.ends_with('[') {
            text.push(',');
        }
        if write_record(&mut text, &mut numbers).is_err() {
            break;
        }
    }
    text.push_str("]}");
    text.into_bytes()
}

fn write_record(text: &mut String, numbers: &mut Numbers) -> std::fmt::Result {
    let (id, more, user) = (numbers.next(), numbers.next(), numbers.next() % 500);
    let second = numbers.next() % 86_400;
    let (call, region, error) = (
        numbers.of(&CALLS),
        numbers.of(&REGIONS),
        numbers.of(&ERRORS),
    );
    write!(
        text,
        r#"{{"eventVersion":"1.08","userIdentity":{{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE{user:03}:i-{user:08x}","arn":"arn:aws:sts::111122223333:assumed-role/app/i-{user:08x}","accountId":"111122223333","accessKeyId":"ASIAEXAMPLEEXAMPLE00","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE{user:03}","arn":"arn:aws:iam::111122223333:role/app","accountId":"111122223333","userName":"app"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"2026-03-08T00:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-03-08T{:02}:{:02}:{:02}Z",{call},"awsRegion":"{region}","sourceIPAddress":"192.0.2.{}","userAgent":"[aws-sdk-java/2.17.100 Linux/5.10.0 OpenJDK_64-Bit_Server_VM/17.0.1+12 Java/17.0.1 kotlin/1.5.31 vendor/Eclipse io/sync]",{error}"requestParameters":{{"bucketName":"records-{user}","Host":"records-{user}.s3.eu-west-1.amazonaws.com","key":"users/{more:016x}/profile.json","sourceRegion":"{region}","tableName":"accounts"}},"responseElements":{{"x-amz-request-id":"{more:016X}","snapshotId":"snap-{more:016x}"}},"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0.0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"EXAMPLE{more:016x}EXAMPLE{id:016x}=","bytesTransferredOut":1024.0}},"requestID":"{:08x}-aaaa-4bbb-8ccc-{:012x}","eventID":"{:08x}-1111-4222-8333-{:012x}","resources":[{{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::records-{user}/users/{more:016x}/profile.json"}}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"records-{user}.s3.eu-west-1.amazonaws.com"}}}}"#,
        second / 3_600,
        second / 60 % 60,
        second % 60,
        user % 256,
        id >> 32,
        more >> 16,
        more >> 32,
        id >> 16,
    )
}
