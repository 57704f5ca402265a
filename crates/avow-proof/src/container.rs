//! The container: a ZIP file in one canonical form, so that every bit counts.
//!
//! Stored entries only, one fixed time, no extra fields, comments or data
//! descriptors; `README.txt` first, then names ascending. A list of parts has
//! exactly one file, and the reader accepts exactly that file: it reads the
//! parts and compares every other byte with what [`write()`] would put there.
//! What the parts mean is left to `verify`. `docs/spec/proof.md`, section 2.

use crate::error::ProofError;
use crate::part::{self, README};

/// Bytes of the longest proof: a log of [`crate::LOG_BYTES_MAX`] (8 MiB) of
/// leaves takes up to 32 MiB as bundles, tiles and event rows, which leaves as
/// much again for shown leaves, each with a checkpoint of about 4 KiB.
pub const PROOF_BYTES_MAX: usize = 64 << 20;

/// Parts of the largest proof: the directory counts them in 16 bits, and the
/// greatest value would mean ZIP64.
pub const PARTS_MAX: usize = 65_534;

const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";

/// Version 1.0 of the format: all that a stored entry needs. As "made by" it
/// also says that the attributes are of no file system.
const VERSION: u16 = 10;

/// 1980-01-01, the first day that the format knows; its midnight is 0.
const DATE: u16 = 0x0021;

const LOCAL_BYTES: usize = 30;
const LOCAL_CRC_AT: usize = 14;
const LOCAL_SIZE_AT: usize = 22;
const LOCAL_NAME_AT: usize = 26;

/// A named part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its name, of the grammar in `part`.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The one file that holds these parts.
///
/// # Errors
/// The names are not in order, or one is not of the grammar, or a limit is
/// exceeded.
pub fn write(parts: &[Part<'_>]) -> Result<Vec<u8>, ProofError> {
    if parts.len() > PARTS_MAX {
        return Err(ProofError::TooManyParts);
    }
    let mut file = Vec::new();
    let mut directory = Directory::default();
    let mut before = None;
    for part in parts {
        check_name(part.name, before)?;
        before = Some(part.name);
        let entry = Entry::of(part, file.len())?;
        file.extend_from_slice(&entry.local_header());
        file.extend_from_slice(part.bytes);
        directory.push(&entry);
        if file.len() + directory.bytes.len() > PROOF_BYTES_MAX {
            return Err(too_large(file.len()));
        }
    }
    let end = directory.finish(file.len())?;
    file.extend_from_slice(&end);
    if file.len() > PROOF_BYTES_MAX {
        return Err(too_large(file.len()));
    }
    Ok(file)
}

/// The parts of a file, in its order.
///
/// Guarantees that [`write()`] gives the same bytes back.
///
/// # Errors
/// Any other file; the error says where it departs from the form.
pub fn read(file: &[u8]) -> Result<Vec<Part<'_>>, ProofError> {
    if file.len() > PROOF_BYTES_MAX {
        return Err(too_large(file.len()));
    }
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut directory = Directory::default();
    let mut at = 0;
    while file
        .get(at..)
        .is_some_and(|rest| rest.starts_with(&LOCAL_SIGNATURE))
    {
        if parts.len() == PARTS_MAX {
            return Err(ProofError::TooManyParts);
        }
        let (part, end) = read_entry(file, at)?;
        check_name(part.name, parts.last().map(|part| part.name))?;
        directory.push(&Entry::of(&part, at)?);
        parts.push(part);
        at = end;
    }
    expect(file, at, &directory.finish(at)?)?;
    let end = at + directory.length();
    if file.len() > end {
        return Err(ProofError::NotCanonical { at: end });
    }
    Ok(parts)
}

/// One part and where it ends.
fn read_entry(file: &[u8], at: usize) -> Result<(Part<'_>, usize), ProofError> {
    let cut_short = ProofError::CutShort { at: file.len() };
    let header = file
        .get(at..at + LOCAL_BYTES)
        .ok_or_else(|| cut_short.clone())?;
    let size = number(header, LOCAL_SIZE_AT, 4);
    let name_bytes = number(header, LOCAL_NAME_AT, 2);
    let name_at = at + LOCAL_BYTES;
    let body_at = name_at + name_bytes;
    let end = body_at + size;
    let name = file
        .get(name_at..body_at)
        .ok_or_else(|| cut_short.clone())?;
    let bytes = file.get(body_at..end).ok_or(cut_short)?;
    let name = std::str::from_utf8(name).map_err(|_| ProofError::PartName {
        name: String::from_utf8_lossy(name).into_owned(),
    })?;
    let part = Part { name, bytes };
    let entry = Entry::of(&part, at)?;
    if number(header, LOCAL_CRC_AT, 4) != entry.crc as usize {
        return Err(ProofError::PartCrc {
            name: name.to_owned(),
        });
    }
    expect(file, at, &entry.local_header())?;
    Ok((part, end))
}

/// Names are of the grammar, `README.txt` is first, the others ascend.
fn check_name(name: &str, before: Option<&str>) -> Result<(), ProofError> {
    let named = || name.to_owned();
    if !part::is_name(name) {
        return Err(ProofError::PartName { name: named() });
    }
    match before {
        None if name == README => Ok(()),
        None => Err(ProofError::PartOrder { name: named() }),
        Some(before) if name == before => Err(ProofError::PartTwice { name: named() }),
        Some(README) => Ok(()),
        Some(before) if before < name => Ok(()),
        Some(_) => Err(ProofError::PartOrder { name: named() }),
    }
}

/// Compares the bytes at `at` with what has to stand there.
fn expect(file: &[u8], at: usize, expected: &[u8]) -> Result<(), ProofError> {
    let rest = file.get(at..).unwrap_or_default();
    match expected.iter().zip(rest).position(|(want, is)| want != is) {
        Some(offset) => Err(ProofError::NotCanonical { at: at + offset }),
        None if rest.len() < expected.len() => Err(ProofError::CutShort { at: file.len() }),
        None => Ok(()),
    }
}

fn number(header: &[u8], at: usize, bytes: usize) -> usize {
    let field = header.get(at..at + bytes).unwrap_or_default();
    field
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

fn too_large(bytes: usize) -> ProofError {
    ProofError::TooLarge { bytes }
}

fn narrow(size: usize) -> Result<u32, ProofError> {
    u32::try_from(size).map_err(|_| too_large(size))
}

/// What both headers say about a part.
struct Entry<'a> {
    name: &'a str,
    name_bytes: u16,
    size: u32,
    crc: u32,
    at: u32,
}

impl<'a> Entry<'a> {
    fn of(part: &Part<'a>, at: usize) -> Result<Self, ProofError> {
        Ok(Self {
            name: part.name,
            name_bytes: u16::try_from(part.name.len()).map_err(|_| ProofError::PartName {
                name: part.name.to_owned(),
            })?,
            size: narrow(part.bytes.len())?,
            crc: crc32fast::hash(part.bytes),
            at: narrow(at)?,
        })
    }

    /// The fields that both headers share, from "version needed" to "extra length".
    fn shared(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for value in [VERSION, 0, 0, 0, DATE] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        for value in [self.crc, self.size, self.size] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&self.name_bytes.to_le_bytes());
        out.extend_from_slice(&0u16.to_le_bytes());
        out
    }

    fn local_header(&self) -> Vec<u8> {
        let mut out = LOCAL_SIGNATURE.to_vec();
        out.extend_from_slice(&self.shared());
        out.extend_from_slice(self.name.as_bytes());
        out
    }
}

/// The directory at the end, as it grows.
#[derive(Default)]
struct Directory {
    bytes: Vec<u8>,
    count: u16,
}

impl Directory {
    fn push(&mut self, entry: &Entry<'_>) {
        self.bytes.extend_from_slice(&CENTRAL_SIGNATURE);
        self.bytes.extend_from_slice(&VERSION.to_le_bytes());
        self.bytes.extend_from_slice(&entry.shared());
        // Comment length, disk, internal and external attributes: none.
        self.bytes.extend_from_slice(&[0; 10]);
        self.bytes.extend_from_slice(&entry.at.to_le_bytes());
        self.bytes.extend_from_slice(entry.name.as_bytes());
        // INVARIANT: callers push at most `PARTS_MAX` entries.
        self.count = self.count.saturating_add(1);
    }

    /// The directory and its end record, for a directory that begins at `at`.
    fn finish(&self, at: usize) -> Result<Vec<u8>, ProofError> {
        let mut out = self.bytes.clone();
        out.extend_from_slice(&END_SIGNATURE);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&narrow(self.bytes.len())?.to_le_bytes());
        out.extend_from_slice(&narrow(at)?.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        Ok(out)
    }

    fn length(&self) -> usize {
        /// The end record without a comment.
        const END_BYTES: usize = 22;
        self.bytes.len() + END_BYTES
    }
}
