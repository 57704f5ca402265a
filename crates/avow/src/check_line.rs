//! The command that checks a proof, as somebody would type it here.

use std::path::Path;

/// The command that checks a proof, as somebody would type it here.
pub(crate) fn check_line(proof: &Path) -> String {
    let shown = quoted(&proof.display().to_string());
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| Some(exe.parent()?.join("avow-verify")));
    match beside {
        Some(verifier) if verifier.exists() && is_on_path(&verifier) => {
            format!("avow-verify {shown}")
        }
        Some(verifier) if verifier.exists() => {
            format!("{} {shown}", quoted(&short_path(&verifier)))
        }
        _ => format!("cargo run --release -p avow-proof --bin avow-verify -- {shown}"),
    }
}

fn is_on_path(program: &Path) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new("/"));
    std::env::split_paths(&folders).any(|one| one == folder)
}

/// A path as seen from the current folder, where that is shorter.
fn short_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .map(|inside| format!("./{}", inside.display()))
        .unwrap_or_else(|_| path.display().to_string())
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_and_quotes_are_safe_to_paste() {
        assert_eq!(quoted("six-promises.avow"), "six-promises.avow");
        assert_eq!(quoted("my proof.avow"), "'my proof.avow'");
        assert_eq!(quoted("a'b"), r"'a'\''b'");
        assert_eq!(quoted("$(x)"), "'$(x)'");
        assert_eq!(quoted("-x"), "'-x'");
    }
}
