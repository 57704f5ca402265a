//! Pseudonym keys: read from a file, made in one, or made for one run.
//!
//! Secret: who holds the key can test whether a pseudonym belongs to a person
//! whose identifier they know. Destroying it unlinks the pseudonyms.

use std::path::Path;

use avow_event::PseudonymKey;

use crate::ambient;
use crate::failure::{Failure, Result};
use crate::messages as say;
use crate::screen::Screen;
use crate::storage;

/// Bytes of a key file: 64 hexadecimal digits and the end of the line.
const FILE_BYTES: u64 = 65;

/// A key that nobody has seen, for this run.
pub(crate) fn random() -> Result<PseudonymKey> {
    Ok(PseudonymKey::new(ambient::entropy()?))
}

/// The key in a file, made there if the file does not exist.
pub(crate) fn load_or_make(path: &Path, screen: &Screen) -> Result<PseudonymKey> {
    if path.exists() {
        return load(path);
    }
    let key = make(path)?;
    let shown = path.display().to_string();
    screen.remark(&screen.fill(say::KEY_WRITTEN, &[("path", &shown)]));
    Ok(key)
}

/// The key of a log, kept beside its signing keys.
pub(crate) fn of_log(folder: &Path) -> Result<PseudonymKey> {
    let path = folder.join("keys").join("pseudonym.key");
    if path.exists() {
        load(&path)
    } else {
        make(&path)
    }
}

fn make(path: &Path) -> Result<PseudonymKey> {
    let secret: [u8; 32] = ambient::entropy()?;
    let text: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    storage::write_secret(path, format!("{text}\n").as_bytes())?;
    Ok(PseudonymKey::new(secret))
}

fn load(path: &Path) -> Result<PseudonymKey> {
    let bytes = storage::read_bounded(path, FILE_BYTES)?;
    parse(&bytes).map(PseudonymKey::new).ok_or_else(|| {
        // Nothing of the file is repeated: it may be another secret.
        Failure::input(format!("`{}` is no pseudonym key", path.display())).hint(
            "a key file holds 64 hexadecimal digits; name a file that does not exist to make one",
        )
    })
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
