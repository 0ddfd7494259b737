"""The libraries that run trained encoders: imported late, named with their extra where they are missing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tasks.core.errors import MissingExtraError


@contextmanager
def imported_for(encoder: str, extra: str) -> Iterator[None]:
    """What is imported within is needed by that encoder; MissingExtraError where it is not installed.

    Every file is local and said to be; beside that, the libraries are told that there is no server to ask.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when they are imported
    try:
        yield
    except ImportError as error:
        missing = error.name or extra
        raise MissingExtraError(missing, needed_by=f"the encoder {encoder}", extra=extra) from error
