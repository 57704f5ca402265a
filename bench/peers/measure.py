"""Runs one engine and prints: breaches, CPU seconds, peak memory in KiB.

usage: measure.py duckdb LOAD.sql RULE.sql
       measure.py lines PROGRAM ARGUMENT...

`duckdb` counts only the statement, not the loading, on one thread. `lines`
counts a whole run of the program and takes each line it prints for a breach.
"""

import resource
import subprocess
import sys
import time

# One run must not hold up all others.
SECONDS_MAX = 240


def duckdb_rule(load, rule):
    import duckdb

    database = duckdb.connect(":memory:", config={"threads": 1})
    with open(load, encoding="utf-8") as file:
        database.execute(file.read())
    with open(rule, encoding="utf-8") as file:
        statement = file.read()
    start = time.process_time()
    result = database.execute(statement)
    names = [column[0] for column in result.description]
    row = result.fetchone()
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(dict(zip(names, row))["breached"], seconds, memory)


def lines(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            out, _ = process.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            sys.exit(f"stopped after {SECONDS_MAX} s")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = out.count(b"(time point ")
    print(found, used.ru_utime + used.ru_stime, used.ru_maxrss)


if sys.argv[1] == "duckdb":
    duckdb_rule(sys.argv[2], sys.argv[3])
else:
    lines(sys.argv[2:])
