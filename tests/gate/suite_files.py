"""Suite files in tiny, for the tests of the gate."""

import json
from pathlib import Path
from typing import Any

from tasks.gate.suites import Suite, read_suite

Entry = dict[str, Any]


def entry(kind: str, severity: str = "critical", **kwargs: object) -> Entry:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {"notes": f"why {kind} matters"}}


ROWS = entry("expect_table_row_count_to_be_between", min_value=1)


def readable(mostly: float) -> Entry:
    return entry("expect_column_values_to_be_in_set", column="readable", value_set=[True], mostly=mostly)


def write_suite(folder: Path, name: str, *entries: object) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"name": name, "expectations": list(entries)}), encoding="utf-8")
    return path


def suite(folder: Path, name: str, *entries: object) -> dict[str, Suite]:
    return {name: read_suite(write_suite(folder, name, ROWS, *entries))}
