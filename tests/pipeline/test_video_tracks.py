"""Tracks on a real video of varying frame rate, by CVAT and by Label Studio: a label a frame, at its time."""

import json

from tasks.core.schemas import ITEMS, LABEL_REJECTS, LABELS
from tasks.core.tables import read_table
from tests.conftest import Repository
from tests.media.filming import SIDE, Film, film

# Frame 2 stays for 60 ms, the others for 20 ms.
TIMES_MS = (0, 20, 40, 100, 120)
BATCH = """\
about: A car crosses the street
license: CC0-1.0
sources: [{kind: files, path: street.mp4, video: {frames_per_second: 50}}]
labels: [{format: cvat, path: street.xml}, {format: label_studio, path: street.json}]
align: {method: timestamp, reference: image}
"""
WIDTH, HEIGHT = SIDE


def cvat_box(frame: int, left: int, outside: int) -> str:
    place = f'xtl="{left}" ytl="8" xbr="{left + 16}" ybr="24"'
    return f'<box frame="{frame}" keyframe="1" outside="{outside}" occluded="0" {place}/>'


def cvat() -> str:
    meta = "<meta><task><id>1</id><size>5</size></task><source>street.mp4</source></meta>"
    shapes = cvat_box(1, 0, 0) + cvat_box(3, 8, 0) + cvat_box(4, 8, 1)
    return f'<annotations>{meta}<track id="7" label="car" source="manual">{shapes}</track></annotations>'


def label_studio() -> str:
    """The same track: in percent, frames from 1, and with the 24 frames a second that nobody measured."""

    def key(frame: int, left: int, *, enabled: bool) -> dict[str, object]:
        place = {"x": 100 * left / WIDTH, "y": 800 / HEIGHT, "width": 1600 / WIDTH, "height": 1600 / HEIGHT}
        return {"frame": frame, "enabled": enabled, "rotation": 0, "time": (frame - 1) / 24, **place}

    sequence = [key(2, 0, enabled=True), key(4, 8, enabled=False)]
    value = {"framesCount": 4, "duration": 0.14, "sequence": sequence, "labels": ["car"]}
    result = {"id": "r", "type": "videorectangle", "from_name": "box", "to_name": "video", "value": value}
    annotation = {"id": 5, "completed_by": 3, "result": [result]}
    return json.dumps(
        [{"id": 1, "data": {"video": "/data/upload/8/street.mp4"}, "annotations": [annotation]}]
    )


def test_both_tools_give_the_same_boxes_at_the_true_times_of_the_frames(repository: Repository) -> None:
    files = {"street.mp4": film(Film(times_ms=TIMES_MS)), "street.xml": cvat().encode()}
    repository.add_batch("street", BATCH, files | {"street.json": label_studio().encode()})
    repository.run("collect", "label", "encode", "align", "validate")
    assert read_table(LABEL_REJECTS, repository.data / "labels" / "street").num_rows == 0
    rows = read_table(LABELS, repository.data / "labels" / "street").to_pylist()
    for tool in ("cvat", "label_studio"):
        tracked = [
            (row["x"], row["width"], row["start_ns"] // 10**6, row["end_ns"] // 10**6)
            for row in rows
            if row["format"] == tool
        ]
        assert sorted(tracked) == [(0.0, 16.0, 20, 40), (4.0, 16.0, 40, 100), (8.0, 16.0, 100, 120)]
    items = read_table(ITEMS, repository.data / "collected" / "street")
    assert items["item_id"].to_pylist() == [
        "street/street.mp4",
        *(f"street/street.mp4#frame-{number:06d}" for number in range(5)),
    ]
