"""Shards that the WebDataset library wrote, and what a `webdataset` source makes of their members."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import webdataset

from tasks.core.errors import InvalidBatchesError
from tasks.core.schemas import LABEL_REJECTS, LABELS, LINKS
from tasks.core.tables import read_table
from tests.collect.making import batch_yaml, errors, rows
from tests.collect.packing import tarred
from tests.conftest import BatchRefusedError, Repository
from tests.media.making import photo, saved, wav

SHARDS = "kind: webdataset, path: shards"
PHOTO = saved(photo(), "JPEG")


def sharded(*samples: dict[str, Any]) -> bytes:
    """The bytes of a shard that the WebDataset library writes."""
    shard = io.BytesIO()
    with webdataset.TarWriter(shard) as writer:
        for sample in samples:
            writer.write(sample)
    return shard.getvalue()


def test_the_members_of_a_sample_are_a_session(repository: Repository) -> None:
    files = {
        "shards/000.tar": sharded(
            {"__key__": "0001", "jpg": PHOTO, "txt": "Hello", "left.wav": wav(), "right.wav": wav()},
            {"__key__": "day/0002", "jpg": PHOTO, "txt": "Bye"},
        ),
        "shards/more/001.tar.gz": tarred({"0003.JPG": PHOTO}, "w:gz"),
        "shards/README.md": b"not a shard",
    }
    repository.add_batch("one", batch_yaml(SHARDS), files)
    repository.run("collect")
    found = rows(repository, "one")
    assert {name: (row["session"], row["role"], row["error"]) for name, row in found.items()} == {
        "shards/000.tar/0001.jpg": ("0001", "image", None),
        "shards/000.tar/0001.left.wav": ("0001", "left", None),
        "shards/000.tar/0001.right.wav": ("0001", "right", None),
        "shards/000.tar/0001.txt": ("0001", "text", None),
        "shards/000.tar/day/0002.jpg": ("day/0002", "image", None),
        "shards/000.tar/day/0002.txt": ("day/0002", "text", None),
        "shards/more/001.tar.gz/0003.JPG": ("0003", "image", None),
    }
    assert found["shards/000.tar/0001.txt"]["text"] == "Hello"


def test_braces_name_several_shards_and_each_must_be_there(repository: Repository) -> None:
    files = {
        f"shards/{number:03d}.tar": sharded({"__key__": f"{number}", "txt": "a"}) for number in range(9, 12)
    }
    repository.add_batch("one", batch_yaml('kind: webdataset, path: "shards/{010..011}.tar"'), files)
    repository.run("collect")
    assert list(errors(repository, "one")) == ["shards/010.tar/10.txt", "shards/011.tar/11.txt"]
    repository.add_batch("two", batch_yaml('kind: webdataset, path: "shards/{011..012}.tar"'), files)
    with pytest.raises(InvalidBatchesError, match=r"the path 'shards/012\.tar' does not exist"):
        repository.run("collect")


def test_braces_that_mean_nothing_are_refused_with_their_line(repository: Repository) -> None:
    repository.add_batch("one", batch_yaml('kind: webdataset, path: "{9..1}.tar"'))
    with pytest.raises(InvalidBatchesError, match=r"batch.yaml:4: .*expected a range of 1 to 100000 numbers"):
        repository.run("collect")


def test_a_key_that_is_in_two_shards_is_told_and_a_session_by_shard_parts_them(
    repository: Repository,
) -> None:
    files = {f"shards/{name}.tar": sharded({"__key__": "0001", "txt": name}) for name in "ab"}
    repository.add_batch("joined", batch_yaml(SHARDS), files)
    repository.add_batch("parted", batch_yaml(f'{SHARDS}, session: "{{shard}}/{{key}}"'), files)
    repository.run("collect")
    found = errors(repository, "joined")
    assert found["shards/a.tar/0001.txt"] is None
    assert str(found["shards/b.tar/0001.txt"]).startswith(
        "repeated: '0001' has its .txt in 'shards/a.tar/0001.txt'"
    )
    assert {row["session"]: row["error"] for row in rows(repository, "parted").values()} == {
        "shards/a.tar/0001": None,
        "shards/b.tar/0001": None,
    }


def test_labels_are_no_media_and_seen_until_an_entry_reads_them(repository: Repository) -> None:
    files = {
        "shards/0.tar": sharded({"__key__": "1", "jpg": PHOTO, "cls": 3, "json": {"a": 1}, "pth": b"\0"})
    }
    labels = "labels: [{format: webdataset, path: shards}]\n"
    repository.add_batch("bare", batch_yaml(SHARDS), files)
    repository.add_batch("labelled", batch_yaml(SHARDS, more=labels), files)
    repository.add_batch("some", batch_yaml(f"{SHARDS}, extensions: [jpg]"), files)
    repository.run("collect")
    unknown = "unknown_media: the bytes are of no known kind"
    advice = "name the shards under labels as format: webdataset, or what to take in `extensions`"
    assert errors(repository, "bare") == {
        "shards/0.tar/1.cls": f"unknown_media: .cls is no media: {advice}",
        "shards/0.tar/1.jpg": None,
        "shards/0.tar/1.json": f"unknown_media: .json is no media: {advice}",
        "shards/0.tar/1.pth": unknown,
    }
    assert errors(repository, "labelled") == {"shards/0.tar/1.jpg": None, "shards/0.tar/1.pth": unknown}
    assert errors(repository, "some") == {"shards/0.tar/1.jpg": None}


def test_shards_of_another_source_are_no_media_of_a_folder(repository: Repository) -> None:
    files = {"shards/0.tar": sharded({"__key__": "1", "txt": "a"}), "shards/a.txt": b"b", "b.zip": b""}
    repository.add_batch("one", batch_yaml("kind: files, path: .", SHARDS), files)
    repository.run("collect")
    assert errors(repository, "one") == {
        "b.zip": "file_empty: the archive has no bytes",
        "shards/0.tar/1.txt": None,
        "shards/a.txt": None,
    }


def test_a_shard_that_is_broken_is_one_item(repository: Repository) -> None:
    repository.add_batch("one", batch_yaml(SHARDS), {"shards/0.tar": b"x" * 3000})
    repository.run("collect")
    (error,) = errors(repository, "one").values()
    assert str(error).startswith("unreadable: the archive cannot be read as a tar")


def test_a_session_that_names_what_there_is_not_is_refused(repository: Repository) -> None:
    repository.add_batch("one", batch_yaml(f'{SHARDS}, session: "{{keys}}"'), {"shards/0.tar": b""})
    with pytest.raises(BatchRefusedError, match="Did you mean 'key'"):
        repository.run("collect")


def test_real_photos_and_captions_in_shards_meet_by_key(repository: Repository, corpora: Path) -> None:
    captions = json.loads((corpora / "coco_cc/annotations/captions.json").read_text())
    by_image: dict[int, list[str]] = {}
    for caption in captions["annotations"]:
        by_image.setdefault(caption["image_id"], []).append(caption["caption"])
    samples = [
        {
            "__key__": f"{image['id']:012d}",
            "jpg": (corpora / "coco_cc/images" / image["file_name"]).read_bytes(),
            "txt": by_image[image["id"]][0],
            "cls": image["license"],
            "json": {"captions": by_image[image["id"]]},
        }
        for image in captions["images"]
    ]
    files = {f"shards/{number}.tar": sharded(*samples[number * 32 : number * 32 + 32]) for number in range(3)}
    more = "labels: [{format: webdataset, path: shards, caption: captions, annotator: coco}]\n"
    repository.add_batch("one", batch_yaml('kind: webdataset, path: "shards/{0..2}.tar"', more=more), files)
    repository.run("collect", "label", "encode", "align")
    assert len(errors(repository, "one")) == 192
    labels = read_table(LABELS, repository.data / "labels" / "one")
    assert read_table(LABEL_REJECTS, repository.data / "labels" / "one").num_rows == 0
    assert labels["task"].to_pylist().count("classification") == 96
    assert labels["task"].to_pylist().count("caption") == 480
    links = read_table(LINKS, repository.data / "aligned" / "one").to_pylist()
    first = f"one/shards/0.tar/{samples[0]['__key__']}.jpg"
    assert sorted(link["role"] for link in links if link["sample_id"] == first) == [
        *["caption"] * 5,
        "classification",
        "image",
        "text",
    ]
