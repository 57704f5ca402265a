//! `README.txt`: for a person who knows nothing of Avow, English and Chinese.
//!
//! It follows from the other parts, so the verifier makes it again and compares.
//! It says nothing about trust: whoever reads it has yet to check the file.

use avow_monitor::Language;

use crate::messages::{LANGUAGES, fill, of, text};
use crate::part::{LOAD_DUCKDB, LOAD_SQLITE, sql_name};
use crate::summary::{Known, Shown, Summary};
use crate::trust::{algorithm_name, fingerprint};
use crate::wrap::{columns, printable, wrap};

/// The text of the part.
pub(crate) fn readme(summary: &Summary) -> String {
    let mut out = String::new();
    for (n, language) in LANGUAGES.into_iter().enumerate() {
        if n > 0 {
            out.push_str("\n\n");
        }
        let mut page = Page { out, language };
        page.head(summary);
        page.promises(summary);
        page.proved(summary);
        page.check(summary);
        page.keys(summary);
        page.parts(summary);
        out = page.out;
    }
    out
}

struct Page {
    out: String,
    language: Language,
}

impl Page {
    fn heading(&mut self, key: &'static str) {
        let text = text(self.language, key).to_uppercase();
        self.out.push('\n');
        self.out.push_str(&text);
        self.out.push_str("\n\n");
    }

    fn paragraph(&mut self, text: &str) {
        self.out.push_str(&wrap(text, "", 0));
    }

    fn point(&mut self, text: &str) {
        self.out.push_str(&wrap(text, "  - ", 4));
    }

    fn command(&mut self, text: &str) {
        self.out.push_str("     ");
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn head(&mut self, summary: &Summary) {
        let language = self.language;
        let title = printable(of(language, &summary.title));
        self.paragraph(&format!("{} · {title}", text(language, "title")));
        let names = [printable(&summary.by), printable(&summary.to)];
        let [by, to] = names.each_ref().map(String::as_str);
        self.paragraph(&fill(language, "promised", &[("by", by), ("to", to)]));
        self.out.push('\n');
        let time = summary.as_of.map(|time| time.to_string());
        let key = if summary.whole_log {
            "as_of"
        } else {
            "as_of.claimed"
        };
        let as_of = time.map_or(String::new(), |time| {
            fill(language, key, &[("as_of", &time)])
        });
        let size = summary.tree_size.to_string();
        let origin = printable(&summary.origin);
        let values = [
            ("origin", origin.as_str()),
            ("size", size.as_str()),
            ("as_of", as_of.as_str()),
        ];
        self.paragraph(&fill(language, "intro", &values));
        self.paragraph(text(language, "check_first"));
    }

    fn promises(&mut self, summary: &Summary) {
        let language = self.language;
        self.heading("promises");
        for promise in &summary.promises {
            self.point(&promise.line(language));
            let says = printable(of(language, &promise.says));
            self.out.push_str(&wrap(&says, "    ", 4));
            let record = promise.record(language);
            self.out.push_str(&wrap(&record, "    ", 4));
        }
        if let Some(breach) = summary.breach(language, summary.whole_log) {
            self.out.push('\n');
            self.paragraph(&breach);
        }
        if summary
            .promises
            .iter()
            .any(|p| p.shown == Shown::ClaimedOnly)
        {
            self.out.push('\n');
            self.paragraph(text(language, "shown.claimed.long"));
        }
    }

    fn proved(&mut self, summary: &Summary) {
        self.heading("proved");
        for sentence in summary.proved(self.language, summary.whole_log) {
            self.point(&sentence);
        }
        self.heading("not_proved");
        // Who reads this has not yet compared anything.
        let known = Known {
            log: summary.whole_log,
            words: true,
            ..Known::default()
        };
        for sentence in summary.not_proved(known) {
            self.point(sentence.text(self.language));
        }
    }

    fn check(&mut self, summary: &Summary) {
        let language = self.language;
        self.heading("check");
        self.step("check.verify");
        self.command("avow-verify --key KEY --pledge PLEDGE FILE.avow");
        if !summary.whole_log {
            self.out
                .push_str(&wrap(text(language, "check.full"), "   ", 3));
        }
        if summary.whole_log {
            self.step("check.sql");
            let id = summary.promises.first().map_or("ID", |p| p.id.as_str());
            let sql = sql_name(id);
            self.command(&format!(
                "duckdb -c \".read {LOAD_DUCKDB}\" -c \".read {sql}\""
            ));
            self.command(&format!(
                "sqlite3 :memory: \".read {LOAD_SQLITE}\" \".read {sql}\""
            ));
        } else {
            self.step("check.sql.absent");
        }
        self.step("check.tlog");
        if summary.whole_log {
            self.out
                .push_str(&wrap(text(language, "check.tiles"), "   ", 3));
        }
        self.out
            .push_str(&wrap(text(language, "check.dsse"), "   ", 3));
    }

    fn step(&mut self, key: &'static str) {
        self.out.push_str(&wrap(text(self.language, key), "", 3));
    }

    fn keys(&mut self, summary: &Summary) {
        self.heading("keys");
        self.paragraph(text(self.language, "keys.compare"));
        for key in &summary.keys {
            let name = printable(&crate::envelope::key_id(key));
            self.command(&format!("{name} {}", algorithm_name(key)));
            self.command(&format!("  SHA-256 {}", fingerprint(key)));
        }
        self.out.push('\n');
        self.paragraph(text(self.language, "pledge.compare"));
        let version = printable(&summary.places.version);
        self.command("pledge.toml");
        self.command(&format!("  SHA-256 {}", summary.pledge.sha256));
        self.command(&format!("places.tsv {version}"));
        self.command(&format!("  SHA-256 {}", summary.places.digest.sha256));
    }

    fn parts(&mut self, summary: &Summary) {
        self.heading("parts");
        let mut rows = vec![
            ("pledge.toml", "part.pledge"),
            ("places.tsv", "part.places"),
            ("verdict.json", "part.verdict"),
            ("leaves/", "part.leaves"),
            ("checkpoint", "part.checkpoint"),
            ("policy", "part.policy"),
            ("statement.dsse.json", "part.statement"),
        ];
        if summary.whole_log {
            rows.extend([
                ("log/", "part.log"),
                ("events.ndjson, gaps.ndjson", "part.events"),
                ("sql/", "part.sql"),
            ]);
        }
        for (name, key) in rows {
            let used: usize = columns(name);
            let gap = " ".repeat(28_usize.saturating_sub(used));
            let text = text(self.language, key);
            self.out
                .push_str(&wrap(text, &format!("  {name}{gap}"), 30));
        }
    }
}
