"""What every JSON that is read here must keep to: UTF-8, real numbers and whole characters."""

import json
import math
import re
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


# Python converts no more digits to a whole number; a float64 holds none of more than 309.
_MOST_DIGITS = 4_000


def loads(text: str | bytes) -> Any:
    """The JSON value; a whole number of too many digits is infinite, which no reader takes for a number."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return json.loads(text, parse_constant=refuse_constant, parse_int=to_whole)


def to_whole(digits: str) -> int | float:
    """The number of the digits, infinite where they are too many."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def refuse_constant(word: str) -> float:
    """ValueError: NaN and the infinities are not in JSON."""
    raise ValueError(f"{word} is no number of JSON")


def refuse_half_characters(path: Path, text: str, value: Any) -> None:
    """LabelFormatError when an escape in the text made half a character of the value."""
    if not _SURROGATE.search(text):
        return
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise LabelFormatError(path, None, "a \\u escape is half a character (a lone surrogate)") from error


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are UTF-8, which msgspec does not ask of what it passes over."""
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
