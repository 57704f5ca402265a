//! Places: the published table from a provider's region name to a
//! jurisdiction, and groups of jurisdictions.
//!
//! A name that is not in the table is [`Place::UNKNOWN`]; nothing guesses.
//! The table has a version and a digest, which every verdict names. Its form,
//! sources and upkeep: `docs/spec/places.md`.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

/// A jurisdiction: an ISO 3166-1 alpha-2 code, or `UNKNOWN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place([u8; 2]);

impl Place {
    /// The location is not known.
    pub const UNKNOWN: Self = Self([0, 0]);

    /// Reads two capital letters, or `UNKNOWN`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.as_bytes() {
            b"UNKNOWN" => Some(Self::UNKNOWN),
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Self([*a, *b])),
            _ => None,
        }
    }

    /// The code, or `UNKNOWN`.
    pub fn as_str(&self) -> &str {
        if *self == Self::UNKNOWN {
            "UNKNOWN"
        } else {
            // INVARIANT: two ASCII capitals, by `parse`.
            std::str::from_utf8(&self.0).unwrap_or("UNKNOWN")
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A cloud whose region names the table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Alibaba Cloud.
    Alibaba,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Google,
    /// Tencent Cloud.
    Tencent,
    /// Huawei Cloud.
    Huawei,
    /// The operator's own: its regions are the names of its feeds.
    Own,
}

impl Provider {
    const NAMES: [(&'static str, Self); 7] = [
        ("aws", Self::Aws),
        ("alibaba", Self::Alibaba),
        ("azure", Self::Azure),
        ("google", Self::Google),
        ("tencent", Self::Tencent),
        ("huawei", Self::Huawei),
        ("own", Self::Own),
    ];

    /// Every provider, in the order of the specification.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::NAMES.iter().map(|(_, provider)| *provider)
    }

    /// The name in the table, for example `aws`.
    pub fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, provider)| *provider == self)
            .map_or("", |(name, _)| name)
    }

    /// The provider of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, provider)| *provider)
    }
}

/// Why a place table cannot be read: the line, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceTableError {
    line: usize,
    message: &'static str,
}

impl fmt::Display for PlaceTableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "place table, line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PlaceTableError {}

/// The table from region names to jurisdictions, with groups.
///
/// Trusted: who controls the table decides what counts as "in China". That is
/// why its digest is part of every verdict and its text part of every proof.
#[derive(Debug, Clone)]
pub struct PlaceTable {
    text: String,
    version: String,
    digest: [u8; 32],
    regions: BTreeMap<Provider, BTreeMap<String, Place>>,
    groups: BTreeMap<String, Vec<Place>>,
}

const BUILT_IN: &str = include_str!("../places.tsv");

impl PlaceTable {
    /// The table that this release of Avow ships.
    pub fn built_in() -> Self {
        #[expect(clippy::expect_used, reason = "a test reads the built-in table")]
        Self::parse(BUILT_IN).expect("the built-in table is valid")
    }

    /// Reads a table: tab-separated lines `version NAME`, `group NAME CODE,CODE…`
    /// and `PROVIDER REGION CODE LOCATION`; `#` begins a comment line.
    ///
    /// # Errors
    /// A line of another form, a region or group given twice, `UNKNOWN` as a
    /// jurisdiction, no version.
    pub fn parse(text: &str) -> Result<Self, PlaceTableError> {
        let mut table = Self {
            text: text.to_owned(),
            version: String::new(),
            digest: Sha256::digest(text.as_bytes()).into(),
            regions: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        for (index, line) in text.lines().enumerate() {
            table.parse_line(line).map_err(|message| PlaceTableError {
                line: index + 1,
                message,
            })?;
        }
        if table.version.is_empty() {
            return Err(PlaceTableError {
                line: 1,
                message: "no `version` line",
            });
        }
        Ok(table)
    }

    fn parse_line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let cells: Vec<&str> = line.split('\t').collect();
        match cells.as_slice() {
            ["version", version] if self.version.is_empty() => {
                self.version = (*version).to_owned();
                Ok(())
            }
            ["group", name, codes] => {
                let places: Option<Vec<Place>> = codes.split(',').map(known).collect();
                let places = places.ok_or("a group takes codes separated by commas")?;
                match self.groups.insert((*name).to_owned(), places) {
                    None => Ok(()),
                    Some(_) => Err("this group is given twice"),
                }
            }
            [provider, region, code, _location] => {
                let provider = Provider::from_name(provider).ok_or("no such provider")?;
                let place = known(code).ok_or("no such jurisdiction code")?;
                let regions = self.regions.entry(provider).or_default();
                match regions.insert((*region).to_owned(), place) {
                    None => Ok(()),
                    Some(_) => Err("this region is given twice"),
                }
            }
            _ => Err("write `PROVIDER<tab>REGION<tab>CODE<tab>LOCATION`"),
        }
    }

    /// The jurisdiction of a region, [`Place::UNKNOWN`] where the table has no
    /// such name. Names are compared byte by byte: `EU-WEST-1` is not `eu-west-1`.
    pub fn place(&self, provider: Provider, region: &str) -> Place {
        self.regions
            .get(&provider)
            .and_then(|regions| regions.get(region))
            .copied()
            .unwrap_or(Place::UNKNOWN)
    }

    /// Every region name with its jurisdiction, sorted by provider and name.
    pub fn regions(&self) -> impl Iterator<Item = (Provider, &str, Place)> {
        self.regions.iter().flat_map(|(provider, regions)| {
            regions
                .iter()
                .map(|(name, place)| (*provider, name.as_str(), *place))
        })
    }

    /// The members of a group such as `EU`.
    pub fn group(&self, name: &str) -> Option<&[Place]> {
        self.groups.get(name).map(Vec::as_slice)
    }

    /// The names of all groups.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// Its version, for example `2026-11-23`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of its text.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Its text, as it goes into a proof.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A jurisdiction other than `UNKNOWN`: a region whose jurisdiction is not
/// known has no line.
fn known(code: &str) -> Option<Place> {
    Place::parse(code).filter(|place| *place != Place::UNKNOWN)
}
