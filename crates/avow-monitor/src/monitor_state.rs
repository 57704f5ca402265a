//! A monitor's state as bytes, so that the next run goes on where this one
//! stopped. `docs/spec/state.md`.
//!
//! The bytes are a function of the pledge, the place table and the leaves, as
//! the verdicts are: neither the size of batches nor an earlier restart shows.
//! What follows from the pledge, or from the rest, is not written.

use avow_event::PlaceTable;
use sha2::{Digest, Sha256};

use crate::clock::NEVER;
use crate::report::TreeName;
use crate::state_bytes::{COUNT_MAX, Read, Reader, Unreadable, Writer, ensure};
use crate::{Monitor, Pledge, Published};

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
        let mut out = Writer::default();
        let lines = format!(
            "{FIRST_LINE}pledge sha256:{}\nplaces sha256:{}\ntree {tree_size} {}\n",
            hex(&self.pledge.digest),
            hex(&self.places.digest),
            hex(&root)
        );
        out.bytes.extend_from_slice(lines.as_bytes());
        let now = self.clock.now();
        out.option((now != NEVER).then_some(now), Writer::time);
        out.option(self.pledge.published, |out, published| {
            out.number(published.leaf);
            out.time(published.time.get());
        });
        self.coverage.save(&mut out);
        out.list(self.rules.iter(), |out, rule| {
            let mut section = Writer::default();
            rule.save(&self.dictionary, &mut section);
            out.section(&section.bytes);
        });
        let hash = hash(&[&out.bytes]);
        out.bytes.extend_from_slice(&hash);
        out.bytes
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
        let mut from = Reader::new(state.content, state.tree.size);
        let now = from.option(Reader::time)?.unwrap_or(NEVER);
        ensure(now == NEVER || state.tree.size > 0, "the clock")?;
        self.pledge.published = from.option(|from| {
            Ok(Published {
                leaf: from.leaf()?,
                time: from.instant()?,
            })
        })?;
        self.clock.restore(now);
        self.coverage.load(now, &mut self.dictionary, &mut from)?;
        let mut rules = self.rules.iter_mut();
        from.list(|from| {
            let mut section = from.inside()?;
            let rule = rules.next().ok_or(Unreadable("a commitment"))?;
            rule.load(now, &mut self.dictionary, &mut section)?;
            section.end()
        })?;
        ensure(rules.next().is_none(), "a commitment")?;
        from.end()?;
        self.next_leaf = state.tree.size;
        Ok(())
    }
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
