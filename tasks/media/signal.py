"""Signals that came as a row of a table: numbers as they were written, separated by commas.

reads   the bytes of one row
"""

import math
import re

from tasks.core.candidate import MediaFacts
from tasks.core.fault import Fault
from tasks.core.rejects import Reason
from tasks.media.reader import Limits, MediaReader

# float() alone would also take "1_000" and "nan".
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read(payload: bytes, media_type: str, limits: Limits) -> MediaFacts:
    """One channel per number; a fault names the first cell that is no finite number."""
    cells = payload.decode("utf-8").split(",")
    strange = [cell for cell in cells if not is_number(cell)]
    fault = Fault(Reason.NOT_A_NUMBER, f"expected a number, got {strange[0]!r}") if strange else None
    return MediaFacts("signal", media_type, channels=len(cells), fault=fault)


def is_number(cell: str) -> bool:
    """Whether the text is a finite decimal number."""
    return _NUMBER.fullmatch(cell.strip()) is not None and math.isfinite(float(cell))


READER = MediaReader("signal", read)
