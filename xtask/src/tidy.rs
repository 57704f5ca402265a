//! `cargo xtask tidy`: the bars of the style guide that a program can check.
//! Each check is a function from texts to findings; the folder `tidy` holds
//! them by what they read.

mod documents;
mod messages;
mod shape;
mod wording;

use crate::finding::Finding;
use crate::repository::TextFile;

/// What tidy found, and figures worth a line even when all is well.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<String>,
}

/// Runs every check over the repository's texts.
pub(crate) fn tidy(files: &[TextFile]) -> Report {
    let mut report = Report::default();
    for file in files {
        report.findings.extend(shape::check_path(file));
        report.findings.extend(shape::check_file(file));
        report.findings.extend(wording::check_file(file));
        report.findings.extend(documents::check_links(file, files));
    }
    let lengths = shape::check_functions(files);
    report.findings.extend(lengths.findings);
    report.notes.extend(lengths.notes);
    report.notes.extend(shape::sizes(files));
    report.findings.extend(shape::check_manifests(files));
    report.findings.extend(shape::check_fuzz_targets(files));
    report.findings.extend(shape::check_documented(files));
    report.findings.extend(documents::check_architecture(files));
    report.findings.extend(documents::check_changelog(files));
    report.findings.extend(documents::check_glossary(files));
    report.findings.extend(documents::check_readme(files));
    let messages = messages::check(files);
    report.findings.extend(messages.findings);
    report.notes.extend(messages.notes);
    report
}
