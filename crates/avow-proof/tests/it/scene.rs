//! A small log with three promises on it, and proofs made from it: right ones,
//! and well-signed wrong ones.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use avow_event::{Action, Event, Field, Micros, Place, PlaceTable, Value};
use avow_monitor::{Monitor, Pledge, Report};
use avow_proof::container::{self, Part};
use avow_proof::envelope::{Envelope, signed_text};
use avow_proof::statement::{DigestSet, Predicate, Statement, Subject};
use avow_proof::{Inputs, LOG_BYTES_MAX, ProofError, Sign, Trust, build, policy_text, verify};
use avow_tlog::{
    Algorithm, Checkpoint, Error, Hash, SignerKey, Tile, TileKind, Tree, VerifierKey,
    hashes_to_bytes, leaf_hash, prove_inclusion, push_entry,
};
use proptest::prelude::*;

pub(crate) const ORIGIN: &str = "example.com/avow/log";

/// When the log signed, 2026-03-12T00:00:00Z: after everything that is in it.
pub(crate) const SIGNED_S: u64 = 1_773_273_600;

pub(crate) const PLEDGE: &str = r#"
[pledge]
title = { en = "Three promises", zh = "三项承诺" }
by = "Example Cloud"
to = "users in China"
from = 2026-01-01

[[source]]
name = "vault-*"
delay = "PT1M"

[[commitment]]
id = "home"
says = { en = "Data of users in China is stored in China.", zh = "中国用户的数据存储在中国境内。" }
never = "action = 'store' AND place <> 'CN'"
[[commitment.example]]
kept = [{ action = "store", place = "CN" }]
[[commitment.example]]
breached = [{ action = "store", place = "SG" }]

[[commitment]]
id = "leave"
says = { en = "It leaves China only with permission.", zh = "经许可方可出境。" }
when = "action = 'transfer'"
only_after = "action = 'consent'"
until = "action = 'withdraw'"
same = ["subject"]
[[commitment.example]]
kept = [{ action = "consent", subject = "a" }, { action = "transfer", subject = "a" }]
[[commitment.example]]
breached = [{ action = "transfer", subject = "a" }]

[[commitment]]
id = "told"
says = { en = "Users are told of a leak within 72 hours.", zh = "泄露后 72 小时内告知用户。" }
when = "action = 'incident'"
then = "action = 'notify'"
within = "PT72H"
same = ["case_id"]
[[commitment.example]]
kept = [{ action = "incident", case_id = "a" }, { action = "notify", case_id = "a" }]
[[commitment.example]]
breached = [{ action = "incident", case_id = "a" }, { action = "heartbeat", time = "2026-02-01T00:00:00Z" }]
"#;

pub(crate) const PLACES: &str = "version\ttest-1\naws\tcn-north-1\tCN\tBeijing\n";

/// A log, its keys, and what is promised about it.
pub(crate) struct Scene {
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) pledge: String,
    pub(crate) places: PlaceTable,
    pub(crate) ed25519: SignerKey,
    pub(crate) ml_dsa_44: SignerKey,
}

fn event(seq: u64, minute: i64, action: Action) -> Event {
    let start = Micros::parse("2026-03-01T00:00:00Z").unwrap();
    let time = start.saturating_add(minute * 60_000_000);
    let mut event = Event::new("vault-cn", seq, time, action);
    event.logged = Some(time);
    event
}

pub(crate) fn leaves() -> Vec<Vec<u8>> {
    use Action::{Consent, Heartbeat, Incident, Notify, Store, Transfer, Withdraw};
    let day = 24 * 60;
    let story = [
        (0, Store, "s1", "CN"),
        (1, Consent, "s1", "CN"),
        (2, Transfer, "s1", "SG"),
        (3, Withdraw, "s1", "CN"),
        (4, Store, "s2", "SG"),
        (5, Transfer, "s2", "SG"),
        (6, Incident, "c1", "CN"),
        (7, Notify, "c1", "CN"),
        (8, Incident, "c2", "CN"),
        (9 * day, Heartbeat, "", "CN"),
        (9 * day + 1, Incident, "c3", "CN"),
    ];
    let leaf = |(seq, (minute, action, name, place)): (u64, (i64, Action, &str, &str))| {
        let mut event = event(seq, minute, action);
        event.place = Place::parse(place);
        match action {
            Incident | Notify => event.case_id = Some(name.to_owned()),
            Heartbeat => {}
            _ => event.subject = Some(name.to_owned()),
        }
        event.to_leaf()
    };
    (1..).zip(story).map(leaf).collect()
}

/// One event of a random story: seconds since the last one, how much earlier
/// (or, below zero, later) it says that it happened, what, about whom (nobody: unknown) and where.
pub(crate) type Step = (i64, i64, Action, Option<u8>, Option<&'static str>);

/// Stories in which everything that the promises speak of happens, late and
/// incomplete evidence, sources that are not declared and gaps included.
pub(crate) fn stories() -> impl Strategy<Value = Vec<Step>> {
    let actions = [
        Action::Store,
        Action::Consent,
        Action::Transfer,
        Action::Withdraw,
        Action::Incident,
        Action::Notify,
        Action::Heartbeat,
        Action::Gap,
    ];
    let places = [None, Some("CN"), Some("SG"), Some("UNKNOWN")];
    let step = (
        prop_oneof![0..90i64, 0..200_000i64],
        prop_oneof![Just(0i64), 0..400i64, -200_000..0i64],
        proptest::sample::select(actions.to_vec()),
        proptest::option::weighted(0.9, 0..3u8),
        proptest::sample::select(places.to_vec()),
    );
    proptest::collection::vec(step, 0..40)
}

/// The leaves of a story.
pub(crate) fn tell(story: &[Step]) -> Vec<Vec<u8>> {
    let mut now = Micros::parse("2026-01-01T00:00:00Z").unwrap();
    let tell = |(seq, step): (u64, &Step)| {
        let (pause, earlier, action, who, place) = *step;
        now = now.saturating_add(pause * 1_000_000);
        let source = ["vault-cn", "vault-sg", "other"][usize::from(who.unwrap_or(0))];
        let time = now.saturating_add(-earlier * 1_000_000);
        let mut event = Event::new(source, seq, time, action);
        event.logged = Some(now);
        event.place = place.and_then(Place::parse);
        event.subject = who.map(|who| format!("s{who}"));
        event.case_id = who.map(|who| format!("c{who}"));
        event.to_leaf()
    };
    (1..).zip(story).map(tell).collect()
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_seed(1)
    }

    /// The same with the keys of somebody else.
    pub(crate) fn with_seed(seed: u8) -> Self {
        Self {
            leaves: leaves(),
            pledge: PLEDGE.to_owned(),
            places: PlaceTable::parse(PLACES).unwrap(),
            ed25519: SignerKey::from_seed(ORIGIN, Algorithm::Ed25519, [seed; 32]).unwrap(),
            ml_dsa_44: SignerKey::from_seed(ORIGIN, Algorithm::CosignatureMlDsa44, [seed; 32])
                .unwrap(),
        }
    }

    pub(crate) fn keys(&self) -> Vec<VerifierKey> {
        [&self.ed25519, &self.ml_dsa_44]
            .map(|key| key.verifier().clone())
            .to_vec()
    }

    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        for leaf in &self.leaves {
            tree.push(leaf_hash(leaf));
        }
        tree
    }

    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let tree = self.tree();
        Checkpoint::new(ORIGIN, tree.size(), tree.root())
            .unwrap()
            .sign(&[&self.ed25519, &self.ml_dsa_44], SIGNED_S)
            .unwrap()
    }

    pub(crate) fn report(&self) -> Report {
        let pledge = Pledge::parse(&self.pledge, &self.places).unwrap();
        let mut monitor = Monitor::new(&pledge, &self.places);
        for (index, leaf) in (0..).zip(&self.leaves) {
            monitor.push(index, &Event::from_leaf(leaf).unwrap());
        }
        let tree = self.tree();
        monitor.report(tree.size(), *tree.root().as_bytes())
    }

    /// The proof, as a caller of the library makes it.
    pub(crate) fn build(&self) -> Result<Vec<u8>, ProofError> {
        self.build_with(&|text| self.ed25519.sign(text, 0))
    }

    pub(crate) fn build_with(&self, sign: &Sign<'_>) -> Result<Vec<u8>, ProofError> {
        self.build_from(&self.report(), sign)
    }

    pub(crate) fn build_from(
        &self,
        report: &Report,
        sign: &Sign<'_>,
    ) -> Result<Vec<u8>, ProofError> {
        build(Inputs {
            pledge: &self.pledge,
            places: &self.places,
            policy: &policy_text(&self.keys()),
            checkpoint: &self.checkpoint(),
            report,
            leaves: &mut |range| {
                let range = range.start as usize..range.end as usize;
                Ok(self.leaves[range].to_vec())
            },
            paths: &mut |index| self.path(index),
            sign,
        })
    }

    /// The hashes on tile levels, as a log stores them.
    fn levels(&self) -> Vec<Vec<Hash>> {
        let mut levels: Vec<Vec<Hash>> = vec![Vec::new(); 8];
        let mut tree = Tree::new();
        for leaf in &self.leaves {
            tree.push_each(leaf_hash(leaf), &mut |level, _, hash| {
                if level % 8 == 0 {
                    levels[level as usize / 8].push(*hash);
                }
            });
        }
        levels
    }

    pub(crate) fn path(&self, index: u64) -> Result<Vec<Hash>, Error> {
        let levels = self.levels();
        let size = self.leaves.len() as u64;
        prove_inclusion(index, size, &mut |level, first, count| {
            let hashes = &levels[usize::from(level)];
            Ok(hashes[first as usize..(first + count) as usize].to_vec())
        })
    }

    /// The log as static files.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut put = |kind, index: usize, width: usize, bytes| {
            let tile = Tile::new(kind, index as u64, width as u16).unwrap();
            files.insert(tile.to_string(), bytes);
        };
        for (level, hashes) in self.levels().iter().enumerate() {
            for (index, hashes) in hashes.chunks(256).enumerate() {
                let kind = TileKind::Hashes(level as u8);
                put(kind, index, hashes.len(), hashes_to_bytes(hashes));
            }
        }
        for (index, leaves) in self.leaves.chunks(256).enumerate() {
            let mut bundle = Vec::new();
            for leaf in leaves {
                push_entry(&mut bundle, leaf).unwrap();
            }
            put(TileKind::Entries, index, leaves.len(), bundle);
        }
        files
    }
}

/// The proof of the scene, made once.
pub(crate) fn proof() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| Scene::new().build().unwrap())
}

/// A proof with every kind of part, and few of each: one promise, two leaves.
pub(crate) fn small_proof() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| {
        let mut scene = Scene::new();
        scene.leaves = vec![scene.leaves[0].clone(), scene.leaves[4].clone()];
        let (end, _) = PLEDGE.match_indices("[[commitment]]").nth(1).unwrap();
        scene.pledge = PLEDGE[..end].to_owned();
        scene.build().unwrap()
    })
}

/// The scene with a log that is too large to go into a proof.
pub(crate) fn large_scene() -> Scene {
    let text = "0123456789".repeat(48);
    let fields = [
        Field::Name,
        Field::Region,
        Field::Purpose,
        Field::Basis,
        Field::System,
        Field::Object,
        Field::FromRegion,
        Field::ToRegion,
    ];
    let mut scene = Scene::new();
    let mut bytes = 0;
    let mut seq = scene.leaves.len() as u64 + 1;
    while bytes <= LOG_BYTES_MAX {
        let mut long = event(seq, 10 * 24 * 60, Action::Heartbeat);
        for field in fields {
            long.set(field, Value::Text(&text)).unwrap();
        }
        let leaf = long.to_leaf();
        bytes += leaf.len();
        scene.leaves.push(leaf);
        seq += 1;
    }
    scene
}

/// A proof of that scene: without the log inside.
pub(crate) fn proof_without_log() -> &'static [u8] {
    static PROOF: OnceLock<Vec<u8>> = OnceLock::new();
    PROOF.get_or_init(|| large_scene().build().unwrap())
}

/// The verdict document in it.
pub(crate) fn report_without_log() -> Report {
    Report::from_json(&Forge::of(proof_without_log()).parts["verdict.json"]).unwrap()
}

/// A proof taken apart, to be changed and signed again by the log's own keys.
pub(crate) struct Forge {
    pub(crate) parts: BTreeMap<String, Vec<u8>>,
    pub(crate) predicate: Predicate,
    pub(crate) scene: Scene,
}

impl Forge {
    pub(crate) fn new() -> Self {
        Self::of(proof())
    }

    pub(crate) fn of(proof: &[u8]) -> Self {
        let parts: BTreeMap<String, Vec<u8>> = container::read(proof)
            .unwrap()
            .into_iter()
            .map(|part| (part.name.to_owned(), part.bytes.to_vec()))
            .collect();
        let envelope = Envelope::parse(&parts["statement.dsse.json"]).unwrap();
        let statement = Statement::parse(&envelope.payload).unwrap();
        Self {
            parts,
            predicate: statement.predicate,
            scene: Scene::new(),
        }
    }

    pub(crate) fn put(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.parts.insert(name.to_owned(), bytes.into());
    }

    /// Changes the text of a part.
    pub(crate) fn replace(&mut self, name: &str, from: &str, to: &str) {
        let text = String::from_utf8(self.parts[name].clone()).unwrap();
        assert!(text.contains(from), "`{from}` is not in `{name}`");
        self.put(name, text.replacen(from, to, 1));
    }

    pub(crate) fn subjects(&self) -> Vec<Subject> {
        self.parts
            .iter()
            .filter(|(name, _)| *name != "statement.dsse.json")
            .map(|(name, bytes)| Subject {
                digest: DigestSet::of(bytes),
                name: name.clone(),
            })
            .collect()
    }

    /// The statement about the parts as they now are.
    pub(crate) fn payload(&self) -> String {
        Statement::new(self.subjects(), self.predicate.clone()).to_json()
    }

    /// Signs any payload with the log's key.
    pub(crate) fn sign(mut self, payload: &str) -> Vec<u8> {
        let signature = self.scene.ed25519.sign(&signed_text(payload), 0).unwrap();
        self.put(
            "statement.dsse.json",
            Envelope::new(payload, signature).to_json(),
        );
        self.pack()
    }

    /// Signs the statement about the parts as they now are.
    pub(crate) fn finish(self) -> Vec<u8> {
        let payload = self.payload();
        self.sign(&payload)
    }

    /// The container, without signing anything again.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let parts: Vec<Part<'_>> = self
            .parts
            .iter()
            .map(|(name, bytes)| Part { name, bytes })
            .collect();
        container::write(&parts).unwrap()
    }
}

/// The error of a file under the scene's keys.
pub(crate) fn error(file: &[u8]) -> ProofError {
    verify(file, &Trust::Keys(Scene::new().keys())).unwrap_err()
}
