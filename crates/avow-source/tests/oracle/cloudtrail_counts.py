"""Every figure of expected/cloudtrail.*.json, by SQL over `avow events`.

Usage: cloudtrail_counts.py AVOW EVIDENCE-FOLDER

Runs `AVOW events SET` and `AVOW events --stats SET` for each of the eight
sets, loads the lines into DuckDB and asks for each figure with a plain query.
Ends with status 1 if any differs.

Two figures are compared by what is known: a record without `eventTime` has
the shipper's `@timestamp`, and `redacted` is no time.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import duckdb

SETS = [
    "aws-cloudtrail-invictus",
    "aws-cloudtrail-opensearch",
    "aws-cloudtrail-otrf",
    "aws-cloudtrail-stratus",
    "aws-cloudtrail-traildiscover",
    "aws-eventbridge-custodian",
    "made-up-multiregion",
    "panther-labelled",
]

# Every column, so that one which no event of a set has is NULL, not an error.
COLUMNS = {
    "action": "VARCHAR", "actor": "VARCHAR", "actor_kind": "VARCHAR", "from_place": "VARCHAR",
    "from_region": "VARCHAR", "mfa": "BOOLEAN", "name": "VARCHAR",
    "object": "VARCHAR", "outcome": "VARCHAR", "place": "VARCHAR",
    "region": "VARCHAR", "seq": "BIGINT", "source": "VARCHAR",
    "system": "VARCHAR", "time": "VARCHAR", "to_place": "VARCHAR",
    "to_region": "VARCHAR", "write": "BOOLEAN",
}

OUTSIDE = "coalesce(region, '') NOT IN ('eu-west-1', 'eu-central-1')"
STORE = "write AND system IN ('s3', 'rds', 'dynamodb')"
FAILED = "coalesce(outcome IN ('failure', 'denied'), false)"
SIGNED_IN = "coalesce(outcome IN ('success', 'failure'), false)"
SHARING = (
    "'ModifySnapshotAttribute', 'ModifyImageAttribute', 'ModifyDBSnapshotAttribute',"
    "'ModifyDBClusterSnapshotAttribute', 'PutBucketPolicy', 'PutBucketAcl',"
    "'PutObjectAcl', 'AddPermission20150331v2', 'AddPermission'"
)
TAMPERING = (
    "'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'DeleteFlowLogs',"
    "'DeleteLogGroup', 'DeleteLogStream', 'DeleteResolverQueryLogConfig',"
    "'DeleteBucketEncryption', 'PutBucketLifecycle'"
)

COUNTS = {
    "unique_events": "true",
    "unknown_region": "place = 'UNKNOWN'",
    "events_outside": OUTSIDE,
    "write_events": "write",
    "failed_events": FAILED,
    "store_writes": STORE,
    "store_writes_outside": f"{STORE} AND {OUTSIDE}",
    "store_writes_outside_succeeded": f"{STORE} AND {OUTSIDE} AND NOT {FAILED}",
    "root_events": "actor_kind = 'Root'",
    "console_logins_success_without_mfa": f"action = 'login' AND NOT mfa AND {SIGNED_IN}",
}

TALLIES = {
    "events_per_region": ("coalesce(region, '(none)')", "true"),
    "store_writes_outside_by_call": (
        "system || '.amazonaws.com ' || name || ' ' || coalesce(region, 'None')",
        f"{STORE} AND {OUTSIDE}",
    ),
    "copy_calls": ("name", "action = 'copy'"),
    "sharing_calls": ("name", f"name IN ({SHARING})"),
    "log_tampering_calls": ("name", f"name IN ({TAMPERING})"),
}

SIGN_INS = (
    "coalesce(actor_kind, 'None') || ' mfa=' || CASE mfa WHEN true THEN 'Yes' WHEN false THEN 'No' ELSE 'None' END"
    f" || ' result=' || CASE WHEN {SIGNED_IN} THEN 'Success' ELSE 'Failure' END"
)

COPIES = (
    "SELECT name, region, CASE WHEN from_region = region THEN to_region ELSE from_region END"
    " FROM events WHERE action = 'copy' AND from_region IS DISTINCT FROM to_region"
)


def avow(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: status {done.returncode}\n{done.stderr}")
    return done.stdout


def tally(database, key, where):
    query = f"SELECT {key}, count(*) FROM events WHERE {where} GROUP BY ALL"
    return dict(database.execute(query).fetchall())


def found_in(database, stats, expected):
    """The figures as found, by name, and those expected where they differ in form."""
    found = {
        "files": stats["files"],
        "records_skipped_not_cloudtrail": stats["skipped"],
        "events": stats["events"],
        "malformed": stats["malformed"],
    }
    for name, where in COUNTS.items():
        query = f"SELECT count(*) FROM events WHERE {where}"
        found[name] = database.execute(query).fetchone()[0]
    for name, (key, where) in TALLIES.items():
        found[name] = tally(database, key, where)
    found["cross_region_copies"] = sorted(map(list, database.execute(COPIES).fetchall()))
    found["console_logins"] = tally(database, SIGN_INS, "action = 'login'")
    systems = tally(database, "system || '.amazonaws.com'", "true")
    top = expected["top_event_sources"]
    found["top_event_sources"] = {
        name: count for name, count in systems.items() if name in top or count > min(top.values())
    }
    query = "SELECT count(*) FROM (SELECT DISTINCT system, name FROM events)"
    found["distinct_event_names"] = database.execute(query).fetchone()[0]
    first, last = database.execute("SELECT min(time), max(time) FROM events").fetchone()
    found["first_event_time"] = first.replace(".000000Z", "Z")
    found["last_event_time"] = last.replace(".000000Z", "Z")
    return found


def check(binary, evidence, name):
    """The number of figures of a set that differ."""
    expected = json.loads((evidence / f"expected/cloudtrail.{name}.json").read_text())
    expected["malformed"] = 0
    del expected["allowed_regions"]
    for figure in ("first_event_time", "last_event_time"):
        if expected[figure] in (None, "redacted"):
            del expected[figure]
    stats = json.loads(avow(binary, "events", "--stats", f"cloudtrail:{evidence / name}"))
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as lines:
        lines.write(avow(binary, "events", f"cloudtrail:{evidence / name}"))
        lines.flush()
        database = duckdb.connect()
        database.execute(
            "CREATE TABLE events AS SELECT * FROM read_json(?, format='newline_delimited', columns=?)",
            [lines.name, COLUMNS],
        )
    found = found_in(database, stats, expected)
    wrong = [figure for figure in expected if found[figure] != expected[figure]]
    for figure in wrong:
        print(f"{name}: {figure}: expected {expected[figure]}, found {found[figure]}")
    print(f"{name}: {len(expected) - len(wrong)} of {len(expected)} figures as expected")
    return len(wrong)


if __name__ == "__main__":
    wrong = sum(check(sys.argv[1], pathlib.Path(sys.argv[2]), name) for name in SETS)
    sys.exit(1 if wrong else 0)
