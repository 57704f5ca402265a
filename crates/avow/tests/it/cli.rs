//! The command line itself: help, completions, manual pages, mistakes.

use std::fs;

use tempfile::TempDir;

use crate::run::avow;

/// Every command of the program, as its own help lists them.
fn commands(above: &[&str]) -> Vec<Vec<String>> {
    let folder = TempDir::new().unwrap();
    let mut arguments = above.to_vec();
    arguments.push("--help");
    let help = avow(folder.path(), &arguments).exits(0).out;
    let mut found = Vec::new();
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    for line in listed.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap();
        let mut command: Vec<String> = above.iter().map(|word| (*word).to_owned()).collect();
        command.push(name.to_owned());
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        found.extend(commands(&words));
        found.push(command);
    }
    found
}

#[test]
fn every_command_has_a_manual_page_and_completions_in_every_shell() {
    let folder = TempDir::new().unwrap();
    let all = commands(&[]);
    assert!(all.len() > 10, "{all:?}");
    avow(folder.path(), &["man", "pages"]).exits(0);
    let json = avow(folder.path(), &["man", "pages", "--json"])
        .exits(0)
        .json();
    assert_eq!(json["pages"].as_array().unwrap().len(), all.len() + 1);
    let pages = crate::run::names(&folder.path().join("pages"));
    assert_eq!(pages.len(), all.len() + 1);
    for command in &all {
        let page = format!("avow-{}.1", command.join("-"));
        let text = fs::read_to_string(folder.path().join("pages").join(&page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = avow(folder.path(), &["completions", shell]).exits(0).out;
        for command in &all {
            let name = command.last().unwrap();
            assert!(script.contains(name.as_str()), "{shell}: {command:?}");
        }
    }
}

#[test]
fn help_is_in_the_language_of_the_reader() {
    let folder = TempDir::new().unwrap();
    let about = "Shows whether promises about data are kept, by evidence that anyone can check\n";
    let all = avow(folder.path(), &["--help"]).exits(0).out;
    assert!(all.starts_with(about), "{all}");
    let english = avow(folder.path(), &["check", "--help"]).exits(0).out;
    assert!(english.contains("Usage: avow check"), "{english}");
    let chinese = avow(folder.path(), &["check", "--help", "--lang", "zh"])
        .exits(0)
        .out;
    assert!(
        chinese.contains("用法：avow check") && chinese.contains("证据"),
        "{chinese}"
    );
    assert!(
        !chinese.contains("Options") && !chinese.contains("Print"),
        "{chinese}"
    );
}

#[test]
fn a_mistake_on_the_command_line_says_what_to_write() {
    let folder = TempDir::new().unwrap();
    for (arguments, message, hint) in [
        (&["chek"][..], "unrecognized subcommand `chek`", "`check`"),
        (&["check"], "<TARGET>", "`avow check --help`"),
        (&["check", "x", "--lag", "zh"], "`--lag`", "--lang"),
        (
            &["log", "init", "x"],
            "--origin <ORIGIN>",
            "`avow log init --help`",
        ),
        (&["check", "x", "--lang", "fr"], "`fr`", "`avow --help`"),
    ] {
        let run = avow(folder.path(), arguments).fails(message);
        let hint_line = run.err.lines().last().unwrap();
        assert!(
            hint_line.starts_with("avow: hint: ") && hint_line.contains(hint),
            "{}",
            run.err
        );
        assert_eq!(run.out, "");
    }
}

#[test]
fn nothing_at_all_shows_the_help_and_ends_with_2() {
    let folder = TempDir::new().unwrap();
    let run = avow(folder.path(), &[]).exits(2);
    assert!(run.err.contains("Commands:"), "{}", run.err);
    assert!(
        run.err.contains("Begin with `avow check FOLDER`"),
        "{}",
        run.err
    );
    let version = avow(folder.path(), &["--version"]).exits(0).out;
    assert_eq!(version, concat!("avow ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_place_table_is_printed_with_its_version() {
    let folder = TempDir::new().unwrap();
    let run = avow(folder.path(), &["places"]).exits(0);
    assert!(run.out.contains("aws\tcn-north-1\tCN\t"), "{}", run.out);
    let json = avow(folder.path(), &["places", "--json"]).exits(0).json();
    assert!(json["regions"].as_array().unwrap().len() > 20);
    assert!(json["groups"]["EU"].as_array().unwrap().len() > 20);
}
