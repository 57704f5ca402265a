//! Files beside the workspace that are not part of it: evidence and vectors.

use std::path::PathBuf;

/// The folder, or `None` with a note where it is missing. In CI it must be there.
pub(crate) fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    if path.is_dir() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared");
    println!("not run: no ../shared");
    None
}

/// A document of this workspace.
pub(crate) fn document(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).join(name)
}

/// The part of a document between `<!-- NAME -->` and `<!-- end of NAME -->`
/// is `expected`. With the environment variable `UPDATE_EXPECT` it is written.
pub(crate) fn check_part(document_name: &str, name: &str, expected: &str) {
    let path = document(document_name);
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (before, rest) = text.split_once(&start).unwrap();
    let (part, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, format!("{before}{start}{expected}{end}{after}")).unwrap();
    } else {
        assert_eq!(
            part, expected,
            "{document_name}: set UPDATE_EXPECT=1 to refresh"
        );
    }
}
