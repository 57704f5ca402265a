//! The text files of the repository, read once. Checks are functions of these
//! texts, so that each check can be tested on a few lines of input.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold nothing written by a person.
const SKIPPED_FOLDERS: &[&str] = &[
    ".git",
    "artifacts",
    "corpus",
    "node_modules",
    "target",
    "venv",
];

/// Evidence and vectors are data of others; rules about our own wording do not
/// apply to them.
const DATA_FOLDERS: &[&str] = &["testdata/", "examples/"];

/// Kinds of file that people write here.
const TEXT_EXTENSIONS: &[&str] = &["md", "rs", "sh", "toml", "txt", "yaml", "yml"];

/// No file that a person writes here comes near 2 MiB; larger ones are data.
const FILE_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// One text file.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    /// Path from the root of the repository, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl TextFile {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub(crate) fn is_markdown(&self) -> bool {
        self.path.ends_with(".md")
    }

    pub(crate) fn is_data(&self) -> bool {
        DATA_FOLDERS
            .iter()
            .any(|folder| self.path.starts_with(folder))
            && !self.is_markdown()
    }

    /// True for files that hold tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// The repository's own root: the folder above this crate's.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Reads every text file under `root`, in the order of their paths.
pub(crate) fn read(root: &Path) -> io::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_str()) {
                    folders.push(entry.path());
                }
            } else if kind.is_file() && is_text(&entry.path()) {
                if entry.metadata()?.len() > FILE_BYTES_MAX {
                    continue;
                }
                let Ok(text) = fs::read_to_string(entry.path()) else {
                    continue;
                };
                files.push(TextFile {
                    path: relative(root, &entry.path()),
                    text,
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The file at `path`, if the repository has it.
pub(crate) fn find<'a>(files: &'a [TextFile], path: &str) -> Option<&'a TextFile> {
    files.iter().find(|file| file.path == path)
}

fn is_text(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some(extension) => TEXT_EXTENSIONS.contains(&extension),
        None => path.ends_with(".ci/run"),
    }
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}
