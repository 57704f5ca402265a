//! Keeps an output from taking the place of an input: a pledge, a key, evidence
//! or a part of a log. Writing itself is left to `storage`.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use avow_source::Input;

use crate::failure::{Failure, Result};
use crate::messages as say;

/// What a ZIP file begins with, and so a proof.
pub(crate) const ZIP_MAGIC: &[u8] = b"PK\x03\x04";

/// Refuses an output that exists and is one of these inputs, or lies in one of
/// these folders. A proof in a folder is no input: it may be written anew.
pub(crate) fn check(out: &Path, inputs: &[PathBuf]) -> Result<()> {
    let Ok(target) = out.canonicalize() else {
        return Ok(());
    };
    for path in inputs.iter().flat_map(|input| named(input)) {
        let Ok(path) = path.canonicalize() else {
            continue;
        };
        let inside = path.is_dir() && target.starts_with(&path) && !is_proof(&target);
        if inside || path == target {
            let message = say::OUT_IS_INPUT.with(&[("path", &out.display())]);
            return Err(Failure::input(message).hint(say::HINT_OUT_IS_INPUT));
        }
    }
    Ok(())
}

/// The files or folders that an input names.
fn named(input: &Path) -> Vec<PathBuf> {
    match Input::parse(input.as_os_str()) {
        Ok(one) => [Some(one.path), one.mapping]
            .into_iter()
            .flatten()
            .collect(),
        Err(_) => vec![input.to_owned()],
    }
}

fn is_proof(path: &Path) -> bool {
    let mut magic = [0; ZIP_MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == ZIP_MAGIC
}
