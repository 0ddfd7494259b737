"""What every JSON that is read here must keep to: UTF-8, real numbers and whole characters."""

import json
import re
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


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
