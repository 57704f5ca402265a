"""Lists the breached instances that DuckDB finds.

usage: python breached.py FOLDER

FOLDER has load.sql, the files that it loads, and for each commitment ID.sql,
the statement that lists its instances. Prints a line `ID LEAF` for each that is
breached.
"""

import os
import sys
from pathlib import Path

import duckdb

os.chdir(sys.argv[1])
database = duckdb.connect(":memory:")
database.execute(Path("load.sql").read_text(encoding="utf-8"))
for path in sorted(Path(".").glob("*.sql")):
    if path.name == "load.sql":
        continue
    found = database.execute(path.read_text(encoding="utf-8"))
    names = [column[0] for column in found.description]
    leaf, verdict = names.index("leaf"), names.index("verdict")
    for row in found.fetchall():
        if row[verdict] == "breached":
            print(path.stem, row[leaf])
