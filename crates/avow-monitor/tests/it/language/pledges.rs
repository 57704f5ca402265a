//! Whole documents: what a good one means, and what is said about wrong ones.

use std::fs;
use std::path::{Path, PathBuf};

use avow_event::{Field, Micros, Value};
use avow_monitor::{
    Deadline, Duration, PLEDGE_BYTES_MAX, Pattern, Pledge, Register, Silence, SourceDeclaration,
    SourcePattern,
};
use expect_test::expect_file;

use super::random;

const GOOD: &str = include_str!("../../../../../testdata/pledges/right/all-patterns.toml");

fn parse(text: &str) -> Result<Pledge, String> {
    Pledge::parse(text, &random::places()).map_err(|errors| {
        let rendered: Vec<String> = errors
            .iter()
            .map(|error| error.render("pledge.toml", text))
            .collect();
        rendered.join("\n")
    })
}

fn pledge_files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/pledges")
        .join(kind);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_wrong_pledge_is_answered_as_recorded() {
    let files = pledge_files("wrong");
    assert!(files.len() >= 145, "only {} wrong pledges", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let errors = match Pledge::parse(&text, &random::places()) {
            Ok(_) => panic!("`{name}` is accepted"),
            Err(errors) => errors,
        };
        assert!(!errors.is_empty(), "`{name}` is refused without a reason");
        for error in &errors {
            assert!(error.help.is_some(), "`{name}`: no help: {}", error.message);
        }
        let rendered: Vec<String> = errors.iter().map(|e| e.render(name, &text)).collect();
        expect_file![path.with_extension("txt")].assert_eq(&rendered.join("\n"));
    }
}

#[test]
fn what_is_suspicious_is_told_as_recorded() {
    for path in pledge_files("suspicious") {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let pledge = parse(&text).unwrap_or_else(|errors| panic!("`{name}` is refused\n{errors}"));
        assert_eq!(avow_monitor::run_examples(&pledge), [], "{name}");
        let warnings = avow_monitor::warnings(&text, &pledge);
        assert!(!warnings.is_empty(), "`{name}` is not suspicious");
        assert!(
            warnings
                .iter()
                .all(|w| w.severity == avow_monitor::Severity::Warning)
        );
        let rendered: Vec<String> = warnings.iter().map(|w| w.render(name, &text)).collect();
        expect_file![path.with_extension("txt")].assert_eq(&rendered.join("\n"));
    }
}

#[test]
fn every_right_pledge_is_accepted() {
    let files = pledge_files("right");
    assert!(files.len() >= 7, "only {} right pledges", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        match parse(&text) {
            Ok(pledge) => {
                let failures: Vec<String> = avow_monitor::run_examples(&pledge)
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                assert!(failures.is_empty(), "{}: {failures:?}", path.display());
            }
            Err(errors) => panic!("{}\n{errors}", path.display()),
        }
    }
}

#[test]
fn a_pledge_says_what_its_text_says() {
    let pledge = parse(GOOD).unwrap();
    assert_eq!(pledge.title.en, "Declaration");
    assert_eq!(pledge.title.zh, "承诺");
    assert_eq!(pledge.by, "Example Cloud");
    assert_eq!(pledge.from, Micros::parse("2026-01-01T00:00:00Z").unwrap());
    let star = |prefix: &str| SourcePattern {
        prefix: prefix.to_owned(),
        any_suffix: true,
    };
    assert_eq!(
        pledge.sources,
        [
            SourceDeclaration {
                name: star("vault-"),
                heartbeat: Some(300_000_000),
                delay: 60_000_000,
            },
            SourceDeclaration {
                name: star("cloudtrail-"),
                heartbeat: None,
                delay: 0,
            },
        ]
    );
    let ids: Vec<&str> = pledge.commitments.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["home", "encrypted", "transfer", "leak-notice"]);
    assert_eq!(pledge.commitments[0].silence, Silence::Breach);
    assert_eq!(pledge.commitments[1].silence, Silence::Unknown);
    assert_eq!(pledge.commitments[1].says.zh, "Everything is encrypted.");
    let Pattern::Within { deadline, same, .. } = &pledge.commitments[3].pattern else {
        panic!("`leak-notice` is a duty");
    };
    assert_eq!(
        (*deadline, same.as_slice()),
        (
            Deadline::After(Duration::of_micros(259_200_000_000)),
            &[Field::CaseId][..]
        )
    );
    assert_eq!(
        pledge.commitments[0].fields(),
        [Field::Action, Field::SubjectCountry, Field::Place]
    );
}

fn right(name: &str) -> Pledge {
    let file = pledge_files("right")
        .into_iter()
        .find(|path| path.file_stem().is_some_and(|stem| stem == name))
        .unwrap();
    parse(&fs::read_to_string(file).unwrap()).unwrap()
}

fn instant(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

#[test]
fn a_duty_says_what_its_text_says() {
    let pledge = right("then");
    let Pattern::Within {
        unless: Some(_),
        already: Some(already),
        deadline,
        condition: Some(condition),
        for_each: None,
        pause: Some(pause),
        ..
    } = &pledge.commitments[0].pattern
    else {
        panic!("{:?}", pledge.commitments[0].pattern);
    };
    let month = Duration {
        months: 1,
        micros: 0,
    };
    assert_eq!(*deadline, Deadline::After(month));
    assert_eq!(already.to_string(), "action = 'erase' AND quantity = 0");
    assert_eq!(condition.to_string(), "this.subject <> that.actor");
    assert_eq!(pause.paused_by.to_string(), "action = 'hold'");
    assert_eq!(pause.resumed_by.to_string(), "action = 'release'");
    assert_eq!(pledge.commitments[0].duty.as_deref(), Some("erasure"));
    let fields = pledge.commitments[0].fields();
    assert!(fields.contains(&Field::Actor) && fields.contains(&Field::Quantity));
    let Pattern::Within {
        for_each: Some(for_each),
        ..
    } = &pledge.commitments[1].pattern
    else {
        panic!("{:?}", pledge.commitments[1].pattern);
    };
    assert_eq!(for_each.predicate.to_string(), "action = 'disclose'");
    assert_eq!(for_each.each, [Field::System, Field::ToPlace]);
    let Pattern::Within { deadline, same, .. } = &pledge.commitments[2].pattern else {
        panic!("{:?}", pledge.commitments[2].pattern);
    };
    assert_eq!((*deadline, same.len()), (Deadline::At(Field::Due), 0));
    assert!(pledge.commitments[2].fields().contains(&Field::Due));
}

#[test]
fn a_recurring_duty_says_for_whom() {
    let pledge = right("every");
    let registers: Vec<&Register> = pledge
        .commitments
        .iter()
        .map(|commitment| match &commitment.pattern {
            Pattern::Every { register, .. } => register,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(*registers[0], Register::One);
    let members = ["payroll", "mail"].map(str::to_owned).to_vec();
    assert_eq!(*registers[1], Register::Members(members));
    let Register::Entries {
        when,
        until: Some(until),
    } = registers[2]
    else {
        panic!("{:?}", registers[2]);
    };
    assert_eq!(when.to_string(), "action = 'configure' AND name = 'create'");
    assert_eq!(until.to_string(), "action = 'erase'");
}

#[test]
fn counts_permissions_and_retentions_say_how_long() {
    let day = 86_400_000_000;
    let pledge = right("at-most");
    let Pattern::AtMost {
        at_most, within, ..
    } = pledge.commitments[0].pattern
    else {
        panic!("{:?}", pledge.commitments[0].pattern);
    };
    assert_eq!((at_most, within), (3, day));
    let pledge = right("only-after");
    let Pattern::Before {
        within,
        condition: Some(condition),
        ..
    } = &pledge.commitments[0].pattern
    else {
        panic!("{:?}", pledge.commitments[0].pattern);
    };
    assert_eq!(*within, Some(day));
    assert_eq!(
        condition.to_string(),
        "this.actor <> that.actor AND (this.case_id = that.case_id OR this.case_id IS NULL)"
    );
    let pledge = right("lasts");
    let Pattern::Lasts {
        lasts,
        condition: Some(condition),
        ..
    } = &pledge.commitments[0].pattern
    else {
        panic!("{:?}", pledge.commitments[0].pattern);
    };
    assert_eq!(lasts.to_string(), "P6M");
    assert_eq!(
        condition.to_string(),
        "this.bytes <= that.bytes + 10 AND this.bytes >= that.bytes - 10"
    );
}

#[test]
fn an_amendment_and_its_dates_are_read() {
    let pledge = right("an-amendment");
    let digest = pledge.amends.unwrap();
    assert_eq!((digest[0], digest[1], digest[31]), (0x00, 0x11, 0xFF));
    let [old, new] = pledge.commitments.as_slice() else {
        panic!("two commitments");
    };
    assert_eq!(old.from, pledge.from);
    assert_eq!(old.to, Some(instant("2026-07-01T00:00:00Z")));
    assert_eq!(new.from, instant("2026-07-01T00:00:00Z"));
    assert_eq!(new.to, Some(instant("2028-01-01T00:00:00Z")));
    assert!(old.duty.is_some() && old.duty == new.duty);
}

#[test]
fn what_an_example_leaves_out_is_filled_in() {
    let pledge = parse(GOOD).unwrap();
    let story = &pledge.commitments[2].examples[0];
    assert!(story.kept);
    let told: Vec<String> = story
        .events
        .iter()
        .map(|e| {
            let event = &e.event;
            assert_eq!(event.logged, Some(event.time));
            format!(
                "{} {} {} {}",
                event.source,
                event.seq,
                event.time,
                event.action.as_str()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "vault-1 1 2026-01-01T00:00:00.000000Z consent",
            "vault-1 2 2026-01-01T00:01:00.000000Z transfer",
            "cloudtrail-x 1 2026-02-01T00:00:00.000000Z transfer",
            "vault-1 3 2026-02-01T00:01:00.000000Z withdraw",
        ]
    );
    assert_eq!(
        story.events[1].event.get(Field::ToPlace),
        Some(Value::Text("US"))
    );
}

#[test]
fn the_digest_is_of_the_bytes() {
    let pledge = parse(GOOD).unwrap();
    let other = parse(&format!("{GOOD}\n# a remark\n")).unwrap();
    assert_eq!(pledge.commitments, other.commitments);
    assert_ne!(pledge.digest, other.digest);
}

#[test]
fn the_longest_pledge_is_read_and_a_longer_one_refused() {
    let mut text = GOOD.to_owned();
    text.push_str(&"#".repeat(PLEDGE_BYTES_MAX - text.len()));
    assert!(parse(&text).is_ok());
    text.push('#');
    assert!(parse(&text).unwrap_err().contains("at most 1048576 bytes"));
}

#[test]
fn mistakes_beyond_a_hundred_are_not_told() {
    let mut text = GOOD.to_owned();
    for n in 0..200 {
        text.push_str(&format!("[x{n}]\n"));
    }
    let errors = Pledge::parse(&text, &random::places()).unwrap_err();
    assert_eq!(errors.len(), 100);
}

/// Every diagnostic of a document cut anywhere has a place in it.
#[test]
fn a_cut_document_is_refused_with_a_place_in_it() {
    for end in (0..GOOD.len()).filter(|end| GOOD.is_char_boundary(*end)) {
        let text = &GOOD[..end];
        let Err(errors) = Pledge::parse(text, &random::places()) else {
            continue;
        };
        for error in errors {
            assert!(text.get(error.span.clone()).is_some(), "{error:?} of {end}");
            assert!(!error.render("x", text).is_empty());
        }
    }
}
