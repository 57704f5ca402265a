//! Opens the files that the inputs stand for and reads them one after another.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use avow_event::{Event, Micros, PlaceTable, PseudonymKey};
use flate2::bufread::MultiGzDecoder;

use crate::input::{self, EvidenceFile};
use crate::monpoly::MAPPING_BYTES_MAX;
use crate::reading::Reading;
use crate::{
    Input, Kind, Mapping, MappingError, Numbering, REASONS_KEPT, Skipped, SourceError, Stats,
};

/// RFC 1952 section 2.3.1.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// One system call for this many bytes; progress is told as often.
const READ_BYTES: usize = 256 * 1024;

/// The files that inputs stand for, found but not yet read.
#[derive(Debug)]
pub struct Evidence {
    files: Vec<EvidenceFile>,
    skipped: Vec<Skipped>,
}

impl Evidence {
    /// Finds the files: those of a folder in byte order of their paths, the
    /// inputs in the order given.
    ///
    /// # Errors
    /// An input does not exist or cannot be listed, or a folder has no file
    /// that is read as evidence.
    pub fn find(inputs: &[Input]) -> Result<Self, SourceError> {
        if inputs.is_empty() {
            return Err(SourceError::NoEvidence { path: None });
        }
        let (mut files, mut skipped) = (Vec::new(), Vec::new());
        for input in inputs {
            input::find_files(input, &mut files, &mut skipped)?;
        }
        Ok(Self { files, skipped })
    }

    /// The number of files.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// The size of all files, for a progress bar. Pipes count nothing.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The files in folders that will not be read, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Reads all files, hands every new event to `sink` in reading order
    /// together with who gave it its number, and tells `progress` how many more bytes were read.
    ///
    /// # Errors
    /// A file cannot be read. Events before it were handed out.
    pub fn read(
        &self,
        places: &PlaceTable,
        key: &PseudonymKey,
        progress: &mut dyn FnMut(u64),
        sink: &mut dyn FnMut(Event, Numbering),
    ) -> Result<Stats, SourceError> {
        let mut reading = Reading::new(places, key, sink);
        for file in &self.files {
            let failed = |error| SourceError::Read {
                path: file.path.clone(),
                error,
            };
            let mut opened = File::open(&file.path).map_err(failed)?;
            reading.file_time = written(&opened);
            let mut bytes = 0;
            let mut counted = Counted {
                stream: &mut opened,
                told: &mut |count| {
                    bytes += count;
                    progress(count);
                },
            };
            let mapping = match file.kind {
                Some(Kind::MonPoly) => Some(read_mapping(&file.mapping())?),
                _ => None,
            };
            let how = How {
                kind: file.kind,
                instance: file.instance.as_deref(),
                mapping: mapping.as_ref(),
            };
            read_one(&mut reading, &file.path, &how, &mut counted)?;
            reading.stats.files += 1;
            reading.stats.bytes += bytes;
        }
        let mut stats = reading.finish();
        stats.files_skipped = u64::try_from(self.skipped.len()).unwrap_or(u64::MAX);
        stats.files_skipped_first = self.skipped.iter().take(REASONS_KEPT).cloned().collect();
        Ok(stats)
    }
}

/// Reads evidence and hands every new event to `sink`, with who gave it its
/// number.
///
/// # Errors
/// As [`Evidence::find`] and [`Evidence::read`].
pub fn read(
    inputs: &[Input],
    places: &PlaceTable,
    key: &PseudonymKey,
    sink: &mut dyn FnMut(Event, Numbering),
) -> Result<Stats, SourceError> {
    Evidence::find(inputs)?.read(places, key, &mut |_| {}, sink)
}

/// Reads evidence from a stream, for example the standard input; `name` stands
/// for it in messages.
///
/// # Errors
/// The stream cannot be read, or it is a log in MonPoly's format, which
/// [`read_monpoly`] reads.
///
/// ```
/// use avow_event::{PlaceTable, PseudonymKey};
/// let record = r#"{"eventSource":"s3.amazonaws.com","eventName":"PutObject",
///     "eventTime":"2026-03-08T00:00:10Z","awsRegion":"eu-west-1"}"#;
/// let (places, key) = (PlaceTable::built_in(), PseudonymKey::new([7; 32]));
/// let mut events = Vec::new();
/// let stats = avow_source::read_stream(
///     "example".as_ref(), None, &mut record.as_bytes(), &places, &key,
///     &mut |event, _numbering| events.push(event),
/// ).unwrap();
/// assert_eq!((stats.records, stats.events), (1, 1));
/// assert_eq!(events[0].place.unwrap().as_str(), "IE");
/// ```
pub fn read_stream(
    name: &Path,
    kind: Option<Kind>,
    stream: &mut dyn Read,
    places: &PlaceTable,
    key: &PseudonymKey,
    sink: &mut dyn FnMut(Event, Numbering),
) -> Result<Stats, SourceError> {
    let reading = Reading::new(places, key, sink);
    let how = How {
        kind,
        instance: None,
        mapping: None,
    };
    read_whole(reading, name, &how, stream)
}

/// Reads a log in MonPoly's format from a stream; `name` stands for it in
/// messages.
///
/// # Errors
/// The stream cannot be read.
pub fn read_monpoly(
    name: &Path,
    mapping: &Mapping,
    stream: &mut dyn Read,
    key: &PseudonymKey,
    sink: &mut dyn FnMut(Event, Numbering),
) -> Result<Stats, SourceError> {
    let places = PlaceTable::built_in();
    let how = How {
        kind: Some(Kind::MonPoly),
        instance: None,
        mapping: Some(mapping),
    };
    read_whole(Reading::new(&places, key, sink), name, &how, stream)
}

/// How a stream is read.
struct How<'m> {
    kind: Option<Kind>,
    instance: Option<&'m str>,
    mapping: Option<&'m Mapping>,
}

fn read_whole(
    mut reading: Reading<'_>,
    name: &Path,
    how: &How<'_>,
    stream: &mut dyn Read,
) -> Result<Stats, SourceError> {
    let mut bytes = 0;
    let mut counted = Counted {
        stream,
        told: &mut |count| bytes += count,
    };
    read_one(&mut reading, name, how, &mut counted)?;
    let mut stats = reading.finish();
    (stats.files, stats.bytes) = (1, bytes);
    Ok(stats)
}

/// When a file was last written.
fn written(file: &File) -> Option<Micros> {
    let time = file.metadata().ok()?.modified().ok()?;
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Micros::new(i64::try_from(since.as_micros()).ok()?)
}

fn read_mapping(path: &Path) -> Result<Mapping, SourceError> {
    let failed = |error| SourceError::Read {
        path: path.to_owned(),
        error,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SourceError::NoMapping {
            mapping: path.to_owned(),
        },
        _ => failed(error),
    })?;
    file.take(MAPPING_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let wrong = |reason: String| MappingError {
        line: 0,
        column: 0,
        reason,
    };
    let parsed = if u64::try_from(bytes.len()).is_ok_and(|size| size <= MAPPING_BYTES_MAX) {
        let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8".to_owned()));
        text.and_then(|text| Mapping::parse(&text))
    } else {
        let reason = format!("a mapping has at most {MAPPING_BYTES_MAX} bytes");
        Err(wrong(reason))
    };
    parsed.map_err(|error| SourceError::Mapping {
        path: path.to_owned(),
        error,
    })
}

fn read_one(
    reading: &mut Reading<'_>,
    name: &Path,
    how: &How<'_>,
    stream: &mut Counted<'_>,
) -> Result<(), SourceError> {
    let mut buffered = BufReader::with_capacity(READ_BYTES, stream);
    let head = buffered.fill_buf().map_err(|error| SourceError::Read {
        path: name.to_owned(),
        error,
    })?;
    let mut plain;
    let mut unpacked;
    let stream: &mut dyn Read = if head.starts_with(&GZIP_MAGIC) {
        unpacked = MultiGzDecoder::new(buffered);
        &mut unpacked
    } else {
        plain = buffered;
        &mut plain
    };
    match (how.kind, how.mapping) {
        (Some(Kind::MonPoly), Some(mapping)) => reading.monpoly(name, mapping, stream),
        (Some(Kind::MonPoly), None) => Err(SourceError::NoMapping {
            mapping: name.with_extension("toml"),
        }),
        (kind, _) => reading.stream(name, kind, how.instance, stream),
    }
}

/// A stream that tells how much was read from it.
struct Counted<'a> {
    stream: &'a mut dyn Read,
    told: &'a mut dyn FnMut(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        (self.told)(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }
}
