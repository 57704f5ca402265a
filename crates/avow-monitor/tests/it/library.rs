//! The library of pledges in `examples/`: every one is read, judges its own
//! stories as it says, and together they use the whole language.

#![expect(clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use avow_event::PlaceTable;
use avow_monitor::{Difference, Pledge, differences, run_examples};
use toml::{Table, Value};

/// A pledge of the library: where it stands, its text, its tables.
struct Entry {
    path: PathBuf,
    text: String,
    document: Table,
}

impl Entry {
    fn shown(&self) -> String {
        let folder = self.path.parent().and_then(Path::file_name).unwrap();
        let file = self.path.file_name().unwrap();
        format!("{}/{}", folder.display(), file.display())
    }

    fn pledge(&self) -> Pledge {
        Pledge::parse(&self.text, &PlaceTable::built_in()).unwrap_or_else(|mistakes| {
            let told: Vec<String> = mistakes
                .iter()
                .map(|mistake| mistake.render(&self.shown(), &self.text))
                .collect();
            panic!("{}", told.join("\n"))
        })
    }

    fn commitments(&self) -> impl Iterator<Item = &Table> {
        let commitments = self.document.get("commitment").and_then(Value::as_array);
        commitments.unwrap().iter().map(|c| c.as_table().unwrap())
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every TOML file in a folder of `examples/`.
fn library() -> Vec<Entry> {
    let mut paths: Vec<PathBuf> = fs::read_dir(repository().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let document = text.parse().unwrap();
            Entry {
                path,
                text,
                document,
            }
        })
        .collect()
}

#[test]
fn every_pledge_of_the_library_judges_its_own_stories_as_it_says() {
    let library = library();
    assert!(library.len() >= 10, "only {} pledges", library.len());
    let mut told = Vec::new();
    for entry in library {
        for failure in run_examples(&entry.pledge()) {
            let says = if failure.kept { "kept" } else { "breached" };
            let reasons: Vec<_> = failure.instances.iter().map(|i| i.reason).collect();
            told.push(format!(
                "{}: {}, story {}, says {says}: {:?} {reasons:?}",
                entry.shown(),
                failure.id,
                failure.index + 1,
                failure.counts
            ));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn nothing_is_suspicious_about_a_pledge_of_the_library() {
    let mut told = Vec::new();
    for entry in library() {
        for warning in avow_monitor::warnings(&entry.text, &entry.pledge()) {
            told.push(warning.render(&entry.shown(), &entry.text));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The words in backticks of a cell.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The rows of the first table after a heading of the specification.
fn rows<'a>(page: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, rest) = page.split_once(&format!("\n{heading}\n")).unwrap();
    let cells = |line: &'a str| {
        line.split(" | ")
            .map(|c| c.trim_matches(['|', ' ']))
            .collect()
    };
    rest.lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(cells)
        .collect()
}

#[test]
fn together_they_use_every_key_of_the_language() {
    let page = fs::read_to_string(repository().join("docs/spec/pledge.md")).unwrap();
    let library = library();
    let mut used: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for entry in &library {
        let mut take = |table: &'static str, keys: &Table| {
            let found = used.entry(table).or_default();
            found.extend(keys.keys().cloned());
        };
        take(
            "### `[pledge]`",
            entry.document["pledge"].as_table().unwrap(),
        );
        for source in entry.document["source"].as_array().unwrap() {
            take("### `[[source]]`", source.as_table().unwrap());
        }
        for commitment in entry.commitments() {
            take("### `[[commitment]]`", commitment);
        }
    }
    for (heading, used) in &used {
        let listed: BTreeSet<String> = rows(&page, heading)
            .iter()
            .filter_map(|row| quoted(row[0]).next())
            .filter(|key| !key.starts_with('['))
            .collect();
        assert!(listed.len() >= 3, "{heading}: {listed:?}");
        let unused: Vec<_> = listed.difference(used).collect();
        assert!(unused.is_empty(), "{heading}: in no pledge: {unused:?}");
    }
}

#[test]
fn together_they_use_every_rule_with_each_of_its_keys() {
    let page = fs::read_to_string(repository().join("docs/spec/pledge.md")).unwrap();
    let rules = rows(&page, "### Rules");
    assert_eq!(rules.len(), 7, "seven rules");
    let library = library();
    for row in rules {
        let rule = quoted(row[0]).next().unwrap();
        // `every` and `at_most` stand beside keys that are rules elsewhere.
        let with_rule: Vec<&Table> = library
            .iter()
            .flat_map(Entry::commitments)
            .filter(|commitment| commitment.contains_key(&rule))
            .collect();
        assert!(!with_rule.is_empty(), "`{rule}` is in no pledge");
        for key in quoted(row[1]) {
            let found = with_rule
                .iter()
                .any(|commitment| commitment.contains_key(&key));
            assert!(found, "`{rule}` with `{key}` is in no pledge");
        }
    }
}

/// Whatever else a predicate can say, each in some pledge.
#[test]
fn together_they_use_every_form_of_a_predicate() {
    let of_people = ["id", "says", "article", "duty"];
    let text: String = library()
        .iter()
        .flat_map(Entry::commitments)
        .flat_map(|commitment| commitment.iter())
        .filter(|(key, _)| !of_people.contains(&key.as_str()))
        .filter_map(|(_, value)| value.as_str())
        .collect();
    for form in [
        " AND ",
        " OR ",
        "NOT encrypted",
        " = ",
        " <> ",
        " < ",
        " <= ",
        " > ",
        " >= ",
        " IN (",
        " NOT IN ",
        " IN EU",
        " BETWEEN ",
        " IS NULL",
        " IS NOT NULL",
        " LIKE '",
        " + ",
        "FALSE",
    ] {
        assert!(text.contains(form), "`{form}` is in no pledge");
    }
}

/// Sources write pseudonyms into these fields, another for each field. A
/// condition on what stands in them holds in a story and never in evidence.
#[test]
fn no_condition_asks_what_a_pseudonym_is() {
    let pseudonyms = [
        "subject", "actor", "object", "grant_id", "case_id", "session",
    ];
    let of_people = ["id", "says", "article", "duty"];
    for entry in library() {
        for commitment in entry.commitments() {
            let keys = commitment
                .iter()
                .filter(|(key, _)| !of_people.contains(&key.as_str()));
            for (key, text) in keys.filter_map(|(key, value)| Some((key, value.as_str()?))) {
                let words: Vec<&str> = text
                    .split([' ', '(', ')', ',', '\n'])
                    .filter(|word| !word.is_empty())
                    .collect();
                for (at, word) in words.iter().enumerate() {
                    let (side, field) = word.split_once('.').unwrap_or(("", word));
                    if !pseudonyms.contains(&field) {
                        continue;
                    }
                    let is_null = words.get(at + 1) == Some(&"IS");
                    let fields = |at: Option<usize>| at.and_then(|at| words.get(at)).copied();
                    let pair = |other: Option<&str>| {
                        other.is_some_and(|o| o != *word && o.ends_with(&format!(".{field}")))
                    };
                    let compared =
                        pair(fields(at.checked_add(2))) || pair(fields(at.checked_sub(2)));
                    assert!(
                        is_null || (!side.is_empty() && compared),
                        "{}, `{}`, `{key}`: `{field}` holds a pseudonym",
                        entry.shown(),
                        commitment["id"]
                    );
                }
            }
            if commitment.contains_key("members") {
                let same = commitment["same"][0].as_str().unwrap();
                assert!(!pseudonyms.contains(&same), "{}", commitment["id"]);
            }
        }
    }
}

#[test]
fn an_amending_pledge_stands_beside_the_one_that_it_amends() {
    let library = library();
    let mut count = 0;
    for entry in &library {
        let pledge = entry.pledge();
        let Some(amended) = pledge.amends else {
            continue;
        };
        let folder = entry.path.parent();
        let beside = library
            .iter()
            .filter(|other| other.path.parent() == folder)
            .map(Entry::pledge)
            .find(|other| other.digest == amended)
            .unwrap_or_else(|| panic!("{}: what it amends is not there", entry.shown()));
        // It was published before the first instant at which it differs.
        let new = pledge.commitments.iter().map(|c| c.from);
        let published = new.filter(|from| *from > beside.from).min().unwrap();
        let changes = differences(&beside, &pledge, published);
        assert!(changes.len() >= 2, "{}: {changes:?}", entry.shown());
        assert!(
            changes.iter().all(Difference::is_allowed),
            "{}: {changes:?}",
            entry.shown()
        );
        count += 1;
    }
    assert!(count > 0, "no pledge amends another");
}

#[test]
fn every_promise_of_the_library_is_told_in_both_languages() {
    for entry in library() {
        for commitment in entry.pledge().commitments {
            let han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
            assert!(commitment.says.zh.chars().any(han), "{}", commitment.id);
            assert!(!commitment.says.en.chars().any(han), "{}", commitment.id);
        }
    }
}

/// The rows of a page about a pledge: what each commitment serves, and how.
fn table(entry: &Entry) -> String {
    let page = fs::read_to_string(repository().join("docs/spec/pledge.md")).unwrap();
    let rules: Vec<String> = rows(&page, "### Rules")
        .iter()
        .filter_map(|row| quoted(row[0]).next())
        .collect();
    let mut table = "| article | commitment | rule | in words |\n|---|---|---|---|\n".to_owned();
    for commitment in entry.commitments() {
        let text = |key: &str| commitment.get(key).and_then(Value::as_str).unwrap_or("–");
        // `when`, `until` and `within` are no rules; of the others one is there.
        let rule = rules.iter().find(|rule| commitment.contains_key(*rule));
        let says = commitment["says"]["en"].as_str().unwrap();
        table += &format!(
            "| {} | `{}` | `{}` | {says} |\n",
            text("article"),
            text("id"),
            rule.unwrap()
        );
    }
    table
}

/// `UPDATE_EXPECT=1` writes the tables anew.
#[test]
fn the_page_beside_a_pledge_has_every_commitment_and_says_what_is_not_covered() {
    let (begin, end) = ("<!-- commitments -->\n", "<!-- end of commitments -->");
    let mut count = 0;
    for entry in library() {
        let path = entry.path.with_file_name("README.md");
        let page = fs::read_to_string(&path).unwrap();
        let name = entry.path.file_name().unwrap();
        let shown = entry.shown();
        let Some((before, rest)) = page.split_once(begin) else {
            let cited = entry.commitments().any(|c| c.contains_key("article"));
            assert!(!cited, "{shown}: README.md has no table of commitments");
            continue;
        };
        if name != "pledge.toml" {
            continue;
        }
        let (found, after) = rest.split_once(end).unwrap();
        let table = table(&entry);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, format!("{before}{begin}{table}{end}{after}")).unwrap();
        } else {
            assert_eq!(
                found, table,
                "{shown}: UPDATE_EXPECT=1 writes the table anew"
            );
        }
        assert!(page.contains("\n## Not covered, and why\n"), "{shown}");
        count += 1;
    }
    assert!(count >= 9, "only {count} pages");
}

#[test]
fn the_list_of_examples_names_each_pledge_with_its_number_of_commitments() {
    let list = fs::read_to_string(repository().join("examples/README.md")).unwrap();
    for entry in library() {
        if entry
            .path
            .file_name()
            .is_none_or(|name| name != "pledge.toml")
        {
            continue;
        }
        let folder = entry.path.parent().unwrap();
        let name = folder.file_name().unwrap().to_str().unwrap();
        let evidence = if folder.join("evidence").is_dir() {
            "yes "
        } else {
            ""
        };
        let end = format!("| {} | {evidence}|", entry.commitments().count());
        let begin = format!("| [{name}]({name}/README.md) |");
        let row = list.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("`{name}` is not in the list"));
        assert!(
            row.ends_with(&end),
            "`{name}`: {row} does not end with {end}"
        );
    }
}

/// The blocks of TOML on a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("\n```").next().unwrap())
        .collect()
}

/// A block with `[pledge]` is a whole pledge; any other shows commitments of
/// the library, by their `id`, without what does not matter there.
#[test]
fn what_the_guide_shows_of_the_language_is_in_the_library_or_a_pledge_itself() {
    let library = library();
    let (mut shown, mut whole) = (0, 0);
    for page in fs::read_dir(repository().join("docs/guide")).unwrap() {
        let page = fs::read_to_string(page.unwrap().path()).unwrap();
        for block in blocks(&page) {
            let document: Table = block.parse().unwrap();
            if document.contains_key("pledge") {
                let pledge = Pledge::parse(block, &PlaceTable::built_in()).unwrap();
                assert!(run_examples(&pledge).is_empty(), "{block}");
                whole += 1;
                continue;
            }
            // Other tables of TOML are another page's matter.
            let commitments = document.get("commitment").and_then(Value::as_array);
            for commitment in commitments.into_iter().flatten() {
                let commitment = commitment.as_table().unwrap();
                let held = library
                    .iter()
                    .flat_map(Entry::commitments)
                    .any(|other| commitment.iter().all(|(k, v)| other.get(k) == Some(v)));
                assert!(held, "no pledge of the library has:\n{block}");
                shown += 1;
            }
        }
    }
    assert!(
        shown >= 20 && whole >= 1,
        "{shown} commitments, {whole} pledges"
    );
}
