"""Suites of expectations, loaded strictly: what a file declares is what is checked, or SuiteError.

reads   expectations/<suite>.json   in Great Expectations' own JSON: name, expectations (type, kwargs,
        severity, meta.notes = why, meta.show = further columns to quote of a row that fails)

Great Expectations itself drops an expectation that it does not know and reports success on nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.core.errors import SuiteError
from tasks.core.registry import nearest_word
from tasks.gate.known import check_kwargs, known_types

SEVERITIES = ("critical", "warning", "info")
_SUITE_KEYS = ("name", "expectations", "meta", "notes", "id")
_EXPECTATION_KEYS = ("type", "kwargs", "severity", "meta", "description", "id")


@dataclass(frozen=True)
class Expectation:
    """One expectation as its file declares it; `why` is its meta.notes."""

    type: str
    kwargs: Mapping[str, Any]
    severity: str
    why: str
    show: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it is about; none for an expectation about the table."""
        named = [self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs]
        return (*named, *self.kwargs.get("column_list", ()))

    @property
    def name(self) -> str:
        """What rejects and waivers call it: `type(column, ...)`."""
        return f"{self.type}({', '.join(self.columns)})" if self.columns else self.type

    @property
    def mostly(self) -> float:
        """The share of the rows that must meet it."""
        return float(self.kwargs.get("mostly", 1.0))


@dataclass(frozen=True)
class Suite:
    """What one table must meet: at least one expectation, and a row count among them."""

    name: str
    expectations: tuple[Expectation, ...]


def read_suites(folder: Path, names: Sequence[str]) -> dict[str, Suite]:
    """The suites of those names from `<folder>/<name>.json`; SuiteError where one is not wholly sound."""
    return {name: read_suite(folder / f"{name}.json") for name in names}


def read_suite(path: Path) -> Suite:
    """The suite of that file; it is called as the file is."""
    written = _read_json(path)
    _refuse_strangers(f"{path}", written, _SUITE_KEYS, needed=("name", "expectations"))
    if written["name"] != path.stem:
        raise SuiteError(f"{path}: expected the name '{path.stem}', as the file's, got '{written['name']}'")
    entries = written["expectations"]
    if not isinstance(entries, list) or not entries:
        raise SuiteError(f"{path}: expected at least one expectation: an empty suite accepts everything")
    expectations = tuple(_to_expectation(f"{path}: expectation {n}", e) for n, e in enumerate(entries, 1))
    _refuse_no_row_count(path, expectations)
    return Suite(path.stem, expectations)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        written = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_refuse_repeated_keys)
    except FileNotFoundError as error:
        raise SuiteError(f"{path}: there is no such file; a gate needs its suite") from error
    except (ValueError, RecursionError) as error:
        raise SuiteError(f"{path}: not JSON: {error}") from error
    if not isinstance(written, dict):
        raise SuiteError(f"{path}: expected an object with name and expectations, got {_shown(written)}")
    return written


def _refuse_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as they are meant: JSON would keep the last of two of one key, and lose the other."""
    written = dict(pairs)
    if len(written) != len(pairs):
        raise ValueError(f"a key is there twice among {[key for key, _ in pairs]}")
    return written


def _to_expectation(where: str, entry: object) -> Expectation:
    if not isinstance(entry, dict):
        raise SuiteError(f"{where}: expected an object with type and kwargs, got {_shown(entry)}")
    needed = ("type", "kwargs", "severity", "meta")
    _refuse_strangers(where, entry, _EXPECTATION_KEYS, needed=needed)
    kind, severity, meta = entry["type"], entry["severity"], entry["meta"]
    _refuse_unknown(where, "type", kind, known_types())
    where = f"{where} ({kind})"
    _refuse_unknown(where, "severity", severity, SEVERITIES)
    _refuse_strangers(f"{where}: meta", meta, ("notes", "show"), needed=("notes",))
    if not isinstance(meta["notes"], str) or not meta["notes"].strip():
        raise SuiteError(f"{where}: expected meta.notes to say why it matters, got {_shown(meta['notes'])}")
    _refuse_strangers(f"{where}: kwargs", entry["kwargs"], tuple(entry["kwargs"]), needed=())
    check_kwargs(where, kind, entry["kwargs"])
    return Expectation(kind, entry["kwargs"], severity, meta["notes"], tuple(meta.get("show", ())))


def _refuse_strangers(where: str, written: object, known: Sequence[str], *, needed: Sequence[str]) -> None:
    if not isinstance(written, dict):
        raise SuiteError(f"{where}: expected an object, got {_shown(written)}")
    for key in written:
        if key not in known:
            hint = nearest_word(key, list(known))
            raise SuiteError(f"{where}: unknown key '{key}'; expected one of {list(known)}.{hint}")
    for key in needed:
        if key not in written:
            raise SuiteError(f"{where}: the key '{key}' is missing")


def _refuse_unknown(where: str, what: str, word: object, choices: Sequence[str]) -> None:
    if word not in choices:
        listed = f" expected one of {list(choices)}" if len(choices) < 10 else " see the gallery of GX"
        raise SuiteError(
            f"{where}: unknown {what} {_shown(word)};{listed}.{nearest_word(str(word), list(choices))}"
        )


def _refuse_no_row_count(path: Path, expectations: Sequence[Expectation]) -> None:
    """An empty table passes every expectation about rows, so one must ask for at least one row."""
    for expectation in expectations:
        bound = {
            "expect_table_row_count_to_be_between": "min_value",
            "expect_table_row_count_to_equal": "value",
        }.get(expectation.type)
        if bound and (expectation.kwargs.get(bound) or 0) >= 1:
            return
    raise SuiteError(
        f"{path}: expected a row count, e.g. expect_table_row_count_to_be_between with min_value 1:"
        " an empty table passes everything else"
    )


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:80]
