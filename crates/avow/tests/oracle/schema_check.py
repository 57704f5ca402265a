"""Validates pledges against the schema, with a validator that is not ours.

usage: schema_check.py SCHEMA, then files. Prints `valid FILE` or `invalid FILE`;
`not-toml FILE` where there is nothing to validate.
"""

import datetime
import json
import sys
import tomllib

from jsonschema import Draft202012Validator


def as_json(value):
    """As editors hand TOML to a schema: dates and times are texts."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()
    return value


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
for path in sys.argv[2:]:
    try:
        with open(path, "rb") as file:
            pledge = as_json(tomllib.load(file))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        print("not-toml", path)
        continue
    errors = sorted(validator.iter_errors(pledge), key=lambda error: error.json_path)
    print("invalid" if errors else "valid", path)
    for error in errors[:3]:
        print(f"{path}: {error.json_path}: {error.message[:200]}", file=sys.stderr)
