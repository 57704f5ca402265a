//! A monitor's state as bytes, so that the next run goes on where this one
//! stopped. `docs/spec/state.md`.
//!
//! The bytes are a function of the pledge, the place table and the leaves, as
//! the verdicts are: neither the size of batches nor an earlier restart shows.
//! What follows from the pledge, or from the rest, is not written.

use avow_event::{Micros, PlaceTable};
use sha2::{Digest, Sha256};

use crate::clock::NEVER;
use crate::machine_state::in_order;
use crate::publication::Publications;
use crate::report::TreeName;
use crate::state_bytes::{COUNT_MAX, Read, Reader, Unreadable, Writer, ensure};
use crate::{Commitment, Monitor, Pledge, Published, SourceDeclaration};

/// How every state begins. What a state means may change with the program: one
/// of another version is not read, and the log is replayed instead.
const FIRST_LINE: &str = concat!("avow monitor state 1, ", env!("CARGO_PKG_VERSION"), "\n");

/// Why a state cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// It is no state, or one of another version of the program.
    OtherVersion,
    /// It is not as it was written: its hash does not fit.
    Damaged,
    /// It is of another pledge.
    OtherPledge {
        /// SHA-256 of that pledge's text.
        found: [u8; 32],
    },
    /// It was made with another place table.
    OtherPlaces {
        /// SHA-256 of that table's text.
        found: [u8; 32],
    },
    /// Its hash fits, and no monitor wrote it.
    Unreadable {
        /// What could not be read.
        what: &'static str,
    },
}

impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherVersion => f.write_str("no state of this version of the program"),
            Self::Damaged => f.write_str("the state is damaged: its hash does not fit"),
            Self::OtherPledge { found } => {
                write!(f, "the state is of the pledge `sha256:{}`", hex(found))
            }
            Self::OtherPlaces { found } => {
                let found = hex(found);
                write!(f, "the state is of the place table `sha256:{found}`")
            }
            Self::Unreadable { what } => write!(f, "no monitor wrote this state: {what}"),
        }
    }
}

impl std::error::Error for StateError {}

impl From<Unreadable> for StateError {
    fn from(Unreadable(what): Unreadable) -> Self {
        Self::Unreadable { what }
    }
}

/// The bytes of a state whose hash fits, and what they say about themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedState<'a> {
    /// SHA-256 of the pledge's text.
    pub pledge: [u8; 32],
    /// SHA-256 of the place table's text.
    pub places: [u8; 32],
    /// The leaves that were seen.
    pub tree: TreeName,
    /// SHA-256 of all bytes before it.
    pub hash: [u8; 32],
    content: &'a [u8],
}

impl<'a> SavedState<'a> {
    /// Reads the lines at the beginning and checks the hash at the end.
    ///
    /// Whether the tree is that of a log is left to the caller.
    ///
    /// # Errors
    /// [`StateError::OtherVersion`], [`StateError::Damaged`], or
    /// [`StateError::Unreadable`] where the lines are not as they must be.
    pub fn read(bytes: &'a [u8]) -> Result<Self, StateError> {
        let rest = bytes
            .strip_prefix(FIRST_LINE.as_bytes())
            .ok_or(StateError::OtherVersion)?;
        let (_, end) = bytes.split_last_chunk::<32>().ok_or(StateError::Damaged)?;
        let (before, _) = rest.split_last_chunk::<32>().ok_or(StateError::Damaged)?;
        let hash = hash(&[FIRST_LINE.as_bytes(), before]);
        if hash != *end {
            return Err(StateError::Damaged);
        }
        let mut lines = before.splitn(4, |byte| *byte == b'\n');
        let mut line = |name: &'static str| {
            let line = lines.next().and_then(|line| std::str::from_utf8(line).ok());
            let value = line.and_then(|line| line.strip_prefix(name));
            value.ok_or(StateError::Unreadable { what: "a line" })
        };
        let pledge = read_hash(line("pledge sha256:")?)?;
        let places = read_hash(line("places sha256:")?)?;
        let tree = read_tree(line("tree ")?)?;
        Ok(Self {
            pledge,
            places,
            tree,
            hash,
            content: lines.next().unwrap_or_default(),
        })
    }
}

impl Monitor {
    /// The state after the leaves so far, which are those of a tree of
    /// `tree_size` leaves with this root hash. Events may follow.
    ///
    /// # Panics
    /// The tree has another number of leaves than were pushed.
    pub fn save(&mut self, tree_size: u64, root: [u8; 32]) -> Vec<u8> {
        assert_eq!(tree_size, self.leaves(), "the state is about all leaves");
        self.run_batch();
        let now = self.clock.now();
        let (mut sources, mut ahead) = (Writer::default(), Writer::default());
        self.coverage.save_sources(&mut sources);
        self.coverage.save_ahead(&mut ahead);
        let commitments = self.meanings.iter().zip(&self.rules).enumerate();
        let commitments: Vec<(Meaning, Vec<u8>)> = commitments
            .map(|(scope, (meaning, rule))| {
                let mut section = Writer::default();
                self.coverage.save_scope(scope, &mut section);
                rule.save(now, &self.dictionary, &mut section);
                (meaning.clone(), section.bytes)
            })
            .collect();
        let content = Content {
            now: (now != NEVER).then_some(now),
            publications: self.publications.clone(),
            declarations: self.declarations,
            sources: &sources.bytes,
            ahead: &ahead.bytes,
            commitments: commitments
                .iter()
                .map(|(meaning, bytes)| (meaning.clone(), bytes.as_slice()))
                .collect(),
        };
        let pledge = self.pledge.digest;
        let tree = TreeName {
            size: tree_size,
            root,
        };
        write(pledge, self.places.digest, tree, &content)
    }

    /// The monitor that was saved, ready for the leaf after the last.
    ///
    /// Guarantees that it reports and saves what the one that was saved would
    /// have. It cannot guarantee that nobody has made up a state with a hash
    /// that fits: see `docs/spec/state.md`, "Trust".
    ///
    /// # Errors
    /// Those of [`SavedState::read`]; [`StateError::OtherPledge`] and
    /// [`StateError::OtherPlaces`] where it was saved under others.
    pub fn restore(pledge: &Pledge, places: &PlaceTable, bytes: &[u8]) -> Result<Self, StateError> {
        let state = SavedState::read(bytes)?;
        if state.pledge != pledge.digest {
            let found = state.pledge;
            return Err(StateError::OtherPledge { found });
        }
        if state.places != places.digest() {
            let found = state.places;
            return Err(StateError::OtherPlaces { found });
        }
        let mut monitor = Self::new(pledge, places);
        monitor.load(&state)?;
        Ok(monitor)
    }

    fn load(&mut self, state: &SavedState<'_>) -> Read<()> {
        let content = Content::read(state)?;
        let leaves = state.tree.size;
        let now = content.now.unwrap_or(NEVER);
        self.clock.restore(now);
        self.publications = content.publications;
        self.pledge.published = self.publications.get(&self.pledge.digest).copied();
        ensure(content.declarations == self.declarations, "declarations")?;
        let mut from = Reader::new(content.sources, leaves);
        self.coverage
            .load_sources(&mut self.dictionary, &mut from)?;
        from.end()?;
        let mut from = Reader::new(content.ahead, leaves);
        self.coverage.load_ahead(now, &mut from)?;
        from.end()?;
        let meanings = content.commitments.iter().map(|(meaning, _)| meaning);
        ensure(meanings.eq(&self.meanings), "a commitment")?;
        let sections = content.commitments.iter().zip(&mut self.rules);
        for (scope, ((_, section), rule)) in sections.enumerate() {
            let mut from = Reader::new(section, leaves);
            self.coverage.load_scope(scope, &mut from)?;
            rule.load(now, &mut self.dictionary, &mut from)?;
            from.end()?;
        }
        self.next_leaf = leaves;
        Ok(())
    }
}

/// What a commitment comes to is a function of this and of the leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) id: String,
    /// SHA-256 of everything that the verdicts follow from, but `to`.
    pub(crate) rule: [u8; 32],
    /// Until when.
    pub(crate) to: Option<i64>,
}

impl Meaning {
    pub(crate) fn of(commitment: &Commitment, pledge: &Pledge) -> Self {
        let declarations: Vec<&SourceDeclaration> = pledge
            .sources
            .iter()
            .filter(|declared| crate::coverage::concerns(&commitment.sources, declared))
            .collect();
        // How a rule is spelled here is a matter of this version, as the first
        // line of a state is.
        let rule = format!(
            "{:?}",
            (
                pledge.from,
                commitment.from,
                &commitment.sources,
                commitment.silence,
                declarations,
                &commitment.pattern,
            )
        );
        Self {
            id: commitment.id.clone(),
            rule: hash(&[rule.as_bytes()]),
            to: commitment.to.map(Micros::get),
        }
    }
}

/// SHA-256 of everything that the coverage of sources follows from.
pub(crate) fn meaning_of_declarations(pledge: &Pledge) -> [u8; 32] {
    hash(&[format!("{:?}", (pledge.from, &pledge.sources)).as_bytes()])
}

/// What comes after the lines, in parts that stand for themselves.
#[derive(Debug, Clone)]
pub(crate) struct Content<'a> {
    pub(crate) now: Option<i64>,
    pub(crate) publications: Publications,
    /// SHA-256 of what was declared of the sources.
    pub(crate) declarations: [u8; 32],
    pub(crate) sources: &'a [u8],
    pub(crate) ahead: &'a [u8],
    pub(crate) commitments: Vec<(Meaning, &'a [u8])>,
}

impl<'a> Content<'a> {
    pub(crate) fn read(state: &SavedState<'a>) -> Read<Self> {
        let mut from = Reader::new(state.content, state.tree.size);
        let now = from.option(Reader::time)?;
        ensure(now.is_none() || state.tree.size > 0, "the clock")?;
        let publications = from.list(|from| {
            let digest = *from.array::<32>()?;
            let (leaf, time) = (from.leaf()?, from.instant()?);
            Ok((digest, Published { leaf, time }))
        })?;
        ensure(in_order(&publications, |p| p.0), "publications")?;
        let declarations = *from.array()?;
        let (sources, ahead) = (from.section()?, from.section()?);
        let commitments = from.list(|from| {
            let meaning = Meaning {
                id: from.text()?.to_owned(),
                rule: *from.array()?,
                to: from.option(Reader::time)?,
            };
            Ok((meaning, from.section()?))
        })?;
        from.end()?;
        Ok(Self {
            now,
            publications: publications.into_iter().collect(),
            declarations,
            sources,
            ahead,
            commitments,
        })
    }
}

/// The whole state.
pub(crate) fn write(
    pledge: [u8; 32],
    places: [u8; 32],
    tree: TreeName,
    content: &Content<'_>,
) -> Vec<u8> {
    let lines = format!(
        "{FIRST_LINE}pledge sha256:{}\nplaces sha256:{}\ntree {} {}\n",
        hex(&pledge),
        hex(&places),
        tree.size,
        hex(&tree.root)
    );
    let mut out = Writer {
        bytes: lines.into_bytes(),
    };
    out.option(content.now, Writer::time);
    out.list(content.publications.iter(), |out, (digest, published)| {
        out.bytes.extend_from_slice(digest);
        out.number(published.leaf);
        out.time(published.time.get());
    });
    out.bytes.extend_from_slice(&content.declarations);
    out.section(content.sources);
    out.section(content.ahead);
    out.list(content.commitments.iter(), |out, (meaning, section)| {
        out.text(&meaning.id);
        out.bytes.extend_from_slice(&meaning.rule);
        out.option(meaning.to, Writer::time);
        out.section(section);
    });
    let hash = hash(&[&out.bytes]);
    out.bytes.extend_from_slice(&hash);
    out.bytes
}

fn read_tree(text: &str) -> Result<TreeName, StateError> {
    let wrong = StateError::Unreadable { what: "the tree" };
    let (size, root) = text.split_once(' ').ok_or(wrong.clone())?;
    let number: u64 = size.parse().map_err(|_| wrong.clone())?;
    if number.to_string() != size || number > COUNT_MAX {
        return Err(wrong);
    }
    Ok(TreeName {
        size: number,
        root: read_hash(root)?,
    })
}

/// 64 lower-case hexadecimal digits.
fn read_hash(text: &str) -> Result<[u8; 32], StateError> {
    let wrong = StateError::Unreadable { what: "a hash" };
    let mut hash = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != hash.len() || !rest.is_empty() {
        return Err(wrong);
    }
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let digits = digit(*high).zip(digit(*low)).ok_or(wrong.clone())?;
        *byte = digits.0 << 4 | digits.1;
    }
    Ok(hash)
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
