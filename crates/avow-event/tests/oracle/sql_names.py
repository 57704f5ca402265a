"""Runs two statements in SQLite and DuckDB; fails where either refuses one."""

import sqlite3
import sys

import duckdb

for connection in (sqlite3.connect(":memory:"), duckdb.connect(":memory:")):
    for statement in sys.argv[1:]:
        connection.execute(statement)
