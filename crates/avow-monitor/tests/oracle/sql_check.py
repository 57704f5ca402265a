"""Runs the generated SQL in four databases and compares it with the monitor.

usage: python sql_check.py FOLDER [--spark EVERY]

FOLDER has one folder a case, with what a proof has: events.ndjson,
gaps.ndjson, load.duckdb.sql, load.sqlite.sql; and for each commitment ID.sql
with ID.expected, one line `id kept breached pending unknown`, and
ID.instances.sql with ID.listed, lines `leaf each time deadline verdict reason`
of the instances. Prints what differs and exits 1 if anything does.

DuckDB and SQLite load the tables by their scripts. DataFusion and Spark get
DuckDB's. Planning a statement takes DataFusion a fifth of a second and Spark
one: so DataFusion has the lists of every EVERYth case only, and Spark nothing
else than their counts.
"""

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import datafusion
import duckdb

# The shell reads the same script as the module below; a few cases show that
# its dot commands work too.
SHELL_CASES = 5

IMPORT = re.compile(r'\.import "(?P<path>[^"]*)" (?P<table>\w+)')

# One process, no network but this machine's own, no pages to look at; and
# plans that are read instead of compiled, for they are run once.
SPARK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "OFF",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


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


def arrow(database, table):
    return database.sql(f"SELECT * FROM {table}").to_arrow_table()


class DuckDb:
    def __init__(self):
        self.database = load_duckdb(Path("load.duckdb.sql").read_text(encoding="utf-8"))

    def rows(self, statement):
        return self.database.execute(statement).fetchall()


class Sqlite:
    def __init__(self):
        self.database = load_sqlite(Path("load.sqlite.sql").read_text(encoding="utf-8"))

    def rows(self, statement):
        return self.database.execute(statement).fetchall()


class DataFusion:
    def __init__(self, loaded):
        config = datafusion.SessionConfig().with_target_partitions(1)
        self.context = datafusion.SessionContext(config)
        for table in ("events", "gaps"):
            self.context.from_arrow(arrow(loaded, table), name=table)

    def rows(self, statement):
        table = self.context.sql(statement).to_pylist()
        return [tuple(row.values()) for row in table]


class Spark:
    def __init__(self):
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[1]")
        for name, value in SPARK.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()

    def load(self, loaded):
        for table in ("events", "gaps"):
            frame = self.session.createDataFrame(arrow(loaded, table))
            frame.createOrReplaceTempView(table)

    def rows(self, statement):
        return [tuple(row) for row in self.session.sql(statement.rstrip().rstrip(";")).collect()]


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


def line(row):
    return " ".join("-" if cell is None else str(cell) for cell in row)


class Comparison:
    def __init__(self):
        self.compared = Counter()
        self.seconds = Counter()
        self.differences = 0

    def differs(self, where, found, expected):
        self.differences += 1
        print(f"{where}: {found}, expected {expected}", flush=True)

    def rows(self, name, database, statement):
        started = time.monotonic()
        try:
            return [line(row) for row in database.rows(statement)]
        except Exception as error:
            return [f"failed: {error}"]
        finally:
            self.seconds[name] += time.monotonic() - started

    def commitment(self, path, databases, listing):
        """`path` is what is expected of the counts; `listing` have the lists."""
        expected = path.read_text(encoding="utf-8").strip()
        counts = path.with_suffix(".sql").read_text(encoding="utf-8")
        instances = path.with_suffix(".instances.sql").read_text(encoding="utf-8")
        listed = Counter(path.with_suffix(".listed").read_text(encoding="utf-8").splitlines())
        for name, database in databases.items():
            where = f"{path.parent.name} {path.stem} {name}"
            self.compared[name] += 1
            [found] = self.rows(name, database, counts)
            if found != expected:
                self.differs(where, found, expected)
            if name not in listing:
                continue
            rows = Counter(self.rows(name, database, instances))
            if rows != listed:
                self.differs(where, sorted(rows - listed), sorted(listed - rows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spark", type=int, default=1)
    arguments = parser.parse_args()
    folders = sorted(path for path in arguments.folder.iterdir() if path.is_dir())
    comparison = Comparison()
    has_shell = shutil.which("sqlite3") is not None
    spark = Spark() if arguments.spark else None
    for number, folder in enumerate(folders):
        os.chdir(folder)
        databases = {"duckdb": DuckDb(), "sqlite": Sqlite()}
        loaded = databases["duckdb"].database
        databases["datafusion"] = DataFusion(loaded)
        listing = {"duckdb", "sqlite"}
        if spark and number % arguments.spark == 0:
            spark.load(loaded)
            databases["spark"] = spark
            listing.add("datafusion")
        for path in sorted(folder.glob("*.expected")):
            comparison.commitment(path, databases, listing)
            if has_shell and number < SHELL_CASES:
                comparison.compared["sqlite shell"] += 1
                found = by_shell(path.with_suffix(".sql"))
                expected = path.read_text(encoding="utf-8").strip()
                if found != expected:
                    comparison.differs(f"{folder.name} {path.stem} sqlite shell", found, expected)
    for name, count in comparison.compared.items():
        print(f"{name}: {count} statements, {comparison.seconds[name]:.1f} s")
    print(f"{len(folders)} cases, {comparison.differences} differences")
    missing = {"duckdb", "sqlite", "datafusion", "spark"} - set(comparison.compared)
    if missing and arguments.spark:
        print(f"not compared: {sorted(missing)}")
    sys.exit(1 if comparison.differences or (missing and arguments.spark) else 0)


if __name__ == "__main__":
    main()
