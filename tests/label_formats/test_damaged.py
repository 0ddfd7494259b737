"""Whatever stands in a file of a timed format, it is labels, faults, or an error that says what is wrong."""

import random
from pathlib import Path

import pytest

from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.label import Label, LabelFault
from tests.label_formats.examples import EXAMPLES
from tests.label_formats.exports import read_export
from tests.label_formats.test_contract import write_files

TIMED = [name for name, example in EXAMPLES.items() if example.timed]
STRANGE = [b"\xff", b"\0", b"<", b'"', b"\n", b"\t", b"-1", b"1e99", b"nan", b"9" * 40, b"{", b"-->"]
TRIALS = 60


def damaged(payload: bytes, chance: random.Random) -> bytes:
    """The payload with something cut off, taken out, put in or written over."""
    place, length = chance.randrange(len(payload) + 1), chance.randrange(40)
    head, tail = payload[:place], payload[place:]
    strange = chance.choice(STRANGE)
    return chance.choice([head, head + tail[length:], head + strange + tail, head + strange + tail[length:]])


@pytest.mark.parametrize("name", TIMED)
def test_no_damage_makes_a_reader_fail(name: str, tmp_path: Path) -> None:
    example, chance = EXAMPLES[name], random.Random(name)  # noqa: S311 - it is for damage, not for secrets
    write_files(tmp_path, example.files)
    whole = {file: (tmp_path / file).read_bytes() for file in example.files}
    for _ in range(TRIALS):
        for file, payload in whole.items():
            (tmp_path / file).write_bytes(damaged(payload, chance))
        try:
            outcomes = read_export(tmp_path, example.export, example.items)
        except (LabelFormatError, TableFileError):
            continue
        assert all(isinstance(one, Label | LabelFault) for one in outcomes)
        times = [time for one in outcomes if isinstance(one, Label) for time in (one.start_ns, one.end_ns)]
        assert {type(time) for time in times} <= {int, type(None)}
