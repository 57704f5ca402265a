//! Which logs are believed, and which witnesses must have cosigned: tlog-policy.
//!
//! At C2SP commit 5ba5ee830903. Talking to the addresses in a policy is left
//! to others. A policy is trusted: whoever writes it decides what is believed.

use std::collections::BTreeMap;

use crate::checkpoint::{Checkpoint, SignedBy, Verified, verify_note};
use crate::decimal;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{Algorithm, VerifierKey};
use crate::note::Note;

/// Logs, witnesses and groups at most, of each. The format asks for 32; twice that.
pub const POLICY_ITEMS_MAX: usize = 64;

/// Bytes of the longest policy: 128 keys of ML-DSA-44 take 128 × 1,750 bytes of
/// base64, which leaves as much again for names, groups, addresses and comments.
pub const POLICY_BYTES_MAX: usize = 512 * 1024;

/// The quorum that asks for no witness.
const NONE: &[u8] = b"none";

/// A log that a policy believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the key's name is its origin.
    pub key: VerifierKey,
    /// Its address, opaque here.
    pub url: Option<Vec<u8>>,
}

/// A witness that a policy knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWitness {
    /// Its name within the policy.
    pub name: Vec<u8>,
    /// Its key.
    pub key: VerifierKey,
    /// Its address, opaque here.
    pub url: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    /// Index into the witnesses.
    Witness(usize),
    /// How many of which earlier members.
    Group {
        threshold: usize,
        members: Vec<usize>,
    },
}

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    /// Witnesses and groups in order of definition.
    // INVARIANT: a group refers only to earlier places.
    members: Vec<Member>,
    /// Place of the quorum in `members`; none asks for no witness.
    quorum: Option<usize>,
}

impl Policy {
    /// Parses a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > POLICY_BYTES_MAX {
            return Err(too_large(format!(
                "a policy has at most {POLICY_BYTES_MAX} bytes"
            )));
        }
        if bytes
            .iter()
            .any(|b| (*b < 0x20 && !matches!(b, b'\t' | b'\n')) || *b == 0x7f)
        {
            return Err(Error::malformed("policy has a control character"));
        }
        if bytes.last().is_some_and(|b| *b != b'\n') {
            return Err(Error::malformed(
                "the last line of the policy has no newline",
            ));
        }
        let mut parser = Parser::default();
        for (n, line) in bytes.split(|b| *b == b'\n').enumerate() {
            parser
                .line(line)
                .map_err(|error| error.during(&format!("policy line {}", n + 1)))?;
        }
        let quorum = parser
            .quorum
            .ok_or_else(|| Error::malformed("policy has no quorum line"))?;
        Ok(Self {
            logs: parser.logs,
            witnesses: parser.witnesses,
            members: parser.members,
            quorum,
        })
    }

    /// The logs it believes.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses it knows.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Opens a checkpoint: signed by a listed log under its own origin, no
    /// signature by a listed key wrong, and witnessed by the quorum.
    pub fn open(&self, note: &[u8]) -> Result<Verified<Checkpoint>> {
        let parsed = Note::parse(note)?;
        let origin = Checkpoint::parse_text(&parsed.text)?.origin().to_owned();
        let log_keys: Vec<VerifierKey> = self
            .logs
            .iter()
            .map(|log| &log.key)
            .filter(|key| key.name() == origin)
            .cloned()
            .collect();
        let head = Checkpoint::open(note, &origin, &log_keys)?;
        let mut signers = head.signers().to_vec();
        let keys: Vec<VerifierKey> = self.witnesses.iter().map(|w| w.key.clone()).collect();
        let cosigners = verify_note(&parsed, &keys)?;
        if !self.is_quorum(&cosigners) {
            return Err(Error::new(
                ErrorKind::NoQuorum,
                format!(
                    "{} known witnesses cosigned, which is no quorum",
                    cosigners.len()
                ),
            ));
        }
        signers.extend(cosigners);
        Ok(Verified::new(head.into_inner(), signers))
    }

    /// Whether these verified cosigners make the quorum.
    pub fn is_quorum(&self, cosigners: &[SignedBy]) -> bool {
        let mut witnessed: Vec<bool> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let holds = match member {
                Member::Witness(place) => self.witnesses.get(*place).is_some_and(|witness| {
                    cosigners.iter().any(|signer| {
                        signer.name == witness.key.name()
                            && signer.id == witness.key.id()
                            && signer.algorithm == witness.key.algorithm()
                    })
                }),
                Member::Group { threshold, members } => {
                    let count = members
                        .iter()
                        .filter(|m| witnessed.get(**m) == Some(&true))
                        .count();
                    count >= *threshold
                }
            };
            witnessed.push(holds);
        }
        self.quorum
            .is_none_or(|place| witnessed.get(place) == Some(&true))
    }
}

#[derive(Default)]
struct Parser {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    members: Vec<Member>,
    names: BTreeMap<Vec<u8>, usize>,
    /// Places that are already a member of a group.
    taken: Vec<usize>,
    quorum: Option<Option<usize>>,
}

impl Parser {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        let words: Vec<&[u8]> = line
            .split(|b| matches!(b, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.set_quorum(name),
            [first, ..] => Err(Error::malformed(format!(
                "a `{}` line with {} words is not known",
                first.escape_ascii(),
                words.len()
            ))),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<()> {
        let key = parse_key(key)?;
        if self
            .logs
            .iter()
            .any(|log| log.key.public_key() == key.public_key())
        {
            return Err(Error::malformed("this log's public key is listed twice"));
        }
        check_room(self.logs.len(), "logs")?;
        self.logs.push(PolicyLog {
            key,
            url: url.map(<[u8]>::to_vec),
        });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<()> {
        let key = parse_key(key)?;
        if key.algorithm() == Algorithm::Ed25519 {
            return Err(Error::malformed(
                "a witness key is of type 0x04 or 0x06, not 0x01",
            ));
        }
        if self
            .witnesses
            .iter()
            .any(|w| w.key.public_key() == key.public_key())
        {
            return Err(Error::malformed(
                "this witness's public key is listed twice",
            ));
        }
        check_room(self.witnesses.len(), "witnesses")?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness {
            name: name.to_vec(),
            key,
            url: url.map(<[u8]>::to_vec),
        });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<()> {
        check_room(self.members.len() - self.witnesses.len(), "groups")?;
        let mut members = Vec::with_capacity(names.len());
        for member in names {
            let place = self.find(member)?;
            if self.taken.contains(&place) {
                return Err(Error::malformed(format!(
                    "`{}` is already a member of a group",
                    member.escape_ascii()
                )));
            }
            self.taken.push(place);
            members.push(place);
        }
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            digits => std::str::from_utf8(digits)
                .ok()
                .and_then(decimal::parse)
                .and_then(|k| usize::try_from(k).ok())
                .ok_or_else(|| Error::malformed("a group says `any`, `all` or a number"))?,
        };
        if threshold == 0 || threshold > members.len() {
            return Err(Error::malformed(format!(
                "{threshold} of {} members is not a threshold",
                members.len()
            )));
        }
        self.define(name, Member::Group { threshold, members })
    }

    fn set_quorum(&mut self, name: &[u8]) -> Result<()> {
        if self.quorum.is_some() {
            return Err(Error::malformed("the quorum is defined twice"));
        }
        self.quorum = Some(if name == NONE {
            None
        } else {
            Some(self.find(name)?)
        });
        Ok(())
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<()> {
        if name == NONE || self.names.contains_key(name) {
            return Err(Error::malformed(format!(
                "the name `{}` is already taken",
                name.escape_ascii()
            )));
        }
        self.names.insert(name.to_vec(), self.members.len());
        self.members.push(member);
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Result<usize> {
        self.names.get(name).copied().ok_or_else(|| {
            Error::malformed(format!("`{}` is not defined above", name.escape_ascii()))
        })
    }
}

fn parse_key(text: &[u8]) -> Result<VerifierKey> {
    std::str::from_utf8(text)
        .map_err(|_| Error::malformed("a verifier key is not UTF-8"))?
        .parse()
}

fn check_room(count: usize, what: &str) -> Result<()> {
    if count >= POLICY_ITEMS_MAX {
        return Err(too_large(format!(
            "a policy has at most {POLICY_ITEMS_MAX} {what}"
        )));
    }
    Ok(())
}

fn too_large(message: String) -> Error {
    Error::new(ErrorKind::TooLarge, message)
}
