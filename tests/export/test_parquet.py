"""Parquet files, read back with pyarrow and pandas."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from tasks.core.exporter import ExportMember, ExportPlace, ExportSample
from tasks.core.schemas import MODALITIES
from tasks.exporters import EXPORTERS
from tasks.exporters.parquet import parquet_schema
from tests.export.conftest import Upstream, png, wav


def test_a_row_has_the_first_picture_sound_and_text_and_loses_none(upstream: Upstream) -> None:
    pictures = [upstream.item(f"{n}.png", "image", "image/png", png(n)) for n in range(2)]
    talk = upstream.item("t.wav", "audio", "audio/wav", wav([1, 2], 10))
    speed = upstream.item("s", "signal", "text/csv", b"1.5,2", role="speed")
    texts = [upstream.label(f"c{n}", "caption", pictures[0], text=f"text {n}") for n in range(2)]
    target = {"task": "vqa", "question": "which?", "label": "cube", "text": None}
    target |= {"label_id": texts[0], "item_id": pictures[0]}
    members = [("caption", "label", texts), ("image", "item", pictures), ("audio", "item", [talk])]
    upstream.sample("a", "train", [*members, ("speed", "item", [speed])], [target])
    upstream.write()
    upstream.repository.run("export")
    (row,) = pq.read_table(upstream.exports / "parquet" / "train-00000.parquet").to_pylist()
    assert row["image"] == {"bytes": png(0), "path": pictures[0]}
    assert row["audio"] == {"bytes": wav([1, 2], 10), "path": talk}
    assert (row["text"], row["texts"]) == ("text 0", ["text 0", "text 1"])
    assert [(media["role"], media["path"], media["bytes"]) for media in row["media"]] == [
        ("image", pictures[1], png(1)),
        ("speed", speed, b"1.5,2"),
    ]
    assert row["targets"] == [target]
    assert row["joint"] == [0.0, 1.0]


def test_pandas_reads_the_rows_in_the_order_of_the_ids(upstream: Upstream) -> None:
    for name in ("b", "a"):
        text = upstream.item(f"{name}.txt", "text", "text/plain", name.encode())
        upstream.sample(name, "train", [("text", "item", [text])])
    upstream.write()
    upstream.repository.run("export")
    rows = pd.read_parquet(upstream.exports / "parquet" / "train-00000.parquet")
    assert rows["sample_id"].tolist() == ["demo/a", "demo/b"]
    assert rows["text"].tolist() == ["a", "b"]
    assert rows["image"].isna().all()


def test_files_and_row_groups_stay_within_the_shard_size(upstream: Upstream) -> None:
    place = ExportPlace(upstream.repository.root, "train", 1000, 2)
    writer = EXPORTERS["parquet"].open(place)
    for n in range(5):
        writer.add(big_sample(f"{n}", 400))
    files = writer.close()
    assert [(file.name, file.samples) for file in files] == [
        ("train-00000.parquet", 2),
        ("train-00001.parquet", 2),
        ("train-00002.parquet", 1),
    ]
    names = [pq.read_table(place.folder / file.name)["sample_id"].to_pylist() for file in files]
    assert names == [["0", "1"], ["2", "3"], ["4"]]


def test_a_sample_larger_than_a_shard_has_a_file_of_its_own(upstream: Upstream) -> None:
    writer = EXPORTERS["parquet"].open(ExportPlace(upstream.repository.root, "train", 1000, 2))
    for size in (10, 5000, 10):
        writer.add(big_sample(f"{size}", size))
    assert [file.samples for file in writer.close()] == [1, 1, 1]


def test_the_footer_tells_hugging_face_datasets_what_to_decode() -> None:
    features = json.loads(parquet_schema(2).metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["audio"] == {"_type": "Audio"}
    assert features["texts"] == [{"dtype": "string", "_type": "Value"}]
    real = {"dtype": "float32", "_type": "Value"}
    assert features["joint"] == {"feature": real, "length": 2, "_type": "Sequence"}
    assert list(features) == parquet_schema(2).names


def big_sample(name: str, size: int) -> ExportSample:
    member = ExportMember("signal", "item", name, "signal", "text/csv", bytes(size))
    presence = dict.fromkeys(MODALITIES, False)
    return ExportSample(name, "b", "s", "g", "train", (member,), (), presence, np.zeros(2, np.float32))
