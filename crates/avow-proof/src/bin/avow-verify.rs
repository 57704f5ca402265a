//! `avow-verify`: checks a proof file and says what it proves and what not.
//!
//! Reads files and writes to the terminal; everything that decides is in the
//! library. Exit codes: 0 valid, 1 not valid, 2 usage or an unreadable file.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use avow_proof::messages::{fill, of, text};
use avow_proof::{
    Language, PROOF_BYTES_MAX, ProofError, Summary, Trust, Verified, columns, error_json,
    printable, verified_json, verify, verify_full, wrap,
};
use avow_tlog::{Policy, VerifierKey};

const USAGE: &str = "\
usage: avow-verify [--key VKEY]... [--policy FILE] [--pledge FILE] [--full DIR]
                   [--lang en|zh] [--json] FILE

Checks a proof. Says what it proves and what not; exit code 0 if it is valid.

  --key VKEY      a key of the log that you trust, from its operator; may be repeated
  --policy FILE   the logs and witnesses that you trust, in the form tlog-policy
  --pledge FILE   the pledge that was agreed: refuses a proof about any other
  --full DIR      the log as a folder of tlog-tiles files: replays all of it
  --lang en|zh    language of the output
  --json          one JSON object instead of text
  --help          this text
  --version       the version

Without --key or --policy the keys are taken from the proof: compare the
fingerprints. Exit codes: 0 valid, 1 not valid, 2 usage or an unreadable file.
";

/// The longest file that is read: one byte more than a proof may have shows
/// that it is too long.
const FILE_BYTES_MAX: u64 = PROOF_BYTES_MAX as u64 + 1;

struct Arguments {
    keys: Vec<VerifierKey>,
    policy: Option<Policy>,
    pledge: Option<Vec<u8>>,
    full: Option<String>,
    language: Language,
    json: bool,
    file: String,
}

enum Wanted {
    Check(Arguments),
    Print(String),
}

fn main() -> ExitCode {
    let wanted = match arguments(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(message) => {
            eprintln!("avow-verify: error: {}", printable(&message));
            eprintln!("avow-verify: hint: `avow-verify --help` shows what it takes");
            return ExitCode::from(2);
        }
    };
    let arguments = match wanted {
        Wanted::Print(text) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Wanted::Check(arguments) => arguments,
    };
    let bytes = match read(&arguments.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let file = printable(&arguments.file);
            eprintln!("avow-verify: error: read `{file}`: {error}");
            return ExitCode::from(2);
        }
    };
    match check(&bytes, &arguments) {
        Ok(verified) if arguments.json => print(&format!("{}\n", verified_json(&verified))),
        Ok(verified) => print(&report(&verified, arguments.language)),
        Err(error) => {
            if arguments.json {
                print(&format!("{}\n", error_json(&error)));
            }
            eprintln!("avow-verify: error: {error}");
            eprintln!("avow-verify: hint: {}", error.hint());
            return ExitCode::from(1);
        }
    }
    ExitCode::SUCCESS
}

fn check(bytes: &[u8], arguments: &Arguments) -> Result<Verified, ProofError> {
    let trust = match (&arguments.policy, arguments.keys.is_empty()) {
        (Some(policy), _) => Trust::Policy(policy.clone()),
        (None, false) => Trust::Keys(arguments.keys.clone()),
        (None, true) => Trust::FromTheProof,
    };
    let verified = match &arguments.full {
        None => verify(bytes, &trust)?,
        Some(folder) => verify_full(bytes, &trust, &|path| {
            read(Path::new(folder).join(path).to_str()?).ok()
        })?,
    };
    match &arguments.pledge {
        None => Ok(verified),
        Some(agreed) => verified.with_pledge(agreed),
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut keys = Vec::new();
    let mut policy = None;
    let mut pledge = None;
    let mut full = None;
    let mut language = Language::English;
    let mut json = false;
    let mut file = None;
    let mut only_files = false;
    while let Some(argument) = given.next() {
        let mut value = || given.next().ok_or(format!("`{argument}` takes a value"));
        match argument.as_str() {
            _ if only_files || !argument.starts_with('-') => {
                if file.replace(argument.clone()).is_some() {
                    return Err("more than one file is given".to_owned());
                }
            }
            "--" => only_files = true,
            "--help" | "-h" => return Ok(Wanted::Print(USAGE.to_owned())),
            "--version" | "-V" => {
                let version = concat!("avow-verify ", env!("CARGO_PKG_VERSION"), "\n");
                return Ok(Wanted::Print(version.to_owned()));
            }
            "--json" => json = true,
            "--key" => keys.push(key(&value()?)?),
            "--policy" => policy = Some(read_policy(&value()?)?),
            "--pledge" => pledge = Some(read_pledge(&value()?)?),
            "--full" => full = Some(value()?),
            "--lang" => {
                let name = value()?;
                language = match name.as_str() {
                    "en" => Language::English,
                    "zh" => Language::Chinese,
                    _ => return Err(format!("`--lang` takes `en` or `zh`, not `{name}`")),
                };
            }
            _ => return Err(format!("`{argument}` is not an option")),
        }
    }
    if policy.is_some() && !keys.is_empty() {
        return Err("give `--key` or `--policy`, not both".to_owned());
    }
    let file = file.ok_or("no file is given")?;
    Ok(Wanted::Check(Arguments {
        keys,
        policy,
        pledge,
        full,
        language,
        json,
        file,
    }))
}

fn key(text: &str) -> Result<VerifierKey, String> {
    text.parse()
        .map_err(|error| format!("read the key `{text}`: {error}"))
}

fn read_policy(path: &str) -> Result<Policy, String> {
    let bytes = read(path).map_err(|error| format!("read `{path}`: {error}"))?;
    Policy::parse(&bytes).map_err(|error| format!("read `{path}`: {error}"))
}

fn read_pledge(path: &str) -> Result<Vec<u8>, String> {
    read(path).map_err(|error| format!("read `{path}`: {error}"))
}

fn read(path: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes to standard output; that nobody reads it is no reason to fail.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// What a person reads.
fn report(verified: &Verified, language: Language) -> String {
    let summary = verified.summary();
    let title = printable(of(language, &summary.title));
    let (by, to) = (printable(&summary.by), printable(&summary.to));
    let heading = if verified.has_known_keys() {
        "valid"
    } else {
        "consistent"
    };
    let promised = fill(language, "promised", &[("by", &by), ("to", &to)]);
    let mut report = wrap(&fill(language, heading, &[("title", &title)]), "", 0);
    report.push_str(&wrap(&promised, "", 0));
    report.push('\n');
    report.push_str(&facts(verified, language));
    if verified.is_signed_before_its_time() {
        report.push('\n');
        report.push_str(&wrap(text(language, "warning.clock"), "", 0));
    }
    report.push('\n');
    report.push_str(&promises(summary, language));
    report.push_str(&conclusions(verified, language));
    report.push('\n');
    report.push_str(text(language, "keys"));
    report.push('\n');
    for line in to_compare(verified, language) {
        report.push_str(&format!("  {line}\n"));
    }
    report
}

/// Which log, as of when, signed when.
fn facts(verified: &Verified, language: Language) -> String {
    let summary = verified.summary();
    let size = summary.tree_size.to_string();
    let mut facts = vec![
        ("log", printable(&summary.origin)),
        ("tree", fill(language, "size", &[("size", &size)])),
        ("root", summary.root.to_string()),
    ];
    if let Some(time) = summary.as_of {
        let time = time.to_string();
        let key = if verified.is_replayed() {
            "clock"
        } else {
            "clock.claimed"
        };
        facts.push(("time", fill(language, key, &[("as_of", &time)])));
    }
    let signed = match verified.signed_at() {
        Some(time) => fill(language, "signed.at", &[("time", &time.to_string())]),
        None => text(language, "signed.unsaid").to_owned(),
    };
    facts.push(("signed", signed));
    for witness in verified.witnesses() {
        let time = witness.time.map(|time| format!(", {time}"));
        let name = printable(&witness.name);
        facts.push(("cosigned", name + &time.unwrap_or_default()));
    }
    facts.push(("maker", printable(verified.generator())));
    let facts = facts
        .into_iter()
        .map(|(key, value)| [text(language, key).to_owned(), value]);
    let lines = align(&facts.collect::<Vec<_>>());
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The keys, the pledge and the place table, to be compared with those that
/// the relying party knows.
fn to_compare(verified: &Verified, language: Language) -> Vec<String> {
    let summary = verified.summary();
    let pledge = if verified.has_known_pledge() {
        "pledge.known"
    } else {
        "pledge.from_proof"
    };
    let places = if verified.has_own_places() {
        "places.own"
    } else {
        "places.other"
    };
    let version = printable(&summary.places.version);
    let mut lines = Vec::new();
    for key in verified.keys() {
        let note = if key.trusted {
            "key.trusted"
        } else {
            "key.from_proof"
        };
        let (name, algorithm) = (printable(&key.name()), key.algorithm());
        lines.push(format!("{name} {algorithm}  {}", text(language, note)));
        lines.push(format!("  SHA-256 {}", key.fingerprint()));
    }
    lines.push(format!("pledge.toml  {}", text(language, pledge)));
    lines.push(format!("  SHA-256 {}", summary.pledge.sha256));
    lines.push(format!("places.tsv {version}  {}", text(language, places)));
    lines.push(format!("  SHA-256 {}", summary.places.digest.sha256));
    lines
}

/// Each promise: its verdict, its words, what it has come to.
fn promises(summary: &Summary, language: Language) -> String {
    let mut said = String::new();
    for promise in &summary.promises {
        said.push_str(&wrap(&promise.line(language), "", 2));
        let says = printable(of(language, &promise.says));
        said.push_str(&wrap(&says, "  ", 2));
        said.push_str(&wrap(&promise.record(language), "  ", 2));
    }
    said
}

/// Rows with each column as wide as its widest cell.
fn align<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widest = [0; N];
    for row in rows {
        for (most, cell) in widest.iter_mut().zip(row) {
            *most = columns(cell).max(*most);
        }
    }
    let pad = |row: &[String; N]| {
        let mut line = String::new();
        for (cell, most) in row.iter().zip(widest) {
            line.push_str(cell);
            line.push_str(&" ".repeat(most - columns(cell) + 2));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(pad).collect()
}

/// The first breach, what is proved and what not.
fn conclusions(verified: &Verified, language: Language) -> String {
    let summary = verified.summary();
    let mut said = String::from("\n");
    if let Some(breach) = summary.breach(language, verified.is_replayed()) {
        said.push_str(&wrap(&breach, "", 0));
        said.push('\n');
    }
    said.push_str(text(language, "proved"));
    said.push('\n');
    for sentence in verified.proved(language) {
        said.push_str(&wrap(&sentence, "  - ", 4));
    }
    said.push('\n');
    said.push_str(text(language, "not_proved"));
    said.push('\n');
    for sentence in verified.not_proved() {
        said.push_str(&wrap(sentence.text(language), "  - ", 4));
    }
    said
}
