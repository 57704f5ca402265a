//! Finding the vectors of others, which are not part of the repository.

use std::path::PathBuf;

/// The folder of vectors beside the workspace. In CI it must be there; elsewhere
/// a test that needs it says so and passes.
pub(crate) fn vectors(path: &str) -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    if root.exists() {
        return Some(root.join("vectors").join(path));
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no ../shared, which CI must have"
    );
    println!("not run: no ../shared");
    None
}

/// All files below a folder with this ending.
pub(crate) fn files(folder: &std::path::Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}
