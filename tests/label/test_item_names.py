from pathlib import Path

import numpy as np

from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.label_entries import LabelExport
from tasks.core.schemas import FRAMES, ITEMS
from tasks.core.source_entries import FilesSource
from tasks.core.stage import StageInput
from tasks.core.tables import rows_to_table, to_table, write_table
from tasks.label.item_names import read_item_names


def test_formats_are_told_when_the_frames_of_each_video_are(tmp_path: Path) -> None:
    frames = [("v.mp4", 0, 0), ("v.mp4", 1, 40_000_000), ("w.mp4", 0, 5)]
    rows = [
        {"batch": "b", "item_id": f"b/{name}", "frame": frame, "time_ns": time_ns}
        for name, frame, time_ns in frames
    ]
    write_table(FRAMES, to_table(FRAMES, rows), tmp_path / "data" / "collected" / "b")
    entries = (LabelExport("coco", "c.json"),)
    file = BatchFile("a test", "CC0-1.0", (FilesSource("files", "."),), Align("key", "image"), entries, {})
    inputs = StageInput(tmp_path, ("collected",), (Batch("b", tmp_path, file),), 1)
    given = [
        ("a.jpg", "image", None),
        ("v.mp4", "video", 25.0),
        ("w.mp4", "video", 30.0),
        ("x.mp4", "video", 9.0),
    ]
    items = [
        {
            "item_id": f"b/{name}",
            "modality": kind,
            "width": 4,
            "height": 3,
            "duration_ns": 80,
            "frame_rate": rate,
        }
        for name, kind, rate in given
    ]
    names = read_item_names(inputs, rows_to_table(ITEMS, items))
    assert [(name.native_id, name.modality, name.frame_rate) for name in names] == given
    assert [(name.width, name.height, name.duration_ns) for name in names] == [(4, 3, 80)] * 4
    assert [None if name.frame_times_ns is None else name.frame_times_ns.tolist() for name in names] == [
        None,
        [0, 40_000_000],
        [5],
        None,
    ]
    assert names[1].frame_times_ns is not None
    assert names[1].frame_times_ns.dtype == np.int64


def test_without_a_video_the_table_of_frames_is_not_asked_for(tmp_path: Path) -> None:
    file = BatchFile("a test", "CC0-1.0", (FilesSource("files", "."),), Align("key", "image"), (), {})
    inputs = StageInput(tmp_path, ("collected",), (Batch("b", tmp_path, file),), 1)
    (name,) = read_item_names(inputs, rows_to_table(ITEMS, [{"item_id": "b/a.wav", "modality": "audio"}]))
    assert (name.native_id, name.frame_times_ns) == ("a.wav", None)
