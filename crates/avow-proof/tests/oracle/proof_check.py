"""Checks a proof with programs that we did not write.

Usage: python proof_check.py PROOF WHAT...

WHAT is one or more of
  container  zipfile of the standard library, and unzip where it is installed
  sql        DuckDB and SQLite: the counts of the verdict document
  envelope   securesystemslib and in-toto-attestation: signature, statement
  leaves     aics-tlog: checkpoint, inclusion of each leaf shown, tiles

Prints `WHAT ok` for each, or `WHAT missing PACKAGE` where a package of
.ci/requirements.txt is not installed. Anything wrong is an assertion.
"""

import base64
import copy
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def container(proof: Path, parts: dict[str, bytes], folder: Path) -> None:
    with zipfile.ZipFile(proof) as archive:
        assert archive.testzip() is None
        assert archive.comment == b""
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED, info
            assert info.date_time == (1980, 1, 1, 0, 0, 0), info
            assert not info.extra and not info.comment and not info.is_dir(), info
    names = list(parts)
    assert names[0] == "README.txt"
    assert names == sorted(names) and len(set(names)) == len(names)
    unzip = shutil.which("unzip")
    if unzip:
        subprocess.run([unzip, "-tqq", str(proof)], check=True)
        target = folder / "unzip"
        subprocess.run([unzip, "-qq", str(proof), "-d", str(target)], check=True)
        for name, content in parts.items():
            assert (target / name).read_bytes() == content, name


def shell_of_sqlite(connection: sqlite3.Connection, script: str) -> None:
    """Runs a script for the sqlite3 shell: its statements, and `.import`."""
    statements = ""
    for line in script.splitlines(keepends=True):
        if line.startswith(".import "):
            connection.executescript(statements)
            statements = ""
            _, path, table = line.split()
            lines = Path(path.strip('"')).read_text(encoding="utf-8").splitlines()
            connection.executemany(f"INSERT INTO {table} VALUES (?)", [(row,) for row in lines])
        elif not line.startswith("."):
            statements += line
    connection.executescript(statements)


def sql(parts: dict[str, bytes], folder: Path) -> None:
    import duckdb

    os.chdir(folder)
    verdict = json.loads(parts["verdict.json"])
    duck = duckdb.connect()
    duck.execute(parts["sql/load.duckdb.sql"].decode())
    lite = sqlite3.connect(":memory:")
    shell_of_sqlite(lite, parts["sql/load.sqlite.sql"].decode())
    shell = shutil.which("sqlite3")
    for commitment in verdict["commitments"]:
        counts = commitment["counts"]
        expected = (commitment["id"],) + tuple(
            counts[name] for name in ("kept", "breached", "pending", "unknown")
        )
        path = f"sql/{commitment['id']}.sql"
        query = parts[path].decode()
        rows = {
            "duckdb": duck.execute(query).fetchall(),
            "sqlite": lite.execute(query.rstrip().rstrip(";")).fetchall(),
        }
        for database, found in rows.items():
            assert found == [expected], f"{database} {path}: {found}, not {expected}"
        if shell:
            # The very command of README.txt.
            command = [shell, ":memory:", ".read sql/load.sqlite.sql", f".read {path}"]
            shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            assert tuple(shown.split()[-5:]) == tuple(map(str, expected)), shown


def keys(parts: dict[str, bytes]) -> dict[int, str]:
    """The `vkey` of each kind in the proof's policy."""
    vkeys = [line.split()[1] for line in parts["policy"].decode().splitlines() if line.startswith("log ")]
    return {base64.b64decode(vkey.split("+", 2)[2])[0]: vkey for vkey in vkeys}


def envelope(parts: dict[str, bytes]) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from google.protobuf import json_format
    import in_toto_attestation.v1.statement as in_toto
    import in_toto_attestation.v1.statement_pb2 as in_toto_pb
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey

    name, key_id, material = keys(parts)[0x01].split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(material)[1:])
    key = SSlibKey.from_crypto(public, keyid=f"{name}+{key_id}")
    data = json.loads(parts["statement.dsse.json"])
    signed = Envelope.from_dict(copy.deepcopy(data))
    assert len(signed.verify([key], 1)) == 1

    altered = copy.deepcopy(data)
    payload = base64.b64decode(data["payload"]).replace(b"breached", b"kept", 1)
    altered["payload"] = base64.b64encode(payload).decode()
    try:
        Envelope.from_dict(altered).verify([key], 1)
        raise AssertionError("the oracle accepted an altered payload, so it checks nothing")
    except VerificationError:
        pass

    statement = json_format.Parse(signed.payload, in_toto_pb.Statement())
    in_toto.Statement.copy_from_pb(statement).validate()
    subjects = {subject.name: subject.digest["sha256"] for subject in statement.subject}
    others = {name: content for name, content in parts.items() if name != "statement.dsse.json"}
    assert subjects == {n: hashlib.sha256(c).hexdigest() for n, c in others.items()}
    assert statement.predicate["verdict"]["digest"]["sha256"] == subjects["verdict.json"]


def leaves(parts: dict[str, bytes], folder: Path) -> None:
    import aics_tlog as tlog

    vkey = tlog.parse_vkey(keys(parts)[0x01])
    note = tlog.parse_note(parts["checkpoint"])
    assert tlog.verify_checkpoint(note, vkey, expected_origin=vkey.name).log_ok
    head = tlog.parse_checkpoint(note.text)
    shown = [name for name in parts if name.endswith(".tlog-proof")]
    for name in shown:
        first, rest = parts[name].decode().split("\n", 1)
        assert first == "c2sp.org/tlog-proof@v1"
        lines, checkpoint = rest.split("\n\n", 1)
        index, *path = lines.split("\n")
        index = int(index.removeprefix("index "))
        assert checkpoint.encode() == parts["checkpoint"]
        path = [base64.b64decode(line, validate=True) for line in path]
        leaf = parts[name.replace(".tlog-proof", ".json")]
        assert tlog.verify_leaf_inclusion(leaf, index, head.size, path, head.root)
        assert not tlog.verify_leaf_inclusion(leaf + b" ", index, head.size, path, head.root)
    if "log/checkpoint" in parts:
        reader = tlog.FileSystemTileReader(folder / "log")
        assert tlog.tree_root_from_tiles(reader, head.size) == head.root
        tlog.audit_tiles(reader, head.size, head.root)
        for name in shown:
            index = int(Path(name).stem)
            leaf = parts[f"leaves/{index}.json"]
            assert tlog.read_entry(reader, index, head.size) == leaf
    assert shown


def main(proof: Path, wanted: list[str]) -> None:
    proof = proof.resolve()
    with zipfile.ZipFile(proof) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with zipfile.ZipFile(proof) as archive:
            archive.extractall(folder)
        checks = {
            "container": lambda: container(proof, parts, folder),
            "envelope": lambda: envelope(parts),
            "leaves": lambda: leaves(parts, folder),
            "sql": lambda: sql(parts, folder),
        }
        for what in wanted:
            try:
                checks[what]()
                print(f"{what} ok")
            except ImportError as error:
                print(f"{what} missing {error.name}")
        os.chdir("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
