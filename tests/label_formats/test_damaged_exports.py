"""Damaged spatial exports: whatever the bytes are, there are labels, faults, or one error that says where."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tasks.core.errors import LabelFormatError, TableFileError
from tasks.core.label import ItemName, Label, LabelFault
from tests.label_formats.examples import EXAMPLES
from tests.label_formats.examples.example import PICTURE
from tests.label_formats.exports import read_export
from tests.label_formats.test_contract import write_files

FORMATS = ("cvat", "labelme", "via", "voc", "yolo")
STRANGE: tuple[Any, ...] = (None, True, -1, 10**400, 1e308, "", "x", "nan", "../..", [], [[]], {}, {"a": 1})
TRACK = (
    b"<annotations><meta><task><stop_frame>9</stop_frame><source>t.mp4</source></task></meta>"
    b'<track id="1" label="a">'
    b'<box frame="0" keyframe="1" outside="0" xtl="1" ytl="2" xbr="3" ybr="4" rotation="30"/>'
    b'<polygon frame="3" keyframe="1" outside="0" points="1,1;5,1;5,5"/>'
    b'<polygon frame="6" keyframe="1" outside="0" points="1,1;5,1;5,5;2,3"/>'
    b'<mask frame="8" keyframe="1" outside="1" rle="1,2,1" left="0" top="0" width="2" height="2"/>'
    b"</track></annotations>"
)
VIDEO = ItemName("t.mp4", "video", 8, 8, 400_000_000, 25.0)


def refuse_anything_else(folder: Path, name: str) -> None:
    """Read the export; every outcome has what an outcome must have."""
    example = EXAMPLES[name]
    try:
        outcomes = read_export(folder, example.export, (PICTURE, VIDEO))
    except (LabelFormatError, TableFileError):
        return
    for outcome in outcomes:
        assert isinstance(outcome, Label | LabelFault)
        assert outcome.native_id
        assert outcome.origin


def damaged(content: bytes, seed: int) -> bytes:
    """The content cut, with bytes changed, or with a piece of it twice or gone."""
    chance = random.Random(seed)  # noqa: S311 - damage is no secret
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 4)))
    forms = (
        content[:start],
        content[:start] + noise + content[end:],
        content[:start] + content[start:end] * 2 + content[end:],
        content[:start] + chance.choice((b"\0", b"-", b"9" * 30, b"<", b'"', b"\xff\xfe")) + content[start:],
    )
    return chance.choice(forms)


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_bytes_never_crash_a_reader(name: str, tmp_path: Path) -> None:
    write_files(tmp_path, EXAMPLES[name].files)
    whole = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for seed in range(100):
        for path, content in whole.items():
            path.write_bytes(damaged(content, seed))
            refuse_anything_else(tmp_path, name)
            path.write_bytes(content)


def test_damaged_tracks_never_crash_the_reader(tmp_path: Path) -> None:
    for seed in range(200):
        (tmp_path / "annotations.xml").write_bytes(damaged(TRACK, seed))
        refuse_anything_else(tmp_path, "cvat")


def altered(value: Any) -> Iterator[Any]:
    """The JSON value with each of its values in turn gone or replaced by each strange one."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    for key in keys:
        for strange in STRANGE:
            changed = deepcopy(value)
            changed[key] = strange
            yield changed
        if isinstance(value[key], dict | list):
            for inner in altered(value[key]):
                changed = deepcopy(value)
                changed[key] = inner
                yield changed
        if isinstance(value, dict):
            yield {other: one for other, one in value.items() if other != key}


@pytest.mark.parametrize("name", ["labelme", "via"])
def test_json_with_anything_in_any_place_never_crashes_a_reader(name: str, tmp_path: Path) -> None:
    ((file, content),) = EXAMPLES[name].files.items()
    for changed in altered(content):
        (tmp_path / file).write_text(json.dumps(changed))
        refuse_anything_else(tmp_path, name)
