"""Parquet files as Hugging Face's `datasets` writes them, and what a `parquet` source makes of them."""

import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.core.schemas import LABEL_REJECTS, LABELS
from tasks.core.tables import read_table
from tests.collect.making import batch_yaml, errors, rows
from tests.conftest import Repository
from tests.media.making import photo, saved, wav

PARQUET = "kind: parquet, path: data"
PHOTO = saved(photo(), "JPEG")
MEDIA = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
CLASSES = {"info": {"features": {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}


def written(table: pa.Table, rows_per_group: int = 2) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=rows_per_group)
    return file.getvalue()


def as_hugging_face(**columns: pa.Array) -> bytes:
    """A table with the metadata that the library writes."""
    table = pa.table(columns)
    return written(table.replace_schema_metadata({"huggingface": json.dumps(CLASSES)}))


def media(*cells: tuple[bytes | None, str | None] | None) -> pa.Array:
    return pa.array([cell and {"bytes": cell[0], "path": cell[1]} for cell in cells], MEDIA)


def test_a_row_is_a_session_of_its_cells(repository: Repository) -> None:
    data = as_hugging_face(
        image=media((PHOTO, "a.jpg"), (PHOTO, None), (PHOTO[:500], "c.jpg")),
        sound=pa.array([wav(), wav(), None], pa.binary()),
        caption=["Hello", None, "Bye"],
        label=pa.array([1, 0, -1], pa.int64()),
    )
    source = f"{PARQUET}, media: {{picture: image, sound: sound}}, text: {{caption: caption}}"
    repository.add_batch("one", batch_yaml(source), {"data/train-0.parquet": data})
    repository.run("collect")
    found = rows(repository, "one")
    file = "data/train-0.parquet"
    assert {
        name.removeprefix(file): (row["session"], row["role"], row["error"]) for name, row in found.items()
    } == {
        "#1": (f"{file}#1", "picture", None),
        "#1.caption": (f"{file}#1", "caption", None),
        "#1.sound": (f"{file}#1", "sound", None),
        "#2": (f"{file}#2", "picture", None),
        "#2.caption": (f"{file}#2", "caption", "file_empty: the column 'caption' has no text"),
        "#2.sound": (f"{file}#2", "sound", None),
        "#3": (f"{file}#3", "picture", found[f"{file}#3"]["error"]),
        "#3.caption": (f"{file}#3", "caption", None),
        "#3.sound": (f"{file}#3", "sound", "file_missing: the cell is empty"),
    }
    assert found[f"{file}#1"]["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert str(found[f"{file}#3"]["error"]).startswith("truncated")
    assert found[f"{file}#1"]["source"] == f"{file}:1"
    assert found[f"{file}#1.caption"]["text"] == "Hello"


def test_a_path_without_bytes_names_no_media(repository: Repository) -> None:
    data = as_hugging_face(image=media((None, "a.jpg"), None, (b"", "b.jpg")))
    only_path = "the cell has a path and no bytes; write the data set with its media"
    repository.add_batch("one", batch_yaml(f"{PARQUET}, media: {{image: image}}"), {"data/a.parquet": data})
    repository.run("collect")
    assert errors(repository, "one") == {
        "data/a.parquet#1": f"file_missing: {only_path}",
        "data/a.parquet#2": "file_missing: the cell is empty",
        "data/a.parquet#3": "file_empty: the file has no bytes",
    }
    assert [row["modality"] for row in rows(repository, "one").values()] == ["image", "signal", "image"]


def test_licence_source_and_session_may_be_columns(repository: Repository) -> None:
    data = as_hugging_face(
        image=media((PHOTO, None), (PHOTO, None)),
        who=["ada", None],
        licence=["CC-BY-4.0", None],
        url=["https://example.org/a.jpg", None],
    )
    source = f'{PARQUET}, media: {{image: image}}, session: "{{who}}", license: licence, source: url'
    repository.add_batch("one", batch_yaml(source), {"data/a.parquet": data})
    repository.run("collect")
    kept = ("session", "license", "source", "error")
    assert [tuple(row[name] for name in kept) for row in rows(repository, "one").values()] == [
        ("ada", "CC-BY-4.0", "https://example.org/a.jpg", None),
        ("", "CC0-1.0", "data/a.parquet:2", "malformed: the session needs a value in the column 'who'"),
    ]


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        (
            "media: {image: imag}",
            "malformed: expected one column 'imag', there are ['image', 'n']. Did you mean 'image'?",
        ),
        ("media: {image: n}", "malformed: expected bytes in the column 'n', it has int64"),
        ("text: {text: image}", "malformed: expected text in the column 'image', it has binary"),
    ],
)
def test_a_column_that_does_not_hold_that_is_told(repository: Repository, columns: str, error: str) -> None:
    data = written(pa.table({"image": pa.array([b"x"], pa.binary()), "n": [1]}))
    repository.add_batch("one", batch_yaml(f"{PARQUET}, {columns}"), {"data/a.parquet": data})
    repository.run("collect")
    assert errors(repository, "one") == {"data/a.parquet": error}


def test_a_file_that_is_no_parquet_is_one_item_and_the_other_shards_are_read(repository: Repository) -> None:
    good = as_hugging_face(image=media(*[(PHOTO, None)] * 4))
    broken = bytearray(good)
    second = pq.ParquetFile(io.BytesIO(good)).metadata.row_group(1).column(0).data_page_offset
    broken[second : second + 20] = b"\xff" * 20
    files = {
        "data/a.parquet": b"no parquet",
        "data/b.parquet": good[:-100],
        "data/c.parquet": bytes(broken),
        "data/d.parquet": b"",
        "data/e.parquet": good,
    }
    repository.add_batch("one", batch_yaml(f"{PARQUET}, media: {{image: image}}"), files)
    repository.run("collect")
    found = {name.removeprefix("data/"): str(error) for name, error in errors(repository, "one").items()}
    assert {name for name, error in found.items() if error == "None"} >= {
        f"e.parquet#{n}" for n in range(1, 5)
    }
    for name in ("a", "b", "d"):
        assert found[f"{name}.parquet"].startswith("malformed: not Parquet")
    assert [name for name in found if name.startswith("c")] == ["c.parquet#1", "c.parquet#2", "c.parquet#3"]
    assert found["c.parquet#3"].startswith("unreadable: the rows from here on are broken")
    assert str(repository.root) not in str(found)


def test_parquet_of_another_source_is_no_media_of_a_folder(repository: Repository) -> None:
    files = {"data/a.parquet": written(pa.table({"said": ["Hello"]})), "data/b.txt": b"text"}
    source = f"{PARQUET}, text: {{text: said}}"
    repository.add_batch("one", batch_yaml("kind: files, path: .", source), files)
    repository.run("collect")
    assert errors(repository, "one") == {"data/a.parquet#1": None, "data/b.txt": None}


def test_labels_of_the_same_rows_find_them_by_name(repository: Repository) -> None:
    data = as_hugging_face(
        image=media(*[(PHOTO, None)] * 12),
        label=pa.array([0, 1] * 5 + [-1, 7], pa.int64()),
        row=list(range(1, 13)),
    )
    table = "format: table, path: data/a.parquet, task: classification, label: label"
    more = f'labels:\n  - {{{table}, item: "#"}}\n  - {{{table}, item: row, annotator: row}}\n'
    repository.add_batch(
        "one", batch_yaml(f"{PARQUET}, media: {{image: image}}", more=more), {"data/a.parquet": data}
    )
    repository.run("collect", "label")
    labels = read_table(LABELS, repository.data / "labels" / "one").to_pylist()
    rejects = read_table(LABEL_REJECTS, repository.data / "labels" / "one").to_pylist()
    own = {row["item_id"]: row["label"] for row in labels if row["annotator"] is None}
    named = {row["item_id"]: row["label"] for row in labels if row["annotator"] is not None}
    wanted = [*["cat", "dog"] * 5, None, "7"]
    assert (
        own
        == named
        == {
            f"one/data/a.parquet#{number}": label
            for number, label in enumerate(wanted, 1)
            if label is not None
        }
    )
    assert [row["row_id"] for row in rejects] == ["one/data/a.parquet:11", "one/data/a.parquet~2:11"]


def test_labels_of_several_shards_are_one_entry(repository: Repository) -> None:
    files = {
        f"data/{name}.parquet": as_hugging_face(
            image=media((PHOTO, None), (PHOTO, None)), label=pa.array(labels, pa.int64())
        )
        for name, labels in (("0", [0, 1]), ("1", [1, -1]))
    }
    table = 'format: table, path: "data/{0..1}.parquet", item: "#", task: classification, label: label'
    batch = batch_yaml(f"{PARQUET}, media: {{image: image}}", more=f"labels: [{{{table}}}]\n")
    repository.add_batch("one", batch, files)
    repository.run("collect", "label")
    labels = read_table(LABELS, repository.data / "labels" / "one").to_pylist()
    assert {row["item_id"].removeprefix("one/data/"): row["label"] for row in labels} == {
        "0.parquet#1": "cat",
        "0.parquet#2": "dog",
        "1.parquet#1": "dog",
    }
    rejects = read_table(LABEL_REJECTS, repository.data / "labels" / "one").to_pylist()
    assert [row["detail"] for row in rejects] == ["data/1.parquet:2: there is neither a label nor a text"]


def test_real_photos_come_out_as_they_went_in(repository: Repository, corpora: Path) -> None:
    photos = sorted((corpora / "coco_cc/images").glob("*.jpg"))
    cells = media(*[(place.read_bytes(), place.name) for place in photos])
    table = pa.table({"image": cells})
    files = {
        f"data/train-{number:05d}-of-00002.parquet": written(table.slice(48 * number, 48), 10)
        for number in range(2)
    }
    repository.add_batch("one", batch_yaml(f"{PARQUET}, media: {{image: image}}"), files)
    repository.run("collect")
    found = rows(repository, "one")
    digests = {
        f"data/train-{n // 48:05d}-of-00002.parquet#{n % 48 + 1}": hashlib.sha256(
            place.read_bytes()
        ).hexdigest()
        for n, place in enumerate(photos)
    }
    assert {name: row["sha256"] for name, row in found.items()} == digests
    assert {row["error"] for row in found.values()} == {None}
    assert sorted(place.name for place in (repository.data / "collected" / "one").iterdir()) == [
        "frames.parquet",
        "items.parquet",
        "media-00000.tar",
        "partition.json",
        "rejects.parquet",
        "small_pictures.parquet",
        "sound_prints.parquet",
    ]
