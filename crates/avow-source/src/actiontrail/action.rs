//! Which action of the event schema a call of Alibaba Cloud is. The table is
//! repeated for readers in `docs/reference/sources/actiontrail.md`.

use avow_event::Action;

/// Calls that make a second copy, wherever it goes.
const COPIES: [&str; 8] = [
    "CopyDatabaseBetweenInstances",
    "CopyImage",
    "CopySnapshot",
    "CreateDdrInstance",
    "CreateDisasterRecoveryItem",
    "CreateGlobalDatabaseNetwork",
    "CreateReadOnlyDBInstance",
    "PutBucketReplication",
];

/// Calls that let somebody else at the data.
const SHARES: [&str; 4] = [
    "ModifyImageSharePermission",
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutObjectACL",
];

/// Calls that change or end the recording itself.
const TAMPERS: [&str; 4] = [
    "DeleteTrail",
    "StopLogging",
    "UpdateTrail",
    "DeleteBucketLogging",
];

/// What the first word of a writing call does to data.
const VERBS: [(&str, Action); 12] = [
    ("Clone", Action::Store),
    ("Create", Action::Store),
    ("Delete", Action::Erase),
    ("Import", Action::Store),
    ("Modify", Action::Modify),
    ("Put", Action::Store),
    ("Release", Action::Erase),
    ("Remove", Action::Erase),
    ("Restore", Action::Store),
    ("Run", Action::Store),
    ("Update", Action::Modify),
    ("Upload", Action::Store),
];

/// The action of a call.
pub(super) fn of(name: &str, write: bool) -> Action {
    if COPIES.contains(&name) {
        return Action::Copy;
    }
    if name == "ConsoleSignin" {
        return Action::Login;
    }
    if SHARES.contains(&name) {
        return Action::Disclose;
    }
    if TAMPERS.contains(&name) {
        return Action::Configure;
    }
    if !write {
        return Action::Access;
    }
    let mut verbs = VERBS.iter().filter(|(verb, _)| name.starts_with(verb));
    verbs
        .next()
        .map_or(Action::Configure, |(_, action)| *action)
}
