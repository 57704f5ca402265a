//! What no text of this repository contains: work left undone without an
//! issue, paths of one machine, addresses of package registries.

use crate::finding::Finding;
use crate::repository::TextFile;

// The searched words are put together here, so that this file passes itself.
const UNDONE: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("HA", "CK"),
];

const MACHINE_FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/"),
    concat!("/ho", "me/"),
];

const REGISTRY_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("registry.npm", "js"),
    concat!("deb.debian", ".org"),
];

/// Checks every line of one text file.
pub(super) fn check_file(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.is_data() {
        return findings;
    }
    for (index, line) in file.text.lines().enumerate() {
        let at = |message: String| Finding::at(&file.path, index + 1, message);
        let undone = UNDONE.iter().find(|word| has_word(line, word));
        if let Some(word) = undone.filter(|_| !names_an_issue(line)) {
            findings.push(at(format!(
                "`{word}` without an issue: write `{word}(#12)` or do it"
            )));
        }
        if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| has_root(line, folder)) {
            findings.push(at(format!(
                "`{folder}` is a path of one machine: write it relative"
            )));
        }
        if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(**host)) {
            findings.push(at(format!(
                "`{host}` is a registry's address: name the package only"
            )));
        }
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

fn names_an_issue(line: &str) -> bool {
    line.split('#')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// True where the folder stands at the root: `/x/`, not `a/x/`, `../x/` or `}/x/`.
fn has_root(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-*}>)$/".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check_file(&TextFile::new("docs/a.md", text)).len()
    }

    #[test]
    fn undone_work_needs_an_issue() {
        let word = UNDONE[0];
        assert_eq!(found(&format!("// {word}: later")), 1);
        assert_eq!(found(&format!("// {word}(#12): later")), 0);
        assert_eq!(found(&format!("MY{word}S")), 0);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in MACHINE_FOLDERS {
            assert_eq!(found(&format!("see `{folder}x`")), 1, "{folder}");
            assert_eq!(
                found(&format!("see ..{folder}x and $DIR{folder}x")),
                0,
                "{folder}"
            );
        }
    }

    #[test]
    fn registry_hosts_are_found() {
        for host in REGISTRY_HOSTS {
            assert_eq!(found(&format!("from {host}/a")), 1, "{host}");
        }
    }

    #[test]
    fn data_of_others_is_left_alone() {
        let folder = MACHINE_FOLDERS[0];
        assert_eq!(check_file(&TextFile::new("testdata/a.txt", folder)), []);
    }
}
