"""Numbers as texts have them: plain decimals. Python's float and Decimal would take `nan`, `1_0` and more."""

import math
import re

_DECIMAL = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\s*")
_WHOLE = re.compile(r"\s*[-+]?[0-9]{1,15}\s*")


def decimal_text(text: str | None, name: str) -> str:
    """The text, which must be a decimal number; `name` is for the message."""
    if text is None or len(text) > 400 or not _DECIMAL.fullmatch(text):
        raise ValueError(f"expected a number '{name}', got {_shown(text)}")
    return text


def to_real(text: str | None, name: str) -> float:
    """The finite number that the text says."""
    number = float(decimal_text(text, name))
    if not math.isfinite(number):
        raise ValueError(f"expected a finite number '{name}'")
    return number


def to_whole(text: str | None, name: str) -> int:
    """The whole number that the text says."""
    if text is None or not _WHOLE.fullmatch(text):
        raise ValueError(f"expected a whole number '{name}', got {_shown(text)}")
    return int(text)


def _shown(text: str | None) -> str:
    return "nothing" if text is None or not text.strip() else repr(text[:40])
