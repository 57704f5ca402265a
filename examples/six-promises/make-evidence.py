#!/usr/bin/env python3
"""Writes the evidence of this scenario. Everything in it is made up.

    python3 make-evidence.py           write evidence/
    python3 make-evidence.py --check   fail if evidence/ is not what this writes

One week of a payment company that serves users in India. The random numbers
have a fixed seed, so the files are the same on every machine.
"""

import json
import pathlib
import random
import sys
from datetime import datetime, timedelta, timezone

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "111122223333"
START = datetime(2026, 3, 2, tzinfo=timezone.utc)
END = START + timedelta(days=7)
# The scanner's last sign of life.
SCANNER_SILENT = datetime(2026, 3, 6, 6, tzinfo=timezone.utc)
rng = random.Random(2015)


def stamp(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def uuid():
    return "%08x-%04x-4%03x-8%03x-%012x" % tuple(
        rng.getrandbits(bits) for bits in (32, 16, 12, 12, 48)
    )


# --- CloudTrail -------------------------------------------------------------

PEOPLE = ["asha.rao", "vikram.sen", "meera.pillai"]


def user(name, mfa=True):
    return {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE" + name.split(".")[0].upper(),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "accountId": ACCOUNT,
        "userName": name,
        "sessionContext": {"attributes": {"mfaAuthenticated": str(mfa).lower()}},
    }


def role(name):
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/i-0a1b2c3d",
        "accountId": ACCOUNT,
    }


def record(time, service, name, region, identity, request, response=None, **more):
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": stamp(time),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": f"198.51.100.{rng.randrange(1, 255)}",
        "userAgent": "made-up/1.0",
        "requestParameters": request,
        "responseElements": response,
        "requestID": uuid(),
        "eventID": uuid(),
        "readOnly": name.startswith(("Get", "List", "Describe", "Head")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    } | more


def sign_in(time, name):
    return record(
        time, "signin", "ConsoleLogin", "ap-south-1", user(name), None,
        {"ConsoleLogin": "Success"},
        eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": "Yes", "MobileVersion": "No"},
        readOnly=False,
    )


def copy_snapshot(time, source, source_region, region, new, who):
    """A copy is recorded in the region that receives it."""
    return record(
        time, "ec2", "CopySnapshot", region, user(who),
        {"sourceRegion": source_region, "sourceSnapshotId": source,
         "destinationRegion": region, "encrypted": True},
        {"snapshotId": new},
    )


def cloudtrail():
    records = []
    time = START + timedelta(minutes=4)
    while time < END + timedelta(minutes=30):
        service, name, request = rng.choice([
            ("s3", "GetBucketAcl", {"bucketName": "example-pay-ledger"}),
            ("s3", "ListBuckets", None),
            ("kms", "Decrypt", {"keyId": "alias/ledger"}),
            ("ec2", "DescribeInstances", {"instancesSet": {}}),
            ("rds", "DescribeDBInstances", {"dBInstanceIdentifier": "ledger"}),
        ])
        region = rng.choice(["ap-south-1", "ap-south-1", "ap-south-2"])
        records.append(record(time, service, name, region, role("ledger-app"), request))
        if rng.random() < 0.15:
            records.append(record(
                time + timedelta(seconds=41), "s3", "PutObject", "ap-south-1",
                role("ledger-app"),
                {"bucketName": "example-pay-ledger", "key": f"day/{rng.randrange(10**6)}"},
            ))
        time += timedelta(minutes=rng.randrange(18, 50), seconds=rng.randrange(60))
    for day in range(7):
        for hour, name in ((4, PEOPLE[day % 3]), (9, PEOPLE[(day + 1) % 3])):
            records.append(sign_in(START + timedelta(days=day, hours=hour, minutes=rng.randrange(60)), name))

    at = lambda day, hour, minute: datetime(2026, 3, day, hour, minute, tzinfo=timezone.utc)
    records += [
        # The nightly copy to the second Indian region: what is promised.
        copy_snapshot(at(2, 20, 5), "snap-0aaa0001", "ap-south-1", "ap-south-2", "snap-0bbb0001", "asha.rao"),
        copy_snapshot(at(3, 20, 5), "snap-0aaa0002", "ap-south-1", "ap-south-2", "snap-0bbb0002", "asha.rao"),
        # The breach: one night the copy goes to Singapore.
        copy_snapshot(at(4, 20, 7), "snap-0aaa0003", "ap-south-1", "ap-southeast-1", "snap-0ccc0003", "vikram.sen"),
        # The repair, next morning: the copy is deleted, and made again at home.
        record(at(5, 3, 52), "ec2", "DeleteSnapshot", "ap-southeast-1", user("meera.pillai"),
               {"snapshotId": "snap-0ccc0003"}, {"_return": True}),
        copy_snapshot(at(5, 4, 10), "snap-0aaa0003", "ap-south-1", "ap-south-2", "snap-0bbb0003", "meera.pillai"),
        # A refused attempt by the same hand is no breach.
        record(at(6, 20, 7), "ec2", "CopySnapshot", "ap-southeast-1", user("vikram.sen"),
               {"sourceRegion": "ap-south-1", "sourceSnapshotId": "snap-0aaa0005",
                "destinationRegion": "ap-southeast-1", "encrypted": True},
               None, errorCode="Client.UnauthorizedOperation",
               errorMessage="You are not authorized to perform this operation."),
        copy_snapshot(at(7, 20, 5), "snap-0aaa0006", "ap-south-1", "ap-south-2", "snap-0bbb0006", "asha.rao"),
    ]
    records.sort(key=lambda r: (r["eventTime"], r["eventID"]))
    by_file = {}
    for r in records:
        day, region = r["eventTime"][:10], r["awsRegion"]
        name = f"cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail/{region}/{day.replace('-', '/')}/" \
               f"{ACCOUNT}_CloudTrail_{region}_{day.replace('-', '')}T2355Z_madeup.json"
        by_file.setdefault(name, []).append(r)
    return {
        name: '{"Records":[\n' + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rs) + "\n]}\n"
        for name, rs in by_file.items()
    }


# --- Avow's own events ------------------------------------------------------

def ndjson(source, events):
    """Numbers the events in the order of their time, without a gap."""
    events.sort(key=lambda e: e["time"])
    lines = []
    for seq, event in enumerate(events, start=1):
        event = {"source": source, "seq": seq} | event | {"time": stamp(event["time"])}
        lines.append(json.dumps(event, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def heartbeats(every, end):
    time = START + timedelta(seconds=30)
    while time <= end:
        yield {"time": time, "action": "heartbeat"}
        time += every


def vault():
    events = list(heartbeats(timedelta(hours=1), END + timedelta(minutes=30)))
    person = lambda n: {"subject": f"user-{n:04d}", "subject_country": "IN", "category": "personal"}
    for n in range(1, 31):
        t = START + timedelta(minutes=rng.randrange(20, 6 * 24 * 60))
        who = person(n) | {"purpose": "payment"}
        events += [
            {"time": t, "action": "inform"} | who,
            {"time": t + timedelta(seconds=20), "action": "consent"} | who,
            {"time": t + timedelta(seconds=45), "action": "collect"} | who,
            {"time": t + timedelta(seconds=46), "action": "store", "place": "IN", "encrypted": True, "write": True} | who,
        ]
        used = t
        for _ in range(rng.randrange(1, 5)):
            used += timedelta(minutes=rng.randrange(5, 400))
            if used < END:
                events.append({"time": used, "action": "use", "place": "IN"} | who)
        if n % 6 == 0:
            events.append({"time": used + timedelta(minutes=9), "action": "withdraw"} | who)
        if n % 5 == 0:
            asked = min(used + timedelta(hours=1), END - timedelta(days=3, hours=2))
            asked = max(asked, t + timedelta(hours=1))
            if asked + timedelta(hours=60) < END:
                erased = asked + timedelta(hours=rng.randrange(2, 60))
                case = {"case_id": f"erasure-{n:04d}"}
                # Nothing is used once it is erased.
                events = [e for e in events
                          if not (e.get("subject") == who["subject"] and e["action"] == "use" and e["time"] > erased)]
                events += [
                    {"time": asked, "action": "request", "name": "erasure"} | person(n) | case,
                    {"time": erased, "action": "erase", "place": "IN", "write": True} | person(n) | case,
                ]
    return {"vault-in.ndjson": ndjson("vault-in", [e for e in events if e["time"] < END + timedelta(hours=1)])}


def scanner():
    events = list(heartbeats(timedelta(hours=6), SCANNER_SILENT))
    for n, (found, hours) in enumerate([(9, 20), (31, 30), (50, 11), (92, None)], start=1):
        time = START + timedelta(hours=found)
        weakness = {"object": f"weakness-{n:04d}", "system": "ledger-app"}
        events.append({"time": time, "action": "find"} | weakness)
        if hours:
            events.append({"time": time + timedelta(hours=hours), "action": "fix"} | weakness)
    return {"scanner.ndjson": ndjson("scanner", events)}


def desk():
    events = list(heartbeats(timedelta(hours=12), END + timedelta(minutes=30)))
    for n, (asked, hours) in enumerate([(10, 19), (57, 26), (101, 40)], start=1):
        case = {"case_id": f"assessment-{n:04d}", "purpose": "assessment"}
        time = START + timedelta(hours=asked)
        events += [
            {"time": time, "action": "request"} | case,
            {"time": time + timedelta(hours=hours), "action": "disclose"} | case,
        ]
    return {"desk.ndjson": ndjson("desk", events)}


def main():
    files = cloudtrail() | vault() | scanner() | desk()
    folder = HERE / "evidence"
    if "--check" in sys.argv[1:]:
        there = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
        sys.exit(0 if there == files else "evidence/ is not what make-evidence.py writes; run it")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


main()
