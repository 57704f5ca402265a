#!/usr/bin/env python3
"""Writes the evidence of this scenario. Everything in it is made up.

    python3 make-evidence.py           write evidence/
    python3 make-evidence.py --check   fail if evidence/ is not what this writes

One week of a company that keeps the records of hospitals: its vault, the device
that holds the keys, the staff of the provider that runs the machines, and the
desk. In the middle of the week the pledge is amended. Nothing here is random.
"""

import json
import pathlib
import sys
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).resolve().parent
START = datetime(2026, 3, 30, tzinfo=timezone.utc)
END = START + timedelta(days=7)
# The provider's last word.
PROVIDER_SILENT = START + timedelta(days=5, hours=12)


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def at(day, hour, minute=0):
    """Day 30 and 31 are of March, the others of April."""
    return datetime(2026, 3 if day >= 30 else 4, day, hour, minute, tzinfo=timezone.utc)


def ndjson(source, events):
    """Numbers the events in the order of their time, without a gap."""
    events.sort(key=lambda e: e["time"])
    lines = []
    for seq, event in enumerate(events, start=1):
        event = {"source": source, "seq": seq} | event | {"time": stamp(event["time"])}
        lines.append(json.dumps(event, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def heartbeats(every, end=END + timedelta(minutes=30)):
    time = START + timedelta(seconds=30)
    while time <= end:
        yield {"time": time, "action": "heartbeat"}
        time += every


# Case, who opened, who approved, when approved, when opened, when told.
OPENINGS = [
    ("case-1", "clerk-1", "clerk-2", at(30, 8), at(30, 9, 5), at(31, 10)),
    ("case-2", "clerk-2", "clerk-3", at(30, 14), at(31, 10, 20), at(1, 10)),
    ("case-3", "clerk-1", "clerk-3", at(31, 7), at(31, 7, 40), at(2, 10)),
    ("case-4", "clerk-3", "clerk-1", at(1, 9), at(1, 16, 10), at(2, 10)),
    # From here on an approval holds for 8 hours.
    ("case-5", "clerk-1", "clerk-2", at(2, 7), at(2, 14, 30), at(3, 10)),
    ("case-6", "clerk-2", "clerk-1", at(3, 7), at(3, 8), at(4, 10)),
    # The breach: nine and a half hours after the approval.
    ("case-7", "clerk-1", "clerk-2", at(3, 7), at(3, 16, 30), at(4, 10)),
    # Not yet told; there is time.
    ("case-8", "clerk-3", "clerk-2", at(5, 9), at(5, 9, 30), None),
]
EMERGENCY = at(4, 2)


def vault():
    events = list(heartbeats(timedelta(hours=1)))
    events += [
        {"time": at(30, 0, 5), "action": "configure", "name": "audit on"},
        {"time": at(30, 0, 10), "action": "publish", "name": "build", "object": "vault-2.1"},
        {"time": at(30, 1), "action": "configure", "name": "deploy", "object": "vault-2.1"},
        {"time": at(2, 11), "action": "deny", "actor": "clerk-2", "case_id": "case-9"},
    ]
    for case, opener, approver, approved, opened, _ in OPENINGS:
        key = {"object": "key-1", "case_id": case}
        events += [
            {"time": approved, "action": "approve", "actor": approver, "case_id": case},
            {"time": opened - timedelta(seconds=20), "action": "request", "name": "key", "actor": opener} | key,
            {"time": opened, "action": "access", "actor": opener, "case_id": case, "purpose": "repair",
             "quantity": 3, "actor_place": "DE", "place": "DE"},
        ]
    # An emergency in the night, opened without approval and reviewed next morning.
    events += [
        {"time": EMERGENCY - timedelta(seconds=20), "action": "request", "name": "key", "actor": "clerk-1", "object": "key-1",
         "case_id": "emergency-1"},
        {"time": EMERGENCY, "action": "access", "actor": "clerk-1", "case_id": "emergency-1",
         "purpose": "emergency", "quantity": 12, "actor_place": "DE", "place": "DE"},
        {"time": at(4, 9), "action": "assess", "name": "emergency review", "actor": "clerk-3",
         "case_id": "emergency-1"},
    ]
    return {"vault.ndjson": ndjson("vault", events)}


def keys():
    events = list(heartbeats(timedelta(hours=1)))
    key = {"object": "key-1", "system": "vault"}
    events += [
        {"time": at(30, 0, 2), "action": "configure", "name": "register", "quantity": 0} | key,
        {"time": at(30, 0, 3), "action": "configure", "name": "audit on"},
        {"time": at(4, 12), "action": "assess", "name": "key review"} | key,
    ]
    uses = sorted([(opened, case) for case, _, _, _, opened, _ in OPENINGS] + [(EMERGENCY, "emergency-1")])
    for counter, (opened, case) in enumerate(uses, start=1):
        events.append({"time": opened - timedelta(seconds=10), "action": "use", "name": "key", "case_id": case,
                       "quantity": counter} | key)
    return {"keys.ndjson": ndjson("keys", events)}


def provider():
    events = list(heartbeats(timedelta(hours=3), PROVIDER_SILENT))
    staff = {"actor": "provider-staff-7", "actor_kind": "provider staff", "actor_place": "IE", "case_id": "disk-1"}
    events += [
        {"time": at(1, 12, 40), "action": "login"} | staff,
        {"time": at(1, 12, 45), "action": "configure", "name": "replace disk"} | staff,
    ]
    return {"provider.ndjson": ndjson("provider", events)}


def desk():
    events = list(heartbeats(timedelta(hours=12)))
    events += [
        {"time": at(1, 9), "action": "approve", "name": "provider staff", "case_id": "disk-1"},
        {"time": at(31, 9), "action": "request", "name": "authority", "case_id": "order-1"},
        {"time": at(4, 10, 30), "action": "inform", "name": "opening", "case_id": "emergency-1"},
    ]
    for case, _, _, _, _, told in OPENINGS:
        if told:
            events.append({"time": told, "action": "inform", "name": "opening", "case_id": case})
    return {"desk.ndjson": ndjson("desk", events)}


def main():
    files = vault() | keys() | provider() | desk()
    folder = HERE / "evidence"
    if "--check" in sys.argv[1:]:
        there = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
        sys.exit(0 if there == files else "evidence/ is not what make-evidence.py writes; run it")
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


main()
