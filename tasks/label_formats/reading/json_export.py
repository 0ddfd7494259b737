"""JSON exports, read so that no file can hurt: bad syntax, bombs, wrong types become errors that say where.

The accessors raise ValueError with a sentence for a person; a format makes it the detail of a LabelFault.
"""

import json
import math
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError
from tasks.core.json_rules import loads, refuse_half_characters

LARGEST_BYTES = 1_000_000_000

JsonObject = dict[str, Any]


def read_json_export(path: Path) -> Any:
    """The file's JSON value; LabelFormatError when it is too large, too deep, not UTF-8 or not JSON."""
    if not path.is_file():
        raise LabelFormatError(path, None, "expected one JSON file")
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise LabelFormatError(
            path, None, f"expected at most {LARGEST_BYTES} bytes, got {size}; split the export"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = loads(text)
        refuse_half_characters(path, text, value)
    except json.JSONDecodeError as error:
        raise LabelFormatError(
            path, error.lineno, f"not JSON: {error.msg}, in column {error.colno}"
        ) from error
    except UnicodeDecodeError as error:
        raise LabelFormatError(path, None, f"expected UTF-8 text, byte {error.start} is none") from error
    except RecursionError as error:
        raise LabelFormatError(path, None, "the JSON is nested too deeply") from error
    except ValueError as error:
        raise LabelFormatError(path, None, f"not JSON: {error}") from error
    return value


def objects_in(path: Path, value: Any, name: str) -> list[Any]:
    """The list that the export must have under that key; LabelFormatError when it has none."""
    if not isinstance(value, dict) or not isinstance(value.get(name), list):
        raise LabelFormatError(path, None, f"expected an object with a list '{name}', got {_shown(value)}")
    found: list[Any] = value[name]
    return found


def object_of(value: Any) -> JsonObject:
    """The value, which must be an object."""
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, got {_kind(value)}")
    return value


def list_of(record: JsonObject, name: str) -> list[Any]:
    """The list under that key."""
    value = record.get(name)
    if not isinstance(value, list):
        raise ValueError(f"expected a list '{name}', got {_kind(value)}")
    return value


def text_of(record: JsonObject, name: str) -> str:
    """The text under that key, which must not be empty."""
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected a text '{name}', got {_kind(value)}")
    return value


def id_of(record: JsonObject, name: str) -> str:
    """The id under that key, a whole number or a text."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError(f"expected an id '{name}', got {_kind(value)}")
    return str(value)


def number_of(record: JsonObject, name: str) -> float:
    """The finite number under that key."""
    return to_number(record.get(name), name)


def to_number(value: Any, name: str) -> float:
    """The value as a finite number; `name` is for the message."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number '{name}', got {_kind(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number '{name}'")
    return number


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"


def _shown(value: Any) -> str:
    return f"the keys {sorted(value)[:8]}" if isinstance(value, dict) else f"a {type(value).__name__}"
