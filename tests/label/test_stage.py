"""The whole stage over items tables that the tests write themselves."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tasks.core import sorted_runs
from tasks.core.align_entry import Align
from tasks.core.batch import Batch
from tasks.core.batch_file import BatchFile
from tasks.core.clock_entry import Clock
from tasks.core.label_entries import Export, LabelExport, SubtitlesExport, TableExport, TimedExport
from tasks.core.schemas import CONSENSUS, ITEMS, LABEL_REJECTS, LABELS
from tasks.core.source_entries import FilesSource
from tasks.core.stage import StageInput
from tasks.core.tables import read_table, to_table, write_table
from tasks.label import STAGE, LabelParams, blocks

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:05,000 --> 00:00:06,000\nlate\n"


PARAMS = LabelParams("majority", skill_unless_given=0.5, same_from_iou=0.5, relabel_below=0.5)


def an_item(native_id: str, modality: str = "image", **fields: Any) -> dict[str, Any]:
    required = {"batch": "monday", "item_id": f"monday/{native_id}", "modality": modality, "role": modality}
    given = {"session": "all", "clock": "reference", "license": "CC0-1.0", "source": native_id}
    return {**required, **given, "readable": True, **fields}


class Result:
    """The three tables that the stage wrote."""

    def __init__(self, folder: Path) -> None:
        self.labels: list[dict[str, Any]] = read_table(LABELS, folder).to_pylist()
        self.rejects: list[dict[str, Any]] = read_table(LABEL_REJECTS, folder).to_pylist()
        self.consensus: pa.Table = read_table(CONSENSUS, folder)

    def column(self, *names: str) -> list[Any]:
        return [tuple(label[name] for name in names) for label in self.labels]


def run(
    root: Path, exports: tuple[Export, ...], items: list[dict[str, Any]], files: dict[str, str]
) -> Result:
    folder = root / "data" / "batches" / "monday"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_table(ITEMS, to_table(ITEMS, items), root / "data" / "collected" / "monday")
    clocks = {"camera": Clock(offset=0), "recorder": Clock(offset=0)}
    sources = tuple(FilesSource("files", ".", clock=clock) for clock in clocks)
    align = Align("key", "image")
    batch = Batch("monday", folder, BatchFile("a test", "CC0-1.0", sources, align, exports, dict(clocks)))
    (root / "out").mkdir(exist_ok=True)
    STAGE.build(StageInput(root, STAGE.reads, (batch,), 1), PARAMS, root / "out")
    return Result(root / "out")


def coco(*annotations: dict[str, Any], **content: Any) -> str:
    images = [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "gone.jpg"}]
    numbered = [{"id": number, "image_id": 1, **annotation} for number, annotation in enumerate(annotations)]
    return json.dumps({"images": images, "annotations": numbered, **content})


def test_every_annotation_becomes_a_label_or_a_reject(tmp_path: Path) -> None:
    annotations = (
        {"caption": "a dog"},
        {"caption": "a dog", "image_id": 2},
        {"caption": ""},
        {"caption": "again", "id": 0},
        {"caption": "again", "id": 0},
        {"category_id": 5, "bbox": [0, 0, 500, 5]},
        {"category_id": 5, "bbox": [0, 0, 5, 5]},
    )
    text = coco(*annotations, categories=[{"id": 5, "name": "dog"}])
    items = [an_item("a.jpg", width=100, height=50)]
    result = run(tmp_path, (LabelExport("coco", "coco.json"),), items, {"coco.json": text})
    assert len(result.labels) + len(result.rejects) == len(annotations)
    assert result.column("label_id", "item_id", "task", "format", "origin") == [
        ("monday/coco.json:0", "monday/a.jpg", "caption", "coco", "coco.json#0"),
        ("monday/coco.json:6", "monday/a.jpg", "detection", "coco", "coco.json#6"),
    ]
    assert [(row["table"], row["row_id"], row["reason"]) for row in result.rejects] == [
        ("coco.json", "monday/coco.json:0~2", "repeated"),
        ("coco.json", "monday/coco.json:0~3", "repeated"),
        ("coco.json", "monday/coco.json:1", "item_not_found"),
        ("coco.json", "monday/coco.json:2", "malformed"),
        ("coco.json", "monday/coco.json:5", "box_outside_image"),
    ]


def test_times_without_a_clock_are_moved_onto_the_clock_of_their_item(tmp_path: Path) -> None:
    items = [an_item("a.wav", "audio", clock="recorder", start_ns=500, duration_ns=3_000_000_000)]
    exports = (SubtitlesExport("subtitles", "a.srt"),)
    result = run(tmp_path, exports, items, {"a.srt": SRT})
    assert result.column("item_id", "clock", "start_ns", "end_ns") == [
        ("monday/a.wav", "recorder", 1_000_000_500, 2_000_000_500)
    ]
    (late,) = result.rejects
    assert (late["row_id"], late["reason"]) == ("monday/a.srt:2", "beyond_media_end")
    assert late["detail"] == "a.srt:6: the label ends at 6 s, the media after 3 s"


def test_times_on_a_clock_of_their_own_stay(tmp_path: Path) -> None:
    items = [an_item("a.wav", "audio", clock="recorder", start_ns=500, duration_ns=3_000_000_000)]
    exports = (SubtitlesExport("subtitles", "t.srt", item="a.wav", clock="camera"),)
    result = run(tmp_path, exports, items, {"t.srt": SRT})
    assert result.column("clock", "start_ns", "end_ns") == [
        ("camera", 1_000_000_000, 2_000_000_000),
        ("camera", 5_000_000_000, 6_000_000_000),
    ]


def test_a_label_without_times_has_no_clock(tmp_path: Path) -> None:
    exports = (LabelExport("coco", "coco.json"),)
    items = [an_item("a.jpg", clock="camera", start_ns=5)]
    result = run(tmp_path, exports, items, {"coco.json": coco({"caption": "a dog"})})
    assert result.column("clock", "start_ns", "end_ns") == [(None, None, None)]


def test_a_label_about_an_item_that_cannot_be_read_is_imported_for_the_gate_to_judge(tmp_path: Path) -> None:
    items = [an_item("a.jpg", readable=False, error="truncated: the file ends early")]
    exports = (LabelExport("coco", "coco.json"),)
    result = run(tmp_path, exports, items, {"coco.json": coco({"caption": "a dog"})})
    assert (len(result.labels), result.rejects) == (1, [])


def test_a_table_that_is_named_twice_gives_labels_of_both_kinds(tmp_path: Path) -> None:
    exports = (
        TableExport("table", "t.csv", "id", "sentiment", "mood"),
        TableExport("table", "t.csv", "id", "caption", None, "words"),
    )
    items = [an_item("t.csv#r1", "text")]
    result = run(tmp_path, exports, items, {"t.csv": "id,mood,words\nr1,glad,fine day\n"})
    assert result.column("label_id", "item_id", "task", "label", "text") == [
        ("monday/t.csv:2", "monday/t.csv#r1", "sentiment", "glad", None),
        ("monday/t.csv~2:2", "monday/t.csv#r1", "caption", None, "fine day"),
    ]


def test_several_annotators_give_a_consensus(tmp_path: Path) -> None:
    exports = (TableExport("table", "t.csv", "file", "classification", "kind", annotator="by"),)
    table = "file,kind,by\na.jpg,cat,ann\na.jpg,cat,bob\na.jpg,dog,eve\nb.jpg,dog,ann\n"
    result = run(tmp_path, exports, [an_item("a.jpg"), an_item("b.jpg")], {"t.csv": table})
    assert result.consensus.select(["item_id", "question", "label", "votes", "tie"]).to_pylist() == [
        {"item_id": "monday/a.jpg", "question": "", "label": "cat", "votes": 3, "tie": False}
    ]


def test_a_broken_export_is_a_reject_and_the_others_are_imported(tmp_path: Path) -> None:
    exports = (
        LabelExport("coco", "coco.json"),
        TableExport("table", "t.csv", "file", "classification", "kind"),
    )
    files = {"coco.json": "{", "t.csv": "file,kind\na.jpg,cat\n"}
    result = run(tmp_path, exports, [an_item("a.jpg")], files)
    assert len(result.labels) == 1
    (reject,) = result.rejects
    assert (reject["row_id"], reject["reason"]) == ("monday/coco.json:export", "export_broken")
    assert "line 1: not JSON" in str(reject["detail"])
    assert str(tmp_path) not in str(reject["detail"])


def test_an_export_in_a_wrong_encoding_says_so(tmp_path: Path) -> None:
    place = tmp_path / "data" / "batches" / "monday" / "talk.srt"
    place.parent.mkdir(parents=True)
    place.write_bytes("1\n00:00:01,000 --> 00:00:02,000\ncaf\xe9\n".encode("latin-1"))
    export = SubtitlesExport("subtitles", "talk.srt", item="a.wav")
    (reject,) = run(tmp_path, (export,), [an_item("a.wav", "audio")], {}).rejects
    assert (reject["row_id"], reject["reason"]) == ("monday/talk.srt:export", "wrong_encoding")


def test_a_batch_without_exports_has_empty_tables(tmp_path: Path) -> None:
    result = run(tmp_path, (), [an_item("a.jpg")], {})
    assert (result.labels, result.rejects, result.consensus.num_rows) == ([], [], 0)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    text = coco(*({"caption": f"dog {number}"} for number in range(50)))
    written = []
    for name in ("one", "two"):
        run(tmp_path / name, (LabelExport("coco", "c.json"),), [an_item("a.jpg")], {"c.json": text})
        written.append([path.read_bytes() for path in sorted((tmp_path / name / "out").iterdir())])
    assert written[0] == written[1]
    assert len(written[0]) == 5


RTTM_LIKE = "file,kind,by,from,to\n" + "".join(
    f"{name},{kind},ann,{start},{end}\n"
    for name, kind, start, end in [
        ("a.wav", "hum", "0.5", "1.25"),
        ("gone.wav", "hum", "0", "1"),
        ("a.wav", "", "0", "1"),
        ("a.wav", "hum", "2", "1"),
        ("a.wav", "hum", "2", "9"),
    ]
)


@pytest.mark.parametrize(("block_rows", "run_bytes"), [(1, 10**9), (2, 1), (8_192, 1), (3, 2_000)])
def test_blocks_and_runs_of_any_size_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_rows: int, run_bytes: int
) -> None:
    columns = TableExport("table", "t.csv", "file", "event", "kind", None, "from", "to", "by")
    exports = (LabelExport("coco", "c.json"), columns, LabelExport("coco", "c.json"))
    annotations = [{"caption": f"dog {number}", "id": number % 17} for number in range(20)]
    files = {
        "c.json": coco(*annotations, {"caption": ""}, {"image_id": 2, "caption": "a"}),
        "t.csv": RTTM_LIKE,
    }
    items = [an_item("a.jpg"), an_item("a.wav", "audio", duration_ns=3_000_000_000)]
    written = []
    for name in ("whole", "small"):
        result = run(tmp_path / name, exports, items, files)
        assert (len(result.labels), len(result.rejects)) == (17 + 1 + 17, 5 + 4 + 5)
        written.append([path.read_bytes() for path in sorted((tmp_path / name / "out").iterdir())])
        monkeypatch.setattr(blocks, "BLOCK_ROWS", block_rows)
        monkeypatch.setattr(sorted_runs, "RUN_BYTES", run_bytes)
    assert written[0] == written[1]


def test_an_export_that_names_other_media_is_told_which_entry_would_mend_it(tmp_path: Path) -> None:
    rttm = "SPEAKER other 1 0 1 <NA> <NA> ann <NA> <NA>\n"
    items = [an_item("media/talk.wav", "audio", duration_ns=3_000_000_000)]
    result = run(tmp_path, (TimedExport("rttm", "x.rttm"),), items, {"x.rttm": rttm})
    (reject,) = result.rejects
    assert reject["reason"] == "item_not_found"
    assert "say which it is about: `item: media/talk.wav` in its entry" in reject["detail"]
    result = run(tmp_path, (TimedExport("rttm", "x.rttm", item="talk.wav"),), items, {"x.rttm": rttm})
    assert len(result.labels) == 1
