"""Real data through the same commands as a user's: the counts that the corpora's own pages give."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from PIL import Image

from tasks.audit import audit
from tasks.core.schemas import ALIGN_REJECTS, CONSENSUS, ITEMS, LABEL_REJECTS, LABELS, LINKS, TableSpec
from tasks.core.tables import read_table
from tests.pipeline.conftest import Checkout, check_out

BATCHES = {
    "coco": """\
about: COCO photos with captions, boxes, questions and answers
license: CC-BY-2.0
sources: [{{kind: files, path: {corpora}/coco_cc/images, session: "{{stem}}"}}]
labels:
  - {{format: coco, path: {corpora}/coco_cc/annotations/captions.json}}
  - {{format: coco, path: {corpora}/coco_cc/annotations/instances.json}}
  - {{format: vqa, path: {corpora}/vqa_v2/questions.json, answers: {corpora}/vqa_v2/annotations.json}}
align: {{method: key, reference: image}}
""",
    "clothing": """\
about: Clothes in class folders
license: CC0-1.0
sources: [{{kind: files, path: {corpora}/clothing_small/validation, session: "{{stem}}"}}]
labels: [{{format: imagenet, path: {corpora}/clothing_small/validation}}]
align: {{method: key, reference: image}}
""",
    "praat": """\
about: Speech with its words
license: MIT
sources: [{{kind: files, path: speech/, session: "{{stem}}"}}]
labels: [{{format: textgrid, path: speech/}}]
align: {{method: timestamp, reference: transcript}}
""",
    "tum": """\
about: Camera, depth and pose on one clock
license: CC-BY-4.0
sources:
  - {{kind: table, path: rgb.txt, delimiter: " ", comment: "#", columns: [timestamp, path], media: path,
     time: timestamp, role: rgb}}
  - {{kind: table, path: depth.txt, delimiter: " ", comment: "#", columns: [timestamp, path], media: path,
     time: timestamp, role: depth}}
  - {{kind: table, path: groundtruth.txt, delimiter: " ", comment: "#", time: timestamp, role: pose,
     columns: [timestamp, tx, ty, tz, qx, qy, qz, qw], values: [tx, ty, tz, qx, qy, qz, qw]}}
align: {{method: timestamp, reference: rgb, tolerance: 20ms}}
""",
    "labelstudio": """\
about: Label Studio exports of several kinds
license: Apache-2.0
sources: [{{kind: files, path: media/, session: "{{stem}}"}}]
labels:
  - {{format: label_studio, path: data/test_export_coco/data.json}}
  - {{format: label_studio, path: data/test_export_yolo/data_obb.json}}
  - {{format: label_studio, path: data/test_export_json_min/data.json}}
  - {{format: label_studio, path: data/test_export_csv/csv_test2.json}}
align: {{method: key, reference: image}}
""",
}
BROUGHT = {"tum": "tum_fr1_desk_mini", "labelstudio": "labelstudio_exports"}


SHOWN = {  # the exports came without their pictures: grey ones of the stated size stand in
    "data/test_export_coco/data.json": "{name}",
    "data/test_export_yolo/data_obb.json": "{name}.png",
    "data/test_export_json_min/data.json": "{name}",
}


def results(export: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every annotated region of the export with the file name of the picture it is about."""
    return [
        (Path(task["data"]["image"]).name, result)
        for task in json.loads(export.read_text(encoding="utf-8"))
        for annotation in task["annotations"]
        for result in annotation["result"]
    ]


def stand_in_pictures(batch: Path) -> None:
    (batch / "media").mkdir()
    for export, pattern in SHOWN.items():
        for name, result in results(batch / export):
            size = (result["original_width"], result["original_height"])
            Image.new("RGB", size, "grey").save(batch / "media" / pattern.format(name=name))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, corpora: Path) -> Checkout:
    """Five batches of real data, built with `dvc repro`."""
    folder = tmp_path_factory.mktemp("real")
    for name, text in BATCHES.items():
        batch = folder / "batches" / name
        if name in BROUGHT:
            shutil.copytree(corpora / BROUGHT[name], batch)
        batch.mkdir(parents=True, exist_ok=True)
        (batch / "batch.yaml").write_text(text.format(corpora=corpora))
    examples = corpora / "praat_textgrid" / "examples" / "files"
    shutil.copytree(examples, folder / "batches" / "praat" / "speech")
    stand_in_pictures(folder / "batches" / "labelstudio")
    checkout = check_out(folder / "project", folder / "batches")
    checkout.dvc("repro")
    return checkout


def table(real: Checkout, spec: TableSpec, batch: str) -> pa.Table:
    return read_table(spec, real.root / "data" / spec.folder / batch)


def counts(table: pa.Table, column: str) -> dict[str, int]:
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(table[column]).to_pylist()}


def verdict(real: Checkout, batch: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((real.root / "data/validated" / batch / "verdict.json").read_text())
    return found


def test_coco_photos_have_their_captions_boxes_questions_and_all_ten_answers(real: Checkout) -> None:
    assert table(real, ITEMS, "coco").num_rows == 96
    labels = table(real, LABELS, "coco")
    found = counts(labels, "task")
    assert found["caption"] == 480
    assert found.get("detection", 0) + found.get("segmentation", 0) == 802
    assert found["vqa"] == 80
    assert table(real, LABEL_REJECTS, "coco").num_rows == 0
    boxed = labels.filter(pc.is_valid(labels["x"]))
    assert pc.count_distinct(boxed["item_id"]).as_py() == 73
    consensus = table(real, CONSENSUS, "coco")
    assert consensus.filter(pc.equal(consensus["task"], "vqa"))["votes"].to_pylist() == [10] * 8
    assert verdict(real, "coco")["accepted"] is True


def test_clothes_have_the_class_of_their_folder(real: Checkout) -> None:
    labels = table(real, LABELS, "clothing")
    assert labels.num_rows == table(real, ITEMS, "clothing").num_rows == 341
    found = counts(labels, "label")
    assert (len(found), min(found.values()), max(found.values())) == (10, 12, 81)
    assert verdict(real, "clothing")["accepted"] is True


def test_rgb_frames_meet_depth_and_pose_within_20_ms_one_to_one(real: Checkout) -> None:
    items = table(real, ITEMS, "tum")
    assert counts(items, "role") == {"rgb": 613, "depth": 595, "pose": 2335}
    links = table(real, LINKS, "tum")
    found = counts(links.filter(pc.equal(links["method"], "nearest")), "role")
    assert found == {"depth": 573, "pose": 613}
    rejects = table(real, ALIGN_REJECTS, "tum")
    assert counts(rejects, "role") == {"depth": 595 - 573, "pose": 2335 - 613}
    broken = items.filter(pc.invert(items["readable"]))
    assert counts(broken, "role") == {"rgb": 613 - 9, "depth": 595 - 9}
    assert verdict(real, "tum")["accepted"] is False


def test_words_of_a_textgrid_are_samples_with_their_stretch_of_sound(real: Checkout) -> None:
    items = table(real, ITEMS, "praat")
    assert counts(items.filter(items["readable"]), "modality") == {"audio": 4}
    links = table(real, LINKS, "praat")
    spoken = links.filter(pc.equal(links["role"], "transcript"))
    assert spoken.num_rows > 50
    sound = links.filter(pc.equal(links["role"], "audio"))
    assert set(sound["sample_id"].to_pylist()) == set(spoken["sample_id"].to_pylist())


def test_label_studio_percents_are_pixels_of_the_picture_they_are_about(real: Checkout) -> None:
    labels = table(real, LABELS, "labelstudio")
    obb = "data/test_export_yolo/data_obb.json"
    boxes = labels.filter(
        pc.and_(pc.starts_with(labels["label_id"], f"labelstudio/{obb}"), pc.is_valid(labels["x"]))
    )
    found = {
        tuple(round(row[name], 6) for name in ("x", "y", "width", "height", "rotation"))
        for row in boxes.to_pylist()
    }
    expected = set()
    for _, result in results(real.root / "data/batches/labelstudio" / obb):
        value, width, height = (
            result["value"],
            result["original_width"] / 100,
            result["original_height"] / 100,
        )
        box = (value["x"] * width, value["y"] * height, value["width"] * width, value["height"] * height)
        expected.add(tuple(round(figure, 6) for figure in (*box, value["rotation"])))
    assert len(expected) == 25
    assert found <= expected
    rejects = table(real, LABEL_REJECTS, "labelstudio")
    rejected = rejects.filter(pc.equal(rejects["table"], obb))
    assert boxes.num_rows + rejected.num_rows == 25


def test_a_label_about_something_that_was_not_delivered_is_named(real: Checkout) -> None:
    rejects = table(real, LABEL_REJECTS, "labelstudio").to_pylist()
    (lost,) = (row for row in rejects if row["table"] == "data/test_export_csv/csv_test2.json")
    assert lost["reason"] == "item_not_found"
    assert "rawWork:spotify" in lost["detail"]


def test_every_row_is_kept_or_named(real: Checkout) -> None:
    for batch in BATCHES:
        linked = set(table(real, LINKS, batch)["member_id"].to_pylist())
        left_out = set(table(real, ALIGN_REJECTS, batch)["row_id"].to_pylist())
        assert linked.isdisjoint(left_out)
    assert [account.line() for account in audit(real.root / "data") if account.faults] == []
