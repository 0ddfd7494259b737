from pathlib import Path
from typing import Any

import pytest

from tasks.core.label import Label, LabelFault
from tasks.core.label_entries import TimedExport
from tasks.core.rejects import Reason
from tasks.core.times import seconds_to_ns
from tests.label_formats.exports import labels_of, read_export, write_json


def read(folder: Path, *annotations: Any, **options: Any) -> list[Label | LabelFault]:
    write_json(folder / "a.jams", {"annotations": list(annotations), "file_metadata": {"duration": 9}})
    return read_export(folder, TimedExport("jams", "a.jams", **options))


def annotation(namespace: str, *values: Any, **others: Any) -> dict[str, Any]:
    data = [{"time": 1, "duration": 0.5, "value": value, "confidence": None} for value in values]
    return {"namespace": namespace, "data": data, **others}


@pytest.mark.parametrize(
    ("value", "label", "attributes"),
    [
        ("siren", "siren", {}),
        (3, "3", {}),
        (None, "some", {}),
        ([1, 2], "some", {"value": "[1, 2]"}),
        ({"label": "siren", "snr": 2.5, "x": None}, "siren", {"snr": "2.5"}),
        ({"label": 3}, "3", {}),
        ({"tonic": "C", "mode": "major"}, "some", {"tonic": "C", "mode": "major"}),
    ],
)
def test_a_value_is_a_label_and_attributes(
    tmp_path: Path, value: Any, label: str, attributes: dict[str, str]
) -> None:
    (found,) = read(tmp_path, annotation("some", value))
    assert isinstance(found, Label)
    assert (found.label, found.attributes) == (label, {"namespace": "some", **attributes})
    assert (found.start_ns, found.end_ns) == (1_000_000_000, 1_500_000_000)


def test_the_namespace_tells_the_task_and_the_entry_goes_before_it(tmp_path: Path) -> None:
    annotations = [annotation(name, "x") for name in ("lyrics", "tag_open", "beat")]
    found = read(tmp_path, *annotations)
    assert [(one.task, one.label, one.text) for one in found if isinstance(one, Label)] == [
        ("transcript", None, "x"),
        ("classification", "x", None),
        ("event", "x", None),
    ]
    (other,) = read(tmp_path, annotations[0], task="sentiment")
    assert isinstance(other, Label)
    assert (other.task, other.label, other.text) == ("sentiment", "x", None)


@pytest.mark.parametrize(
    ("metadata", "annotator"),
    [
        ({"annotator": {"name": "ann"}, "curator": {"name": "ben"}}, "ann"),
        ({"annotator": {}, "curator": {"name": "", "email": "ben@example.org"}}, "ben@example.org"),
        ({"annotator": {"id": 7}}, "me"),
        (None, "me"),
    ],
)
def test_the_annotator_is_whom_the_metadata_name(tmp_path: Path, metadata: Any, annotator: str) -> None:
    (found,) = read(tmp_path, annotation("beat", 1, annotation_metadata=metadata), annotator="me")
    assert isinstance(found, Label)
    assert found.annotator == annotator


def test_dense_data_are_observations_too(tmp_path: Path) -> None:
    dense = {"time": [0.1, 0.2], "duration": [0, 0.1], "value": [1.5, None], "confidence": [0.5, -3]}
    first, second = read(tmp_path, {"namespace": "pitch", "data": dense})
    assert isinstance(first, Label)
    assert isinstance(second, Label)
    assert (first.label, first.start_ns, first.end_ns, first.confidence) == (
        "1.5",
        100_000_000,
        100_000_000,
        0.5,
    )
    assert (second.confidence, second.attributes) == (None, {"namespace": "pitch", "score": "-3"})


def test_what_cannot_be_read_is_a_fault_and_the_next_is_read(tmp_path: Path) -> None:
    broken = {"namespace": "x", "data": [{"time": "1"}, 7, {"time": 1, "duration": True}]}
    outcomes = read(tmp_path, 3, {"data": []}, broken, {"namespace": "x"}, annotation("x", "y"))
    assert [(one.native_id, one.reason) for one in outcomes if isinstance(one, LabelFault)] == [
        ("1", Reason.MALFORMED),
        ("2", Reason.MALFORMED),
        ("3/1", Reason.MALFORMED),
        ("3/2", Reason.MALFORMED),
        ("3/3", Reason.MALFORMED),
        ("4", Reason.MALFORMED),
    ]
    assert [one.native_id for one in outcomes if isinstance(one, Label)] == ["5/1"]


def test_real_soundscapes_say_what_their_tables_say(corpora: Path) -> None:
    folder = corpora / "scaper_soundscapes"
    events = 0
    for path in sorted(folder.glob("*.jams")):
        found = labels_of(folder, TimedExport("jams", path.name))
        heard = [one for one in found if one.attributes and one.attributes.get("role") == "foreground"]
        rows = [line.split("\t") for line in path.with_suffix(".txt").read_text("utf-8").splitlines()]
        assert [one.label for one in heard] == [row[2] for row in rows]
        for one, row in zip(heard, rows, strict=True):
            # The tables of 2019 have six digits after the point.
            assert abs(one.start_ns - seconds_to_ns(row[0])) <= 500  # type: ignore[operator] # it has times
            assert abs(one.end_ns - seconds_to_ns(row[1])) <= 500  # type: ignore[operator] # it has times
        events += len(heard)
    assert events == 12
