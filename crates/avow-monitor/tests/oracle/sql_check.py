"""Runs the generated SQL in DuckDB and SQLite and compares the counts.

usage: python sql_check.py FOLDER

FOLDER has one folder a case, with what a proof has: events.ndjson,
gaps.ndjson, load.duckdb.sql, load.sqlite.sql; and for each commitment ID.sql
with ID.expected, one line `id kept breached pending unknown`. Prints what
differs and exits 1 if anything does.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb

# The shell reads the same script as the module below; a few cases show that
# its dot commands work too.
SHELL_CASES = 5

IMPORT = re.compile(r'\.import "(?P<path>[^"]*)" (?P<table>\w+)')


def load_sqlite(script):
    """What the shell does with the script: dot commands one by one."""
    database = sqlite3.connect(":memory:")
    statement = ""
    for line in script.splitlines():
        if not line.startswith("."):
            statement += line + "\n"
            continue
        database.executescript(statement)
        statement = ""
        found = IMPORT.match(line)
        if found:
            with open(found["path"], encoding="utf-8", newline="\n") as file:
                rows = [(row.rstrip("\n"),) for row in file]
            database.executemany(f"INSERT INTO {found['table']} VALUES (?)", rows)
    database.executescript(statement)
    return database


def load_duckdb(script):
    database = duckdb.connect(":memory:", config={"threads": 1})
    database.execute(script)
    return database


def by_shell(path):
    """As the README of a proof says, but printed as one line."""
    form = [".mode list", ".separator ' '", ".headers off"]
    done = subprocess.run(
        ["sqlite3", ":memory:", ".read load.sqlite.sql", *form, f".read {path.name}"],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def main():
    folders = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    differences = 0
    compared = 0
    has_shell = shutil.which("sqlite3") is not None
    for number, folder in enumerate(folders):
        os.chdir(folder)
        databases = {
            "duckdb": load_duckdb(Path("load.duckdb.sql").read_text(encoding="utf-8")),
            "sqlite": load_sqlite(Path("load.sqlite.sql").read_text(encoding="utf-8")),
        }
        for path in sorted(folder.glob("*.expected")):
            statement = path.with_suffix(".sql").read_text(encoding="utf-8")
            expected = path.read_text(encoding="utf-8").strip()
            found = {
                name: " ".join(str(cell) for cell in database.execute(statement).fetchone())
                for name, database in databases.items()
            }
            if has_shell and number < SHELL_CASES:
                found["sqlite shell"] = by_shell(path.with_suffix(".sql"))
            for name, counts in found.items():
                compared += 1
                if counts != expected:
                    differences += 1
                    print(f"{folder.name} {path.stem} {name}: {counts}, expected {expected}")
    print(f"{compared} comparisons in {len(folders)} cases, {differences} differences")
    sys.exit(1 if differences or not compared else 0)


if __name__ == "__main__":
    main()
