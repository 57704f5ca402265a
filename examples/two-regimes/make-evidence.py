#!/usr/bin/env python3
"""Writes the evidence of this scenario. Everything in it is made up.

    python3 make-evidence.py           write evidence/
    python3 make-evidence.py --check   fail if evidence/ is not what this writes

One week of a company with customers in mainland China and in the United
States: two vaults, the gateway between them, and the desk that talks to people
and authorities. The random numbers have a fixed seed, so the files are the same
on every machine.
"""

import json
import pathlib
import random
import sys
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).resolve().parent
START = datetime(2026, 6, 1, tzinfo=timezone.utc)
END = START + timedelta(days=7)
# When the vault in the United States says nothing.
SILENT = (START + timedelta(days=5, hours=22), START + timedelta(days=6, hours=5))
rng = random.Random(202)


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def at(day, hour, minute=0):
    return datetime(2026, 6, day, hour, minute, tzinfo=timezone.utc)


def ndjson(source, events):
    """Numbers the events in the order of their time, without a gap."""
    events.sort(key=lambda e: e["time"])
    lines = []
    for seq, event in enumerate(events, start=1):
        event = {"source": source, "seq": seq} | event | {"time": stamp(event["time"])}
        lines.append(json.dumps(event, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def heartbeats(every):
    time = START + timedelta(seconds=30)
    while time <= END + timedelta(minutes=30):
        yield {"time": time, "action": "heartbeat"}
        time += every


def openings(country, engineers, days):
    """Engineers at home open single records, each with the key of the place."""
    for day in days:
        for n in range(4):
            time = START + timedelta(days=day, hours=rng.randrange(1, 20), minutes=rng.randrange(60))
            subject = {"subject": f"user-{country.lower()}-{rng.randrange(1, 21):04d}", "subject_country": country}
            yield {"time": time, "action": "use", "name": "key", "system": f"vault-{country.lower()}",
                   "object": f"key-{country.lower()}-1", "place": country}
            yield {
                "time": time + timedelta(seconds=1), "action": "access", "actor": rng.choice(engineers),
                "actor_place": country, "place": country, "encrypted": False,
                "grant_id": "employment-1", "purpose": "support",
            } | subject


def vault_cn():
    events = list(heartbeats(timedelta(hours=1)))
    for n in range(1, 21):
        time = START + timedelta(minutes=10 + 7 * n)
        who = {"subject": f"user-cn-{n:04d}", "subject_country": "CN", "category": "personal"}
        events.append({"time": time, "action": "store", "place": "CN", "encrypted": True} | who)
        if n <= 6:
            consent = {"action": "consent", "name": "abroad", "to_place": "SG"}
            events.append({"time": time + timedelta(minutes=1)} | consent | who)
    events += openings("CN", ["engineer-cn-1", "engineer-cn-2"], range(7))
    return {"vault-cn.ndjson": ndjson("vault-cn", events)}


def vault_us():
    events = list(heartbeats(timedelta(hours=1)))
    for n in range(1, 21):
        who = {"subject": f"user-us-{n:04d}", "subject_country": "US", "category": "personal"}
        events.append({"time": START + timedelta(minutes=12 + 7 * n), "action": "store", "place": "US", "encrypted": True} | who)
    events += openings("US", ["engineer-us-1", "engineer-us-2"], range(5))
    support = {"action": "access", "place": "US", "actor_place": "CN", "purpose": "support", "subject_country": "US"}
    events += [
        # Allowed: the security requirements were assessed, and the record is masked.
        {"time": at(2, 3, 15), "actor": "engineer-cn-9", "encrypted": True,
         "grant_id": "employment-9", "subject": "user-us-0007"} | support,
        # The breach: another engineer in the night, without either.
        {"time": at(4, 19, 40), "actor": "engineer-cn-2", "encrypted": False,
         "grant_id": "employment-4", "subject": "user-us-0011"} | support,
    ]
    events = [e for e in events if not SILENT[0] <= e["time"] < SILENT[1]]
    return {"vault-us.ndjson": ndjson("vault-us", events)}


def gateway():
    events = list(heartbeats(timedelta(hours=1)))
    for n in range(1, 6):
        events.append({
            "time": at(1 + n, 4, 11 * n), "action": "transfer", "subject": f"user-cn-{n:04d}", "subject_country": "CN",
            "category": "personal", "quantity": 1, "grant_id": "sc-1", "purpose": "support", "system": "gateway",
            "from_place": "CN", "to_place": "SG", "basis": "standard contract",
        })
    events += [
        {"time": at(3, 16, 5), "action": "transfer", "subject_country": "US", "category": "personal", "quantity": 12000,
         "grant_id": "partner-ca-1", "purpose": "road safety study", "system": "gateway",
         "from_place": "US", "to_place": "CA"},
        # Two offers to buy, both rejected. The second one is not yet reported.
        {"time": at(2, 14, 30), "action": "deny", "name": "brokerage", "case_id": "offer-1", "to_place": "HK"},
        {"time": at(6, 9, 10), "action": "deny", "name": "brokerage", "case_id": "offer-2", "to_place": "CN"},
        # What a court abroad gets, after the authority at home approved it.
        {"time": at(5, 8, 0), "action": "disclose", "name": "authority", "case_id": "order-3", "subject": "user-cn-0004",
         "subject_country": "CN", "from_place": "CN", "to_place": "US"},
    ]
    return {"gateway.ndjson": ndjson("gateway", events)}


def desk():
    events = list(heartbeats(timedelta(hours=12)))
    order = {"action": "request", "name": "authority"}
    events += [
        {"time": at(1, 1, 0), "action": "assess", "name": "impact", "object": "impact-report-1", "purpose": "support"},
        {"time": at(1, 1, 30), "action": "approve", "basis": "standard contract", "grant_id": "sc-1", "quantity": 50,
         "purpose": "support"},
        {"time": at(1, 2, 0), "action": "assess", "name": "security requirements", "outcome": "success",
         "grant_id": "employment-9"},
        # A court in the United States asks for data of a person in China: refused.
        {"time": at(2, 15, 0), "case_id": "order-1", "due": stamp(at(6, 15, 0)), "place": "US"} | order,
        {"time": at(5, 10, 0), "action": "deny", "name": "authority", "case_id": "order-1"},
        # An order that is not answered yet, and has time.
        {"time": at(3, 7, 0), "case_id": "order-2", "due": stamp(at(20, 7, 0)), "place": "CN"} | order,
        # An order of a court in the United States that an authority in China approves.
        {"time": at(3, 15, 0), "case_id": "order-3", "due": stamp(at(7, 15, 0)), "place": "US"} | order,
        {"time": at(4, 6, 0), "action": "approve", "name": "authority", "case_id": "order-3", "place": "CN"},
        {"time": at(5, 12, 0), "action": "notify", "name": "Department of Justice", "case_id": "offer-1"},
        # Ten years are over.
        {"time": at(5, 13, 0), "action": "erase", "name": "transaction record", "object": "record-2016-0605",
         "due": stamp(at(5, 0, 0))},
    ]
    return {"desk.ndjson": ndjson("desk", events)}


def main():
    files = vault_cn() | vault_us() | gateway() | desk()
    folder = HERE / "evidence"
    if "--check" in sys.argv[1:]:
        there = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
        sys.exit(0 if there == files else "evidence/ is not what make-evidence.py writes; run it")
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


main()
