//! What the pure crates take as arguments: the time and entropy. Nothing else
//! in Avow reads a clock or asks for random bytes.

use std::time::{SystemTime, UNIX_EPOCH};

use avow_event::Micros;

use crate::failure::{Failure, Result};
use crate::messages as say;

/// Now, by the clock of this machine.
///
/// Trusted: who sets the clock sets `logged`. Witnesses bound it from outside.
pub(crate) fn now() -> Result<Micros> {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_micros()).ok())
        .and_then(Micros::new)
        .ok_or_else(|| Failure::storage(say::CLOCK_WRONG).hint(say::HINT_CLOCK))
}

/// Bytes that nobody else knows.
pub(crate) fn entropy<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(Failure::storage(say::NO_ENTROPY.with(&[("error", &error)]))),
    }
}
