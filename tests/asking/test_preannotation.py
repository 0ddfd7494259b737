"""What is shown to a person, read back by the importer, is what was known."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.asking.controls import Control
from tasks.asking.preannotation import results_of
from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.label import Label
from tasks.core.label_entries import LabelStudioExport
from tasks.core.source_entries import FilesSource
from tasks.label_formats import LABEL_FORMATS

Row = dict[str, Any]
EMPTY: Row = dict.fromkeys(
    (
        "label",
        "text",
        "x",
        "y",
        "width",
        "height",
        "rotation",
        "polygon",
        "keypoints",
        "clock",
        "start_ns",
        "end_ns",
    )
)
PICTURE: Row = {"modality": "image", "width": 633, "height": 477, "clock": "reference", "start_ns": None}
SOUND: Row = (
    PICTURE
    | {"modality": "audio", "width": None, "height": None}
    | {"clock": "recorder", "start_ns": 7_000_000_123}
)


def read_back(folder: Path, item: Row, control: Control, *labels: Row) -> list[Label]:
    """The labels that the results of these labels are."""
    results = results_of(item, control, [EMPTY | label for label in labels])
    data = {
        "modalweave_item": "a",
        "modalweave_asked": {control.name: {"task": control.task, "question": control.question}},
    }
    (folder / "ls.json").write_text(
        json.dumps([{"id": 1, "data": data, "annotations": [{"id": 1, "result": results}]}])
    )
    entry = LabelStudioExport("label_studio", "ls.json")
    file = BatchFile("x", "CC0-1.0", (FilesSource("files", "."),), Align("key", "image"), (entry,))
    found = list(LABEL_FORMATS["label_studio"].read(Batch("b", folder, file), entry, ()))
    return [outcome for outcome in found if isinstance(outcome, Label)]


def of(kind: str, task: str, question: str = "") -> Control:
    return Control("asked", kind, task, question, ("cat", "dog"))


PIXELS = st.floats(0, 400, width=32)
TIMES = st.integers(0, 10**15)


@settings(deadline=None)
@given(st.tuples(PIXELS, PIXELS, PIXELS, PIXELS), st.sampled_from([None, 0.0, 30.0, 270.5]))
def test_a_rectangle_keeps_its_pixels_and_its_turn(
    tmp_path_factory: pytest.TempPathFactory, box: tuple[float, ...], rotation: float | None
) -> None:
    label = dict(zip(("x", "y", "width", "height"), box, strict=True)) | {
        "label": "cat",
        "rotation": rotation,
    }
    (found,) = read_back(tmp_path_factory.mktemp("ls"), PICTURE, of("rectanglelabels", "detection"), label)
    assert (found.task, found.label, found.rotation) == ("detection", "cat", rotation or 0)
    assert (found.x, found.y, found.width, found.height) == pytest.approx(box, abs=1e-9)


@settings(deadline=None)
@given(TIMES, TIMES)
def test_a_span_keeps_its_nanoseconds(tmp_path_factory: pytest.TempPathFactory, one: int, other: int) -> None:
    start_ns, end_ns = sorted((one, other))
    times = {
        "start_ns": start_ns + SOUND["start_ns"],
        "end_ns": end_ns + SOUND["start_ns"],
        "clock": "recorder",
    }
    (found,) = read_back(
        tmp_path_factory.mktemp("ls"), SOUND, of("labels", "event"), {"label": "dog", **times}
    )
    assert (found.task, found.label, found.start_ns, found.end_ns) == ("event", "dog", start_ns, end_ns)


def test_outlines_and_points_keep_their_pixels(tmp_path: Path) -> None:
    outline = [10.0, 20.0, 110.0, 20.0, 60.0, 90.0]
    (found,) = read_back(
        tmp_path, PICTURE, of("polygonlabels", "segmentation"), {"label": "cat", "polygon": [outline]}
    )
    assert found.polygon is not None
    assert found.polygon[0] == pytest.approx(outline)
    (point,) = read_back(
        tmp_path, PICTURE, of("keypointlabels", "keypoints"), {"label": "dog", "x": 7.0, "y": 9.0}
    )
    assert (point.x, point.y) == pytest.approx((7, 9))
    assert point.width is None


@pytest.mark.parametrize(("task", "question"), [("sentiment", ""), ("classification", "kind")])
def test_a_choice_comes_back_as_the_task_and_question_that_were_asked(
    tmp_path: Path, task: str, question: str
) -> None:
    (found,) = read_back(tmp_path, PICTURE, of("choices", task, question), {"label": "cat"})
    assert (found.task, found.question or "", found.label, found.text) == (task, question, "cat", None)


@pytest.mark.parametrize(("task", "label", "text"), [("vqa", "two", None), ("caption", None, "two")])
def test_written_text_names_an_answer_and_is_a_caption(
    tmp_path: Path, task: str, label: str | None, text: str | None
) -> None:
    (found,) = read_back(tmp_path, PICTURE, of("textarea", task), {"label": label, "text": text})
    assert (found.task, found.label, found.text) == (task, label, text)


@pytest.mark.parametrize(
    ("item", "control", "label"),
    [
        (PICTURE, of("rectanglelabels", "detection"), {"label": "cat", "x": 1.0, "y": 1.0}),
        (
            PICTURE,
            of("rectanglelabels", "detection"),
            {"label": "cow", "x": 1.0, "y": 1.0, "width": 1.0, "height": 1.0},
        ),
        (PICTURE, of("polygonlabels", "segmentation"), {"label": "cat", "polygon": [[0.0] * 6, [0.0] * 6]}),
        (SOUND, of("labels", "event"), {"label": "cat", "start_ns": 1, "end_ns": 2, "clock": "camera"}),
        (SOUND, of("labels", "event"), {"label": "cat", "start_ns": 1}),
        (PICTURE, of("textarea", "caption"), {}),
    ],
)
def test_what_has_no_such_form_is_not_shown(item: Row, control: Control, label: Row) -> None:
    assert results_of(item, control, [EMPTY | label]) == []
