import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.core.errors import LabelFormatError
from tasks.core.label import ItemName
from tasks.core.label_entries import LabelStudioExport
from tests.label_formats.exports import read_export, write_json
from tests.label_formats.label_studio_tasks import BOX, result

VIDEO = ItemName("a.mp4", "video", 200, 100, 400_000_000, frame_rate=25.0)
SPAN = {"start": 1.5, "end": 2}
RESULTS = [
    result("rectanglelabels", {**BOX, "rotation": 3, "rectanglelabels": ["c"]}, id="b", parentID="e"),
    result("ellipselabels", {"x": 1, "y": 2, "radiusX": 3, "radiusY": 4, "ellipselabels": ["c"]}, id="e"),
    result("polygonlabels", {"points": [[1, 2], [3, 4], [5, 9]], "polygonlabels": ["c"]}, id="p"),
    result("brushlabels", {"format": "rle", "rle": [0, 0, 0, 4, 56], "brushlabels": ["c"]}, id="m"),
    result("timeserieslabels", {**SPAN, "instant": False, "timeserieslabels": ["c"]}, id="s"),
    result("labels", {**SPAN, "channel": 0, "labels": ["c"]}, id="l"),
    result("timelinelabels", {"ranges": [{"start": 3, "end": 5}], "timelinelabels": ["c"]}, id="t"),
    result("videorectangle", {"sequence": [{"frame": 1, "enabled": True, **BOX}], "labels": ["c"]}, id="v"),
    result("taxonomy", {"taxonomy": [["a", "b"]]}, id="x"),
    result("textarea", {"text": ["a"]}, id="y"),
    {"type": "relation", "from_id": "b", "to_id": "e", "direction": "left", "labels": ["on"]},
]
TASKS: list[Any] = [
    {
        "id": 1,
        "data": {"media": "a.mp4", "item_id": "7"},
        "annotations": [{"id": 5, "completed_by": {"id": 3}, "created_at": "x", "result": RESULTS}],
        "predictions": [{"model_version": "v", "score": 0.5, "result": [{**RESULTS[8], "score": 0.4}]}],
    }
]
JUNK: tuple[Any, ...] = (None, True, -1, 1e308, 10**40, "", "2020-01-01", [], {}, [[None]], {"a": 1}, -5.5)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


def test_no_value_of_a_wrong_kind_hurts_wherever_it_stands(tmp_path: Path) -> None:
    export = LabelStudioExport("label_studio", "ls.json", predictions=True, clock="camera")
    read = refused = 0
    for number, path in enumerate(places(TASKS)):
        tasks = json.loads(json.dumps(TASKS))
        inner = tasks
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = copy.deepcopy(JUNK[number % len(JUNK)])
        write_json(tmp_path / "ls.json", tasks)
        try:
            assert read_export(tmp_path, export, [VIDEO]) or path[1:] in ((), ("annotations",))
            read += 1
        except LabelFormatError:
            refused += 1
    assert (read > 150, refused) == (True, 2)
