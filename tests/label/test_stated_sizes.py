"""What an export states of a picture's size is judged the same for every format."""

from pathlib import Path
from typing import Any

import pytest

from tasks.core.rejects import Reason
from tests.label.test_stage import an_item, run
from tests.label_formats.examples import EXAMPLES
from tests.label_formats.test_contract import write_files

SPATIAL = sorted(name for name, example in EXAMPLES.items() if example.spatial)
# YOLO has shares, VIA the size of the file in bytes, ILSVRC's lists nothing.
STATING = sorted({*SPATIAL} - {"yolo", "via", "ilsvrc"})


def outcome(tmp_path: Path, name: str, width: int, height: int) -> tuple[list[Any], list[Any]]:
    """What becomes of the first label of the format's example, about a picture of that size."""
    example = EXAMPLES[name]
    folder = tmp_path / "data" / "batches" / "monday"
    folder.mkdir(parents=True)
    write_files(folder, example.files)
    (named,) = {label.media for label in example.expected}
    items = [an_item("images/a.jpg" if "a.jpg" in named else named, width=width, height=height)]
    result = run(tmp_path, (example.export,), items, {})
    placed = [label for label in result.labels if label["x"] is not None]
    return placed, [row for row in result.rejects if row["reason"] == Reason.WRONG_SIZE]


def test_every_spatial_format_states_the_size_of_a_picture_or_is_known_to_state_none() -> None:
    stated = [name for name in SPATIAL if EXAMPLES[name].expected[0].stated_width]
    assert stated == STATING


@pytest.mark.parametrize("name", STATING)
def test_a_box_in_a_picture_of_the_stated_size_is_not_refused_for_it(name: str, tmp_path: Path) -> None:
    assert outcome(tmp_path, name, 640, 480)[1] == []


@pytest.mark.parametrize("name", STATING)
@pytest.mark.parametrize(
    ("size", "hint"), [((1280, 960), "was it scaled?"), ((480, 640), "was it turned (EXIF)?")]
)
def test_a_box_in_a_picture_of_another_size_is_refused(
    name: str, size: tuple[int, int], hint: str, tmp_path: Path
) -> None:
    placed, (refused,) = outcome(tmp_path, name, *size)
    assert placed == []
    told = f"a picture of 640 x 480 pixels, but 'monday/images/a.jpg' has {size[0]} x {size[1]}; {hint}"
    assert told in refused["detail"]
