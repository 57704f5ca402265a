//! Pseudonym keys: read from a file, made in one, or made for one run.
//!
//! Secret: who holds the key can test whether a pseudonym belongs to a person
//! whose identifier they know. Destroying it unlinks the pseudonyms.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use avow_event::PseudonymKey;

use crate::ambient;
use crate::failure::{Failure, Result};
use crate::messages as say;
use crate::recording::Recording;
use crate::screen::Screen;
use crate::storage;

/// Bytes of a key file: 64 hexadecimal digits and the end of the line.
const FILE_BYTES: u64 = 65;

/// A pseudonym key, with its bytes, to be kept.
pub(crate) struct Key {
    secret: [u8; 32],
    key: PseudonymKey,
}

impl Key {
    /// A key that nobody has seen.
    pub(crate) fn random() -> Result<Self> {
        Ok(Self::new(ambient::entropy()?))
    }

    fn new(secret: [u8; 32]) -> Self {
        Self {
            secret,
            key: PseudonymKey::new(secret),
        }
    }

    /// The key itself.
    pub(crate) fn get(&self) -> &PseudonymKey {
        &self.key
    }

    /// Keeps it beside the signing keys of a new log.
    pub(crate) fn keep_in_log(&self, folder: &Path) -> Result<()> {
        self.keep(&path_in_log(folder))
    }

    fn keep(&self, path: &Path) -> Result<()> {
        let text: String = self.secret.iter().map(|b| format!("{b:02x}")).collect();
        storage::write_secret(path, format!("{text}\n").as_bytes())
    }

    fn load(path: &Path) -> Result<Self> {
        // A longer file is no key either, and is not read.
        let is_longer = path.metadata().is_ok_and(|file| file.len() > FILE_BYTES);
        let secret = if is_longer {
            None
        } else {
            parse(&storage::read_bounded(path, FILE_BYTES)?)
        };
        secret.map(Self::new).ok_or_else(|| {
            // Nothing of the file is repeated: it may be another secret.
            Failure::input(say::NO_PSEUDONYM_KEY.with(&[("path", &path.display())]))
                .hint(say::HINT_PSEUDONYM_KEY)
        })
    }
}

/// The key in a file, made there if the file does not exist.
pub(crate) fn load_or_make(path: &Path, screen: &Screen) -> Result<Key> {
    if path.exists() {
        return Key::load(path);
    }
    let key = Key::random()?;
    key.keep(path)?;
    let shown = path.display().to_string();
    screen.remark(&screen.fill(say::KEY_WRITTEN, &[("path", &shown)]));
    Ok(key)
}

/// The key of a log that is there. A log has one key for ever: under another,
/// what it knows would not be known again.
pub(crate) fn of_log(recording: &Recording, named: Option<&Path>, screen: &Screen) -> Result<Key> {
    let folder = recording.log.folder();
    let path = path_in_log(folder);
    if !path.exists() {
        let key = match named {
            Some(named) => load_or_make(named, screen)?,
            None => Key::random()?,
        };
        key.keep(&path)?;
        if recording.log.size() > 0 {
            let shown = folder.display().to_string();
            screen.remark(&screen.fill(say::KEY_WAS_MISSING, &[("path", &shown)]));
        }
        return Ok(key);
    }
    let key = Key::load(&path)?;
    match named {
        Some(named) if !named.exists() || Key::load(named)?.secret != key.secret => {
            let values: [(_, &dyn Display); 2] =
                [("key", &named.display()), ("path", &folder.display())];
            Err(Failure::input(say::FOREIGN_KEY.with(&values)).hint(say::HINT_FOREIGN_KEY))
        }
        _ => Ok(key),
    }
}

fn path_in_log(folder: &Path) -> PathBuf {
    folder.join("keys").join("pseudonym.key")
}

fn parse(bytes: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let mut secret = [0; 32];
    if text.len() != 2 * secret.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits_and_nothing_else() {
        let digits = "0f".repeat(32);
        assert_eq!(parse(digits.as_bytes()), Some([15; 32]));
        assert_eq!(parse(format!("{digits}\n").as_bytes()), Some([15; 32]));
        assert_eq!(parse(format!("{digits}0").as_bytes()), None);
        assert_eq!(parse("+f".repeat(32).as_bytes()), None);
        assert_eq!(parse(b""), None);
    }
}
