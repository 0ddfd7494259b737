"""What a person has to know of the dataset although nothing is wrong with its form: one sentence each.

writes  data/fused/notices.json   a list of sentences, with what to write; the terminal, the report and the
                                  flow's state say them
"""

import json
from collections.abc import Sequence
from pathlib import Path

from tasks.core.errors import MissingInputError
from tasks.core.strict_json import write_json

NOTICES_FILE = "notices.json"


def write_notices(notices: Sequence[str], folder: Path) -> None:
    """Write notices.json in the folder."""
    write_json(list(notices), folder / NOTICES_FILE)


def read_notices(folder: Path) -> list[str]:
    """The sentences in that folder."""
    path = folder / NOTICES_FILE
    if not path.is_file():
        raise MissingInputError(f"{path} is not there: run the stage that writes it first")
    return [str(notice) for notice in json.loads(path.read_text(encoding="utf-8"))]
