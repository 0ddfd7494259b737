"""JSON as it is written here: strict, so that every reader takes it, with its names in order.

NaN and the infinities are no JSON (RFC 8259, section 6), although Python's own module writes and reads them.
"""

import json
from pathlib import Path
from typing import Any

from tasks.core.errors import SchemaError


def to_json(value: Any, *, name: str, indent: int | None = None) -> str:
    """The value as text; SchemaError with that name where a number in it is not finite."""
    try:
        return json.dumps(value, indent=indent, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise SchemaError(name, f"JSON holds finite numbers only: {error}") from error


def write_json(value: Any, path: Path) -> None:
    """Write the value for people and programs, a line for each part of it."""
    text = to_json(value, name=path.name, indent=1)
    # What is half a character, as in a name that is not UTF-8, is written as JSON's own escape.
    path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
